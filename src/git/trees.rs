//! Trees read once and kept for a run, each with its rows in the order of plain names.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use anyhow::{Result, bail};

use super::Objects;
use super::objects::Row;
use crate::model::TreeId;

/// The trees of a run. Shared between threads.
pub struct Trees<'a> {
    objects: &'a Objects,
    read: Mutex<HashMap<TreeId, Arc<[Row]>>>,
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

    /// The rows of a tree, ordered by name: Git orders a folder as if its name ended in a slash, so that a file and a
    /// folder of one name would stand apart. A tree with two rows of one name is malformed.
    pub fn rows(&self, id: TreeId) -> Result<Arc<[Row]>> {
        if let Some(rows) = self.read.lock().expect("no thread panics while it holds this").get(&id) {
            return Ok(rows.clone());
        }
        let mut rows = self.objects.tree(id)?;
        rows.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        if rows.windows(2).any(|two| two[0].name == two[1].name) {
            bail!("tree {id} has two entries of one name");
        }
        let rows: Arc<[Row]> = rows.into();
        self.read.lock().expect("no thread panics while it holds this").insert(id, rows.clone());
        Ok(rows)
    }

    /// Writes a tree.
    pub fn write(&self, rows: Vec<Row>) -> Result<TreeId> {
        match rows.is_empty() {
            true => Ok(self.empty()),
            false => self.objects.write_tree(rows),
        }
    }
}
