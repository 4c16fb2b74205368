//! Which merges are free of attributes that change how contents are merged, and which trees have the same attributes
//! in force.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Mutex;

use anyhow::Result;

use super::Premerge;
use crate::git::attributes;
use crate::model::{BlobId, RepoPath, TreeId};

/// What tells one set of `.gitattributes` files from another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// How they differ from those of the first tree seen.
    Differing(Vec<(RepoPath, Option<BlobId>)>),
    /// Those of this tree, which could not be compared with the first one: an object of that one cannot be read.
    Of(TreeId),
}

/// What is known about attributes in this run.
pub struct Attributes {
    /// `merge.default` names a driver: no file is merged in the ordinary way unless its attributes say so.
    default_driver: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    reference: Option<TreeId>,
    classes: HashMap<TreeId, Class>,
    ordinary: HashMap<(Class, RepoPath), bool>,
}

impl Attributes {
    /// Nothing known yet.
    pub fn new(default_driver: bool) -> Attributes {
        Attributes { default_driver, state: Mutex::default() }
    }

    /// The class of a tree's attributes; an error where an object of that tree cannot be read.
    pub fn class(&self, premerge: &Premerge, tree: TreeId) -> Result<Class> {
        let reference = {
            let mut state = self.state.lock().expect("no thread panics while it holds this");
            if let Some(class) = state.classes.get(&tree) {
                return Ok(class.clone());
            }
            *state.reference.get_or_insert(tree)
        };
        let class = match premerge.diff(reference, tree) {
            Ok(diff) => {
                let changes = diff.changes.into_iter().filter(|change| change.path.file_name() == ".gitattributes");
                Class::Differing(changes.map(|change| (change.path, change.after.map(|entry| entry.id))).collect())
            }
            Err(_) => {
                premerge.diff(premerge.scratch.objects().empty_tree(), tree)?;
                Class::Of(tree)
            }
        };
        self.state.lock().expect("no thread panics while it holds this").classes.insert(tree, class.clone());
        Ok(class)
    }

    /// For each question (any number, a tree, paths in it): whether all the paths have no `merge` attribute, wherever it
    /// might be set, so that their contents are merged in the ordinary way.
    pub fn are_ordinary(&self, premerge: &Premerge, questions: &[(usize, TreeId, Vec<RepoPath>)]) -> Vec<bool> {
        if self.default_driver {
            return vec![false; questions.len()];
        }
        let mut classes: Vec<Option<Class>> = Vec::with_capacity(questions.len());
        let mut unasked: BTreeMap<Class, (TreeId, BTreeSet<&RepoPath>)> = BTreeMap::new();
        for (_, tree, paths) in questions {
            let Ok(class) = self.class(premerge, *tree) else {
                classes.push(None);
                continue;
            };
            let state = self.state.lock().expect("no thread panics while it holds this");
            let new = paths.iter().filter(|path| !state.ordinary.contains_key(&(class.clone(), (*path).clone())));
            unasked.entry(class.clone()).or_insert_with(|| (*tree, BTreeSet::new())).1.extend(new);
            classes.push(Some(class));
        }
        for (class, (tree, paths)) in unasked {
            let paths: Vec<RepoPath> = paths.into_iter().cloned().collect();
            // Git refuses to answer for a path such as `../a`, which a tree can hold: then it has to do the merge, too.
            let values = attributes::check(premerge.scratch, tree, &["merge"], &paths).ok();
            let mut state = self.state.lock().expect("no thread panics while it holds this");
            for (at, path) in paths.into_iter().enumerate() {
                let ordinary = values.as_ref().is_some_and(|values| values[at].is_empty());
                state.ordinary.insert((class.clone(), path), ordinary);
            }
        }
        let state = self.state.lock().expect("no thread panics while it holds this");
        let known = |class: &Option<Class>, path: &RepoPath| {
            class.as_ref().is_some_and(|class| state.ordinary[&(class.clone(), path.clone())])
        };
        questions.iter().zip(&classes).map(|((.., paths), class)| paths.iter().all(|p| known(class, p))).collect()
    }
}
