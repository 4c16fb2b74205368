//! A look at all files of a worktree, folder by folder: which are for certain as the index has them, which are for certain
//! not, and which it takes Git to say anything of. Reads no content, and never what a link leads to.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use crate::git::index_file::{IndexFile, Known, Standing};
use crate::host::below::Kind;
use crate::host::below::seen::{Seen, Shelf};
use crate::model::{Mode, RepoPath};

/// Folders below one another; where there are more, Git looks.
const DEEPEST: usize = 500;
/// With so many files in a folder, those below it are worth several threads.
const MANY: usize = 2000;

/// A path at which a worktree is not for certain as its index has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// A file; where it is [`What::Open`], maybe a folder with everything in it.
    pub path: RepoPath,
    /// What is known of it.
    pub what: What,
}

/// What a look tells of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The file is not there.
    Gone,
    /// Its size or its mode is another one: the mode as which it would be staged, and the number of its entry.
    Changed(Mode, usize),
    /// Only Git can say.
    Open,
}

/// Looks at everything in `worktree` but the folders `nested`. `None` where anything is out of the ordinary, or Git would
/// have to be asked of more than `most` paths.
pub fn look(worktree: &Path, index: &IndexFile, nested: &BTreeSet<RepoPath>, most: usize) -> Option<Vec<Found>> {
    let racy = (0..index.len()).filter(|at| is_racy(index, &index.known(*at))).count();
    if index.standing != Standing::Plain || racy > most {
        return None;
    }
    let look = Look { index, nested, left: AtomicUsize::new(most) };
    let root = Shelf::open(worktree).ok()?;
    let mut found = Vec::new();
    look.folder(&root, (&Place { path: &[], depth: 0 }, 0..index.len()), &mut found)?;
    Some(found)
}

struct Look<'a> {
    index: &'a IndexFile,
    nested: &'a BTreeSet<RepoPath>,
    /// Of how many paths Git can still be asked.
    left: AtomicUsize,
}

/// A folder: its path, with a slash at the end unless it is the root.
struct Place<'a> {
    path: &'a [u8],
    depth: usize,
}

impl Place<'_> {
    fn join(&self, name: &[u8]) -> RepoPath {
        RepoPath::new([self.path, name].concat())
    }
}

/// What the index has in a folder, and whether all of it was found there, as what it is.
struct Contents<'a> {
    files: Vec<&'a [u8]>,
    folders: Vec<(&'a [u8], Range<usize>)>,
    complete: bool,
}

/// A folder by its name, and which entries of the index lie below it.
type Entered<'a> = (&'a [u8], Shelf, Range<usize>);

impl<'a> Look<'a> {
    /// Looks at a folder, of which the index has the entries in `range`. Files first, then the names in it, then the folders.
    fn folder(&self, shelf: &Shelf, (place, range): (&Place, Range<usize>), found: &mut Vec<Found>) -> Option<()> {
        if place.depth > DEEPEST {
            return None;
        }
        let mut contents = self.files(shelf, (place, range.clone()), found)?;
        let entered = self.enter(shelf, (place, &mut contents), found)?;
        self.names(shelf, (place, &contents), found)?;
        let below = |(name, shelf, range): &Entered, found: &mut Vec<Found>| {
            let path = [place.path, name, b"/"].concat();
            self.folder(shelf, (&Place { path: &path, depth: place.depth + 1 }, range.clone()), found)
        };
        if range.len() < MANY {
            return entered.iter().try_for_each(|folder| below(folder, found));
        }
        let several = entered.par_iter().map(|folder| {
            let mut found = Vec::new();
            below(folder, &mut found).map(|()| found)
        });
        found.extend(several.collect::<Option<Vec<_>>>()?.into_iter().flatten());
        Some(())
    }

