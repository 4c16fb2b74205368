//! Which two commits meet in a conflict, one on each side.
//!
//! A side's own commits are those that it reaches and the other side does not; uncommitted work counts as one more on top
//! of them. Looked at are those that changed what stands at the conflicted path, of a merge commit only if it differs
//! there from every parent; where none of them answers (the file has another name on that side, or a folder was renamed),
//! all of the side's own.
//! - Ours is the oldest of these from which on the conflict is there: merging it with the tip of the other side conflicts
//!   on that path, and so does merging any of them above it. What was undone again on the way is thereby passed over.
//! - Theirs is found likewise, merged with that commit of ours rather than with our tip.
//!
//! A merge that cannot be computed is no conflict. A conflict is known by the name that it would have in the merged tree:
//! a file that was renamed after it was changed conflicts under its new name from the renaming on. Nothing is said where
//! history is edited or cannot be read, and where too many commits would have to be looked at.
//!
//! All candidates of all questions are merged in one batch for each side, and one more for what is left.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use anyhow::Result;
use bstr::ByteSlice;

use super::{Premerge, Side, Trees};
use crate::git::objects::Commit;
use crate::git::{Graph, Objects};
use crate::model::{CommitId, Meeting, Origin, PairVerdict, RepoPath, TreeId, Verdict};

/// More own commits than this are not looked into.
const LONGEST: usize = 5_000;
/// More merges than this are not made for one side of one conflict.
const MOST: usize = 300;
/// What merges of one batch may come to, each counted by the conflicts of its question: all of them are in memory at once.
const WORK: usize = 100_000;
/// More commits times conflicted paths are not looked through for one pair.
const LOOKS: usize = 1_000_000;

/// Two sides whose merge conflicts on these paths.
#[derive(Clone, Debug)]
pub struct Question {
    /// The side that is merged into.
    pub ours: Side,
    /// The side that is merged.
    pub theirs: Side,
    /// Where it conflicts.
    pub paths: Vec<RepoPath>,
}

/// The commits that meet in each conflict of `pairs`, by the pair's place.
pub fn of_pairs(
    premerge: &Premerge,
    sides: &[std::result::Result<Side, String>],
    pairs: &[PairVerdict],
) -> BTreeMap<usize, Vec<Meeting>> {
    let question = |(at, pair): (usize, &PairVerdict)| {
        let paths: Vec<RepoPath> = pair.verdict.conflicts().iter().map(|conflict| conflict.path.clone()).collect();
        let (ours, theirs) = (sides[pair.ours].clone().ok()?, sides[pair.theirs].clone().ok()?);
        (!paths.is_empty()).then_some((at, Question { ours, theirs, paths }))
    };
    let (places, questions): (Vec<usize>, Vec<Question>) = pairs.iter().enumerate().filter_map(question).unzip();
    places.into_iter().zip(meetings(premerge, &questions)).collect()
}

/// The commits that meet on each path of each question.
pub fn meetings(premerge: &Premerge, questions: &[Question]) -> Vec<Vec<Meeting>> {
    let undetermined = || questions.iter().map(|question| vec![Meeting::default(); question.paths.len()]).collect();
    if questions.is_empty() {
        return Vec::new();
    }
    determined(premerge, questions).ok().flatten().unwrap_or_else(undetermined)
}

fn determined(premerge: &Premerge, questions: &[Question]) -> Result<Option<Vec<Vec<Meeting>>>> {
    let tips: Vec<CommitId> = questions.iter().flat_map(|question| [question.ours.tip, question.theirs.tip]).collect();
    let Some(graph) = premerge.graph(&tips) else { return Ok(None) };
    let mut reader = Lines::new(premerge, &graph);
    let mut lines = Vec::new();
    for (at, question) in questions.iter().enumerate() {
        let (ours, theirs) = (2 * at, 2 * at + 1);
        let ours_line = reader.own((ours, &[theirs]), &question.ours).unwrap_or_default();
        let theirs_line = reader.own((theirs, &[ours]), &question.theirs).unwrap_or_default();
        let looks = (ours_line.steps.len() + theirs_line.steps.len()) * question.paths.len();
        lines.push(if looks > LOOKS { Default::default() } else { [ours_line, theirs_line] });
    }
    let asked = questions
        .iter()
        .zip(&lines)
        .flat_map(|(question, lines)| question.paths.iter().map(move |path| (question, lines, path)));
    let search = Search { premerge, graph: &graph };
    let first: Vec<Ask> = asked
        .clone()
        .map(|(question, [line, _], path)| Ask {
            line,
            path,
            other: question.theirs.clone(),
            which: Which::Ours,
            weight: question.paths.len(),
        })
        .collect();
    let ours = search.run(&first)?;
    let second: Vec<Ask> = asked
        .zip(&ours)
        .map(|((question, [ours, line], path), found)| {
            let other = found.map_or_else(|| question.ours.clone(), |at| ours.steps[at].side.clone());
            Ask { line, path, other, which: Which::Theirs, weight: question.paths.len() }
        })
        .collect();
    let theirs = search.run(&second)?;
    let objects = premerge.scratch.objects();
    let origin = |(ask, found): (&Ask, Option<usize>)| found.and_then(|at| ask.line.origin(objects, at));
    let ours = first.iter().zip(ours).map(origin);
    let mut found = ours.zip(second.iter().zip(theirs).map(origin)).map(|(ours, theirs)| Meeting { ours, theirs });
    Ok(Some(questions.iter().map(|question| found.by_ref().take(question.paths.len()).collect()).collect()))
}

