//! `tracks matrix --pairs -`: merges named one by one, answered in their order, as `git merge-tree --stdin` does.

use std::process::Output;

use snapbox::{assert_data_eq, str};

use crate::support::Ground;

/// Two sides of a file, and a third that changes nothing that the others do.
fn with_sides() -> Ground {
    let ground = Ground::new();
    ground.commit(&ground.shop(), "list.txt", "1\n2\n3\n4\n5\n");
    for (branch, path, content) in [
        ("one", "list.txt", "one\n2\n3\n4\n5\n"),
        ("two", "list.txt", "two\n2\n3\n4\n5\n"),
        ("three", "list.txt", "1\n2\n3\n4\nfive\n"),
        ("four", "other.txt", "4\n"),
    ] {
        ground.git(&format!("switch -q -c {branch} main"));
        ground.commit(&ground.shop(), path, content);
    }
    ground.git("switch -q main");
    ground
}

/// What is said to these lines.
fn answer(ground: &Ground, options: &str, lines: &str) -> String {
    ground.said(&answered(ground, options, lines))
}

fn answered(ground: &Ground, options: &str, lines: &str) -> Output {
    let input = ground.shop().join("../lines");
    std::fs::write(&input, lines).expect("the file can be written");
    let mut command = ground.command(env!("CARGO_BIN_EXE_tracks"), &ground.shop());
    command.args(["matrix", "--pairs", "-"]).args(options.split_whitespace());
    command.stdin(std::fs::File::open(&input).expect("it was written")).output().expect("it starts")
}

/// What Git prints, as it is.
fn by_git(ground: &Ground, words: &str) -> String {
    let output = ground.try_git_in(&ground.shop(), words);
    String::from_utf8(output.stdout).expect("plain text").trim().to_owned()
}

#[test]
fn the_answers_come_in_the_order_of_the_lines() {
    let ground = with_sides();
    let lines = "two one\none three\nmain -- two^{tree} four\none two\none one\n";
    assert_data_eq!(
        answer(&ground, "", lines),
        str![[r#"
conflict  two         one
clean     one         three
disjoint  two^{tree}  four
conflict  one         two
disjoint  one         one

two and one
  list.txt  content  1 | 1

one and two
  list.txt  content  1 | 1

3 of 5 pairs clean, 2 in conflict
next: tracks show two one
-- exit 1

"#]]
    );
}

#[test]
fn trees_are_those_that_git_gives() {
    let ground = with_sides();
    let lines = "one three\nmain -- one four\nmain^{tree} -- three^{tree} one^{tree}\n";
    let output = answered(&ground, "--trees --format json", lines);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let trees: Vec<&str> =
        report["pairs"].as_array().expect("pairs").iter().map(|p| p["tree"].as_str().unwrap_or("")).collect();
    let git = |words: &str| by_git(&ground, &format!("merge-tree --write-tree {words}"));
    let wanted = [git("one three"), git("--merge-base=main one four"), git("--merge-base=main three one")];
    assert_eq!(trees, wanted);
    assert_data_eq!(
        answer(&ground, "--verify", lines),
        str![[r#"
clean     one           three
disjoint  one           four
clean     three^{tree}  one^{tree}

3 of 3 pairs clean
-- stderr
git agrees on 3 pairs

"#]]
    );
}

#[test]
fn what_is_no_merge_is_refused_and_what_git_refuses_is_unknown() {
    let ground = with_sides();
    assert_data_eq!(
        answer(&ground, "", "one two\none\n"),
        str![[r#"
-- stderr
tracks: line 2 names no merge: `one`
  hint: write `OURS THEIRS` or `BASE -- OURS THEIRS`, a merge a line
-- exit 2

"#]]
    );
    assert_data_eq!(
        answer(&ground, "", "one two\nmain -- one nobody\n"),
        str![[r#"
-- stderr
tracks: line 2: `nobody` leads to no commit and no tree
-- exit 2

"#]]
    );
    assert_data_eq!(
        answer(&ground, "", "one^{tree} two\nthree four\n"),
        str![[r#"
unknown   one^{tree}  two
disjoint  three       four

one^{tree} and two
  the two have no common history

1 of 2 pairs clean, 1 unknown
-- exit 1

"#]]
    );
    assert_data_eq!(
        answer(&ground, "", ""),
        str![[r#"
nothing to compare: it takes two sides

"#]]
    );
    assert_data_eq!(
        ground.run("matrix one --pairs -"),
        str![[r#"
-- stderr
error: the argument '[REF]...' cannot be used with '--pairs <->'

Usage: tracks matrix <REF>...

For more information, try '--help'.
-- exit 2

"#]]
    );
}

#[test]
fn revisions_mean_those_of_the_worktree() {
    let ground = with_sides();
    ground.git("worktree add -q ../linked one");
    let linked = ground.root.join("linked");
    assert!(!ground.run("matrix HEAD two").contains("1 in conflict"));
    assert!(ground.run_in(&linked, "matrix HEAD two").contains("1 in conflict"));
    let git = ground.try_git_in(&linked, "merge-tree --write-tree HEAD two");
    assert_eq!(git.status.code(), Some(1));
}
