//! One track's worktree removed, its branch only if everything on it has landed.

use std::path::Path;

use anyhow::{Context, Result};

use super::away::{self, Away, Ignored};
use super::judge::{Judge, Judgement, Reason};
use super::plan::Policy;
use super::{Step, declare, shown, typed};
use crate::engine::journal::{self, Change, Journal, removed};
use crate::engine::project::{FILE, Project};
use crate::git::objects::{FETCH, is_missing};
use crate::git::worktree::Worktree;
use crate::host::files;
use crate::model::text::list;
use crate::model::{BranchName, CommitId, Failure, Track};

/// What is to become of the branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Branch {
    /// It stays, with all that is on it.
    Keep,
    /// It goes.
    Delete,
}

/// Which commits may be left to the branch alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commits {
    /// Those that have landed.
    Landed,
    /// Any: the branch stays, and with it everything on it.
    Any,
}

/// What will be removed.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The folder, as it was judged.
    pub worktree: Option<Judgement>,
    /// The branch and the commit it must still be at.
    pub branch: Option<(BranchName, CommitId)>,
    /// `tracks.toml` without the track.
    pub policy: Option<Policy>,
    /// What becomes of ignored files and folders.
    pub ignored: Ignored,
    kept: Vec<Step>,
    id: String,
}

impl Plan {
    /// Fixes what will be removed; refuses, with every reason, when anything would be lost.
    pub fn of(
        project: &Project,
        track: &Track,
        (branch, commits): (Branch, Commits),
        ignored: Ignored,
    ) -> Result<Plan> {
        let (plan, unlanded) = Plan::judged(project, track, (branch, commits), ignored)?;
        let policy = declare::without(project, &track.id)?;
        let mut kept = Vec::new();
        if let (Branch::Keep, Some(_)) = (branch, track.tip) {
            kept.push(kept_branch(track, unlanded.as_ref()));
        }
        if !project.uncommitted.contains(&track.id) && project.copies.on_target.is_some() {
            let target = &project.target.name;
            let detail = format!("until `{FILE}` is committed there without it");
            kept.push(Step::new("keep", format!("declaration on {target}")).detail(detail));
        }
        Ok(Plan { policy, kept, ..plan })
    }

    /// Fixes clearing away a track that has landed, worktree and branch: it stays declared, so that what it brought is
    /// known to be its. Refuses as [`Plan::of`] does.
    pub fn of_landed(project: &Project, track: &Track) -> Result<Plan> {
        Plan::judged(project, track, (Branch::Delete, Commits::Landed), Ignored::Judge).map(|(plan, _)| plan)
    }

    /// What is to be removed of worktree and branch, where nothing speaks against it; and why what is on the branch has
    /// not landed.
    fn judged(
        project: &Project,
        track: &Track,
        (branch, commits): (Branch, Commits),
        ignored: Ignored,
    ) -> Result<(Plan, Option<Reason>)> {
        let judge = Judge::new(project)?;
        let unlanded = track.tip.map(|tip| judge.unlanded(tip)).transpose()?.flatten();
        let worktree = judged(project, &judge, track).map(|judged| judged.with(ignored));
        let mut reasons = worktree.as_ref().map(|judged| judged.reasons.clone()).unwrap_or_default();
        if branch == Branch::Delete || commits == Commits::Landed {
            reasons.extend(unlanded.clone());
        }
        if !reasons.is_empty() {
            return Err(refusal(track, branch, &reasons).into());
        }
        let branch = track.tip.filter(|_| branch == Branch::Delete).map(|tip| (track.branch.clone(), tip));
        let id = track.id.to_string();
        Ok((Plan { worktree, branch, policy: None, ignored, kept: Vec::new(), id }, unlanded))
    }

    /// What will be done, in order; where it was done, `away` says where to find what was in the worktree.
    pub fn steps(&self, project: &Project, away: Option<&Away>) -> Vec<Step> {
        let mut steps = Vec::new();
        if let Some(judged) = &self.worktree {
            let save = Step::new("save", format!("track {}", self.id));
            steps.push(match away {
                Some(away) => save.detail(format!("as {}; back with `{}`", away.checkpoint, away.back())),
                None => save,
            });
            steps.push(Step::new("remove", format!("worktree {}", shown(project, &judged.worktree.path))));
            steps.extend(judged.ignored.iter().map(|path| self.ignored_step(project, path, away)));
        }
        if let Some((branch, tip)) = &self.branch {
            steps.push(Step::new("delete", format!("branch {branch}")).detail(format!("it was at {tip}")));
        }
        if self.policy.is_some() {
            steps.push(Step::new("remove", format!("track {}", self.id)).detail(format!("from {FILE}")));
        }
        steps.extend(self.kept.iter().cloned());
        steps
    }

