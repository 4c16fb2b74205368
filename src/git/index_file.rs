//! The file of an index, read in process: versions 2 to 4 of what `git help gitformat-index` describes.
//!
//! Only what is ordinary is read: no part of a split or sparse index, no unfinished merge, nothing that is only intended to
//! be added, no extension that is not known. Everything else is left to Git, and so is a file that is damaged in any way; its
//! checksum is not looked at, as Git does not. Nothing is ever written.

use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::model::{BlobId, Entry, Mode, TreeId};

/// Longer files are left to Git.
const LARGEST: u64 = 1 << 31;
/// Folders below one another in the cache of trees; where there are more it is not used.
const DEEPEST: usize = 500;

/// An index.
pub struct IndexFile {
    content: Vec<u8>,
    /// The paths, where the file has them shortened.
    names: Option<Vec<u8>>,
    slots: Vec<Slot>,
    hash: gix_hash::Kind,
    trees: Option<CachedTree>,
    /// Whether what it says about files is to be taken as it stands.
    pub standing: Standing,
    /// When it was written, in whole seconds since 1970.
    pub written: i64,
    /// What tells whether it was replaced.
    pub stamp: Stamp,
}

/// What an index is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// For holding files against it.
    Plain,
    /// Not for that: some entries stand for submodules, or hide what is in the worktree, or another program watches it.
    Special,
}

/// When a file was written, how long it is, and which one it is.
pub type Stamp = (i64, i64, u64, u64);

/// Where an entry and its path lie.
struct Slot {
    at: u32,
    path: u32,
    length: u32,
}

/// What was known of a file when it was entered, cut to 32 bits as Git does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// When anything about it was changed, in seconds and nanoseconds.
    pub changed: (u32, u32),
    /// When its content was written.
    pub written: (u32, u32),
    /// Its number in the file system.
    pub number: u32,
    /// The user and the group that it belongs to.
    pub owner: (u32, u32),
    /// Its size; 0 also where Git has yet to look at its content.
    pub size: u32,
}

/// The tree that a folder of the index stands for, as far as Git keeps it there.
pub struct CachedTree {
    name: Vec<u8>,
    /// How many entries lie below it, and its tree; `None` where something changed since that was known.
    tree: Option<(usize, TreeId)>,
    /// The folders in it, by name.
    below: Vec<CachedTree>,
}

impl CachedTree {
    /// What is known of the folder of that name in this one.
    pub fn folder(&self, name: &[u8]) -> Option<&CachedTree> {
        let at = self.below.binary_search_by(|folder| folder.name.as_slice().cmp(name)).ok()?;
        Some(&self.below[at])
    }

    /// Whether these entries, as many as `count`, are for certain the whole of `tree`.
    pub fn is(&self, tree: TreeId, count: usize) -> bool {
        self.tree == Some((count, tree))
    }
}

/// What tells whether the file at `path` was replaced; `None` where there is none.
pub fn stamp(path: &Path) -> Option<Stamp> {
    path.metadata().ok().map(|found| stamp_of(&found))
}

fn stamp_of(found: &std::fs::Metadata) -> Stamp {
    (found.mtime(), found.mtime_nsec(), found.size(), found.ino())
}

impl IndexFile {
    /// Reads the index at `path`; `None` where it is not there, or anything about it is out of the ordinary.
    pub fn read(path: &Path, hash: gix_hash::Kind) -> Option<IndexFile> {
        let mut file = File::open(path).ok()?;
        let found = file.metadata().ok()?;
        if found.size() > LARGEST {
            return None;
        }
        let mut content = Vec::with_capacity(usize::try_from(found.size()).ok()? + 1);
        file.read_to_end(&mut content).ok()?;
        IndexFile::parse(content, hash, stamp_of(&found))
    }

    fn parse(content: Vec<u8>, hash: gix_hash::Kind, stamp: Stamp) -> Option<IndexFile> {
        let end = content.len().checked_sub(hash.len_in_bytes())?;
        let body = &content[..end];
        if body.get(..4)? != b"DIRC" {
            return None;
        }
        let version = number(body, 4)?;
        let names = match version {
            2 | 3 => None,
            4 => Some(Vec::with_capacity(content.len())),
            _ => return None,
        };
        let count = usize::try_from(number(body, 8)?).ok()?;
        let mut entries = Entries { body, hash, names, at: 12, standing: Standing::Plain, slots: Vec::new() };
        entries.slots.reserve(count.min(content.len() / 60));
        for _ in 0..count {
            entries.next()?;
        }
        let Entries { names, at, mut standing, slots, .. } = entries;
        let trees = extensions(&body[at..], hash, &mut standing)?;
        let index = IndexFile { names, slots, hash, trees, standing, written: stamp.0, stamp, content };
        let is_ordered = (1..index.len()).all(|at| index.path(at - 1) < index.path(at));
        is_ordered.then_some(index)
    }

