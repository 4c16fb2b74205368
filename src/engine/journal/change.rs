//! What a command changes, in the form in which records and the log keep it: JSON, with ids and bytes as text.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::form;
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
    /// A file of ours was written or removed.
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

impl Change {
    /// The same without what only a record needs.
    pub(super) fn without_bytes(&self) -> Change {
        let bare = |content: &Option<Content>| content.as_ref().map(|c| Content { bytes: None, ..c.clone() });
        match self {
            Change::File { path, before, after } => {
                Change::File { path: path.clone(), before: bare(before), after: bare(after) }
            }
            other => other.clone(),
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
