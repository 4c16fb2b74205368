//! Says what Git would say to merging sides with one another, without asking it more than has to be asked.
//!
//! In this order (`decide`): the merge bases of all pairs in one walk of history (`git::graph`), what earlier runs found
//! out (`memory`), what follows from the three trees of each pair (`prove`), the contents that both sides changed in one
//! merge of all of them together (`contents`), and whatever is left by Git itself, pair by pair (`whole`). For what
//! conflicts, where (`explain`) and which commits meet there (`meet`); and all tracks merged one after another
//! (`integrate`, over `chain`), with who explains what is held out (`causes`), also where everyone who lands has their way
//! (`landings`).

mod attributes;
mod causes;
mod chain;
mod checkouts;
mod contents;
mod decide;
mod explain;
mod integrate;
mod landings;
mod meet;
mod meet_held;
pub mod memory;
mod ordinary;
mod prove;
mod verify;
mod whole;

use std::collections::HashMap;
use std::sync::OnceLock;

use anyhow::Result;

use super::progress::Progress;
use crate::git::trees;
use crate::git::{Graph, Repo, Scratch, Settings};
use crate::host::files;
use crate::model::{CommitId, Conflict, PairVerdict, TreeId, Treeish, Verdict};

pub use chain::{Chain, Field};
use decide::{Base, Merge};
pub use integrate::{Candidate, integrate};
pub use landings::landings;
pub use meet::of_pairs as meetings;
use memory::Memory;
pub use memory::forget;
use prove::Three;
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

/// What stands at one end of a merge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// What Git is told.
    pub what: Treeish,
    /// Its tree.
    pub tree: TreeId,
}

impl From<&Side> for End {
    fn from(side: &Side) -> End {
        End { what: Treeish::Commit(side.commit), tree: side.tree }
    }
}

/// A merge, asked for as `git merge-tree --stdin` takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given {
    /// What both sides are held against; `None` for the merge bases of two commits.
    pub base: Option<End>,
    /// The side that is merged into.
    pub ours: End,
    /// The side that is merged.
    pub theirs: End,
}

impl Given {
    /// The merge of a pair of `sides`; `None` where one of them could not be read.
    pub fn of(sides: &[std::result::Result<Side, String>], (ours, theirs): (usize, usize)) -> Option<Given> {
        let end = |side: usize| sides[side].as_ref().ok().map(End::from);
        Some(Given { base: None, ours: end(ours)?, theirs: end(theirs)? })
    }
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
    /// Pairs that were decided in an earlier run.
    pub remembered: usize,
    /// Pairs that could not be decided.
    pub unknown: usize,
}

/// Somebody who can settle conflicts that Git cannot, where all tracks are merged one after another.
pub trait Mend: Sync {
    /// Whether these are of the kind.
    fn settles(&self, conflicts: &[Conflict]) -> bool;
    /// What the merge comes to, where it works: `carried` has the version of their side at every conflicted path, `parent` is
    /// our side.
    fn mended(&self, carried: TreeId, parent: CommitId, conflicts: &[Conflict]) -> Result<Option<TreeId>>;
}

/// Everything that is read or decided once for a run.
pub struct Premerge<'a> {
    repo: &'a Repo,
    scratch: &'a Scratch,
    trees: trees::Trees<'a>,
    attributes: attributes::Attributes,
    ordinary: ordinary::Ordinary,
    rewritable: prove::Rewritable,
    contents: contents::Contents,
    memory: OnceLock<Memory>,
    progress: Progress<'a>,
    mend: Option<&'a dyn Mend>,
    settings: Settings,
    /// Replaced objects, grafts or a shallow boundary: only Git sees history as it is meant to be seen.
    history_is_edited: bool,
    /// The repository has submodules with a history of their own.
    has_submodules: bool,
}

/// What came of merging one side into another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The verdict.
    pub verdict: Verdict,
    /// The tree of a clean merge, where it was asked for.
    pub tree: Option<TreeId>,
}

impl Merged {
    /// What could not be computed, for this reason.
    pub(crate) fn unknown(reason: String) -> Merged {
        Merged { verdict: Verdict::Unknown(reason), tree: None }
    }
}

