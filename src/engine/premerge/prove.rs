//! Decides by walking three trees at once whether a merge has to be tried at all.
//!
//! [`Proof::Disjoint`] claims that Git merges clean to the union of both changes. The argument: Git's merge looks at
//! every path on its own, except where it detects renames (of files, and from them of folders) and where a file stands
//! in the way of a folder. Wherever one side has what the base has, be it a file or a whole folder, the other side's
//! version stands, whatever it is: the side that changed nothing there took no source of a rename away, and added
//! nothing that a renamed folder could carry along. So only what both sides changed is looked at:
//! - A file that both changed must have come out the same, and still be there: one that is gone on both may be the
//!   source of a rename on either. A folder that came out the same must have lost nothing on the way, for that reason.
//! - A rename is seen on one side as a deletion and an addition. It concerns the other side only if that side touched
//!   the old path (then both did, and it is not there on both) or the new one (then both added it; if equally, nothing is
//!   left to decide), or if it changed something in a folder that the rename emptied: where one side lacks a folder of
//!   the base that the other changed, nothing is claimed.
//! - Where one side has a folder and the other a file, and both are changes, nothing is claimed.
//!
//! [`Proof::Contents`] claims that the merge is decided by merging, one by one, the contents of files that are there
//! under one mode in the base and on both sides, everything else being disjoint: such a file is neither source nor
//! target of a rename. Its attributes, not looked at here, have to be ordinary.
//!
//! The walk enters only folders that both sides changed: its work grows with what they have in common. Where the tree of
//! the merge is wanted too, what one side alone changed is looked through for trees that Git would write in another form
//! than it found them; of those nothing is claimed.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, RwLock};

use anyhow::Result;
use bstr::{BStr, BString, ByteSlice};

use super::Trees as Wanted;
use super::memory::Memory;
use crate::git::objects::{Form, Node, Row};
use crate::git::trees::{Delta, Difference, SideBySide, Trees};
use crate::model::{BlobId, Entry, RepoPath, TreeId};

/// What three trees say about a merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// It is clean, and its tree the union of both changes.
    Disjoint,
    /// It is as clean as the merges of these contents.
    Contents(Vec<Common>),
    /// They do not settle it: Git has to merge.
    Open,
}

/// A regular file that both sides changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Common {
    /// Where.
    pub path: RepoPath,
    /// What the merge of the contents is about.
    pub triple: Triple,
    /// The entry that the merged content gets.
    pub entry: Entry,
}

/// Three versions of a file's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Triple {
    /// The base's.
    pub base: BlobId,
    /// Ours.
    pub ours: BlobId,
    /// Theirs.
    pub theirs: BlobId,
}

/// The trees of a merge with one base.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Three {
    /// The base's.
    pub base: TreeId,
    /// Ours.
    pub ours: TreeId,
    /// Theirs.
    pub theirs: TreeId,
}

/// Says what follows from three trees. An error is an object that cannot be read, or a tree that is malformed.
pub fn prove(
    (trees, memory): (&Trees, &Memory),
    rewritable: &Rewritable,
    three: Three,
    wanted: Wanted,
) -> Result<Proof> {
    let mut contents = Vec::new();
    let mut walk = Walk { trees, memory, rewritable, wanted, contents: &mut contents };
    for root in [three.base, three.ours, three.theirs] {
        // Git writes the root anew, whatever changed.
        if wanted == Wanted::Compose && trees.rows(root)?.form == Form::Odd {
            return Ok(Proof::Open);
        }
    }
    let claim = walk.folder(BStr::new(""), three)?;
    Ok(match (claim, contents.is_empty()) {
        (Claim::None, _) => Proof::Open,
        (Claim::Holds, true) => Proof::Disjoint,
        (Claim::Holds, false) => Proof::Contents(contents),
    })
}

/// Whether a part of the trees is as was claimed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Claim {
    Holds,
    None,
}

/// Changes of trees in which every tree has the form that Git writes: a chain of merges meets most of them at each step.
#[derive(Default)]
pub struct Rewritable {
    known: RwLock<HashSet<(TreeId, TreeId)>>,
}

