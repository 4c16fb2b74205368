//! Objects read and written in process.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, RwLock};

use anyhow::{Context, Result, anyhow, bail};
use bstr::BString;
use gix_object::{CommitRefIter, Exists, Find, Kind, TreeRefIter, Write};
use gix_odb::HeaderExt;

use crate::model::{BlobId, CommitId, Entry, Failure, Mode, TreeId};

/// The end of the sentence about an object that is not there.
const MISSING: &str = "is missing";
/// What may bring it back.
pub const FETCH: &str = "it may come back with `git fetch --refetch`; see what else is missing: `git fsck`";

const UNPOISONED: &str = "no thread panics while it holds this";

/// An object database, shared between threads: each read borrows a handle of its own.
pub struct Objects {
    store: Arc<gix_odb::Store>,
    handles: Mutex<Vec<gix_odb::HandleArc>>,
    hash: gix_hash::Kind,
    /// What was written and is not on disk; `None` where everything goes there at once.
    held: Option<RwLock<Held>>,
}

/// Objects in memory.
type Held = HashMap<gix_hash::ObjectId, (Kind, Vec<u8>)>;

/// What is known of a commit for walking history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its tree.
    pub tree: TreeId,
    /// Its parents, in order.
    pub parents: Vec<CommitId>,
    /// When it was committed, in seconds since 1970.
    pub time: i64,
}

/// One row of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The name, without a slash.
    pub name: BString,
    /// What stands there.
    pub node: Node,
}

/// What a row of a tree points to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Node {
    /// A folder.
    Tree(TreeId),
    /// Anything else.
    Leaf(Entry),
}

/// What Git says of objects that are named by their ids and are not there.
const MISSING_BY_GIT: [&str; 7] = [
    "bad object",
    "bad tree object",
    "could not parse commit",
    "Invalid revision range",
    "Not a valid commit name",
    "unable to read sha1 file",
    "unable to read tree",
];

/// Whether what keeps something from being done is that an object is missing: in our words, or in Git's.
pub fn is_missing(reason: &str) -> bool {
    let ours = reason.contains("object ") && reason.ends_with(MISSING);
    ours || MISSING_BY_GIT.iter().any(|words| reason.contains(words))
}

/// How a tree is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// As Git writes trees today.
    #[default]
    Ordinary,
    /// With a mode that is no longer written (`100664`), with an empty folder, or out of order.
    Odd,
}

/// Reads a commit from its bytes.
pub fn parse_commit(data: &[u8], hash: gix_hash::Kind) -> Result<Commit> {
    let mut fields = CommitRefIter::from_bytes(data, hash);
    let tree = fields.tree_id().map_err(|e| anyhow!("{e}"))?;
    let fields = CommitRefIter::from_bytes(data, hash);
    let parents = fields.parent_ids().map(CommitId::new).collect();
    let committer = CommitRefIter::from_bytes(data, hash).committer();
    // Git reads an unreadable date as 0 and goes on.
    let time = committer.map_err(|e| anyhow!("{e}"))?.time().map(|t| t.seconds).unwrap_or(0);
    Ok(Commit { tree: TreeId::new(tree), parents, time })
}

/// Reads one tree from its bytes, and says whether writing its rows again would give the same one.
pub fn parse_tree(data: &[u8], hash: gix_hash::Kind) -> Result<(Vec<Row>, Form)> {
    let mut rows: Vec<Row> = Vec::with_capacity(data.len() / 40);
    let mut form = Form::Ordinary;
    for row in TreeRefIter::from_bytes(data, hash) {
        let row = row.map_err(|e| anyhow!("{e}"))?;
        let node = match row.mode.kind() {
            gix_object::tree::EntryKind::Tree => Node::Tree(TreeId::new(row.oid.to_owned())),
            gix_object::tree::EntryKind::Blob => leaf(Mode::File, row.oid),
            gix_object::tree::EntryKind::BlobExecutable => leaf(Mode::Executable, row.oid),
            gix_object::tree::EntryKind::Link => leaf(Mode::Link, row.oid),
            gix_object::tree::EntryKind::Commit => leaf(Mode::Submodule, row.oid),
        };
        let is_tree = |node: Node| matches!(node, Node::Tree(_));
        let in_order = rows.last().is_none_or(|last| {
            gix_object::tree::name_order(&last.name, is_tree(last.node), row.filename, is_tree(node)).is_lt()
        });
        if row.mode != row.mode.kind().into() || row.oid.is_empty_tree() || !in_order {
            form = Form::Odd;
        }
        rows.push(Row { name: row.filename.to_owned(), node });
    }
    Ok((rows, form))
}

impl Node {
    /// The entry, unless it is a folder.
    pub fn leaf(&self) -> Option<Entry> {
        match self {
            Node::Leaf(entry) => Some(*entry),
            Node::Tree(_) => None,
        }
    }
}

