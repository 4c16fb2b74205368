//! The program as people use it: whole output compared, one file per command.

mod support;

mod add;
mod deinit;
mod history;
mod hooks;
mod init;
mod integration;
#[allow(dead_code, reason = "`examples/proof.rs` uses the rest")]
mod merges;
mod odd_trees;
mod path;
mod project;
mod prune;
mod remove;
mod scenarios;
mod setup;
