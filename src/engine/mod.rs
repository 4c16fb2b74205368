//! What `tracks` does: decisions of `policy` applied to what `git` and `host` can reach.

pub mod outcome;
pub mod project;