impl Rewritable {
    fn knows(&self, old: TreeId, new: TreeId) -> bool {
        self.known.read().expect("no thread panics while it holds this").contains(&(old, new))
    }

    fn note(&self, old: TreeId, new: TreeId) {
        self.known.write().expect("no thread panics while it holds this").insert((old, new));
    }
}

struct Walk<'a> {
    trees: &'a Trees<'a>,
    memory: &'a Memory,
    rewritable: &'a Rewritable,
    wanted: Wanted,
    contents: &'a mut Vec<Common>,
}

impl Walk<'_> {
    /// How two trees differ, as this run or an earlier one found out.
    fn delta(&self, old: TreeId, new: TreeId) -> Result<Arc<Delta>> {
        self.trees.delta_or(old, new, || match self.memory.delta(old, new) {
            Some(known) => Ok(Arc::new(known)),
            None => {
                let delta = Arc::new(self.trees.compare(old, new)?);
                self.memory.note_delta(old, new, &delta);
                Ok(delta)
            }
        })
    }

    /// A folder that is there on both sides; the base's may be the empty tree. `path` ends in a slash, or is empty.
    fn folder(&mut self, path: &BStr, Three { base, ours, theirs }: Three) -> Result<Claim> {
        if base == ours || base == theirs {
            return self.one_sided(base, if base == ours { theirs } else { ours });
        }
        if ours == theirs {
            let lost = self.lost_something(base, ours)?;
            return if lost { Ok(Claim::None) } else { self.one_sided(base, ours) };
        }
        let (ours, theirs) = (self.delta(base, ours)?, self.delta(base, theirs)?);
        if ours.is_odd() || theirs.is_odd() {
            return Ok(Claim::None);
        }
        let (mut ours, mut theirs) = (ours.iter().peekable(), theirs.iter().peekable());
        loop {
            let order = match (ours.peek(), theirs.peek()) {
                (Some(a), Some(b)) => a.name.cmp(&b.name),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => return Ok(Claim::Holds),
            };
            let a = if order.is_le() { ours.next() } else { None };
            let b = if order.is_ge() { theirs.next() } else { None };
            let claim = match (a, b) {
                (Some(a), Some(b)) => self.row(path, a.name.as_bstr(), (a.before, a.after, b.after))?,
                (one, other) => one.or(other).map_or(Ok(Claim::Holds), |one| self.one_sided_row(one))?,
            };
            if claim == Claim::None {
                return Ok(Claim::None);
            }
        }
    }

    /// A name under which both sides differ from the base.
    fn row(&mut self, path: &BStr, name: &BStr, nodes: (Option<Node>, Option<Node>, Option<Node>)) -> Result<Claim> {
        let joined = || BString::from([path.as_bytes(), name.as_bytes()].concat());
        match nodes {
            (before, Some(Node::Tree(ours)), Some(Node::Tree(theirs))) => {
                let base = match before {
                    Some(Node::Tree(base)) => base,
                    None => self.trees.empty(),
                    // A file that became a folder is gone on both sides.
                    Some(Node::Leaf(_)) => return Ok(Claim::None),
                };
                let mut below = joined();
                below.push(b'/');
                self.folder(below.as_bstr(), Three { base, ours, theirs })
            }
            // A folder of the base that came to be a file on both sides is gone on both.
            (Some(Node::Tree(_)), ..) => Ok(Claim::None),
            (_, Some(Node::Leaf(ours)), Some(Node::Leaf(theirs))) if ours == theirs => Ok(Claim::Holds),
            (Some(Node::Leaf(base)), Some(Node::Leaf(ours)), Some(Node::Leaf(theirs)))
                if base.mode.is_file() && ours.mode == base.mode && theirs.mode == base.mode =>
            {
                let triple = Triple { base: base.id, ours: ours.id, theirs: theirs.id };
                self.contents.push(Common { path: RepoPath::new(joined()), triple, entry: ours });
                Ok(Claim::Holds)
            }
            _ => Ok(Claim::None),
        }
    }

    /// What one side alone changed from `old` to `new` is as that side has it: as long as Git has no reason to write a
    /// tree of it anew, where the result is wanted.
    fn one_sided(&self, old: TreeId, new: TreeId) -> Result<Claim> {
        if self.wanted == Wanted::Skip || old == new || self.rewritable.knows(old, new) {
            return Ok(Claim::Holds);
        }
        let delta = self.delta(old, new)?;
        if delta.is_odd() {
            return Ok(Claim::None);
        }
        for changed in delta.iter() {
            if self.one_sided_row(changed)? == Claim::None {
                return Ok(Claim::None);
            }
        }
        self.rewritable.note(old, new);
        Ok(Claim::Holds)
    }

    fn one_sided_row(&self, Difference { before, after, .. }: &Difference) -> Result<Claim> {
        let folder = |node: &Option<Node>| if let Some(Node::Tree(id)) = node { *id } else { self.trees.empty() };
        self.one_sided(folder(before), folder(after))
    }

    /// Whether some file of `old` is not in `new`, or no file there.
    fn lost_something(&self, old: TreeId, new: TreeId) -> Result<bool> {
        if old == new {
            return Ok(false);
        }
        for Difference { before, after, .. } in self.delta(old, new)?.iter() {
            let lost = match (before, after) {
                (Some(Node::Leaf(_)), Some(Node::Leaf(_))) | (None, _) => false,
                (Some(Node::Tree(old)), Some(Node::Tree(new))) => self.lost_something(*old, *new)?,
                _ => true,
            };
            if lost {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Whether merging theirs is certain to change ours: somewhere ours is as the base has it, and theirs is not. Looked for
/// only in folders that both the base and ours have, so that no folder that ours renamed can have carried it along.
pub fn brings_something(trees: &Trees, Three { base, ours, theirs }: Three) -> Result<bool> {
    if base == ours || base == theirs {
        return Ok(base != theirs);
    }
    let (base, ours, theirs) = (trees.rows(base)?, trees.rows(ours)?, trees.rows(theirs)?);
    for names in SideBySide::new([&base, &ours, &theirs]) {
        let brings = match names.nodes {
            [before, a, b] if before == a => before != b,
            [Some(Node::Tree(base)), Some(Node::Tree(ours)), Some(Node::Tree(theirs))] => {
                brings_something(trees, Three { base, ours, theirs })?
            }
            _ => false,
        };
        if brings {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Writes the tree of a merge that was proved: what one side changed as that side has it, and `merged` in the place of
/// the contents that both changed.
pub fn compose(trees: &Trees, three: Three, merged: &HashMap<&RepoPath, Entry>) -> Result<TreeId> {
    compose_folder(trees, BStr::new(""), three, merged)
}

fn compose_folder(
    trees: &Trees,
    path: &BStr,
    Three { base, ours, theirs }: Three,
    merged: &HashMap<&RepoPath, Entry>,
) -> Result<TreeId> {
    if base == ours || ours == theirs {
        return Ok(theirs);
    }
    if base == theirs {
        return Ok(ours);
    }
    let rows = (trees.rows(base)?, trees.rows(ours)?, trees.rows(theirs)?);
    let mut composed: Vec<Row> = Vec::with_capacity(rows.1.len());
    for names in SideBySide::new([&rows.0, &rows.1, &rows.2]) {
        let node = match names.nodes {
            [before, a, b] if before == a || a == b => b,
            [before, a, b] if before == b => a,
            [before, Some(Node::Tree(ours)), Some(Node::Tree(theirs))] => {
                let base = match before {
                    Some(Node::Tree(base)) => base,
                    _ => trees.empty(),
                };
                let below = BString::from([path.as_bytes(), names.name.as_bytes(), b"/"].concat());
                let folder = compose_folder(trees, below.as_bstr(), Three { base, ours, theirs }, merged)?;
                // What each side left of it may be what the other took away.
                (folder != trees.empty()).then_some(Node::Tree(folder))
            }
            _ => {
                let path = RepoPath::new([path.as_bytes(), names.name.as_bytes()].concat());
                let entry = merged.get(&path).copied();
                Some(Node::Leaf(entry.expect("the proof left nothing else for both sides to have changed")))
            }
        };
        composed.extend(node.map(|node| Row { name: names.name.to_owned(), node }));
    }
    trees.write(composed)
}
