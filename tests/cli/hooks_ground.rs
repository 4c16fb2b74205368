//! `worktree.foreign-checkout`: said where it holds, and its cure typed into a shell.

use std::fs;
use std::path::Path;
use std::process::Output;

use snapbox::{assert_data_eq, str};

use crate::support::{Ground, write};

fn grounds() -> Ground {
    let ground = Ground::with_tracks();
    let policy = "target = \"main\"\n[tracks.a]\nowns = [\"src/**\"]\n[tracks.b]\nowns = [\"docs/**\"]\n";
    ground.write("tracks.toml", policy);
    for path in ["src/it's.rs", "src/gone.rs", "docs/x.md"] {
        ground.write(path, "1\n2\n3\n4\n5\n6\n7\n8\n9\n");
    }
    ground.git("add .");
    ground.git("commit -q -m policy");
    for id in ["a", "b"] {
        ground.git_in(&ground.track(id), "merge -q --ff-only main");
    }
    ground
}

fn check(ground: &Ground, folder: &Path, id: &str) -> String {
    let mut command = ground.command(env!("CARGO_BIN_EXE_tracks"), folder);
    ground.said(&command.args(["check", "--staged"]).env("TRACKS_ID", id).output().expect("it runs"))
}

/// The first command that the report names.
fn cure(ground: &Ground, said: &str) -> String {
    let unwrapped: Vec<&str> = said.lines().map(str::trim).collect();
    let text = unwrapped.join(" ");
    let command = text.split("take it there with `").nth(1).and_then(|rest| rest.split('`').next());
    command.expect("a command").replace("[ROOT]", &ground.root.to_string_lossy())
}

fn shell(ground: &Ground, folder: &Path, command: &str) -> Output {
    ground.command("sh", folder).args(["-c", command]).output().expect("it runs")
}

