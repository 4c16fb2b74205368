//! A migration of the target or of a track, as programs read it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One file of a migration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Migration {
    /// Its version, as written.
    pub version: String,
    /// The track that brings it; `null` on the target.
    pub track: Option<String>,
    /// The file.
    pub path: String,
    /// The bytes of the path in base64, where it is not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_bytes: Option<String>,
    /// Whether it is not committed as it is now.
    pub uncommitted: bool,
    /// The rules it breaks, where its track must act.
    pub rules: Vec<String>,
}
