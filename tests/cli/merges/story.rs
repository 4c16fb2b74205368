//! A history as a list of commits that say what they do; worked out in memory, with no Git.

use std::collections::BTreeMap;
use std::sync::Arc;

/// A whole history, and how its repository is set up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Story {
    /// Values of Git's configuration.
    pub config: Vec<(String, String)>,
    /// `info/attributes`, in force everywhere.
    pub info_attributes: Option<Vec<u8>>,
    /// Objects are named by SHA-256.
    pub sha256: bool,
    /// Refs are kept in the `reftable` format.
    pub reftable: bool,
    /// The commits, parents first.
    pub commits: Vec<Commit>,
}

/// One commit: what it does to the tree of its first parent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its name, which is its branch as well.
    pub name: String,
    /// Its parents, by their places.
    pub parents: Vec<usize>,
    /// When it was made, in seconds after the story began.
    pub time: i64,
    /// What it does, in order.
    pub steps: Vec<Step>,
}

/// One thing that a commit does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Puts a file there with this content, executable if it was; whatever is in the way goes.
    Write(Path, Vec<u8>),
    /// Adds to the end of a file.
    Append(Path, Vec<u8>),
    /// Puts lines in the place of the lines `first..=last`, from 1; `last` before `first` only inserts.
    Replace { path: Path, first: usize, last: usize, lines: Vec<u8> },
    /// Removes a file or a folder.
    Delete(Path),
    /// Moves a file or a folder; a folder's files join those that are there.
    Rename(Path, Path),
    /// Makes a file executable, or not.
    Executable(Path, bool),
    /// Puts a symbolic link there, with its target.
    Link(Path, Vec<u8>),
    /// Puts a submodule there, at the commit whose id is this digit over and over.
    Submodule(Path, char),
    /// Makes a path what it is in another commit: a file, a folder, or gone.
    Take(usize, Path),
}

/// Bytes with `/` between the parts.
pub type Path = Vec<u8>;

/// What is at each path.
pub type Tree = BTreeMap<Path, Node>;

/// What is at one path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Node {
    /// A regular file.
    File { executable: bool, content: Arc<[u8]> },
    /// A symbolic link to a target.
    Link(Vec<u8>),
    /// A submodule, by the digit of its commit.
    Submodule(char),
}

impl Story {
    /// Whether the other's repository is set up like this one's.
    pub fn is_set_up_like(&self, other: &Story) -> bool {
        let bare = |story: &Story| Story { commits: Vec::new(), ..story.clone() };
        bare(self) == bare(other)
    }

    /// The place of the commit called `name`.
    pub fn place(&self, name: &str) -> Option<usize> {
        self.commits.iter().position(|commit| commit.name == name)
    }

    /// The tree of every commit. A step that finds nothing to work on does nothing.
    pub fn trees(&self) -> Vec<Tree> {
        let mut trees = Vec::new();
        for commit in &self.commits {
            trees.push(commit.tree(&trees).0);
        }
        trees
    }

    /// The first step that finds nothing to work on, as `commit: step`.
    pub fn idle_step(&self) -> Option<String> {
        let mut trees = Vec::new();
        for commit in &self.commits {
            let (tree, idle) = commit.tree(&trees);
            if let Some(step) = idle {
                return Some(format!("{}: {step:?}", commit.name));
            }
            trees.push(tree);
        }
        None
    }
}

/// Several stories, set up alike, side by side in one repository; and where each begins.
pub fn side_by_side(stories: &[&Story]) -> (Story, Vec<usize>) {
    let mut joined = Story { commits: Vec::new(), ..stories[0].clone() };
    let mut starts = Vec::new();
    for (at, story) in stories.iter().enumerate() {
        let start = joined.commits.len();
        starts.push(start);
        joined.commits.extend(story.commits.iter().map(|commit| {
            let step = |step: &Step| match step {
                Step::Take(from, path) => Step::Take(from + start, path.clone()),
                step => step.clone(),
            };
            Commit {
                name: format!("{at}-{}", commit.name),
                parents: commit.parents.iter().map(|parent| parent + start).collect(),
                time: commit.time,
                steps: commit.steps.iter().map(step).collect(),
            }
        }));
    }
    (joined, starts)
}

