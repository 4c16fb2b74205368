//! `tracks matrix`: the verdict on every pair, of tracks or of any refs.

use anyhow::Result;
use clap::Args;

use super::Ending;
use super::session::{FailOn, Session};
use crate::engine::given;
use crate::engine::order;
use crate::engine::outcome::{Outcome, SideName};
use crate::engine::premerge::{Difference, Given, Merged, Premerge, Side, Tally, Trees, Verification, verify};
use crate::engine::project::Project;
use crate::engine::sides;
use crate::engine::snapshot::Work;
use crate::git::{Repo, Scratch};
use crate::host::clock;
use crate::model::text::count;
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
    /// Ask Git about each pair again, one by one, and exit 3 if it differs anywhere
    #[arg(long)]
    verify: bool,
    /// Read the pairs from standard input and answer in that order: a line each, `[BASE --] OURS THEIRS`, commits or trees,
    /// as `git merge-tree --stdin` takes them
    #[arg(long, value_name = "-", value_parser = ["-"], conflicts_with_all = ["refs", "committed"])]
    pairs: Option<String>,
}

/// Runs it.
pub fn run(session: &Session, args: &MatrixArgs) -> Result<Ending> {
    let repo = session.repo()?;
    let scratch = Scratch::new(&repo)?;
    let trees = if args.trees || args.verify { Trees::Compose } else { Trees::Skip };
    let work = if args.committed { Work::Committed } else { Work::All };
    let asked = match &args.pairs {
        Some(_) => Asked::Lines(given::read(&repo, &scratch, &typed()?)?),
        None if args.refs.is_empty() => Asked::Sides(of_tracks(session, &repo, &scratch, work)?),
        None => Asked::Sides(of_refs(&repo, &scratch, &args.refs, work)?),
    };
    let premerge = Premerge::new(&repo, &scratch)?;
    let judged = match asked {
        Asked::Sides(sides) => of_sides(&premerge, sides, trees)?,
        Asked::Lines(named) => of_lines(&premerge, named, trees)?,
    };
    premerge.remember();
    premerge.caveats().iter().for_each(|caveat| session.terminal.narrate(caveat));
    session.terminal.detail(&how(&judged.tally));
    let verified = args.verify.then(|| verify(&premerge, &judged.merges, &judged.pairs)).transpose()?;
    let ending = answer(session, "matrix", &outcome(&repo, judged.names.clone(), judged.pairs.clone()))?;
    match verified {
        Some(verified) => compared(session, &judged, &verified).map(|()| ending),
        None => Ok(ending),
    }
}

/// What there is to judge.
enum Asked {
    /// Every two of these.
    Sides(Sides),
    /// What standard input names.
    Lines(given::Named),
}

/// Pairs with their verdicts.
struct Judged {
    names: Vec<SideName>,
    /// What each verdict is about; `None` where a side cannot be read.
    merges: Vec<Option<Given>>,
    pairs: Vec<PairVerdict>,
    tally: Tally,
}

/// Every two of the sides.
fn of_sides(premerge: &Premerge, (names, sides): Sides, trees: Trees) -> Result<Judged> {
    let all: Vec<(usize, usize)> = (0..sides.len()).flat_map(|a| (a + 1..sides.len()).map(move |b| (a, b))).collect();
    let (pairs, tally) = premerge.pairs(&sides, &all, trees)?;
    let merges = all.iter().map(|pair| Given::of(&sides, *pair)).collect();
    Ok(Judged { names, merges, pairs, tally })
}

fn of_lines(premerge: &Premerge, named: given::Named, trees: Trees) -> Result<Judged> {
    let (merged, tally) = premerge.given(&named.merges, trees)?;
    let verdict = |((ours, theirs), merged): (&(usize, usize), Merged)| {
        let Merged { verdict, tree } = merged;
        PairVerdict { ours: *ours, theirs: *theirs, verdict, tree }
    };
    let pairs = named.pairs.iter().zip(merged).map(verdict).collect();
    Ok(Judged { names: named.names, merges: named.merges.into_iter().map(Some).collect(), pairs, tally })
}

