//! `tracks deinit`: takes hooks, refs, state and exclude lines away again.

use anyhow::Result;
use clap::Args;

use super::Ending;
use super::session::Session;
use super::steps::{self, Mode};
use crate::engine::project::Project;
use crate::engine::worktrees::leave;

/// Take hooks, refs, state and exclude lines away again
///
/// Branches, worktrees, checkpoints and tracks.toml stay: they hold work. It says how to remove each.
#[derive(Args)]
pub struct Deinit {
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

/// Runs it.
pub fn run(session: &Session, args: &Deinit) -> Result<Ending> {
    let repo = session.repo()?;
    let mode = Mode::of(args.dry_run);
    let plan = leave::Plan::of(&repo)?;
    let mut all = plan.steps();
    let nothing = all.is_empty();
    if mode == Mode::Done && !nothing {
        let journal = session.journal(&repo, "deinit")?;
        // What an interrupted run left may have been put right by now.
        leave::Plan::of(&repo)?.carry_out(&repo, &journal)?;
    }
    // A broken `tracks.toml` must not keep anybody from leaving.
    match Project::survey(&repo) {
        Ok(project) if !nothing => all.extend(leave::stays(&project)),
        Ok(_) => {}
        Err(error) => steps::warn(session, "what stays cannot be listed", &error),
    }
    steps::answer(session, "deinit", all, mode)
}
