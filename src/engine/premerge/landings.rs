//! Landings tried one after another: where a track conflicts with what has landed, its own version of the conflicted paths
//! is carried on, as if whoever lands had resolved it that way. Says what each landing costs.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use bstr::ByteSlice;

use super::chain::{Chain, Field};
use super::{Candidate, Given, Merged, Premerge, Side, whole};
use crate::git::merge_tree::{Answer, Stopped};
use crate::git::objects::Node;
use crate::git::tree;
use crate::model::{Entry, RepoPath, TrackId, TreeId, Verdict};

/// Lands `candidates` on `target` in their order, in the scratch. For each the number of distinct paths on which it
/// conflicts; or, as a sentence, why it could not be landed, and then it is left out.
pub fn landings(
    premerge: &Premerge,
    target: &Side,
    candidates: &[Candidate],
) -> Result<Vec<std::result::Result<usize, String>>> {
    let field = Field::new(premerge, target, candidates.iter().filter_map(|c| c.side.as_ref().ok()).cloned().collect());
    let mut places = 0..field.sides.len();
    let mut chain = field.start();
    let mut left_out: BTreeSet<&TrackId> = BTreeSet::new();
    let mut costs = Vec::with_capacity(candidates.len());
    for candidate in candidates {
        let side = candidate.side.as_ref().map(|_| places.next().expect("each side that is known has a place"));
        let cost = match (candidate.depends_on.iter().find(|id| left_out.contains(id)), side) {
            (Some(needed), _) => Err(format!("depends on {needed}, which cannot land")),
            (None, Err(reason)) => Err(not_known(reason)),
            (None, Ok(side)) => land(&field, &mut chain, (side, &candidate.id))?.map_err(|why| not_known(&why)),
        };
        if cost.is_err() {
            left_out.insert(&candidate.id);
        }
        costs.push(cost);
    }
    Ok(costs)
}

fn not_known(why: &str) -> String {
    format!("not known when it lands: {why}")
}

fn land(field: &Field, chain: &mut Chain, (side, id): (usize, &TrackId)) -> Result<std::result::Result<usize, String>> {
    let merged = match field.attempt(chain, side) {
        Ok(merged) => merged,
        Err(error) => return Ok(Err(format!("{error:#}"))),
    };
    let (merged, cost) = match &merged.verdict {
        Verdict::Disjoint | Verdict::Clean => (merged, 0),
        Verdict::Conflict(conflicts) => match carried_on(field.premerge, &chain.now, &field.sides[side]) {
            Ok(tree) => {
                let paths: BTreeSet<&RepoPath> = conflicts.iter().map(|conflict| &conflict.path).collect();
                (Merged { verdict: Verdict::Clean, tree: Some(tree) }, paths.len())
            }
            Err(error) => return Ok(Err(format!("{error:#}"))),
        },
        Verdict::Unknown(reason) => return Ok(Err(reason.clone())),
    };
    field.advance(chain, side, &merged, &format!("Merge track {id}"))?;
    Ok(Ok(cost))
}

/// The tree of a merge that conflicts, with the version of `theirs` at every conflicted path.
pub(super) fn carried_on(premerge: &Premerge, ours: &Side, theirs: &Side) -> Result<TreeId> {
    match whole::ask(premerge, &Given { base: None, ours: ours.into(), theirs: theirs.into() })? {
        Answer::Clean(tree) => Ok(tree),
        Answer::Conflicted(stopped) => with_theirs(premerge, &stopped, theirs),
        Answer::Failed(reason) => bail!("{reason}"),
    }
}

fn with_theirs(premerge: &Premerge, stopped: &Stopped, theirs: &Side) -> Result<TreeId> {
    let mut edits: BTreeMap<RepoPath, Option<Entry>> = BTreeMap::new();
    for stage in &stopped.stages {
        edits.entry(stage.path.clone()).or_insert(None);
    }
    for stage in stopped.stages.iter().filter(|stage| stage.number == 3) {
        let path = own_path(premerge, &stage.path, theirs)?.unwrap_or_else(|| stage.path.clone());
        edits.insert(path, Some(stage.entry));
    }
    let edits: Vec<(RepoPath, Option<Entry>)> = edits.into_iter().collect();
    tree::edit(premerge.scratch.objects(), stopped.tree, &edits)
}

/// Where a file stands on its side that Git puts aside, since something else has its place: under its name, `~` and the
/// id of the side's commit.
fn own_path(premerge: &Premerge, path: &RepoPath, side: &Side) -> Result<Option<RepoPath>> {
    let mark = format!("~{}", side.commit);
    let Some(own) = path.as_bstr().rfind(&mark).and_then(|end| RepoPath::try_new(&path.as_bstr()[..end])) else {
        return Ok(None);
    };
    let is_there = matches!(premerge.trees.lookup(side.tree, &own)?, Some(Node::Leaf(_)));
    Ok(is_there.then_some(own))
}
