//! Runs many lines of work in parallel on one Git repository and says, before anyone opens a pull request, who will
//! collide with whom, on which lines, who left their ground, and in which order to land.
//!
//! The rooms, from the top; an import may only go down this list (`tests/architecture.rs` holds it):
//! `commands` → `report` → `engine` → `policy` → `git` → `host` → `model`.

pub mod commands;
pub mod engine;
pub mod git;
pub mod host;
pub mod model;
pub mod policy;
pub mod report;
