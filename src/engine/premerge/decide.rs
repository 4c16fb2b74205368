//! The way of each merge from its base to its verdict.

use std::collections::HashMap;

use anyhow::Result;
use rayon::prelude::*;

use super::contents::{Answer, Usable};
use super::prove::{self, Common, Proof, Three};
use super::{End, Merged, Premerge, Tally, Trees, whole};
use crate::git::Graph;
use crate::model::{CommitId, Conflict, Entry, RepoPath, TreeId, Verdict};

/// One merge to be decided.
#[derive(Clone, Debug)]
pub struct Merge {
    /// What both sides are held against.
    pub base: Base,
    /// The side that is merged into.
    pub ours: End,
    /// The side that is merged.
    pub theirs: End,
}

/// What is known of the base of a merge.
#[derive(Clone, Debug)]
pub enum Base {
    /// It was asked for.
    Given(End),
    /// The merge bases of both sides: none, one or several.
    Found(Vec<CommitId>),
    /// Only Git can find it.
    Hidden,
}

impl Base {
    /// The merge bases of two tips, by their places in the graph.
    pub fn in_history(graph: Option<&Graph>, ours: usize, theirs: usize) -> Base {
        graph.map_or(Base::Hidden, |graph| Base::Found(graph.bases(ours, theirs).to_vec()))
    }
}

/// What a merge still needs after its base is known.
enum Plan {
    Decided(Merged),
    Proved(Three),
    Contents(Three, Vec<Common>),
    Whole,
}

impl Premerge<'_> {
    /// What comes of each merge, in order, and how that was found.
    pub(super) fn merge_all(&self, merges: &[Merge], trees: Trees) -> Result<(Vec<Merged>, Tally)> {
        let bases = self.base_trees(merges);
        let plans = merges.par_iter().zip(bases).map(|(merge, base)| self.plan(merge, base, trees)).collect();
        let mut plans = self.settle_contents(merges, plans)?;
        let mut tally = Tally::of(&plans);
        self.ask_git(merges, &mut plans)?;
        let merged = plans.into_par_iter().map(|plan| self.decide(plan, trees)).collect::<Result<Vec<Merged>>>()?;
        tally.unknown = merged.iter().filter(|merged| matches!(merged.verdict, Verdict::Unknown(_))).count();
        Ok((merged, tally))
    }

    /// The tree of the one base of each merge; otherwise what follows from there being none, or several.
    fn base_trees(&self, merges: &[Merge]) -> Vec<std::result::Result<TreeId, Plan>> {
        let mut trees: HashMap<CommitId, Option<TreeId>> = HashMap::new();
        let tree_of = |merge: &Merge| match &merge.base {
            Base::Given(_) if self.history_is_edited => Err(Plan::Whole),
            Base::Given(base) => Ok(base.tree),
            Base::Hidden => Err(Plan::Whole),
            Base::Found(bases) => match bases[..] {
                [] => Err(Plan::Decided(Merged::unknown("the two have no common history".into()))),
                [base] => {
                    let read = || self.scratch.objects().commit(base).ok().map(|commit| commit.tree);
                    trees.entry(base).or_insert_with(read).ok_or(Plan::Whole)
                }
                _ => Err(Plan::Whole),
            },
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
    fn settle_contents(&self, merges: &[Merge], mut plans: Vec<Plan>) -> Result<Vec<Plan>> {
        let questions: Vec<(usize, TreeId, Vec<RepoPath>)> = plans
            .iter()
            .enumerate()
            .filter_map(|(at, plan)| match plan {
                Plan::Contents(_, common) => {
                    let paths = common.iter().map(|common| common.path.clone()).collect();
                    Some((at, merges[at].ours.tree, paths))
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
        if usable == Usable::No {
            for plan in plans.iter_mut().filter(|plan| matches!(plan, Plan::Contents(..))) {
                *plan = Plan::Whole;
            }
        }
        Ok(plans)
    }

    /// Lets Git merge what nothing else has settled.
    fn ask_git(&self, merges: &[Merge], plans: &mut [Plan]) -> Result<()> {
        let open = |(_, plan): &(&Merge, &mut Plan)| matches!(plan, Plan::Whole);
        let (whole, plans): (Vec<&Merge>, Vec<&mut Plan>) = merges.iter().zip(plans).filter(open).unzip();
        let answers = whole::merge(self, &whole)?;
        plans.into_iter().zip(answers).for_each(|(plan, answer)| *plan = Plan::Decided(answer));
        Ok(())
    }

    fn decide(&self, plan: Plan, trees: Trees) -> Result<Merged> {
        let (three, common) = match plan {
            Plan::Decided(merged) => return Ok(merged),
            Plan::Whole => unreachable!("git has answered what was left"),
            Plan::Proved(three) => (three, Vec::new()),
            Plan::Contents(three, common) => (three, common),
        };
        let mut conflicts: Vec<Conflict> = Vec::new();
        let mut merged: HashMap<&RepoPath, Entry> = HashMap::new();
        for Common { path, triple, entry } in &common {
            match self.contents.answer(triple) {
                Answer::Merged(id) => drop(merged.insert(path, Entry { id, ..*entry })),
                Answer::Conflict(kind, hunks) => conflicts.push(Conflict { path: path.clone(), kind, hunks }),
                Answer::Unknown(reason) => return Ok(Merged::unknown(reason)),
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

impl Tally {
    fn of(plans: &[Plan]) -> Tally {
        let count = |is: fn(&Plan) -> bool| plans.iter().filter(|plan| is(plan)).count();
        Tally {
            proved: count(|plan| matches!(plan, Plan::Proved(_))),
            contents: count(|plan| matches!(plan, Plan::Contents(..))),
            whole: count(|plan| matches!(plan, Plan::Whole)),
            unknown: 0,
        }
    }
}
