//! The program as people use it: whole output compared, one file per command.

mod support;

mod add;
mod check;
mod deinit;
mod demo;
mod explain;
mod hooks;
mod init;
mod list;
mod man;
mod matrix;
mod owner;
mod path;
mod project;
mod prune;
mod remove;
mod report;
mod schema;
mod setup;
mod snapshots;
mod sync;
