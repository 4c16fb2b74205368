//! The target with sides merged into it one after another, each as `git merge` would do it: all that can be merged, or
//! a few of them, to see what these come to together.

use anyhow::{Context, Result};

use super::decide::{Base, Merge};
use super::{End, Merged, Premerge, Side, Trees};
use crate::git::Graph;
use crate::git::merge_tree::bases;
use crate::git::objects::Commit;
use crate::model::{CommitId, Verdict};

/// What may be merged into a target, and the history of all of it.
pub struct Field<'p, 'a> {
    /// Who merges.
    pub premerge: &'p Premerge<'a>,
    /// What is merged into.
    pub target: Side,
    /// What may be merged: each is a tip of the graph, after the target.
    pub sides: Vec<Side>,
    /// The history of all of them; `None` where only Git can say what it is.
    pub graph: Option<Graph>,
}

/// The target, or a side, with sides merged into it.
#[derive(Clone)]
pub struct Chain {
    /// What that came to.
    pub now: Side,
    /// The sides that were merged, in order.
    pub merged: Vec<usize>,
    /// All that it is made of, by places among the tips of the graph.
    parts: Vec<usize>,
}

impl<'p, 'a> Field<'p, 'a> {
    /// Walks the history of all of them.
    pub fn new(premerge: &'p Premerge<'a>, target: &Side, sides: Vec<Side>) -> Field<'p, 'a> {
        let tips: Vec<CommitId> = std::iter::once(target).chain(&sides).map(|side| side.tip).collect();
        Field { premerge, target: target.clone(), sides, graph: premerge.graph(&tips) }
    }

    /// The place of a side among the tips of the graph.
    pub fn place(side: usize) -> usize {
        side + 1
    }

    /// The target, with nothing merged.
    pub fn start(&self) -> Chain {
        Chain { now: self.target.clone(), merged: Vec::new(), parts: vec![0] }
    }

    /// A side as it is, without the target.
    pub fn alone(&self, side: usize) -> Chain {
        Chain { now: self.sides[side].clone(), merged: Vec::new(), parts: vec![Self::place(side)] }
    }

    /// What Git would say to merging a side into each of some chains.
    pub fn attempts(&self, chains: &[&Chain], side: usize, trees: Trees) -> Result<Vec<Merged>> {
        let merge = |chain: &&Chain| {
            let (ours, theirs) = (End::from(&chain.now), End::from(&self.sides[side]));
            Merge { base: self.base(chain, side), ours, theirs }
        };
        let merges: Vec<Merge> = chains.iter().map(merge).collect();
        Ok(self.premerge.merge_all(&merges, trees)?.0)
    }

    /// The merge bases of a chain with a side: those of every part of it, without those that lie below another. Where
    /// that cannot be told they all stay, and Git finds the true ones.
    fn base(&self, chain: &Chain, side: usize) -> Base {
        let Some(graph) = &self.graph else { return Base::Hidden };
        let of_part = |part: &usize| graph.bases(*part, Self::place(side)).iter().copied();
        let mut bases: Vec<CommitId> = chain.parts.iter().flat_map(of_part).collect();
        bases.sort_unstable();
        bases.dedup();
        let is_best = |base: &&CommitId| {
            !bases.iter().any(|other| other != *base && graph.is_below(**base, *other) == Some(true))
        };
        Base::Found(bases.iter().filter(is_best).copied().collect())
    }

    /// What Git would say to merging one more side, and the tree of that; or what somebody makes of it who can settle the
    /// conflicts.
    pub fn attempt(&self, chain: &Chain, side: usize) -> Result<Merged> {
        let merged = self.attempts(&[chain], side, Trees::Compose)?.remove(0);
        let Verdict::Conflict(conflicts) = &merged.verdict else { return Ok(merged) };
        let mended = self.premerge.mended(&chain.now, &self.sides[side], conflicts)?;
        Ok(mended.unwrap_or(merged))
    }

    /// Adds a side to a chain, where its merge is clean: writes the commit, with `title` as its message. A side that
    /// brings nothing (its commits are all there) needs none. Says whether it is in the chain now.
    pub fn advance(&self, chain: &mut Chain, side: usize, merged: &Merged, title: &str) -> Result<bool> {
        if !matches!(merged.verdict, Verdict::Disjoint | Verdict::Clean) {
            return Ok(false);
        }
        let tree = merged.tree.context("a clean merge has a tree")?;
        let Side { tip, .. } = self.sides[side];
        let is_there = tree == chain.now.tree
            && match &self.graph {
                Some(graph) => chain.parts.iter().any(|part| graph.reaches(*part, tip)),
                None => bases(self.premerge.scratch, chain.now.commit.raw(), tip.raw())? == [tip],
            };
        chain.merged.push(side);
        chain.parts.push(Self::place(side));
        if is_there {
            return Ok(true);
        }
        let objects = self.premerge.scratch.objects();
        let time = objects.commit(chain.now.commit)?.time.max(objects.commit(tip)?.time);
        let commit = objects.write_commit(&Commit { tree, parents: vec![chain.now.commit, tip], time }, title)?;
        chain.now = Side { tip: commit, commit, tree };
        Ok(true)
    }
}