/// The commits of a side that others have not, oldest first, and its uncommitted work last.
#[derive(Default)]
pub struct Line {
    /// What is merged for each.
    pub steps: Vec<Step>,
}

/// One commit of a line.
pub struct Step {
    /// The commit; or the scratch commit that holds uncommitted work.
    pub side: Side,
    /// The trees of its parents.
    parents: Vec<TreeId>,
}

/// Reads lines; the commits that several have in common once.
pub struct Lines<'p, 'a> {
    premerge: &'p Premerge<'a>,
    graph: &'p Graph,
    read: HashMap<CommitId, Commit>,
}

impl<'p, 'a> Lines<'p, 'a> {
    /// None read yet.
    pub fn new(premerge: &'p Premerge<'a>, graph: &'p Graph) -> Lines<'p, 'a> {
        Lines { premerge, graph, read: HashMap::new() }
    }

    /// The own commits of a side: those that `tip` reaches, its place in the graph, and none of `others` does. None where
    /// there are too many.
    pub fn own(&mut self, (tip, others): (usize, &[usize]), side: &Side) -> Result<Line> {
        let commits = self.graph.own(tip, others);
        if commits.len() > LONGEST {
            return Ok(Line { steps: Vec::new() });
        }
        let mut steps = Vec::with_capacity(commits.len() + 1);
        for id in commits {
            let Commit { tree, parents, .. } = self.commit(id)?.clone();
            let parents = parents.into_iter().map(|parent| Ok(self.commit(parent)?.tree));
            let parents = parents.collect::<Result<Vec<TreeId>>>()?;
            steps.push(Step { side: Side { tip: id, commit: id, tree }, parents });
        }
        if side.commit != side.tip {
            steps.push(Step { side: side.clone(), parents: vec![self.commit(side.tip)?.tree] });
        }
        Ok(Line { steps })
    }

    fn commit(&mut self, id: CommitId) -> Result<&Commit> {
        Ok(match self.read.entry(id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(self.premerge.scratch.objects().commit(id)?),
        })
    }
}

impl Step {
    /// Whether it changed what stands at `path`.
    fn touches(&self, premerge: &Premerge, path: &RepoPath) -> Result<bool> {
        let node = |tree: TreeId| premerge.trees().lookup(tree, path);
        let own = node(self.side.tree)?;
        match self.parents[..] {
            [] => Ok(own.is_some()),
            _ => self.parents.iter().try_fold(true, |differs, parent| Ok(differs && node(*parent)? != own)),
        }
    }
}

impl Line {
    /// The places of the commits that changed what stands at `path`; `known` is what was found out about that before.
    pub fn touching(
        &self,
        premerge: &Premerge,
        path: &RepoPath,
        known: &mut HashMap<CommitId, bool>,
    ) -> Result<Vec<usize>> {
        let mut touching = Vec::new();
        for (at, step) in self.steps.iter().enumerate() {
            let touches = match known.entry(step.side.commit) {
                Entry::Occupied(known) => *known.get(),
                Entry::Vacant(new) => *new.insert(step.touches(premerge, path)?),
            };
            touching.extend(touches.then_some(at));
        }
        Ok(touching)
    }

    /// The oldest of the candidates that stop a merge, with none above it that does not.
    pub fn since(&self, graph: &Graph, candidates: &[usize], stops: &[bool]) -> Option<usize> {
        let is_work = |at: &usize| self.steps[*at].side.commit != self.steps[*at].side.tip;
        let passing = || candidates.iter().zip(stops).filter(|(_, stops)| !**stops).map(|(at, _)| at);
        // Uncommitted work lies above everything.
        if passing().any(is_work) {
            return None;
        }
        let passing: Vec<CommitId> = passing().map(|at| self.steps[*at].side.tip).collect();
        let below = graph.down_from(&passing);
        let holds = |at: &&usize| is_work(at) || !below.contains(&self.steps[**at].side.tip);
        candidates.iter().zip(stops).filter(|(_, stops)| **stops).map(|(at, _)| at).find(holds).copied()
    }