impl Commit {
    /// The tree it makes, given those of the commits before it, and its first step that did nothing.
    pub fn tree(&self, before: &[Tree]) -> (Tree, Option<&Step>) {
        let mut tree = self.parents.first().map(|parent| before[*parent].clone()).unwrap_or_default();
        let mut idle = None;
        for step in &self.steps {
            if !step.apply(&mut tree, before) {
                idle = idle.or(Some(step));
            }
        }
        (tree, idle)
    }
}

impl Step {
    /// Does it; whether there was something to do it to.
    pub fn apply(&self, tree: &mut Tree, before: &[Tree]) -> bool {
        match self {
            Step::Write(path, content) => {
                let executable = matches!(tree.get(path), Some(Node::File { executable: true, .. }));
                put(tree, path, Node::File { executable, content: content.as_slice().into() });
                true
            }
            Step::Append(path, more) => rewrite(tree, path, |content| Some([content, more].concat())),
            Step::Replace { path, first, last, lines } => rewrite(tree, path, |content| {
                let old: Vec<&[u8]> = content.split_inclusive(|byte| *byte == b'\n').collect();
                let (before, after) = (old.get(..first.checked_sub(1)?)?, old.get(*last..)?);
                (first - 1 <= *last).then(|| [&before.concat(), lines.as_slice(), &after.concat()].concat())
            }),
            Step::Delete(path) => {
                let all = below(tree, path);
                all.iter().for_each(|path| drop(tree.remove(path)));
                !all.is_empty()
            }
            Step::Rename(from, to) => {
                let moved: Vec<(Path, Option<Node>)> =
                    below(tree, from).into_iter().map(|path| (path.clone(), tree.remove(&path))).collect();
                for (path, node) in &moved {
                    let node = node.clone().expect("the path was listed");
                    put(tree, &[to.as_slice(), &path[from.len()..]].concat(), node);
                }
                !moved.is_empty()
            }
            Step::Executable(path, on) => match tree.get_mut(path) {
                Some(Node::File { executable, .. }) => std::mem::replace(executable, *on) != *on,
                _ => false,
            },
            Step::Link(path, target) => {
                put(tree, path, Node::Link(target.clone()));
                true
            }
            Step::Submodule(path, digit) => {
                put(tree, path, Node::Submodule(*digit));
                true
            }
            Step::Take(from, path) => {
                let Some(source) = before.get(*from) else { return false };
                let old = tree.clone();
                below(tree, path).iter().for_each(|path| drop(tree.remove(path)));
                below(source, path).iter().for_each(|path| put(tree, path, source[path].clone()));
                *tree != old
            }
        }
    }
}

/// The file at `path`, or all files below it.
pub fn below(tree: &Tree, path: &[u8]) -> Vec<Path> {
    let within = |at: &Path| at.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest[0] == b'/');
    tree.keys().filter(|at| within(at)).cloned().collect()
}

/// Puts something at `path`; a file that one of its folders has to be, and a folder in its own place, go.
fn put(tree: &mut Tree, path: &[u8], node: Node) {
    below(tree, path).iter().for_each(|path| drop(tree.remove(path)));
    for (at, _) in path.iter().enumerate().filter(|(_, byte)| **byte == b'/') {
        tree.remove(&path[..at]);
    }
    tree.insert(path.into(), node);
}

fn rewrite(tree: &mut Tree, path: &Path, make: impl FnOnce(&[u8]) -> Option<Vec<u8>>) -> bool {
    let Some(Node::File { content, .. }) = tree.get_mut(path) else { return false };
    match make(content) {
        Some(new) => {
            *content = new.into();
            true
        }
        None => false,
    }
}
