//! Checkpoints, and what they hold.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A track as it was saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Checkpoint {
    /// Its name, which stays: `a@20241001T120000Z`.
    pub name: String,
    /// Its name as long as no other is made: `a@1` is the newest of `a`.
    pub short: String,
    /// Of which track.
    pub track: String,
    /// When it was taken.
    pub time: String,
    /// The ref that keeps it.
    #[serde(rename = "ref")]
    pub reference: String,
    /// Its commit.
    pub commit: String,
    /// What somebody said about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The branch of the track.
    pub branch: String,
    /// The commit that was checked out; `null` before the first one.
    pub tip: Option<String>,
    /// What Git was in the middle of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// How many files and links it holds.
    pub files: usize,
    /// How many of them differed from the tip, were untracked, or were gone.
    pub uncommitted: usize,
    /// What is not in it, or not for certain: sentences that begin with a path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
    /// The command that brings it back.
    pub restore: String,
}

/// A path of a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckpointPath {
    /// The path.
    pub path: String,
    /// Its bytes in base64, where it is not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_bytes: Option<String>,
    /// What it is (`file`, `link`, `folder`, `gone`), or how it differs (`added`, `deleted`, `changed`, `mode`, `kind`).
    pub state: String,
    /// The object that holds its content in the checkpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Its permissions in the checkpoint, in octal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
}