    /// How many entries there are; they are numbered in the order of their paths.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// The path of an entry.
    pub fn path(&self, at: usize) -> &[u8] {
        let Slot { path, length, .. } = self.slots[at];
        let names = self.names.as_ref().unwrap_or(&self.content);
        &names[path as usize..][..length as usize]
    }

    /// What is staged there.
    pub fn entry(&self, at: usize) -> Entry {
        let id = &self.row(at)[40..40 + self.hash.len_in_bytes()];
        Entry { mode: self.mode(at), id: BlobId::from_bytes(id).expect("as long as an id") }
    }

    /// As what it is staged.
    pub fn mode(&self, at: usize) -> Mode {
        mode(self.row(at)).expect("it was read before")
    }

    /// What was known of the file.
    pub fn known(&self, at: usize) -> Known {
        let row = self.row(at);
        let number = |at: usize| number(row, at).expect("it was read before");
        Known {
            changed: (number(0), number(4)),
            written: (number(8), number(12)),
            number: number(20),
            owner: (number(28), number(32)),
            size: number(36),
        }
    }

    /// What is known of the trees that its folders stand for.
    pub fn trees(&self) -> Option<&CachedTree> {
        self.trees.as_ref()
    }

    /// Of the entries in `range`, which begin with the same `prefix` bytes, those in one folder there with the first of
    /// them; `None` where that one is in no folder. With the name of the folder.
    pub fn folder(&self, range: Range<usize>, prefix: usize) -> Option<(&[u8], Range<usize>)> {
        let rest = &self.path(range.start)[prefix..];
        let slash = rest.iter().position(|byte| *byte == b'/')?;
        let mut more = range.start + 1..range.end;
        // Most folders are small: the end is found from the near side.
        let is_below = |at: usize| self.path(at)[prefix..].starts_with(&rest[..=slash]);
        let mut step = 1;
        while more.start + step < more.end && is_below(more.start + step) {
            more.start += step + 1;
            step *= 2;
        }
        more.end = more.end.min(more.start + step + 1);
        while more.start < more.end {
            let middle = more.start + (more.end - more.start) / 2;
            match is_below(middle) {
                true => more.start = middle + 1,
                false => more.end = middle,
            }
        }
        Some((&rest[..slash], range.start..more.start))
    }

    fn row(&self, at: usize) -> &[u8] {
        &self.content[self.slots[at].at as usize..]
    }
}

/// The entries while they are read.
struct Entries<'a> {
    body: &'a [u8],
    hash: gix_hash::Kind,
    names: Option<Vec<u8>>,
    at: usize,
    standing: Standing,
    slots: Vec<Slot>,
}

impl Entries<'_> {
    /// Reads one; `None` if it is damaged or out of the ordinary.
    fn next(&mut self) -> Option<()> {
        const HIDDEN: u16 = 0x8000;
        const EXTENDED: u16 = 0x4000;
        const STAGE: u16 = 0x3000;
        const LENGTH: u16 = 0x0fff;
        const SKIPPED: u16 = 0x4000;
        let start = self.at;
        let row = self.body.get(start..)?;
        let flags_at = 40 + self.hash.len_in_bytes();
        let mode = mode(row)?;
        let flags = short(row, flags_at)?;
        let mut path_at = flags_at + 2;
        let mut skipped = false;
        if flags & EXTENDED != 0 {
            let more = short(row, path_at)?;
            path_at += 2;
            skipped = more & SKIPPED != 0;
            if more & !SKIPPED != 0 {
                return None;
            }
        }
        if flags & STAGE != 0 {
            return None;
        }
        if flags & HIDDEN != 0 || skipped || mode == Mode::Submodule {
            self.standing = Standing::Special;
        }
        let named = (flags & LENGTH < LENGTH).then_some(usize::from(flags & LENGTH));
        let (path, length) = match self.names {
            None => self.whole(start + path_at, named, start)?,
            Some(_) => self.shortened(start + path_at, named)?,
        };
        let slot = |number: usize| u32::try_from(number).ok();
        self.slots.push(Slot { at: slot(start)?, path: slot(path)?, length: slot(length)? });
        Some(())
    }

    /// Reads a path as it stands, and the zeros that fill the entry up.
    fn whole(&mut self, path: usize, named: Option<usize>, start: usize) -> Option<(usize, usize)> {
        let rest = self.body.get(path..)?;
        let length = end_of_name(rest, named)?;
        self.at = start + (path - start + length + 8) / 8 * 8;
        (length > 0 && self.at <= self.body.len()).then_some((path, length))
    }

    /// Reads a path that goes on from the one before.
    fn shortened(&mut self, at: usize, named: Option<usize>) -> Option<(usize, usize)> {
        let (dropped, used) = varint(self.body.get(at..)?)?;
        let rest = self.body.get(at + used..)?;
        let end = rest.iter().position(|byte| *byte == 0)?;
        let names = self.names.as_mut()?;
        let last = self.slots.last().map_or(0..0, |slot| slot.path as usize..(slot.path + slot.length) as usize);
        let kept = last.len().checked_sub(dropped)?;
        let path = names.len();
        names.extend_from_within(last.start..last.start + kept);
        names.extend_from_slice(&rest[..end]);
        self.at = at + used + end + 1;
        let length = kept + end;
        (length > 0 && named.is_none_or(|named| named == length)).then_some((path, length))
    }
}

