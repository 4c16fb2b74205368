//! One thing that somebody should act on, as programs read it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Lines;

/// One thing that somebody should act on; there is one for each rule, path and set of tracks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Which rule was broken.
    pub rule: String,
    /// How much it matters.
    pub severity: Severity,
    /// Whom it concerns; the first must act first. Empty where it concerns the target alone.
    pub tracks: Vec<String>,
    /// The file, where there is one.
    pub path: Option<String>,
    /// The bytes of the path in base64, where it is not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_bytes: Option<String>,
    /// Lines of that file as the first track has it.
    pub lines: Vec<Lines>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub cure: String,
    /// The same for one rule, path and set of tracks, in every run and on every machine: 16 hexadecimal digits.
    pub fingerprint: String,
    /// When it was first reported (RFC 3339, UTC).
    pub first_seen: String,
    /// Whether it is new.
    pub state: FindingState,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It must be dealt with before landing.
    Error,
    /// Somebody should look.
    Warn,
    /// Good to know.
    Info,
}

impl From<crate::model::Severity> for Severity {
    fn from(severity: crate::model::Severity) -> Severity {
        match severity {
            crate::model::Severity::Error => Severity::Error,
            crate::model::Severity::Warning => Severity::Warn,
            crate::model::Severity::Info => Severity::Info,
        }
    }
}

impl Severity {
    /// The name, as it is written.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warn => "warn",
            Severity::Info => "info",
        }
    }

    /// The noun for counting: `2 errors`.
    pub fn noun(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warn => "warning",
            Severity::Info => "note",
        }
    }
}

/// Whether a finding was known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FindingState {
    /// Not in the result before.
    New,
    /// In the result before as well.
    Open,
    /// Accepted for a time by a waiver on the target.
    Waived,
}
