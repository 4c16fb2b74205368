//! What is staged for the next commit: the index against HEAD, as the hook that asks sees it.

use anyhow::{Context, Result};
use bstr::ByteSlice;

use super::Git;
use crate::model::{BlobId, Change, CommitId, Entry, Mode, RepoPath};

/// The commit that is about to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staged {
    /// What it will be on top of; `None` before the first commit.
    pub head: Option<CommitId>,
    /// The other commits it merges.
    pub merging: Vec<CommitId>,
    /// The index against HEAD.
    pub changes: Vec<Change>,
}

/// Reads what is staged in the worktree that `git` runs in, each call made by `git` anew: inside a hook with the
/// variables that Git set, since they name the index that counts (`git commit FILE` has one of its own).
pub fn read(git: impl Fn() -> Git) -> Result<Staged> {
    let head = git().args(["rev-parse", "--quiet", "--verify", "HEAD^{commit}"]).line()?;
    let head = head.and_then(|id| CommitId::from_hex(id.as_bytes()));
    let merging = merging(&git)?;
    let against = match head {
        Some(id) => id.to_string(),
        None => String::from_utf8(git().args(["hash-object", "-t", "tree", "--stdin"]).stdout()?)?.trim().to_owned(),
    };
    let words = ["diff-index", "--cached", "--raw", "-z", "--no-renames", "--no-abbrev", "--ignore-submodules=none"];
    let printed = git().args(words).args([against.as_str(), "--"]).stdout()?;
    Ok(Staged { head, merging, changes: parse(&printed)? })
}

/// The commits that are being merged. `MERGE_HEAD` has them, a line each, once a merge has stopped; while `git merge`
/// itself runs the hook it does not exist yet, and a variable `GITHEAD_<id>` is set for each.
fn merging(git: &impl Fn() -> Git) -> Result<Vec<CommitId>> {
    let path = git().args(["rev-parse", "--path-format=absolute", "--git-path", "MERGE_HEAD"]).line()?;
    let stopped = std::fs::read(path.context("git knows no path for MERGE_HEAD")?).unwrap_or_default();
    let running = std::env::vars_os().filter_map(|(name, _)| {
        let id = name.to_str()?.strip_prefix("GITHEAD_")?;
        CommitId::from_hex(id.as_bytes())
    });
    Ok(stopped.lines().filter_map(CommitId::from_hex).chain(running).collect())
}

/// Reads `--raw -z`: `:mode mode id id status NUL path NUL`.
fn parse(printed: &[u8]) -> Result<Vec<Change>> {
    let mut fields = printed.split(|b| *b == 0).filter(|field| !field.is_empty());
    let mut changes = Vec::new();
    while let Some(info) = fields.next() {
        let path = fields.next().context("`git diff-index` prints no path")?;
        let words: Vec<&[u8]> = info.strip_prefix(b":").unwrap_or(info).split_str(" ").collect();
        let [old_mode, new_mode, old, new, _] = words[..] else {
            anyhow::bail!("`git diff-index` prints a line that cannot be read");
        };
        let entry = |mode, id| Some(Entry { mode: Mode::from_octal(mode)?, id: BlobId::from_hex(id)? });
        changes.push(Change { path: RepoPath::new(path), before: entry(old_mode, old), after: entry(new_mode, new) });
    }
    Ok(changes)
}
