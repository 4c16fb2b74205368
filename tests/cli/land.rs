//! `tracks land`: what lands is what Git would have merged, and nothing moves but from where it was found.

use snapbox::{assert_data_eq, str};

use crate::support::{Ground, write};

const LINES: &str = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";

/// Tracks as declared, on a repository whose `f.txt` has nine lines; each has changed the line that it is given.
fn with(declared: &str, changes: &[(&str, usize)]) -> Ground {
    let ground = Ground::new();
    ground.write("f.txt", LINES);
    ground.write("tracks.toml", &format!("target = \"main\"\n{declared}"));
    ground.git("add .");
    ground.git("commit -q -m declare");
    ground.run("init --no-hooks");
    for (track, line) in changes {
        change(&ground, track, *line);
    }
    ground
}

/// Commits a change of one line of `f.txt` as a track has it.
fn change(ground: &Ground, track: &str, line: usize) {
    let file = ground.track(track).join("f.txt");
    let now = std::fs::read_to_string(&file).expect("is there");
    let lines = now.lines().enumerate().map(|(at, text)| match at + 1 == line {
        true => format!("{text} {track}\n"),
        false => format!("{text}\n"),
    });
    ground.commit(&ground.track(track), "f.txt", &lines.collect::<String>());
}

fn id(ground: &Ground, revision: &str) -> String {
    let printed = ground.try_git_in(&ground.shop(), &format!("rev-parse {revision}")).stdout;
    String::from_utf8(printed).expect("an id").trim().to_owned()
}

