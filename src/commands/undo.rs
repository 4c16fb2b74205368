//! `tracks undo`: reverts the last changes of refs and worktrees that `tracks` made.

use anyhow::Result;
use clap::Args;

use super::Ending;
use super::session::Session;
use super::steps::{self, Mode};
use crate::engine::project::Project;
use crate::engine::undo::{Plan, Which};

/// Revert the last changes that tracks made to refs, worktrees and its own files
///
/// It goes by the log, from the newest event back, and leaves out what was reverted already. Where somebody has moved on
/// since, such as by a commit on a branch that was made, nothing is done. What it removes is saved first. It is an event
/// of its own, which `--of` reverts.
#[derive(Args)]
pub struct Undo {
    /// How many events
    #[arg(value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    number: u16,
    /// The event of this number alone: `tracks log` shows them
    #[arg(long, value_name = "NUMBER", conflicts_with = "number")]
    of: Option<u64>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

/// Runs it.
pub fn run(session: &Session, args: &Undo) -> Result<Ending> {
    let repo = session.repo()?;
    let mode = Mode::of(args.dry_run);
    let journal = (mode == Mode::Done).then(|| session.journal(&repo, "undo")).transpose()?;
    let project = Project::survey(&repo)?;
    let which = args.of.map_or(Which::Last(args.number.into()), Which::One);
    let plan = Plan::of(&project, which)?;
    let all = plan.steps(&project);
    if let Some(journal) = &journal {
        plan.carry_out(&project, journal)?;
    }
    let ending = steps::answer(session, "undo", all, mode)?;
    if let Some(number) = journal.and_then(|journal| journal.last()) {
        session.terminal.narrate(&format!("back again with `tracks undo --of {number}`"));
    }
    Ok(ending)
}
