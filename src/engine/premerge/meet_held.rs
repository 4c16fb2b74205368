//! The commits that meet where a track is held out: one of the track, and one of a merged track or the target, never a
//! merge of ours.
//!
//! Where a track conflicts with the target or with others on their own, they are those of these pairs (`meet`). Where it
//! conflicts only with several together, they are looked for in the last of these: all but it are merged, then one commit
//! of it, and then the track or a commit of it, as `meet` does with two sides. A path on which it conflicts with nobody
//! alone, while it conflicts elsewhere with somebody, is left undetermined.

use std::collections::HashMap;

use super::Side;
use super::causes::Causes;
use super::chain::{Chain, Field};
use super::integrate::Stopped;
use super::meet::{Line, Lines, Question, is_about, meetings};
use crate::engine::outcome::HeldOut;
use crate::model::{Meeting, RepoPath};

/// More merges than this are not made for one side of one conflict: here each is made on its own.
const MOST: usize = 40;

/// Notes for each conflict of the tracks that were stopped which commits meet in it.
pub fn add(field: &Field, stopped: &[Stopped], held_out: &mut [HeldOut]) {
    let mut questions: Vec<Question> = Vec::new();
    // For each question, which track it is about, and which conflicts of it.
    let mut places: Vec<(usize, Vec<usize>)> = Vec::new();
    for Stopped { held, side, causes } in stopped {
        let paths: Vec<RepoPath> = held_out[*held].conflicts.iter().map(|conflict| conflict.path.clone()).collect();
        held_out[*held].meetings = match causes {
            Causes::Together(others) => together(field, others, *side, &paths),
            _ => vec![Meeting::default(); paths.len()],
        };
        for (ours, conflicts) in shared_out(field, causes, &paths) {
            let theirs = field.sides[*side].clone();
            let paths = conflicts.iter().map(|at| paths[*at].clone()).collect();
            questions.push(Question { ours, theirs, paths });
            places.push((*held, conflicts));
        }
    }
    for ((held, conflicts), found) in places.into_iter().zip(meetings(field.premerge, &questions)) {
        conflicts.into_iter().zip(found).for_each(|(at, meeting)| held_out[held].meetings[at] = meeting);
    }
}

/// Who conflicts alone, and on which of the paths: each path with the first that does on it.
fn shared_out(field: &Field, causes: &Causes, paths: &[RepoPath]) -> Vec<(Side, Vec<usize>)> {
    let Causes::Alone(all) = causes else { return Vec::new() };
    let mut open: Vec<usize> = (0..paths.len()).collect();
    let mut shared = Vec::new();
    for (who, conflicts) in all {
        let (own, rest): (Vec<usize>, _) = open.into_iter().partition(|at| conflicts.contains(&paths[*at]));
        open = rest;
        let side = who.map_or(&field.target, |who| &field.sides[who]);
        shared.extend((!own.is_empty()).then(|| (side.clone(), own)));
    }
    shared
}

/// The commits that meet where a side conflicts with others only when all of these are merged.
fn together(field: &Field, others: &[usize], side: usize, paths: &[RepoPath]) -> Vec<Meeting> {
    let undetermined = || vec![Meeting::default(); paths.len()];
    match Joint::new(field, others, side) {
        Some(joint) => paths.iter().map(|path| joint.meeting(field, path).unwrap_or_default()).collect(),
        None => undetermined(),
    }
}

/// The last of several, and a side, both commit by commit; and what comes before them.
struct Joint<'p, 'a> {
    /// Ours, then theirs.
    lines: [Line; 2],
    /// What is merged before, then the commits of both lines.
    inner: Field<'p, 'a>,
    /// The target with what is merged before.
    before: Chain,
}

impl<'p, 'a> Joint<'p, 'a> {
    /// `None` where something cannot be read or merged.
    fn new(field: &Field<'p, 'a>, others: &[usize], side: usize) -> Option<Joint<'p, 'a>> {
        let (last, rest) = others.split_last()?;
        let graph = field.graph.as_ref()?;
        let mut lines = Lines::new(field.premerge, graph);
        let mut line = |own: usize, other: usize| {
            let mut without: Vec<usize> = rest.iter().map(|side| Field::place(*side)).collect();
            without.extend([0, Field::place(other)]);
            lines.own((Field::place(own), &without), &field.sides[own]).ok()
        };
        let lines = [line(*last, side)?, line(side, *last)?];
        let commits = lines.iter().flat_map(|line| &line.steps).map(|step| step.side.clone());
        let sides: Vec<Side> = rest.iter().map(|side| field.sides[*side].clone()).chain(commits).collect();
        let inner = Field::new(field.premerge, &field.target, sides);
        let before = (0..rest.len()).try_fold(inner.start(), |chain, side| with(&inner, &chain, side))?;
        Some(Joint { lines, inner, before })
    }

    fn meeting(&self, field: &Field, path: &RepoPath) -> Option<Meeting> {
        let [ours, theirs] = &self.lines;
        let first = self.before.merged.len();
        let second = first + ours.steps.len();
        let stops = |chain: &Chain, their: usize| {
            let merged = self.inner.attempt(chain, second + their);
            merged.is_ok_and(|merged| is_about(&merged.verdict, path))
        };
        let tip = theirs.steps.len().checked_sub(1)?;
        let with_ours = |at: usize| with(&self.inner, &self.before, first + at);
        let at = self.since(ours, path, |at| with_ours(at).is_some_and(|chain| stops(&chain, tip)))?;
        let chain = with_ours(at)?;
        let other = self.since(theirs, path, |at| stops(&chain, at));
        let objects = field.premerge.scratch.objects();
        Some(Meeting { ours: ours.origin(objects, at), theirs: other.and_then(|at| theirs.origin(objects, at)) })
    }

    /// The commit of a line from which on a merge stops.
    fn since(&self, line: &Line, path: &RepoPath, stops: impl Fn(usize) -> bool) -> Option<usize> {
        let graph = self.inner.graph.as_ref()?;
        let near = line.touching(self.inner.premerge, path, &mut HashMap::new()).ok()?;
        let all = (0..line.steps.len()).collect();
        [near, all].into_iter().filter(|candidates: &Vec<usize>| candidates.len() <= MOST).find_map(|candidates| {
            let found: Vec<bool> = candidates.iter().map(|at| stops(*at)).collect();
            line.since(graph, &candidates, &found)
        })
    }
}

/// A chain with one more side; `None` where it does not merge clean.
fn with(field: &Field, chain: &Chain, side: usize) -> Option<Chain> {
    let mut chain = chain.clone();
    let merged = field.attempt(&chain, side).ok()?;
    let is_in = field.advance(&mut chain, side, &merged, "A part of an integration").ok()?;
    is_in.then_some(chain)
}
