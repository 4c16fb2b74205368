//! `tracks matrix`: the verdict on every pair, of tracks or of any refs.

use anyhow::Result;
use clap::Args;

use super::Ending;
use super::session::{FailOn, Session};
use crate::engine::outcome::{Outcome, SideName};
use crate::engine::premerge::{Premerge, Trees};
use crate::engine::project::Project;
use crate::engine::sides;
use crate::engine::snapshot::Work;
use crate::engine::sync::{self, Depth, Scope};
use crate::git::{Repo, Scratch};
use crate::host::clock;
use crate::model::{Failure, PairVerdict};
use crate::report::{Details, Report};

/// Say which pairs conflict, of tracks or of any refs
///
/// Without REFs every two tracks are merged in memory. With REFs every two of those: branches, tags, commits, ids of
/// tracks, or patterns such as 'origin/feature/*'; that needs no tracks.toml and no set-up.
#[derive(Args)]
pub struct MatrixArgs {
    /// What to hold against one another
    #[arg(value_name = "REF")]
    refs: Vec<String>,
    /// Give the tree of every clean merge
    #[arg(long)]
    trees: bool,
    /// Judge commits alone, not uncommitted work
    #[arg(long)]
    committed: bool,
}

/// Runs it.
pub fn run(session: &Session, args: &MatrixArgs) -> Result<Ending> {
    let repo = session.repo()?;
    let scratch = Scratch::new(&repo)?;
    let trees = if args.trees { Trees::Compose } else { Trees::Skip };
    let work = if args.committed { Work::Committed } else { Work::All };
    let outcome = match args.refs.is_empty() {
        true => {
            let project = Project::open(&repo)?;
            session.warn_if_target_is_behind(&project);
            sync::run(&project, &scratch, Scope { work, trees, depth: Depth::Pairs })?.outcome
        }
        false => of_refs(&repo, &scratch, &args.refs, (work, trees))?,
    };
    answer(session, "matrix", &outcome)
}

/// Prints the pairs of an outcome, and nothing else that it may hold.
pub fn answer(session: &Session, command: &str, outcome: &Outcome) -> Result<Ending> {
    let report = Report::from_outcome(command, outcome, &clock::now(), None);
    let report = Report { target: None, tracks: None, findings: None, ..report };
    session.print(&report, &Details::of(outcome))?;
    Ok(FailOn::ending_of_pairs(&report))
}

fn of_refs(repo: &Repo, scratch: &Scratch, refs: &[String], (work, trees): (Work, Trees)) -> Result<Outcome> {
    let project = Project::open(repo).ok();
    let named = sides::resolve(repo, scratch, project.as_ref(), refs, work)?;
    if named.len() < 2 {
        let failure = Failure::usage("there is nothing to hold against one another: only one ref was found");
        return Err(failure.hint("name at least two, or a pattern such as 'origin/feature/*'").into());
    }
    let (names, sides): (Vec<SideName>, Vec<_>) = named.into_iter().unzip();
    let all: Vec<(usize, usize)> = (0..sides.len()).flat_map(|a| (a + 1..sides.len()).map(move |b| (a, b))).collect();
    let (pairs, _) = Premerge::new(repo, scratch)?.pairs(&sides, &all, trees)?;
    Ok(outcome(repo, names, pairs))
}

/// An outcome that holds pairs and nothing else.
pub fn outcome(repo: &Repo, sides: Vec<SideName>, pairs: Vec<PairVerdict>) -> Outcome {
    Outcome { git: repo.git_version.clone(), sides, pairs, ..Outcome::default() }
}
