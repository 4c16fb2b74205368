//! What landing comes to: each track merged into the target, or into what landed before it, exactly as `git merge` would.

use std::collections::BTreeSet;

use anyhow::{Context, Result};

use super::history::{before_reverted, landed_by_name, landing_of};
use super::message::{message, subject};
use super::{Plan, Step, Style, Why, Wish};
use crate::engine::blockers::{Blockers, Landed};
use crate::engine::landed::{Landing, landing};
use crate::engine::notes::Notes;
use crate::engine::order;
use crate::engine::outcome::Blocker;
use crate::engine::premerge::{End, Given, Mend, Merged, Premerge, Side, Trees};
use crate::engine::project::Project;
use crate::engine::sync;
use crate::git::Scratch;
use crate::model::{CommitId, Finding, Severity, TrackId, TreeId, Treeish, Verdict};

/// What the target comes to on the way.
#[derive(Clone, Copy)]
struct Now {
    commit: CommitId,
    tree: TreeId,
}

/// Fixes what will be written. Objects go to the scratch, nothing else is touched. `mend` may settle conflicts.
pub fn plan(project: &Project, scratch: &Scratch, wish: &Wish, mend: Option<&dyn Mend>) -> Result<Plan> {
    let premerge = Premerge::new(&project.repo, scratch)?.mended_by(mend);
    let from = project.target.commit;
    let mut now = Now { commit: from, tree: scratch.objects().commit(from)?.tree };
    let mut plan =
        Plan { target: project.target.name.clone(), from, steps: Vec::new(), idle: Vec::new(), stopped: Vec::new() };
    let findings = sync::judge(project, scratch, crate::engine::snapshot::Work::Committed)?.findings;
    let wanted: BTreeSet<&TrackId> = wish.tracks.iter().collect();
    let notes = Notes::load(project, scratch.objects());
    let blockers = Blockers::new(project, &notes)?;
    let gone: Vec<&TrackId> = project.tracks.iter().filter(|track| track.tip.is_none()).map(|it| &it.id).collect();
    let gone = landed_by_name(&project.repo, from, &gone)?;
    for id in order::landing_order_with(&project.config, &notes.needs()).iter().filter(|id| wanted.contains(id)) {
        let look = Look { project, scratch, premerge: &premerge, plan: &plan, blockers: &blockers, gone: &gone };
        if let Some((_, why)) = notes.unread.iter().find(|(track, _)| track == id) {
            plan.stopped.push((id.clone(), Why::Unknown(format!("its notes cannot be read: {why}"))));
            continue;
        }
        match look.judge((id, wish), &findings, now)? {
            Judged::Lands(step) => {
                now = Now { commit: step.commit, tree: step.tree };
                plan.steps.push(step);
            }
            Judged::Idle => plan.idle.push(id.clone()),
            Judged::Stopped(why) => plan.stopped.push((id.clone(), why)),
        }
    }
    premerge.remember();
    Ok(plan)
}

enum Judged {
    Lands(Step),
    Idle,
    Stopped(Why),
}

/// One track held against what the target has come to.
struct Look<'a> {
    project: &'a Project,
    scratch: &'a Scratch,
    premerge: &'a Premerge<'a>,
    plan: &'a Plan,
    blockers: &'a Blockers<'a>,
    /// The tracks that have landed and have no branch any more.
    gone: &'a BTreeSet<TrackId>,
}

