//! `tracks update`: the target comes into a track as Git would merge it, and nothing that is not committed is lost.

use std::fs;

use snapbox::{assert_data_eq, str};

use crate::support::{Ground, write};

const LINES: &str = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";

/// `a` changes the first line of `f.txt` and `b` the last; the target has moved on with `line` changed.
fn with_target_ahead(line: &str) -> Ground {
    let ground = Ground::new();
    ground.write("f.txt", LINES);
    ground.write("tracks.toml", "target = \"main\"\n[tracks.a]\n[tracks.b]\n[tracks.c]\n");
    ground.git("add .");
    ground.git("commit -q -m declare");
    ground.run("init --no-hooks");
    ground.commit(&ground.track("a"), "f.txt", &LINES.replace("1\n", "1 a\n"));
    ground.commit(&ground.track("b"), "f.txt", &LINES.replace("9\n", "9 b\n"));
    ground.commit(&ground.shop(), "f.txt", &LINES.replace(&format!("{line}\n"), &format!("{line} main\n")));
    ground
}

fn tree(ground: &Ground, revision: &str) -> String {
    ground.git(&format!("rev-parse {revision}^{{tree}}"))
}

#[test]
fn the_target_comes_in_as_git_would_merge_it() {
    let ground = with_target_ahead("5");
    write(&ground.track("a").join("loose.txt"), "not committed\n");
    ground.git("branch by-git feature/track-a");
    ground.git("worktree add -q ../by-git by-git");
    ground.git_in(&ground.root.join("by-git"), "merge -q --no-edit main");
    let said = ground.run("update --all");
    assert!(said.contains("updated track a") && said.contains("before it: `tracks checkpoint restore a@"), "{said}");
    assert_eq!(tree(&ground, "feature/track-a"), tree(&ground, "by-git"));
    assert_eq!(ground.git_in(&ground.track("a"), "status --porcelain"), "?? loose.txt\n");
    assert_eq!(ground.git("rev-parse feature/track-c"), ground.git("rev-parse main"), "it had nothing of its own");
    assert_data_eq!(
        ground.run("update a c"),
        str![[r#"
skipped track a  it has all that main has
skipped track c  it has all that main has

"#]]
    );
}

#[test]
fn what_conflicts_is_left_alone_and_the_rest_is_done() {
    let ground = with_target_ahead("9");
    ground.commit(&ground.shop(), "f.txt", &LINES.replace("9\n", "9 main\n").replace("5\n", "5\n5\n"));
    let before = ground.git("rev-parse feature/track-b");
    let said = ground.run("update a b --dry-run");
    assert!(said.starts_with("would update track a") && said.contains("exit 1"), "{said}");
    let said = ground.run("update a b");
    let (steps, findings) = said.split_once("\n\n").expect("both");
    assert!(steps.starts_with("updated track a"), "{said}");
    assert_data_eq!(
        findings,
        str![[r#"
Errors
  b  conflict.content  f.txt:9
    `main` and `b`: both changed the same lines (lines 10 against 9)
    cure: merge by hand: `git -C "$(tracks path b)" merge main`

1 error, all new
-- exit 1

"#]]
    );
    assert_eq!(ground.git("rev-parse feature/track-b"), before);
    assert!(ground.git_in(&ground.track("b"), "status --porcelain").is_empty());
}

#[test]
fn what_is_not_committed_and_in_the_way_stops_it() {
    let ground = with_target_ahead("5");
    let mine = LINES.replace("3\n", "3 mine\n");
    fs::write(ground.track("a").join("f.txt"), &mine).expect("written");
    let before = ground.git("rev-parse feature/track-a");
    let said = ground.run("update a");
    assert!(said.contains("tracks: not updated: track `a`: ") && said.contains("exit 2"), "{said}");
    assert_eq!(ground.git("rev-parse feature/track-a"), before);
    assert_eq!(fs::read_to_string(ground.track("a").join("f.txt")).expect("there"), mine);
    ground.git_in(&ground.track("c"), "bisect start");
    let said = ground.run("update c");
    assert!(said.contains("its worktree has a bisect in progress"), "{said}");
}
