//! Merges of file contents, all that a run needs in one call of Git: each distinct triple of contents becomes one path
//! of three synthetic trees, and merging those trees merges every triple, independently of the others.
//!
//! The synthetic paths exist in all three trees, so that no rename is looked for, and have no attributes of their own:
//! the trees have no `.gitattributes`, and where a file outside them (`info/attributes`, the user's, the system's) speaks
//! of the synthetic names, nothing is merged this way.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use anyhow::Result;
use rayon::prelude::*;

use super::prove::Triple;
use super::{Premerge, Trees, explain};
use crate::git::merge_tree::{self, Request, Stopped};
use crate::git::objects::{Node, Row};
use crate::git::{Objects, Scratch, attributes, tree};
use crate::model::{BlobId, ConflictKind, Entry, Hunk, Mode, RepoPath};

/// What came of merging one triple.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It merges clean to this content.
    Merged(BlobId),
    /// It conflicts, in these places.
    Conflict(ConflictKind, Vec<Hunk>),
    /// Git could not say.
    Unknown(String),
}

/// Whether contents can be merged apart from the trees they belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usable {
    /// They can.
    Yes,
    /// Attributes that apply everywhere are in the way.
    No,
}

/// The answers so far.
#[derive(Default)]
pub struct Contents {
    answers: Mutex<HashMap<Triple, Answer>>,
}

impl Contents {
    /// Merges those of `triples` that have no answer yet, from this run or an earlier one. Where trees are wanted, merged
    /// contents have to be there.
    pub fn merge(&self, premerge: &Premerge, triples: Vec<Triple>, trees: Trees) -> Result<Usable> {
        let (scratch, memory) = (premerge.scratch, premerge.memory());
        let new: Vec<Triple> = {
            let mut answers = self.answers.lock().expect("no thread panics while it holds this");
            let serves = |answer: &Answer| match (trees, answer) {
                (Trees::Compose, Answer::Merged(id)) => scratch.objects().contains(id.raw()),
                _ => true,
            };
            let mut is_new = |triple: &Triple| {
                if !answers.contains_key(triple)
                    && let Some(answer) = memory.content(triple)
                {
                    answers.insert(*triple, answer);
                }
                !answers.get(triple).is_some_and(serves)
            };
            let mut seen = HashSet::new();
            triples.into_iter().filter(|triple| seen.insert(*triple) && is_new(triple)).collect()
        };
        if new.is_empty() {
            return Ok(Usable::Yes);
        }
        let names: Vec<RepoPath> = (0..new.len()).map(|at| RepoPath::new(format!("{at:08}"))).collect();
        if premerge.attributes.apply_everywhere() && attributes::any(scratch, scratch.objects().empty_tree(), &names)? {
            return Ok(Usable::No);
        }
        let answers = merge_together(scratch, &names, &new)?;
        new.iter().zip(&answers).for_each(|(triple, answer)| memory.note_content(*triple, answer));
        self.answers.lock().expect("no thread panics while it holds this").extend(new.into_iter().zip(answers));
        Ok(Usable::Yes)
    }

    /// The answer for a triple that was merged.
    pub fn answer(&self, triple: &Triple) -> Answer {
        let answers = self.answers.lock().expect("no thread panics while it holds this");
        answers.get(triple).expect("`merge` was called with it").clone()
    }
}

fn merge_together(scratch: &Scratch, names: &[RepoPath], triples: &[Triple]) -> Result<Vec<Answer>> {
    let objects = scratch.objects();
    let lay_out = |side: fn(&Triple) -> BlobId| {
        let row = |(name, triple): (&RepoPath, &Triple)| Row {
            name: name.as_bstr().to_owned(),
            node: Node::Leaf(Entry { mode: Mode::File, id: side(triple) }),
        };
        objects.write_tree(&names.iter().zip(triples).map(row).collect::<Vec<Row>>())
    };
    let (base, ours, theirs) = (lay_out(|t| t.base)?, lay_out(|t| t.ours)?, lay_out(|t| t.theirs)?);
    let request = Request { base: Some(base.raw()), ours: ours.raw(), theirs: theirs.raw() };
    let answer = merge_tree::merge(scratch, objects.empty_tree(), &[request])?.remove(0);
    match answer {
        merge_tree::Answer::Clean(tree) => {
            let stopped = Stopped { tree, stages: Vec::new(), messages: Vec::new() };
            read_back(objects, names, stopped)
        }
        merge_tree::Answer::Conflicted(stopped) => read_back(objects, names, stopped),
        // One content that Git cannot merge would take all others along: each half is tried on its own.
        merge_tree::Answer::Failed(reason) if triples.len() == 1 => Ok(vec![Answer::Unknown(reason)]),
        merge_tree::Answer::Failed(_) => {
            let middle = triples.len() / 2;
            let mut answers = merge_together(scratch, &names[..middle], &triples[..middle])?;
            answers.extend(merge_together(scratch, &names[middle..], &triples[middle..])?);
            Ok(answers)
        }
    }
}

/// What became of each name.
fn read_back(objects: &Objects, names: &[RepoPath], stopped: Stopped) -> Result<Vec<Answer>> {
    let merged: HashMap<RepoPath, Entry> = tree::entries(objects, stopped.tree, None)?.into_iter().collect();
    let mut conflicts: HashMap<RepoPath, Stopped> = HashMap::new();
    let nothing = Stopped { stages: Vec::new(), messages: Vec::new(), ..stopped };
    for stage in stopped.stages {
        conflicts.entry(stage.path.clone()).or_insert_with(|| nothing.clone()).stages.push(stage);
    }
    for message in stopped.messages.into_iter().filter(|message| message.kind.starts_with("CONFLICT")) {
        if let Some(path) = message.paths.first() {
            conflicts.entry(path.clone()).or_insert_with(|| nothing.clone()).messages.push(message);
        }
    }
    let answer = |name: &RepoPath| match (conflicts.get(name), merged.get(name)) {
        (Some(conflict), entry) => {
            explain::content(objects, conflict, entry).map(|(kind, hunks)| Answer::Conflict(kind, hunks))
        }
        (None, Some(entry)) => Ok(Answer::Merged(entry.id)),
        (None, None) => Ok(Answer::Unknown("git lost a path of the merge".into())),
    };
    names.par_iter().map(answer).collect()
}
