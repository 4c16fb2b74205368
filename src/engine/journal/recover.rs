//! What an interrupted run left, put right: finished, or taken back where it made worktrees and had not got through with
//! them. What is there now decides, not how far the record says it was; what somebody changed since is left alone.

use std::io::ErrorKind;

use anyhow::Result;

use super::change::{Change, Content, Made, Making};
use super::moved::Scene;
use super::record::Record;
use super::{locks, made, removed, restored, staged};
use crate::engine::project::FILE;
use crate::git::Repo;
use crate::git::heads::{self, Move};
use crate::host::files;
use crate::model::CommitId;

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Nothing,
    Finished,
    Back,
}

impl End {
    pub(super) fn phrase(self) -> &'static str {
        match self {
            End::Nothing => "it had changed nothing yet",
            End::Finished => "it is finished now",
            End::Back => "what it had begun is taken back",
        }
    }
}

/// What was put right.
pub(super) struct Recovered {
    pub end: End,
    /// The changes that stand.
    pub done: Vec<Change>,
    /// What somebody should know.
    pub remarks: Vec<String>,
}

/// What is there of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum There {
    /// What was there before.
    Before,
    /// What was to be there.
    After,
    /// Neither: half of it, or what somebody made of it since.
    Neither,
}

pub(super) fn recover(scene: &Scene, record: &Record) -> Result<Recovered> {
    let repo = scene.repo;
    let mut remarks = Vec::new();
    for change in &record.changes {
        if let Change::Moved(moved) = change
            && locks::is_free_or_ours(&moved.lock(), record, repo)
        {
            scene.mend(moved, &mut remarks)?;
        }
    }
    // Before anything is asked of Git, which fails at what it left half made.
    locks::remove_ours(repo, record)?;
    let mut changes = record.changes.clone();
    for change in &mut changes {
        if let Change::Made(made) = change {
            made::clear(repo, made, &record.known, &mut remarks)?;
        }
    }
    for change in &changes {
        if let Change::Removed(gone) = change {
            removed::finish(repo, gone, &mut remarks)?;
        }
    }
    let there = changes.iter().map(|change| look(scene, change)).collect::<Result<Vec<_>>>()?;
    // A worktree that stays needs its branch and its table.
    let stays = |(change, there): (&Change, &There)| matches!(change, Change::Removed(_)) && *there == There::Before;
    let mades = || changes.iter().filter_map(|change| if let Change::Made(made) = change { Some(made) } else { None });
    let is_at = |at: There| changes.iter().zip(&there).any(|(change, there)| *there == at && !is_checkpoint(change));
    let is_between = |change: &Change| match change {
        Change::Moved(moved) => scene.is_between(moved).unwrap_or(false),
        _ => false,
    };
    let end = match () {
        () if !is_at(There::After) && !is_at(There::Neither) => End::Nothing,
        // Whoever is told that it failed finds nothing of it.
        () if !is_at(There::After) && changes.iter().any(is_between) => End::Back,
        () if changes.iter().zip(&there).any(stays) => End::Back,
        () if mades().any(|made| made.state != Making::Whole) => End::Back,
        () => End::Finished,
    };
    match end {
        End::Nothing => {}
        End::Back => {
            let other: Vec<&Made> = mades().filter(|made| made.state != Making::Begun).collect();
            changes.iter().rev().try_for_each(|change| back(scene, change, &other, &mut remarks))?;
        }
        End::Finished => changes.iter().try_for_each(|change| finish(scene, change, &mut remarks))?,
    }
    let stands = |change: &&Change| look(scene, change).is_ok_and(|there| there == There::After);
    let done = changes.iter().filter(stands).cloned().collect();
    Ok(Recovered { end, done, remarks })
}

fn look(scene: &Scene, change: &Change) -> Result<There> {
    let repo = scene.repo;
    let which = |before: bool, after: bool| match (before, after) {
        (_, true) => There::After,
        (true, false) => There::Before,
        _ => There::Neither,
    };
    Ok(match change {
        Change::Ref { name, before, after } => {
            let now = tip(repo, name)?;
            which(now == *before, now == *after)
        }
        Change::File { path, before, after } => which(holds(path, before.as_ref())?, holds(path, after.as_ref())?),
        Change::Made(made) => {
            let whole = made.state == Making::Whole;
            which(!whole, whole && files::is_folder(&made.path))
        }
        Change::Removed(removed) => removed::look(repo, removed),
        Change::Moved(moved) => scene.look(moved)?,
        Change::Staged(row) => staged::look(row).unwrap_or(There::Neither),
        Change::Restored { name, before, paths } => restored::look(repo, (name, before), paths),
        Change::Checkpoint { name, .. } => which(false, restored::is_kept(repo, name)),
    })
}

/// What a ref leads to; `None` where it is not there.
pub fn tip(repo: &Repo, name: &str) -> Result<Option<CommitId>> {
    Ok(repo.refs(&[name])?.into_iter().find(|found| found.name == name).and_then(|found| found.commit))
}