    fn ignored_step(&self, project: &Project, path: &Path, away: Option<&Away>) -> Step {
        let name = path.to_string_lossy();
        match (self.ignored, away.and_then(|away| away.removed.kept.as_ref())) {
            (Ignored::Keep, Some(kept)) => {
                Step::new("keep", name).detail(format!("ignored; in {}", shown(project, &kept.folder)))
            }
            (Ignored::Keep, None) => Step::new("keep", name).detail("ignored; in a place of its own"),
            (Ignored::Judge, _) => {
                let why = "ignored; made again from what is committed, or in the main worktree too";
                Step::new("delete", name).detail(why)
            }
        }
    }

    /// Saves it and removes it.
    pub fn carry_out(&self, project: &Project, journal: &Journal) -> Result<Option<Away>> {
        let save = |judged| Away::saved(project, judged, self.ignored);
        let away = self.worktree.as_ref().map(save).transpose()?;
        journal.carry_out(self.changes(project, away.as_ref())?, || self.remove(project, away.as_ref()))?;
        if let Some(away) = &away {
            away::tidy(project, &away.removed);
        }
        Ok(away)
    }

    fn changes(&self, project: &Project, away: Option<&Away>) -> Result<Vec<Change>> {
        let mut changes = away.map(|away| away.changes(project)).unwrap_or_default();
        if let Some((branch, tip)) = &self.branch {
            changes.push(Change::Ref { name: branch.full(), before: Some(*tip), after: None });
        }
        if let Some(policy) = &self.policy {
            let objects = project.repo.objects()?;
            changes.push(journal::file(&objects, &policy.path, Some((policy.after.as_bytes(), None)))?);
        }
        Ok(changes)
    }

    fn remove(&self, project: &Project, away: Option<&Away>) -> Result<()> {
        if let Some(away) = away {
            let path = &away.removed.path;
            let named = || format!("cannot remove the worktree `{}`", shown(project, path));
            removed::remove(&project.repo, &away.removed).with_context(named)?;
        }
        if let Some((branch, tip)) = &self.branch {
            let stays = || format!("the worktree is gone, the branch `{branch}` stays");
            project.repo.delete_refs(&[(branch.full(), *tip)]).with_context(stays)?;
        }
        if let Some(policy) = &self.policy {
            files::write(&policy.path, policy.after.as_bytes())?;
        }
        Ok(())
    }
}

/// The worktree in the track's folder, whatever is checked out in it.
fn worktree<'a>(project: &'a Project, track: &Track) -> Option<&'a Worktree> {
    project.worktrees.iter().find(|worktree| worktree.path == track.worktree)
}

/// What speaks against removing the folder, and what is ignored in it; what speaks against leaving commits to the branch
/// is judged apart.
fn judged(project: &Project, judge: &Judge, track: &Track) -> Option<Judgement> {
    let mut judgement = judge.judge(worktree(project, track)?);
    judgement.reasons.retain(|reason| !matches!(reason, Reason::Unlanded(..) | Reason::Reverted(_) | Reason::Idle(..)));
    Some(judgement)
}

fn kept_branch(track: &Track, unlanded: Option<&Reason>) -> Step {
    let step = Step::new("keep", format!("branch {}", track.branch));
    match unlanded {
        None => step.detail(format!("delete it with `git branch -d {}`", track.branch)),
        Some(reason) => step.detail(reason.sentence()),
    }
}

fn refusal(track: &Track, branch: Branch, reasons: &[Reason]) -> Failure {
    let sentences: Vec<String> = reasons.iter().map(Reason::sentence).collect();
    let failure = Failure::usage(format!("track `{}` is not removed: {}", track.id, list(&sentences)));
    let path = typed(&track.worktree);
    let hint = |reason: &Reason| match reason {
        Reason::Unreadable(why) if is_missing(why) => Some(FETCH.to_owned()),
        Reason::Unreadable(_) => Some("see what is wrong there with `tracks doctor`".to_owned()),
        Reason::Uncommitted(_) | Reason::Untracked(_) => {
            Some(format!("commit it: `git -C {path} add --all && git -C {path} commit`"))
        }
        Reason::Unlanded(..) | Reason::Reverted(_) => Some(match branch {
            Branch::Delete => {
                format!("land it; or keep the branch `{}`: `--unlanded` without `--branch`", track.branch)
            }
            Branch::Keep => format!("land it; or say `--unlanded`: the branch `{}` stays", track.branch),
        }),
        Reason::Locked(_) => Some(format!("unlock it: `git worktree unlock {path}`")),
        Reason::Operation(operation) => Some(format!("end it: `git -C {path} {} --continue`", operation.name())),
        Reason::Adrift(_) => Some(format!("keep them: `git -C {path} branch NEW-NAME`")),
        Reason::Ignored(_) => Some("have them kept elsewhere: `--keep-ignored`".into()),
        Reason::Here => Some("leave it first: `cd` to another worktree".into()),
        Reason::Unfinished => Some(format!("if it was interrupted: `git worktree remove -f -f {path}`")),
        Reason::Missing => Some(format!("forget it: `git worktree remove {path}`")),
        _ => None,
    };
    let mut hints: Vec<String> = reasons.iter().filter_map(hint).collect();
    hints.dedup();
    hints.into_iter().fold(failure, Failure::hint)
}
