//! The tree that a track stands for: its last commit, plus the uncommitted work of its worktree.

use std::path::PathBuf;

use anyhow::{Context, Result};
use rayon::prelude::*;

use super::premerge::Side;
use super::progress::{Progress, Stage};
use crate::git::objects::Commit;
use crate::git::worktree::{Operation, Worktree};
use crate::git::{Objects, Scratch, status, tree};
use crate::model::{Checkout, CommitId, RepoPath, Track};

/// What is read of a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Its commits alone.
    Committed,
    /// Uncommitted work too: what is staged, what is not, and untracked files that are not ignored.
    All,
}

/// A track as it was when it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// What is merged.
    pub side: Side,
    /// The uncommitted paths, ordered; empty where only commits were read.
    pub uncommitted: Vec<RepoPath>,
    /// Repositories inside the worktree that are no part of it: left out.
    pub embedded: Vec<RepoPath>,
}

/// Reads every track, several at once. A track that cannot be read is an `Err` with the reason, as the end of a
/// sentence.
pub fn all(
    scratch: &Scratch,
    tracks: &[Track],
    worktrees: &[Worktree],
    (work, progress): (Work, Progress),
) -> Vec<std::result::Result<Snapshot, String>> {
    let folders: Vec<PathBuf> = worktrees.iter().map(|worktree| worktree.path.clone()).collect();
    let counter = progress.begin(Stage::Snapshots, tracks.len());
    let read = |track: &Track| {
        let worktree = worktrees.iter().find(|worktree| worktree.path == track.worktree);
        let taken = take(scratch, track, worktree, &folders, work).map_err(|error| format!("{error:#}"));
        counter.advance();
        taken
    };
    tracks.par_iter().map(read).collect()
}

/// The side that a commit alone is.
pub fn committed(scratch: &Scratch, commit: CommitId) -> Result<Side> {
    let tree = scratch.objects().commit(commit)?.tree;
    Ok(Side { tip: commit, commit, tree })
}

/// A track by its last commit alone; the error is the end of a sentence.
pub fn of_tip(objects: &Objects, tip: Option<CommitId>) -> std::result::Result<Snapshot, String> {
    let tip = tip.ok_or("it has no branch")?;
    let tree = objects.commit(tip).map_err(|error| format!("{error:#}"))?.tree;
    Ok(Snapshot { side: Side { tip, commit: tip, tree }, uncommitted: Vec::new(), embedded: Vec::new() })
}

fn take(
    scratch: &Scratch,
    track: &Track,
    worktree: Option<&Worktree>,
    folders: &[PathBuf],
    work: Work,
) -> Result<Snapshot> {
    let tip = track.tip.with_context(|| format!("the branch `{}` does not exist", track.branch))?;
    let side = committed(scratch, tip)?;
    let clean = |side| Snapshot { side, uncommitted: Vec::new(), embedded: Vec::new() };
    let worktree = match (&track.checkout, worktree, work) {
        (Checkout::Unfinished, _, Work::All) => anyhow::bail!("its worktree is not made to the end"),
        (Checkout::Unusable(reason), _, Work::All) => anyhow::bail!("{reason}"),
        (Checkout::Present, Some(worktree), Work::All) => worktree,
        (Checkout::None, Some(worktree), Work::All) => anyhow::bail!(
            "`{}` has another branch checked out, or none: what it stands for is undecided",
            worktree.path.display()
        ),
        _ => return Ok(clean(side)),
    };
    if worktree.head != Some(tip) {
        let doing = worktree.operation.map_or("another commit checked out", Operation::phrase);
        anyhow::bail!("`{}` has {doing}: what it stands for is undecided", worktree.path.display());
    }
    let nested: Vec<PathBuf> = folders.iter().filter(|folder| **folder != worktree.path).cloned().collect();
    let status = status::read_at(scratch, &worktree.path, &nested, tip)?;
    if status.head != Some(tip) {
        anyhow::bail!("a commit was made in `{}` while it was read: run it again", worktree.path.display());
    }
    if let Some(path) = status.unmerged.first() {
        anyhow::bail!("an unfinished merge: `{path}` is still in conflict in `{}`", worktree.path.display());
    }
    if status.files.is_empty() {
        return Ok(Snapshot { embedded: status.embedded, ..clean(side) });
    }
    let edits = status::edits(scratch, &worktree.path, &status.files)?;
    let objects = scratch.objects();
    let tree = tree::edit(objects, side.tree, &edits)?;
    let time = objects.commit(tip)?.time;
    let commit = objects.write_commit(&Commit { tree, parents: vec![tip], time }, "Uncommitted work")?;
    let mut uncommitted: Vec<RepoPath> = status.files.into_iter().map(|file| file.path).collect();
    uncommitted.sort();
    Ok(Snapshot { side: Side { tip, commit, tree }, uncommitted, embedded: status.embedded })
}