/// Whether a file holds this, with these permissions.
pub(super) fn holds(path: &std::path::Path, content: Option<&Content>) -> Result<bool> {
    let found = files::read(path, u64::MAX - 1)?;
    Ok(match (&found, content) {
        (None, None) => true,
        (Some(found), Some(Content { bytes: Some(bytes), mode, .. })) => {
            found == bytes && files::mode(path).is_none_or(|now| now == *mode)
        }
        _ => false,
    })
}

fn finish(scene: &Scene, change: &Change, remarks: &mut Vec<String>) -> Result<()> {
    let repo = scene.repo;
    match change {
        Change::Ref { name, before, after } => {
            let now = tip(repo, name)?;
            move_ref(repo, (name, now), (*before, *after), remarks)
        }
        Change::File { path, before, after } => put_or_say(repo, path, (before, after), remarks),
        Change::Restored { name, before, paths } => restored::finish(repo, (name, before), paths, remarks),
        Change::Made(made) => made::bring_back(repo, made),
        Change::Moved(moved) => scene.finish(moved, remarks),
        Change::Staged(row) => staged::finish(row, remarks),
        Change::Removed(_) | Change::Checkpoint { .. } => Ok(()),
    }
}

fn is_checkpoint(change: &Change) -> bool {
    matches!(change, Change::Checkpoint { .. })
}

/// What serves a worktree that stays, stays; what was to serve one that was not begun is not ours.
fn back(scene: &Scene, change: &Change, other: &[&Made], remarks: &mut Vec<String>) -> Result<()> {
    let repo = scene.repo;
    match change {
        Change::Moved(moved) => scene.back(moved, remarks),
        Change::Ref { name, before, after } => {
            let serves = |made: &&&Made| name.strip_prefix("refs/heads/") == Some(made.branch.as_str());
            let now = tip(repo, name)?;
            if now.is_none() || other.iter().any(|made| serves(&made)) {
                return Ok(());
            }
            if repo.worktrees()?.iter().any(|worktree| worktree.branch.as_ref() == Some(name)) {
                remarks.push(format!("`{name}` stays: it is checked out"));
                return Ok(());
            }
            move_ref(repo, (name, now), (*after, *before), remarks)
        }
        Change::File { path, before, after } if other.iter().all(|made| made.state == Making::Planned) => {
            put_or_say(repo, path, (after, before), remarks)
        }
        _ => Ok(()),
    }
}

fn move_ref(
    repo: &Repo,
    (name, now): (&str, Option<CommitId>),
    (from, to): (Option<CommitId>, Option<CommitId>),
    remarks: &mut Vec<String>,
) -> Result<()> {
    if now == to {
        return Ok(());
    }
    if now != from {
        remarks.push(format!("`{name}` stays as it is: somebody has moved it since"));
        return Ok(());
    }
    let change = Move { name: name.to_owned(), to, from };
    let moved = heads::move_refs(repo, &repo.common_dir, "tracks: an interrupted run put right", &[change]);
    // Such as for a lock of somebody else's: no reason to keep everybody from everything.
    if let Err(error) = moved {
        let error = format!("{error:#}");
        remarks.push(format!("`{name}` stays as it is: {}", error.lines().next().unwrap_or_default()));
    }
    Ok(())
}

/// The same as [`put`]; a file of somebody's that may not be written keeps nobody from everything else.
fn put_or_say(
    repo: &Repo,
    path: &std::path::Path,
    contents: (&Option<Content>, &Option<Content>),
    remarks: &mut Vec<String>,
) -> Result<()> {
    let done = put(path, contents, remarks);
    let is_ours = path.starts_with(&repo.common_dir) || path.ends_with(FILE);
    let is_refused = |error: &anyhow::Error| {
        let found = error.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        matches!(found, Some(ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem | ErrorKind::NotADirectory))
    };
    match done {
        Err(error) if !is_ours && is_refused(&error) => {
            remarks.push(format!("`{}` stays as it is: {error:#}", path.display()));
            Ok(())
        }
        done => done,
    }
}

/// Writes what is to be there, where there is still what was there before, or nothing at all.
fn put(
    path: &std::path::Path,
    (from, to): (&Option<Content>, &Option<Content>),
    remarks: &mut Vec<String>,
) -> Result<()> {
    if let Some(folder) = path.parent() {
        files::sweep(folder, 0);
    }
    if holds(path, to.as_ref())? {
        return Ok(());
    }
    if files::is_there(path) && !holds(path, from.as_ref())? {
        remarks.push(format!("`{}` stays as it is: somebody has changed it since", path.display()));
        return Ok(());
    }
    match to {
        Some(Content { bytes: Some(bytes), mode, .. }) => files::write_with(path, bytes, *mode),
        Some(_) => Ok(()),
        None => files::remove(path),
    }
}
