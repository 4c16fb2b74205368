//! A row of a worktree's index: what it holds, and what it is to hold.

use std::path::Path;

use anyhow::{Context, Result};
use bstr::ByteSlice;

use super::change::Staged;
use super::recover::There;
use crate::git::Git;

/// What the index holds at a path: `<mode> <id>`; `None` where it holds nothing.
pub fn row(worktree: &Path, path: &Path) -> Result<Option<String>> {
    let printed = git(worktree).args(["ls-files", "-s", "-z", "--"]).arg(path).stdout()?;
    let Some(line) = printed.split(|byte| *byte == 0).find(|line| !line.is_empty()) else { return Ok(None) };
    let words = line.split_once_str("\t").map(|(words, _)| words.to_str_lossy());
    let words = words.context("`git ls-files` prints a line that cannot be read")?;
    Ok(words.rsplit_once(' ').map(|(row, _)| row.to_owned()))
}

pub(super) fn look(staged: &Staged) -> Result<There> {
    let now = row(&staged.worktree, &staged.path)?;
    Ok(match () {
        () if now == staged.after => There::After,
        () if now == staged.before => There::Before,
        () => There::Neither,
    })
}

/// Lets the index hold what is to be there. The caller has looked at what is there now.
pub fn put(staged: &Staged) -> Result<()> {
    let git = git(&staged.worktree).args(["update-index", "--add"]);
    match staged.after.as_deref().and_then(|row| row.split_once(' ')) {
        Some((mode, id)) => git.args(["--cacheinfo", mode, id]).arg(&staged.path).run(),
        None => git.args(["--force-remove", "--"]).arg(&staged.path).run(),
    }
}

pub(super) fn finish(staged: &Staged, remarks: &mut Vec<String>) -> Result<()> {
    let done = match look(staged)? {
        There::After => return Ok(()),
        There::Before => put(staged),
        There::Neither => Err(anyhow::anyhow!("somebody has staged something else since")),
    };
    let path = staged.path.display();
    remarks.extend(done.err().map(|error| format!("what is staged at `{path}` stays as it is: {error:#}")));
    Ok(())
}

fn git(worktree: &Path) -> Git {
    Git::at(worktree).env("GIT_LITERAL_PATHSPECS", "1")
}
