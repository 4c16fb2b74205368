//! Merges of file contents, all that a run needs in one call of Git: each distinct triple of contents becomes one path
//! of three synthetic trees, and merging those trees merges every triple, independently of the others.
//!
//! The synthetic paths exist in all three trees, so that no rename is looked for, and have no attributes of their own:
//! the trees have no `.gitattributes`, and where a file outside them (`info/attributes`, the user's, the system's) speaks
//! of the synthetic names, nothing is merged this way.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Mutex;

use anyhow::Result;

use super::prove::Triple;
use crate::git::merge_tree::{self, Request, Stopped};
use crate::git::objects::{Node, Row};
use crate::git::{Objects, Scratch, attributes, tree};
use crate::model::{BlobId, Entry, Mode, RepoPath, TreeId};

/// What came of merging one triple.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It merges clean to this content.
    Merged(BlobId),
    /// It conflicts; stages and messages speak of a synthetic path.
    Conflict(Stopped),
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
    /// Merges those of `triples` that have no answer yet.
    pub fn merge(&self, scratch: &Scratch, triples: Vec<Triple>) -> Result<Usable> {
        let new: Vec<Triple> = {
            let answers = self.answers.lock().expect("no thread panics while it holds this");
            let mut seen = HashSet::new();
            triples.into_iter().filter(|t| !answers.contains_key(t) && seen.insert(*t)).collect()
        };
        if new.is_empty() {
            return Ok(Usable::Yes);
        }
        let names: Vec<RepoPath> = (0..new.len()).map(|at| RepoPath::new(format!("{at:08}"))).collect();
        if attributes::any(scratch, scratch.objects().empty_tree(), &names)? {
            return Ok(Usable::No);
        }
        let answers = merge_together(scratch, &names, &new)?;
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
        objects.write_tree(names.iter().zip(triples).map(row).collect())
    };
    let (base, ours, theirs) = (lay_out(|t| t.base)?, lay_out(|t| t.ours)?, lay_out(|t| t.theirs)?);
    let request = Request { base: Some(base.raw()), ours: ours.raw(), theirs: theirs.raw() };
    let answer = merge_tree::merge(scratch, objects.empty_tree(), &[request])?.remove(0);
    match answer {
        merge_tree::Answer::Clean(tree) => read_back(objects, tree, names, &Stopped::default()),
        merge_tree::Answer::Conflicted(stopped) => match stopped.tree {
            Some(tree) => read_back(objects, tree, names, &stopped),
            None => Ok(vec![Answer::Unknown("git gave no tree".into()); names.len()]),
        },
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

fn read_back(objects: &Objects, merged: TreeId, names: &[RepoPath], stopped: &Stopped) -> Result<Vec<Answer>> {
    let entries: HashMap<RepoPath, Entry> = tree::entries(objects, merged, None)?.into_iter().collect();
    let mut conflicts: BTreeMap<&RepoPath, Stopped> = BTreeMap::new();
    for stage in &stopped.stages {
        conflicts.entry(&stage.path).or_default().stages.push(stage.clone());
    }
    for message in stopped.messages.iter().filter(|message| message.kind.starts_with("CONFLICT")) {
        if let Some(path) = message.paths.first() {
            conflicts.entry(path).or_default().messages.push(message.clone());
        }
    }
    let answer = |name: &RepoPath| match (conflicts.remove(name), entries.get(name)) {
        (Some(conflict), _) => Answer::Conflict(Stopped { tree: Some(merged), ..conflict }),
        (None, Some(entry)) => Answer::Merged(entry.id),
        (None, None) => Answer::Unknown("git lost a path of the merge".into()),
    };
    Ok(names.iter().map(answer).collect())
}