impl Objects {
    /// Opens the database in `folder` with its alternates.
    pub fn open(folder: &Path, hash: gix_hash::Kind) -> Result<Objects> {
        let store = gix_odb::Store::at_opts(folder.to_owned(), hash, &mut None.into_iter(), Default::default())
            .with_context(|| format!("cannot open the objects in `{}`", folder.display()))?;
        Ok(Objects { store: Arc::new(store), handles: Mutex::default(), hash, held: None })
    }

    /// The same database, with what is written held in memory until [`Objects::release`].
    pub fn holding(self) -> Objects {
        Objects { held: Some(RwLock::default()), ..self }
    }

    /// Writes to disk what is held, so that other programs can read it.
    pub fn release(&self) -> Result<()> {
        let Some(held) = &self.held else { return Ok(()) };
        let mut held = held.write().expect(UNPOISONED);
        held.iter().try_for_each(|(_, (kind, data))| self.write_out(*kind, data).map(drop))?;
        held.clear();
        Ok(())
    }

    /// Looks at an object that is held.
    fn with_held<T>(&self, id: &gix_hash::oid, look: impl FnOnce(&(Kind, Vec<u8>)) -> T) -> Option<T> {
        self.held.as_ref()?.read().expect(UNPOISONED).get(id).map(look)
    }

    /// Lends a handle: one that has served before, with its caches warm, where there is one.
    fn with<T>(&self, act: impl FnOnce(&gix_odb::HandleArc) -> T) -> T {
        let spare = self.handles.lock().expect("no thread panics while it holds this").pop();
        let handle = spare.unwrap_or_else(|| {
            let cache = || Box::new(gix_pack::cache::lru::StaticLinkedList::<64>::default()) as Box<_>;
            self.store.to_cache_arc().with_pack_cache(cache)
        });
        let result = act(&handle);
        self.handles.lock().expect("no thread panics while it holds this").push(handle);
        result
    }

    /// Which hash names objects here.
    pub fn hash(&self) -> gix_hash::Kind {
        self.hash
    }

    /// The tree that holds nothing.
    pub fn empty_tree(&self) -> TreeId {
        TreeId::new(gix_hash::ObjectId::empty_tree(self.hash))
    }

    fn read(&self, id: gix_hash::ObjectId, kind: Kind) -> Result<Vec<u8>> {
        let mut buffer = Vec::new();
        // Git knows the empty tree without storing it.
        if id.is_empty_tree() && kind == Kind::Tree {
            return Ok(buffer);
        }
        let found = self.read_any(id, &mut buffer)?;
        if found != kind {
            bail!("object {id} is a {found}, not a {kind}");
        }
        Ok(buffer)
    }

    fn read_any(&self, id: gix_hash::ObjectId, buffer: &mut Vec<u8>) -> Result<Kind> {
        if let Some((kind, data)) = self.with_held(&id, Clone::clone) {
            *buffer = data;
            return Ok(kind);
        }
        let found = self.with(|handle| handle.try_find(&id, buffer).map(|found| found.map(|data| data.kind)));
        let found = found.map_err(|error| anyhow!("object {id} cannot be read: {error}"))?;
        found.ok_or_else(|| Failure::usage(format!("object {id} {MISSING}")).hint(FETCH).into())
    }

    /// Reads a commit.
    pub fn commit(&self, id: CommitId) -> Result<Commit> {
        let data = self.read(id.raw(), Kind::Commit)?;
        parse_commit(&data, self.hash).with_context(|| format!("commit {id} is malformed"))
    }

    /// Reads a commit's message, as bytes.
    pub fn message(&self, id: CommitId) -> Result<Vec<u8>> {
        let data = self.read(id.raw(), Kind::Commit)?;
        let message = CommitRefIter::from_bytes(&data, self.hash).message().map_err(|e| anyhow!("{e}"))?;
        Ok(message.to_vec())
    }

    /// Reads one tree, not those below it, in Git's order.
    pub fn tree(&self, id: TreeId) -> Result<Vec<Row>> {
        self.tree_and_form(id).map(|(rows, _)| rows)
    }

    /// Reads one tree, and says whether writing its rows again would give the same one.
    pub fn tree_and_form(&self, id: TreeId) -> Result<(Vec<Row>, Form)> {
        let data = self.read(id.raw(), Kind::Tree)?;
        parse_tree(&data, self.hash).with_context(|| format!("tree {id} is malformed"))
    }

    /// The size of a blob in bytes, without reading it.
    pub fn blob_size(&self, id: BlobId) -> Result<u64> {
        if let Some(size) = self.with_held(&id.raw(), |(_, data)| data.len() as u64) {
            return Ok(size);
        }
        let header = self.with(|handle| handle.header(id.raw()));
        let header = header.map_err(|error| anyhow!("object {id} cannot be read: {error}"))?;
        Ok(header.size())
    }

    /// The content of a blob; `None` when it is larger than `limit` bytes.
    pub fn blob(&self, id: BlobId, limit: u64) -> Result<Option<Vec<u8>>> {
        match self.blob_size(id)? > limit {
            true => Ok(None),
            false => self.read(id.raw(), Kind::Blob).map(Some),
        }
    }

