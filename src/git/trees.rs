//! Trees read once and kept for a run, each with its rows in the order of plain names.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::ops::Deref;
use std::sync::{Arc, Mutex};

use anyhow::{Result, bail};
use bstr::{BStr, BString, ByteSlice};

use super::Objects;
use super::objects::{Form, Node, Row};
use crate::model::{RepoPath, TreeId};

/// The trees of a run. Shared between threads.
pub struct Trees<'a> {
    objects: &'a Objects,
    read: Mutex<HashMap<TreeId, Arc<Rows>>>,
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

impl<'a> Trees<'a> {
    /// None read yet.
    pub fn new(objects: &'a Objects) -> Trees<'a> {
        Trees { objects, read: Mutex::default() }
    }

    /// The tree that holds nothing.
    pub fn empty(&self) -> TreeId {
        self.objects.empty_tree()
    }

    /// The rows of a tree. One with two rows of one name is malformed.
    pub fn rows(&self, id: TreeId) -> Result<Arc<Rows>> {
        if let Some(rows) = self.read.lock().expect("no thread panics while it holds this").get(&id) {
            return Ok(rows.clone());
        }
        let (mut rows, form) = self.objects.tree_and_form(id)?;
        rows.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        if rows.windows(2).any(|two| two[0].name == two[1].name) {
            bail!("tree {id} has two entries of one name");
        }
        let rows = Arc::new(Rows { rows, form });
        self.read.lock().expect("no thread panics while it holds this").insert(id, rows.clone());
        Ok(rows)
    }

    /// What `tree` holds at `path`.
    pub fn lookup(&self, tree: TreeId, path: &RepoPath) -> Result<Option<Node>> {
        let mut node = Node::Tree(tree);
        for part in path.as_bstr().split_str("/") {
            let Node::Tree(id) = node else { return Ok(None) };
            let rows = self.rows(id)?;
            match rows.binary_search_by(|row| row.name.as_bytes().cmp(part)) {
                Ok(at) => node = rows[at].node,
                Err(_) => return Ok(None),
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
        let (old, new) = (self.rows(old)?, self.rows(new)?);
        for Names { name, nodes: [before, after, _] } in SideBySide::new([&old, &new, &[]]) {
            if before == after {
                continue;
            }
            let mut joined = BString::from([path.as_bytes(), name.as_bytes()].concat());
            if [before, after].iter().flatten().any(|node| node.leaf().is_some()) {
                paths.push(RepoPath::new(&joined));
            }
            let folder = |node| if let Some(Node::Tree(id)) = node { id } else { self.empty() };
            joined.push(b'/');
            self.changed_below(joined.as_bstr(), (folder(before), folder(after)), paths)?;
        }
        Ok(())
    }

    /// Writes a tree.
    pub fn write(&self, rows: Vec<Row>) -> Result<TreeId> {
        match rows.is_empty() {
            true => Ok(self.empty()),
            false => self.objects.write_tree(rows),
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
