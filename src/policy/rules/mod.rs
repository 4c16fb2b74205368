//! The rules, one file each: every rule is a pure function of what a track changed, what the target and the other
//! tracks hold, and the configuration.

use crate::model::{BlobId, Change, Entry, RepoPath, TrackId};

/// One of a track's own changes, and what the target's tip has at that path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnChange {
    /// The path, what the fork point had there, and what the track has there now.
    pub change: Change,
    /// What the target's tip has there.
    pub on_target: Option<Entry>,
    /// Whether the path differs from the track's last commit.
    pub uncommitted: bool,
}

/// What one track changed itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// Which track.
    pub track: TrackId,
    /// Its own changes, ordered by path.
    pub changes: Vec<OwnChange>,
}

/// A migration file that exists somewhere: on the target, or in a track that added it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationFile {
    /// The track that has it and not the target; `None` for the target's own.
    pub track: Option<TrackId>,
    /// Where it lies.
    pub path: RepoPath,
}

/// Access to file contents for rules that look inside.
pub trait Blobs {
    /// The size in bytes of a blob; `None` when it cannot be read.
    fn size(&self, id: BlobId) -> Option<u64>;
    /// The content of a blob; `None` when it cannot be read, or is larger than 8 MiB.
    fn content(&self, id: BlobId) -> Option<Vec<u8>>;
}