#[test]
fn what_lands_is_what_git_would_have_merged() {
    let ground = with("[tracks.a]\ntitle = 'First'\nissue = '#7'\n[tracks.b]\n", &[("a", 1), ("b", 9)]);
    ground.git("switch -q -c by-git main");
    for track in ["a", "b"] {
        ground.git(&format!("merge -q --no-edit feature/track-{track}"));
    }
    ground.git("switch -q main");
    let before = id(&ground, "main");
    assert_data_eq!(
        ground.run("land b a --dry-run"),
        str![[r#"
would land track a  on main as ad46f1c91c: Merge track a: First
would land track b  on main as bd9a0e5981: Merge track b

"#]]
    );
    assert_eq!(id(&ground, "main"), before);
    assert_data_eq!(
        ground.run("land b a"),
        str![[r#"
landed track a  on main as ad46f1c91c: Merge track a: First
landed track b  on main as bd9a0e5981: Merge track b

"#]]
    );
    assert_eq!(id(&ground, "main^{tree}"), id(&ground, "by-git^{tree}"));
    assert_eq!(ground.read("f.txt"), "1 a\n2\n3\n4\n5\n6\n7\n8\n9 b\n", "the files followed");
    assert_data_eq!(
        ground.git("log --graph --format=%B main ^main~2"),
        str![[r#"
*   Merge track b
|/  
| | Track: b
| | 
| * work
|   
* Merge track a: First
| 
| Track: a
| Issue: #7
| 
* work
  

"#]]
    );
    assert_data_eq!(
        ground.run("land a b"),
        str![[r#"
skipped track a  it has nothing that main lacks
skipped track b  it has nothing that main lacks

"#]]
    );
    assert!(ground.git("status --porcelain --untracked-files=no").is_empty());
}

#[test]
fn what_conflicts_lands_nothing_and_says_where() {
    let ground = with("[tracks.a]\n[tracks.b]\n[tracks.c]\ndepends-on = ['b']\n", &[("a", 1), ("b", 1), ("c", 9)]);
    let before = ground.state();
    assert_data_eq!(
        ground.run("land a b"),
        str![[r#"
Errors
  b  conflict.content  f.txt:1
    `main` and `b`: both changed the same lines (lines 1 against 1)
    cure: bring it up to date: `git -C "$(tracks path b)" merge main`

1 error, all new
next: tracks explain conflict.content
-- stderr
nothing has landed: main stays at 28415b6a99
-- exit 1

"#]]
    );
    assert_data_eq!(
        ground.refused("land c"),
        str![[r#"
-- stderr
tracks: nothing lands: track `c` waits: `b` has not landed
  hint: land both: `tracks land b c`
-- exit 2

"#]]
    );
    ground.assert_unchanged(&before);
    assert_data_eq!(
        ground.run("land a"),
        str![[r#"
landed track a  on main as 1c9276121d: Merge track a
-- stderr
track b conflicts with main now, on 1 path: tracks show main b

"#]]
    );
}

#[test]
fn a_target_whose_files_cannot_follow_stays() {
    let ground = with("[tracks.a]\n", &[("a", 1)]);
    ground.write("f.txt", "mine\n");
    assert_data_eq!(
        ground.refused("land a"),
        str![[r#"
-- stderr
tracks: `[ROOT]/shop`, where `main` is checked out, has 1 change that are not committed
  hint: commit them, or put them aside: `git -C . stash`
-- exit 2

"#]]
    );
    ground.git("checkout -q f.txt");
    ground.commit(&ground.track("a"), "new.txt", "theirs\n");
    ground.write("new.txt", "mine, untracked\n");
    let before = id(&ground, "main");
    assert_data_eq!(
        ground.run("land a"),
        str![[r#"
-- stderr
tracks: nothing has landed: `main` stays at f680cce9e0: what is not committed is in the way in `.`: `new.txt`
  hint: commit it, or put it aside, such as with `git -C . stash -u`
-- exit 2

"#]]
    );
    assert_eq!((id(&ground, "main"), ground.read("new.txt")), (before, "mine, untracked\n".to_owned()));
    std::fs::remove_file(ground.shop().join("new.txt")).expect("removed");
    ground.git("switch -q --detach");
    ground.run("land a");
    assert_eq!(id(&ground, "main^{tree}"), id(&ground, "feature/track-a^{tree}"), "it is checked out nowhere");
    assert_eq!(ground.read("f.txt"), LINES, "and no files follow");
}

#[test]
fn a_track_that_landed_as_one_commit_goes_on() {
    let ground = with("landing = { style = 'squash' }\n[tracks.a]\n", &[("a", 1)]);
    change(&ground, "a", 2);
    ground.run("land a");
    assert_eq!(ground.git("rev-list --count main --not main^@"), "1\n");
    assert!(ground.run("list").contains("landed"));
    for line in [1, 2] {
        change(&ground, "a", line);
    }
    assert_data_eq!(
        ground.run("land a"),
        str![[r#"
landed track a  on main as 4ef0825f91: Merge track a

"#]]
    );
    assert_eq!(ground.read("f.txt"), "1 a a\n2 a a\n3\n4\n5\n6\n7\n8\n9\n");
}

#[test]
fn a_branch_moves_only_forward_where_that_is_asked_for() {
    let ground = with("[tracks.a]\n[tracks.b]\n", &[("a", 1), ("b", 9)]);
    ground.run("land a --ff");
    assert_eq!(id(&ground, "main"), id(&ground, "feature/track-a"));
    assert_data_eq!(
        ground.refused("land b --ff"),
        str![[r#"
-- stderr
tracks: nothing lands: track `b` lacks commits of `main`
  hint: bring it up to date with `tracks update b`, or land it with `--merge`: it lacks commits of `main`
-- exit 2

"#]]
    );
}

#[test]
fn part_of_a_track_lands() {
    let ground = with("[tracks.a]\n[tracks.b]\n", &[("a", 1), ("a", 5), ("b", 9)]);
    ground.run("land a --upto feature/track-a~1");
    assert_eq!(ground.read("f.txt"), "1 a\n2\n3\n4\n5\n6\n7\n8\n9\n");
    assert_data_eq!(
        ground.refused("land a --upto feature/track-b"),
        str![[r#"
-- stderr
tracks: `feature/track-b` is no commit of the track `a`
-- exit 2

"#]]
    );
    ground.run("land a");
    assert_eq!(ground.read("f.txt"), "1 a\n2\n3\n4\n5 a\n6\n7\n8\n9\n");
}

#[test]
fn what_was_reverted_is_brought_back_with_what_came_after() {
    for style in ["--merge", "--squash"] {
        let ground = with("[tracks.a]\n[tracks.b]\n", &[("a", 1), ("b", 9)]);
        ground.run(&format!("land a {style}"));
        ground.run("land b");
        let said = ground.run("land a --revert");
        assert!(said.starts_with("reverted track a"), "{said}");
        assert_eq!(ground.read("f.txt"), "1\n2\n3\n4\n5\n6\n7\n8\n9 b\n", "{style}");
        let listed = ground.run("list");
        assert_eq!(listed.matches("reverted").count(), 1, "{listed}");
        ground.refused("land a --revert");
        change(&ground, "a", 5);
        let said = ground.run(&format!("land a {style}"));
        assert!(said.contains("with what was reverted"), "{said}");
        assert_eq!(ground.read("f.txt"), "1 a\n2\n3\n4\n5 a\n6\n7\n8\n9 b\n", "{style}");
    }
}

#[test]
fn the_remote_is_first_and_whoever_comes_second_plans_again() {
    let ground = with("[tracks.a]\n[tracks.b]\n", &[("a", 1), ("b", 9)]);
    ground.git("clone -q --bare . ../origin.git");
    ground.git("remote add origin ../origin.git");
    ground.git("fetch -q origin");
    ground.git("branch -q -u origin/main main");
    ground.git("clone -q ../origin.git ../other");
    let other = ground.root.join("other");
    ground.git_in(&other, "branch -q feature/track-b origin/feature/track-b");
    ground.git_in(&other, "branch -q feature/track-a origin/feature/track-a");
    ground.run("land a --push origin");
    let late = ground.run_in(&other, "land b --push origin");
    assert!(late.contains("`origin` has commits that are not here"), "{late}");
    ground.git_in(&other, "pull -q --ff-only");
    ground.run_in(&other, "land b --push origin");
    ground.git("pull -q --ff-only");
    assert_eq!(ground.read("f.txt"), "1 a\n2\n3\n4\n5\n6\n7\n8\n9 b\n");
}

#[test]
fn what_has_landed_on_the_remote_alone_is_said() {
    let ground = with("[tracks.a]\n", &[("a", 1)]);
    ground.git("clone -q --bare . ../origin.git");
    // Comes while the remote is pushed to: nothing was there when it was judged.
    let path = ground.shop().join("new.txt");
    ground.commit(&ground.track("a"), "new.txt", "theirs\n");
    let hook = ground.root.join("origin.git/hooks/post-receive");
    crate::support::script(&hook, &format!("#!/bin/sh\necho mine > '{}'\n", path.display()));
    let said = ground.run("land a --push ../origin.git");
    assert!(said.contains("it has landed on `../origin.git` and not here: `main` stays at"), "{said}");
    assert!(!said.contains("nothing has landed") && ground.read("new.txt") == "mine\n", "{said}");
}

#[test]
fn rules_of_the_target_are_kept() {
    let ground = with("[tracks.a]\nowns = ['f.txt']\n[tracks.b]\nowns = ['b/**']\n", &[("a", 1), ("b", 9)]);
    let before = id(&ground, "main");
    let said = ground.run("land a b");
    assert!(said.contains("ownership.foreign") && said.contains("exit 1"), "{said}");
    assert_eq!(id(&ground, "main"), before);
    write(&ground.track("a").join("loose.txt"), "not committed\n");
    ground.run("land a");
    assert!(!ground.shop().join("loose.txt").exists(), "what is not committed does not land");
}
