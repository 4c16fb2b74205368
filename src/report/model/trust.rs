//! Which commands of `tracks.toml` may run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The commands of a repository, and whether this user approved them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Trust {
    /// The copy of `tracks.toml` that they stand in.
    pub origin: String,
    /// Their hash, for `--trust` and `TRACKS_TRUST`.
    pub hash: String,
    /// Whether they may run.
    pub approved: bool,
    /// The commands.
    pub commands: Vec<Command>,
    /// Those that were approved before and are there no more.
    pub gone: Vec<Command>,
}

/// One command of `tracks.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Command {
    /// Where it stands, which decides when it runs.
    pub place: String,
    /// What a shell is given, to the letter.
    pub text: String,
    /// Whether it was not approved before.
    pub new: bool,
}

/// What a user approved for one repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Approval {
    /// The Git folder of the repository.
    pub repository: String,
    /// The hash of what was approved.
    pub hash: String,
    /// How many commands that are.
    pub commands: usize,
    /// Whether that folder is there.
    pub present: bool,
}