#[test]
fn what_belongs_to_one_track_is_warned_of_in_the_main_worktree() {
    let ground = grounds();
    ground.write("src/new.rs", "x\n");
    ground.git("add src");
    assert_data_eq!(
        check(&ground, &ground.shop(), ""),
        str![[r#"
Warnings
  a  worktree.foreign-checkout
    all of it belongs to `a`, and this is the main worktree
    cure: take it there with `git stash push -- ':(top,literal)src/new.rs' && git -C worktrees/track-a stash pop --index`; where that is refused it is kept, for `git -C worktrees/track-a stash pop` once the same files are committed there

1 warning, all new

"#]]
    );
    // Of two tracks, or of nobody: whoever is there knows why.
    ground.write("docs/new.md", "x\n");
    ground.git("add docs");
    assert_data_eq!(
        check(&ground, &ground.shop(), ""),
        str![[r#"
no findings

"#]]
    );
    ground.git("reset -q --hard");
    ground.write("README", "x\n");
    ground.git("add README");
    assert_data_eq!(
        check(&ground, &ground.shop(), ""),
        str![[r#"
no findings

"#]]
    );
    ground.git("reset -q --hard");
    // What is landed is in its place.
    ground.commit(&ground.track("a"), "src/new.rs", "x\n");
    ground.git("merge -q --squash feature/track-a");
    assert_data_eq!(
        check(&ground, &ground.shop(), ""),
        str![[r#"
no findings

"#]]
    );
    assert_data_eq!(
        check(&ground, &ground.shop(), "a"),
        str![[r#"
no findings

"#]]
    );
}

#[test]
fn another_track_s_ground_is_an_error() {
    let ground = grounds();
    let b = ground.track("b");
    write(&b.join("docs/new.md"), "x\n");
    ground.git_in(&b, "add .");
    assert_data_eq!(
        check(&ground, &b, "b"),
        str![[r#"
no findings

"#]]
    );
    assert_data_eq!(
        check(&ground, &b, "nobody"),
        str![[r#"
no findings

"#]]
    );
    assert_data_eq!(
        check(&ground, &b, "a"),
        str![[r#"
Errors
  a  worktree.foreign-checkout
    this is the worktree of `b`, and `TRACKS_ID` says `a`
    cure: take it there with `git stash push -- ':(top,literal)docs/new.md' && git -C '[ROOT]/shop/worktrees/track-a' stash pop --index`; where that is refused it is kept, for `git -C '[ROOT]/shop/worktrees/track-a' stash pop` once the same files are committed there

1 error, all new
-- exit 1

"#]]
    );
    ground.git_in(&b, "reset -q --hard");
    // Each in the other's folder.
    ground.git("worktree remove worktrees/track-a");
    ground.git_in(&b, "switch -q feature/track-a");
    write(&b.join("src/new.rs"), "x\n");
    ground.git_in(&b, "add .");
    assert_data_eq!(
        check(&ground, &b, ""),
        str![[r#"
Errors
  a  worktree.foreign-checkout
    this is the folder of `b`, and the branch of `a` is checked out
    cure: commit it on its own branch: `git switch feature/track-b`; it goes along where nothing stands against it

1 error, all new
-- exit 1

"#]]
    );
}

/// Staged, changed again since, new, and untracked; and a file that was there.
fn work(ground: &Ground) {
    ground.write("src/it's.rs", "staged\n2\n3\n4\n5\n6\n7\n8\n9\n");
    ground.write("src/new one.rs", "new\n");
    ground.git("add src");
    ground.write("src/it's.rs", "staged\n2\n3\n4\n5\n6\n7\n8\nnot\n");
    ground.write("untracked", "untracked\n");
}

#[test]
fn the_cure_takes_everything_along() {
    let ground = grounds();
    work(&ground);
    let a = ground.track("a");
    write(&a.join("docs/x.md"), "dirty, and none of this\n");
    let command = cure(&ground, &check(&ground, &ground.shop(), "a"));
    let done = shell(&ground, &ground.shop(), &command);
    assert!(done.status.success(), "{command}: {}", ground.said(&done));
    assert_eq!(
        ground.git_in(&a, "status --porcelain"),
        " M docs/x.md\nMM \"src/it's.rs\"\nA  \"src/new one.rs\"\n".replace("\"src/it's.rs\"", "src/it's.rs")
    );
    assert_eq!(ground.git_in(&a, "show :./src/it's.rs"), "staged\n2\n3\n4\n5\n6\n7\n8\n9\n");
    assert_eq!(fs::read_to_string(a.join("src/it's.rs")).expect("there"), "staged\n2\n3\n4\n5\n6\n7\n8\nnot\n");
    assert_eq!(ground.git("status --porcelain"), "?? untracked\n");
    assert_eq!(ground.git("stash list"), "");
}

#[test]
fn a_deletion_goes_along_too() {
    let ground = grounds();
    work(&ground);
    ground.git("rm -q src/gone.rs");
    let a = ground.track("a");
    let command = cure(&ground, &check(&ground, &ground.shop(), "a"));
    let done = shell(&ground, &ground.shop(), &command);
    assert!(done.status.success(), "{command}: {}", ground.said(&done));
    assert_eq!(
        ground.git_in(&a, "status --porcelain"),
        "D  src/gone.rs\nMM src/it's.rs\nA  \"src/new one.rs\"\n?? untracked\n"
    );
    assert_eq!(ground.git("status --porcelain"), "");
}

#[test]
fn what_is_in_the_way_there_loses_nothing() {
    let ground = grounds();
    work(&ground);
    let a = ground.track("a");
    let theirs = "1\n2\n3\n4\ntheirs\n6\n7\n8\n9\n";
    write(&a.join("src/it's.rs"), theirs);
    let command = cure(&ground, &check(&ground, &ground.shop(), "a"));
    assert!(!shell(&ground, &ground.shop(), &command).status.success());
    // Theirs is as it was, and ours is kept until theirs is committed.
    assert_eq!(fs::read_to_string(a.join("src/it's.rs")).expect("there"), theirs);
    ground.git_in(&a, "commit -q -a -m theirs");
    ground.git_in(&a, "stash pop");
    let merged = "staged\n2\n3\n4\ntheirs\n6\n7\n8\nnot\n";
    assert_eq!(fs::read_to_string(a.join("src/it's.rs")).expect("there"), merged);
    assert_eq!(fs::read_to_string(a.join("src/new one.rs")).expect("there"), "new\n");
}
