//! Who explains that a side cannot be merged after others: the smallest sets of these that conflict with it.
//!
//! Nobody, if it conflicts with the target itself. Otherwise every merged side that conflicts with it on its own: each of
//! them is a smallest set, and all are named. Where none does, some conflict with it only together (or one together with
//! the target), and delta debugging finds such a set: Zeller and Hildebrandt, “Simplifying and Isolating Failure-Inducing
//! Input”, IEEE Transactions on Software Engineering 28(2), 2002. What is tested is a merge: the target with a few sides
//! merged into it, in their order, and then the side in question. Where one of the few itself does not merge clean
//! without the others, the test says nothing, and the few are not taken for a cause. The set found is minimal in the sense
//! of that paper: no one side can be left out of it; another set, even a smaller one, may exist beside it.

use std::collections::HashMap;

use anyhow::Result;

use super::chain::{Chain, Field};
use super::{Merged, Trees};
use crate::model::{Conflict, RepoPath, TreeId, Verdict};

/// Why a side cannot be merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Causes {
    /// It conflicts with each of these on its own, on these paths; `None` is the target.
    Alone(Vec<(Option<usize>, Vec<RepoPath>)>),
    /// It conflicts with nobody on its own, but with these when all of them are merged, in their order.
    Together(Vec<usize>),
}

impl Causes {
    /// The sides that explain it; nobody where the target does.
    pub fn named(&self) -> Vec<usize> {
        match self {
            Causes::Alone(all) => all.iter().map(|(who, _)| *who).collect::<Option<_>>().unwrap_or_default(),
            Causes::Together(others) => others.clone(),
        }
    }
}

/// Who explains that `side` has `conflicts` with a chain of merged sides.
pub fn causes(field: &Field, chain: &Chain, side: usize, conflicts: &[Conflict]) -> Result<Causes> {
    let who: Vec<Option<usize>> = std::iter::once(None).chain(chain.merged.iter().copied().map(Some)).collect();
    let others: Vec<Chain> = who.iter().map(|who| who.map_or_else(|| field.start(), |at| field.alone(at))).collect();
    let verdicts = field.attempts(&others.iter().collect::<Vec<_>>(), side, Trees::Skip)?;
    let conflicts_with = |(who, merged): (&Option<usize>, Merged)| match merged.verdict {
        Verdict::Conflict(found) => Some((*who, found.into_iter().map(|conflict| conflict.path).collect())),
        _ => None,
    };
    let alone: Vec<(Option<usize>, Vec<RepoPath>)> = who.iter().zip(verdicts).filter_map(conflicts_with).collect();
    if !alone.is_empty() {
        return Ok(Causes::Alone(alone));
    }
    let mut subsets = Subsets { field, side, known: HashMap::new() };
    let mut suspects: Vec<usize> =
        chain.merged.iter().filter(|other| touches(field, **other, conflicts)).copied().collect();
    if suspects.is_empty() || !subsets.stops(&suspects) {
        // The paths have other names there, or somebody prepared the ground.
        suspects.clone_from(&chain.merged);
    }
    Ok(Causes::Together(minimal(suspects, |few| subsets.stops(few))))
}

/// Whether a side changed one of the paths. What cannot be read may have.
fn touches(field: &Field, side: usize, conflicts: &[Conflict]) -> bool {
    let graph = field.graph.as_ref();
    let fork = graph.and_then(|graph| graph.bases(0, Field::place(side)).first().copied());
    let objects = field.premerge.scratch.objects();
    let read = |fork| objects.commit(fork).map(|commit| commit.tree);
    let Ok(base) = fork.map_or(Ok(field.target.tree), read) else { return true };
    let differs = |conflict: &Conflict| {
        let node = |tree: TreeId| field.premerge.trees().lookup(tree, &conflict.path);
        Ok::<bool, anyhow::Error>(node(field.sides[side].tree)? != node(base)?)
    };
    conflicts.iter().any(|conflict| differs(conflict).unwrap_or(true))
}

