//! `tracks path`: the folder of a track and nothing else, for `cd "$(tracks path a)"`.

use anyhow::Result;
use clap::Args;

use super::Ending;
use super::exec::usable;
use super::session::Session;
use crate::engine::project::Project;
use crate::model::Checkout;

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
    match track.checkout {
        Checkout::None | Checkout::Missing => usable(track).map(|_| Ending::Clean),
        Checkout::Present | Checkout::Unfinished | Checkout::Unusable(_) => {
            session.terminal.answer_path(&track.worktree)?;
            Ok(Ending::Clean)
        }
    }
}
