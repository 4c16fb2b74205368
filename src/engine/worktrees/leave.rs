//! Everything of ours taken out of a repository, except what holds work: branches, worktrees, checkpoints, `tracks.toml`.

use std::path::PathBuf;

use anyhow::Result;

use super::{Step, exclude, shown, typed};
use crate::engine::hooks;
use crate::engine::project::{FILE, Project};
use crate::git::Repo;
use crate::host::files;
use crate::host::folders::{self, Found};
use crate::model::text::count;
use crate::model::{CommitId, Track};

/// Checkpoints hold work that is nowhere else.
const KEPT: &str = "refs/tracks/checkpoints/";

/// What will be taken away.
#[derive(Clone, Debug)]
pub struct Plan {
    hooks: hooks::Removal,
    refs: Vec<(String, CommitId)>,
    exclude: Option<(PathBuf, Vec<u8>)>,
    state: Option<PathBuf>,
    checkpoints: usize,
}

impl Plan {
    /// Fixes what will be taken away.
    pub fn of(repo: &Repo) -> Result<Plan> {
        let refs = repo.refs(&["refs/tracks"])?;
        let (kept, refs): (Vec<_>, Vec<_>) = refs.into_iter().partition(|found| found.name.starts_with(KEPT));
        let state = Some(repo.state_dir()).filter(|state| folders::look(state).is_ok_and(|f| f != Found::Nothing));
        Ok(Plan {
            hooks: hooks::Removal::of(repo)?,
            refs: refs.into_iter().filter_map(|found| Some((found.name, found.commit?))).collect(),
            exclude: exclude::without_ours(repo)?,
            state,
            checkpoints: kept.len(),
        })
    }

    /// What will be done, in order.
    pub fn steps(&self) -> Vec<Step> {
        let mut steps = self.hooks.steps();
        steps.extend(self.refs.iter().map(|(name, _)| Step::new("delete", format!("ref {name}"))));
        steps.extend(self.exclude.iter().map(|_| Step::new("remove", "lines of tracks").detail("from info/exclude")));
        steps.extend(
            self.state
                .iter()
                .map(|_| Step::new("remove", "state").detail("the last result, what is remembered, and the lock")),
        );
        if self.checkpoints > 0 {
            let checkpoints = Step::new("keep", count(self.checkpoints, "checkpoint"));
            steps.push(checkpoints.detail("they hold work: see `tracks checkpoint list`"));
        }
        steps
    }

    /// Takes it away. The lock goes last, with the folder it lies in.
    pub fn carry_out(&self, repo: &Repo) -> Result<()> {
        self.hooks.carry_out()?;
        repo.delete_refs(&self.refs)?;
        if let Some((path, text)) = &self.exclude {
            files::write(path, text)?;
        }
        self.state.as_deref().map_or(Ok(()), folders::remove)
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
