//! What `tracks` does: decisions of `policy` applied to what `git` and `host` can reach.

pub mod hooks;
pub mod landed;
pub mod outcome;
pub mod project;
pub mod setup;
pub mod worktrees;
