//! A track as it stands: what was declared, joined with what the repository holds.

use std::path::PathBuf;

use super::{BranchName, CommitId, TrackId};

/// Where a track's work is to be found, and who does it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Track {
    /// Its id.
    pub id: TrackId,
    /// Its branch, by the naming template or adopted.
    pub branch: BranchName,
    /// Its worktree, absolute: where it is registered, else where the naming template puts it.
    pub worktree: PathBuf,
    /// The tip of the branch; `None` when there is no such branch yet.
    pub tip: Option<CommitId>,
    /// How the worktree stands.
    pub checkout: Checkout,
}

/// How the worktree of a track stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checkout {
    /// The folder is there and the branch is checked out in it (or is being rebased in it).
    Present,
    /// No worktree has this branch: only its committed work counts.
    None,
    /// A worktree is registered and its folder is gone.
    Missing,
    /// Its making has not ended, or was interrupted: what is in it says nothing about the track.
    Unfinished,
    /// The worktree is there and cannot be used; the reason is the end of a sentence.
    Unusable(String),
}
