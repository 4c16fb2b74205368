//! What a command changes, in the form in which records and the log keep it: JSON, with ids and bytes as text.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::form;
use crate::engine::project::Project;
use crate::git::worktree::Worktree;
use crate::model::CommitId;

/// One change, with what was there before and what is there after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Change {
    /// A ref was made, moved or deleted.
    Ref {
        /// Its full name.
        name: String,
        /// What it led to; `None` where it was not there.
        #[serde(with = "form::id")]
        before: Option<CommitId>,
        /// What it leads to.
        #[serde(with = "form::id")]
        after: Option<CommitId>,
    },
    /// A branch was moved, and the files of the worktree that has it checked out with it.
    Moved(Moved),
    /// What the index of a worktree holds at a path was changed.
    Staged(Staged),
    /// A file was written or removed: one of ours, or one that somebody asked for.
    File {
        /// Which one.
        #[serde(with = "form::path")]
        path: PathBuf,
        /// What it held; `None` where it was not there.
        before: Option<Content>,
        /// What it holds.
        after: Option<Content>,
    },
    /// A worktree was made.
    Made(Made),
    /// A worktree was removed.
    Removed(Removed),
    /// A checkpoint was taken.
    Checkpoint {
        /// Its name, such as `a@20241001T120000Z`.
        name: String,
        /// Its commit.
        #[serde(with = "form::id")]
        commit: Option<CommitId>,
    },
    /// A checkpoint was brought back into the worktree of its track.
    Restored {
        /// Which one.
        name: String,
        /// The checkpoint of what was there.
        before: String,
        /// Which paths of it; none means all of it, index and branch included.
        #[serde(default, with = "form::paths", skip_serializing_if = "Vec::is_empty")]
        paths: Vec<PathBuf>,
    },
}

/// A branch that was moved where it is checked out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// Its full name.
    pub name: String,
    /// Where it was.
    #[serde(with = "form::commit")]
    pub before: CommitId,
    /// Where it is.
    #[serde(with = "form::commit")]
    pub after: CommitId,
    /// The worktree.
    #[serde(with = "form::path")]
    pub worktree: PathBuf,
    /// The Git folder behind it.
    #[serde(with = "form::path")]
    pub git_dir: PathBuf,
    /// Whether Git was about to move it: before that, nothing there is of ours.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub begun: bool,
}

/// A row of an index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staged {
    /// The worktree.
    #[serde(with = "form::path")]
    pub worktree: PathBuf,
    /// The Git folder behind it.
    #[serde(with = "form::path")]
    pub git_dir: PathBuf,
    /// The path from its top.
    #[serde(with = "form::path")]
    pub path: PathBuf,
    /// What was there before: `<mode> <id>`; `None` where nothing was.
    pub before: Option<String>,
    /// What is there after it.
    pub after: Option<String>,
}

/// A worktree that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// The track it is for.
    pub track: String,
    /// Its folder.
    #[serde(with = "form::path")]
    pub path: PathBuf,
    /// Its branch, without `refs/heads/`.
    pub branch: String,
    /// The commit that it began with.
    #[serde(with = "form::id")]
    pub commit: Option<CommitId>,
    /// What was copied into it from the main worktree: paths from its top.
    #[serde(default, with = "form::paths", skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<PathBuf>,
    /// Where that came from.
    #[serde(with = "form::path")]
    pub from: PathBuf,
    /// How far it is.
    pub state: Making,
}

/// How far the making of a worktree is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Making {
    /// Not begun: what is in its place is somebody else's.
    Planned,
    /// Begun.
    Begun,
    /// Made to the end.
    Whole,
}

/// A worktree that was removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removed {
    /// The track it was of, or what its checkpoint is called by.
    pub track: String,
    /// Its folder.
    #[serde(with = "form::path")]
    pub path: PathBuf,
    /// The branch that was checked out, without `refs/heads/`; `None` for a commit on none.
    pub branch: Option<String>,
    /// What was checked out.
    #[serde(with = "form::id")]
    pub commit: Option<CommitId>,
    /// The Git folder behind it.
    #[serde(with = "form::path")]
    pub git_dir: PathBuf,
    /// Where it is put before it is deleted.
    #[serde(with = "form::path")]
    pub trash: PathBuf,
    /// The checkpoint that holds it.
    pub checkpoint: String,
    /// Ignored files and folders in it, as they were judged.
    #[serde(default, with = "form::paths", skip_serializing_if = "Vec::is_empty")]
    pub ignored: Vec<PathBuf>,
    /// Where ignored files are kept; `None` where none are.
    pub kept: Option<Kept>,
}

/// Ignored files that outlive their worktree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The folder that they are moved to.
    #[serde(with = "form::path")]
    pub folder: PathBuf,
    /// Files and folders, by their paths in the worktree.
    #[serde(with = "form::paths")]
    pub paths: Vec<PathBuf>,
}

/// What a file holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// The id that Git would give it.
    pub id: String,
    /// Its permissions.
    pub mode: u32,
    /// The bytes, in a record; the log goes without.
    #[serde(default, with = "form::bytes", skip_serializing_if = "Option::is_none")]
    pub bytes: Option<Vec<u8>>,
}

impl Staged {
    /// The same the other way round.
    pub fn reversed(&self) -> Staged {
        Staged { before: self.after.clone(), after: self.before.clone(), ..self.clone() }
    }
}

impl Change {
    /// The same without what only a record needs.
    pub(super) fn without_bytes(&self) -> Change {
        let bare = |content: &Option<Content>| content.as_ref().map(|c| Content { bytes: None, ..c.clone() });
        match self {
            Change::File { path, before, after } => {
                Change::File { path: path.clone(), before: bare(before), after: bare(after) }
            }
            Change::Moved(moved) => Change::Moved(Moved { begun: false, ..moved.clone() }),
            other => other.clone(),
        }
    }

    /// Of a branch that moves from a commit to another: where it is checked out its files follow.
    pub fn moved(project: &Project, name: &str, (before, after): (CommitId, CommitId)) -> Change {
        let holds = |worktree: &&Worktree| !worktree.bare && worktree.branch.as_deref() == Some(name);
        let found = project.worktrees.iter().find(holds);
        match found.and_then(|worktree| Some((worktree, worktree.git_dir.clone()?))) {
            Some((worktree, git_dir)) => {
                let (name, worktree) = (name.to_owned(), worktree.path.clone());
                Change::Moved(Moved { name, before, after, worktree, git_dir, begun: false })
            }
            None => Change::Ref { name: name.to_owned(), before: Some(before), after: Some(after) },
        }
    }

    /// The ref that it is about.
    pub fn reference(&self) -> Option<&str> {
        match self {
            Change::Ref { name, .. } | Change::Moved(Moved { name, .. }) => Some(name),
            _ => None,
        }
    }

    /// Whether `tracks undo` reverts such a change. A checkpoint that was taken stays.
    pub fn can_be_undone(&self) -> bool {
        match self {
            Change::Checkpoint { .. } => false,
            Change::Ref { name, .. } => !name.starts_with("refs/tracks/integration/"),
            _ => true,
        }
    }
}
