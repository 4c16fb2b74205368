//! The commands of `[setup]` in worktrees that were just made: run where somebody approved them, else named.

use anyhow::Result;

use super::session::Session;
use super::{Ending, steps};
use crate::engine::project::Project;
use crate::engine::trust::{Approved, Standing, Trust};
use crate::engine::worktrees::plan::New;
use crate::engine::worktrees::{Plan, shown, word};
use crate::host::process::{End, Ran};
use crate::model::Failure;
use crate::model::text::escaped;
use crate::policy::trust::Place;

/// Says what the new worktrees of `plan` were not given, and runs the commands. One that fails leaves its worktree as it
/// is, and the others get theirs.
pub fn run(session: &Session, project: &Project, plan: &Plan) -> Result<Ending> {
    for (name, why) in &plan.setup.skipped {
        let name = escaped(name.as_bytes());
        session.terminal.narrate(&format!("tracks: `[setup]` names `{name}`, which {why}"));
    }
    if plan.setup.commands.is_empty() || plan.worktrees.is_empty() {
        return Ok(Ending::Clean);
    }
    match Trust::of(project).and_then(|trust| trust.standing(&session.trust)) {
        Ok(Standing::Approved(approved)) => in_all(session, project, plan, &approved),
        Ok(Standing::Asked(_)) => {
            not_run(session, &plan.setup.commands);
            Ok(Ending::Clean)
        }
        // The worktrees are made by now: this is no refusal.
        Err(error) => {
            steps::warn(session, "whether `[setup]` may run is not known", &error);
            not_run(session, &plan.setup.commands);
            Ok(Ending::NotRun)
        }
    }
}

fn in_all(session: &Session, project: &Project, plan: &Plan, approved: &Approved) -> Result<Ending> {
    let mut ending = Ending::Clean;
    for new in &plan.worktrees {
        match in_one(session, project, new, approved)? {
            Ending::Clean => {}
            Ending::Interrupted(signal) => return Ok(Ending::Interrupted(signal)),
            other => ending = other,
        }
    }
    Ok(ending)
}

fn not_run(session: &Session, commands: &[String]) {
    session.terminal.narrate("tracks: these commands of `[setup]` were not run; run them in each new worktree:");
    commands.iter().for_each(|command| session.terminal.narrate(&format!("  {}", escaped(command.as_bytes()))));
    session.terminal.narrate("  hint: `tracks trust` lets them run in those that come");
}

/// Runs them in order in one worktree, as far as they end well.
fn in_one(session: &Session, project: &Project, new: &New, approved: &Approved) -> Result<Ending> {
    let track = project.track(new.track.as_str())?;
    let folder = shown(project, &new.path);
    for text in &project.config.setup.run {
        let command = escaped(text.as_bytes());
        let permit = approved.permit(&Place::Setup, text);
        let permit = permit.ok_or_else(|| Failure::not_run(format!("`{command}` is not what was approved")))?;
        session.terminal.narrate(&format!("tracks: in {folder}: {command}"));
        let mut passing = session.terminal.passing();
        let ran = permit.run_in(project, track, None, &mut |piece| passing.hear(piece));
        passing.end();
        match ran {
            Ok(Ran { end: End::Exited(0), .. }) => {}
            Ok(Ran { end: End::Interrupted(signal), .. }) => {
                session.terminal.complain(&format!("tracks: interrupted; {folder} is there, and not set up"));
                return Ok(Ending::Interrupted(u8::try_from(signal).unwrap_or(1)));
            }
            failed => {
                let why = failed.map_or_else(|error| format!("cannot run: {error:#}"), |ran| ran.end.phrase());
                let again = format!("tracks exec {} -- sh -c {}", track.id, word(&command));
                session.terminal.complain(&format!("tracks: `{command}` {why}; {folder} is there, and not set up"));
                session.terminal.complain(&format!("  hint: once it is mended: `{again}`"));
                return Ok(Ending::NotRun);
            }
        }
    }
    Ok(Ending::Clean)
}