fn typed() -> Result<String> {
    let read = std::io::read_to_string(std::io::stdin());
    read.map_err(|error| Failure::usage(format!("the pairs cannot be read from standard input: {error}")).into())
}

/// Says what Git said to being asked again; a difference is a failure.
fn compared(session: &Session, judged: &Judged, verified: &Verification) -> Result<()> {
    let Judged { names, pairs, .. } = judged;
    let differing = |difference: &Difference| {
        let PairVerdict { ours, theirs, .. } = pairs[difference.pair];
        let (ours, theirs) = (&names[ours].name, &names[theirs].name);
        format!("{ours} and {theirs}: {} here, {} by git", difference.said, difference.git)
    };
    verified.differences.iter().for_each(|difference| session.terminal.complain(&differing(difference)));
    if !verified.differences.is_empty() {
        let message = format!("git says otherwise on {} of {}", verified.differences.len(), count(pairs.len(), "pair"));
        return Err(Failure::not_run(message).hint("this is a defect of tracks: please report it").into());
    }
    let skipped = match verified.skipped {
        0 => String::new(),
        number => format!("; {} unknown here, and not compared", count(number, "pair")),
    };
    session.terminal.narrate(&format!("git agrees on {}{skipped}", count(verified.agreeing, "pair")));
    Ok(())
}

/// How verdicts came about, for those who ask.
pub fn how(tally: &Tally) -> String {
    let parts = [
        (tally.proved, "proved without merging"),
        (tally.contents, "decided by merging contents"),
        (tally.whole, "merged whole"),
        (tally.remembered, "remembered"),
        (tally.unknown, "unknown"),
    ];
    let parts: Vec<String> = parts.iter().map(|(number, how)| format!("{} {how}", count(*number, "pair"))).collect();
    parts.join(", ")
}

type Sides = (Vec<SideName>, Vec<std::result::Result<Side, String>>);

/// The tracks that have a branch, in landing order.
fn of_tracks(session: &Session, repo: &Repo, scratch: &Scratch, work: Work) -> Result<Sides> {
    let project = Project::open(repo)?;
    session.warn_if_target_is_behind(&project);
    let order = order::landing_order(&project.config);
    let has_branch = |id: &&crate::model::TrackId| project.tracks.iter().any(|t| t.id == **id && t.tip.is_some());
    let ids: Vec<String> = order.iter().filter(has_branch).map(ToString::to_string).collect();
    Ok(sides::resolve(repo, scratch, Some(&project), &ids, work)?.into_iter().unzip())
}

fn of_refs(repo: &Repo, scratch: &Scratch, refs: &[String], work: Work) -> Result<Sides> {
    let project = sides::project(repo, refs);
    let named = sides::resolve(repo, scratch, project.as_ref(), refs, work)?;
    if named.len() < 2 {
        let failure = Failure::usage("there is nothing to hold against one another: only one ref was found");
        return Err(failure.hint("name at least two, or a pattern such as 'origin/feature/*'").into());
    }
    Ok(named.into_iter().unzip())
}

/// Prints the pairs of an outcome, and nothing else that it may hold.
pub fn answer(session: &Session, command: &str, outcome: &Outcome) -> Result<Ending> {
    let report = Report::from_outcome(command, outcome, &clock::now(), None);
    let report = Report { target: None, tracks: None, findings: None, ..report };
    session.print(&report, &Details::of(outcome))?;
    Ok(FailOn::ending_of_pairs(&report))
}

/// An outcome that holds pairs and nothing else.
pub fn outcome(repo: &Repo, sides: Vec<SideName>, pairs: Vec<PairVerdict>) -> Outcome {
    Outcome { git: repo.git_version.clone(), sides, pairs, ..Outcome::default() }
}