    /// Looks at the files that the index has in a folder itself.
    fn files(
        &self,
        shelf: &Shelf,
        (place, range): (&Place, Range<usize>),
        found: &mut Vec<Found>,
    ) -> Option<Contents<'a>> {
        let prefix = place.path.len();
        let mut contents = Contents { files: Vec::new(), folders: Vec::new(), complete: true };
        let mut at = range.start;
        while at < range.end {
            if let Some((name, below)) = self.index.folder(at..range.end, prefix) {
                at = below.end;
                contents.folders.push((name, below));
                continue;
            }
            let name = &self.index.path(at)[prefix..];
            if is_odd(name) {
                return None;
            }
            let seen = shelf.see(name).ok()?;
            contents.files.push(name);
            contents.complete &= seen.is_some_and(|seen| seen.kind != Kind::Folder);
            if let Some(what) = self.judge(at, seen.as_ref()) {
                found.push(self.noted(Found { path: place.join(name), what })?);
            }
            at += 1;
        }
        Some(contents)
    }

    /// Opens the folders that the index has in a folder; everything in one that is not there, or is none, is gone.
    fn enter(
        &self,
        shelf: &Shelf,
        (place, contents): (&Place, &mut Contents<'a>),
        found: &mut Vec<Found>,
    ) -> Option<Vec<Entered<'a>>> {
        let mut entered = Vec::with_capacity(contents.folders.len());
        let mut missing = Vec::new();
        for (name, range) in contents.folders.drain(..) {
            if is_odd(name) || self.nested.contains(&place.join(name)) {
                return None;
            }
            match shelf.folder(name).ok()? {
                Some(shelf) => entered.push((name, shelf, range)),
                None => missing.push(range),
            }
        }
        for at in missing.into_iter().flatten() {
            contents.complete = false;
            found.push(Found { path: RepoPath::new(self.index.path(at)), what: What::Gone });
        }
        contents.folders = entered.iter().map(|(name, _, range)| (*name, range.clone())).collect();
        Some(entered)
    }

    /// Finds the names that the index does not have. There are none for certain where a folder has no more names than were
    /// found of those in the index.
    fn names(&self, shelf: &Shelf, (place, contents): (&Place, &Contents), found: &mut Vec<Found>) -> Option<()> {
        let mut names: Vec<u8> = Vec::new();
        let mut count = 0;
        let mut is_repository = false;
        let read = shelf.each_name(|name| match name {
            b".git" => is_repository = true,
            _ => {
                count += 1;
                names.extend_from_slice(name);
                names.push(0);
            }
        });
        read.ok()?;
        if is_repository && !place.path.is_empty() {
            return None;
        }
        if contents.complete && count == contents.files.len() + contents.folders.len() {
            return Some(());
        }
        let folders = contents.folders.iter().map(|(name, _)| *name);
        let known: BTreeSet<&[u8]> = contents.files.iter().copied().chain(folders).collect();
        let names = names.split(|byte| *byte == 0).filter(|name| !name.is_empty());
        for name in names.filter(|name| !known.contains(name)) {
            let path = place.join(name);
            if !self.nested.contains(&path) {
                found.push(self.noted(Found { path, what: What::Open })?);
            }
        }
        Some(())
    }

    /// What is known of a file; `None` if it is for certain as the index has it.
    fn judge(&self, at: usize, seen: Option<&Seen>) -> Option<What> {
        let Some(seen) = seen else { return Some(What::Gone) };
        let staged = self.index.mode(at);
        let known = self.index.known(at);
        let is_same_kind = match staged {
            Mode::File | Mode::Executable => seen.kind == Kind::File,
            Mode::Link => seen.kind == Kind::Link,
            Mode::Submodule => false,
        };
        if !is_same_kind {
            return Some(What::Open);
        }
        let mode = match (staged, seen.executable) {
            (Mode::Link, _) => Mode::Link,
            (_, true) => Mode::Executable,
            (_, false) => Mode::File,
        };
        let size = u32::try_from(seen.size).ok();
        // Git cuts larger ones, and enters 0 where it has yet to look at the content.
        let other_size = size.is_some_and(|size| size != known.size) && known.size != 0;
        if mode != staged || other_size {
            return Some(What::Changed(mode, at));
        }
        let is_settled = known.size != 0 || self.index.entry(at).id.raw().is_empty_blob();
        match is_same(&known, seen, size) && is_settled && !is_racy(self.index, &known) {
            true => None,
            false => Some(What::Open),
        }
    }

    /// Counts what Git has to be asked; `None` if that is too much.
    fn noted(&self, found: Found) -> Option<Found> {
        let counts = found.what == What::Open;
        let less = |left: usize| left.checked_sub(1);
        let is_left = !counts || self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok();
        is_left.then_some(found)
    }
}

/// Whether a file may have been written after it was entered, and within the same second.
fn is_racy(index: &IndexFile, known: &Known) -> bool {
    i64::from(known.written.0) >= index.written
}

/// Whether nothing of what the file system says of a file has changed since it was entered.
fn is_same(known: &Known, seen: &Seen, size: Option<u32>) -> bool {
    let cut = |(seconds, part): (i64, u32)| (seconds as u32, part);
    Some(known.size) == size
        && known.written == cut(seen.written)
        && known.changed == cut(seen.changed)
        && known.number == seen.number as u32
        && known.owner == seen.owner
}

/// Names that Git never enters, and that lead elsewhere.
fn is_odd(name: &[u8]) -> bool {
    matches!(name, b"" | b"." | b".." | b".git")
}
