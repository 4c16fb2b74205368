//! `tracks update`: the target, and what they depend on, brought into tracks.

use anyhow::Result;
use clap::Args;

use super::Ending;
use super::land::brought;
use super::session::Session;
use super::steps::{self, Mode};
use crate::engine::checkpoint;
use crate::engine::journal::Journal;
use crate::engine::landing::{self, How, Moves, Update, Updating, Why};
use crate::engine::order;
use crate::engine::project::Project;
use crate::engine::worktrees::Step;
use crate::git::Scratch;
use crate::host::clock;
use crate::model::text::{count, escaped, list};
use crate::model::{Failure, Finding, TrackId};
use crate::policy::rules::Settled;
use crate::report::Details;

/// Bring the target, and the tracks it depends on, into a track
///
/// Merges the target into the branch of each track as `git merge` would, and then every track that it depends on and that
/// has not landed, in landing order; or does its commits again on top of them. The files of its worktree follow, and what is
/// not committed there is saved first and stays as it is. What conflicts is said, with whose change that is, and left alone;
/// `--dry-run` says it beforehand.
#[derive(Args)]
pub struct UpdateArgs {
    /// The tracks
    #[arg(value_name = "TRACK", required_unless_present = "all")]
    tracks: Vec<String>,
    /// All tracks that have a branch
    #[arg(long, conflicts_with = "tracks")]
    all: bool,
    /// Do the commits of each track again on top, instead of merging; only where that comes to the same content
    #[arg(long)]
    rebase: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

/// What came of all updates.
#[derive(Default)]
struct Done {
    steps: Vec<Step>,
    findings: Vec<Finding>,
    /// Sentences about what was not done, each with a way out where there is one.
    failed: Vec<(String, Option<String>)>,
    moves: Moves,
}

/// Runs it.
pub fn run(session: &Session, args: &UpdateArgs) -> Result<Ending> {
    let repo = session.repo()?;
    let mode = Mode::of(args.dry_run);
    let journal = (mode == Mode::Done).then(|| session.journal(&repo, &command(args))).transpose()?;
    let project = Project::open(&repo)?;
    session.warn_if_target_is_behind(&project);
    let scratch = Scratch::new(&repo)?;
    let how = if args.rebase { How::Rebase } else { How::Merge };
    let mut done = Done::default();
    for id in chosen(&project, args)? {
        let updating = landing::update(&project, &scratch, (&id, how), &done.moves)?;
        done.take((&project, &scratch), &id, updating, journal.as_ref())?;
    }
    let Done { steps, findings, failed, .. } = done;
    let report = steps::report("update", steps, mode);
    let ending = if findings.is_empty() { Ending::Clean } else { Ending::Findings };
    let report = match findings.is_empty() {
        true => report,
        false => report.with_findings(&Settled { findings, waived: Vec::new() }, &clock::now(), None),
    };
    session.print(&report, &Details::default())?;
    if failed.is_empty() {
        return Ok(ending);
    }
    let sentences: Vec<&str> = failed.iter().map(|(sentence, _)| sentence.as_str()).collect();
    let failure = Failure::usage(format!("not updated: {}", sentences.join("; ")));
    Err(failed.iter().filter_map(|(_, cure)| cure.clone()).fold(failure, Failure::hint).into())
}

impl Done {
    /// Carries an update out where there is one, and notes what came of it.
    fn take(
        &mut self,
        (project, scratch): (&Project, &Scratch),
        id: &TrackId,
        updating: Updating,
        journal: Option<&Journal>,
    ) -> Result<()> {
        let update = match updating {
            Updating::Moves(update) => update,
            Updating::Current => {
                self.steps.push(skipped(project, id));
                return Ok(());
            }
            Updating::Stopped { why, with } => {
                self.failed.extend(refused(project, id, &why));
                self.findings.extend(conflicts((project, scratch), (id, &with), &why)?);
                return Ok(());
            }
        };
        let saved = match journal {
            None => None,
            Some(journal) => match update.carry_out((project, journal), scratch) {
                Ok(saved) => saved,
                Err(error) => {
                    self.failed.push((format!("track `{id}`: {error:#}"), None));
                    return Ok(());
                }
            },
        };
        self.moves.insert(id.clone(), (update.from, update.to));
        self.steps.push(updated(&update, saved.as_ref()));
        Ok(())
    }
}

fn command(args: &UpdateArgs) -> String {
    let rebase = if args.rebase { " --rebase" } else { "" };
    match args.all {
        true => format!("update --all{rebase}"),
        false => format!("update {}{rebase}", escaped(args.tracks.join(" ").as_bytes())),
    }
}

/// The tracks, in landing order: what others depend on comes first.
fn chosen(project: &Project, args: &UpdateArgs) -> Result<Vec<TrackId>> {
    let named: Vec<TrackId> = args.tracks.iter().map(|id| Ok(project.track(id)?.id.clone())).collect::<Result<_>>()?;
    let has_branch = |id: &TrackId| project.tracks.iter().any(|track| track.id == *id && track.tip.is_some());
    let wanted = |id: &TrackId| if args.all { has_branch(id) } else { named.contains(id) };
    Ok(order::landing_order(&project.config).into_iter().filter(wanted).collect())
}

fn skipped(project: &Project, id: &TrackId) -> Step {
    let names = match order::dependencies(&project.config, id).is_empty() {
        true => format!("{} has", project.target.name),
        false => format!("{} and what it depends on have", project.target.name),
    };
    Step::new("skip", format!("track {id}")).detail(format!("it has all that {names}"))
}

fn updated(update: &Update, saved: Option<&checkpoint::Name>) -> Step {
    let back = saved.map_or(String::new(), |name| format!("; before it: `tracks checkpoint restore {name}`"));
    let (brings, to) = (list(&update.brings), update.to.short());
    let subject = format!("track {}", update.track);
    match update.again {
        Some(commits) => {
            Step::new("rebase", subject).detail(format!("{} onto {brings}, to {to}{back}", count(commits, "commit")))
        }
        None => Step::new("update", subject).detail(format!("with {brings}, to {to}{back}")),
    }
}

/// Why nothing was tried, with the way out.
fn refused(project: &Project, id: &TrackId, why: &Why) -> Option<(String, Option<String>)> {
    match why {
        Why::NoBranch => Some((format!("track `{id}` has no branch"), None)),
        Why::Apart => {
            let sentence =
                format!("the commits of track `{id}`, done again one by one, do not come to what merging them does");
            Some((sentence, Some(format!("merge instead: `tracks update {id}`"))))
        }
        Why::Reverted => {
            let target = &project.target.name;
            let sentence = format!("track `{id}` was taken back on `{target}`, which would take that back in it, too");
            let again = format!("`tracks land {id}`");
            let cure = format!(
                "bring it back first: {again}; if it is to be gone: `git -C \"$(tracks path {id})\" merge {target}`"
            );
            Some((sentence, Some(cure)))
        }
        _ => None,
    }
}

/// What stands in the way, with whose change that is, and the command that has somebody decide.
fn conflicts(
    (project, scratch): (&Project, &Scratch),
    (id, with): (&TrackId, &str),
    why: &Why,
) -> Result<Vec<Finding>> {
    let by_id = |id: &str| project.tracks.iter().find(|track| track.id.as_str() == id);
    let source = by_id(with).map_or(with.to_owned(), |track| track.branch.to_string());
    let cure = format!("merge by hand: `git -C \"$(tracks path {id})\" merge {source}`");
    let tip = by_id(id.as_str()).and_then(|track| track.tip).filter(|_| with == project.target.name);
    let mut findings = brought(project, (id, with), why);
    for finding in &mut findings {
        finding.cure = cure.clone();
        if let (Some(tip), Some(path)) = (tip, &finding.path)
            && let Some(whose) = landing::whose(project, scratch, tip, path)?
        {
            finding.message = format!("{}; {whose}", finding.message);
        }
    }
    Ok(findings)
}
