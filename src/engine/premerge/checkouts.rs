//! The attributes of merges that normalise contents first (`merge.renormalize`), read as a merge in a checkout reads them.
//!
//! Git then looks for the `.gitattributes` at the root first in what is being merged (the merged one, the base's where
//! both sides changed it), and for all others in the files of the checkout of our side; an `--attr-source` would be asked
//! instead of both. So such merges run in a work tree that holds our side's `.gitattributes` and nothing else, as Git
//! itself checks them out. Links are left out, since Git follows none of that name, and so is a file that is too large
//! for Git to read. It forgets the attributes between two merges, which can share a process.
//!
//! In a checkout there is an index besides, and while Git compares contents to find renames it looks there for attributes,
//! and keeps those that it finds for the rest of the merge. So nothing is claimed where the file at the root is not the
//! same all along and a rename might be looked for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result, bail};

use super::Premerge;
use super::attributes::{Class, FILE};
use super::prove::Three;
use crate::git::objects::{Node, Row};
use crate::git::{Checkout, Settings};
use crate::model::{BlobId, Entry, Mode, RepoPath, TreeId};

/// From here on Git ignores a `.gitattributes` file; nor are all of them together laid out if they come to more.
const TOO_LARGE: u64 = 100 << 20;

/// The byte-order mark of UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// The work trees of a run.
#[derive(Default)]
pub struct Checkouts {
    made: Mutex<HashMap<Class, Arc<Checkout>>>,
    bare: Mutex<HashMap<TreeId, Bare>>,
    read: Mutex<HashMap<BlobId, BlobId>>,
    /// `core.symlinks` is off: links are checked out as files.
    links_are_files: bool,
}

/// A tree reduced to its `.gitattributes`.
#[derive(Clone, Copy)]
struct Bare {
    tree: TreeId,
    size: u64,
}

impl Checkouts {
    /// None made yet.
    pub fn new(settings: &Settings) -> Checkouts {
        Checkouts { links_are_files: settings.is_off("core.symlinks"), ..Checkouts::default() }
    }

    /// What Git reads in a checkout where `entry` stands under the name of attributes, as an entry that it reads the same
    /// in a tree: no link, which is not followed; and of a file no byte-order mark at its beginning, and of each line what
    /// comes before a NUL. (In a tree Git takes the mark for a part of the first pattern, and ends at a NUL.)
    pub fn read(&self, premerge: &Premerge, entry: Entry) -> Result<Option<Entry>> {
        if entry.mode == Mode::Submodule || entry.mode == Mode::Link && !self.links_are_files {
            return Ok(None);
        }
        if let Some(id) = self.read.lock().expect("no thread panics while it holds this").get(&entry.id) {
            return Ok(Some(Entry { id: *id, ..entry }));
        }
        let objects = premerge.scratch.objects();
        let content = objects.blob(entry.id, TOO_LARGE)?.unwrap_or_default();
        let id = match content.starts_with(MARK) || content.contains(&0) {
            true => objects.write_blob(&without_oddities(&content))?,
            false => entry.id,
        };
        self.read.lock().expect("no thread panics while it holds this").insert(entry.id, id);
        Ok(Some(Entry { id, ..entry }))
    }

    /// A work tree with the attributes of `tree`, which are of the class given.
    pub fn of(&self, premerge: &Premerge, class: &Class, tree: TreeId) -> Result<Arc<Checkout>> {
        if let Some(made) = self.made.lock().expect("no thread panics while it holds this").get(class) {
            return Ok(made.clone());
        }
        if let Some(Node::Tree(_)) = root(premerge, tree)? {
            bail!("`.gitattributes` is a folder");
        }
        let bare = self.bare_tree(premerge, tree)?;
        let checkout = Checkout::new(premerge.scratch, bare).context("the `.gitattributes` cannot be checked out")?;
        let checkout = Arc::new(checkout);
        self.made.lock().expect("no thread panics while it holds this").insert(class.clone(), checkout.clone());
        Ok(checkout)
    }

    /// The tree that has the `.gitattributes` of `tree` that Git reads, and nothing else.
    pub fn bare_tree(&self, premerge: &Premerge, tree: TreeId) -> Result<TreeId> {
        let Bare { tree, size } = self.bare(premerge, tree)?;
        if size > TOO_LARGE {
            bail!("the `.gitattributes` are too large");
        }
        Ok(tree)
    }

