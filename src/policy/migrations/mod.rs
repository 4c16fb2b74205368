//! Migrations: what is known of the frameworks, and how a name is read. Opens no file.

pub mod graph;
pub mod migration;
pub mod naming;
pub mod numbering;
pub mod preset;
pub mod python;
pub mod reparent;
pub mod version;