impl Look<'_> {
    fn judge(&self, (id, wish): (&TrackId, &Wish), findings: &[Finding], now: Now) -> Result<Judged> {
        let track = self.project.track(id.as_str())?;
        let tip = match wish.upto.or(track.tip) {
            Some(tip) => tip,
            None if self.gone.contains(id) => return Ok(Judged::Idle),
            None => return Ok(Judged::Stopped(Why::NoBranch)),
        };
        let blocked_by = self.blocked_by(id, now)?;
        if !blocked_by.is_empty() {
            return Ok(Judged::Stopped(Why::Blocked(blocked_by)));
        }
        let is_stopping =
            |finding: &&Finding| finding.tracks.first() == Some(id) && finding.severity == Severity::Error;
        let broken: Vec<Finding> = findings.iter().filter(is_stopping).cloned().collect();
        if !broken.is_empty() {
            return Ok(Judged::Stopped(Why::Rules(broken)));
        }
        // A merge brings nothing of what was reverted: only from before that on are its changes all its changes.
        let lost = before_reverted(self.premerge, self.plan.from, (id, tip))?;
        let merged = self.merged(lost, now, tip)?;
        let tree = match (merged.verdict, merged.tree) {
            (Verdict::Conflict(conflicts), _) => return Ok(Judged::Stopped(Why::Conflict(conflicts))),
            (Verdict::Unknown(reason), _) => return Ok(Judged::Stopped(Why::Unknown(reason))),
            (_, tree) => tree.context("a clean merge has a tree")?,
        };
        if tree == now.tree {
            return Ok(Judged::Idle);
        }
        let commit = match wish.style {
            Style::FastForward if !self.project.repo.is_ancestor(now.commit, tip)? => {
                return Ok(Judged::Stopped(Why::Behind));
            }
            Style::FastForward => tip,
            Style::Merge => self.commit(tree, &[now.commit, tip], &message(&self.project.config, id, &wish.gates))?,
            Style::Squash => self.commit(tree, &[now.commit], &message(&self.project.config, id, &wish.gates))?,
        };
        let subject = subject(&self.project.config, id);
        let follows = match (wish.style, track.tip) {
            (Style::Squash, Some(last)) => self.follows(last, tip, Now { commit, tree })?,
            _ => None,
        };
        let brought_back = lost.is_some();
        Ok(Judged::Lands(Step { track: id.clone(), tip, commit, tree, subject, brought_back, follows }))
    }

    /// What keeps a track from landing on what the target has come to.
    fn blocked_by(&self, id: &TrackId, now: Now) -> Result<Vec<Blocker>> {
        let needed = self.blockers.tracks(id);
        let landed = needed.iter().map(|id| Ok((id, self.has_landed(id)?))).collect::<Result<Vec<_>>>()?;
        let has_landed = |id: &TrackId| landed.iter().any(|(needed, landed)| *needed == id && *landed);
        let promised = self.blockers.promised(self.scratch.objects(), now.tree);
        Ok(self.blockers.of(id, &Landed { track: &has_landed, promised: &promised }))
    }

    /// Whether a track lands before in this plan, or has.
    fn has_landed(&self, id: &TrackId) -> Result<bool> {
        if self.gone.contains(id) || self.plan.steps.iter().any(|step| step.track == *id) {
            return Ok(true);
        }
        let Some(track) = self.project.tracks.iter().find(|track| track.id == *id) else { return Ok(false) };
        let Some(tip) = track.tip else { return Ok(false) };
        let found = landing(self.premerge, self.plan.from, tip)?;
        Ok(landing_of(self.premerge, self.plan.from, track, found)? == Landing::Landed)
    }

    /// What Git would say to merging a commit into what the target has come to; with the changes since `base` instead of
    /// those since the merge base.
    fn merged(&self, base: Option<CommitId>, now: Now, tip: CommitId) -> Result<Merged> {
        let base = base.map(|base| self.premerge.end(base)).transpose()?;
        let ours = End { what: Treeish::Commit(now.commit), tree: now.tree };
        let (mut merged, _) =
            self.premerge.given(&[Given { base, ours, theirs: self.premerge.end(tip)? }], Trees::Compose)?;
        let merged = merged.remove(0);
        match &merged.verdict {
            Verdict::Conflict(conflicts) if base.is_none() => {
                let side = |commit, tree| Side { tip: commit, commit, tree };
                let theirs = side(tip, self.scratch.objects().commit(tip)?.tree);
                Ok(self.premerge.mended(&side(now.commit, now.tree), &theirs, conflicts)?.unwrap_or(merged))
            }
            _ => Ok(merged),
        }
    }

    /// A merge of a landing into the track's branch, whose last commit is `last`: everything up to `landed` is in the
    /// landing. `None` where what came after that meets it in a conflict.
    fn follows(&self, last: CommitId, landed: CommitId, landing: Now) -> Result<Option<CommitId>> {
        let ours = self.premerge.end(last)?;
        let theirs = End { what: Treeish::Commit(landing.commit), tree: landing.tree };
        let merge = Given { base: Some(self.premerge.end(landed)?), ours, theirs };
        let merged = self.premerge.given(&[merge], Trees::Compose)?.0.remove(0);
        let message = format!("Merge {} with what landed\n", self.plan.target);
        let commit = |tree| self.commit(tree, &[last, landing.commit], &message);
        merged.tree.map(commit).transpose()
    }

    fn commit(&self, tree: TreeId, parents: &[CommitId], message: &str) -> Result<CommitId> {
        self.scratch.commit(tree, parents, message).context("cannot write the landing commit")
    }
}
