//! What a track changed itself: nobody is blamed for what the target, a track it builds on or a merged sibling did.
//!
//! Its own are the paths touched by its first-parent commits that are neither on the target nor in a track it depends
//! on (of a merge, only what differs from all its parents: what the merge itself decided), and its uncommitted files;
//! without those that came out as the fork point or the target's tip has them.

use std::collections::{BTreeSet, HashSet};

use anyhow::Result;

use super::snapshot::Snapshot;
use crate::git::{Graph, Objects, Trees};
use crate::model::{Change, CommitId, Entry, RepoPath, TreeId};
use crate::policy::rules::OwnChange;

/// A track among the tips of a graph.
pub struct Place<'a> {
    /// The history of target and tracks.
    pub graph: &'a Graph,
    /// The target's place among the tips.
    pub target: usize,
    /// The track's.
    pub track: usize,
    /// Those of the tracks it depends on.
    pub depends_on: Vec<usize>,
}

impl Place<'_> {
    /// The tree at which the track left the target; `None` without common history.
    pub fn fork(&self, objects: &Objects) -> Result<Option<TreeId>> {
        match self.graph.bases(self.target, self.track) {
            [base, ..] => Ok(Some(objects.commit(*base)?.tree)),
            [] => Ok(None),
        }
    }
}

/// The own changes of a track, ordered by path. `target` is the tree of the target's tip.
pub fn own_changes(
    trees: &Trees,
    objects: &Objects,
    place: &Place,
    target: TreeId,
    snapshot: &Snapshot,
) -> Result<Vec<OwnChange>> {
    let mut others = place.depends_on.clone();
    others.push(place.target);
    let own_commits = place.graph.first_parents_beyond(place.track, &others);
    let mut paths: BTreeSet<RepoPath> = snapshot.uncommitted.iter().cloned().collect();
    for commit in &own_commits {
        paths.extend(touched(trees, objects, *commit)?);
    }
    let base = place.fork(objects)?.unwrap_or_else(|| trees.empty());
    let uncommitted: HashSet<&RepoPath> = snapshot.uncommitted.iter().collect();
    let mut own = Vec::new();
    for path in paths {
        let entry = |tree| Ok::<Option<Entry>, anyhow::Error>(trees.lookup(tree, &path)?.and_then(|n| n.leaf()));
        let (before, after, on_target) = (entry(base)?, entry(snapshot.side.tree)?, entry(target)?);
        if after != before && after != on_target {
            let uncommitted = uncommitted.contains(&path);
            own.push(OwnChange { change: Change { path, before, after }, on_target, uncommitted });
        }
    }
    Ok(own)
}

/// The paths that a commit touched: those that differ from its parent, and of a merge from every parent.
fn touched(trees: &Trees, objects: &Objects, id: CommitId) -> Result<BTreeSet<RepoPath>> {
    let commit = objects.commit(id)?;
    let against = |parent: TreeId| {
        Ok::<BTreeSet<RepoPath>, anyhow::Error>(trees.changed(parent, commit.tree)?.into_iter().collect())
    };
    let Some((first, rest)) = commit.parents.split_first() else { return against(trees.empty()) };
    let mut touched = against(objects.commit(*first)?.tree)?;
    for parent in rest {
        let other = against(objects.commit(*parent)?.tree)?;
        touched.retain(|path| other.contains(path));
    }
    Ok(touched)
}
