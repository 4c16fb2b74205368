//! What is wrong with a repository and its worktrees.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Severity;

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ailment {
    /// How much it matters.
    pub severity: Severity,
    /// What is concerned: `worktree worktrees/a`.
    pub subject: String,
    /// What is wrong with it, as the end of a sentence that begins with the subject.
    pub detail: String,
    /// What to do about it.
    pub cure: Option<String>,
    /// Whether it is still there.
    pub state: AilmentState,
}

/// Whether something that is wrong is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AilmentState {
    /// It is, and somebody has to look.
    Open,
    /// It is, and can be put right without losing anything.
    Curable,
    /// It was put right.
    Cured,
}
