//! What `init` and `add` will write. Everything is checked here; once a plan exists only the machine can fail it.

use std::path::PathBuf;

use anyhow::Result;

use super::{Step, checks, exclude::Exclude, shown, typed};
use crate::engine::hooks;
use crate::engine::journal::{self, Change, Made, Making};
use crate::engine::project::{FILE, Project};
use crate::engine::setup;
use crate::model::{BranchName, Checkout, CommitId, Failure, Track, TrackId};

/// What will be written, all of it.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The new text of `tracks.toml`.
    pub policy: Option<Policy>,
    /// The lines that keep nested worktrees out of the main one's status.
    pub exclude: Option<Exclude>,
    /// The worktrees, with their branches.
    pub worktrees: Vec<New>,
    /// What the new worktrees are given.
    pub setup: setup::Plan,
    /// The hooks.
    pub hooks: hooks::Plan,
}

/// `tracks.toml` as it will be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Where it lies.
    pub path: PathBuf,
    /// What it holds now; `None` where it is not there.
    pub before: Option<String>,
    /// What it will hold.
    pub after: String,
    /// What that declares.
    pub declared: Vec<TrackId>,
}

/// A worktree that will be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct New {
    /// The track it is for.
    pub track: TrackId,
    /// Its folder.
    pub path: PathBuf,
    /// Its branch.
    pub branch: BranchName,
    /// Where the branch begins; `None` where it is there already.
    pub start: Option<Start>,
}

/// Where a new branch begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// The commit.
    pub commit: CommitId,
    /// What the user knows it by.
    pub name: String,
}

impl Start {
    /// The tip of the target.
    pub fn target(project: &Project) -> Start {
        Start { commit: project.target.commit, name: project.target.name.clone() }
    }
}

impl Plan {
    /// Branches and worktrees for those of `tracks` that have none; new branches begin at `start`. `project` declares
    /// them already, be it in a text that is not written yet.
    pub fn of(project: &Project, tracks: &[&Track], start: &Start) -> Result<Plan> {
        let mut worktrees: Vec<New> = Vec::new();
        for track in tracks {
            let Some(new) = missing(project, track, start)? else { continue };
            checks::folder(project, &new, &worktrees)?;
            if new.start.is_some() {
                checks::branch(project, &new.branch, &worktrees)?;
            }
            worktrees.push(new);
        }
        let paths: Vec<PathBuf> = worktrees.iter().map(|new| new.path.clone()).collect();
        Ok(Plan {
            policy: None,
            exclude: Exclude::of(project, &paths)?,
            setup: setup::Plan::of(project, &paths)?,
            worktrees,
            hooks: hooks::Plan::default(),
        })
    }

    /// Whether nothing will be written.
    pub fn is_empty(&self) -> bool {
        self.policy.is_none() && self.exclude.is_none() && self.worktrees.is_empty() && self.hooks.is_empty()
    }

    /// What will be changed, in order, with what is there now.
    pub fn changes(&self, project: &Project) -> Result<Vec<Change>> {
        let objects = project.repo.objects()?;
        let mut changes = Vec::new();
        if let Some(exclude) = &self.exclude {
            changes.push(journal::file(&objects, &exclude.path, Some((&exclude.after, None)))?);
        }
        for new in &self.worktrees {
            if let Some(start) = &new.start {
                changes.push(Change::Ref { name: new.branch.full(), before: None, after: Some(start.commit) });
            }
            changes.push(Change::Made(Made {
                track: new.track.to_string(),
                path: new.path.clone(),
                branch: new.branch.to_string(),
                commit: new.start.as_ref().map(|start| start.commit).or(project.tip(&new.branch)),
                given: self.setup.given().map(PathBuf::from).collect(),
                from: project.ground(),
                state: Making::Planned,
            }));
        }
        if let Some(policy) = &self.policy {
            changes.push(journal::file(&objects, &policy.path, Some((policy.after.as_bytes(), None)))?);
        }
        changes.extend(self.hooks.changes(&objects)?);
        Ok(changes)
    }

    /// What will be done, in order.
    pub fn steps(&self, project: &Project) -> Vec<Step> {
        let mut steps = Vec::new();
        if let Some(exclude) = &self.exclude {
            steps.extend(exclude.patterns().map(|line| Step::new("exclude", line).detail("in info/exclude")));
        }
        for new in &self.worktrees {
            if let Some(start) = &new.start {
                let from = format!("from {} {}", start.name, start.commit.short());
                steps.push(Step::new("create", format!("branch {}", new.branch)).detail(from));
            }
            let worktree = Step::new("create", format!("worktree {}", shown(project, &new.path)));
            steps.push(match new.start {
                Some(_) => worktree,
                None => worktree.detail(format!("of the branch {}, as it is", new.branch)),
            });
        }
        steps.extend(self.setup.steps(project));
        steps.extend(self.policy.iter().flat_map(Policy::steps));
        steps.extend(self.hooks.steps());
        steps
    }
}

impl Policy {
    fn steps(&self) -> Vec<Step> {
        if self.declared.is_empty() {
            return vec![Step::new("write", FILE)];
        }
        self.declared
            .iter()
            .map(|id| Step::new("declare", format!("track {id}")).detail(format!("in {FILE}")))
            .collect()
    }
}

/// What a track lacks; `None` where its worktree is there.
fn missing(project: &Project, track: &Track, start: &Start) -> Result<Option<New>> {
    let shown = shown(project, &track.worktree);
    match &track.checkout {
        Checkout::Present => return Ok(None),
        Checkout::None => {}
        Checkout::Missing => {
            let failure = Failure::usage(format!("the folder of track `{}`, `{shown}`, is gone", track.id));
            let again = format!("make it again with `git worktree add -f {} {}`", typed(&track.worktree), track.branch);
            let failure = failure.hint(format!("if it was moved: `git worktree repair NEW-FOLDER`; else {again}"));
            return Err(failure.into());
        }
        Checkout::Unfinished => return Err(checks::unfinished(project, &track.worktree).into()),
        Checkout::Unusable(why) => {
            let failure = Failure::usage(format!("the worktree of track `{}`, `{shown}`, {why}", track.id));
            return Err(failure.hint(format!("mend it with `git worktree repair {}`", typed(&track.worktree))).into());
        }
    }
    let start = track.tip.is_none().then(|| start.clone());
    Ok(Some(New { track: track.id.clone(), path: track.worktree.clone(), branch: track.branch.clone(), start }))
}
