//! `tracks remove`: takes a track's worktree away, when nothing is lost by it.

use anyhow::Result;
use clap::Args;

use super::Ending;
use super::session::Session;
use super::steps::{self, Mode};
use crate::engine::project::Project;
use crate::engine::worktrees::away::Ignored;
use crate::engine::worktrees::remove::{Branch, Commits, Plan};
use crate::model::text::escaped;

/// Remove a track's worktree and its table in tracks.toml; its branch stays
///
/// Refuses, and names, what would be lost or forgotten: uncommitted and untracked files, ignored ones that are nowhere
/// else, and commits that have not landed. It takes a checkpoint first, and says how to bring that back.
#[derive(Args)]
pub struct Remove {
    /// The track
    #[arg(value_name = "TRACK")]
    track: String,
    /// Delete the branch too, if everything on it has landed
    #[arg(long)]
    branch: bool,
    /// Remove it although it has not landed; what is on its branch stays there
    #[arg(long, conflicts_with = "branch")]
    unlanded: bool,
    /// Keep ignored files: they are moved to a folder below `.git/tracks/kept`, which is named
    #[arg(long)]
    keep_ignored: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

/// Runs it.
pub fn run(session: &Session, args: &Remove) -> Result<Ending> {
    let repo = session.repo()?;
    let mode = Mode::of(args.dry_run);
    let command = || format!("remove {}", escaped(args.track.as_bytes()));
    let journal = (mode == Mode::Done).then(|| session.journal(&repo, &command())).transpose()?;
    let project = Project::open(&repo)?;
    let branch = if args.branch { Branch::Delete } else { Branch::Keep };
    let commits = if args.unlanded { Commits::Any } else { Commits::Landed };
    let ignored = if args.keep_ignored { Ignored::Keep } else { Ignored::Judge };
    let plan = Plan::of(&project, project.track(&args.track)?, (branch, commits), ignored)?;
    let away = match &journal {
        Some(journal) => plan.carry_out(&project, journal)?,
        None => None,
    };
    let ending = steps::answer(session, "remove", plan.steps(&project, away.as_ref()), mode)?;
    if mode == Mode::Done && plan.policy.is_some() {
        steps::next(session, &steps::commit(&project, &format!("Remove the track {}", args.track)));
    }
    Ok(ending)
}
