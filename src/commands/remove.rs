//! `tracks remove`: takes a track's worktree away, when nothing is lost by it.

use anyhow::Result;
use clap::Args;

use super::Ending;
use super::session::Session;
use super::steps::{self, Mode};
use crate::engine::project::Project;
use crate::engine::worktrees::remove::{Branch, Plan};

/// Remove a track's worktree and its table in tracks.toml; its branch stays
#[derive(Args)]
pub struct Remove {
    /// The track
    #[arg(value_name = "TRACK")]
    track: String,
    /// Delete the branch too, if everything on it has landed
    #[arg(long)]
    branch: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

/// Runs it.
pub fn run(session: &Session, args: &Remove) -> Result<Ending> {
    let repo = session.repo()?;
    let mode = Mode::of(args.dry_run);
    let _lock = (mode == Mode::Done).then(|| session.lock(&repo, "remove")).transpose()?;
    let project = Project::open(&repo)?;
    let branch = if args.branch { Branch::Delete } else { Branch::Keep };
    let plan = Plan::of(&project, project.track(&args.track)?, branch)?;
    if mode == Mode::Done {
        plan.carry_out(&project)?;
    }
    let ending = steps::answer(session, "remove", plan.steps(&project), mode)?;
    if mode == Mode::Done && plan.policy.is_some() {
        steps::next(session, &steps::commit(&project, &format!("Remove the track {}", args.track)));
    }
    Ok(ending)
}
