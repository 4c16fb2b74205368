//! Verdicts that only a real `git merge` in a clean checkout can confirm.

use snapbox::{assert_data_eq, str};

use crate::merges::generator::{Random, all_pairs};
use crate::merges::judge::{judge, verdicts};
use crate::merges::line_ends;
use crate::merges::repository::Repository;
use crate::merges::story::{Commit, Step, Story};
use crate::support::Ground;

#[test]
fn git_merge_says_the_same_of_mixed_line_ends() {
    let mut decided = [0; 3];
    let mut unknown = 0;
    for seed in 1..=4 {
        let story = line_ends::story(&mut Random::new(seed));
        let judged = judge(&story, &all_pairs(&story));
        assert_eq!(judged.differences, [], "seed {seed}");
        let tally = judged.tally;
        unknown += tally.unknown;
        [tally.proved, tally.contents, tally.whole].iter().zip(&mut decided).for_each(|(one, all)| *all += one);
    }
    assert!(decided.iter().all(|pairs| *pairs > 20), "proved, by contents, whole: {decided:?}");
    assert!(unknown < 40, "{unknown} of {decided:?}");
}

#[test]
fn a_branch_with_other_line_ends_merges_clean() {
    let ground = Ground::empty();
    ground.write("a.txt", "1\r\n2\r\n3\r\n4\r\n");
    ground.write("gone.txt", "1\r\n");
    ground.git("add .");
    ground.git("commit -q -m first");
    ground.git("switch -q -c edited");
    ground.write("a.txt", "1\r\n2\r\n3\r\nfour\r\n");
    ground.git("rm -q gone.txt");
    ground.git("commit -q -a -m edited");
    ground.git("switch -q -c normalised main");
    ground.write(".gitattributes", "* text\n");
    ground.write("a.txt", "one\n2\n3\n4\n");
    ground.git("add --renormalize .");
    ground.git("add .");
    ground.git("commit -q -m normalised");
    assert_data_eq!(
        ground.run("matrix edited normalised --verify"),
        str![[r#"
            edited  normalised
edited           -
normalised       2           -

. clean   n paths conflict

edited and normalised
  a.txt     content        1-4 | 1-4
  gone.txt  modify-delete

0 of 1 pair clean, 1 in conflict
next: tracks show edited normalised
-- stderr
git agrees on 1 pair
-- exit 1

"#]]
    );
    ground.git("config merge.renormalize true");
    assert_data_eq!(
        ground.run("matrix edited normalised --verify"),
        str![[r#"
            edited  normalised
edited           -
normalised       .           -

. clean

1 of 1 pair clean
-- stderr
git agrees on 1 pair

"#]]
    );
    assert_data_eq!(
        ground.run("matrix normalised edited --verify"),
        str![[r#"
            normalised  edited
normalised           -
edited               .       -

. clean

1 of 1 pair clean
-- stderr
git agrees on 1 pair

"#]]
    );
}

/// A file that two branches change on one line, with `steps` done before; and a branch `union` that would join the two.
fn same_line(steps: Vec<Step>) -> Story {
    let write = |path: &[u8], content: &[u8]| Step::Write(path.to_vec(), content.to_vec());
    let replace = |line: &[u8]| Step::Replace { path: b"d/f".to_vec(), first: 2, last: 2, lines: line.to_vec() };
    let first = [vec![write(b"d/f", b"1\n2\n3\n")], steps].concat();
    let commit = |name: &str, parents: Vec<usize>, steps| Commit { name: name.into(), parents, time: 0, steps };
    let commits = vec![
        commit("base", vec![], first),
        commit("a", vec![0], vec![replace(b"a\n")]),
        commit("b", vec![0], vec![replace(b"b\n")]),
        commit("moved", vec![1], vec![Step::Rename(b"d/f".to_vec(), b"d/g".to_vec())]),
        commit("union", vec![0], vec![write(b".gitattributes", b"* merge=union\n")]),
    ];
    Story { commits, ..Story::default() }
}

/// Holds the engine against Git for all pairs, and gives the verdicts on `a` and `b`, and on `moved` and `b`.
fn judged(story: &Story) -> Vec<&'static str> {
    assert_eq!(judge(story, &all_pairs(story)).differences, [], "{:?}", story.config);
    verdicts(&Repository::new(story), &[(1, 2), (3, 2)]).0.iter().map(|pair| pair.verdict.name()).collect()
}

#[test]
fn a_link_holds_no_attributes() {
    let link = |path: &[u8]| vec![Step::Link(path.to_vec(), b"* merge=union".to_vec())];
    assert_eq!(judged(&same_line(link(b".gitattributes"))), ["conflict", "conflict"]);
    assert_eq!(judged(&same_line(link(b"d/.gitattributes"))), ["conflict", "conflict"]);
    assert_eq!(judged(&same_line(link(b"e/.gitattributes"))), ["conflict", "conflict"]);
    let both = [link(b".gitattributes"), vec![Step::Write(b"d/.gitattributes".into(), b"f merge=union\n".into())]];
    assert_eq!(judged(&same_line(both.concat())), ["clean", "conflict"]);
}

#[test]
fn attributes_of_a_named_tree_are_in_force() {
    let story = same_line(Vec::new());
    let named = |tree: &str| Story { config: vec![("attr.tree".into(), tree.into())], ..story.clone() };
    assert_eq!(judged(&named("union")), ["clean", "clean"]);
    assert_eq!(judged(&named("HEAD")), ["conflict", "conflict"]);
    assert_eq!(judged(&named("absent")), ["conflict", "conflict"]);
    // What is checked out where the merge will be made stands at no place that has a name here.
    let found = verdicts(&Repository::new(&named("HEAD~1")), &[(1, 2), (3, 2), (1, 4)]).0;
    assert_eq!(found.iter().map(|pair| pair.verdict.name()).collect::<Vec<_>>(), ["unknown", "unknown", "disjoint"]);
}
