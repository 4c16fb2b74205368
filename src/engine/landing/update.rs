//! The target brought into a track, by a merge as Git would make it; its uncommitted work is saved first and stays.

use anyhow::{Context, Result, bail};

use super::{Update, Updating, Why};
use crate::engine::checkpoint::{self, take::Place};
use crate::engine::journal::{Change, Journal};
use crate::engine::premerge::{Given, Premerge, Trees};
use crate::engine::project::Project;
use crate::git::{Scratch, keep};
use crate::model::{Conflict, TrackId, Verdict};

/// Fixes what bringing the target into a track comes to. The commit goes to the scratch, nothing else is touched.
pub fn update(project: &Project, scratch: &Scratch, id: &TrackId) -> Result<Updating> {
    let track = project.track(id.as_str())?;
    let Some(tip) = track.tip else { return Ok(Updating::Stopped(Why::NoBranch)) };
    let target = project.target.commit;
    if project.repo.is_ancestor(target, tip)? {
        return Ok(Updating::Current);
    }
    let update = |to| Updating::Moves(Update { track: id.clone(), from: tip, to });
    if project.repo.is_ancestor(tip, target)? {
        return Ok(update(target));
    }
    let premerge = Premerge::new(&project.repo, scratch)?;
    let merge = Given { base: None, ours: premerge.end(tip)?, theirs: premerge.end(target)? };
    let merged = premerge.given(&[merge], Trees::Compose)?.0.remove(0);
    premerge.remember();
    let tree = match merged.verdict {
        // Told as of every track: the target is ours.
        Verdict::Conflict(conflicts) => {
            return Ok(Updating::Stopped(Why::Conflict(conflicts.into_iter().map(Conflict::turned).collect())));
        }
        Verdict::Unknown(reason) => return Ok(Updating::Stopped(Why::Unknown(reason))),
        Verdict::Disjoint | Verdict::Clean => merged.tree.context("a clean merge has a tree")?,
    };
    let message = format!("Merge branch '{}' into {}\n", project.target.name, track.branch);
    Ok(update(scratch.commit(tree, &[tip, target], &message)?))
}

impl Update {
    /// Moves the branch, and the files of its worktree with it, after saving what is uncommitted there; gives the name of
    /// that checkpoint. Files that would overwrite what is not committed stop it.
    pub fn carry_out(
        &self,
        (project, journal): (&Project, &Journal),
        scratch: &Scratch,
    ) -> Result<Option<checkpoint::Name>> {
        let track = project.track(self.track.as_str())?;
        keep::keep(&project.repo, scratch, self.to, (self.from, None))?;
        let change = Change::moved(project, &track.branch.full(), (self.from, self.to));
        if let Some(operation) = project.worktree_of(&track.branch).and_then(|worktree| worktree.operation) {
            bail!("its worktree has {}", operation.phrase());
        }
        let saved = match Place::of(project, track)? {
            Some(place) => Some(checkpoint::save(project, &place)?),
            None => None,
        };
        let mut changes =
            saved.iter().map(|name| checkpoint::change(&project.repo, name)).collect::<Result<Vec<_>>>()?;
        changes.push(change.clone());
        let why = format!("tracks: update {}", self.track);
        journal.carry_out(changes, || journal.forward(&change, &why))?;
        Ok(saved)
    }
}
