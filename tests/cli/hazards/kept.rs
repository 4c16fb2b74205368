//! Ways in which a repository is kept and what else is going on in it: all of it is judged, and what cannot be read makes
//! one track unknown, with its cure; `doctor` finds it, and `doctor --fix` cures what it can.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use snapbox::{assert_data_eq, str};

use crate::support::{Ground, script, timeless, write};

/// Two tracks, each with a commit and with something that is not committed.
fn ground() -> Ground {
    let ground = Ground::with_tracks();
    for id in ["a", "b"] {
        ground.commit(&ground.track(id), &format!("src/{id}.txt"), "one\n");
        write(&ground.track(id).join(format!("src/{id}.txt")), "two\n");
        write(&ground.track(id).join("new.txt"), &format!("of {id}\n"));
    }
    ground
}

/// Runs the program with a Git before the real one that does something once, when it is called with these words.
fn run_while(ground: &Ground, words: &str, (when, what): (&str, &str)) -> String {
    let bin = ground.root.with_file_name("bin");
    let path = std::env::var("PATH").unwrap_or_default();
    let real = path.split(':').map(|folder| Path::new(folder).join("git")).find(|path| path.exists());
    let real = real.expect("git is installed").display().to_string();
    let text = format!(
        "#!/bin/sh\ncase \"$*\" in *'{when}'*) mkdir \"$0.done\" 2>/dev/null && ({what}) ;; esac\nexec {real} \"$@\"\n"
    );
    script(&bin.join("git"), &text.replace("GIT", &real));
    let mut command = ground.command(env!("CARGO_BIN_EXE_tracks"), &ground.shop());
    let output = command.env("PATH", format!("{}:{path}", bin.display())).args(words.split(' ')).output();
    let done = fs::remove_dir(bin.join("git.done")).is_ok();
    assert!(done, "`git {when}` is never called");
    ground.said(&output.expect("it runs"))
}

#[test]
fn what_git_keeps_beside_an_index_changes_nothing() {
    let ground = ground();
    ground.git_in(&ground.track("a"), "add new.txt");
    ground.run("sync");
    let before = ground.run("sync");
    ground.git("config core.untrackedCache true");
    let hook = ground.shop().join(".git/watch");
    script(&hook, &format!("#!/bin/sh\ntouch '{}'\nexit 1\n", hook.with_file_name("was-run").display()));
    for id in ["a", "b"] {
        for option in ["--split-index", "--untracked-cache", "--fsmonitor"] {
            ground.try_git_in(&ground.track(id), &format!("update-index {option}"));
        }
        write(&ground.track(id).join("src/new.txt"), "staged\n");
        ground.git_in(&ground.track(id), "add src/new.txt");
        ground.git_in(&ground.track(id), "rm -q --cached src/new.txt");
        fs::remove_file(ground.track(id).join("src/new.txt")).expect("removed");
    }
    ground.git("config core.fsmonitor .git/watch");
    let index = ground.shop().join(".git/worktrees/track-a/index");
    let kept = fs::read(&index).expect("there");
    assert!(
        fs::read_dir(index.parent().expect("a folder"))
            .expect("read")
            .flatten()
            .any(|found| { found.file_name().to_string_lossy().starts_with("sharedindex.") })
    );
    assert_eq!(ground.run("sync"), before);
    assert_eq!(fs::read(&index).expect("there"), kept);
    ground.run("checkpoint a");
    ground.git_in(&ground.track("a"), "-c core.fsmonitor=false reset -q --hard");
    ground.run("checkpoint restore a@1");
    assert_eq!(ground.run("sync"), before);
    assert_eq!(ground.run("doctor"), "nothing is wrong\n");
    assert!(!hook.with_file_name("was-run").exists(), "what a repository names is not run by looking");
}

