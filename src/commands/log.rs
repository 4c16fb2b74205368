//! `tracks log`: what `tracks` changed, when, and on whose behalf.

use anyhow::Result;
use clap::Args;

use super::Ending;
use super::session::Session;
use crate::engine::journal::{self, Change, Event, Moved};
use crate::engine::project::Project;
use crate::engine::undo;
use crate::engine::worktrees::shown;
use crate::git::Repo;
use crate::host::clock;
use crate::model::text::escaped;
use crate::model::{CommitId, Failure};
use crate::policy::config;
use crate::report::model::{self, EventChange};
use crate::report::{Details, Report};

/// Show what tracks changed: each command with its refs, worktrees, files and checkpoints
#[derive(Args)]
pub struct Log {
    /// Only what concerns this track
    #[arg(long, value_name = "TRACK")]
    track: Option<String>,
    /// Only what is no older: a length of time such as `4h`, `2d`, or a day as YYYY-MM-DD
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,
}

/// Runs it.
pub fn run(session: &Session, args: &Log) -> Result<Ending> {
    let repo = session.repo()?;
    let since = args.since.as_deref().map(since).transpose()?.unwrap_or_default();
    let all = journal::events(&repo)?;
    let reverted = undo::reverted(&all);
    // Paths are shown as far as the project can be read.
    let project = Project::survey(&repo).ok();
    let wanted = |event: &&Event| {
        event.time >= since && args.track.as_deref().is_none_or(|track| concerns(project.as_ref(), event, track))
    };
    let row = |event: &Event| model::Event {
        number: event.number,
        time: event.time.clone(),
        version: event.version.clone(),
        actor: event.actor.clone(),
        command: event.command.clone(),
        changes: event.changes.iter().flat_map(|change| shown_change(&repo, project.as_ref(), change)).collect(),
        undoes: event.undoes.clone(),
        undone: reverted.contains(&event.number),
    };
    let events = Some(all.iter().filter(wanted).map(row).collect());
    session.print(&Report { events, ..Report::new("log") }, &Details::default())?;
    Ok(Ending::Clean)
}

/// The earliest time that is meant, as the log writes times.
fn since(text: &str) -> Result<String> {
    if let Some(length) = config::duration(text) {
        let seconds = i64::try_from(length.as_secs()).unwrap_or(i64::MAX);
        return Ok(clock::written(clock::seconds().saturating_sub(seconds).max(0)));
    }
    if let Some(day) = config::date(text) {
        return Ok(format!("{day}T00:00:00Z"));
    }
    let failure = Failure::usage(format!("`{}` is no time", escaped(text.as_bytes())));
    Err(failure.hint("write a length of time such as `4h` or `2d`, or a day as `2026-12-01`").into())
}

fn concerns(project: Option<&Project>, event: &Event, track: &str) -> bool {
    let declared = project.and_then(|project| project.tracks.iter().find(|found| found.id.as_str() == track));
    let of_checkpoint = |name: &str| name.split_once('@').is_some_and(|(id, _)| id == track);
    event.changes.iter().any(|change| match change {
        Change::Ref { name, .. } | Change::Moved(Moved { name, .. }) => {
            let kept = name.starts_with("refs/tracks/") && name.rsplit('/').next() == Some(track);
            kept || declared.is_some_and(|declared| declared.branch.full() == *name)
        }
        Change::Made(made) => made.track == track,
        Change::Removed(removed) => removed.track == track,
        Change::Checkpoint { name, .. } | Change::Restored { name, .. } => of_checkpoint(name),
        Change::File { .. } | Change::Staged(_) => false,
    })
}

fn shown_change(repo: &Repo, project: Option<&Project>, change: &Change) -> Vec<EventChange> {
    let id = |id: &Option<CommitId>| id.map(|id| id.to_string());
    let name = |path: &std::path::Path| match project {
        Some(project) => shown(project, path),
        None => path.strip_prefix(&repo.common_dir).unwrap_or(path).to_string_lossy().into_owned(),
    };
    let one = |kind: &str, subject: String, before: Option<String>, after: Option<String>| {
        vec![EventChange { kind: kind.to_owned(), subject, before, after, kept: None }]
    };
    match change {
        Change::Ref { name, before, after } => one("ref", name.clone(), id(before), id(after)),
        Change::Moved(moved) => {
            one("ref", moved.name.clone(), Some(moved.before.to_string()), Some(moved.after.to_string()))
        }
        // The file is shown.
        Change::Staged(_) => Vec::new(),
        Change::File { path, before, after } => {
            let content = |content: &Option<journal::Content>| content.as_ref().map(|content| content.id.clone());
            one("file", name(path), content(before), content(after))
        }
        Change::Made(made) => one("worktree", name(&made.path), None, id(&made.commit)),
        Change::Removed(removed) => {
            let kept = removed.kept.as_ref().map(|kept| name(&kept.folder));
            vec![EventChange {
                kind: "worktree".into(),
                subject: name(&removed.path),
                before: id(&removed.commit),
                after: None,
                kept,
            }]
        }
        Change::Checkpoint { name, commit } => one("checkpoint", name.clone(), None, id(commit)),
        Change::Restored { name, before, .. } => {
            let track = name.split('@').next().unwrap_or_default();
            one("restored", track.to_owned(), Some(before.clone()), Some(name.clone()))
        }
    }
}
