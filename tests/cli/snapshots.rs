//! What a track stands for while its worktree holds uncommitted work: the tree that `git add --all` would make of it.

mod random;

use std::fs;
use std::path::Path;
use std::process::Command;

use snapbox::{assert_data_eq, str};

use crate::support::{Ground, write};

/// The tree that Git itself makes of everything in a worktree, by way of a copy of its index.
fn added(ground: &Ground, worktree: &Path) -> String {
    let git = |words: &[&str]| {
        let index = ground.root.join("index");
        let output = ground.command("git", worktree).args(words).env("GIT_INDEX_FILE", index).output();
        let output = output.expect("git is installed");
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
    };
    git(&["read-tree", "HEAD"]);
    git(&["add", "--all"]);
    git(&["write-tree"])
}

/// The tree that track `a` stands for.
fn tree(ground: &Ground) -> String {
    let said = ground.run("sync --format json");
    let json = said.split("-- stderr").next().expect("an answer").split("-- exit").next().expect("an answer");
    let report: serde_json::Value = serde_json::from_str(json).expect("JSON");
    report["tracks"][0]["tree"].as_str().unwrap_or("none").to_owned()
}

#[test]
fn line_ends_that_git_would_leave_alone_are_left_alone() {
    let ground = Ground::with_tracks();
    let lines: String = (1..10).map(|n| format!("line {n}\r\n")).collect();
    ground.commit(&ground.shop(), "crlf.txt", &lines);
    for id in ["a", "b"] {
        ground.git_in(&ground.track(id), "merge -q --ff-only main");
    }
    ground.git("config core.autocrlf input");
    write(&ground.track("a").join("crlf.txt"), &lines.replace("line 1", "first"));
    write(&ground.track("a").join("new.txt"), "new\r\n");
    ground.commit(&ground.track("b"), "crlf.txt", &lines.replace("line 9", "last"));
    assert_eq!(tree(&ground), added(&ground, &ground.track("a")));
    assert_data_eq!(
        ground.run("matrix"),
        str![[r#"
   a  b
a  -
b  .  -

. clean

1 of 1 pair clean

"#]]
    );
}

#[test]
fn links_where_there_can_be_none_are_files() {
    let ground = Ground::with_tracks();
    let a = ground.track("a");
    std::os::unix::fs::symlink("src/a.rs", a.join("link")).expect("linked");
    ground.git_in(&a, "add link");
    ground.git_in(&a, "commit -q -m link");
    ground.git("config core.symlinks false");
    fs::remove_file(a.join("link")).expect("removed");
    write(&a.join("link"), "src/b.rs");
    assert_eq!(tree(&ground), added(&ground, &a));
}

#[test]
fn a_pipe_in_the_place_of_a_file_is_not_waited_for() {
    let ground = Ground::with_tracks();
    let file = ground.track("a").join("src/a.rs");
    fs::remove_file(&file).expect("removed");
    assert!(Command::new("mkfifo").arg(&file).status().expect("it runs").success());
    assert_data_eq!(
        ground.run("sync"),
        str![[r#"
main 54f5adb1f6, 2 tracks, git [GIT]

  track  state    behind  uncommitted
  a      working       1            ?
  b      working       1

Errors
  a  conflict.unknown
    cannot be judged: `src/a.rs` is no regular file, link or folder
    cure: see what is there with `git -C "$(tracks path a)" status`, or judge commits alone with `--committed`

Integration refs/tracks/integration/main 54f5adb1f6
  merged    a, b

1 error, all new; 1 of 3 pairs clean; 2 unknown; integration holds a, b
next: tracks explain conflict.unknown
-- exit 1

"#]]
    );
}
