//! What is staged for the next commit: the index against HEAD, as the hook that asks sees it.

use std::thread::JoinHandle;

use anyhow::{Context, Result, anyhow};
use bstr::ByteSlice;

use super::Repo;
use super::repo::Start;
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

/// What is staged, being asked of Git while the rest is found out.
pub struct Asked(JoinHandle<Result<(Option<CommitId>, Vec<Change>)>>);

/// Asks what is staged in the worktree that `start` names: inside a hook with the variables that Git set, since they name
/// the index that counts (`git commit FILE` has one of its own).
pub fn ask(start: &Start) -> Asked {
    let start = start.clone();
    Asked(std::thread::spawn(move || {
        let head = start.git().args(["rev-parse", "--quiet", "--verify", "HEAD^{commit}"]).line()?;
        let head = head.and_then(|id| CommitId::from_hex(id.as_bytes()));
        let against = match head {
            Some(id) => id.to_string(),
            None => String::from_utf8(start.git().args(["hash-object", "-t", "tree", "--stdin"]).stdout()?)?,
        };
        let words =
            ["diff-index", "--cached", "--raw", "-z", "--no-renames", "--no-abbrev", "--ignore-submodules=none"];
        let printed = start.git().args(words).args([against.trim(), "--"]).stdout()?;
        Ok((head, parse(&printed)?))
    }))
}

impl Asked {
    /// Waits for the answer.
    pub fn answer(self, repo: &Repo) -> Result<Staged> {
        let answer = self.0.join().map_err(|_| anyhow!("what is staged could not be asked"))?;
        let (head, changes) = answer?;
        Ok(Staged { head, merging: merging(repo), changes })
    }
}

/// The commits that are being merged. `MERGE_HEAD`, a file however refs are stored, has them, a line each, once a merge
/// has stopped; while `git merge` itself runs the hook it does not exist yet, and a variable `GITHEAD_<id>` is set for
/// each.
fn merging(repo: &Repo) -> Vec<CommitId> {
    let stopped = std::fs::read(repo.git_dir.join("MERGE_HEAD")).unwrap_or_default();
    let running = std::env::vars_os().filter_map(|(name, _)| {
        let id = name.to_str()?.strip_prefix("GITHEAD_")?;
        CommitId::from_hex(id.as_bytes())
    });
    stopped.lines().filter_map(CommitId::from_hex).chain(running).collect()
}

/// Reads `--raw -z`: `:mode mode id id status NUL path NUL`.
pub fn parse(printed: &[u8]) -> Result<Vec<Change>> {
    let mut fields = printed.split(|b| *b == 0).filter(|field| !field.is_empty());
    let mut changes = Vec::new();
    while let Some(info) = fields.next() {
        let path = fields.next().and_then(RepoPath::try_new).context("`git diff-index` prints no path")?;
        let words: Vec<&[u8]> = info.strip_prefix(b":").unwrap_or(info).split_str(" ").collect();
        let [old_mode, new_mode, old, new, _] = words[..] else {
            anyhow::bail!("`git diff-index` prints a line that cannot be read");
        };
        let entry = |mode, id| Some(Entry { mode: Mode::from_octal(mode)?, id: BlobId::from_hex(id)? });
        changes.push(Change { path, before: entry(old_mode, old), after: entry(new_mode, new) });
    }
    Ok(changes)
}
