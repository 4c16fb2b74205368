//! `tracks order`: in which order the tracks land best, and what can land now.

use anyhow::Result;
use clap::Args;

use super::session::Session;
use super::{Ending, matrix};
use crate::engine::project::Project;
use crate::engine::sync;
use crate::git::Scratch;
use crate::report::{Details, Report};

/// Say in which order to land, and what can land now without a conflict
///
/// Judges commits alone, as landing does. A track costs the number of paths on which it conflicts, when it lands, with
/// what has landed by then. The order respects `depends-on` and costs least by the verdicts on pairs; among several,
/// priorities and then ids decide. It is confirmed by merging one track after another, each with its own version where it
/// conflicts, and so is the order that dependencies, priorities and ids give alone: the one proposed never costs more.
/// Tracks of one wave do not wait for one another.
#[derive(Args)]
pub struct OrderArgs {
    /// Let the exit status say whether all that is to land can land now without a conflict
    #[arg(long)]
    exit_code: bool,
}

/// Runs it.
pub fn run(session: &Session, args: &OrderArgs) -> Result<Ending> {
    let repo = session.repo()?;
    let project = Project::open(&repo)?;
    session.warn_if_target_is_behind(&project);
    let scratch = Scratch::new(&repo)?;
    let (plan, tally) = sync::plan(&project, &scratch)?;
    session.terminal.detail(&matrix::how(&tally));
    session.print(&Report::from_plan(&plan, &project.target, &repo.git_version), &Details::default())?;
    Ok(if args.exit_code && !plan.waiting.is_empty() { Ending::Findings } else { Ending::Clean })
}
