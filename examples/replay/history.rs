//! The merges of a repository.

use std::path::Path;

use tracks::model::CommitId;

use super::merges::repository::{git, run};

/// A commit with two parents.
pub struct Merge {
    /// The commit that was made.
    pub id: CommitId,
    /// Its first parent, which was merged into.
    pub ours: CommitId,
    /// Its second parent.
    pub theirs: CommitId,
    /// The tree of the first parent.
    pub tree: String,
}

/// The newest merges of two parents that any ref leads to, at most so many.
pub fn merges(git_dir: &Path, limit: usize) -> Vec<Merge> {
    let mut command = git(git_dir);
    command.args(["rev-list", "--all", "--min-parents=2", "--max-parents=2", "--parents"]);
    if limit < usize::MAX {
        command.arg(format!("--max-count={limit}"));
    }
    let listed = run(&mut command, b"");
    let text = String::from_utf8(listed).expect("ids");
    let ids: Vec<Vec<&str>> = text.lines().map(|line| line.split(' ').collect()).collect();
    let asked: String = ids.iter().map(|ids| format!("{}^{{tree}}\n", ids[1])).collect();
    let trees = run(git(git_dir).args(["cat-file", "--batch-check=%(objectname)"]), asked.as_bytes());
    let trees = String::from_utf8(trees).expect("ids");
    let id = |text: &str| CommitId::from_hex(text.as_bytes()).expect("git prints ids");
    let merge = |(ids, tree): (&Vec<&str>, &str)| Merge {
        id: id(ids[0]),
        ours: id(ids[1]),
        theirs: id(ids[2]),
        tree: tree.to_owned(),
    };
    ids.iter().zip(trees.lines()).map(merge).collect()
}
