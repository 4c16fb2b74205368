//! The verbs: clap and the story of each command; nothing else knows clap.

use std::ffi::OsString;
use std::process::ExitCode;

/// Runs the program with `args`, the first being its own name, and gives the exit status.
pub fn main(args: impl Iterator<Item = OsString>) -> ExitCode {
    drop(args);
    ExitCode::SUCCESS
}
