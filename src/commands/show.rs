//! `tracks show`: one pair, with both sides of every conflict.

use anyhow::Result;
use clap::Args;

use super::session::Session;
use super::{Ending, matrix};
use crate::engine::outcome::{Outcome, SideName};
use crate::engine::premerge::{self, Premerge, Trees};
use crate::engine::sides;
use crate::engine::snapshot::Work;
use crate::git::Scratch;
use crate::model::Failure;

/// Show what two tracks or refs conflict on, side by side
///
/// Merges B into A in memory. Every conflict comes with its lines on both sides, and with the two commits that meet there:
/// on each side the oldest of its own from which on the conflict is there.
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
    let meetings = premerge::meetings(&premerge, &sides, &pairs);
    premerge.remember();
    matrix::answer(session, "show", &Outcome { meetings, ..matrix::outcome(&repo, names, pairs) })
}
