//! Says what Git would say to merging sides with one another, without asking it more than has to be asked.
//!
//! In this order: the merge bases of all pairs in one walk of history (`git::graph`), what follows from the three trees of
//! each pair (`prove`), the contents that both sides changed in one merge of all of them together (`contents`), and
//! whatever is left by Git itself, pair by pair (`whole`). For what conflicts, where (`explain`); and all tracks merged
//! one after another (`integrate`).

mod attributes;
mod contents;
mod explain;
mod integrate;
mod prove;
mod verify;
mod whole;

use anyhow::Result;
use rayon::prelude::*;
use std::collections::HashMap;

use crate::git::trees;
use crate::git::{Graph, Repo, Scratch};
use crate::model::{CommitId, Conflict, Entry, PairVerdict, RepoPath, TreeId, Verdict};

pub use integrate::{Candidate, integrate};
use prove::{Common, Proof, Three};
pub use verify::{Difference, Verification, verify};

/// One side of a merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// The last real commit, which history is walked from.
    pub tip: CommitId,
    /// What is merged: the tip, or a scratch commit on top of it that holds uncommitted work.
    pub commit: CommitId,
    /// The tree of that.
    pub tree: TreeId,
}

/// Whether the trees of clean merges are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trees {
    /// Verdicts are enough.
    Skip,
    /// The id of the tree that the merge gives.
    Compose,
}

/// How verdicts came about, for those who ask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Pairs proved without merging.
    pub proved: usize,
    /// Pairs decided by merges of contents.
    pub contents: usize,
    /// Pairs that Git merged as a whole.
    pub whole: usize,
    /// Pairs that could not be decided.
    pub unknown: usize,
}

/// Everything that is read or decided once for a run.
pub struct Premerge<'a> {
    repo: &'a Repo,
    scratch: &'a Scratch,
    trees: trees::Trees<'a>,
    attributes: attributes::Attributes,
    contents: contents::Contents,
    /// Replaced objects, grafts or a shallow boundary: only Git sees history as it is meant to be seen.
    history_is_edited: bool,
    /// Files are normalised before they are merged, with attributes that are read from a work tree.
    renormalizes: bool,
}

/// What a pair still needs after its bases are known.
enum Plan {
    Decided(Verdict),
    Proved(Three),
    Contents(Three, Vec<Common>),
    Whole,
}

/// What came of merging one side into another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The verdict.
    pub verdict: Verdict,
    /// The tree of a clean merge, where it was asked for.
    pub tree: Option<TreeId>,
}

