//! Trees that no Git of today writes, and repositories with holes: judged as Git judges them, and only the merges that
//! they concern.

use tracks::model::{CommitId, PairVerdict};

use crate::merges::judge::{judge_in, verdicts};
use crate::merges::repository::{Repository, run};
use crate::merges::story::{Commit, Story};

/// A repository without a commit yet, to which commits of hand-made trees are added.
fn empty() -> Repository {
    Repository::new(&Story::default())
}

fn blob(repository: &Repository, content: &str) -> String {
    id(run(repository.git().args(["hash-object", "-w", "--stdin"]), content.as_bytes()))
}

/// A tree of these rows, `mode type id TAB name`, written as they are.
fn tree(repository: &Repository, rows: &[(&str, &str, &str)]) -> String {
    let kind = |mode: &str| if mode.ends_with("40000") { "tree" } else { "blob" };
    let rows: String = rows.iter().map(|(mode, id, name)| format!("{mode} {} {id}\t{name}\n", kind(mode))).collect();
    id(run(repository.git().arg("mktree"), rows.as_bytes()))
}

fn commit(repository: &mut Repository, tree: &str, parent: Option<usize>) -> usize {
    let who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "commit-tree", "-m", "x", tree];
    let parent = parent.map(|at| ["-p".to_owned(), repository.commits[at].to_string()]);
    let written = id(run(repository.git().args(who).args(parent.into_iter().flatten()), b""));
    repository.commits.push(CommitId::from_hex(written.as_bytes()).expect("an id"));
    repository.commits.len() - 1
}

fn id(printed: Vec<u8>) -> String {
    String::from_utf8(printed).expect("an id").trim().to_owned()
}

/// Holds the engine against Git for all ordered pairs.
fn assert_as_git(repository: &Repository) {
    let count = repository.commits.len();
    let pairs: Vec<(usize, usize)> = (0..count).flat_map(|ours| (0..count).map(move |theirs| (ours, theirs))).collect();
    // The oracle only looks for attributes in the story, and there are none here.
    let bare = |at| Commit { name: format!("c{at}"), parents: Vec::new(), time: 0, steps: Vec::new() };
    let story = Story { commits: (0..count).map(bare).collect(), ..Story::default() };
    assert_eq!(judge_in(repository, &story, &pairs).differences, []);
}

#[test]
fn a_mode_that_is_no_longer_written_is_kept_or_rewritten_as_git_does() {
    let mut repo = empty();
    let (x, y) = (blob(&repo, "x\n"), blob(&repo, "y\n"));
    let folder = tree(&repo, &[("100664", &x, "in"), ("100644", &x, "beside")]);
    let in_edited = tree(&repo, &[("100664", &y, "in"), ("100644", &x, "beside")]);
    let beside_edited = tree(&repo, &[("100664", &x, "in"), ("100644", &y, "beside")]);
    let base = tree(&repo, &[("040000", &folder, "d"), ("100664", &x, "r"), ("100644", &x, "s")]);
    let base = commit(&mut repo, &base, None);
    for (d, r, s) in [(&folder, &x, &y), (&in_edited, &x, &x), (&beside_edited, &y, &x)] {
        let side = tree(&repo, &[("040000", d, "d"), ("100664", r, "r"), ("100644", s, "s")]);
        commit(&mut repo, &side, Some(base));
    }
    assert_as_git(&repo);
}

#[test]
fn an_empty_folder_is_kept_or_dropped_as_git_does() {
    let mut repo = empty();
    let (x, y) = (blob(&repo, "x\n"), blob(&repo, "y\n"));
    let nothing = tree(&repo, &[]);
    let full = tree(&repo, &[("100644", &x, "in")]);
    for has_it in [true, false] {
        let empty_folder = ("040000", nothing.as_str(), "e");
        let with = |rows: &[(&'static str, &str, &'static str)]| {
            let all: Vec<_> = has_it.then_some(empty_folder).into_iter().chain(rows.iter().copied()).collect();
            tree(&repo, &all)
        };
        let trees = [
            with(&[("100644", &x, "s")]),
            with(&[("100644", &y, "s")]),
            with(&[("100644", &x, "s"), ("100644", &x, "z")]),
            tree(&repo, &[empty_folder, ("100644", &x, "s")]),
            tree(&repo, &[("100644", &x, "s")]),
            tree(&repo, &[("100644", &y, "e"), ("100644", &x, "s")]),
            tree(&repo, &[("040000", &full, "e"), ("100644", &x, "s")]),
        ];
        let base = commit(&mut repo, &trees[0], None);
        for tree in &trees[1..] {
            commit(&mut repo, tree, Some(base));
        }
    }
    assert_as_git(&repo);
}

