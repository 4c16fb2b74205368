//! Contents written into an object database, each once, and brought to the disk before anything refers to them.

use std::collections::{BTreeSet, HashSet};
use std::io::Read;
use std::sync::{Mutex, PoisonError};

use anyhow::{Result, bail};

use crate::git::objects::{Commit, Node, Row};
use crate::git::{Objects, Repo, tree};
use crate::model::{BlobId, CommitId, Entry, Mode, TreeId};

/// Where contents are kept.
pub struct Store<'a> {
    objects: &'a Objects,
    /// A parent of the checkpoint.
    tip: Option<CommitId>,
    /// Contents that the checkpoint's parent commit keeps.
    committed: HashSet<BlobId>,
    /// Contents that an earlier checkpoint of the same track keeps, and this one will.
    earlier: HashSet<BlobId>,
    written: Mutex<BTreeSet<BlobId>>,
}

impl<'a> Store<'a> {
    /// A store that writes into `objects` what neither the commit `tip` nor `earlier` has.
    pub fn new(objects: &'a Objects, tip: Option<CommitId>, earlier: HashSet<BlobId>) -> Result<Store<'a>> {
        let committed = match tip {
            None => HashSet::new(),
            Some(tip) => {
                let entries = tree::entries(objects, objects.commit(tip)?.tree, None)?;
                entries.into_iter().filter(|(_, entry)| entry.mode != Mode::Submodule).map(|(_, e)| e.id).collect()
            }
        };
        Ok(Store { objects, tip, committed, earlier, written: Mutex::default() })
    }

    /// The objects behind it.
    pub fn objects(&self) -> &Objects {
        self.objects
    }

    /// The commit whose contents are not written again.
    pub fn tip(&self) -> Option<CommitId> {
        self.tip
    }

    /// Keeps a content.
    pub fn keep(&self, content: &[u8]) -> Result<BlobId> {
        let id = self.objects.blob_id(content)?;
        if !self.has(id) {
            self.note(self.objects.write_blob(content)?);
        }
        Ok(id)
    }

    /// Keeps a content of `size` bytes that is too long for memory; `open` begins reading it.
    pub fn keep_long<R: Read>(&self, size: u64, open: impl Fn() -> Result<R>) -> Result<BlobId> {
        let id = self.objects.long_blob_id(size, &mut open()?)?;
        if !self.has(id) {
            let write = || self.objects.write_long_blob(size, &mut open()?);
            // As with short ones: `git gc` may be at work.
            let written = write().or_else(|_| write())?;
            if written != id {
                bail!("it changed while it was read");
            }
            self.note(written);
        }
        Ok(id)
    }

    fn has(&self, id: BlobId) -> bool {
        let written = || self.written.lock().unwrap_or_else(PoisonError::into_inner).contains(&id);
        self.committed.contains(&id) || self.earlier.contains(&id) || written()
    }

    fn note(&self, id: BlobId) {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
    }

    /// Writes the commit that keeps what the parents do not, beside the text that names it. All of it is
    /// on disk when this returns.
    pub fn commit(&self, repo: &Repo, kept: Kept, subject: &str) -> Result<CommitId> {
        let leaf = |id| Node::Leaf(Entry { mode: Mode::File, id });
        let lacking = |ids: Vec<BlobId>| -> BTreeSet<BlobId> {
            ids.into_iter().filter(|id| !self.committed.contains(id) && self.objects.contains(id.raw())).collect()
        };
        let manifest = self.objects.write_blob(kept.manifest)?;
        let mut rows = vec![Row { name: "manifest".into(), node: leaf(manifest) }];
        rows.extend(kept.index.map(|id| Row { name: "index".into(), node: leaf(id) }));
        let blob = |id: BlobId| Row { name: id.to_string().into(), node: leaf(id) };
        let tree = |id: TreeId| Row { name: id.to_string().into(), node: Node::Tree(id) };
        let folders: [(&str, Vec<Row>); 3] = [
            ("files", lacking(kept.contents).into_iter().map(blob).collect()),
            ("state", lacking(kept.state).into_iter().map(blob).collect()),
            ("trees", kept.trees.into_iter().map(tree).collect()),
        ];
        let mut trees = Vec::new();
        for (name, below) in folders.into_iter().filter(|(_, below)| !below.is_empty()) {
            let id = self.objects.write_tree(&below)?;
            trees.push(id.raw());
            rows.push(Row { name: name.into(), node: Node::Tree(id) });
        }
        let tree = self.objects.write_tree(&rows)?;
        let commit = Commit { tree, parents: kept.parents, time: kept.time };
        let commit = self.objects.write_commit(&commit, subject)?;
        let written = std::mem::take(&mut *self.written.lock().unwrap_or_else(PoisonError::into_inner));
        let ids = written.into_iter().map(|id| id.raw());
        repo.sync_objects(ids.chain(trees).chain([manifest.raw(), tree.raw(), commit.raw()]))?;
        Ok(commit)
    }
}

/// What a checkpoint's commit keeps from being collected.
pub struct Kept<'a> {
    /// The text of the manifest.
    pub manifest: &'a [u8],
    /// The copy of the index.
    pub index: Option<BlobId>,
    /// Contents of files, staged or not.
    pub contents: Vec<BlobId>,
    /// Contents from the Git folder.
    pub state: Vec<BlobId>,
    /// Trees.
    pub trees: BTreeSet<TreeId>,
    /// Commits, the tip first.
    pub parents: Vec<CommitId>,
    /// When.
    pub time: i64,
}
