//! A plan carried out: objects first, then the target, from where it was found and nowhere else.

use std::path::Path;

use anyhow::{Context, Result, bail};
use bstr::ByteSlice;

use super::{Plan, Step};
use crate::engine::project::Project;
use crate::engine::worktrees::{shown, typed};
use crate::git::worktree::Worktree;
use crate::git::{Git, Scratch, keep, status};
use crate::model::text::{count, list};
use crate::model::{CommitId, Failure, TrackId};

/// What came of it beside the target's being where the plan says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Landed {
    /// The branches that were to take the landing in, and could not, each with the reason.
    pub stayed: Vec<(TrackId, String)>,
}

impl Plan {
    /// Looks whether the target can be moved: where it is checked out its files have to follow, so they have to be as it
    /// has them.
    pub fn check(&self, project: &Project) -> Result<()> {
        checkout(project, self).map(drop)
    }

    /// Moves the target; on `remote` first, where one is named: what does not come to be there does not come to be here.
    /// The caller holds the lock.
    pub fn carry_out(&self, project: &Project, scratch: &Scratch, remote: Option<&str>) -> Result<Landed> {
        let to = self.to();
        if to == self.from {
            return Ok(Landed::default());
        }
        let place = checkout(project, self)?;
        keep::keep(&project.repo, scratch, to, (self.from, None))?;
        if let Some(remote) = remote {
            self.push(project, remote)?;
        }
        let why = format!("tracks: land {}", list(&self.names()));
        match place {
            Some(worktree) => {
                stays(&worktree.path, self)?;
                follow(&worktree.path, to, &why)
            }
            None => {
                let name = format!("refs/heads/{}", self.target);
                project.repo.move_ref(&name, (Some(self.from), to), &why)
            }
        }
        .with_context(|| format!("nothing has landed: `{}` stays at {}", self.target, self.from.short()))?;
        let mut landed = Landed::default();
        for step in &self.steps {
            let Some(follows) = step.follows else { continue };
            if let Err(error) = branch_follows(project, scratch, step, follows) {
                landed.stayed.push((step.track.clone(), format!("{error:#}")));
            }
        }
        Ok(landed)
    }

    /// Pushes what the target will be, and the branch of each track as it landed, all or none.
    fn push(&self, project: &Project, remote: &str) -> Result<()> {
        let mut refs = vec![format!("{}:refs/heads/{}", self.to(), self.target)];
        for step in &self.steps {
            refs.push(format!("{}:{}", step.tip, project.track(step.track.as_str())?.branch.full()));
        }
        // A remote may be named by a path from there.
        let git = Git::at(&project.ground()).args(["push", "--atomic", "--porcelain", "--end-of-options", remote]);
        let output = git.args(refs).output()?;
        if output.status.success() {
            return Ok(());
        }
        if output.stdout.contains_str("[rejected]") {
            let failure = Failure::not_run(format!("nothing has landed: `{remote}` has commits that are not here"));
            let hint = format!("take them in, then try again: `git pull --ff-only {remote} {}`", self.target);
            return Err(failure.hint(hint).into());
        }
        Err(Failure::not_run(format!("nothing has landed: `{remote}` refused it: {}", output.stderr)).into())
    }

    fn names(&self) -> Vec<String> {
        self.steps.iter().map(|step| step.track.to_string()).collect()
    }
}

/// The worktree that has the target checked out; refuses one whose files cannot follow.
fn checkout<'a>(project: &'a Project, plan: &Plan) -> Result<Option<&'a Worktree>> {
    let full = format!("refs/heads/{}", plan.target);
    let there: Vec<&Worktree> = project
        .worktrees
        .iter()
        .filter(|worktree| !worktree.bare && worktree.branch.as_deref() == Some(&full))
        .collect();
    let [worktree] = there[..] else {
        if there.is_empty() {
            return Ok(None);
        }
        let places: Vec<String> =
            there.iter().map(|worktree| format!("`{}`", shown(project, &worktree.path))).collect();
        let failure = Failure::usage(format!("`{}` is checked out in {}", plan.target, list(&places)));
        return Err(failure.hint("let only one of them have it").into());
    };
    let (name, path) = (shown(project, &worktree.path), typed(&worktree.path));
    let named = format!("`{}`, where `{}` is checked out,", if name.is_empty() { "." } else { &name }, plan.target);
    if !worktree.present {
        let failure = Failure::usage(format!("{named} is not there"));
        return Err(failure.hint(format!("forget it: `git worktree remove --force {path}`")).into());
    }
    if let Some(operation) = worktree.operation {
        let failure = Failure::usage(format!("{named} has {}", operation.phrase()));
        return Err(failure.hint(format!("see `git -C {path} status`")).into());
    }
    let nested: Vec<_> = project.worktrees.iter().map(|worktree| worktree.path.clone()).collect();
    let status = status::read(&worktree.path, &nested)?;
    let dirty = status.unmerged.len() + status.files.iter().filter(|file| file.now != status::Now::Untracked).count();
    if dirty > 0 {
        let failure = Failure::usage(format!("{named} has {} that are not committed", count(dirty, "change")));
        let failure = failure.hint(format!("commit them, or put them aside: `git -C {path} stash`"));
        return Err(failure.into());
    }
    Ok(Some(worktree))
}

/// Refuses where the target has moved since it was judged.
fn stays(worktree: &Path, plan: &Plan) -> Result<()> {
    let head = Git::at(worktree).args(["rev-parse", "--verify", "HEAD"]).line()?;
    if head.as_deref() == Some(&plan.from.to_string()) {
        return Ok(());
    }
    let failure = Failure::not_run(format!("`{}` has moved meanwhile", plan.target));
    Err(failure.hint("try again: it is judged anew").into())
}

/// Moves a branch and the files of its checkout, as Git does it: it overwrites nothing that is not committed, and here
/// nothing that is ignored either.
pub(super) fn follow(worktree: &Path, to: CommitId, why: &str) -> Result<()> {
    let words =
        ["merge", "--ff-only", "--no-overwrite-ignore", "--quiet", "--no-verify-signatures", "--end-of-options"];
    let git = Git::at(worktree).env("GIT_REFLOG_ACTION", why).args(["-c", "gc.auto=0", "-c", "maintenance.auto=false"]);
    git.args(words).arg(to.to_string()).run()
}

/// Lets a track's branch take its own landing in.
fn branch_follows(project: &Project, scratch: &Scratch, step: &Step, to: CommitId) -> Result<()> {
    let track = project.track(step.track.as_str())?;
    let from = track.tip.context("what landed has a tip")?;
    keep::keep(&project.repo, scratch, to, (from, None))?;
    let why = format!("tracks: land {}", step.track);
    match project.worktree_of(&track.branch) {
        Some(worktree) if worktree.operation.is_some() || !worktree.present => {
            bail!("its worktree is not at rest: `git merge --ff-only {to}` there when it is")
        }
        Some(worktree) => follow(&worktree.path, to, &why)
            .with_context(|| format!("`git merge --ff-only {to}` in its worktree when what is not committed there is")),
        None => project.repo.move_ref(&track.branch.full(), (Some(from), to), &why),
    }
}
