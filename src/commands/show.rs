//! `tracks show`: one pair, with both sides of every conflict.

use anyhow::Result;
use clap::Args;

use super::session::Session;
use super::{Ending, matrix};
use crate::engine::outcome::SideName;
use crate::engine::premerge::{Premerge, Trees};
use crate::engine::sides;
use crate::engine::snapshot::Work;
use crate::git::Scratch;
use crate::model::Failure;

/// Show what two tracks or refs conflict on, side by side
#[derive(Args)]
pub struct ShowArgs {
    /// The side that is merged into: a track or any ref
    #[arg(value_name = "A")]
    ours: String,
    /// The side that is merged
    #[arg(value_name = "B")]
    theirs: String,
    /// Judge commits alone, not uncommitted work
    #[arg(long)]
    committed: bool,
}

/// Runs it.
pub fn run(session: &Session, args: &ShowArgs) -> Result<Ending> {
    let repo = session.repo()?;
    let scratch = Scratch::new(&repo)?;
    let work = if args.committed { Work::Committed } else { Work::All };
    let typed = [args.ours.clone(), args.theirs.clone()];
    let project = sides::project(&repo, &typed);
    let named = sides::resolve(&repo, &scratch, project.as_ref(), &typed, work)?;
    if named.len() != 2 {
        let failure = Failure::usage("`show` takes one pair, and a pattern gives more");
        return Err(failure.hint("see all of them with `tracks matrix`").into());
    }
    let (names, sides): (Vec<SideName>, Vec<_>) = named.into_iter().unzip();
    let premerge = Premerge::new(&repo, &scratch)?;
    let (pairs, _) = premerge.pairs(&sides, &[(0, 1)], Trees::Skip)?;
    premerge.remember();
    matrix::answer(session, "show", &matrix::outcome(&repo, names, pairs))
}
