//! What `tracks` does: decisions of `policy` applied to what `git` and `host` can reach.

pub mod landed;
pub mod outcome;
pub mod own_changes;
pub mod premerge;
pub mod project;
pub mod snapshot;
