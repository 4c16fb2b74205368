//! `tracks exec`: a command of the user's own, in the worktree of a track.

use std::ffi::OsString;

use anyhow::{Context, Result};
use clap::Args;

use super::Ending;
use super::session::Session;
use crate::engine::project::Project;
use crate::engine::trust::{Environment, surroundings};
use crate::host::process;
use crate::model::text::escaped;
use crate::model::{Checkout, Failure, Track};

/// Run a command in the worktree of a track
///
/// It is told which one: TRACKS_ID, TRACKS_BRANCH, TRACKS_WORKTREE, TRACKS_AGENT, TRACKS_TARGET, TRACKS_MAIN and
/// TRACKS_GIT_DIR. Its exit status is that of this command; 3 if it cannot be started.
#[derive(Args)]
pub struct ExecArgs {
    /// The track
    #[arg(value_name = "TRACK")]
    track: String,
    /// The command and its arguments, after `--`
    #[arg(value_name = "CMD", last = true, required = true)]
    command: Vec<OsString>,
}

/// Runs it.
pub fn run(session: &Session, args: &ExecArgs) -> Result<Ending> {
    let project = Project::open(&session.repo()?)?;
    let track = usable(project.track(&args.track)?)?;
    let call = surroundings(&project, Some(track), Environment::Whole);
    let error = process::become_program(&args.command, &call);
    let name = escaped(args.command[0].as_encoded_bytes());
    Err(error).context(Failure::not_run(format!("`{name}` cannot be started in the worktree of `{}`", track.id)))
}

/// Refuses a track with no worktree to run something in.
pub fn usable(track: &Track) -> Result<&Track> {
    let id = &track.id;
    let folder = escaped(track.worktree.as_os_str().as_encoded_bytes());
    match &track.checkout {
        Checkout::Present => Ok(track),
        Checkout::None => {
            let failure = Failure::usage(format!("track `{id}` has no worktree"));
            Err(failure.hint(format!("make it with `tracks init {id}`")).into())
        }
        Checkout::Missing => {
            let failure = Failure::usage(format!("the folder of track `{id}`, `{folder}`, is gone"));
            Err(failure.hint("if it was moved: `git worktree repair NEW-FOLDER`").into())
        }
        Checkout::Unfinished => {
            let why = "is not made to the end: git is still at it, or was interrupted";
            Err(Failure::usage(format!("the worktree of track `{id}`, `{folder}`, {why}")).into())
        }
        Checkout::Unusable(why) => {
            Err(Failure::usage(format!("the worktree of track `{id}`, `{folder}`, {why}")).into())
        }
    }
}
