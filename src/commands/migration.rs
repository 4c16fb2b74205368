//! `tracks migration`: migrations that cannot collide.

use std::ffi::OsString;

use anyhow::Result;
use clap::{Args, Subcommand};

use super::Ending;
use super::session::Session;
use super::steps::{self, Mode};
use super::typed_path;
use crate::engine::migrations::{self, Survey, create, deed, renumber};
use crate::engine::project::Project;
use crate::engine::snapshot::Work;
use crate::engine::sync;
use crate::engine::worktrees::{Step, shown};
use crate::git::Scratch;
use crate::host::clock;
use crate::model::text::escaped;
use crate::model::{Failure, Finding, RepoPath, Track};
use crate::report::model::{Migration, repo_path};
use crate::report::{Details, Report};

/// Make, list and renumber migrations so that no two tracks collide
///
/// The target and all tracks count, with what is not committed yet.
#[derive(Args)]
pub struct MigrationArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Make a migration with the next version that nobody has, in the track whose worktree this is
    New {
        /// What it is about
        #[arg(value_name = "NAME")]
        name: String,
        /// Make it for this track
        #[arg(long, value_name = "T")]
        track: Option<String>,
        /// The folder of migrations, where there are several
        #[arg(long = "in", value_name = "DIR")]
        folder: Option<OsString>,
        /// Say what would be written, and write nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Show what migrations the tracks bring, and the newest of the target
    List {
        /// All of the target's, too
        #[arg(long)]
        all: bool,
    },
    /// Put a track's migrations behind those of the target and of all other tracks
    ///
    /// Renames what comes too late or has a version that somebody else has, with what they say of each other; where
    /// migrations name the ones before them, points the first at the target's. What is committed is committed again.
    Renumber {
        /// The track
        #[arg(value_name = "TRACK")]
        track: String,
        /// Say what would be done, and do nothing
        #[arg(long)]
        dry_run: bool,
    },
}

/// Runs it.
pub fn run(session: &Session, args: &MigrationArgs) -> Result<Ending> {
    match &args.verb {
        Verb::New { name, track, folder, dry_run } => {
            create_one(session, name, (track.as_deref(), folder.as_ref()), Mode::of(*dry_run))
        }
        Verb::List { all } => list(session, *all),
        Verb::Renumber { track, dry_run } => renumber_track(session, track, Mode::of(*dry_run)),
    }
}

fn create_one(
    session: &Session,
    name: &str,
    (track, folder): (Option<&str>, Option<&OsString>),
    mode: Mode,
) -> Result<Ending> {
    let repo = session.repo()?;
    let command = format!("migration new {}", escaped(name.as_bytes()));
    let journal = (mode == Mode::Done).then(|| session.journal(&repo, &command)).transpose()?;
    let project = Project::open(&repo)?;
    let here = || repo.worktree.as_deref().and_then(|path| project.track_at(path));
    let track: &Track = match track {
        Some(id) => project.track(id)?,
        None => here().ok_or_else(|| {
            Failure::usage("this is the worktree of no track").hint("name one: `tracks migration new NAME --track T`")
        })?,
    };
    let scratch = Scratch::new(&repo)?;
    let survey = migrations::survey(&project, &scratch)?;
    let folder = folder.map(|folder| typed_path::resolve(&repo, &session.start, folder)).transpose()?.flatten();
    let plan = create::plan(&survey, track, name, folder, clock::civil())?;
    if let Some(journal) = &journal {
        create::write((&project, journal), &plan, track)?;
    }
    let step = |(path, _): &(RepoPath, String)| {
        let worktree = shown(&project, &track.worktree);
        Step::new("create", format!("migration {path}")).detail(format!("in {worktree}"))
    };
    steps::answer(session, "migration", plan.files.iter().map(step).collect(), mode)
}

fn list(session: &Session, all: bool) -> Result<Ending> {
    let repo = session.repo()?;
    let project = Project::open(&repo)?;
    let scratch = Scratch::new(&repo)?;
    let survey = migrations::survey(&project, &scratch)?;
    let settled = sync::judge(&project, &scratch, Work::All)?;
    let mut found = settled.findings;
    found.retain(|finding| finding.rule.0.starts_with("migration."));
    let files = survey.files.iter().filter(|file| all || file.track.is_some() || is_newest(&survey, file));
    let rows = files.map(|file| row(file, &found)).collect();
    let report = Report { migrations: Some(rows), ..Report::new("migration") };
    session.print(&report, &Details::default())?;
    Ok(Ending::Clean)
}

/// Whether no migration of the target comes after it in its folder.
fn is_newest(survey: &Survey, file: &migrations::File) -> bool {
    let landed = survey.files.iter().filter(|other| other.track.is_none());
    let beside = landed.filter(|other| other.migration.set == file.migration.set);
    let ordered = survey.naming.preset().is_none_or(|preset| preset.version.is_ordered());
    ordered && !beside.into_iter().any(|other| other.migration.version > file.migration.version)
}

fn row(file: &migrations::File, findings: &[Finding]) -> Migration {
    let (path, path_bytes) = repo_path(&file.path);
    let about = |finding: &&Finding| {
        let own = finding.path.as_ref().is_some_and(|path| file.path.is_within(path));
        own && finding.tracks.first() == file.track.as_ref()
    };
    let mut rules: Vec<String> = findings.iter().filter(about).map(|finding| finding.rule.to_string()).collect();
    rules.dedup();
    Migration {
        version: file.migration.version_text.clone(),
        track: file.track.as_ref().map(ToString::to_string),
        path,
        path_bytes,
        uncommitted: file.uncommitted,
        rules,
    }
}

fn renumber_track(session: &Session, id: &str, mode: Mode) -> Result<Ending> {
    let repo = session.repo()?;
    let command = format!("migration renumber {}", escaped(id.as_bytes()));
    let journal = (mode == Mode::Done).then(|| session.journal(&repo, &command)).transpose()?;
    let project = Project::open(&repo)?;
    let track = project.track(id)?;
    let scratch = Scratch::new(&repo)?;
    let survey = migrations::survey(&project, &scratch)?;
    let plan = renumber::plan(&project, &scratch, &survey, track, clock::civil())?;
    let mut steps: Vec<Step> = plan.files.iter().map(step).collect();
    if let Some(journal) = journal.as_ref().filter(|_| !plan.files.is_empty()) {
        let message = format!("Renumber the migrations of {}", track.id);
        let done = deed::carry_out((&project, journal), &plan, track, &message)?;
        steps.extend(done.tip.map(|tip| Step::new("commit", format!("{} on {}", tip.short(), track.branch))));
        steps.extend(done.saved.map(|name| {
            let detail = format!("what was there before: `tracks checkpoint restore {name}`");
            Step::new("save", name.to_string()).detail(detail)
        }));
    } else if plan.files.iter().any(renumber::Change::is_committed) {
        steps.push(Step::new("commit", format!("on {}", track.branch)));
    }
    steps::answer(session, "migration", steps, mode)
}

fn step(change: &renumber::Change) -> Step {
    match change.is_renamed() {
        true => Step::new("rename", change.from.to_string()).detail(format!("to {}", change.to)),
        false => Step::new("change", change.from.to_string()).detail("what it says of the others"),
    }
}
