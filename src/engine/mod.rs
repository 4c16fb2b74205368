//! What `tracks` does: decisions of `policy` applied to what `git` and `host` can reach.

pub mod collisions;
pub mod ground;
pub mod landed;
pub mod order;
pub mod outcome;
pub mod own_changes;
pub mod premerge;
pub mod project;
pub mod pull_request;
pub mod sides;
pub mod snapshot;
pub mod staged;
pub mod sync;
