//! Worktrees made and removed: what will be written is fixed and checked as a plan before anything is.

mod checks;
mod create;
pub mod declare;
pub mod exclude;
pub mod judge;
pub mod leave;
pub mod plan;
pub mod prune;
pub mod remove;

use std::path::Path;

use super::project::Project;

pub use plan::{Plan, Start};

/// One thing that will be done, or was: for people, in the words of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The verb: `create`, `copy`, `keep`.
    pub action: &'static str,
    /// What is done to: `branch feature/a`.
    pub subject: String,
    /// Where from, where to, why.
    pub detail: Option<String>,
}

impl Step {
    /// A step with nothing more to say.
    pub fn new(action: &'static str, subject: impl Into<String>) -> Step {
        Step { action, subject: subject.into(), detail: None }
    }

    /// Adds what else there is to know.
    pub fn detail(mut self, detail: impl Into<String>) -> Step {
        self.detail = Some(detail.into());
        self
    }
}

/// A folder as people name it: from the main worktree where it lies in it, else as it is.
pub fn shown(project: &Project, path: &Path) -> String {
    let main = project.main_worktree.as_deref();
    let below = main.and_then(|main| path.strip_prefix(main).ok()).filter(|below| !below.as_os_str().is_empty());
    below.unwrap_or(path).to_string_lossy().into_owned()
}
