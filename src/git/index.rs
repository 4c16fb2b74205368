//! What the index of a worktree holds, listed by Git, which knows every form of it.

use std::path::Path;

use anyhow::{Context, Result};

use super::Git;
use crate::model::{BlobId, RepoPath};

/// One row of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Where.
    pub path: RepoPath,
    /// Which object.
    pub id: BlobId,
    /// Whether it is another repository's commit.
    pub submodule: bool,
    /// Whether Git was told not to look at the file (`skip-worktree`, `assume-unchanged`).
    pub hidden: bool,
}

/// Every row, all stages of an unfinished merge included, in Git's order.
pub fn rows(worktree: &Path) -> Result<Vec<Row>> {
    list(worktree, &["-s", "-v"], row)
}

/// The contents that the index keeps for undoing resolved conflicts.
pub fn undo(worktree: &Path) -> Result<Vec<BlobId>> {
    list(worktree, &["--resolve-undo"], |line| BlobId::from_hex(line.splitn(3, |byte| *byte == b' ').nth(1)?))
}

/// What `git ls-files` prints with these options, each line read.
fn list<T>(worktree: &Path, options: &[&str], read: fn(&[u8]) -> Option<T>) -> Result<Vec<T>> {
    let git = Git::at(worktree).args(["-c", "core.fsmonitor=false", "ls-files", "-z", "--full-name"]);
    let printed = git.args(options).stdout()?;
    let lines = printed.split(|byte| *byte == 0).filter(|line| !line.is_empty());
    lines.map(|line| read(line).context("`git ls-files` prints a line that cannot be read")).collect()
}

/// `H 100644 <id> <stage> TAB <path>`
fn row(line: &[u8]) -> Option<Row> {
    let tab = line.iter().position(|byte| *byte == b'\t')?;
    let mut words = line[..tab].split(|byte| *byte == b' ');
    let (mark, mode, id) = (words.next()?, words.next()?, words.next()?);
    Some(Row {
        path: RepoPath::try_new(&line[tab + 1..])?,
        id: BlobId::from_hex(id)?,
        submodule: mode == b"160000",
        hidden: mark.first().is_some_and(|mark| mark.is_ascii_lowercase() || *mark == b'S'),
    })
}

#[cfg(test)]
mod tests {
    use super::row;

    #[test]
    fn a_path_may_hold_anything() {
        let id = "b4785957bc986dc39c629de9fac9df46972c00fc";
        let found = row(format!("S 100644 {id} 2\ta\tb c\n").as_bytes()).expect("a row");
        assert_eq!(found.path.as_bstr(), "a\tb c\n");
        assert!(found.hidden && !found.submodule);
        assert!(row(b"nonsense").is_none());
    }
}
