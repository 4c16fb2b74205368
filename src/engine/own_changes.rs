//! What a track changed itself: nobody is blamed for what the target, a track it builds on or a merged sibling did.
//!
//! Its own are the paths touched by its first-parent commits that are neither on the target nor in a track it depends
//! on (of a merge, only what differs from all its parents: what the merge itself decided), and its uncommitted files;
//! without those that came out as the fork point or the target's tip has them.

use std::collections::{BTreeSet, HashSet};

use anyhow::Result;

use super::premerge::Premerge;
use super::snapshot::Snapshot;
use crate::git::objects::Node;
use crate::git::{Graph, Objects, tree};
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

/// The own changes of a track, ordered by path. `target` is the tree of the target's tip.
pub fn own_changes(
    premerge: &Premerge,
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
        paths.extend(touched(premerge, objects, *commit)?);
    }
    let base = match place.graph.bases(place.target, place.track) {
        [base, ..] => objects.commit(*base)?.tree,
        [] => objects.empty_tree(),
    };
    let uncommitted: HashSet<&RepoPath> = snapshot.uncommitted.iter().collect();
    let mut own = Vec::new();
    for path in paths {
        let entry =
            |tree| Ok::<Option<Entry>, anyhow::Error>(tree::lookup(objects, tree, &path)?.and_then(|n| n.leaf()));
        let (before, after, on_target) = (entry(base)?, entry(snapshot.side.tree)?, entry(target)?);
        if after != before && after != on_target {
            let uncommitted = uncommitted.contains(&path);
            own.push(OwnChange { change: Change { path, before, after }, on_target, uncommitted });
        }
    }
    Ok(own)
}

/// The paths that a commit touched: against its parent; of a merge, those that differ from every parent.
fn touched(premerge: &Premerge, objects: &Objects, id: CommitId) -> Result<Vec<RepoPath>> {
    let commit = objects.commit(id)?;
    let Some((first, rest)) = commit.parents.split_first() else {
        let all = premerge.diff(objects.empty_tree(), commit.tree)?;
        return Ok(all.changes.into_iter().map(|change| change.path).collect());
    };
    let mut changes = premerge.diff(objects.commit(*first)?.tree, commit.tree)?.changes;
    for parent in rest {
        let parent = objects.commit(*parent)?.tree;
        let mut differing = Vec::with_capacity(changes.len());
        for change in changes {
            let there = tree::lookup(objects, parent, &change.path)?.and_then(|node: Node| node.leaf());
            if there != change.after {
                differing.push(change);
            }
        }
        changes = differing;
    }
    Ok(changes.into_iter().map(|change| change.path).collect())
}
