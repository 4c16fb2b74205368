//! What `tracks` does: decisions of `policy` applied to what `git` and `host` can reach.

pub mod checkpoint;
pub mod collisions;
pub mod demo;
pub mod doctor;
pub mod given;
pub mod ground;
pub mod hooks;
pub mod journal;
pub mod landed;
pub mod landing;
pub mod migrations;
pub mod order;
pub mod outcome;
pub mod own_changes;
pub mod owning;
pub mod premerge;
pub mod progress;
pub mod project;
pub mod pull_request;
pub mod setup;
pub mod sides;
pub mod snapshot;
pub mod staged;
pub mod sync;
pub mod undo;
pub mod worktrees;