#[test]
fn an_index_that_cannot_be_read_is_put_aside() {
    let ground = ground();
    fs::write(ground.shop().join(".git/worktrees/track-a/index"), "nonsense").expect("written");
    let said = ground.run("sync");
    assert!(said.contains("a  conflict.unknown") && said.contains("merged    a, b"), "{said}");
    assert_data_eq!(
        ground.run("doctor"),
        str![[r#"
error worktree worktrees/track-a
  has an index that cannot be read: `git status`: [ROOT]/shop/.git/worktrees/track-a/index: index file smaller than expected
  cure: put it aside, and stage again: `mv .git/worktrees/track-a/index .git/worktrees/track-a/index.unread && git -C worktrees/track-a reset`

1 thing to look at; 1 can be put right: tracks doctor --fix
-- exit 1

"#]]
    );
    assert_data_eq!(
        ground.run("remove a"),
        str![[r#"
-- stderr
tracks: track `a` is not removed: cannot be judged: `git status`: [ROOT]/shop/.git/worktrees/track-a/index: index file smaller than expected and 1 commit not on main
  hint: see what is wrong there with `tracks doctor`
  hint: land it; or say `--unlanded`: the branch `feature/track-a` stays
-- exit 2

"#]]
    );
    assert_data_eq!(
        ground.run("doctor --fix"),
        str![[r#"
cured worktree worktrees/track-a
  has an index that cannot be read: `git status`: [ROOT]/shop/.git/worktrees/track-a/index: index file smaller than expected

1 thing put right

"#]]
    );
    assert_eq!(ground.git_in(&ground.track("a"), "status --short"), " M src/a.txt\n?? new.txt\n");
    assert!(!ground.run("sync").contains("unknown"));
}

#[test]
fn objects_that_lie_elsewhere_are_used_and_missed() {
    let ground = ground();
    ground.git("clone -q --shared . ../clone");
    let clone = ground.root.join("clone");
    for id in ["a", "b"] {
        ground.git_in(&clone, &format!("branch feature/track-{id} origin/feature/track-{id}"));
    }
    ground.run_in(&clone, "init --no-hooks");
    assert!(ground.run_in(&clone, "sync").contains("3 of 3 pairs clean"));
    let objects = ground.shop().join(".git/objects");
    fs::rename(&objects, objects.with_file_name("away")).expect("renamed");
    assert_data_eq!(
        ground.run_in(&clone, "doctor"),
        str![[r#"
error alternate [ROOT]/shop/./.git/objects
  is not there: objects of this repository are missing with it
  cure: bring it back; if nothing of it is needed, take its line out of `objects/info/alternates`, then `git fsck`
error project
  cannot be read: object 54f5adb1f6d1f686d2b0c1ba2d240557c3ffca4c is missing
  cure: it may come back with `git fetch --refetch`; see what else is missing: `git fsck`

2 things to look at
-- exit 1

"#]]
    );
    assert_data_eq!(
        ground.run_in(&clone, "list"),
        str![[r#"
-- stderr
tracks: object 54f5adb1f6d1f686d2b0c1ba2d240557c3ffca4c is missing
  hint: it may come back with `git fetch --refetch`; see what else is missing: `git fsck`
-- exit 2

"#]]
    );
    fs::rename(objects.with_file_name("away"), &objects).expect("renamed");
    assert_eq!(ground.run_in(&clone, "doctor"), "nothing is wrong\n");
}

#[test]
fn an_object_that_is_missing_is_fetched() {
    let ground = ground();
    let tip = ground.git("rev-parse feature/track-a");
    let tree = ground.git("rev-parse feature/track-a^{tree}");
    for id in [&tip, &tree] {
        let path = ground.shop().join(".git/objects").join(&id[..2]).join(id[2..].trim());
        fs::rename(&path, path.with_extension("away")).expect("renamed");
        assert_data_eq!(ground.run("doctor"), str![[r#"..."#]]);
        let said = ground.run("sync");
        assert!(said.contains("git fetch") && said.contains("a  conflict.unknown"), "{said}");
        let said = ground.run("remove a");
        assert!(said.contains("hint: it may come back with `git fetch --refetch`"), "{said}");
        fs::rename(path.with_extension("away"), &path).expect("renamed");
    }
}

#[test]
fn a_target_that_moves_meanwhile_is_the_one_that_was_found() {
    let ground = ground();
    let first = ground.git("rev-parse --short=10 main");
    let moves = "GIT update-ref refs/heads/main $(GIT commit-tree -p main -m moved main^{tree})";
    for when in ["worktree list", "status"] {
        let said = run_while(&ground, "sync", (when, moves));
        assert!(said.contains("-- exit") || said.contains("no findings"), "{said}");
        let moved = ground.git("rev-parse --short=10 main");
        assert_ne!(first, moved);
    }
    assert_data_eq!(
        run_while(&ground, "land b", ("status", moves)),
        str![[r#"
-- stderr
tracks: nothing has landed: `main` stays at 6827c577b2: `main` has moved meanwhile
  hint: try again: it is judged anew
-- exit 3

"#]]
    );
    let merged = ground.try_git_in(&ground.shop(), "merge-base --is-ancestor feature/track-b main");
    assert!(!merged.status.success());
    let said = ground.run("land b");
    assert!(said.starts_with("landed track b"), "{said}");
}

#[test]
fn a_clock_that_was_set_back_changes_no_order() {
    let ground = ground();
    ground.run("checkpoint a");
    let kept = ground.git("for-each-ref --format=%(objectname) refs/tracks/checkpoints");
    ground.git(&format!("update-ref refs/tracks/checkpoints/20991231T235959Z/a {}", kept.trim()));
    let log = ground.shop().join(".git/tracks/log.jsonl");
    let text = fs::read_to_string(&log).expect("there").replace("\"time\":\"20", "\"time\":\"21");
    fs::write(&log, text).expect("written");
    let words = [".", "-exec", "touch", "-h", "-d", "2099-01-01", "{}", "+"];
    let ahead = Command::new("find").args(words).current_dir(ground.shop()).status();
    assert!(ahead.expect("there is find").success());
    write(&ground.track("a").join("new.txt"), "later\n");
    assert_data_eq!(
        timeless(&ground.run("checkpoint a")),
        str![[r#"
saved track a  2 uncommitted; back with `tracks checkpoint restore a@[TIME]`

"#]]
    );
    assert!(ground.git("for-each-ref refs/tracks/checkpoints").contains("/21000101T000000Z/a"));
    write(&ground.track("a").join("new.txt"), "later still\n");
    ground.run("checkpoint restore a@1");
    assert_eq!(fs::read_to_string(ground.track("a").join("new.txt")).expect("there"), "later\n");
    ground.run("undo");
    assert_eq!(fs::read_to_string(ground.track("a").join("new.txt")).expect("there"), "later still\n");
    for command in ["sync", "list", "prune", "log", "doctor", "add c", "checkpoint prune"] {
        let said = ground.run(command);
        assert!(!said.contains("-- exit 2") && !said.contains("-- exit 3"), "{command}: {said}");
    }
}

#[test]
fn a_path_of_four_thousand_bytes_is_one_like_others() {
    let ground = Ground::with_tracks();
    let folder = "d".repeat(199);
    let make = format!(
        "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19; do mkdir {folder} && cd -P {folder} || exit 1; done; \
         echo deep >{}",
        "f".repeat(200)
    );
    let made = Command::new("sh").args(["-c", &make]).current_dir(ground.track("a")).status();
    assert!(made.expect("there is sh").success());
    ground.run("checkpoint a");
    let before = ground.run("sync");
    assert!(before.contains("3 of 3 pairs clean"), "{before}");
    fs::remove_dir_all(ground.track("a").join(&folder)).expect("removed");
    assert_ne!(ground.run("sync"), before);
    ground.run("checkpoint restore a@1");
    assert_eq!(ground.run("sync"), before);
    ground.git_in(&ground.track("a"), "add -A");
    ground.git_in(&ground.track("a"), "commit -q -m deep");
    for command in ["check --all", "land a", "update b", "remove a", "undo", "prune"] {
        let said = ground.run(command);
        assert!(!said.contains("-- exit"), "{command}: {said}");
    }
    assert_eq!(ground.git_in(&ground.track("b"), "ls-files").lines().map(str::len).max(), Some(4000));
}

#[test]
fn names_that_others_cannot_tell_apart_are_found() {
    let ground = Ground::with_tracks();
    ground.commit(&ground.track("a"), "docs/Read.txt", "a\n");
    ground.commit(&ground.track("b"), "docs/read.txt", "b\n");
    for (id, name) in [("a", "caf\u{e9}"), ("b", "cafe\u{301}")] {
        write(&ground.track(id).join(name), "x\n");
    }
    assert_data_eq!(
        ground.run("sync"),
        str![[r#"
main 54f5adb1f6, 2 tracks, git [GIT]

  track  state    ahead  behind  uncommitted
  a      working      1       1            1
  b      working      1       1            1

Errors
  b, a  names.collision  café
    differs only in case or form from `café` of `a`
    cure: rename one of them
  b, a  names.collision  docs/read.txt
    differs only in case or form from `docs/Read.txt` of `a`
    cure: rename one of them

Integration refs/tracks/integration/main dc9d649cfc
  merged    a, b

2 errors, all new; 3 of 3 pairs clean; integration holds a, b
next: tracks explain names.collision
-- exit 1

"#]]
    );
}

#[test]
fn a_repository_that_cannot_be_written_is_looked_at() {
    let ground = ground();
    let script = "mount --bind . . && mount -o remount,bind,ro . && cd shop && exec \"$@\"";
    let inside = |words: &str| {
        let mut command = ground.command("unshare", &ground.root);
        command.args(["-Urm", "sh", "-c", script, "sh", env!("CARGO_BIN_EXE_tracks")]).args(words.split(' '));
        command.output().expect("it runs")
    };
    let tried = ground.command("unshare", &ground.root).args(["-Urm", "sh", "-c", script, "sh", "true"]).output();
    if !tried.is_ok_and(|output| output.status.success()) {
        println!("left out: no name space can be made in which a folder is read-only");
        return;
    }
    ground.run("sync");
    for words in QUESTIONS {
        let (wanted, found) = (ground.run(words), ground.said(&inside(words)));
        let found = found.split("-- stderr\nthe result could not be kept").next().unwrap_or_default().to_owned();
        assert!(wanted.starts_with(&found) && !found.is_empty(), "{words}: {found}\nand not: {wanted}");
    }
    for words in ["checkpoint", "land a", "add c", "undo"] {
        let said = ground.said(&inside(words));
        assert!(said.contains("Read-only file system") && said.contains("-- exit"), "{words}: {said}");
    }
}

/// Commands that only look.
const QUESTIONS: [&str; 20] = [
    "list",
    "sync",
    "matrix",
    "matrix --verify",
    "show a b",
    "check --all",
    "report",
    "order",
    "prune",
    "doctor",
    "owner src/a.rs",
    "owner --lint",
    "log",
    "path a",
    "checkpoint list",
    "trust",
    "hooks status",
    "land b --dry-run",
    "remove a --dry-run",
    "add c --dry-run",
];

#[test]
fn whatever_only_looks_writes_nothing() {
    if !crate::crash::strace() {
        return;
    }
    let ground = ground();
    ground.run("sync");
    let trace = ground.root.with_file_name("trace");
    for words in QUESTIONS.iter().filter(|words| **words != "sync") {
        let calls = "trace=openat,creat,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,symlink,symlinkat,\
link,linkat,chmod,fchmod,fchmodat,truncate,ftruncate";
        let mut command = ground.command("strace", &ground.shop());
        command.args(["-f", "-qq", "-y", "-s", "4096", "-e", calls, "-o"]).arg(&trace);
        command.arg(env!("CARGO_BIN_EXE_tracks")).args(words.split(' ')).output().expect("it runs");
        let traced = fs::read_to_string(&trace).expect("a trace");
        let root = ground.root.to_str().expect("text");
        let wrote = |line: &&str| {
            let failed = line.contains(" = -1 ");
            let reads = line.contains("openat(") && line.contains("O_RDONLY") || line.contains(" resumed>");
            // The first words of a call name the folder that it runs in.
            let (_, path) = line.split_once(", \"").unwrap_or(("", line));
            let own = line.contains("/.git/tracks") || path.starts_with("/dev/") || path.starts_with("/tmp/");
            line.contains(root) && !failed && !reads && !own
        };
        let written: Vec<&str> = traced.lines().filter(wrote).collect();
        assert!(written.is_empty(), "{words}: {}", written.join("\n"));
    }
}

#[test]
fn git_may_tidy_up_at_any_time() {
    let ground = ground();
    std::thread::scope(|scope| {
        let tidy = scope.spawn(|| {
            for _ in 0..2 {
                // Not `--prune=now`, which loses what any Git is about to name. Git may refuse what another Git is at.
                for words in ["gc -q", "worktree prune", "pack-refs --all", "gc -q --aggressive"] {
                    ground.try_git_in(&ground.shop(), words);
                }
            }
        });
        for round in 0.. {
            for words in ["sync", "checkpoint", &format!("add c{round}"), "checkpoint restore a@2", "matrix"] {
                let said = ground.run(words);
                assert!(!said.contains("-- exit 3") && !said.contains("cannot be"), "{words}: {said}");
            }
            if tidy.is_finished() {
                break;
            }
        }
    });
    for id in ["a", "b"] {
        let found = fs::read_to_string(ground.track(id).join("new.txt"));
        assert_eq!(found.expect("there"), format!("of {id}\n"));
    }
    ground.git("fsck --strict --no-dangling");
    assert!(!ground.run("sync").contains("unknown"));
}

/// Whether what goes on beside a test is to end; it does with the test, however that ends.
struct Over(AtomicBool);

struct End<'a>(&'a Over);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn what_changes_while_it_is_read_is_never_mixed() {
    let ground = Ground::with_tracks();
    // A file is empty before it is written.
    let (place, wanted) = (ground.track("a").join("x"), [b"file\n".as_slice(), b"link", b"below\n", b""]);
    fs::write(&place, "file\n").expect("written");
    let over = Over(AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let swap = |kind: usize| {
                let _ = fs::remove_file(&place).or_else(|_| fs::remove_dir_all(&place));
                match kind {
                    0 => fs::write(&place, "file\n"),
                    1 => std::os::unix::fs::symlink("link", &place),
                    _ => fs::create_dir(&place).and_then(|()| fs::write(place.join("y"), "below\n")),
                }
                .expect("made");
            };
            for kind in (0..3).cycle() {
                swap(kind);
                if over.0.load(Ordering::Relaxed) {
                    break;
                }
            }
        });
        let end = End(&over);
        for _ in 0..8 {
            for words in ["sync", "checkpoint a"] {
                let said = ground.run(words);
                let told = said.contains("conflict.unknown") || said.contains("not saved: track `a`");
                assert!(!said.contains("-- exit") || told, "{words}: {said}");
            }
        }
        drop(end);
    });
    let kept = ground.run("checkpoint list a").lines().filter(|line| line.contains("a@")).count();
    for number in 1..=kept {
        let folder = ground.root.join(format!("out{number}"));
        ground.run(&format!("checkpoint restore a@{number} --to ../out{number}"));
        let found = folder.join("x");
        let content = match found.symlink_metadata() {
            Ok(at) if at.is_symlink() => fs::read_link(&found).expect("a link").as_os_str().as_bytes().to_vec(),
            Ok(at) if at.is_dir() && !found.join("y").exists() => continue,
            Ok(at) if at.is_dir() => fs::read(found.join("y")).expect("a file"),
            Ok(_) => fs::read(&found).expect("a file"),
            Err(_) => continue,
        };
        assert!(wanted.contains(&content.as_slice()), "{number}: {content:?}");
    }
}