impl<'a> Premerge<'a> {
    /// Reads what is the same for all merges of a run.
    pub fn new(repo: &'a Repo, scratch: &'a Scratch) -> Result<Premerge<'a>> {
        let settings = Settings::read(repo)?;
        Ok(Premerge {
            repo,
            scratch,
            trees: trees::Trees::new(scratch.objects()),
            attributes: attributes::Attributes::new(repo, &settings)?,
            ordinary: ordinary::Ordinary::default(),
            rewritable: prove::Rewritable::default(),
            contents: contents::Contents::default(),
            memory: OnceLock::new(),
            progress: Progress::default(),
            mend: None,
            history_is_edited: repo.history_is_edited()?,
            has_submodules: files::is_folder(&repo.common_dir.join("modules")),
            settings,
        })
    }

    /// The same, with somebody watching.
    pub fn watched(self, progress: Progress<'a>) -> Premerge<'a> {
        Premerge { progress, ..self }
    }

    /// The same, with somebody who settles conflicts of chains.
    pub fn mended_by(self, mend: Option<&'a dyn Mend>) -> Premerge<'a> {
        Premerge { mend, ..self }
    }

    /// The merge of two sides that conflict, where somebody settles that.
    pub fn mended(&self, ours: &Side, theirs: &Side, conflicts: &[Conflict]) -> Result<Option<Merged>> {
        let Some(mend) = self.mend.filter(|mend| mend.settles(conflicts)) else { return Ok(None) };
        let carried = landings::carried_on(self, ours, theirs)?;
        let tree = mend.mended(carried, ours.commit, conflicts)?;
        Ok(tree.map(|tree| Merged { verdict: Verdict::Clean, tree: Some(tree) }))
    }

    /// What earlier runs found out: read when the first merge comes.
    fn memory(&self) -> &Memory {
        self.memory.get_or_init(|| Memory::of(self.repo, &self.settings, &self.attributes))
    }

    /// Keeps what was found out for later runs, where the repository can be written.
    pub fn remember(&self) {
        if let Some(memory) = self.memory.get() {
            // Without it the next run takes longer, and says the same.
            let _ = memory.keep();
        }
    }

    /// What is configured for `git merge` and has no part in the verdicts, as sentences.
    pub fn caveats(&self) -> Vec<String> {
        let sentence = |key: &String| format!("`{key}` is set, which `git merge` obeys and the verdicts do not");
        self.settings.unseen().iter().map(sentence).collect()
    }

    /// The repository that it reads.
    pub fn repo(&self) -> &'a Repo {
        self.repo
    }

    /// Where objects are read, and made.
    pub fn scratch(&self) -> &'a Scratch {
        self.scratch
    }

    /// A commit as one end of a merge.
    pub fn end(&self, commit: CommitId) -> Result<End> {
        Ok(End { what: Treeish::Commit(commit), tree: self.scratch.objects().commit(commit)?.tree })
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
        let merge = |(a, b): &(usize, usize)| -> std::result::Result<Merge, String> {
            let (ours, theirs) = (sides[*a].as_ref().map_err(Clone::clone)?, sides[*b].as_ref().map_err(Clone::clone)?);
            let base = Base::in_history(graph.as_ref(), place[a], place[b]);
            Ok(Merge { base, ours: ours.into(), theirs: theirs.into() })
        };
        let merges: Vec<std::result::Result<Merge, String>> = pairs.iter().map(merge).collect();
        let wanted: Vec<Merge> = merges.iter().filter_map(|merge| merge.as_ref().ok().cloned()).collect();
        let (merged, mut tally) = self.merge_all(&wanted, trees)?;
        let mut merged = merged.into_iter();
        let verdict = |((ours, theirs), merge): (&(usize, usize), std::result::Result<Merge, String>)| {
            let Merged { verdict, tree } = match merge {
                Ok(_) => merged.next().expect("every merge that was wanted has an answer"),
                Err(reason) => {
                    tally.unknown += 1;
                    Merged { verdict: Verdict::Unknown(reason), tree: None }
                }
            };
            PairVerdict { ours: *ours, theirs: *theirs, verdict, tree }
        };
        let verdicts = pairs.iter().zip(merges).map(verdict).collect();
        Ok((verdicts, tally))
    }

    /// What comes of each of `merges`, in order, and how that was found.
    pub fn given(&self, merges: &[Given], trees: Trees) -> Result<(Vec<Merged>, Tally)> {
        let mut asked: Vec<Merge> = Vec::with_capacity(merges.len());
        while let Some(rest) = merges.get(asked.len()..).filter(|rest| !rest.is_empty()) {
            let tips = Tips::of(rest);
            let graph = if tips.all.is_empty() { None } else { self.graph(&tips.all) };
            asked.extend(rest[..tips.merges].iter().map(|given| {
                let base = match (given.base, commits(given)) {
                    (Some(base), _) => Base::Given(base),
                    (None, Some([ours, theirs])) => {
                        Base::in_history(graph.as_ref(), tips.places[&ours], tips.places[&theirs])
                    }
                    // A tree has no history to find a base in.
                    (None, None) => Base::Found(Vec::new()),
                };
                Merge { base, ours: given.ours, theirs: given.theirs }
            }));
        }
        self.merge_all(&asked, trees)
    }

    /// The history of `tips`; `None` where only Git can say what it is (edited, or an object of it cannot be read, which
    /// Git will name for the merges that it concerns).
    fn graph(&self, tips: &[CommitId]) -> Option<Graph> {
        match self.history_is_edited {
            true => None,
            false => Graph::walk(self.repo, self.scratch.objects(), tips).ok(),
        }
    }
}

/// The tips that history is walked from at once.
#[derive(Default)]
struct Tips {
    all: Vec<CommitId>,
    places: HashMap<CommitId, usize>,
    /// How many merges they are the sides of.
    merges: usize,
}

impl Tips {
    /// Every commit on the way notes which tips reach it, so that more than these are walked from in several goes.
    const MOST: usize = 512;

    /// Those of as many of the first merges as one walk takes.
    fn of(merges: &[Given]) -> Tips {
        let mut tips = Tips::default();
        for merge in merges {
            if tips.all.len() >= Tips::MOST {
                break;
            }
            for commit in commits(merge).into_iter().flatten() {
                tips.places.entry(commit).or_insert_with(|| {
                    tips.all.push(commit);
                    tips.all.len() - 1
                });
            }
            tips.merges += 1;
        }
        tips
    }
}

/// The two commits of a merge whose bases are to be found; `None` where the base is given, or a side has no history.
fn commits(merge: &Given) -> Option<[CommitId; 2]> {
    match (merge.base, merge.ours.what, merge.theirs.what) {
        (None, Treeish::Commit(ours), Treeish::Commit(theirs)) => Some([ours, theirs]),
        _ => None,
    }
}
