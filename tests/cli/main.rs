//! The program as people use it: whole output compared, one file per command; and the merges below it, held against Git.

mod support;

mod add;
mod causes;
mod check;
mod checkpoint;
mod checkpoint_random;
mod crash;
mod deinit;
mod demo;
mod doctor;
mod explain;
mod history;
mod hooks;
mod hooks_around;
mod hooks_events;
mod hooks_ground;
mod hooks_managers;
#[cfg(feature = "hook-managers")]
mod hooks_real;
mod init;
mod init_trouble;
mod integration;
mod keep;
mod land;
mod landings;
mod list;
mod man;
mod matrix;
mod matrix_pairs;
mod meet;
mod memory;
#[allow(dead_code, reason = "`examples/proof.rs` uses the rest")]
mod merges;
mod migration;
mod odd_repositories;
mod odd_trees;
mod old_git;
mod order;
mod owner;
mod path;
mod progress;
mod project;
mod prune;
mod real_merges;
mod remove;
mod report;
mod rules;
mod scenarios;
mod schema;
mod settings;
mod setup;
mod snapshots;
mod sync;
mod sync_trouble;
mod undo;
