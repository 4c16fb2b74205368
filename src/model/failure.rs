//! What a command says when it cannot do what was asked, and with which exit status.

use std::fmt;

/// Why a command stops; the kind decides the exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Wrong use or configuration, and everything that is refused: exit status 2.
    Usage,
    /// Something that was asked for did not run at all: exit status 3.
    NotRun,
}

impl Kind {
    /// The exit status of the process.
    pub fn exit_status(self) -> u8 {
        match self {
            Kind::Usage => 2,
            Kind::NotRun => 3,
        }
    }
}

/// A failure as users see it: one sentence, its causes, and what to do. Carried inside `anyhow::Error`.
#[derive(Debug)]
pub struct Failure {
    /// Decides the exit status.
    pub kind: Kind,
    /// What went wrong: lower case, names in backticks, no full stop. May hold several lines (a configuration error
    /// with its excerpt).
    pub message: String,
    /// What to do about it: each a command to run or a short sentence.
    pub hints: Vec<String>,
}

impl Failure {
    /// A refusal: wrong use, wrong configuration, or a state of the repository in which nothing can be done.
    pub fn usage(message: impl Into<String>) -> Self {
        Failure { kind: Kind::Usage, message: message.into(), hints: Vec::new() }
    }

    /// Something that was asked for did not run.
    pub fn not_run(message: impl Into<String>) -> Self {
        Failure { kind: Kind::NotRun, message: message.into(), hints: Vec::new() }
    }

    /// Adds what to do about it.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

/// A signal asked us to end while somebody's command ran; carried inside `anyhow::Error`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interrupted(pub i32);

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("interrupted")
    }
}

impl std::error::Error for Interrupted {}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}
