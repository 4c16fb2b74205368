//! A checkpoint brought back: what will be written and removed is fixed as a plan, and what is there now is saved, before
//! anything is touched.

mod apart;
mod deed;
mod lock;
mod plan;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::take::{Place, Taken};
use super::{Checkpoint, Manifest, Name, all, create, manifest, store};
use crate::engine::journal::{Change, Journal};
use crate::engine::project::Project;
use crate::git::{Objects, Scratch};
use crate::host::below::Folder;
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
    /// The paths that are wanted; none for all of it. All files are those below the folder `.`.
    fn paths(&self) -> Vec<PathBuf> {
        match self {
            Extent::Whole => Vec::new(),
            Extent::Paths(paths) if paths.is_empty() => vec![PathBuf::from(".")],
            Extent::Paths(paths) => paths.iter().map(|path| PathBuf::from(OsStr::from_bytes(path.as_bstr()))).collect(),
        }
    }

    /// What [`Extent::paths`] was given for.
    pub fn of(paths: &[PathBuf]) -> Extent {
        let paths = match paths {
            [] => return Extent::Whole,
            [all] if all.as_os_str() == "." => &[],
            paths => paths,
        };
        Extent::Paths(paths.iter().filter_map(|path| RepoPath::try_new(path.as_os_str().as_bytes())).collect())
    }

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
pub fn restore(project: &Project, checkpoint: &Checkpoint, extent: &Extent, journal: &Journal) -> Result<Restored> {
    saved_and_written(project, checkpoint, extent, &|before, deed| {
        let (name, before) = (checkpoint.name.to_string(), before.to_string());
        journal.carry_out(vec![Change::Restored { name, before, paths: extent.paths() }], deed)
    })
}

/// Brings it back where a run was ended at it: that is written down already.
pub fn restore_again(project: &Project, checkpoint: &Checkpoint, extent: &Extent) -> Result<()> {
    saved_and_written(project, checkpoint, extent, &|_, deed| deed()).map(drop)
}

/// Does the writing that it is given, after what was there is kept under that name.
type Writer<'a> = dyn Fn(&Name, &mut dyn FnMut() -> Result<()>) -> Result<()> + 'a;

fn saved_and_written(project: &Project, checkpoint: &Checkpoint, extent: &Extent, write: &Writer) -> Result<Restored> {
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
    let mut deed = || deed::carry_out(project, (&place, &now), (&then, &plan), &objects);
    write(&before, &mut deed).map_err(|error| {
        let back = format!("bring back what was there with `tracks checkpoint restore {before}`");
        crate::model::Failure::usage(format!("the checkpoint {} was brought back in part: {error:#}", checkpoint.name))
            .hint(back)
    })?;
    drop(lock);
    Ok(Restored { plan, before: Some(before) })
}

/// How the track of a checkpoint stands after bringing that back was begun: `Some(true)` as it was then, `Some(false)`
/// partly as it was `before`, `None` where somebody made something else of it.
pub fn stands(project: &Project, then: &Checkpoint, before: &Checkpoint, extent: &Extent) -> Result<Option<bool>> {
    let scratch = Scratch::new(&project.repo)?;
    let (_, now) = now(project, then, scratch.objects())?;
    let (then, before) = (then.manifest(scratch.objects())?, before.manifest(scratch.objects())?);
    if Plan::between(&now, &then, extent).is_empty() {
        return Ok(Some(true));
    }
    let now = now.manifest;
    let known = |path: &RepoPath| {
        let item = now.files.get(path);
        [&then, &before].iter().any(|manifest| manifest.files.get(path) == item)
            || matches!(item, None | Some(manifest::Item::Folder(_)))
    };
    let tips = [then.tip, before.tip].contains(&now.tip);
    let mut paths = now.files.keys().chain(then.files.keys()).filter(|path| extent.has(path));
    Ok((tips && paths.all(known)).then_some(false))
}

/// Removes what an ended run left in the folders of a track while it was writing files.
pub fn sweep(project: &Project, checkpoint: &Checkpoint) -> Result<()> {
    let place = place(project, checkpoint)?;
    let root = Folder::open(&place.worktree.path)?;
    let then = checkpoint.manifest(&project.repo.objects()?)?;
    let folders: BTreeSet<Option<RepoPath>> = then.files.keys().map(RepoPath::parent).collect();
    for folder in &folders {
        if let Some(folder) = root.below(folder.as_ref())? {
            folder.sweep()?;
        }
    }
    Ok(())
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
