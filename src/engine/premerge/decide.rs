//! The way of each merge from its base to its verdict.

use std::collections::HashMap;

use anyhow::Result;
use rayon::prelude::*;

use super::checkouts;
use super::contents::{Answer, Usable};
use super::memory::{How, Key, Known};
use super::prove::{self, Common, Proof, Three};
use super::{End, Merged, Premerge, Tally, Trees, whole};
use crate::engine::progress::{Progress, Stage};
use crate::git::Graph;
use crate::model::{CommitId, Conflict, Entry, Mode, RepoPath, TreeId, Treeish, Verdict};

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
    /// Nothing.
    Decided(Merged),
    Proved(Three),
    Contents(Three, Vec<Common>),
    Whole,
    /// Nothing any more: Git has answered.
    Answered(Merged),
}

/// A merge on its way.
struct Step {
    plan: Plan,
    source: Source,
    /// What the merge is remembered by; `None` for one that depends on more than what is merged.
    key: Option<Key>,
}

/// Where a plan comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    Run,
    Memory,
}

impl Step {
    /// The files whose contents are merged.
    fn common(&self) -> &[Common] {
        if let Plan::Contents(_, common) = &self.plan { common } else { &[] }
    }
}

impl Premerge<'_> {
    /// What comes of each merge, in order, and how that was found.
    pub(super) fn merge_all(&self, merges: &[Merge], trees: Trees) -> Result<(Vec<Merged>, Tally)> {
        // A single merge is a step of something larger, and not worth a word.
        let progress = if merges.len() > 1 { self.progress } else { Progress::default() };
        let bases = self.base_trees(merges);
        let pairs = progress.begin(Stage::Pairs, merges.len());
        let step = |(merge, base)| {
            let step = self.step(merge, base, trees);
            pairs.advance();
            step
        };
        let mut steps: Vec<Step> = merges.par_iter().zip(bases).map(step).collect();
        let contents = steps.iter().filter(|step| matches!(step.plan, Plan::Contents(..))).count();
        let contents = progress.begin(Stage::Contents, contents);
        self.settle_contents(merges, &mut steps, trees)?;
        contents.end();
        self.give_up_uncertain(merges, &mut steps);
        let mut tally = Tally::of(&steps);
        let whole = progress.begin(Stage::Whole, tally.whole);
        self.ask_git(merges, &mut steps)?;
        whole.end();
        let merged = steps.into_par_iter().map(|step| self.decide(step, trees)).collect::<Result<Vec<Merged>>>()?;
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

    fn step(&self, merge: &Merge, base: std::result::Result<TreeId, Plan>, trees: Trees) -> Step {
        let three = base.map(|base| Three { base, ours: merge.ours.tree, theirs: merge.theirs.tree });
        let key = match (&three, &merge.base, merge.ours.what, merge.theirs.what) {
            (Ok(three), ..) => Some(Key::Trees(*three)),
            (Err(_), Base::Found(bases), Treeish::Commit(ours), Treeish::Commit(theirs)) if bases.len() > 1 => {
                Some(Key::Commits(ours, theirs))
            }
            _ => None,
        };
        if let Some(plan) = key.and_then(|key| self.remembered(key, trees)) {
            return Step { plan, source: Source::Memory, key };
        }
        let plan = three.map_or_else(|plan| plan, |three| self.prove(three, trees));
        Step { plan, source: Source::Run, key }
    }

    /// What an earlier run found out about a merge, as far as it serves this one: a tree that is wanted has to be there.
    fn remembered(&self, key: Key, trees: Trees) -> Option<Plan> {
        let Known { how, tree } = self.memory().merge(&key)?;
        if let How::Conflict(conflicts) = how {
            return Some(Plan::Decided(Merged { verdict: Verdict::Conflict(conflicts), tree: None }));
        }
        let verdict = if how == How::Proved { Verdict::Disjoint } else { Verdict::Clean };
        match (how, key, trees) {
            (_, _, Trees::Compose) => {
                let is_there = tree.is_some_and(|tree| self.scratch.objects().contains(tree.raw()));
                is_there.then_some(Plan::Decided(Merged { verdict, tree }))
            }
            (How::Contents(common), Key::Trees(three), Trees::Skip) => Some(Plan::Contents(three, common)),
            _ => Some(Plan::Decided(Merged { verdict, tree: None })),
        }
    }

    fn prove(&self, three: Three, trees: Trees) -> Plan {
        match prove::prove((&self.trees, self.memory()), &self.rewritable, three, trees) {
            Ok(Proof::Disjoint) => Plan::Proved(three),
            Ok(Proof::Contents(common)) if self.attributes.are_of_ours(self, three) => Plan::Contents(three, common),
            // What cannot be read here Git will meet as well, and name in its own words.
            Ok(_) | Err(_) => Plan::Whole,
        }
    }

    /// Sends pairs whose common files have attributes of their own to Git, and merges the contents of all the others
    /// together.
    fn settle_contents(&self, merges: &[Merge], steps: &mut [Step], trees: Trees) -> Result<()> {
        let is_new = |step: &&mut Step| matches!(step.plan, Plan::Contents(..)) && step.source == Source::Run;
        let new = steps.iter_mut().zip(merges).filter(|(step, _)| is_new(step));
        let (new, questions): (Vec<&mut Step>, Vec<(TreeId, Vec<RepoPath>)>) = new
            .map(|(step, merge)| {
                let paths = step.common().iter().map(|common| common.path.clone()).collect();
                (step, (merge.ours.tree, paths))
            })
            .unzip();
        let ordinary = self.ordinary.are(self, &questions)?;
        for (step, ordinary) in new.into_iter().zip(ordinary) {
            if !ordinary {
                step.plan = Plan::Whole;
            }
        }
        let triples = steps.iter().flat_map(|step| step.common().iter().map(|common| common.triple)).collect();
        if self.contents.merge(self, triples, trees)? == Usable::No {
            for step in steps.iter_mut().filter(|step| matches!(step.plan, Plan::Contents(..))) {
                (step.plan, step.source) = (Plan::Whole, Source::Run);
            }
        }
        Ok(())
    }

    /// Says of merges that Git may do otherwise in a checkout that they are not known.
    fn give_up_uncertain(&self, merges: &[Merge], steps: &mut [Step]) {
        let open = steps.iter_mut().zip(merges).filter(|(step, _)| matches!(step.plan, Plan::Whole));
        for (step, _) in open.filter(|(_, merge)| !self.is_certain(merge)) {
            let reason = "`merge.renormalize` is set, `.gitattributes` differs, and files may have been renamed";
            step.plan = Plan::Decided(Merged::unknown(reason.into()));
        }
    }

    /// Whether what Git says to a merge in memory is what it says in a checkout.
    fn is_certain(&self, merge: &Merge) -> bool {
        if !self.attributes.are_normalising() {
            return true;
        }
        let sides = [merge.ours.tree, merge.theirs.tree];
        self.bases_of(merge).and_then(|bases| checkouts::is_certain(self, &bases, sides)).unwrap_or(false)
    }

    /// Lets Git merge what nothing else has settled.
    fn ask_git(&self, merges: &[Merge], steps: &mut [Step]) -> Result<()> {
        let open = |(_, step): &(&Merge, &mut Step)| matches!(step.plan, Plan::Whole);
        let (whole, steps): (Vec<&Merge>, Vec<&mut Step>) = merges.iter().zip(steps).filter(open).unzip();
        let answers = whole::merge(self, &whole)?;
        for ((step, answer), merge) in steps.into_iter().zip(answers).zip(whole) {
            let leans = answer.verdict == Verdict::Clean && self.leans_on_submodules(merge).unwrap_or(true);
            let unknown =
                || Merged::unknown("both sides move a submodule, and what is checked out of it decides".into());
            step.plan = Plan::Answered(if leans { unknown() } else { answer });
        }
        Ok(())
    }

    /// Whether a merge is clean only because Git found the commits of a submodule that both sides moved: in the worktree
    /// where the merge will be made it may have none of them.
    fn leans_on_submodules(&self, merge: &Merge) -> Result<bool> {
        if !self.has_submodules {
            return Ok(false);
        }
        let moved = |tree: TreeId, path: &RepoPath| {
            let node = self.trees.lookup(tree, path)?;
            Ok::<_, anyhow::Error>(node.and_then(|node| node.leaf()).filter(|entry| entry.mode == Mode::Submodule))
        };
        let bases = self.bases_of(merge)?;
        for path in self.trees.changed(merge.ours.tree, merge.theirs.tree)? {
            let (Some(ours), Some(theirs)) = (moved(merge.ours.tree, &path)?, moved(merge.theirs.tree, &path)?) else {
                continue;
            };
            let before = bases.iter().map(|base| moved(*base, &path)).collect::<Result<Vec<_>>>()?;
            if !matches!(before[..], [Some(before)] if before == ours || before == theirs) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The trees of the bases; none where only Git knows them.
    fn bases_of(&self, merge: &Merge) -> Result<Vec<TreeId>> {
        match &merge.base {
            Base::Given(base) => Ok(vec![base.tree]),
            Base::Found(bases) => bases.iter().map(|id| Ok(self.scratch.objects().commit(*id)?.tree)).collect(),
            Base::Hidden => Ok(Vec::new()),
        }
    }

    /// Ends a merge, and notes what came of it.
    fn decide(&self, Step { plan, source, key }: Step, trees: Trees) -> Result<Merged> {
        let (merged, how) = match plan {
            Plan::Decided(merged) => return Ok(merged),
            Plan::Whole => unreachable!("git has answered what was left"),
            Plan::Proved(three) => (self.join(three, &[], trees)?, How::Proved),
            Plan::Contents(three, common) => (self.join(three, &common, trees)?, How::Contents(common)),
            Plan::Answered(merged) => match &merged.verdict {
                Verdict::Conflict(conflicts) => (merged.clone(), How::Conflict(conflicts.clone())),
                Verdict::Clean => (merged, How::Clean),
                Verdict::Disjoint | Verdict::Unknown(_) => return Ok(merged),
            },
        };
        if let (Some(key), Source::Run) = (key, source) {
            self.memory().note_merge(key, Known { how, tree: merged.tree });
        }
        // Git gives a tree whether it is wanted or not, and a memory only sometimes.
        Ok(Merged { tree: merged.tree.filter(|_| trees == Trees::Compose), ..merged })
    }

    /// What comes of a merge that is disjoint but for some contents.
    fn join(&self, three: Three, common: &[Common], trees: Trees) -> Result<Merged> {
        let mut conflicts: Vec<Conflict> = Vec::new();
        let mut merged: HashMap<&RepoPath, Entry> = HashMap::new();
        for Common { path, triple, entry } in common {
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
    fn of(steps: &[Step]) -> Tally {
        let count =
            |is: fn(&Plan) -> bool| steps.iter().filter(|step| step.source == Source::Run && is(&step.plan)).count();
        Tally {
            proved: count(|plan| matches!(plan, Plan::Proved(_))),
            contents: count(|plan| matches!(plan, Plan::Contents(..))),
            whole: count(|plan| matches!(plan, Plan::Whole)),
            remembered: steps.iter().filter(|step| step.source == Source::Memory).count(),
            unknown: 0,
        }
    }
}
