//! `tracks.toml`: its shape, how it is read and checked, which copy binds, and how it is edited.

pub mod model;

pub use model::Config;
