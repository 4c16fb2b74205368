//! `tracks update`: the target brought into tracks.

use anyhow::Result;
use clap::Args;

use super::Ending;
use super::land::brought;
use super::session::Session;
use super::steps::{self, Mode};
use crate::engine::checkpoint;
use crate::engine::landing::{self, Update, Updating, Why};
use crate::engine::project::Project;
use crate::engine::worktrees::Step;
use crate::git::Scratch;
use crate::host::clock;
use crate::model::text::escaped;
use crate::model::{Failure, Finding, TrackId};
use crate::policy::rules::Settled;
use crate::report::Details;

/// Bring the target into tracks
///
/// Merges the target into the branch of each track as `git merge` would, where that is clean; the files of its worktree
/// follow, and what is not committed there is saved first and stays as it is. What conflicts is said and left alone.
#[derive(Args)]
pub struct UpdateArgs {
    /// The tracks
    #[arg(value_name = "TRACK", required_unless_present = "all")]
    tracks: Vec<String>,
    /// All tracks that have a branch
    #[arg(long, conflicts_with = "tracks")]
    all: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

/// Runs it.
pub fn run(session: &Session, args: &UpdateArgs) -> Result<Ending> {
    let repo = session.repo()?;
    let mode = Mode::of(args.dry_run);
    let journal = (mode == Mode::Done).then(|| session.journal(&repo, &command(args))).transpose()?;
    let project = Project::open(&repo)?;
    session.warn_if_target_is_behind(&project);
    let scratch = Scratch::new(&repo)?;
    let (mut done, mut findings, mut failed): (Vec<Step>, Vec<Finding>, Vec<String>) = Default::default();
    for id in chosen(&project, args)? {
        let update = match landing::update(&project, &scratch, &id)? {
            Updating::Moves(update) => update,
            Updating::Current => {
                done.push(skipped(&project, &id));
                continue;
            }
            Updating::Stopped(why) => {
                findings.extend(conflicts(&project, &id, &why));
                failed.extend(matches!(why, Why::NoBranch).then(|| format!("track `{id}` has no branch")));
                continue;
            }
        };
        let saved = match &journal {
            None => None,
            Some(journal) => match update.carry_out((&project, journal), &scratch) {
                Ok(saved) => saved,
                Err(error) => {
                    failed.push(format!("track `{id}`: {error:#}"));
                    continue;
                }
            },
        };
        done.push(updated(&project, &update, saved.as_ref()));
    }
    let report = steps::report("update", done, mode);
    let ending = if findings.is_empty() { Ending::Clean } else { Ending::Findings };
    let report = match findings.is_empty() {
        true => report,
        false => report.with_findings(&Settled { findings, waived: Vec::new() }, &clock::now(), None),
    };
    session.print(&report, &Details::default())?;
    match failed.is_empty() {
        true => Ok(ending),
        false => Err(Failure::usage(format!("not updated: {}", failed.join("; "))).into()),
    }
}

fn command(args: &UpdateArgs) -> String {
    match args.all {
        true => "update --all".to_owned(),
        false => format!("update {}", escaped(args.tracks.join(" ").as_bytes())),
    }
}

fn chosen(project: &Project, args: &UpdateArgs) -> Result<Vec<TrackId>> {
    if args.all {
        return Ok(project.tracks.iter().filter(|track| track.tip.is_some()).map(|track| track.id.clone()).collect());
    }
    args.tracks.iter().map(|id| Ok(project.track(id)?.id.clone())).collect()
}

fn skipped(project: &Project, id: &TrackId) -> Step {
    Step::new("skip", format!("track {id}")).detail(format!("it has all that {} has", project.target.name))
}

fn updated(project: &Project, update: &Update, saved: Option<&checkpoint::Name>) -> Step {
    let back = saved.map_or(String::new(), |name| format!("; before it: `tracks checkpoint restore {name}`"));
    let detail = format!("with {}, to {}{back}", project.target.name, update.to.short());
    Step::new("update", format!("track {}", update.track)).detail(detail)
}

/// What stands in the way, with the command that has somebody decide.
fn conflicts(project: &Project, id: &TrackId, why: &Why) -> Vec<Finding> {
    let cure = format!("merge by hand: `git -C \"$(tracks path {id})\" merge {}`", project.target.name);
    brought(project, id, why).into_iter().map(|finding| Finding { cure: cure.clone(), ..finding }).collect()
}
