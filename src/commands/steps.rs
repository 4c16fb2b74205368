//! What the commands that write have in common: how they say what was done, or would be, and what comes next.

use anyhow::Result;

use super::Ending;
use super::session::Session;
use crate::engine::project::{FILE, Project};
use crate::engine::worktrees::{Step, typed};
use crate::model::Failure;
use crate::report::model::Step as Shown;
use crate::report::{Details, Report};

/// Whether steps were done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// They were.
    Done,
    /// They would be: nothing was written.
    Planned,
}

impl Mode {
    /// As the option `--dry-run` says.
    pub fn of(dry_run: bool) -> Mode {
        if dry_run { Mode::Planned } else { Mode::Done }
    }
}

/// Prints the steps of `command`.
pub fn answer(session: &Session, command: &str, steps: Vec<Step>, mode: Mode) -> Result<Ending> {
    session.print(&report(command, steps, mode), &Details::default())?;
    Ok(Ending::Clean)
}

/// The steps of `command` as a report.
pub fn report(command: &str, steps: Vec<Step>, mode: Mode) -> Report {
    let shown = |step: Step| Shown {
        action: step.action.to_owned(),
        subject: step.subject,
        detail: step.detail,
        // What stays is no deed: it stays whether anything is written or not.
        done: mode == Mode::Done,
    };
    Report { steps: Some(steps.into_iter().map(shown).collect()), ..Report::new(command) }
}

/// Says which command comes next.
pub fn next(session: &Session, command: &str) {
    session.terminal.narrate(&format!("next: {command}"));
}

/// The command that commits `tracks.toml` in the main worktree.
pub fn commit(project: &Project, message: &str) -> String {
    let main = project.main_worktree.as_deref().map(typed).filter(|main| main != ".");
    let git = main.map_or("git".to_owned(), |main| format!("git -C {main}"));
    format!("{git} add {FILE} && {git} commit -m '{message}'")
}

/// Says why something was left out, and what to do about it.
pub fn warn(session: &Session, what: &str, error: &anyhow::Error) {
    session.terminal.narrate(&format!("tracks: {what}: {error:#}"));
    for hint in error.downcast_ref::<Failure>().map_or(&[][..], |failure| &failure.hints) {
        session.terminal.narrate(&format!("  hint: {hint}"));
    }
}