    /// What people know a commit by; `None` where it cannot be read.
    pub fn origin(&self, objects: &Objects, at: usize) -> Option<Origin> {
        let Side { tip, commit, .. } = self.steps[at].side;
        if commit != tip {
            return Some(Origin::Uncommitted);
        }
        let message = objects.message(commit).ok()?;
        let lines = message.lines().map(|line| line.trim_ascii()).skip_while(|line| line.is_empty());
        let subject: Vec<&[u8]> = lines.take_while(|line| !line.is_empty()).collect();
        Some(Origin::Commit(commit, subject.join(&b' ').to_str_lossy().into_owned()))
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Which {
    Ours,
    Theirs,
}

/// The search for the commit of one side of one conflict.
struct Ask<'l> {
    line: &'l Line,
    path: &'l RepoPath,
    /// What the commits of the line are merged with.
    other: Side,
    /// Which side the line is.
    which: Which,
    /// How many conflicts a merge may have.
    weight: usize,
}

impl Ask<'_> {
    /// A merge of a step of the line with the other side, by their places.
    fn pair(&self, step: usize, other: usize) -> (usize, usize) {
        if self.which == Which::Ours { (step, other) } else { (other, step) }
    }
}

struct Search<'p, 'a> {
    premerge: &'p Premerge<'a>,
    graph: &'p Graph,
}

impl Search<'_, '_> {
    /// The places in their lines of the commits asked for.
    fn run(&self, asks: &[Ask]) -> Result<Vec<Option<usize>>> {
        let mut known: HashMap<&RepoPath, HashMap<CommitId, bool>> = HashMap::new();
        let mut near = Vec::with_capacity(asks.len());
        for ask in asks {
            let known = known.entry(ask.path).or_default();
            near.push(ask.line.touching(self.premerge, ask.path, known).unwrap_or_default());
        }
        let found = self.round(asks, &near)?;
        let rest = |(ask, found): (&Ask, &Option<usize>)| match found {
            Some(_) => Vec::new(),
            None => (0..ask.line.steps.len()).collect(),
        };
        let rest: Vec<Vec<usize>> = asks.iter().zip(&found).map(rest).collect();
        let late = self.round(asks, &rest)?;
        Ok(found.into_iter().zip(late).map(|(found, late)| found.or(late)).collect())
    }

    fn round(&self, asks: &[Ask], candidates: &[Vec<usize>]) -> Result<Vec<Option<usize>>> {
        let mut batch = Batch::default();
        let mut add = |(ask, candidates): (&Ask, &Vec<usize>)| -> Vec<usize> {
            let few = if candidates.len() > MOST { &[] } else { &candidates[..] };
            let new = few.iter().filter(|at| !batch.has(ask, &ask.line.steps[**at].side)).count() * ask.weight;
            if batch.work + new > WORK {
                return Vec::new();
            }
            batch.work += new;
            few.iter().map(|at| batch.place(ask, &ask.line.steps[*at].side)).collect()
        };
        let places: Vec<Vec<usize>> = asks.iter().zip(candidates).map(&mut add).collect();
        let verdicts = match batch.pairs.is_empty() {
            true => Vec::new(),
            false => self.premerge.pairs(&batch.sides, &batch.pairs, Trees::Skip)?.0,
        };
        let found = asks.iter().zip(candidates).zip(places).map(|((ask, candidates), places)| {
            let stops: Vec<bool> = places.iter().map(|at| is_about(&verdicts[*at].verdict, ask.path)).collect();
            ask.line.since(self.graph, candidates, &stops)
        });
        Ok(found.collect())
    }
}

/// Whether a merge conflicts on `path`.
pub fn is_about(verdict: &Verdict, path: &RepoPath) -> bool {
    verdict.conflicts().iter().any(|conflict| conflict.path == *path)
}

/// Distinct merges.
#[derive(Default)]
struct Batch {
    sides: Vec<std::result::Result<Side, String>>,
    pairs: Vec<(usize, usize)>,
    known_sides: HashMap<CommitId, usize>,
    known_pairs: HashMap<(usize, usize), usize>,
    /// What they come to.
    work: usize,
}

impl Batch {
    fn has(&self, ask: &Ask, step: &Side) -> bool {
        let side = |side: &Side| self.known_sides.get(&side.commit).copied();
        match (side(step), side(&ask.other)) {
            (Some(step), Some(other)) => self.known_pairs.contains_key(&ask.pair(step, other)),
            _ => false,
        }
    }

    fn place(&mut self, ask: &Ask, step: &Side) -> usize {
        let (step, other) = (self.side(step), self.side(&ask.other));
        let pair = ask.pair(step, other);
        *self.known_pairs.entry(pair).or_insert_with(|| {
            self.pairs.push(pair);
            self.pairs.len() - 1
        })
    }

    fn side(&mut self, side: &Side) -> usize {
        *self.known_sides.entry(side.commit).or_insert_with(|| {
            self.sides.push(Ok(side.clone()));
            self.sides.len() - 1
        })
    }
}
