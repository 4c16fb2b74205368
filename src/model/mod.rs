//! The nouns that every other room speaks in: plain values, checked when they are made, with no way to reach outside.

pub mod change;
pub mod conflict;
pub mod failure;
pub mod finding;
pub mod hash;
pub mod id;
pub mod name;
pub mod note;
pub mod path;
pub mod text;
pub mod track;

pub use change::{Change, Entry, Mode};
pub use conflict::{Conflict, ConflictKind, Hunk, LineRange, Meeting, Origin, PairVerdict, Verdict};
pub use failure::{Failure, Interrupted, Kind as FailureKind};
pub use finding::{Finding, Rule, Severity};
pub use id::{BlobId, CommitId, TreeId, Treeish};
pub use name::{BranchName, TrackId};
pub use note::{Note, NoteKind, Obstacle, WrittenNote};
pub use path::RepoPath;
pub use track::{Checkout, Track};
