//! Worktrees made and removed: what will be written is fixed and checked as a plan before anything is.

pub mod away;
mod checks;
pub mod create;
pub mod declare;
pub mod exclude;
pub mod judge;
pub mod leave;
pub mod plan;
pub mod prune;
pub mod remove;

use std::path::Path;

use super::project::Project;
use crate::host::files;
use crate::model::text::escaped;

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

/// A path as somebody would type it into a shell where this runs: short where it lies below, quoted where it must be.
pub fn typed(path: &Path) -> String {
    let here = files::current_folder();
    let below = here.as_deref().and_then(|here| path.strip_prefix(here).ok());
    let path = match below {
        Some(below) if below.as_os_str().is_empty() => Path::new("."),
        Some(below) => below,
        None => path,
    };
    word(&escaped(path.as_os_str().as_encoded_bytes()))
}

/// A word for a POSIX shell.
pub fn word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+=:@%,".contains(c);
    match !text.is_empty() && text.chars().all(plain) && !text.starts_with('-') {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::word;

    #[test]
    fn words_survive_a_shell() {
        let table =
            [("a/b-1", "a/b-1"), ("my shop", "'my shop'"), ("it's", r"'it'\''s'"), ("$(x)", "'$(x)'"), ("", "''")];
        for (text, expected) in table {
            assert_eq!(word(text), expected);
        }
    }
}
