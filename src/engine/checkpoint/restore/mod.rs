//! A checkpoint brought back: what will be written and removed is fixed as a plan, and what is there now is saved, before
//! anything is touched.

mod apart;
mod deed;
mod lock;
mod plan;

use anyhow::{Context, Result};

use super::take::{Place, Taken};
use super::{Checkpoint, Manifest, Name, all, create, store};
use crate::engine::project::Project;
use crate::git::{Objects, Scratch};
use crate::model::RepoPath;

pub use apart::Apart;
pub use plan::Plan;

/// What of a checkpoint is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extent {
    /// All of it: files, index, what is checked out, what Git is in the middle of.
    Whole,
    /// The files at and below these paths (none given: all files), and nothing else.
    Paths(Vec<RepoPath>),
}

impl Extent {
    /// Whether a path is wanted.
    pub fn has(&self, path: &RepoPath) -> bool {
        match self {
            Extent::Whole => true,
            Extent::Paths(paths) => paths.is_empty() || paths.iter().any(|wanted| path.is_within(wanted)),
        }
    }
}

/// What was brought back.
#[derive(Clone, Debug)]
pub struct Restored {
    /// What was written and removed.
    pub plan: Plan,
    /// The checkpoint that holds what was there before; `None` where nothing had to be done.
    pub before: Option<Name>,
}

/// What bringing `checkpoint` back would do.
pub fn plan(project: &Project, checkpoint: &Checkpoint, extent: &Extent) -> Result<Plan> {
    let scratch = Scratch::new(&project.repo)?;
    let (place, now) = now(project, checkpoint, scratch.objects())?;
    let then = checkpoint.manifest(scratch.objects())?;
    wanted(&then, extent, checkpoint)?;
    Plan::of(project, (&place, &now), &then, (scratch.objects(), extent))
}

/// Brings it back.
pub fn restore(project: &Project, checkpoint: &Checkpoint, extent: &Extent) -> Result<Restored> {
    let objects = project.repo.objects()?;
    let then = checkpoint.manifest(&objects)?;
    wanted(&then, extent, checkpoint)?;
    let place = place(project, checkpoint)?;
    // As long as it is held, no Git writes to the index that is about to be saved and replaced.
    let lock = lock::IndexLock::take(&place.git_dir)?;
    let all = all(&project.repo)?;
    let store = store(&objects, &all, &place)?;
    let now = place.take(&store).map_err(|why| refused(checkpoint, &why))?;
    let plan = Plan::of(project, (&place, &now), &then, (&objects, extent))?;
    if plan.is_empty() {
        return Ok(Restored { plan, before: None });
    }
    let before = create::keep(project, (&place, &now), &store, &all)?;
    deed::carry_out(project, (&place, &now), (&then, &plan), &objects).map_err(|error| {
        let back = format!("bring back what was there with `tracks checkpoint restore {before}`");
        crate::model::Failure::usage(format!("the checkpoint {} was brought back in part: {error:#}", checkpoint.name))
            .hint(back)
    })?;
    drop(lock);
    Ok(Restored { plan, before: Some(before) })
}

/// What is there now of the track that a checkpoint is of.
pub fn now(project: &Project, checkpoint: &Checkpoint, objects: &Objects) -> Result<(Place, Taken)> {
    let place = place(project, checkpoint)?;
    let store = store(objects, &all(&project.repo)?, &place)?;
    let taken = place.take(&store).map_err(|why| refused(checkpoint, &why))?;
    Ok((place, taken))
}

fn place(project: &Project, checkpoint: &Checkpoint) -> Result<Place> {
    let place = Place::of(project, project.track(checkpoint.name.track.as_str())?);
    let place = place.and_then(|place| place.context("has no worktree"));
    place.map_err(|why| refused(checkpoint, &why))
}

fn refused(checkpoint: &Checkpoint, why: &anyhow::Error) -> anyhow::Error {
    let failure = crate::model::Failure::usage(format!("the track {} {why:#}", checkpoint.name.track));
    failure
        .hint(format!("bring the files back elsewhere with `tracks checkpoint restore {} --to DIR`", checkpoint.name))
        .into()
}

/// The paths of a manifest that are wanted; refuses a path that it does not have.
fn wanted(then: &Manifest, extent: &Extent, checkpoint: &Checkpoint) -> Result<()> {
    let Extent::Paths(paths) = extent else { return Ok(()) };
    match paths.iter().find(|path| !then.files.keys().any(|found| found.is_within(path))) {
        None => Ok(()),
        Some(path) => {
            let failure = crate::model::Failure::usage(format!("the checkpoint holds nothing at `{path}`"));
            Err(failure
                .hint(format!("see what it holds with `tracks checkpoint show --all {}`", checkpoint.name))
                .into())
        }
    }
}
