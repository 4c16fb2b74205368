//! Trees read once and kept for a run, each with its rows in the order of plain names.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::ops::Deref;
use std::sync::{Arc, RwLock};

use anyhow::{Result, bail};
use bstr::{BStr, BString, ByteSlice};

use super::Objects;
use super::objects::{Form, Node, Row};
use crate::model::{RepoPath, TreeId};

const UNPOISONED: &str = "no thread panics while it holds this";

/// The trees of a run. Shared between threads.
pub struct Trees<'a> {
    objects: &'a Objects,
    read: RwLock<HashMap<TreeId, Arc<Rows>>>,
    deltas: RwLock<HashMap<(TreeId, TreeId), Arc<Delta>>>,
}

/// The rows of a tree, ordered by name: Git orders a folder as if its name ended in a slash, so that a file and a folder
/// of one name would stand apart.
#[derive(Debug)]
pub struct Rows {
    rows: Vec<Row>,
    /// Whether writing the rows again would give the same tree.
    pub form: Form,
}

impl Deref for Rows {
    type Target = [Row];

    fn deref(&self) -> &[Row] {
        &self.rows
    }
}

/// The names under which two trees differ, without looking into folders.
#[derive(Debug)]
pub struct Delta {
    /// In the order of names.
    rows: Vec<Difference>,
    form: Form,
}

/// A name under which two trees differ.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The name.
    pub name: BString,
    /// What the old tree has there.
    pub before: Option<Node>,
    /// What the new tree has there.
    pub after: Option<Node>,
}

impl Delta {
    /// Takes what differs, in the order of names; `form` is `Odd` where that of either tree is.
    pub fn new(rows: Vec<Difference>, form: Form) -> Delta {
        Delta { rows, form }
    }

    fn of(old: &Rows, new: &Rows) -> Delta {
        let mut rows = Vec::new();
        let (mut a, mut b) = (0, 0);
        while a < old.len() || b < new.len() {
            let order = match (old.get(a), new.get(b)) {
                (Some(x), Some(y)) => x.name.cmp(&y.name),
                (Some(_), None) => Ordering::Less,
                _ => Ordering::Greater,
            };
            let before = old.get(a).filter(|_| order.is_le());
            let after = new.get(b).filter(|_| order.is_ge());
            let [before_node, after_node] = [before, after].map(|row| row.map(|row| row.node));
            if before_node != after_node {
                let name = before.or(after).expect("a name stands in one of them").name.clone();
                rows.push(Difference { name, before: before_node, after: after_node });
            }
            a += usize::from(order.is_le());
            b += usize::from(order.is_ge());
        }
        Delta { rows, form: old.form.max(new.form) }
    }

    /// The names, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Difference> {
        self.rows.iter()
    }

    /// Whether Git would write one of the two trees in another form than it has.
    pub fn is_odd(&self) -> bool {
        self.form == Form::Odd
    }
}

impl Rows {
    /// What stands under a name.
    pub fn named(&self, name: &BStr) -> Option<Node> {
        let at = self.rows.binary_search_by(|row| row.name.as_bstr().cmp(name)).ok()?;
        Some(self.rows[at].node)
    }
}