/// How long the path at the beginning of `rest` is, if it ends where it should.
fn end_of_name(rest: &[u8], named: Option<usize>) -> Option<usize> {
    let length = match named {
        Some(length) => length,
        None => rest.iter().position(|byte| *byte == 0)?,
    };
    (*rest.get(length)? == 0).then_some(length)
}

/// The numbers of version 4, as in packs: each byte but the last has its top bit set, and counts one more.
fn varint(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = usize::from(bytes.first()? & 0x7f);
    let mut used = 1;
    while bytes[used - 1] & 0x80 != 0 {
        value = value.checked_add(1)?.checked_mul(128)?.checked_add(usize::from(bytes.get(used)? & 0x7f))?;
        used += 1;
    }
    Some((value, used))
}

/// Reads what follows the entries; `None` if any of it is unknown.
fn extensions(mut rest: &[u8], hash: gix_hash::Kind, standing: &mut Standing) -> Option<Option<CachedTree>> {
    let mut trees = None;
    while !rest.is_empty() {
        let name = rest.get(..4)?;
        let length = usize::try_from(number(rest, 4)?).ok()?;
        let content = rest.get(8..)?.get(..length)?;
        match name {
            b"TREE" => trees = cached_tree(&mut &*content, hash, 0),
            // Who resolved which conflict, which files are not tracked, and where the rest of the file is.
            b"REUC" | b"UNTR" | b"EOIE" | b"IEOT" => {}
            b"FSMN" => *standing = Standing::Special,
            _ => return None,
        }
        rest = &rest[8 + length..];
    }
    Some(trees)
}

/// `name NUL entries SPACE folders LF [id]`, then the folders; -1 entries where something changed.
fn cached_tree(rest: &mut &[u8], hash: gix_hash::Kind, depth: usize) -> Option<CachedTree> {
    let mut until = |end: u8| -> Option<&[u8]> {
        let at = rest.iter().position(|byte| *byte == end)?;
        let (head, tail) = rest.split_at(at);
        *rest = &tail[1..];
        Some(head)
    };
    let name = until(0)?.to_vec();
    let numeral = |text: &[u8]| std::str::from_utf8(text).ok()?.parse::<i64>().ok();
    let count = numeral(until(b' ')?)?;
    let folders = numeral(until(b'\n')?)?;
    let tree = match usize::try_from(count) {
        Err(_) => None,
        Ok(count) => {
            let (id, tail) = rest.split_at_checked(hash.len_in_bytes())?;
            *rest = tail;
            Some((count, TreeId::from_bytes(id)?))
        }
    };
    if depth > DEEPEST {
        return None;
    }
    let below: Option<Vec<CachedTree>> = (0..folders).map(|_| cached_tree(rest, hash, depth + 1)).collect();
    let mut below = below?;
    below.sort_by(|a, b| a.name.cmp(&b.name));
    Some(CachedTree { name, tree, below })
}

fn mode(row: &[u8]) -> Option<Mode> {
    match number(row, 24)? {
        0o100_644 => Some(Mode::File),
        0o100_755 => Some(Mode::Executable),
        0o120_000 => Some(Mode::Link),
        0o160_000 => Some(Mode::Submodule),
        _ => None,
    }
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}
