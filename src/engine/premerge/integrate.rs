//! All tracks merged into the target one after another, each as `git merge` would do it.

use anyhow::{Context, Result};

use super::decide::{Base, Merge};
use super::{Merged, Premerge, Side, Trees};
use crate::engine::outcome::{HeldOut, Integration};
use crate::engine::progress::Stage;
use crate::git::merge_tree::bases;
use crate::git::objects::Commit;
use crate::git::{Graph, tree};
use crate::model::{CommitId, Conflict, TrackId, Verdict};

/// A track that may be merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its id.
    pub id: TrackId,
    /// Its last commit; or why it could not be read.
    pub side: std::result::Result<Side, String>,
    /// Tracks that must be merged before it. One that is no candidate has no branch, and is taken to have landed.
    pub depends_on: Vec<TrackId>,
}

/// The state of the integration after some tracks.
pub(super) struct Chain<'p, 'a> {
    premerge: &'p Premerge<'a>,
    graph: Option<Graph>,
    /// The target, then each candidate whose side is known: its place among the tips of the graph.
    places: Vec<Option<usize>>,
    /// What has been merged so far.
    pub(super) now: Side,
    /// Which candidates are in it.
    merged: Vec<usize>,
}

/// Merges `candidates` in their order into `target`. The commits are written to the scratch; the ref is not touched.
pub fn integrate(
    premerge: &Premerge,
    reference: String,
    target: &Side,
    candidates: &[Candidate],
) -> Result<Integration> {
    let mut chain = Chain::new(premerge, target, candidates);
    let mut held_out: Vec<HeldOut> = Vec::new();
    let counter = premerge.progress.begin(Stage::Integration, candidates.len());
    for (at, candidate) in candidates.iter().enumerate() {
        counter.advance();
        let missing = candidate.depends_on.iter().find(|id| held_out.iter().any(|held| held.track == **id));
        held_out.extend(match missing {
            Some(dependency) => Some(HeldOut {
                track: candidate.id.clone(),
                because_of: vec![dependency.clone()],
                conflicts: Vec::new(),
                unknown: None,
            }),
            None => chain.step(at, candidates, target)?,
        });
    }
    let merged = chain.merged.iter().map(|at| candidates[*at].id.clone()).collect();
    Ok(Integration { reference, commit: chain.now.commit, tree: chain.now.tree, merged, held_out })
}

impl<'p, 'a> Chain<'p, 'a> {
    /// The target, into which nothing has been merged.
    pub(super) fn new(premerge: &'p Premerge<'a>, target: &Side, candidates: &[Candidate]) -> Chain<'p, 'a> {
        let mut tips = vec![target.tip];
        let mut places = Vec::new();
        for candidate in candidates {
            places.push(candidate.side.as_ref().ok().map(|side| {
                tips.push(side.tip);
                tips.len() - 1
            }));
        }
        let graph = premerge.graph(&tips);
        Chain { premerge, graph, places, now: target.clone(), merged: Vec::new() }
    }

    /// What Git would say to merging a candidate's side now.
    pub(super) fn merge(&self, at: usize, side: &Side) -> Result<Merged> {
        let merge = Merge { base: self.base(at), ours: (&self.now).into(), theirs: side.into() };
        let (mut merged, _) = self.premerge.merge_all(&[merge], Trees::Compose)?;
        Ok(merged.remove(0))
    }

    /// Merges one more track; or says why it is held out.
    fn step(&mut self, at: usize, candidates: &[Candidate], target: &Side) -> Result<Option<HeldOut>> {
        let candidate = &candidates[at];
        let held = |because_of, conflicts, unknown| {
            Ok(Some(HeldOut { track: candidate.id.clone(), because_of, conflicts, unknown }))
        };
        let side = match &candidate.side {
            Ok(side) => side,
            Err(reason) => return held(Vec::new(), Vec::new(), Some(reason.clone())),
        };
        let Merged { verdict, tree } = match self.merge(at, side) {
            Ok(merged) => merged,
            Err(error) => return held(Vec::new(), Vec::new(), Some(format!("{error:#}"))),
        };
        match verdict {
            Verdict::Disjoint | Verdict::Clean => {
                let tree = tree.context("a clean merge has a tree")?;
                self.advance(at, &candidate.id, Side { tree, ..side.clone() })?;
                Ok(None)
            }
            Verdict::Conflict(conflicts) => held(self.causes(side, candidates, target, &conflicts)?, conflicts, None),
            Verdict::Unknown(reason) => held(Vec::new(), Vec::new(), Some(reason)),
        }
    }