    fn bare(&self, premerge: &Premerge, tree: TreeId) -> Result<Bare> {
        if let Some(bare) = self.bare.lock().expect("no thread panics while it holds this").get(&tree) {
            return Ok(*bare);
        }
        let mut rows: Vec<Row> = Vec::new();
        let mut size: u64 = 0;
        for row in premerge.trees.rows(tree)?.iter() {
            let (node, more) = match row.node {
                Node::Tree(id) => self.bare(premerge, id).map(|bare| (Node::Tree(bare.tree), bare.size))?,
                Node::Leaf(entry) if row.name == FILE => match self.read(premerge, entry)? {
                    Some(entry) => (Node::Leaf(entry), premerge.scratch.objects().blob_size(entry.id)?),
                    None => continue,
                },
                Node::Leaf(_) => continue,
            };
            let is_nothing = match node {
                Node::Tree(id) => id == premerge.trees.empty(),
                Node::Leaf(_) => more >= TOO_LARGE,
            };
            if !is_nothing && leads_elsewhere(&row.name) {
                bail!("a path of `.gitattributes` leads out of the repository");
            }
            if !is_nothing {
                size = size.saturating_add(more);
                rows.push(Row { name: row.name.clone(), node });
            }
        }
        let bare = Bare { tree: premerge.trees.write(rows)?, size };
        self.bare.lock().expect("no thread panics while it holds this").insert(tree, bare);
        Ok(bare)
    }
}

/// Whether a merge in this place gives what it gives in a checkout: the `.gitattributes` at the root are the same all
/// along, or no file could have been renamed.
pub fn is_certain(premerge: &Premerge, bases: &[TreeId], [ours, theirs]: [TreeId; 2]) -> Result<bool> {
    let root_of_ours = root(premerge, ours)?;
    let others = bases.iter().chain([&theirs]).map(|tree| root(premerge, *tree));
    let is_same = others.collect::<Result<Vec<_>>>()?.iter().all(|root| *root == root_of_ours);
    Ok(match bases {
        [] => false,
        _ if is_same => true,
        [base] => !may_rename(premerge, *base, ours)? && !may_rename(premerge, *base, theirs)?,
        _ => false,
    })
}

/// Whether `new` lacks something that `old` has, and has something that `old` lacks.
fn may_rename(premerge: &Premerge, old: TreeId, new: TreeId) -> Result<bool> {
    let (mut came, mut went) = (false, false);
    for path in premerge.trees.changed(old, new)? {
        let is_leaf =
            |tree| Ok::<bool, anyhow::Error>(premerge.trees.lookup(tree, &path)?.is_some_and(|n| n.leaf().is_some()));
        came |= !is_leaf(old)?;
        went |= !is_leaf(new)?;
    }
    Ok(came && went)
}

/// Whether the `.gitattributes` at the root is the same file in all three trees, or in none.
pub fn have_one_root(premerge: &Premerge, Three { base, ours, theirs }: Three) -> Result<bool> {
    let ours = root(premerge, ours)?;
    let is_plain = ours.is_none_or(|node| node.leaf().is_some_and(|entry| entry.mode.is_file()));
    Ok(is_plain && root(premerge, base)? == ours && root(premerge, theirs)? == ours)
}

fn root(premerge: &Premerge, tree: TreeId) -> Result<Option<Node>> {
    // A submodule is a folder where it is checked out.
    let is_folder = |node: &Node| node.leaf().is_some_and(|entry| entry.mode == Mode::Submodule);
    let node = premerge.trees.lookup(tree, &RepoPath::new(FILE))?;
    Ok(node.map(|node| if is_folder(&node) { Node::Tree(premerge.trees.empty()) } else { node }))
}

fn without_oddities(content: &[u8]) -> Vec<u8> {
    let content = content.strip_prefix(MARK).unwrap_or(content);
    let before_nul = |line: &[u8]| line.split(|byte| *byte == 0).next().unwrap_or_default().to_vec();
    content.split(|byte| *byte == b'\n').map(before_nul).collect::<Vec<_>>().join(&b'\n')
}

/// Names that Git does not check out.
fn leads_elsewhere(name: &[u8]) -> bool {
    [&b""[..], b".", b".."].contains(&name) || name.contains(&b'/') || name.eq_ignore_ascii_case(b".git")
}
