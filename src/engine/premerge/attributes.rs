//! Which merges are free of attributes that change how contents are merged, and which trees have the same attributes
//! in force.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use anyhow::Result;

use super::Premerge;
use crate::git::attributes;
use crate::git::objects::Node;
use crate::git::trees::{Names, SideBySide, Trees};
use crate::model::{BlobId, RepoPath, TreeId};

/// What tells one set of `.gitattributes` files from another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// How they differ from those of the first tree seen.
    Differing(Files),
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
    differing: HashMap<(TreeId, TreeId), Arc<Files>>,
}

/// `.gitattributes` files, and what they hold; `None` where there is no such file.
pub type Files = Vec<(RepoPath, Option<BlobId>)>;

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
        let class = match self.differing(&premerge.trees, reference, tree) {
            Ok(files) => Class::Differing(files.to_vec()),
            Err(_) => {
                self.differing(&premerge.trees, premerge.trees.empty(), tree)?;
                Class::Of(tree)
            }
        };
        self.state.lock().expect("no thread panics while it holds this").classes.insert(tree, class.clone());
        Ok(class)
    }

    /// The `.gitattributes` in which `new` differs from `old`, by their paths below them. A pair of subtrees that was
    /// compared before is not read again.
    fn differing(&self, trees: &Trees, old: TreeId, new: TreeId) -> Result<Arc<Files>> {
        if old == new {
            return Ok(Arc::default());
        }
        let known =
            self.state.lock().expect("no thread panics while it holds this").differing.get(&(old, new)).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let (before, after) = (trees.rows(old)?, trees.rows(new)?);
        let mut files = Files::new();
        for Names { name, nodes: [before, after, _] } in SideBySide::new([&before, &after, &[]]) {
            if before == after {
                continue;
            }
            if name == ".gitattributes" {
                files.push((RepoPath::new(name), after.and_then(|node| node.leaf()).map(|entry| entry.id)));
            }
            let folder = |node| if let Some(Node::Tree(id)) = node { Some(id) } else { None };
            let (before, after) = (folder(before), folder(after));
            if before.is_some() || after.is_some() {
                let below = self.differing(trees, before.unwrap_or(trees.empty()), after.unwrap_or(trees.empty()))?;
                let folder = RepoPath::new(name);
                files.extend(below.iter().map(|(path, id)| (folder.join(path.as_bstr()), *id)));
            }
        }
        let files = Arc::new(files);
        let mut state = self.state.lock().expect("no thread panics while it holds this");
        state.differing.insert((old, new), files.clone());
        Ok(files)
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
