//! Refs moved for checkpoints: several created or deleted at once, and what a worktree has checked out.

use std::path::Path;

use anyhow::{Context, Result};

use super::{Git, Repo};
use crate::model::CommitId;

/// What `HEAD` of a worktree says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Head {
    /// A branch, by its full name, whether it has a commit or not.
    Branch(String),
    /// A commit on no branch.
    Detached(CommitId),
}

/// One change of a ref that a worktree has for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// Its full name.
    pub name: String,
    /// What it leads to from now on; `None` to delete it.
    pub to: Option<CommitId>,
    /// What it leads to before, else nothing is done; `None` where it must not exist.
    pub from: Option<CommitId>,
}

/// What Git keeps beside `HEAD` while it is in the middle of something: files, except where refs are in tables.
const ROOT: [&str; 6] =
    ["BISECT_EXPECTED_REV", "BISECT_HEAD", "CHERRY_PICK_HEAD", "ORIG_HEAD", "REBASE_HEAD", "REVERT_HEAD"];

/// Refs that each worktree has for itself.
const OWN: [&str; 3] = ["refs/bisect", "refs/rewritten", "refs/worktree"];

impl Repo {
    /// Creates refs, all or none; refuses where one of them exists. On disk when this returns.
    pub fn create_refs(&self, refs: &[(String, CommitId)]) -> Result<()> {
        let lines: String = refs.iter().map(|(name, id)| format!("create {name}\0{id}\0")).collect();
        let git = self.git().args(["-c", "core.fsync=all", "update-ref", "--stdin", "-z"]);
        git.input(transaction(&lines)).run().context("cannot keep the checkpoint")
    }
}

/// The refs that a worktree has for itself, such as those of a bisection.
pub fn own_refs(repo: &Repo, worktree: &Path) -> Result<Vec<(String, CommitId)>> {
    let format = "--format=%(objectname) %(refname)";
    let printed = Git::at(worktree).args(["for-each-ref", format]).args(OWN).stdout()?;
    let lines = printed.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let read = |line: &[u8]| {
        let (id, name) = std::str::from_utf8(line).ok()?.split_once(' ')?;
        Some((name.to_owned(), CommitId::from_hex(id.as_bytes())?))
    };
    let found = lines.map(|line| read(line).context("`git for-each-ref` prints a line that cannot be read"));
    let mut found: Vec<(String, CommitId)> = found.collect::<Result<_>>()?;
    if repo.common_dir.join("reftable").is_dir() {
        for name in ROOT {
            let id = Git::at(worktree).args(["rev-parse", "--verify", "--quiet", name]).line()?;
            found.extend(id.and_then(|id| Some((name.to_owned(), CommitId::from_hex(id.as_bytes())?))));
        }
    }
    Ok(found)
}

/// Whether a name is that of a ref which a worktree has for itself.
pub fn is_own(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-_.".contains(c);
    let below = OWN.iter().any(|own| name.strip_prefix(own).is_some_and(|rest| rest.starts_with('/')));
    ROOT.contains(&name) || below && name.chars().all(plain) && !name.contains("..")
}

/// Lines for `git update-ref --stdin -z` that count as a whole or not at all: input that ends early, because its writer was
/// ended, does nothing.
pub(super) fn transaction(lines: &str) -> String {
    format!("start\0{lines}prepare\0commit\0")
}

/// Moves refs as a worktree sees them, all or none.
pub fn move_refs(repo: &Repo, worktree: &Path, message: &str, moves: &[Move]) -> Result<()> {
    let null = CommitId::new(gix_hash::ObjectId::null(repo.hash));
    let line = |change: &Move| {
        let from = change.from.unwrap_or(null);
        match change.to {
            Some(to) => format!("update {}\0{to}\0{from}\0", change.name),
            None => format!("delete {}\0{from}\0", change.name),
        }
    };
    let lines: String = moves.iter().filter(|change| change.to != change.from).map(line).collect();
    if lines.is_empty() {
        return Ok(());
    }
    let git = Git::at(worktree).args(["update-ref", "-m", message, "--stdin", "-z"]);
    git.input(transaction(&lines)).run().context("cannot move the branch back")
}

/// Lets a worktree have something else checked out, without touching its files or its index.
pub fn check_out(worktree: &Path, head: &Head) -> Result<()> {
    let git = Git::at(worktree);
    let message = "tracks: checkpoint restored";
    let git = match head {
        Head::Branch(name) => git.args(["symbolic-ref", "-m", message, "HEAD", name]),
        Head::Detached(id) => git.args(["update-ref", "--no-deref", "-m", message, "HEAD", &id.to_string()]),
    };
    git.run().context("cannot set `HEAD` back")
}
