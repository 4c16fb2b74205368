//! `tracks checkpoint`: what is uncommitted, saved byte for byte and brought back.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand};

use super::Ending;
use super::session::Session;
use super::steps::{self, Mode};
use super::typed_path;
use crate::engine::checkpoint::manifest::Item;
use crate::engine::checkpoint::prune::{self, Retention};
use crate::engine::checkpoint::restore::{self, Apart, Extent, Restored};
use crate::engine::checkpoint::{self, Manifest, Plan, Saved, difference};
use crate::engine::journal::Change;
use crate::engine::project::Project;
use crate::engine::worktrees::{Step, shown, typed};
use crate::git::{Repo, Scratch};
use crate::host::{clock, files};
use crate::model::text::{count, escaped};
use crate::model::{Failure, RepoPath, Track};
use crate::policy::config::model::Checkpoints;
use crate::report::model::{self, CheckpointPath, repo_path};
use crate::report::{Details, Report};

/// Save what is uncommitted, byte for byte, and bring it back
///
/// A checkpoint holds the files of a track that are tracked, or untracked and not ignored, as they lie on the disk, with
/// their permissions, links and empty folders; its index, what is checked out, and the state of an unfinished merge,
/// rebase or bisection. Taking one changes nothing in the worktree. Ignored files, and repositories inside the worktree,
/// are not in it. Without a subcommand it saves the tracks that are named, or all of them. A track that is called like a
/// subcommand is named after `create`.
///
/// After saving, it drops what `[checkpoints]` in tracks.toml calls old, once a day, as `prune` does: never the only copy of
/// something.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Checkpoint {
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    create: Create,
}

#[derive(Subcommand)]
enum Verb {
    /// Save tracks as they are, unless the newest checkpoint holds the same; without names, all of them
    Create(Create),
    /// Show which checkpoints there are
    List {
        /// Only those of this track
        #[arg(value_name = "TRACK")]
        track: Option<String>,
    },
    /// Show what was uncommitted in a checkpoint
    Show {
        /// Which one: `a@1` is the newest of the track `a`
        #[arg(value_name = "TRACK@N")]
        checkpoint: String,
        /// Every path that it holds
        #[arg(long)]
        all: bool,
    },
    /// Show which paths differ between a checkpoint and its track as it is now
    Diff {
        /// Which one
        #[arg(value_name = "TRACK@N")]
        checkpoint: String,
        /// Another one instead of the track as it is now
        #[arg(value_name = "OTHER@N")]
        other: Option<String>,
    },
    /// Bring a checkpoint back, after saving what is there now
    Restore(Restore),
    /// Drop old checkpoints that hold nothing which is nowhere else
    Prune(Prune),
}