    /// Whether the object is there, here or in an alternate.
    pub fn contains(&self, id: gix_hash::ObjectId) -> bool {
        self.with_held(&id, |_| ()).is_some() || self.with(|handle| handle.exists(&id))
    }

    /// Writes a blob.
    pub fn write_blob(&self, content: &[u8]) -> Result<BlobId> {
        self.write(Kind::Blob, content).map(BlobId::new)
    }

    /// Writes a blob of `size` bytes that is not held in memory.
    pub fn write_long_blob(&self, size: u64, content: &mut dyn std::io::Read) -> Result<BlobId> {
        let written = self.with(|handle| handle.write_stream(Kind::Blob, size, content));
        written.map(BlobId::new).map_err(|e| anyhow!("cannot write a blob: {e}"))
    }

    /// The id that a blob with this content has.
    pub fn blob_id(&self, content: &[u8]) -> Result<BlobId> {
        let id = gix_object::compute_hash(self.hash, Kind::Blob, content);
        id.map(BlobId::new).map_err(|e| anyhow!("cannot hash a blob: {e}"))
    }

    /// The same for `size` bytes that are not held in memory.
    pub fn long_blob_id(&self, size: u64, content: &mut dyn std::io::Read) -> Result<BlobId> {
        let mut hasher = gix_hash::hasher(self.hash);
        hasher.update(&gix_object::encode::loose_header(Kind::Blob, size));
        let mut buffer = vec![0; 1 << 16];
        loop {
            match content.read(&mut buffer)? {
                0 => break,
                read => hasher.update(&buffer[..read]),
            }
        }
        hasher.try_finalize().map(BlobId::new).map_err(|e| anyhow!("cannot hash a blob: {e}"))
    }

    /// Writes a tree of `rows`, in any order.
    pub fn write_tree(&self, rows: &[Row]) -> Result<TreeId> {
        let mut rows: Vec<&Row> = rows.iter().collect();
        rows.sort_by(|a, b| {
            let is_tree = |r: &Row| matches!(r.node, Node::Tree(_));
            gix_object::tree::name_order(&a.name, is_tree(a), &b.name, is_tree(b))
        });
        let mut data = Vec::with_capacity(rows.len() * 48);
        for row in rows {
            let (mode, id) = match row.node {
                Node::Tree(id) => ("40000", id.raw()),
                Node::Leaf(entry) => (entry.mode.octal(), entry.id.raw()),
            };
            data.extend_from_slice(mode.as_bytes());
            data.push(b' ');
            data.extend_from_slice(&row.name);
            data.push(0);
            data.extend_from_slice(id.as_slice());
        }
        self.write(Kind::Tree, &data).map(TreeId::new)
    }

    /// Writes a commit with a fixed identity, dated `time`: the same inputs give the same id on every machine.
    pub fn write_commit(&self, commit: &Commit, message: &str) -> Result<CommitId> {
        let mut data = format!("tree {}\n", commit.tree);
        for parent in &commit.parents {
            data.push_str(&format!("parent {parent}\n"));
        }
        let who = format!("tracks <tracks@localhost> {} +0000", commit.time);
        data.push_str(&format!("author {who}\ncommitter {who}\n\n{message}\n"));
        self.write(Kind::Commit, data.as_bytes()).map(CommitId::new)
    }

    /// The kind of an object, and its content.
    pub fn raw(&self, id: gix_hash::ObjectId) -> Result<(Kind, Vec<u8>)> {
        let mut buffer = Vec::new();
        let kind = self.read_any(id, &mut buffer)?;
        Ok((kind, buffer))
    }

    /// Copies an object of `other` into this database, byte for byte.
    pub fn copy(&self, other: &Objects, id: gix_hash::ObjectId) -> Result<()> {
        let (kind, data) = other.raw(id)?;
        self.write(kind, &data).map(drop)
    }

    fn write(&self, kind: Kind, data: &[u8]) -> Result<gix_hash::ObjectId> {
        let Some(held) = &self.held else { return self.write_out(kind, data) };
        let id = gix_object::compute_hash(self.hash, kind, data).map_err(|e| anyhow!("cannot name a {kind}: {e}"))?;
        held.write().expect(UNPOISONED).entry(id).or_insert_with(|| (kind, data.to_vec()));
        Ok(id)
    }

    fn write_out(&self, kind: Kind, data: &[u8]) -> Result<gix_hash::ObjectId> {
        let write = || self.with(|handle| handle.write_buf(kind, data));
        // `git gc` may take the folder away that was just made for it.
        write().or_else(|_| write()).or_else(|_| write()).map_err(|e| anyhow!("cannot write a {kind}: {e}"))
    }
}

fn leaf(mode: Mode, id: &gix_hash::oid) -> Node {
    Node::Leaf(Entry { mode, id: BlobId::new(id.to_owned()) })
}
