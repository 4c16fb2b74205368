//! Every worktree of the repository, whoever made it, and whether it can go; the safe ones removed.

use anyhow::Result;
use rayon::prelude::*;

use super::away::{self, Away, Ignored};
use super::judge::{Judge, Judgement, Reason};
use crate::engine::journal::{Journal, removed};
use crate::engine::project::Project;
use crate::host::{clock, folders};

/// One worktree, judged and measured.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Whether it can go.
    pub judgement: Judgement,
    /// Its bytes on disk, without the worktrees that lie in it; `None` for the main worktree and a missing folder.
    pub size: Option<u64>,
    /// Seconds since its last commit or its youngest file, whichever is younger.
    pub age: Option<u64>,
    /// Where what was in it is to be found, if it is gone now.
    pub removed: Option<Away>,
}

/// Judges every worktree, the main one first.
pub fn judge(project: &Project, ignored: Ignored) -> Result<Vec<Candidate>> {
    let judge = Judge::new(project)?;
    let judge = &judge;
    let listed = project.worktrees.par_iter().filter(|worktree| !worktree.bare);
    Ok(listed.map(|worktree| measured(project, judge, judge.judge(worktree).with(ignored))).collect())
}

/// Saves and removes the candidates that are safe. Each is judged again just before: judging all of them takes a while,
/// and somebody may be at work.
pub fn remove_safe(project: &Project, candidates: &mut [Candidate], ignored: Ignored, journal: &Journal) -> Result<()> {
    let judge = Judge::new(project)?;
    for candidate in candidates.iter_mut().filter(|candidate| candidate.judgement.reasons.is_empty()) {
        let before = &candidate.judgement.worktree;
        let now = project.repo.worktrees()?.into_iter().find(|worktree| worktree.path == before.path);
        if now.as_ref() != Some(before) {
            candidate.judgement.reasons.push(Reason::Changed);
            continue;
        }
        candidate.judgement = judge.judge(before).with(ignored);
        if candidate.judgement.reasons.is_empty() {
            match remove(project, &candidate.judgement, ignored, journal) {
                Ok(away) => candidate.removed = Some(away),
                Err(error) => candidate.judgement.reasons.push(Reason::Unreadable(format!("{error:#}"))),
            }
        }
    }
    Ok(())
}

/// Saves a worktree that was judged safe, and removes it. The folder around it goes too when nothing is left in it.
fn remove(project: &Project, judgement: &Judgement, ignored: Ignored, journal: &Journal) -> Result<Away> {
    let away = Away::saved(project, judgement, ignored)?;
    journal.carry_out(away.changes(project), || removed::remove(&project.repo, &away.removed))?;
    away::tidy(project, &away.removed);
    Ok(away)
}

fn measured(project: &Project, judge: &Judge, judgement: Judgement) -> Candidate {
    let worktree = &judgement.worktree;
    let measure =
        (worktree.present && !worktree.main).then(|| folders::measure(&worktree.path, &judge.nested(worktree)));
    let committed = worktree.head.and_then(|head| Some(project.repo.objects().ok()?.commit(head).ok()?.time));
    let newest = measure.map(|measure| measure.newest).into_iter().chain(committed).max();
    let age = newest.map(|newest| u64::try_from(clock::seconds() - newest).unwrap_or(0));
    Candidate { size: measure.map(|measure| measure.bytes), age, removed: None, judgement }
}
