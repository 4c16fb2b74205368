//! One thing somebody should act on, and how much it matters.

use std::borrow::Cow;
use std::fmt;

use super::{LineRange, RepoPath, TrackId};

/// How much a finding matters, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Must be cured before landing; the exit status says so.
    Error,
    /// Should be looked at.
    Warning,
    /// Worth knowing.
    Info,
}

impl Severity {
    /// The name in reports and configuration: `error`, `warn`, `info`.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warn",
            Severity::Info => "info",
        }
    }
}

/// A rule's id, such as `ownership.foreign`. Ids are fixed, `pattern.<name>` apart, which users name themselves.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rule(pub Cow<'static, str>);

impl Rule {
    /// A rule with a fixed id.
    pub const fn fixed(id: &'static str) -> Self {
        Rule(Cow::Borrowed(id))
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// One thing somebody should act on; there is one for each rule, path and set of tracks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which rule was broken.
    pub rule: Rule,
    /// How much it matters here.
    pub severity: Severity,
    /// Whom it concerns; the first must act first. Empty where it concerns the target alone.
    pub tracks: Vec<TrackId>,
    /// The file, where there is one.
    pub path: Option<RepoPath>,
    /// Lines of that file as the first track has it.
    pub lines: Vec<LineRange>,
    /// What is wrong: a lower-case sentence without a full stop.
    pub message: String,
    /// What to do about it; a command where there is one.
    pub cure: String,
}
