//! What was said of a track, as programs read it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One thing that was said of a track.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Note {
    /// The commit that keeps it.
    pub id: String,
    /// Of which track.
    pub track: String,
    /// To what end: `ready`, `blocked`, `unblocked`, `decision`, or `note` for what is only to be read.
    pub kind: String,
    /// When (RFC 3339, UTC).
    pub time: Option<String>,
    /// Who said it.
    pub author: String,
    /// For `ready`: the commit as of which the track is ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// For `blocked` and `unblocked`: by what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Obstacle>,
    /// For `decision`: what was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<String>,
    /// What else was said, lines included; may be empty.
    pub text: String,
    /// For `ready` and `blocked`: whether that stands. Readiness lapses when the track moves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stands: Option<bool>,
}

/// What stands in the way of a track.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Obstacle {
    /// `track`, `contract`, or `note` for what was said in words.
    pub kind: String,
    /// Which one, or the words.
    pub id: String,
}
