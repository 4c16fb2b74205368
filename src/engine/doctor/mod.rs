//! What is wrong with a repository and its worktrees, each with its cure; and what can be put right without losing
//! anything. Looks first at what stops Git itself, and goes on as far as Git does.

mod configured;
mod contents;
mod firing;
mod leftovers;
mod links;
mod places;
mod remedy;

use anyhow::Result;

use super::project::Project;
use crate::git::{Repo, locks};
use crate::model::Severity;

pub use remedy::{Remedy, Standing};

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ailment {
    /// How much it matters.
    pub severity: Severity,
    /// What is concerned: `worktree worktrees/a`.
    pub subject: String,
    /// What is wrong with it, as the end of a sentence that begins with the subject.
    pub detail: String,
    /// What to do about it.
    pub cure: Option<String>,
    /// How it is put right without losing anything, where it can be.
    pub remedy: Option<Remedy>,
}

impl Ailment {
    fn new(severity: Severity, subject: impl Into<String>, detail: impl Into<String>) -> Ailment {
        Ailment { severity, subject: subject.into(), detail: detail.into(), cure: None, remedy: None }
    }

    fn cure(mut self, cure: impl Into<String>) -> Ailment {
        self.cure = Some(cure.into());
        self
    }

    fn remedy(mut self, remedy: Remedy) -> Ailment {
        self.remedy = Some(remedy);
        self
    }
}

/// Looks at everything. What stops Git comes alone: nothing else can be said before it is cured.
pub fn look(repo: &Repo) -> Result<Vec<Ailment>> {
    let cut_off = links::cut_off(repo);
    if !cut_off.is_empty() {
        return Ok(cut_off);
    }
    let mut found: Vec<Ailment> = locks::all(repo).iter().map(|lock| locked(repo, lock)).collect();
    found.extend(configured::look(repo)?);
    found.extend(contents::elsewhere(repo));
    found.extend(leftovers::look(repo)?);
    match Project::survey(repo) {
        Ok(project) => {
            found.extend(links::look(&project));
            found.extend(places::look(&project)?);
            found.extend(contents::look(&project)?);
            found.extend(firing::look(repo)?);
        }
        Err(error) => {
            let failure = error.downcast_ref::<crate::model::Failure>();
            let hint = failure.and_then(|failure| failure.hints.first().cloned());
            // What is wrong in a file of configuration is shown with the lines around it.
            let told = format!("{error:#}");
            let first = told.lines().next().unwrap_or_default();
            let ailment = Ailment::new(Severity::Error, "project", format!("cannot be read: {first}"));
            found.push(ailment.cure(hint.unwrap_or_else(|| "see where: `tracks list`".into())));
        }
    }
    found.sort_by_key(|ailment| ailment.severity);
    Ok(found)
}

/// A lock file of Git's: whoever holds it may be at work, so it is named and left alone.
fn locked(repo: &Repo, lock: &locks::Found) -> Ailment {
    let shown = lock.path.strip_prefix(&repo.common_dir).unwrap_or(&lock.path);
    let shown = crate::model::text::escaped(shown.as_os_str().as_encoded_bytes());
    let detail = format!("is there, {} s old, of user {}: what it is about cannot be written", lock.age, lock.user);
    // A commit holds one for as long as somebody writes its message.
    let severity = if lock.age < 60 { Severity::Info } else { Severity::Warning };
    let remove =
        format!("wait for that git to end; if none runs any more: `rm {}`", super::worktrees::typed(&lock.path));
    Ailment::new(severity, format!("lock {shown}"), detail).cure(remove)
}