impl<'a> Trees<'a> {
    /// None read yet.
    pub fn new(objects: &'a Objects) -> Trees<'a> {
        Trees { objects, read: RwLock::default(), deltas: RwLock::default() }
    }

    /// The tree that holds nothing.
    pub fn empty(&self) -> TreeId {
        self.objects.empty_tree()
    }

    /// The rows of a tree. One with two rows of one name is malformed.
    pub fn rows(&self, id: TreeId) -> Result<Arc<Rows>> {
        if let Some(rows) = self.read.read().expect(UNPOISONED).get(&id) {
            return Ok(rows.clone());
        }
        let (mut rows, form) = self.objects.tree_and_form(id)?;
        rows.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        if rows.windows(2).any(|two| two[0].name == two[1].name) {
            bail!("tree {id} has two entries of one name");
        }
        let rows = Arc::new(Rows { rows, form });
        self.read.write().expect(UNPOISONED).insert(id, rows.clone());
        Ok(rows)
    }

    /// Where two trees differ. Sides that are held against many others differ from their bases once.
    pub fn delta(&self, old: TreeId, new: TreeId) -> Result<Arc<Delta>> {
        self.delta_or(old, new, || Ok(Arc::new(self.compare(old, new)?)))
    }

    /// The same, found out as the caller does where this run does not know it yet.
    pub fn delta_or(&self, old: TreeId, new: TreeId, find: impl FnOnce() -> Result<Arc<Delta>>) -> Result<Arc<Delta>> {
        if let Some(known) = self.deltas.read().expect(UNPOISONED).get(&(old, new)) {
            return Ok(known.clone());
        }
        let delta = find()?;
        self.deltas.write().expect(UNPOISONED).insert((old, new), delta.clone());
        Ok(delta)
    }

    /// Reads two trees and holds them against each other.
    pub fn compare(&self, old: TreeId, new: TreeId) -> Result<Delta> {
        Ok(Delta::of(&*self.rows(old)?, &*self.rows(new)?))
    }

    /// What `tree` holds at `path`.
    pub fn lookup(&self, tree: TreeId, path: &RepoPath) -> Result<Option<Node>> {
        let mut node = Node::Tree(tree);
        for part in path.as_bstr().split_str("/") {
            let Node::Tree(id) = node else { return Ok(None) };
            match self.rows(id)?.named(part.as_bstr()) {
                Some(found) => node = found,
                None => return Ok(None),
            }
        }
        Ok(Some(node))
    }

    /// The paths at which `new` holds something else than `old`, without renames. Only what differs is read.
    pub fn changed(&self, old: TreeId, new: TreeId) -> Result<Vec<RepoPath>> {
        let mut paths = Vec::new();
        self.changed_below(BStr::new(""), (old, new), &mut paths)?;
        Ok(paths)
    }

    fn changed_below(&self, path: &BStr, (old, new): (TreeId, TreeId), paths: &mut Vec<RepoPath>) -> Result<()> {
        if old == new {
            return Ok(());
        }
        for Difference { name, before, after } in self.delta(old, new)?.iter() {
            let mut joined = BString::from([path.as_bytes(), name.as_bytes()].concat());
            if [before, after].into_iter().flatten().any(|node| node.leaf().is_some()) {
                paths.push(RepoPath::new(&joined));
            }
            let folder = |node| if let Some(Node::Tree(id)) = node { id } else { self.empty() };
            joined.push(b'/');
            self.changed_below(joined.as_bstr(), (folder(*before), folder(*after)), paths)?;
        }
        Ok(())
    }

    /// Writes a tree, of rows with names of their own.
    pub fn write(&self, rows: Vec<Row>) -> Result<TreeId> {
        match rows.is_empty() {
            true => Ok(self.empty()),
            false => {
                let id = self.objects.write_tree(&rows)?;
                let mut read = self.read.write().expect(UNPOISONED);
                read.entry(id).or_insert_with(|| {
                    let mut rows = rows;
                    rows.sort_unstable_by(|a, b| a.name.cmp(&b.name));
                    Arc::new(Rows { rows, form: Form::Ordinary })
                });
                Ok(id)
            }
        }
    }
}

/// The rows of three trees under one name, in the order of names.
pub struct SideBySide<'a> {
    rest: [&'a [Row]; 3],
}

/// What three trees have under one name.
pub struct Names<'a> {
    /// The name.
    pub name: &'a BStr,
    /// What each tree has there, in the order in which they were given.
    pub nodes: [Option<Node>; 3],
}

impl<'a> SideBySide<'a> {
    /// Takes rows that are ordered by name.
    pub fn new(rows: [&'a [Row]; 3]) -> Self {
        SideBySide { rest: rows }
    }
}

impl<'a> Iterator for SideBySide<'a> {
    type Item = Names<'a>;

    fn next(&mut self) -> Option<Names<'a>> {
        let name = self.rest.iter().filter_map(|rows| rows.first()).map(|row| row.name.as_bstr()).min()?;
        let nodes = self.rest.each_mut().map(|rows| match rows.split_first() {
            Some((row, rest)) if row.name.as_bstr().cmp(name) == Ordering::Equal => {
                *rows = rest;
                Some(row.node)
            }
            _ => None,
        });
        Some(Names { name, nodes })
    }
}
