//! What `tracks` changed, as programs read it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One command that changed something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// Counted from 1; `tracks undo --of` takes it. 0 for what changed nothing.
    pub number: u64,
    /// When.
    pub time: String,
    /// The version of tracks.
    pub version: String,
    /// Who: what `TRACKS_ID` said, else the name that Git had for the user.
    pub actor: String,
    /// The command.
    pub command: String,
    /// What it changed, in order.
    pub changes: Vec<EventChange>,
    /// The events that it reverted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undoes: Vec<u64>,
    /// Whether it is reverted.
    pub undone: bool,
}

/// One thing that was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EventChange {
    /// What it is: `ref`, `file`, `worktree`, `checkpoint`, or `restored` for a track that a checkpoint was brought back
    /// into.
    pub kind: String,
    /// Which one.
    pub subject: String,
    /// What it was: a commit, the id of a file's content, or a checkpoint; `null` where it was not there.
    pub before: Option<String>,
    /// What it is since; `null` where it is gone.
    pub after: Option<String>,
    /// The folder in which ignored files of a removed worktree are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<String>,
}
