//! The only door to Git: gitoxide's parts for reading objects, one file that starts the `git` program for the rest.

pub mod admin;
pub mod attributes;
pub mod blobs;
pub mod build_tree;
pub mod checkout;
pub mod follow;
pub mod graph;
pub mod heads;
pub mod hooks;
pub mod index;
pub mod keep;
pub mod locks;
pub mod merge_tree;
pub mod objects;
pub mod pack;
pub mod program;
pub mod quote;
pub mod refs;
pub mod repo;
pub mod scratch;
pub mod settings;
pub mod staged;
pub mod status;
pub mod tree;
pub mod trees;
pub mod worktree;

pub use build_tree::BuildTree;
pub use checkout::Checkout;
pub use graph::Graph;
pub use objects::Objects;
pub use program::Git;
pub use repo::Repo;
pub use scratch::Scratch;
pub use settings::Settings;
pub use trees::Trees;
