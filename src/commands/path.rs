//! `tracks path`: the folder of a track and nothing else, for `cd "$(tracks path a)"`.

use anyhow::Result;
use clap::Args;

use super::Ending;
use super::session::Session;
use crate::engine::project::Project;
use crate::model::{Checkout, Failure};

/// Print the folder of a track, and nothing else
#[derive(Args)]
pub struct Path {
    /// The track
    #[arg(value_name = "TRACK")]
    track: String,
}

/// Runs it.
pub fn run(session: &Session, args: &Path) -> Result<Ending> {
    let project = Project::open(&session.repo()?)?;
    let track = project.track(&args.track)?;
    let id = &track.id;
    match track.checkout {
        Checkout::None => {
            let failure = Failure::usage(format!("track `{id}` has no worktree"));
            Err(failure.hint(format!("make it with `tracks init {id}`")).into())
        }
        Checkout::Missing => {
            let folder = crate::model::text::escaped(track.worktree.as_os_str().as_encoded_bytes());
            let failure = Failure::usage(format!("the folder of track `{id}`, `{folder}`, is gone"));
            Err(failure.hint("if it was moved: `git worktree repair NEW-FOLDER`").into())
        }
        Checkout::Present | Checkout::Unfinished | Checkout::Unusable(_) => {
            session.terminal.answer_path(&track.worktree)?;
            Ok(Ending::Clean)
        }
    }
}