#[test]
fn a_path_that_leads_out_of_the_repository_spoils_no_other_merge() {
    let mut repo = empty();
    let contents = ["1\n2\n3\n4\n5\n", "one\n2\n3\n4\n5\n", "1\n2\n3\n4\nfive\n"].map(|content| blob(&repo, content));
    for name in ["..", "d"] {
        let trees = contents.clone().map(|content| {
            let folder = tree(&repo, &[("100644", &content, "a")]);
            tree(&repo, &[("040000", &folder, name)])
        });
        let base = commit(&mut repo, &trees[0], None);
        for tree in &trees[1..] {
            commit(&mut repo, tree, Some(base));
        }
    }
    assert_as_git(&repo);
}

#[test]
fn attributes_that_would_lie_elsewhere_are_never_laid_out() {
    let story = Story { config: vec![("merge.renormalize".into(), "true".into())], ..Story::default() };
    let mut repo = Repository::new(&story);
    let contents = ["1\r\n2\r\n3\r\n", "one\n2\n3\n", "1\r\n2\r\nthree\r\n"].map(|content| blob(&repo, content));
    let attributes = blob(&repo, "* text\n");
    let mut asked = Vec::new();
    for name in ["..", ".", ".git", ".GIT", "d"] {
        let folder = tree(&repo, &[("100644", &attributes, ".gitattributes")]);
        let trees = contents.clone().map(|content| {
            let rows =
                [("040000", &*folder, name), ("100644", &*attributes, ".gitattributes"), ("100644", &*content, "f")];
            tree(&repo, &rows)
        });
        let base = commit(&mut repo, &trees[0], None);
        let sides = [&trees[1], &trees[2]].map(|tree| commit(&mut repo, tree, Some(base)));
        asked.push((sides[0], sides[1]));
    }
    let found = verdicts(&repo, &asked).0;
    let names: Vec<&str> = found.iter().map(|pair| pair.verdict.name()).collect();
    assert_eq!(names, ["unknown", "unknown", "unknown", "unknown", "clean"]);
}

#[test]
fn a_tree_that_is_missing_on_one_side_spoils_no_other_merge() {
    let mut repo = empty();
    let contents = ["1\n", "2\n", "3\n"].map(|content| blob(&repo, content));
    let folders = contents.clone().map(|content| tree(&repo, &[("100644", &content, "a")]));
    let lost = &folders[1];
    let base = tree(&repo, &[("040000", &folders[0], "d"), ("100644", &contents[0], "s")]);
    let base = commit(&mut repo, &base, None);
    let broken = tree(&repo, &[("040000", lost, "d"), ("100644", &contents[1], "s")]);
    let whole = [tree(&repo, &[("040000", &folders[0], "d")]), tree(&repo, &[("040000", &folders[2], "d")])];
    let broken = commit(&mut repo, &broken, Some(base));
    let sides = whole.map(|tree| commit(&mut repo, &tree, Some(base)));
    std::fs::remove_file(repo.folder().join("objects").join(&lost[..2]).join(&lost[2..])).expect("it is loose");
    let names = |found: Vec<PairVerdict>| found.iter().map(|pair| pair.verdict.name()).collect::<Vec<_>>();
    let asked = [(broken, sides[1]), (sides[0], sides[1]), (sides[1], sides[0])];
    assert_eq!(names(verdicts(&repo, &asked).0), ["unknown", "clean", "clean"]);
}
