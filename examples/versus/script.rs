//! What somebody without `tracks` would write: the scripts around Git that it is held against (this program again, as
//! `script NAME …`).

use std::fs::File;
use std::path::Path;

use super::programs::MERGE_TREE;
use super::stream::{git, print, run as must};

/// The word by which this program knows that it is to be a script.
pub const WORD: &str = "script";

/// Runs one.
pub fn run(words: &[String]) {
    match words[0].as_str() {
        "merge" => merge(Path::new(&words[1]), Path::new(&words[2])),
        _ => words[1..].iter().for_each(|folder| must(git(Path::new(folder)).args(["status", "--porcelain"]))),
    }
}

/// The pairs on standard input by one process, its answers into a file; then every branch below `t/` merged into `main`
/// one after another, leaving out what conflicts. Prints the branches that were merged, and the last tree.
///
/// The chain needs two processes a branch: `--stdin` gives no answer before its input ends, so that no merge of one
/// process can build on the one before; and without a commit Git would not find the merge base of the next.
fn merge(folder: &Path, answers: &Path) {
    must(git(folder).args(MERGE_TREE).stdout(File::create(answers).expect("it can be written")));
    let branches = print(git(folder).args(["for-each-ref", "--format=%(refname:short)", "refs/heads/t"]));
    let mut now = print(git(folder).args(["rev-parse", "main"])).trim().to_owned();
    for branch in branches.lines() {
        let merged = git(folder).args(["merge-tree", "--write-tree", &now, branch]).output().expect("git starts");
        if merged.status.success() {
            let tree = String::from_utf8_lossy(&merged.stdout).trim().to_owned();
            let commit = ["-c", "user.name=a", "-c", "user.email=a@b", "commit-tree", "-m", "Merge"];
            now = print(git(folder).args(commit).args(["-p", &now, "-p", branch, &tree])).trim().to_owned();
            println!("{branch}");
        }
    }
    print!("{}", print(git(folder).args(["rev-parse", &format!("{now}^{{tree}}")])));
}
