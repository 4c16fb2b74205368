//! What an index holds that a tree does not, and the other way round: what is staged. Only reads.
//!
//! Folders that the index knows the tree of are not looked into, as in Git itself (`cache_tree_matches_traversal`).

use std::cmp::Ordering;
use std::ops::Range;

use anyhow::{Result, bail};
use bstr::ByteSlice;

use super::Objects;
use super::index_file::{CachedTree, IndexFile};
use super::objects::{Form, Node, Row};
use crate::model::{Change, Entry, RepoPath, TreeId};

/// Folders below one another; deeper ones are left to Git.
const DEEPEST: usize = 500;

/// Every path that is staged otherwise than `tree` has it, in order. Fails where a tree cannot be read, or is not as Git
/// writes trees today.
pub fn staged(index: &IndexFile, objects: &Objects, tree: TreeId) -> Result<Vec<Change>> {
    let mut comparison = Comparison { index, objects, changes: Vec::new() };
    let root = Level { path: &[], depth: 0 };
    comparison.level(&root, 0..index.len(), Some(tree), index.trees())?;
    comparison.changes.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(comparison.changes)
}

struct Comparison<'a> {
    index: &'a IndexFile,
    objects: &'a Objects,
    changes: Vec<Change>,
}

/// A folder: its path, with a slash at the end unless it is the root.
struct Level<'a> {
    path: &'a [u8],
    depth: usize,
}

/// What stands in a folder of the index.
enum Standing {
    Leaf(Entry),
    Folder(Range<usize>),
}

impl Comparison<'_> {
    /// Compares a folder: the entries in `range`, all below it, with a tree.
    fn level(
        &mut self,
        level: &Level,
        range: Range<usize>,
        tree: Option<TreeId>,
        cached: Option<&CachedTree>,
    ) -> Result<()> {
        if let (Some(cached), Some(tree)) = (cached, tree)
            && cached.is(tree, range.len())
        {
            return Ok(());
        }
        if level.depth > DEEPEST {
            bail!("folders lie too deep in one another");
        }
        let rows = match tree.map(|tree| self.objects.tree_and_form(tree)).transpose()? {
            Some((_, Form::Odd)) => bail!("a tree is not written as Git writes trees"),
            Some((rows, Form::Ordinary)) => rows,
            None => Vec::new(),
        };
        let mut rows = rows.iter().peekable();
        let mut at = range.start;
        while at < range.end || rows.peek().is_some() {
            let here = (at < range.end).then(|| self.standing(at..range.end, level.path.len()));
            let order = match (&here, rows.peek()) {
                (Some((name, standing)), Some(row)) => order(name, standing, row),
                (Some(_), None) => Ordering::Less,
                (None, _) => Ordering::Greater,
            };
            let row = if order.is_ge() { rows.next() } else { None };
            let here = here.filter(|_| order.is_le());
            at = match &here {
                Some((_, Standing::Leaf(_))) => at + 1,
                Some((_, Standing::Folder(range))) => range.end,
                None => at,
            };
            self.pair(level, here, row, cached)?;
        }
        Ok(())
    }

    /// What stands first in a range, under which name.
    fn standing(&self, range: Range<usize>, prefix: usize) -> (Vec<u8>, Standing) {
        match self.index.folder(range.clone(), prefix) {
            Some((name, below)) => (name.to_vec(), Standing::Folder(below)),
            None => {
                let name = self.index.path(range.start)[prefix..].to_vec();
                (name, Standing::Leaf(self.index.entry(range.start)))
            }
        }
    }

    /// Compares what stands under one name, and of one kind.
    fn pair(
        &mut self,
        level: &Level,
        here: Option<(Vec<u8>, Standing)>,
        row: Option<&Row>,
        cached: Option<&CachedTree>,
    ) -> Result<()> {
        let Some(name) = here.as_ref().map(|(name, _)| name.as_slice()).or(row.map(|row| row.name.as_bytes())) else {
            return Ok(());
        };
        let leaf = row.and_then(|row| row.node.leaf());
        let tree = row.and_then(|row| if let Node::Tree(id) = row.node { Some(id) } else { None });
        let (now, below) = match &here {
            Some((_, Standing::Leaf(entry))) => (Some(*entry), None),
            Some((_, Standing::Folder(range))) => (None, Some(range.clone())),
            None => (None, None),
        };
        if tree.is_some() || below.is_some() {
            let path = [level.path, name, b"/"].concat();
            let level = Level { path: &path, depth: level.depth + 1 };
            return self.level(&level, below.unwrap_or(0..0), tree, cached.and_then(|cached| cached.folder(name)));
        }
        if now != leaf {
            let path = RepoPath::new([level.path, name].concat());
            self.changes.push(Change { path, before: leaf, after: now });
        }
        Ok(())
    }
}

/// Git orders a folder as if its name ended in a slash; so does an index by the paths of what lies in it.
fn order(name: &[u8], standing: &Standing, row: &Row) -> Ordering {
    let end = |is_folder: bool| if is_folder { &b"/"[..] } else { b"" };
    let ours = name.iter().chain(end(matches!(standing, Standing::Folder(_))));
    let theirs = row.name.iter().chain(end(matches!(row.node, Node::Tree(_))));
    ours.cmp(theirs)
}
