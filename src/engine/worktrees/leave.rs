//! Everything of ours taken out of a repository, except what holds work: branches, worktrees, checkpoints, `tracks.toml`.

use std::path::PathBuf;

use anyhow::Result;

use super::{Step, exclude, shown, typed};
use crate::engine::hooks;
use crate::engine::journal::{self, Change, Journal, place};
use crate::engine::project::{FILE, Project};
use crate::git::Repo;
use crate::host::files;
use crate::host::folders::{self, Found};
use crate::model::text::count;
use crate::model::{CommitId, Track};

/// Checkpoints hold work that is nowhere else, and notes what somebody said.
const KEPT: [&str; 2] = ["refs/tracks/checkpoints/", "refs/tracks/notes/"];

/// What is held while all else goes.
const LOCK: &str = "lock";

/// What will be taken away.
#[derive(Clone, Debug)]
pub struct Plan {
    hooks: hooks::Removal,
    refs: Vec<(String, CommitId)>,
    exclude: Option<(PathBuf, Vec<u8>)>,
    state: Option<PathBuf>,
    checkpoints: usize,
    /// The tracks with notes.
    noted: usize,
    /// Whether ignored files of removed worktrees lie in the state folder.
    keeps_files: bool,
}

impl Plan {
    /// Fixes what will be taken away.
    pub fn of(repo: &Repo) -> Result<Plan> {
        let refs = repo.refs(&["refs/tracks"])?;
        let kept = |of: &[&str], name: &str| of.iter().any(|begin| name.starts_with(begin));
        let checkpoints = refs.iter().filter(|found| kept(&KEPT[..1], &found.name)).count();
        let noted = refs.iter().filter(|found| kept(&KEPT[1..], &found.name)).count();
        let refs = refs.into_iter().filter(|found| !kept(&KEPT, &found.name));
        let state = Some(repo.state_dir()).filter(|state| folders::look(state).is_ok_and(|f| f != Found::Nothing));
        Ok(Plan {
            hooks: hooks::Removal::of(repo, hooks::Reach::Repository)?,
            refs: refs.filter_map(|found| Some((found.name, found.commit?))).collect(),
            exclude: exclude::without_ours(repo)?,
            keeps_files: !folders::names(&repo.state_dir().join(place::KEPT))?.is_empty(),
            state,
            checkpoints,
            noted,
        })
    }

    /// What will be done, in order.
    pub fn steps(&self) -> Vec<Step> {
        let mut steps = self.hooks.steps();
        steps.extend(self.refs.iter().map(|(name, _)| Step::new("delete", format!("ref {name}"))));
        steps.extend(self.exclude.iter().map(|_| Step::new("remove", "lines of tracks").detail("from info/exclude")));
        steps.extend(self.state.iter().map(|_| {
            Step::new("remove", "state").detail("the last result, what is remembered, the log, and the lock")
        }));
        if self.keeps_files {
            let files = Step::new("keep", "ignored files of removed worktrees");
            steps.push(files.detail(format!("in {}", self.state.as_deref().map(place::kept_in).unwrap_or_default())));
        }
        if self.checkpoints > 0 {
            let checkpoints = Step::new("keep", count(self.checkpoints, "checkpoint"));
            steps.push(checkpoints.detail("they hold work: see `tracks checkpoint list`"));
        }
        if self.noted > 0 {
            let notes = Step::new("keep", format!("notes on {}", count(self.noted, "track")));
            steps.push(notes.detail("in refs/tracks/notes: see `tracks note`"));
        }
        steps
    }

    /// Takes it away. The lock goes last, with the folder it lies in, and with what is written of it there.
    pub fn carry_out(&self, repo: &Repo, journal: &Journal) -> Result<()> {
        journal.carry_out(self.changes(repo)?, || {
            self.hooks.carry_out()?;
            if !self.refs.is_empty() {
                repo.delete_refs(&self.refs)?;
            }
            self.exclude.as_ref().map_or(Ok(()), |(path, text)| files::write(path, text))
        })?;
        let Some(state) = &self.state else { return Ok(()) };
        if !self.keeps_files {
            return folders::remove(state);
        }
        let names = folders::names(state)?;
        let ours = names.iter().filter(|name| *name != place::KEPT && *name != LOCK);
        ours.map(|name| state.join(name)).chain([state.join(LOCK)]).try_for_each(|path| folders::remove(&path))
    }

    fn changes(&self, repo: &Repo) -> Result<Vec<Change>> {
        let objects = repo.objects()?;
        let mut changes = self.hooks.changes(&objects)?;
        let deleted =
            |(name, id): &(String, CommitId)| Change::Ref { name: name.clone(), before: Some(*id), after: None };
        changes.extend(self.refs.iter().map(deleted));
        if let Some((path, text)) = &self.exclude {
            changes.push(journal::file(&objects, path, Some((text, None)))?);
        }
        Ok(changes)
    }
}

/// What stays: the work, and how to remove it.
pub fn stays(project: &Project) -> Vec<Step> {
    let mut steps = Vec::new();
    let worktrees: Vec<&Track> =
        project.tracks.iter().filter(|track| project.worktree_of(&track.branch).is_some()).collect();
    match worktrees.as_slice() {
        [] => {}
        [track] => {
            let remove = format!("remove it with `git worktree remove {}`", typed(&track.worktree));
            steps.push(Step::new("keep", format!("worktree {}", shown(project, &track.worktree))).detail(remove));
        }
        many => {
            let step = Step::new("keep", format!("the worktrees of {}", count(many.len(), "track")));
            steps.push(step.detail("see which can go with `tracks prune`"));
        }
    }
    match project.tracks.iter().filter(|track| track.tip.is_some()).collect::<Vec<_>>().as_slice() {
        [] => {}
        [track] => {
            let branch = &track.branch;
            let delete = format!("delete it with `git branch -d {branch}`");
            steps.push(Step::new("keep", format!("branch {branch}")).detail(delete));
        }
        many => {
            let step = Step::new("keep", format!("the branches of {}", count(many.len(), "track")));
            steps.push(step.detail("delete one with `git branch -d BRANCH`"));
        }
    }
    if project.copies.any() {
        steps.push(Step::new("keep", FILE).detail(format!("remove it with `git rm {FILE}`")));
    }
    steps
}
