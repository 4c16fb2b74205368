//! The migrations of the target and of all tracks, uncommitted ones included: which there are, and which is next.

pub mod create;
pub mod deed;
pub mod renumber;

use anyhow::Result;

use super::ground;
use super::progress::Progress;
use super::project::Project;
use super::snapshot::{self, Work};
use crate::git::{Scratch, Trees, tree};
use crate::model::{BlobId, Failure, RepoPath, TrackId};
use crate::policy::migrations::migration::{Migration, Reading};
use crate::policy::migrations::naming::Naming;
use crate::policy::migrations::numbering::Taken;

/// Every migration, and how they are named.
pub struct Survey {
    /// How they are named.
    pub naming: Naming,
    /// Every file of every migration: first the target's, then the tracks', by path.
    pub files: Vec<File>,
}

/// One file of a migration.
#[derive(Clone, Debug)]
pub struct File {
    /// The track that brings it; `None` on the target.
    pub track: Option<TrackId>,
    /// Where it is.
    pub path: RepoPath,
    /// What it holds; `None` for what is no file.
    pub blob: Option<BlobId>,
    /// Whether the track has not committed it, or not as it is now.
    pub uncommitted: bool,
    /// The migration that it is, or is a part of.
    pub migration: Migration,
}

/// Looks at the target and at every track. Refuses where a track cannot be read: a version that is free must be free of
/// all of them.
pub fn survey(project: &Project, scratch: &Scratch) -> Result<Survey> {
    let Some(rules) = &project.config.rules.migrations else {
        let failure = Failure::usage("`tracks.toml` does not say how migrations are named");
        return Err(failure.hint("add `[rules.migrations]` with a `preset`").into());
    };
    let naming = Naming::new(rules, project.tracks.iter().map(|track| &track.id))?;
    let objects = scratch.objects();
    let snapshots = snapshot::all(scratch, &project.tracks, &project.worktrees, (Work::All, Progress::default()));
    let broken = project.tracks.iter().zip(&snapshots).filter(|(track, _)| track.tip.is_some());
    let broken = broken.filter_map(|(track, snapshot)| Some((&track.id, snapshot.as_ref().err()?.clone())));
    let works = ground::works((&Trees::new(objects), objects), project, &snapshots)?;
    let unread = works.unread.iter().map(|(track, why)| (track, why.clone()));
    if let Some((track, why)) = broken.chain(unread).next() {
        return Err(Failure::not_run(format!("the migrations of `{track}` cannot be read: {why}")).into());
    }
    let target = objects.commit(project.target.commit)?.tree;
    let mut files = Vec::new();
    for (path, entry) in tree::entries(objects, target, None)? {
        if let Reading::Migration(migration) = naming.read(&path) {
            let blob = Some(entry.id).filter(|_| entry.mode.is_file());
            files.push(File { track: None, path, blob, uncommitted: false, migration });
        }
    }
    for work in &works.read {
        for change in work.changes.iter().filter(|change| change.on_target.is_none()) {
            let Some(after) = change.change.after else { continue };
            let path = change.change.path.clone();
            if let Reading::Migration(migration) = naming.read(&path) {
                let blob = Some(after.id).filter(|_| after.mode.is_file());
                let track = Some(work.track.clone());
                files.push(File { track, path, blob, uncommitted: change.uncommitted, migration });
            }
        }
    }
    Ok(Survey { naming, files })
}

impl Survey {
    /// The versions that are taken in a folder.
    pub fn taken(&self, set: &RepoPath) -> Vec<Taken> {
        let there = self.files.iter().filter(|file| file.migration.set == *set);
        there.map(|file| (file.migration.version.clone(), file.migration.version_text.clone())).collect()
    }

    /// The folders that hold migrations.
    pub fn sets(&self) -> Vec<&RepoPath> {
        let mut sets: Vec<&RepoPath> = self.files.iter().map(|file| &file.migration.set).collect();
        sets.sort();
        sets.dedup();
        sets
    }
}
