//! `tracks checkpoint`: saves what is uncommitted without touching it, and brings it back without losing anything.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use regex::Regex;
use snapbox::{assert_data_eq, str};

use crate::support::{Ground, write};

/// What the program said, with the names of checkpoints numbered in the order in which they are said.
fn numbered(said: &str) -> String {
    let stamp = Regex::new(r"[0-9]{8}T[0-9]{6}Z").expect("valid");
    let mut seen: Vec<String> = Vec::new();
    let number = |found: &regex::Captures| {
        let at = seen.iter().position(|one| *one == found[0]).unwrap_or_else(|| {
            seen.push(found[0].to_owned());
            seen.len() - 1
        });
        format!("[TIME {}]", at + 1)
    };
    let said = stamp.replace_all(said, number).into_owned();
    let times = Regex::new(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z").expect("valid");
    times.replace_all(&said, "[WHEN]").into_owned()
}

/// Everything in a worktree but Git's own, with kinds and permissions.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(at) = waiting.pop() {
        for entry in fs::read_dir(&at).expect("a folder").map(|entry| entry.expect("an entry")) {
            let path = entry.path();
            let kind = path.symlink_metadata().expect("is there");
            let content = match () {
                () if kind.is_symlink() => format!("-> {:?}", fs::read_link(&path).expect("a link")),
                () if kind.is_dir() => "folder".to_owned(),
                () => format!("{:?}", String::from_utf8_lossy(&fs::read(&path).expect("a file"))),
            };
            let mode = if kind.is_symlink() { 0 } else { kind.permissions().mode() & 0o777 };
            found.push(format!("{:?} {mode:o} {content}", path.strip_prefix(folder).expect("below")));
            if kind.is_dir() && entry.file_name() != ".git" {
                waiting.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn what_is_uncommitted_is_saved_and_comes_back() {
    let ground = Ground::with_tracks();
    let a = ground.track("a");
    write(&a.join("src/a.rs"), "staged\n");
    ground.git_in(&a, "add src/a.rs");
    write(&a.join("src/a.rs"), "not staged\n");
    write(&a.join("new/deep.txt"), "untracked\n");
    fs::set_permissions(a.join("new/deep.txt"), fs::Permissions::from_mode(0o750)).expect("set");
    fs::create_dir(a.join("empty")).expect("made");
    symlink("/nowhere", a.join("link")).expect("linked");
    write(&a.join("kept.log"), "ignored\n");
    let index = || fs::read(ground.shop().join(".git/worktrees/track-a/index")).expect("an index");
    let (state, before, copy) = (ground.state(), files(&a), index());
    assert_data_eq!(
        numbered(&ground.run_words(&ground.shop(), &["checkpoint", "create", "a", "-m", "before the merge"])),
        str![[r#"
saved track a  3 uncommitted; back with `tracks checkpoint restore a@[TIME 1]`

"#]]
    );
    // Nothing but the ref.
    let mut now = ground.state();
    now.insert("refs".into(), state[Path::new("refs")].clone());
    now.retain(|path, _| !path.to_string_lossy().contains("refs/tracks"));
    assert_eq!(now, state);
    let status = ground.git_in(&a, "status --porcelain=v2 --branch");

    ground.git_in(&a, "add -A");
    ground.git_in(&a, "commit -q -m other");
    write(&a.join("src/a.rs"), "lost?\n");
    fs::remove_dir_all(a.join("new")).expect("removed");
    fs::remove_dir(a.join("empty")).expect("removed");
    write(&a.join("later.txt"), "later\n");
    let (later, later_status) = (files(&a), ground.git_in(&a, "status --porcelain=v2 --branch"));
    assert_data_eq!(
        numbered(&ground.run("checkpoint diff a@1")),
        str![[r#"
deleted  empty
added    later.txt
deleted  new/deep.txt
changed  src/a.rs
-- stderr
the track a has another tip
the track a has another index

"#]]
    );
    assert_data_eq!(
        numbered(&ground.run("checkpoint restore a@1")),
        str![[r#"
saved track a  as a@[TIME 1]; back with `tracks checkpoint restore a@[TIME 1]`
restored track a  from a@[TIME 2]: 2 files written, 1 file removed; index, branch and state

"#]]
    );
    assert_eq!(files(&a), before);
    assert_eq!(index(), copy);
    assert_eq!(ground.git_in(&a, "status --porcelain=v2 --branch"), status);
    assert_eq!(ground.git_in(&a, "show :src/a.rs"), "staged\n");
    assert_data_eq!(
        Regex::new("  +").expect("valid").replace_all(&numbered(&ground.run("checkpoint list")), "  ").into_owned(),
        str![[r#"
checkpoint  name  uncommitted  files  tip  message
a@1  a@[TIME 1]  3  4  [..]
a@2  a@[TIME 2]  3  4  [..]  before the merge

"#]]
    );
    // And forth again.
    ground.run("checkpoint restore a@1");
    assert_eq!(files(&a), later);
    assert_eq!(ground.git_in(&a, "status --porcelain=v2 --branch"), later_status);
    assert_data_eq!(ground.git("fsck --strict"), str![[""]]);
}

#[test]
fn tracks_are_named_without_a_subcommand_and_old_ones_go() {
    let ground = Ground::new();
    ground.write("tracks.toml", "[checkpoints]\nkeep = 1\ndays = 30\n[tracks.a]\n[tracks.list]\n");
    ground.git("add tracks.toml");
    ground.git("commit -q -m declare");
    ground.run("init --no-hooks");
    // Named by their commits: nothing but the tip is in them.
    for message in ["one", "two"] {
        ground.run_words(&ground.shop(), &["checkpoint", "a", "-m", message]);
    }
    write(&ground.track("a").join("new"), "the only copy\n");
    ground.run("checkpoint a");
    fs::remove_file(ground.track("a").join("new")).expect("removed");
    // As if they were years old, and the last time that old ones were dropped long ago.
    let refs = ground.git("for-each-ref --format=%(objectname)=%(refname) refs/tracks/checkpoints");
    for (year, line) in (2020..).zip(refs.lines()) {
        let (id, name) = line.split_once('=').expect("an id and a name");
        ground.git(&format!("update-ref refs/tracks/checkpoints/{year}0101T000000Z/a {id}"));
        ground.git(&format!("update-ref -d {name}"));
    }
    fs::remove_file(ground.shop().join(".git/tracks/dropped")).expect("is there");
    assert_data_eq!(
        numbered(&ground.run("checkpoint a")),
        str![[r#"
saved track a  0 uncommitted; back with `tracks checkpoint restore a@[TIME 1]`
dropped checkpoint a@[TIME 2]
dropped checkpoint a@[TIME 3]

"#]]
    );
    assert_data_eq!(
        numbered(&ground.run("checkpoint list")),
        str![[r#"
checkpoint  name                uncommitted  files  tip
a@1         a@[TIME 1]            0      3  517a0223b5
a@2         a@[TIME 2]            1      4  517a0223b5

"#]]
    );
    assert_data_eq!(
        numbered(&ground.run("checkpoint create list")),
        str![[r#"
saved track list  0 uncommitted; back with `tracks checkpoint restore list@[TIME 1]`

"#]]
    );
}

#[test]
fn only_some_paths_or_elsewhere() {
    let ground = Ground::with_tracks();
    let a = ground.track("a");
    write(&a.join("src/a.rs"), "one\n");
    write(&a.join("src/b.rs"), "one\n");
    write(&a.join("notes/x"), "one\n");
    ground.run("checkpoint create a");
    write(&a.join("src/a.rs"), "two\n");
    fs::remove_file(a.join("src/b.rs")).expect("removed");
    write(&a.join("src/c.rs"), "two\n");
    write(&a.join("notes/x"), "two\n");
    let before = files(&a);
    assert_data_eq!(
        numbered(&ground.run("checkpoint restore a@1 --to out -- src")),
        str![[r#"
wrote 2 files  of a@[TIME 1] into out

"#]]
    );
    assert_eq!(files(&a), before);
    assert_eq!(fs::read(ground.shop().join("out/src/b.rs")).expect("written"), b"one\n");
    assert!(!ground.shop().join("out/notes").exists());
    assert_data_eq!(
        numbered(&ground.refused("checkpoint restore a@1 --to out")),
        str![[r#"
-- stderr
tracks: `[ROOT]/shop/out` is there already
  hint: name a new folder, or an empty one
-- exit 2

"#]]
    );
    assert_data_eq!(
        numbered(&ground.run("checkpoint restore a@1 --dry-run -- src")),
        str![[r#"
would restore track a  from a@[TIME 1]: 2 files written, 1 file removed

"#]]
    );
    assert_eq!(files(&a), before);
    ground.run("checkpoint restore a@1 -- src");
    assert_eq!(fs::read(a.join("src/a.rs")).expect("read"), b"one\n");
    assert_eq!(fs::read(a.join("src/b.rs")).expect("read"), b"one\n");
    assert!(!a.join("src/c.rs").exists());
    assert_eq!(fs::read(a.join("notes/x")).expect("read"), b"two\n");
    assert_data_eq!(
        numbered(&ground.run("checkpoint restore a@1 -- nothing/here")),
        str![[r#"
-- stderr
tracks: the checkpoint holds nothing at `nothing/here`
  hint: see what it holds with `tracks checkpoint show --all a@[TIME 1]`
-- exit 2

"#]]
    );
}

#[test]
fn what_would_be_lost_is_refused() {
    let ground = Ground::with_tracks();
    let a = ground.track("a");
    write(&a.join("data.txt"), "saved\n");
    ground.run("checkpoint create a");
    fs::remove_file(a.join("data.txt")).expect("removed");
    write(&a.join("data.txt/x.log"), "ignored\n");
    assert_data_eq!(
        ground.refused("checkpoint restore a@1"),
        str![[r#"
-- stderr
tracks: `data.txt/x.log` stands in the way, ignored or no plain file, and would be lost
  hint: move it away, or bring the files back elsewhere with `--to DIR`
-- exit 2

"#]]
    );
    fs::remove_dir_all(a.join("data.txt")).expect("removed");
    write(&ground.shop().join(".git/worktrees/track-a/index.lock"), "");
    let said = ground.refused("checkpoint restore a@1");
    assert_data_eq!(
        Regex::new(", [0-9]+ s old").expect("valid").replace(&said, ", [N] s old").into_owned(),
        str![[r#"
-- stderr
tracks: git is at work in this worktree: `[ROOT]/shop/.git/worktrees/track-a/index.lock` is there, [N] s old
  hint: wait for it to end; if no git runs there any more, remove that file
-- exit 2

"#]]
    );
    // One of our own, whose process was killed, is no hindrance.
    write(&ground.shop().join(".git/worktrees/track-a/index.lock"), "tracks checkpoint restore\n");
    ground.run("checkpoint restore a@1");
    assert_eq!(fs::read(a.join("data.txt")).expect("read"), b"saved\n");
    assert!(!ground.shop().join(".git/worktrees/track-a/index.lock").exists());
    assert_data_eq!(
        ground.refused("checkpoint restore a@9"),
        str![[r#"
-- stderr
tracks: there is no checkpoint `a@9`
  hint: see which there are with `tracks checkpoint list a`
-- exit 2

"#]]
    );
}

#[test]
fn a_link_that_took_the_place_of_a_folder_is_not_followed() {
    let ground = Ground::with_tracks();
    let a = ground.track("a");
    write(&a.join("dir/x"), "saved\n");
    ground.run("checkpoint create a");
    let outside = ground.root.join("outside");
    write(&outside.join("x"), "mine\n");
    fs::remove_dir_all(a.join("dir")).expect("removed");
    symlink(&outside, a.join("dir")).expect("linked");
    ground.run("checkpoint restore a@1");
    assert_eq!(fs::read(a.join("dir/x")).expect("read"), b"saved\n");
    assert!(!a.join("dir").is_symlink());
    assert_eq!(fs::read(outside.join("x")).expect("read"), b"mine\n");
    ground.run("checkpoint restore a@1");
    assert_eq!(fs::read_link(a.join("dir")).expect("a link"), outside);
}

#[test]
fn a_track_that_cannot_be_read_keeps_no_other_from_being_saved() {
    let ground = Ground::with_tracks();
    write(&ground.track("b").join("x"), "x\n");
    fs::remove_dir_all(ground.track("a")).expect("removed");
    assert_data_eq!(
        numbered(&ground.run("checkpoint")),
        str![[r#"
saved track b  1 uncommitted; back with `tracks checkpoint restore b@[TIME 1]`
-- stderr
tracks: not saved: track `a` cannot be read: its folder `[ROOT]/shop/worktrees/track-a` is gone
-- exit 3

"#]]
    );
}

#[test]
fn what_is_no_file_is_named() {
    let ground = Ground::with_tracks();
    let a = ground.track("a");
    ground.git_in(&a, "init -q inner");
    write(&a.join("inner/x"), "x\n");
    assert!(ground.command("mkfifo", &a).arg("pipe").status().expect("it runs").success());
    assert_data_eq!(
        numbered(&ground.run("checkpoint create a")),
        str![[r#"
saved track a
  0 uncommitted; back with `tracks checkpoint restore a@[TIME 1]`; `inner` is a repository of its own, and not in the checkpoint; `pipe` is no file, link or folder, and not in the checkpoint

"#]]
    );
    assert_data_eq!(
        numbered(&ground.run("checkpoint show a@1")),
        str![[r#"
a@[TIME 1]
  taken     [WHEN]
  branch    feature/track-a
  tip       [..]
  holds     2 files, 0 uncommitted
  left out  inner is a repository of its own, and not in the checkpoint
  left out  pipe is no file, link or folder, and not in the checkpoint
  back with tracks checkpoint restore a@[TIME 1]

"#]]
    );
}

#[test]
fn the_only_copy_is_never_dropped() {
    let ground = Ground::with_tracks();
    let a = ground.track("a");
    write(&a.join("x"), "only here\n");
    ground.run("checkpoint create a");
    fs::remove_file(a.join("x")).expect("removed");
    ground.run("checkpoint create a");
    assert_data_eq!(
        numbered(&ground.run("checkpoint create a")),
        str![[r#"
kept track a  as it was saved before; back with `tracks checkpoint restore a@[TIME 1]`

"#]]
    );
    ground.run("checkpoint create a --message again");
    // As if they were taken long ago.
    for (number, line) in ground.git("for-each-ref --format=%(objectname) refs/tracks/checkpoints").lines().enumerate()
    {
        ground.git(&format!("update-ref refs/tracks/checkpoints/2020010{}T000000Z/a {line}", number + 1));
    }
    for name in ground.git("for-each-ref --format=%(refname) refs/tracks/checkpoints").lines() {
        if !name.contains("/2020") {
            ground.git(&format!("update-ref -d {name}"));
        }
    }
    assert_data_eq!(
        ground.run("checkpoint prune --keep 0"),
        str![[r#"
dropped checkpoint a@20200102T000000Z
dropped checkpoint a@20200103T000000Z
kept checkpoint a@20200101T000000Z  something in it is nowhere else

"#]]
    );
    assert_data_eq!(
        ground.run("checkpoint prune"),
        str![[r#"
kept 1 checkpoint  not old

"#]]
    );
    ground.git("reflog expire --expire=now --all");
    ground.git("gc -q --prune=now");
    ground.run("checkpoint restore a@1");
    assert_eq!(fs::read(a.join("x")).expect("read"), b"only here\n");
}

#[test]
fn what_is_checked_out_beside_the_branch_is_saved_too() {
    let ground = Ground::with_tracks();
    let a = ground.track("a");
    for (command, name) in [("switch -q --detach", "detached"), ("switch -q -c aside", "aside")] {
        ground.git_in(&a, command);
        write(&a.join("x"), name);
        let status = ground.git_in(&a, "status --porcelain=v2 --branch");
        ground.run("checkpoint create a");
        ground.git_in(&a, "switch -q feature/track-a");
        fs::remove_file(a.join("x")).expect("removed");
        ground.run("checkpoint restore a@1");
        assert_eq!(fs::read_to_string(a.join("x")).expect("is back"), name);
        assert_eq!(ground.git_in(&a, "status --porcelain=v2 --branch"), status);
    }
    ground.run("checkpoint create a");
    ground.git_in(&a, "commit -q --allow-empty -m more");
    assert_data_eq!(
        ground.refused("checkpoint restore a@1"),
        str![[r#"
-- stderr
tracks: the branch `refs/heads/aside`, which was checked out then, has another tip now
  hint: bring the files back alone with `-- PATH`
-- exit 2

"#]]
    );
}

#[test]
fn what_is_ignored_stays_where_it_is() {
    let ground = Ground::with_tracks();
    let a = ground.track("a");
    write(&a.join("node_modules/tracked"), "old\n");
    write(&a.join("node_modules/made/x"), "ignored\n");
    ground.git_in(&a, "add -f node_modules/tracked");
    ground.git_in(&a, "commit -q -m tracked");
    write(&a.join("node_modules/tracked"), "new\n");
    // No repository, whatever it is called.
    write(&a.join("fake/.git/x"), "x\n");
    write(&a.join("fake/y"), "y\n");
    write(&a.join("own/.env"), "ignored\n");
    write(&a.join("own/z"), "z\n");
    let before = files(&a);
    ground.run("checkpoint create a");
    assert_data_eq!(
        ground
            .run("checkpoint show a@1 --all")
            .split_once("back with")
            .expect("shown")
            .1
            .lines()
            .skip(1)
            .collect::<Vec<_>>()
            .join("\n"),
        str![[r#"
file     .gitignore
folder   fake
file     fake/y
folder   node_modules
file     node_modules/tracked
folder   own
file     own/z
folder   src
file     src/a.rs
"#]]
    );
    for path in ["node_modules/tracked", "own/z", "fake/y"] {
        write(&a.join(path), "other\n");
    }
    ground.run("checkpoint restore a@1");
    assert_eq!(files(&a), before);
    fs::remove_file(a.join("own/z")).expect("removed");
    ground.run("checkpoint create a");
    ground.run("checkpoint restore a@2");
    ground.run("checkpoint restore a@1");
    assert_eq!(fs::read(a.join("own/.env")).expect("is there"), b"ignored\n");
}

#[test]
fn a_hooks_variables_send_it_nowhere_else() {
    let ground = Ground::with_tracks();
    write(&ground.track("a").join("src/a.rs"), "work\n");
    let state = ground.state();
    let mut command = ground.command(env!("CARGO_BIN_EXE_tracks"), &ground.track("b"));
    let git_dir = ground.shop().join(".git/worktrees/track-b");
    command
        .env("GIT_DIR", &git_dir)
        .env("GIT_INDEX_FILE", git_dir.join("index"))
        .env("GIT_WORK_TREE", ground.track("b"));
    let said = ground.said(&command.args(["checkpoint", "create", "a"]).output().expect("it runs"));
    assert!(said.starts_with("saved track a  1 uncommitted"), "{said}");
    let mut now = ground.state();
    now.insert("refs".into(), state[Path::new("refs")].clone());
    now.retain(|path, _| !path.to_string_lossy().contains("refs/tracks"));
    assert_eq!(now, state);
}
