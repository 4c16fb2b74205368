//! What is odd about who owns what, as programs read it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is odd about who owns what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Lint {
    /// How many files of the target were looked at.
    pub files: usize,
    /// Patterns that match none of them.
    pub dead: Vec<LintPattern>,
    /// Patterns of different tracks that match the same files.
    pub overlaps: Vec<Overlap>,
    /// How many files nobody owns, by folder.
    pub unowned: Vec<Unowned>,
}

/// A pattern of `tracks.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LintPattern {
    /// The track it belongs to, where it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub track: Option<String>,
    /// Its text.
    pub pattern: String,
    /// Where it stands: `main:tracks.toml:12`.
    pub source: String,
}

/// Patterns of different tracks that match the same files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Overlap {
    /// The patterns.
    pub patterns: Vec<LintPattern>,
    /// One of the files.
    pub example: String,
    /// The bytes of that path in base64, where it is not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example_bytes: Option<String>,
    /// How many there are.
    pub files: usize,
}

/// Files that nobody owns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unowned {
    /// The folder at the root in which they lie; `null` for the root itself.
    pub folder: Option<String>,
    /// The bytes of that path in base64, where it is not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder_bytes: Option<String>,
    /// How many there are.
    pub files: usize,
}
