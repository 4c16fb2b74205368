//! Which merges are free of attributes that change how contents are merged, and which trees have the same attributes
//! in force.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use anyhow::Result;
use bstr::ByteSlice;

use super::Premerge;
use crate::git::attributes;
use crate::git::objects::Node;
use crate::git::trees::{Changed, Trees};
use crate::git::{Settings, tree};
use crate::model::{BlobId, Entry, RepoPath, TreeId};

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
    /// Whether files outside the trees may speak of any path.
    outside: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    reference: Option<TreeId>,
    classes: HashMap<TreeId, Class>,
    ordinary: HashMap<(Way, RepoPath), bool>,
    differing: HashMap<(TreeId, TreeId), Arc<Files>>,
}

/// `.gitattributes` files, and what they hold; `None` where there is no such file.
pub type Files = Vec<(RepoPath, Option<BlobId>)>;

/// The places of the `.gitattributes` that apply to one path, and what stands there: one for every folder above it.
type Way = Vec<(RepoPath, Option<Entry>)>;

impl Attributes {
    /// Nothing known yet.
    pub fn new(settings: &Settings) -> Attributes {
        let default_driver = settings.value("merge.default").is_some();
        Attributes { default_driver, outside: settings.has_attributes(), state: Mutex::default() }
    }

    /// Whether files outside the trees may speak of any path.
    pub fn apply_everywhere(&self) -> bool {
        self.outside
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
        let mut files = Files::new();
        for Changed { name, before, after } in trees.delta(old, new)?.iter() {
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

    /// For each question (a tree, paths in it): whether all the paths have no `merge` attribute, wherever it might be set,
    /// so that their contents are merged in the ordinary way.
    pub fn are_ordinary(&self, premerge: &Premerge, questions: &[(TreeId, Vec<RepoPath>)]) -> Result<Vec<bool>> {
        if self.default_driver {
            return Ok(vec![false; questions.len()]);
        }
        // What cannot be read here Git will meet as well.
        let ways_of = |(tree, paths): &(TreeId, Vec<RepoPath>)| -> Option<Vec<(Way, RepoPath)>> {
            paths.iter().map(|path| Some((way(&premerge.trees, *tree, path).ok()?, path.clone()))).collect()
        };
        let ways: Vec<Option<Vec<(Way, RepoPath)>>> = questions.iter().map(ways_of).collect();
        let mut groups: Vec<Group> = Vec::new();
        {
            let state = self.state.lock().expect("no thread panics while it holds this");
            for asked in ways.iter().flatten().flatten().filter(|(way, _)| self.outside || has_any(way)) {
                if !state.ordinary.contains_key(asked) && !groups.iter_mut().any(|group| group.takes(asked)) {
                    groups.push(Group::of(asked));
                }
            }
        }
        for group in groups {
            let answers = group.ask(premerge)?;
            let mut state = self.state.lock().expect("no thread panics while it holds this");
            state.ordinary.extend(group.asked.into_iter().zip(answers));
        }
        let state = self.state.lock().expect("no thread panics while it holds this");
        let is_ordinary =
            |asked: &(Way, RepoPath)| state.ordinary.get(asked).copied().unwrap_or(!self.outside && !has_any(&asked.0));
        Ok(ways.iter().map(|asked| asked.as_ref().is_some_and(|asked| asked.iter().all(is_ordinary))).collect())
    }
}

fn has_any(way: &Way) -> bool {
    way.iter().any(|(_, entry)| entry.is_some())
}

/// What stands as `.gitattributes` in the folders above a path.
fn way(trees: &Trees, tree: TreeId, path: &RepoPath) -> Result<Way> {
    let mut way = Way::new();
    let mut folder = Some(tree);
    let mut above = Vec::new();
    for part in path.as_bstr().split_str("/") {
        let Some(id) = folder else { break };
        let rows = trees.rows(id)?;
        let named = |name: &[u8]| rows.named(name.as_bstr());
        let place = RepoPath::new([&above[..], b".gitattributes"].concat());
        way.push((place, named(b".gitattributes").and_then(|node| node.leaf())));
        folder = if let Some(Node::Tree(below)) = named(part) { Some(below) } else { None };
        above.extend_from_slice(part);
        above.push(b'/');
    }
    Ok(way)
}

/// Paths that one call of Git can be asked about: no two of them need different files in one place.
struct Group {
    files: BTreeMap<RepoPath, Option<Entry>>,
    asked: Vec<(Way, RepoPath)>,
}

impl Group {
    fn of(asked: &(Way, RepoPath)) -> Group {
        Group { files: asked.0.iter().cloned().collect(), asked: vec![asked.clone()] }
    }

    /// Takes one more, if it fits.
    fn takes(&mut self, asked: &(Way, RepoPath)) -> bool {
        let fits = asked.0.iter().all(|(place, entry)| self.files.get(place).is_none_or(|known| known == entry));
        if fits {
            self.files.extend(asked.0.iter().cloned());
            self.asked.push(asked.clone());
        }
        fits
    }

    /// Whether each path is free of `merge`, asked with a tree in force that holds nothing but these files.
    fn ask(&self, premerge: &Premerge) -> Result<Vec<bool>> {
        let objects = premerge.scratch.objects();
        let files: Vec<(RepoPath, Option<Entry>)> = self.files.clone().into_iter().collect();
        let tree = tree::edit(objects, objects.empty_tree(), &files)?;
        let paths: Vec<RepoPath> = self.asked.iter().map(|(_, path)| path.clone()).collect();
        // Git refuses to answer for a path such as `../a`, which a tree can hold: then it has to do the merge, too.
        let values = attributes::check(premerge.scratch, tree, &["merge"], &paths).ok();
        let is_ordinary = |at: usize| values.as_ref().is_some_and(|values| values[at].is_empty());
        Ok((0..paths.len()).map(is_ordinary).collect())
    }
}
