//! One worktree taken away: saved first, its ignored files kept where that was asked for, and gone in steps that a crash
//! leaves to the next command.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::judge::Judgement;
use crate::engine::checkpoint::take::Place;
use crate::engine::checkpoint::{self, Name};
use crate::engine::journal::{Change, Kept, Removed, place};
use crate::engine::project::Project;
use crate::git::worktree::Worktree;
use crate::host::{files, folders};
use crate::model::{BranchName, Checkout, Track, TrackId};

/// What is to become of ignored files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ignored {
    /// Those that are elsewhere, or made again, go; any other keeps its worktree from going.
    Judge,
    /// All of them are kept in a place of their own.
    Keep,
}

/// A worktree that is saved and can go.
#[derive(Clone, Debug)]
pub struct Away {
    /// The checkpoint that holds it.
    pub checkpoint: Name,
    /// How it goes.
    pub removed: Removed,
}

impl Away {
    /// Saves a worktree that was judged, and fixes how it goes.
    pub fn saved(project: &Project, judgement: &Judgement, ignored: Ignored) -> Result<Away> {
        let worktree = &judgement.worktree;
        let track = track_of(project, worktree)?;
        let place = Place::at(project, &track, worktree)?;
        let checkpoint = checkpoint::save(project, &place).context("it cannot be saved")?;
        let repo = &project.repo;
        let kept = (ignored == Ignored::Keep && !judgement.ignored.is_empty())
            .then(|| Kept { folder: place::kept(repo, track.id.as_str()), paths: judgement.ignored.clone() });
        let removed = Removed {
            track: track.id.to_string(),
            path: worktree.path.clone(),
            branch: worktree.branch.as_deref().map(|name| name.strip_prefix("refs/heads/").unwrap_or(name).to_owned()),
            commit: worktree.head,
            git_dir: place.git_dir.clone(),
            trash: trash(project, &worktree.path),
            checkpoint: checkpoint.to_string(),
            ignored: judgement.ignored.clone(),
            kept,
        };
        Ok(Away { checkpoint, removed })
    }

    /// What changes with it.
    pub fn changes(&self, project: &Project) -> Vec<Change> {
        let name = self.checkpoint.to_string();
        let commit = checkpoint::find(&project.repo, &name).ok().map(|found| found.commit);
        vec![Change::Checkpoint { name, commit }, Change::Removed(self.removed.clone())]
    }

    /// The command that writes its files again, where they were.
    pub fn back(&self) -> String {
        format!("tracks checkpoint restore {} --to {}", self.checkpoint, super::typed(&self.removed.path))
    }
}

/// Where a folder waits for being deleted: where one step puts it.
fn trash(project: &Project, path: &Path) -> PathBuf {
    let trash = place::new_in_trash(&project.repo);
    if folders::are_together(path, &project.repo.state_dir()) {
        return trash;
    }
    let name = trash.file_name().unwrap_or_default().to_string_lossy().into_owned();
    path.with_file_name(format!(".tracks-removed-{name}"))
}

/// The track that a worktree is of; for one of no track what it can be called by.
fn track_of(project: &Project, worktree: &Worktree) -> Result<Track> {
    if let Some(track) = project.tracks.iter().find(|track| track.worktree == worktree.path) {
        return Ok(track.clone());
    }
    let name = worktree.path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).collect();
    let name: String = name.trim_start_matches(['-', '_']).chars().take(50).collect();
    let is_free = |id: &TrackId| project.tracks.iter().all(|track| track.id != *id);
    let names = std::iter::once(name.clone()).chain((1..1000).map(|number| format!("worktree-{number}")));
    let id = names.filter_map(|name| TrackId::new(&name).ok()).find(is_free).context("no name is free for it")?;
    let branch = worktree.branch.as_deref().and_then(|name| BranchName::new(name.strip_prefix("refs/heads/")?).ok());
    let none = || BranchName::new("no-branch").map_err(anyhow::Error::msg);
    Ok(Track {
        id,
        branch: branch.map_or_else(none, Ok)?,
        worktree: worktree.path.clone(),
        tip: worktree.head,
        checkout: Checkout::Present,
    })
}

/// Removes the folders around a worktree that is gone, where nothing is left in them.
pub fn tidy(project: &Project, removed: &Removed) {
    if !files::is_there(&removed.path) {
        folders::remove_empty(removed.path.parent().unwrap_or(&removed.path), &project.ground());
    }
}