#[derive(Args)]
struct Create {
    /// The tracks
    #[arg(value_name = "TRACK")]
    tracks: Vec<String>,
    /// What to remember about it
    #[arg(short, long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    message: String,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

/// Bring a checkpoint back, after saving what is there now
///
/// Files, permissions, index, branch and what Git was in the middle of become what they were. What would be lost by it,
/// such as an ignored file in the place of a saved one, is named, and nothing is done.
#[derive(Args)]
struct Restore {
    /// Which one: `a@1` is the newest of the track `a`
    #[arg(value_name = "TRACK@N")]
    checkpoint: String,
    /// Write the files into this new folder, and leave the track alone
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Bring back only the files at and below these paths, and neither index nor branch
    #[arg(value_name = "PATH", last = true)]
    paths: Vec<OsString>,
}

#[derive(Args)]
struct Prune {
    /// Keep at least this many of each track [default: `keep` of `[checkpoints]` in tracks.toml, else 20]
    #[arg(long, value_name = "N")]
    keep: Option<usize>,
    /// Keep what is no older than this [default: `days` of `[checkpoints]` in tracks.toml, else 30]
    #[arg(long, value_name = "DAYS")]
    days: Option<u32>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

/// Runs it.
pub fn run(session: &Session, args: &Checkpoint) -> Result<Ending> {
    match &args.verb {
        None => create(session, &args.create),
        Some(Verb::Create(args)) => create(session, args),
        Some(Verb::List { track }) => list(session, track.as_deref()),
        Some(Verb::Show { checkpoint, all }) => {
            show(session, checkpoint, if *all { Shown::All } else { Shown::Uncommitted })
        }
        Some(Verb::Diff { checkpoint, other }) => diff(session, checkpoint, other.as_deref()),
        Some(Verb::Restore(args)) => restore(session, args),
        Some(Verb::Prune(args)) => prune(session, args),
    }
}

fn create(session: &Session, args: &Create) -> Result<Ending> {
    let repo = session.repo()?;
    let mode = Mode::of(args.dry_run);
    let journal = (mode == Mode::Done).then(|| session.journal(&repo, "checkpoint")).transpose()?;
    let project = Project::open(&repo)?;
    let tracks: Vec<&Track> = match args.tracks.as_slice() {
        [] => project.tracks.iter().collect(),
        names => names.iter().map(|name| project.track(name)).collect::<Result<_>>()?,
    };
    let mut plan = Plan::of(&project, &tracks, &args.message);
    let mut all: Vec<Step> = match &journal {
        None => plan.tracks().map(|track| Step::new("save", format!("track {track}"))).collect(),
        Some(journal) => {
            let done = plan.carry_out(&project)?;
            let taken =
                |saved: &Saved| Some(Change::Checkpoint { name: saved.name.to_string(), commit: Some(saved.made?) });
            journal.note(&done.iter().filter_map(taken).collect::<Vec<_>>());
            let mut all: Vec<Step> = done.iter().map(saved).collect();
            let old = prune::daily(&repo, Retention::of(&project.config.checkpoints), journal)?;
            all.extend(old.iter().map(dropped));
            all
        }
    };
    let bare = |track| Step::new("skip", format!("track {track}")).detail("has no worktree, so nothing uncommitted");
    all.extend(plan.bare.iter().map(bare));
    steps::answer(session, "checkpoint", all, mode)?;
    let failed: Vec<String> = plan.failed.iter().map(|(track, why)| format!("track `{track}` {why}")).collect();
    match failed.is_empty() {
        true => Ok(Ending::Clean),
        false => Err(Failure::not_run(format!("not saved: {}", failed.join("; "))).into()),
    }
}

fn saved(saved: &Saved) -> Step {
    let manifest = &saved.manifest;
    let uncommitted = manifest.uncommitted.len();
    let back = command(&saved.name);
    let (action, mut detail) = match saved.made {
        Some(_) => ("save", format!("{uncommitted} uncommitted; back with `{back}`")),
        None => ("keep", format!("as it was saved before; back with `{back}`")),
    };
    manifest.left_out.iter().for_each(|(path, why)| detail.push_str(&format!("; `{path}` {}", why.sentence())));
    Step::new(action, format!("track {}", saved.name.track)).detail(detail)
}

fn dropped(old: &checkpoint::Checkpoint) -> Step {
    Step::new("drop", format!("checkpoint {}", old.name))
}

fn command(name: &checkpoint::Name) -> String {
    format!("tracks checkpoint restore {name}")
}

fn list(session: &Session, track: Option<&str>) -> Result<Ending> {
    let repo = session.repo()?;
    let objects = repo.objects()?;
    let all = checkpoint::all(&repo)?;
    let wanted = all.iter().filter(|found| track.is_none_or(|track| found.name.track.as_str() == track));
    let mut rows = Vec::new();
    for found in wanted {
        match found.manifest(&objects) {
            Ok(manifest) => rows.push(row(found, &manifest)),
            // One that is broken hides no other.
            Err(error) => session.terminal.narrate(&format!("tracks: {error:#}")),
        }
    }
    let report = Report { checkpoints: Some(rows), ..Report::new("checkpoint") };
    session.print(&report, &Details::default())?;
    Ok(Ending::Clean)
}

fn row(found: &checkpoint::Checkpoint, manifest: &Manifest) -> model::Checkpoint {
    let is_file = |item: &&Item| !matches!(item, Item::Folder(_));
    let message = String::from_utf8_lossy(&manifest.message).into_owned();
    model::Checkpoint {
        name: found.name.to_string(),
        short: format!("{}@{}", found.name.track, found.number),
        track: found.name.track.to_string(),
        time: clock::written(manifest.time),
        reference: found.name.reference(),
        commit: found.commit.to_string(),
        message: (!message.is_empty()).then_some(message),
        branch: manifest.branch.to_string(),
        tip: manifest.tip.map(|tip| tip.to_string()),
        operation: manifest.operation.clone(),
        files: manifest.files.values().filter(is_file).count(),
        uncommitted: manifest.uncommitted.len(),
        left_out: manifest.left_out.iter().map(|(path, why)| format!("{path} {}", why.sentence())).collect(),
        restore: command(&found.name),
    }
}

/// Which paths of a checkpoint are shown.
#[derive(Clone, Copy, PartialEq)]
enum Shown {
    Uncommitted,
    All,
}

fn show(session: &Session, word: &str, which: Shown) -> Result<Ending> {
    let repo = session.repo()?;
    let found = checkpoint::find(&repo, word)?;
    let manifest = found.manifest(&repo.objects()?)?;
    let state = |path: &RepoPath| match manifest.files.get(path) {
        Some(Item::File(..)) => "file",
        Some(Item::Link(_)) => "link",
        Some(Item::Folder(_)) => "folder",
        None => "gone",
    };
    let paths: Vec<CheckpointPath> = match which {
        Shown::Uncommitted => {
            manifest.uncommitted.iter().map(|path| shown_path(path, state(path), &manifest)).collect()
        }
        Shown::All => manifest.files.keys().map(|path| shown_path(path, state(path), &manifest)).collect(),
    };
    let checkpoints = Some(vec![row(&found, &manifest)]);
    let report = Report { checkpoints, paths: Some(paths), ..Report::new("checkpoint") };
    session.print(&report, &Details::default())?;
    Ok(Ending::Clean)
}

fn shown_path(path: &RepoPath, state: &str, manifest: &Manifest) -> CheckpointPath {
    let (text, path_bytes) = repo_path(path);
    let item = manifest.files.get(path);
    let mode = match item {
        Some(Item::File(mode, _) | Item::Folder(mode)) => Some(format!("{mode:o}")),
        _ => None,
    };
    let object = item.and_then(|item| item.id()).map(|id| id.to_string());
    CheckpointPath { path: text, path_bytes, state: state.to_owned(), object, mode }
}

fn diff(session: &Session, word: &str, other: Option<&str>) -> Result<Ending> {
    let repo = session.repo()?;
    let found = checkpoint::find(&repo, word)?;
    let before = found.manifest(&repo.objects()?)?;
    let after = match other {
        Some(other) => checkpoint::find(&repo, other)?.manifest(&repo.objects()?)?,
        None => {
            let scratch = Scratch::new(&repo)?;
            restore::now(&Project::open(&repo)?, &found, scratch.objects())?.1.manifest
        }
    };
    let paths = difference::paths(&before, &after);
    let paths = paths.iter().map(|(path, kind)| shown_path(path, kind.name(), &before)).collect();
    for words in difference::rest(&before, &after) {
        session.terminal.narrate(&format!("the track {} {words}", after.track));
    }
    let report = Report { paths: Some(paths), ..Report::new("checkpoint") };
    session.print(&report, &Details::default())?;
    Ok(Ending::Clean)
}

fn restore(session: &Session, args: &Restore) -> Result<Ending> {
    let repo = session.repo()?;
    let mode = Mode::of(args.dry_run);
    let name = format!("checkpoint restore {}", escaped(args.checkpoint.as_bytes()));
    let journal = (mode == Mode::Done).then(|| session.journal(&repo, &name)).transpose()?;
    let found = checkpoint::find(&repo, &args.checkpoint)?;
    let extent = extent(session, &repo, args)?;
    if let Some(folder) = &args.to {
        return apart(session, (&repo, &found), (folder, &extent), mode);
    }
    let project = Project::open(&repo)?;
    let Restored { plan, before } = match &journal {
        None => Restored { plan: restore::plan(&project, &found, &extent)?, before: None },
        Some(journal) => restore::restore(&project, &found, &extent, journal)?,
    };
    let mut all = Vec::new();
    if let Some(before) = &before {
        let detail = format!("as {before}; back with `{}`", command(before));
        all.push(Step::new("save", format!("track {}", before.track)).detail(detail));
    }
    if !plan.is_empty() {
        let (written, removed) = (count(plan.files_written(), "file"), count(plan.removed.len(), "file"));
        let git = if plan.git { "; index, branch and state" } else { "" };
        let step = Step::new("restore", format!("track {}", found.name.track));
        all.push(step.detail(format!("from {}: {written} written, {removed} removed{git}", found.name)));
    }
    steps::answer(session, "checkpoint", all, mode)
}

fn apart(
    session: &Session,
    (repo, found): (&Repo, &checkpoint::Checkpoint),
    (folder, extent): (&PathBuf, &Extent),
    mode: Mode,
) -> Result<Ending> {
    let folder = match &session.start {
        crate::git::repo::Start::At(start) => start.join(folder),
        crate::git::repo::Start::Here => files::current_folder().unwrap_or_default().join(folder),
    };
    let apart = Apart::of(repo, found, &folder, extent)?;
    if mode == Mode::Done {
        apart.carry_out(&repo.objects()?)?;
    }
    let name = Project::survey(repo).map_or_else(|_| typed(&folder), |project| shown(&project, &folder));
    let step = Step::new("write", count(apart.files(), "file")).detail(format!("of {} into {name}", found.name));
    steps::answer(session, "checkpoint", vec![step], mode)
}

/// Paths are typed from the folder the user is in; the root is all of it.
fn extent(session: &Session, repo: &Repo, args: &Restore) -> Result<Extent> {
    if args.paths.is_empty() {
        return Ok(Extent::Whole);
    }
    let mut paths = Vec::new();
    for typed in &args.paths {
        match typed_path::resolve(repo, &session.start, typed)? {
            Some(path) => paths.push(path),
            None => return Ok(Extent::Paths(Vec::new())),
        }
    }
    Ok(Extent::Paths(paths))
}

fn prune(session: &Session, args: &Prune) -> Result<Ending> {
    let repo = session.repo()?;
    let mode = Mode::of(args.dry_run);
    let journal = (mode == Mode::Done).then(|| session.journal(&repo, "checkpoint prune")).transpose()?;
    // A file that cannot be read keeps nobody from saying how many.
    let set = Project::survey(&repo).map_or_else(|_| Checkpoints::default(), |project| project.config.checkpoints);
    let set = Checkpoints { keep: args.keep.unwrap_or(set.keep), days: args.days.unwrap_or(set.days) };
    let plan = prune::Plan::of(&repo, Retention::of(&set))?;
    if let Some(journal) = &journal {
        plan.carry_out(&repo, journal)?;
    }
    let mut all: Vec<Step> = plan.dropped.iter().map(dropped).collect();
    let only = |found: &checkpoint::Checkpoint| {
        Step::new("keep", format!("checkpoint {}", found.name)).detail("something in it is nowhere else")
    };
    all.extend(plan.only_copies.iter().map(only));
    if plan.young > 0 {
        all.push(Step::new("keep", count(plan.young, "checkpoint")).detail("not old"));
    }
    steps::answer(session, "checkpoint", all, mode)
}
