//! `tracks sync` where something cannot be read, is gone, or is named oddly: the rest is judged all the same.

use std::fs;

use snapbox::{IntoData, assert_data_eq, str};

use crate::support::Ground;
use crate::sync::with_conflict;

#[test]
fn a_track_that_cannot_be_read_is_unknown_and_the_rest_is_judged() {
    let ground = with_conflict();
    ground.run("add c");
    ground.commit(&ground.track("b"), "src/a.rs", "fn a() { two() }\n");
    let merge = ground.try_git_in(&ground.track("b"), "merge feature/track-a");
    assert!(!merge.status.success(), "it conflicts");
    assert_data_eq!(
        ground.run("sync"),
        str![[r#"
main 54f5adb1f6, 3 tracks, git [GIT]

  track  state    ahead  behind  uncommitted
  a      working      1       1
  b      working      1       1            ?
  c      working

Errors
  b  conflict.unknown
    cannot be judged: an unfinished merge: `src/a.rs` is still in conflict in `[ROOT]/shop/worktrees/track-b`
    cure: see what is there with `git -C "$(tracks path b)" status`, or judge commits alone with `--committed`

Notes
  c  ownership.policy  tracks.toml
    the entry of `c` is not on `main` yet: what it owns yields to every track that is
    cure: commit `tracks.toml` on `main`

Integration refs/tracks/integration/main 0389ceb61c
  merged    a, c
  held out  b: conflicts with a in src/a.rs
              meet: cb03683e85 work and 2839e875fb work

1 error, 1 note, all new; 3 of 6 pairs clean; 3 unknown; integration holds a, c; held out: b
next: tracks explain conflict.unknown
-- exit 1

"#]]
    );
}

#[test]
fn a_branch_or_a_folder_that_is_gone_is_said() {
    let ground = with_conflict();
    fs::remove_dir_all(ground.track("a")).expect("removed");
    ground.git("worktree remove --force worktrees/track-b");
    ground.git("branch -q -D feature/track-b");
    assert_data_eq!(
        ground.run("sync"),
        str![[r#"
main 54f5adb1f6, 2 tracks, git [GIT]

  track  state    ahead  behind  uncommitted
  a      missing      1       1
  b      missing      ?       ?            ?

Warnings
  a  track.missing
    the folder of its worktree, `[ROOT]/shop/worktrees/track-a`, is gone
    cure: `tracks init` says how to bring it back
  b  track.missing
    its branch `feature/track-b` does not exist
    cure: make it with `tracks init`

Integration refs/tracks/integration/main 0389ceb61c
  merged    a

2 warnings, all new; 1 of 1 pair clean; integration holds a
next: git log --oneline main..refs/tracks/integration/main

"#]]
    );
}

#[test]
fn a_track_waits_for_one_whose_branch_is_gone() {
    let ground = with_conflict();
    ground.run("add c --depends-on a");
    ground.commit(&ground.track("c"), "src/c.rs", "fn c() {}\n");
    ground.run("add d --depends-on c");
    ground.git("worktree remove --force worktrees/track-a");
    ground.git("branch -q -D feature/track-a");
    let list: serde_json::Value = serde_json::from_str(&ground.run("list --format json")).expect("JSON");
    let states: Vec<_> = list["tracks"].as_array().expect("tracks").iter().map(|track| &track["state"]).collect();
    assert_eq!(states, ["missing", "working", "blocked", "blocked"]);
    let sync = ground.run("sync --committed");
    let integration = sync.split_once("\nIntegration").expect("an integration").1;
    assert_data_eq!(
        integration,
        str![[r#"
 refs/tracks/integration/main 54f5adb1f6
  merged    b
  held out  c: needs a, which has no branch
            d: needs c, which is held out

1 warning, 2 notes, all new; 6 of 6 pairs clean; integration holds b; held out: c, d
next: git log --oneline main..refs/tracks/integration/main

"#]]
    );
    assert_data_eq!(
        ground.run("report --fresh --format markdown").split_once("### Integration").expect("one").1,
        str![[r#"


- merged: b
- held out: c, needs a, which has no branch
- held out: d, needs c, which is held out

"#]]
    );
}

#[test]
fn an_object_that_cannot_be_read_makes_it_unknown() {
    let ground = with_conflict();
    let id = ground.git("rev-parse feature/track-a:src").trim().to_owned();
    let object = ground.shop().join(format!(".git/objects/{}/{}", &id[..2], &id[2..]));
    fs::remove_file(&object).expect("it is loose");
    assert_data_eq!(
        ground.run("sync --committed"),
        str![[r#"
main 54f5adb1f6, 2 tracks, git [GIT]

  track  state    ahead  behind
  a      working      1       1
  b      working              1

Errors
  a  conflict.unknown
    cannot be judged: object 163391b5beb25cd21f526415174995f0b17eb7f4 is missing
    cure: it may come back with `git fetch --refetch`; see what else is missing: `git fsck`

Integration refs/tracks/integration/main 0389ceb61c
  merged    a
  held out  b: object 163391b5beb25cd21f526415174995f0b17eb7f4 is missing

1 error, all new; 3 of 3 pairs clean; integration holds a; held out: b
next: tracks explain conflict.unknown
-- exit 1

"#]]
    );
}

#[test]
fn names_that_a_terminal_would_obey_are_shown_escaped() {
    let ground = Ground::with_tracks();
    for (id, content) in [("a", "1\n"), ("b", "2\n")] {
        let track = ground.track(id);
        let name = std::ffi::OsStr::new("odd\nname \u{1b}[31m\u{202e}.txt");
        fs::write(track.join(name), content).expect("written");
        write_bytes(&track, b"not \xff UTF-8", content);
    }
    assert_data_eq!(
        ground.run("sync"),
        str![[r#"
main 54f5adb1f6, 2 tracks, git [GIT]

  track  state       behind  uncommitted  conflicts with
  a      conflicted       1            2  b
  b      conflicted       1            2  a

Conflicts
a and b  with uncommitted work of a and b
  not \xff UTF-8  add-add
       a                │    b
    1  1                │ 1  2
  odd\nname \x1b[31m\u{202e}.txt  add-add
       a                │    b
    1  1                │ 1  2
  cure: agree who changes it; look at both sides with `tracks show a b`

Integration refs/tracks/integration/main 54f5adb1f6
  merged    a, b

2 errors, all new; 2 of 3 pairs clean; integration holds a, b
next: tracks show a b
-- exit 1

"#]]
        .raw()
    );
}

fn write_bytes(folder: &std::path::Path, name: &[u8], content: &str) {
    use std::os::unix::ffi::OsStrExt;
    fs::write(folder.join(std::ffi::OsStr::from_bytes(name)), content).expect("written");
}

#[test]
fn refusals() {
    let ground = Ground::new();
    assert_data_eq!(
        ground.refused("sync"),
        str![[r#"
-- stderr
tracks: there is no `tracks.toml`, so no track is declared
  hint: declare some with `tracks init a b c`, or write a commented file to start from with `tracks init`
-- exit 2

"#]]
    );
    ground.write("tracks.toml", "[tracks.a]\nown = []\n");
    assert_data_eq!(
        ground.refused("sync"),
        str![[r#"
-- stderr
tracks: unknown key `own`, did you mean `owns`?
 --> tracks.toml:2:1
  |
2 | own = []
  | ^^^
-- exit 2

"#]]
    );
    ground.write("tracks.toml", "target = 'gone'\n[tracks.a]\n");
    assert_data_eq!(
        ground.refused("sync"),
        str![[r#"
-- stderr
tracks: there is no branch `gone`, on which the tracks are to land
  hint: name another one as `target` in `tracks.toml`
-- exit 2

"#]]
    );
    let empty = Ground::empty();
    assert_data_eq!(
        empty.refused("sync"),
        str![[r#"
-- stderr
tracks: this repository has no commit yet
  hint: make one with `git commit --allow-empty -m 'first commit'`
-- exit 2

"#]]
    );
    assert_data_eq!(
        empty.run_in(&empty.root, "sync"),
        str![[r#"
-- stderr
tracks: this is not a git repository
  hint: run it inside one, or name one with `-C DIR`
-- exit 2

"#]]
    );
}

#[test]
fn a_worktree_that_lost_its_link_is_unknown_and_can_be_mended() {
    let ground = with_conflict();
    fs::write(ground.track("a").join(".git"), "garbage\n").expect("written");
    assert_data_eq!(
        ground.run("sync"),
        str![[r#"
main 54f5adb1f6, 2 tracks, git [GIT]

  track  state    ahead  behind  uncommitted
  a      working      1       1            ?
  b      working              1            2

Errors
  a  conflict.unknown
    cannot be judged: has lost its link to the repository
    cure: mend it with `git worktree repair worktrees/track-a`

Integration refs/tracks/integration/main 0389ceb61c
  merged    a, b

1 error, all new; 1 of 3 pairs clean; 2 unknown; integration holds a, b
next: tracks explain conflict.unknown
-- exit 1

"#]]
    );
    assert_data_eq!(
        ground.refused("-C /nowhere/at/all sync"),
        str![[r#"
-- stderr
tracks: `/nowhere/at/all` is no folder
-- exit 2

"#]]
    );
}

#[test]
fn a_folder_with_another_branch_is_not_called_clean() {
    let ground = with_conflict();
    ground.git_in(&ground.track("b"), "checkout -q --detach");
    assert_data_eq!(
        ground.run("sync"),
        str![[r#"
main 54f5adb1f6, 2 tracks, git [GIT]

  track  state    ahead  behind  uncommitted
  a      working      1       1
  b      working              1            ?

Errors
  b  conflict.unknown
    cannot be judged: `[ROOT]/shop/worktrees/track-b` has another branch checked out, or none: what it stands for is undecided
    cure: see what is there with `git -C "$(tracks path b)" status`, or judge commits alone with `--committed`

Integration refs/tracks/integration/main 0389ceb61c
  merged    a, b

1 error, all new; 1 of 3 pairs clean; 2 unknown; integration holds a, b
next: tracks explain conflict.unknown
-- exit 1

"#]]
    );
    assert_data_eq!(
        ground.run("matrix --verify"),
        str![[r#"
   a  b
a  -
b  ?  -

. clean   ? unknown

a and b
  `[ROOT]/shop/worktrees/track-b` has another branch checked out, or none: what it stands for is undecided

0 of 1 pair clean, 1 unknown
-- stderr
git agrees on 0 pairs; 1 pair unknown here, and not compared
-- exit 1

"#]]
    );
}

#[test]
fn a_track_is_not_called_like_the_target() {
    let ground = Ground::new();
    ground.write("tracks.toml", "[tracks.main]\n[tracks.a]\n");
    assert_data_eq!(
        ground.refused("sync"),
        str![[r#"
-- stderr
tracks: the track `main` is called like the target branch `main`
  hint: rename the track in `tracks.toml`: reports could not tell the two apart
-- exit 2

"#]]
    );
}

#[test]
fn a_merge_of_what_is_there_makes_no_commit_in_a_shallow_clone() {
    let ground = Ground::with_tracks();
    let clone = ground.root.join("shallow");
    ground.git("clone -q --depth 1 --no-local . ../shallow");
    ground.run_in(&clone, "init --no-hooks");
    ground.run_in(&clone, "sync");
    let head = ground.git_in(&clone, "rev-parse refs/tracks/integration/main");
    assert_eq!(head, ground.git_in(&clone, "rev-parse main"));
}
