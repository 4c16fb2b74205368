//! A plan carried out: objects first, then the target, from where it was found and nowhere else.

use anyhow::{Context, Result};
use bstr::ByteSlice;

use super::{Plan, Step};
use crate::engine::journal::{Change, Journal};
use crate::engine::project::Project;
use crate::engine::worktrees::{shown, typed};
use crate::git::worktree::Worktree;
use crate::git::{Git, Scratch, keep, status};
use crate::model::text::{count, list};
use crate::model::{Failure, TrackId};

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
    pub fn carry_out(
        &self,
        (project, journal): (&Project, &Journal),
        scratch: &Scratch,
        remote: Option<&str>,
    ) -> Result<Landed> {
        let to = self.to();
        if to == self.from {
            return Ok(Landed::default());
        }
        checkout(project, self)?;
        keep::keep(&project.repo, scratch, to, (self.from, None))?;
        let target = Change::moved(project, &format!("refs/heads/{}", self.target), (self.from, to));
        let mut landed = Landed::default();
        let mut follow: Vec<(&Step, Change)> = Vec::new();
        for step in self.steps.iter().filter(|step| step.follows.is_some()) {
            match following(project, scratch, step)? {
                Some(change) => follow.push((step, change)),
                None => landed.stayed.push((step.track.clone(), by_hand(step, "its worktree is not at rest"))),
            }
        }
        let changes = std::iter::once(&target).chain(follow.iter().map(|(_, change)| change)).cloned().collect();
        journal.carry_out(changes, || {
            if let Some(remote) = remote {
                self.push(project, remote)?;
            }
            let why = format!("tracks: land {}", list(&self.names()));
            let stays = format!("`{}` stays at {}", self.target, self.from.short());
            let named = || match remote {
                Some(remote) => format!("it has landed on `{remote}` and not here: {stays}"),
                None => format!("nothing has landed: {stays}"),
            };
            journal.forward(&target, &why).with_context(named)?;
            for (step, change) in &follow {
                if let Err(error) = journal.forward(change, &format!("tracks: land {}", step.track)) {
                    journal.forget(|other| other.reference() == change.reference())?;
                    landed.stayed.push((step.track.clone(), by_hand(step, &format!("{error:#}"))));
                }
            }
            Ok(landed)
        })
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

/// What a track's branch comes to, so that it has its own landing; `None` where its worktree is not at rest.
fn following(project: &Project, scratch: &Scratch, step: &Step) -> Result<Option<Change>> {
    let track = project.track(step.track.as_str())?;
    let from = track.tip.context("what landed has a tip")?;
    let to = step.follows.context("it is to follow")?;
    if project.worktree_of(&track.branch).is_some_and(|worktree| worktree.operation.is_some() || !worktree.present) {
        return Ok(None);
    }
    keep::keep(&project.repo, scratch, to, (from, None))?;
    Ok(Some(Change::moved(project, &track.branch.full(), (from, to))))
}

fn by_hand(step: &Step, why: &str) -> String {
    let to = step.follows.map(|to| to.to_string()).unwrap_or_default();
    format!("{why}; do it there when nothing is in the way: `git merge --ff-only {to}`")
}
