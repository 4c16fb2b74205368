//! Every file, link and folder of a worktree that is tracked, or untracked and not ignored, read as it lies there: no
//! filter is applied and no link followed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rayon::prelude::*;

use super::manifest::{Item, Why, is_git_folder};
use super::store::Store;
use crate::git::index::Row;
use crate::git::status::Status;
use crate::host::below::{Folder, Kind, Look};
use crate::model::RepoPath;

/// Larger files are not held in memory.
const IN_MEMORY: u64 = 32 << 20;

/// What was found in a worktree.
#[derive(Clone, Debug, Default)]
pub struct Walk {
    /// What stands where.
    pub files: BTreeMap<RepoPath, Item>,
    /// As what the file system described it: whoever writes there makes sure that it still does.
    pub looks: BTreeMap<RepoPath, Look>,
    /// What is not in it, or not for certain.
    pub left_out: Vec<(RepoPath, Why)>,
}

/// What Git says about a worktree.
pub struct Known {
    tracked: BTreeSet<RepoPath>,
    /// Paths of files and folders.
    ignored: BTreeSet<RepoPath>,
    /// Folders with repositories of their own.
    repositories: BTreeSet<RepoPath>,
    nested: BTreeSet<RepoPath>,
}

impl Known {
    /// Joins what `git status` and `git ls-files` say.
    pub fn new(worktree: &Path, nested: &[PathBuf], (status, ignored): (&Status, &[Vec<u8>]), rows: &[Row]) -> Known {
        let below =
            |path: &PathBuf| RepoPath::try_new(path.strip_prefix(worktree).ok()?.as_os_str().as_encoded_bytes());
        let (submodules, tracked): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| row.submodule);
        let submodules = submodules.into_iter().map(|row| row.path.clone());
        Known {
            tracked: tracked.into_iter().map(|row| row.path.clone()).collect(),
            ignored: ignored.iter().filter_map(RepoPath::try_new).collect(),
            repositories: status.embedded.iter().cloned().chain(submodules).collect(),
            nested: nested.iter().filter_map(below).collect(),
        }
    }

    /// Whether a tracked file lies in `folder`, which may be ignored as a whole.
    fn has_tracked(&self, folder: &RepoPath) -> bool {
        let mut after = self.tracked.range(folder.join(b"")..);
        after.next().is_some_and(|path| path.is_within(folder))
    }
}

/// One folder with what is to be read in it.
struct Room {
    path: Option<RepoPath>,
    entries: Vec<(Vec<u8>, Look)>,
}

/// Reads the worktree behind `root`.
pub fn read(root: &Folder, known: &Known, store: &Store) -> Result<Walk> {
    let mut walk = Walk::default();
    let mut rooms = Vec::new();
    let mut waiting: Vec<(Option<RepoPath>, Within)> = vec![(None, Within::Work)];
    while let Some((path, within)) = waiting.pop() {
        // Gone meanwhile: then it is not in the checkpoint.
        let Some(folder) = root.below(path.as_ref())? else { continue };
        let mut room = Room { path, entries: Vec::new() };
        for name in folder.names().with_context(|| format!("cannot read the folder `{}`", shown(&room.path)))? {
            let at = room.path.as_ref().map_or_else(|| RepoPath::new(&name), |folder| folder.join(&name));
            if is_git_folder(&name) {
                // At the root it is Git's own.
                walk.left_out.extend(room.path.is_some().then_some((at, Why::Repository)));
                continue;
            }
            let Some(look) = folder.look(&name)? else { continue };
            match (look.kind, known.place(&at, within, look.kind)) {
                (_, Place::Out) => {}
                (_, Place::Named(why)) => walk.left_out.push((at, why)),
                (Kind::Folder, Place::In(within)) => {
                    walk.files.insert(at.clone(), Item::Folder(look.mode));
                    waiting.push((Some(at), within));
                }
                (_, Place::In(_)) => room.entries.push((name, look)),
            }
        }
        rooms.push(room);
    }
    let read: Vec<Vec<Found>> = rooms.par_iter().map(|room| room.read(root, store)).collect::<Result<_>>()?;
    for found in read.into_iter().flatten() {
        match found {
            Found::Item(path, item, look) => {
                walk.files.insert(path.clone(), item);
                walk.looks.insert(path, look);
            }
            Found::Changing(path, item) => {
                item.map(|item| walk.files.insert(path.clone(), item));
                walk.left_out.push((path, Why::Changing));
            }
        }
    }
    walk.left_out.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(walk)
}

/// What a folder is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Within {
    /// What is saved, unless a pattern ignores it.
    Work,
    /// What is ignored: only tracked files in it count.
    Ignored,
}

/// What becomes of something in a worktree.
enum Place {
    In(Within),
    Out,
    Named(Why),
}

impl Known {
    fn place(&self, path: &RepoPath, within: Within, kind: Kind) -> Place {
        let ignored = within == Within::Ignored || self.ignored.contains(path);
        match kind {
            _ if self.nested.contains(path) => Place::Out,
            Kind::Folder if self.repositories.contains(path) => Place::Named(Why::Repository),
            Kind::Folder if !ignored => Place::In(Within::Work),
            Kind::Folder if self.has_tracked(path) => Place::In(Within::Ignored),
            Kind::Folder => Place::Out,
            _ if ignored && !self.tracked.contains(path) => Place::Out,
            Kind::Other => Place::Named(Why::Special),
            _ => Place::In(Within::Work),
        }
    }
}

/// What came of reading something.
enum Found {
    Item(RepoPath, Item, Look),
    /// It was not the same before and after; the item is what was read.
    Changing(RepoPath, Option<Item>),
}

impl Room {
    fn read(&self, root: &Folder, store: &Store) -> Result<Vec<Found>> {
        let Some(folder) = root.below(self.path.as_ref())? else { return Ok(Vec::new()) };
        let read = |(name, look): &(Vec<u8>, Look)| {
            let path = self.path.as_ref().map_or_else(|| RepoPath::new(name), |folder| folder.join(name));
            let item = read_item(&folder, name, *look, store);
            let same = folder.look(name)? == Some(*look);
            match item {
                Ok(item) if same => Ok(Found::Item(path, item, *look)),
                Ok(item) => Ok(Found::Changing(path, Some(item))),
                Err(_) if !same => Ok(Found::Changing(path, None)),
                Err(error) => Err(error).with_context(|| format!("cannot read `{path}`")),
            }
        };
        self.entries.iter().map(read).collect()
    }
}

fn read_item(folder: &Folder, name: &[u8], look: Look, store: &Store) -> Result<Item> {
    if look.kind == Kind::Link {
        return Ok(Item::Link(store.keep(&folder.link(name)?)?));
    }
    let id = match look.size > IN_MEMORY {
        true => store.keep_long(look.size, || Ok(folder.file(name)?.exactly(look.size)))?,
        false => store.keep(&folder.file(name)?.content(look.size)?)?,
    };
    Ok(Item::File(look.mode, id))
}

fn shown(path: &Option<RepoPath>) -> String {
    path.as_ref().map_or(".".to_owned(), RepoPath::to_string)
}
