//! The worktrees of a repository, whoever made them, and what is going on in each.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::{Git, Repo};
use crate::model::CommitId;

/// A worktree as Git lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worktree {
    /// Its folder.
    pub path: PathBuf,
    /// What is checked out; `None` for a bare repository and for a branch with no commit yet.
    pub head: Option<CommitId>,
    /// The branch that is checked out, or is being rebased here; a full name.
    pub branch: Option<String>,
    /// Whether it is the main worktree (or the bare repository itself), which can never be removed.
    pub main: bool,
    /// Whether it has no files: a bare repository.
    pub bare: bool,
    /// Why it is locked, if it is; may be empty.
    pub locked: Option<String>,
    /// Whether its folder is there.
    pub present: bool,
    /// The Git folder behind it, where it is known.
    pub git_dir: Option<PathBuf>,
    /// What Git is in the middle of there.
    pub operation: Option<Operation>,
}

/// Something that Git began in a worktree and has not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `git merge`.
    Merge,
    /// `git rebase` or `git am`.
    Rebase,
    /// `git cherry-pick`.
    CherryPick,
    /// `git revert`.
    Revert,
    /// `git bisect`.
    Bisect,
}

impl Operation {
    /// The name for people: `merge`, `rebase`, `cherry-pick`, `revert`, `bisect`.
    pub fn name(self) -> &'static str {
        match self {
            Operation::Merge => "merge",
            Operation::Rebase => "rebase",
            Operation::CherryPick => "cherry-pick",
            Operation::Revert => "revert",
            Operation::Bisect => "bisect",
        }
    }
}

impl Operation {
    /// The name as part of a sentence: `a rebase in progress`.
    pub fn phrase(self) -> &'static str {
        match self {
            Operation::Merge => "a merge in progress",
            Operation::Rebase => "a rebase in progress",
            Operation::CherryPick => "a cherry-pick in progress",
            Operation::Revert => "a revert in progress",
            Operation::Bisect => "a bisect in progress",
        }
    }
}

impl Repo {
    /// Every registered worktree, the main one first.
    pub fn worktrees(&self) -> Result<Vec<Worktree>> {
        let printed = self.git().args(["worktree", "list", "--porcelain", "-z"]).stdout()?;
        let mut found: Vec<Worktree> = Vec::new();
        for field in printed.split(|b| *b == 0) {
            let (key, value) = match field.iter().position(|b| *b == b' ') {
                Some(at) => (&field[..at], &field[at + 1..]),
                None => (field, &field[..0]),
            };
            if key == b"worktree" {
                let main = found.is_empty();
                found.push(Worktree::new(PathBuf::from(OsString::from_vec(value.to_vec())), main));
            } else if let Some(worktree) = found.last_mut() {
                worktree.note(key, value);
            }
        }
        found.iter_mut().for_each(|worktree| self.look_into(worktree));
        Ok(found)
    }

    /// With `reftable` some of the marks are refs like others, and no files.
    fn operation_among_refs(&self, worktree: &Worktree) -> Option<Operation> {
        if !worktree.present || worktree.bare || !self.common_dir.join("reftable").is_dir() {
            return None;
        }
        let is_set = |name: &str| {
            let git = Git::at(&worktree.path).args(["rev-parse", "--verify", "--quiet", name]);
            git.line().is_ok_and(|id| id.is_some())
        };
        let marks = [("CHERRY_PICK_HEAD", Operation::CherryPick), ("REVERT_HEAD", Operation::Revert)];
        marks.into_iter().find(|(name, _)| is_set(name)).map(|(_, operation)| operation)
    }

    fn look_into(&self, worktree: &mut Worktree) {
        worktree.present = worktree.bare || worktree.path.symlink_metadata().is_ok();
        worktree.git_dir = match worktree.main {
            true => Some(self.common_dir.clone()),
            false => linked_git_dir(&worktree.path),
        };
        if let Some(git_dir) = &worktree.git_dir {
            worktree.operation = operation(git_dir).or_else(|| self.operation_among_refs(worktree));
            if worktree.branch.is_none() {
                worktree.branch = branch_in_operation(git_dir);
            }
        }
    }
}

impl Worktree {
    /// Whether `git worktree add` has not ended, or was ended before it was through: it holds this lock meanwhile.
    pub fn is_unfinished(&self) -> bool {
        self.locked.as_deref() == Some("initializing")
    }

    fn new(path: PathBuf, main: bool) -> Worktree {
        Worktree {
            path,
            head: None,
            branch: None,
            main,
            bare: false,
            locked: None,
            present: false,
            git_dir: None,
            operation: None,
        }
    }

    fn note(&mut self, key: &[u8], value: &[u8]) {
        match key {
            b"HEAD" => self.head = CommitId::from_hex(value).filter(|id| !id.raw().is_null()),
            b"branch" => self.branch = Some(String::from_utf8_lossy(value).into_owned()),
            b"bare" => self.bare = true,
            b"locked" => self.locked = Some(String::from_utf8_lossy(value).into_owned()),
            _ => {}
        }
    }
}

/// The Git folder of the worktree with this folder, as Git finds it from there; `None` where there is none.
pub(super) fn git_dir_of(worktree: &Path) -> Option<PathBuf> {
    let own = worktree.join(".git");
    if own.is_dir() { Some(own) } else { linked_git_dir(worktree) }
}

/// Reads the `.git` file of a linked worktree.
fn linked_git_dir(worktree: &Path) -> Option<PathBuf> {
    let content = fs::read(worktree.join(".git")).ok()?;
    let path = content.strip_prefix(b"gitdir: ")?.trim_ascii_end();
    let path = PathBuf::from(OsString::from_vec(path.to_vec()));
    Some(if path.is_absolute() { path } else { worktree.join(path) })
}

fn operation(git_dir: &Path) -> Option<Operation> {
    let marks = [
        ("rebase-merge", Operation::Rebase),
        ("rebase-apply", Operation::Rebase),
        ("MERGE_HEAD", Operation::Merge),
        ("CHERRY_PICK_HEAD", Operation::CherryPick),
        ("REVERT_HEAD", Operation::Revert),
        ("BISECT_LOG", Operation::Bisect),
    ];
    let marked = marks.into_iter().find(|(file, _)| git_dir.join(file).exists()).map(|(_, operation)| operation);
    marked.or_else(|| sequence(git_dir))
}

/// Of several picked or reverted commits some are still to come, while none is being worked on.
fn sequence(git_dir: &Path) -> Option<Operation> {
    let left = fs::read(git_dir.join("sequencer/todo")).ok()?;
    Some(if left.starts_with(b"revert") { Operation::Revert } else { Operation::CherryPick })
}

/// While a branch is rebased or bisected, HEAD is detached and these files hold its name.
fn branch_in_operation(git_dir: &Path) -> Option<String> {
    let files = ["rebase-merge/head-name", "rebase-apply/head-name", "BISECT_START"];
    let name = files.iter().find_map(|file| fs::read_to_string(git_dir.join(file)).ok())?;
    let name = name.trim_end();
    match name.starts_with("refs/heads/") {
        true => Some(name.to_owned()),
        false => (!name.is_empty() && name != "detached HEAD").then(|| format!("refs/heads/{name}")),
    }
}
