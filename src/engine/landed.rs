//! Whether a track's content is on the target now, however it got there.
//!
//! Merging the tip with its fork point as the base must change nothing on the target. The fork point is the merge base
//! of the tip with what the target was before it took the tip in (the first parent of the target's merge that did), else
//! with the target. That a commit or its patch stands somewhere in the target's history proves nothing: it may have been
//! reverted since.

use std::collections::HashSet;

use anyhow::Result;
use bstr::ByteSlice;

use super::premerge::{Given, Premerge, Trees};
use crate::git::{Repo, merge_tree};
use crate::model::CommitId;

/// How a tip stands to the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Landing {
    /// It is a commit of the target's own line: nothing was done on it yet, or it was landed by moving the target to it.
    Nothing,
    /// Its content is on the target.
    Landed,
    /// The target lacks some of what it brought.
    Open,
}

/// How `tip` stands to `target`.
pub fn landing(premerge: &Premerge, target: CommitId, tip: CommitId) -> Result<Landing> {
    let before = match line_since(premerge.repo(), target, tip)? {
        Line::OnIt => return Ok(Landing::Nothing),
        Line::TakenIn { before } => before,
        Line::Apart => target,
    };
    let forks = merge_tree::bases(premerge.scratch(), before.raw(), tip.raw())?;
    let [fork] = forks[..] else { return Ok(Landing::Open) };
    let [ours, theirs] = [premerge.end(target)?, premerge.end(tip)?];
    let merge = Given { base: Some(premerge.end(fork)?), ours, theirs };
    let (merged, _) = premerge.given(&[merge], Trees::Compose)?;
    Ok(if merged[0].tree == Some(ours.tree) { Landing::Landed } else { Landing::Open })
}

/// The commit of the target's own line that a track began at, or was last brought up to date with; where the target took
/// it in already, what the target was before. `None` where the two have no common history, or several merge bases.
pub fn fork(premerge: &Premerge, target: CommitId, tip: CommitId) -> Result<Option<CommitId>> {
    let bases = merge_tree::bases(premerge.scratch(), target.raw(), tip.raw())?;
    let [base] = bases[..] else { return Ok(None) };
    Ok(match line_since(premerge.repo(), target, base)? {
        Line::OnIt => Some(base),
        Line::TakenIn { before } => Some(before),
        Line::Apart => None,
    })
}

/// How the target's own line, its first parents, goes on from a tip.
enum Line {
    /// The tip is a commit of that line.
    OnIt,
    /// A merge took the tip in; `before` is what the target was until then.
    TakenIn { before: CommitId },
    /// The target does not reach the tip.
    Apart,
}

fn line_since(repo: &Repo, target: CommitId, tip: CommitId) -> Result<Line> {
    if target == tip {
        return Ok(Line::OnIt);
    }
    let range = format!("{tip}..{target}");
    // Together the two options would look for the tip among first parents alone: asked one by one, and intersected.
    let above = repo.git().args(["rev-list", "--ancestry-path", &range]).stdout()?;
    if above.is_empty() {
        return Ok(Line::Apart);
    }
    let above: HashSet<CommitId> = above.lines().filter_map(CommitId::from_hex).collect();
    let line = repo.git().args(["rev-list", "--first-parent", "--parents", "--reverse", &range]).stdout()?;
    for row in line.lines() {
        let ids: Vec<CommitId> = row.split_str(" ").filter_map(CommitId::from_hex).collect();
        if let [commit, before, ..] = ids[..]
            && above.contains(&commit)
        {
            return Ok(if before == tip { Line::OnIt } else { Line::TakenIn { before } });
        }
    }
    Ok(Line::Apart)
}