impl<'a> Premerge<'a> {
    /// Reads what is the same for all merges of a run.
    pub fn new(repo: &'a Repo, scratch: &'a Scratch) -> Result<Premerge<'a>> {
        let default_driver = repo.config("merge.default")?.is_some();
        Ok(Premerge {
            repo,
            scratch,
            trees: trees::Trees::new(scratch.objects()),
            attributes: attributes::Attributes::new(default_driver),
            contents: contents::Contents::default(),
            history_is_edited: repo.history_is_edited()?,
            renormalizes: repo.config("merge.renormalize")?.is_some_and(|value| !is_off(&value)),
        })
    }

    /// The trees that were read, and will be.
    pub fn trees(&self) -> &trees::Trees<'a> {
        &self.trees
    }

    /// Whether merging `theirs` is certain to change `ours`; `false` where only a merge can tell.
    pub fn brings_something(&self, base: TreeId, ours: TreeId, theirs: TreeId) -> Result<bool> {
        prove::brings_something(&self.trees, Three { base, ours, theirs })
    }

    /// The verdicts on `pairs` of `sides` (places in the list, ours first), in order, and how they came about. A side
    /// that could not be read is an `Err` with its reason; its pairs are unknown.
    pub fn pairs(
        &self,
        sides: &[std::result::Result<Side, String>],
        pairs: &[(usize, usize)],
        trees: Trees,
    ) -> Result<(Vec<PairVerdict>, Tally)> {
        let known: Vec<(usize, &Side)> =
            sides.iter().enumerate().filter_map(|(i, s)| Some((i, s.as_ref().ok()?))).collect();
        let tips: Vec<CommitId> = known.iter().map(|(_, side)| side.tip).collect();
        let place: HashMap<usize, usize> = known.iter().enumerate().map(|(at, (side, _))| (*side, at)).collect();
        let graph = self.graph(&tips);
        let merges: Vec<std::result::Result<(Merge, Vec<CommitId>), String>> = pairs
            .iter()
            .map(|(a, b)| {
                let (ours, theirs) = (sides[*a].as_ref()?, sides[*b].as_ref()?);
                let bases = graph.as_ref().map_or(Vec::new(), |g| g.bases(place[a], place[b]).to_vec());
                Ok((Merge { ours: ours.clone(), theirs: theirs.clone(), has_graph: graph.is_some() }, bases))
            })
            .map(|merge: std::result::Result<_, &String>| merge.map_err(Clone::clone))
            .collect();
        let wanted: Vec<(Merge, Vec<CommitId>)> = merges.iter().filter_map(|m| m.as_ref().ok().cloned()).collect();
        let (merged, tally) = self.merge_all(&wanted, trees)?;
        let mut merged = merged.into_iter();
        let verdicts = pairs.iter().zip(merges).map(|((ours, theirs), merge)| {
            let Merged { verdict, tree } = match merge {
                Ok(_) => merged.next().expect("every merge that was wanted has an answer"),
                Err(reason) => Merged { verdict: Verdict::Unknown(reason), tree: None },
            };
            PairVerdict { ours: *ours, theirs: *theirs, verdict, tree }
        });
        let verdicts: Vec<PairVerdict> = verdicts.collect();
        let unknown = verdicts.iter().filter(|v| matches!(v.verdict, Verdict::Unknown(_))).count();
        Ok((verdicts, Tally { unknown, ..tally }))
    }

    /// The history of `tips`; `None` where only Git can say what it is (edited, or an object of it cannot be read, which
    /// Git will name for the merges that it concerns).
    fn graph(&self, tips: &[CommitId]) -> Option<Graph> {
        match self.history_is_edited {
            true => None,
            false => Graph::walk(self.repo, self.scratch.objects(), tips).ok(),
        }
    }

    fn merge_all(&self, merges: &[(Merge, Vec<CommitId>)], trees: Trees) -> Result<(Vec<Merged>, Tally)> {
        let bases = self.base_trees(merges);
        let plans = merges.par_iter().zip(bases).map(|((merge, _), base)| self.plan(merge, base, trees)).collect();
        let plans = self.settle_contents(merges, plans)?;
        self.carry_out(merges, plans, trees)
    }

    /// The tree of the one base of each merge; otherwise what follows from there being none, or several.
    fn base_trees(&self, merges: &[(Merge, Vec<CommitId>)]) -> Vec<std::result::Result<TreeId, Plan>> {
        let mut trees: HashMap<CommitId, Option<TreeId>> = HashMap::new();
        let tree_of = |merge: &(Merge, Vec<CommitId>)| match merge.1[..] {
            _ if !merge.0.has_graph => Err(Plan::Whole),
            [] => Err(Plan::Decided(Verdict::Unknown("the two have no common history".into()))),
            [base] => {
                let read = || self.scratch.objects().commit(base).ok().map(|commit| commit.tree);
                trees.entry(base).or_insert_with(read).ok_or(Plan::Whole)
            }
            _ => Err(Plan::Whole),
        };
        merges.iter().map(tree_of).collect()
    }

    fn plan(&self, merge: &Merge, base: std::result::Result<TreeId, Plan>, trees: Trees) -> Plan {
        let base = match base {
            Ok(base) => base,
            Err(plan) => return plan,
        };
        let three = Three { base, ours: merge.ours.tree, theirs: merge.theirs.tree };
        match prove::prove(&self.trees, three, trees) {
            Ok(Proof::Disjoint) => Plan::Proved(three),
            Ok(Proof::Contents(common)) => Plan::Contents(three, common),
            // What cannot be read here Git will meet as well, and name in its own words.
            Ok(Proof::Open) | Err(_) => Plan::Whole,
        }
    }

    /// Sends pairs whose common files have attributes of their own to Git, and merges the contents of all the others
    /// together.
    fn settle_contents(&self, merges: &[(Merge, Vec<CommitId>)], mut plans: Vec<Plan>) -> Result<Vec<Plan>> {
        let questions: Vec<(usize, TreeId, Vec<RepoPath>)> = plans
            .iter()
            .enumerate()
            .filter_map(|(at, plan)| match plan {
                Plan::Contents(_, common) => {
                    let paths = common.iter().map(|common| common.path.clone()).collect();
                    Some((at, merges[at].0.ours.tree, paths))
                }
                _ => None,
            })
            .collect();
        let ordinary = self.attributes.are_ordinary(self, &questions);
        for ((at, ..), ordinary) in questions.iter().zip(ordinary) {
            if !ordinary || self.renormalizes {
                plans[*at] = Plan::Whole;
            }
        }
        let triples = plans.iter().flat_map(|plan| match plan {
            Plan::Contents(_, common) => common.iter().map(|common| common.triple).collect(),
            _ => Vec::new(),
        });
        let usable = self.contents.merge(self.scratch, triples.collect())?;
        if usable == contents::Usable::No {
            for plan in plans.iter_mut().filter(|plan| matches!(plan, Plan::Contents(..))) {
                *plan = Plan::Whole;
            }
        }
        Ok(plans)
    }

    fn carry_out(
        &self,
        merges: &[(Merge, Vec<CommitId>)],
        plans: Vec<Plan>,
        trees: Trees,
    ) -> Result<(Vec<Merged>, Tally)> {
        let whole: Vec<&Merge> =
            merges.iter().zip(&plans).filter(|(_, plan)| matches!(plan, Plan::Whole)).map(|((m, _), _)| m).collect();
        let mut tally = Tally { whole: whole.len(), ..Tally::default() };
        tally.proved = plans.iter().filter(|plan| matches!(plan, Plan::Proved(_))).count();
        tally.contents = plans.iter().filter(|plan| matches!(plan, Plan::Contents(..))).count();
        let mut whole = whole::merge(self, &whole)?.into_iter();
        let with_whole: Vec<(Plan, Option<Merged>)> = plans
            .into_iter()
            .map(|plan| {
                let answer = matches!(plan, Plan::Whole).then(|| whole.next().expect("every merge has an answer"));
                (plan, answer)
            })
            .collect();
        let decide = |(plan, answer): (Plan, Option<Merged>)| match answer {
            Some(answer) => Ok(answer),
            None => self.decide(plan, trees),
        };
        let merged: Result<Vec<Merged>> = with_whole.into_par_iter().map(decide).collect();
        Ok((merged?, tally))
    }

    fn decide(&self, plan: Plan, trees: Trees) -> Result<Merged> {
        let objects = self.scratch.objects();
        let (three, common) = match plan {
            Plan::Decided(verdict) => return Ok(Merged { verdict, tree: None }),
            Plan::Whole => unreachable!("a whole merge has its answer already"),
            Plan::Proved(three) => (three, Vec::new()),
            Plan::Contents(three, common) => (three, common),
        };
        let mut conflicts: Vec<Conflict> = Vec::new();
        let mut merged: HashMap<&RepoPath, Entry> = HashMap::new();
        for Common { path, triple, entry } in &common {
            match self.contents.answer(triple) {
                contents::Answer::Merged(id) => drop(merged.insert(path, Entry { id, ..*entry })),
                contents::Answer::Conflict(stopped) => {
                    conflicts.push(explain::content(objects, path, triple, &stopped)?);
                }
                contents::Answer::Unknown(reason) => {
                    return Ok(Merged { verdict: Verdict::Unknown(reason), tree: None });
                }
            }
        }
        if !conflicts.is_empty() {
            return Ok(Merged { verdict: Verdict::Conflict(conflicts), tree: None });
        }
        let verdict = if common.is_empty() { Verdict::Disjoint } else { Verdict::Clean };
        let tree = match trees {
            Trees::Skip => None,
            Trees::Compose => Some(prove::compose(&self.trees, three, &merged)?),
        };
        Ok(Merged { verdict, tree })
    }
}

/// Whether a value is one of those that Git takes for no. An empty one may be either: a key without a value means yes.
fn is_off(value: &str) -> bool {
    ["false", "no", "off", "0"].iter().any(|off| value.eq_ignore_ascii_case(off))
}

/// One merge to be decided.
#[derive(Clone, Debug)]
struct Merge {
    ours: Side,
    theirs: Side,
    /// Whether history could be walked here; otherwise only Git knows the bases.
    has_graph: bool,
}