/// The target with some sides merged into it, which are tried again and again with one more or one less.
struct Subsets<'f, 'p, 'a> {
    field: &'f Field<'p, 'a>,
    side: usize,
    /// What sides come to, in this order; `None` where one of them does not merge clean.
    known: HashMap<Vec<usize>, Option<Chain>>,
}

impl Subsets<'_, '_, '_> {
    /// Whether the side in question conflicts with these together. A merge that cannot be computed is no conflict.
    fn stops(&mut self, few: &[usize]) -> bool {
        let Some(chain) = self.chain(few) else { return false };
        let merged = self.field.attempts(&[&chain], self.side, Trees::Skip);
        merged.is_ok_and(|merged| matches!(merged[0].verdict, Verdict::Conflict(_)))
    }

    fn chain(&mut self, few: &[usize]) -> Option<Chain> {
        let mut chain = self.field.start();
        for (at, side) in few.iter().enumerate() {
            let key = &few[..=at];
            if !self.known.contains_key(key) {
                let merged = self.field.attempt(&chain, *side);
                let advance = |merged| self.field.advance(&mut chain, *side, &merged, "A part of an integration");
                let is_clean = merged.and_then(advance).is_ok_and(|is_in| is_in);
                self.known.insert(key.to_vec(), is_clean.then(|| chain.clone()));
            }
            chain = self.known[key].clone()?;
        }
        Some(chain)
    }
}

/// Some of `set`, of which the test holds: so few that it holds of them with none left out. It holds of `set`.
fn minimal(mut set: Vec<usize>, mut holds: impl FnMut(&[usize]) -> bool) -> Vec<usize> {
    let mut parts = 2;
    while set.len() > 1 {
        let size = set.len().div_ceil(parts);
        let chunks: Vec<Vec<usize>> = set.chunks(size).map(<[usize]>::to_vec).collect();
        if let Some(chunk) = chunks.iter().find(|chunk| holds(chunk)) {
            (set, parts) = (chunk.clone(), 2);
            continue;
        }
        let without = |chunk: &Vec<usize>| set.iter().filter(|one| !chunk.contains(one)).copied().collect();
        // Of two chunks, each is what the other leaves.
        let rests = if chunks.len() > 2 { &chunks[..] } else { &[] };
        match rests.iter().map(without).find(|rest: &Vec<usize>| holds(rest)) {
            Some(rest) => (set, parts) = (rest, (chunks.len() - 1).max(2)),
            None if size == 1 => break,
            None => parts = (parts * 2).min(set.len()),
        }
    }
    set
}

#[cfg(test)]
mod tests {
    use super::minimal;

    #[test]
    fn what_is_needed_is_found_wherever_it_stands() {
        for needed in [&[0][..], &[7], &[0, 7], &[3, 4], &[1, 4, 6], &[0, 1, 2, 3, 4, 5, 6, 7]] {
            let found = minimal((0..8).collect(), |set| needed.iter().all(|one| set.contains(one)));
            assert_eq!(found, needed);
        }
    }

    /// Whatever the test is, even one that nothing can be said of for many sets.
    #[test]
    fn none_can_be_left_out() {
        for seed in 1..400_u64 {
            let all: Vec<usize> = (0..6).collect();
            let mask = |set: &[usize]| set.iter().fold(0_u64, |mask, one| mask | 1 << one);
            let holds = |set: &[usize]| {
                let mixed = (mask(set) + seed * 64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
                set.len() == all.len() || mixed % 5 == 0
            };
            let found = minimal(all.clone(), holds);
            assert!(holds(&found), "{seed}: {found:?}");
            for at in 0..found.len() {
                let mut rest = found.clone();
                rest.remove(at);
                assert!(rest.is_empty() || !holds(&rest), "{seed}: {found:?} without {at}");
            }
        }
    }
}
