//! `tracks update`: the target comes into a track as Git would merge it, and nothing that is not committed is lost.

use std::fs;

use snapbox::{assert_data_eq, str};

use crate::support::{Ground, timeless, write};

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
    `main` and `b`: both changed the same lines (lines 10 against 9); on `main` it came with 0af4bf6986: work
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

/// `c` depends on `b`, which depends on `a`.
fn stacked() -> Ground {
    let ground = Ground::new();
    ground.write("f.txt", LINES);
    let declared = "[tracks.a]\n[tracks.b]\ndepends-on = ['a']\n[tracks.c]\ndepends-on = ['b']\n";
    ground.write("tracks.toml", &format!("target = \"main\"\n{declared}"));
    ground.git("add .");
    ground.git("commit -q -m declare");
    ground.run("init --no-hooks");
    for id in ["a", "b", "c"] {
        ground.commit(&ground.track(id), &format!("{id}.txt"), &format!("{id}\n"));
    }
    ground
}

#[test]
fn what_a_track_depends_on_comes_in_too() {
    let ground = stacked();
    ground.commit(&ground.shop(), "main.txt", "main\n");
    assert_data_eq!(
        ground.run("update c --dry-run"),
        str![[r#"
would update track c  with main, a and b, to 609ed7f4d2

"#]]
    );
    write(&ground.track("c").join("loose.txt"), "not committed\n");
    let said = timeless(&ground.run("update --all"));
    assert_data_eq!(
        said,
        str![[r#"
updated track a  with main, to d967db957b; before it: `tracks checkpoint restore a@[TIME]`
updated track b  with main and a, to d7d86909df; before it: `tracks checkpoint restore b@[TIME]`
updated track c  with main, a and b, to 24b7e08c28; before it: `tracks checkpoint restore c@[TIME]`

"#]]
    );
    assert_eq!(
        ground.git("ls-tree --name-only feature/track-c"),
        ".gitignore\na.txt\nb.txt\nc.txt\nf.txt\nmain.txt\nsrc\ntracks.toml\n"
    );
    assert_eq!(ground.git_in(&ground.track("c"), "status --porcelain"), "?? loose.txt\n");
    assert_data_eq!(
        ground.run("update --all"),
        str![[r#"
skipped track a  it has all that main has
skipped track b  it has all that main and what it depends on have
skipped track c  it has all that main and what it depends on have

"#]]
    );
    ground.run("land a");
    let said = timeless(&ground.run("update b"));
    assert_data_eq!(
        said,
        str![[r#"
updated track b  with main, to 974007ba4c; before it: `tracks checkpoint restore b@[TIME]`

"#]]
    );
    ground.run("undo");
    assert!(!ground.run("update b --dry-run").contains("skip"));
}

#[test]
fn whose_change_is_in_the_way_is_said() {
    let ground = stacked();
    ground.commit(&ground.track("a"), "f.txt", &LINES.replace("1\n", "1 a\n"));
    ground.commit(&ground.track("c"), "f.txt", &LINES.replace("1\n", "1 c\n"));
    assert_data_eq!(
        ground.run("update c --dry-run"),
        str![[r#"
nothing to do

Errors
  c, a  conflict.content  f.txt:1
    `a` and `c`: both changed the same lines (lines 1 against 1)
    cure: merge by hand: `git -C "$(tracks path c)" merge feature/track-a`

1 error, all new
-- exit 1

"#]]
    );
    ground.run("land a");
    assert_data_eq!(
        ground.run("update c"),
        str![[r#"
nothing to do

Errors
  c  conflict.content  f.txt:1
    `main` and `c`: both changed the same lines (lines 1 against 1); on `main` it came with track `a` in 567d1cbe53
    cure: merge by hand: `git -C "$(tracks path c)" merge main`

1 error, all new
-- exit 1

"#]]
    );
}

#[test]
fn commits_are_done_again_on_top() {
    let ground = stacked();
    ground.commit(&ground.shop(), "f.txt", &LINES.replace("9\n", "9 main\n"));
    ground.commit(&ground.track("c"), "f.txt", &LINES.replace("1\n", "1 c\n"));
    write(&ground.track("c").join("loose.txt"), "not committed\n");
    let merged = ground.git("merge-tree --write-tree main feature/track-a");
    let said = timeless(&ground.run("update --all --rebase"));
    assert_data_eq!(
        said,
        str![[r#"
rebased track a  1 commit onto main, to 28ddf31abb; before it: `tracks checkpoint restore a@[TIME]`
rebased track b  1 commit onto main and a, to ba27d383c4; before it: `tracks checkpoint restore b@[TIME]`
rebased track c  2 commits onto main, a and b, to 8923bcb0ed; before it: `tracks checkpoint restore c@[TIME]`

"#]]
    );
    assert_eq!(tree(&ground, "feature/track-a"), merged);
    assert_data_eq!(
        ground.git("log --graph --format=%an:%s --name-status feature/track-c --not main"),
        str![[r#"
* Kim:work
| 
| M	f.txt
* Kim:work
| 
| A	c.txt
* Kim:work
| 
| A	b.txt
* Kim:work
  
  A	a.txt

"#]]
    );
    assert_eq!(ground.git_in(&ground.track("c"), "status --porcelain"), "?? loose.txt\n");
    assert_eq!(
        fs::read_to_string(ground.track("c").join("f.txt")).expect("there"),
        LINES.replace("1\n", "1 c\n").replace("9\n", "9 main\n")
    );
    assert!(ground.run("update --all --rebase").starts_with("skipped track a"));
    ground.run("undo");
    assert!(fs::read_to_string(ground.track("c").join("f.txt")).expect("there").ends_with("9\n"));
    assert_eq!(ground.git_in(&ground.track("c"), "status --porcelain"), "?? loose.txt\n");
    let before = ground.git("rev-parse feature/track-c");
    write(&ground.track("c").join("f.txt"), "mine\n");
    let said = ground.run("update c --rebase");
    assert!(said.contains("f.txt") && said.contains("exit 2"), "{said}");
    assert_eq!(ground.git("rev-parse feature/track-c"), before);
    assert_eq!(fs::read_to_string(ground.track("c").join("f.txt")).expect("there"), "mine\n");
}

#[test]
fn what_only_a_merge_says_is_not_lost() {
    let ground = stacked();
    let a = ground.track("a");
    ground.commit(&ground.shop(), "main.txt", "main\n");
    ground.git_in(&a, "merge -q --no-commit main");
    write(&a.join("main.txt"), "main, as a has it\n");
    ground.git_in(&a, "add .");
    ground.git_in(&a, "commit -q -m merged");
    ground.commit(&ground.shop(), "more.txt", "more\n");
    let before = ground.git("rev-parse feature/track-a");
    assert_data_eq!(
        ground.run("update a --rebase"),
        str![[r#"
nothing to do
-- stderr
tracks: not updated: the commits of track `a`, done again one by one, do not come to what merging them does
  hint: merge instead: `tracks update a`
-- exit 2

"#]]
    );
    assert_eq!(ground.git("rev-parse feature/track-a"), before);
    assert!(ground.run("update a").starts_with("updated track a"));
}

#[test]
fn what_was_taken_back_stays_in_its_track() {
    let ground = stacked();
    ground.run("land a");
    ground.run("land a --revert");
    for words in ["update a", "update a --rebase"] {
        assert_data_eq!(
            ground.refused(words),
            str![[r#"
nothing to do
-- stderr
tracks: not updated: track `a` was taken back on `main`, which would take that back in it, too
  hint: bring it back first: `tracks land a`; if it is to be gone: `git -C "$(tracks path a)" merge main`
-- exit 2

"#]]
        );
    }
}