    /// The merge bases of what has been merged so far with a candidate: those of every part of it, without those that
    /// lie below another. Where that cannot be told they all stay, and Git finds the true ones.
    fn base(&self, at: usize) -> Base {
        let (Some(graph), Some(place)) = (&self.graph, self.places[at]) else { return Base::Hidden };
        let parts = self.merged.iter().filter_map(|part| self.places[*part]).chain([0]);
        let mut bases: Vec<CommitId> = parts.flat_map(|part| graph.bases(part, place)).copied().collect();
        bases.sort_unstable();
        bases.dedup();
        let is_best = |base: &&CommitId| {
            !bases.iter().any(|other| other != *base && graph.is_below(**base, *other) == Some(true))
        };
        Base::Found(bases.iter().filter(is_best).copied().collect())
    }

    /// Writes the merge commit. A track that brings nothing (its commits are all there) needs none.
    pub(super) fn advance(&mut self, at: usize, id: &TrackId, merged: Side) -> Result<()> {
        let is_there = merged.tree == self.now.tree
            && match &self.graph {
                Some(graph) => {
                    let mut parts = self.merged.iter().filter_map(|part| self.places[*part]).chain([0]);
                    parts.any(|part| graph.reaches(part, merged.tip))
                }
                None => bases(self.premerge.scratch, self.now.commit.raw(), merged.tip.raw())? == [merged.tip],
            };
        self.merged.push(at);
        if is_there {
            return Ok(());
        }
        let objects = self.premerge.scratch.objects();
        let time = objects.commit(self.now.commit)?.time.max(objects.commit(merged.tip)?.time);
        let parents = vec![self.now.commit, merged.tip];
        let commit =
            objects.write_commit(&Commit { tree: merged.tree, parents, time }, &format!("Merge track {id}"))?;
        self.now = Side { tip: commit, commit, tree: merged.tree };
        Ok(())
    }

    /// Who explains that a track is held out: nobody if it conflicts with the target itself; else the merged tracks that
    /// conflict with it on their own; else all merged tracks that changed a path on which it conflicts.
    fn causes(
        &self,
        side: &Side,
        candidates: &[Candidate],
        target: &Side,
        conflicts: &[Conflict],
    ) -> Result<Vec<TrackId>> {
        let mut sides = vec![Ok(side.clone()), Ok(target.clone())];
        sides.extend(self.merged.iter().map(|at| candidates[*at].side.clone()));
        let pairs: Vec<(usize, usize)> = (1..sides.len()).map(|other| (other, 0)).collect();
        let (verdicts, _) = self.premerge.pairs(&sides, &pairs, Trees::Skip)?;
        let mut stops = verdicts.iter().map(|pair| matches!(pair.verdict, Verdict::Conflict(_)));
        if stops.next() == Some(true) {
            return Ok(Vec::new());
        }
        let alone: Vec<TrackId> = self
            .merged
            .iter()
            .zip(stops)
            .filter(|(_, stops)| *stops)
            .map(|(at, _)| candidates[*at].id.clone())
            .collect();
        if !alone.is_empty() {
            return Ok(alone);
        }
        let objects = self.premerge.scratch.objects();
        let mut together = Vec::new();
        for at in &self.merged {
            let Ok(other) = &candidates[*at].side else { continue };
            let fork = match (&self.graph, self.places[*at]) {
                (Some(graph), Some(place)) => graph.bases(0, place).first().copied(),
                _ => None,
            };
            let base = fork.map_or(Ok(target.tree), |fork| objects.commit(fork).map(|commit| commit.tree))?;
            let touches = |conflict: &Conflict| {
                Ok(tree::lookup(objects, other.tree, &conflict.path)? != tree::lookup(objects, base, &conflict.path)?)
            };
            if conflicts.iter().map(touches).collect::<Result<Vec<bool>>>()?.contains(&true) {
                together.push(candidates[*at].id.clone());
            }
        }
        if together.is_empty() {
            // The path has another name there.
            together = self.merged.iter().map(|at| candidates[*at].id.clone()).collect();
        }
        Ok(together)
    }
}
