//! What is allowed: configuration, names, ownership and rules. Pure: values in, values out; nothing here reads a file,
//! starts a process or asks Git.

pub mod codeowners;
pub mod config;
pub mod contracts;
pub mod gates;
pub mod migrations;
pub mod naming;
pub mod notes;
pub mod ownership;
pub mod regenerate;
pub mod rules;
pub mod schedule;
pub mod sql;
pub mod trust;
