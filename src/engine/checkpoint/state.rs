//! What a worktree's Git folder holds of an unfinished merge, rebase, pick or bisection: read, and put back.

use std::collections::BTreeMap;

use anyhow::{Context, Result};

use crate::host::below::{Folder, Kind};
use crate::model::RepoPath;

/// Files that Git keeps while it is in the middle of something, or remembers of it.
const FILES: [&str; 21] = [
    "AUTO_MERGE",
    "BISECT_ANCESTORS_OK",
    "BISECT_EXPECTED_REV",
    "BISECT_FIRST_PARENT",
    "BISECT_HEAD",
    "BISECT_LOG",
    "BISECT_NAMES",
    "BISECT_RUN",
    "BISECT_START",
    "BISECT_TERMS",
    "CHERRY_PICK_HEAD",
    "MERGE_AUTOSTASH",
    "MERGE_HEAD",
    "MERGE_MODE",
    "MERGE_MSG",
    "MERGE_RR",
    "ORIG_HEAD",
    "REBASE_HEAD",
    "REVERT_HEAD",
    "SQUASH_MSG",
    // What a sparse checkout holds back: the index marks the same files.
    "info/sparse-checkout",
];

/// Folders of the same kind.
const FOLDERS: [&str; 3] = ["rebase-apply", "rebase-merge", "sequencer"];

/// What the rest of a split index is called, before its id.
const SHARED: &str = "sharedindex.";

/// A file with its permissions and content.
pub type Saved = (u32, Vec<u8>);

/// Whether a path in the Git folder is that of such a file.
pub fn is_ours(path: &RepoPath) -> bool {
    let path = path.as_bstr();
    let below = |folder: &&str| path.strip_prefix(folder.as_bytes()).is_some_and(|rest| rest.first() == Some(&b'/'));
    let shared = path.strip_prefix(SHARED.as_bytes()).is_some_and(|id| id.iter().all(u8::is_ascii_hexdigit));
    shared || FILES.iter().any(|file| path == *file) || FOLDERS.iter().any(below)
}

/// Reads all of it, and the rest of `index`, if that is split.
pub fn read(git_dir: &Folder, index: &[u8]) -> Result<BTreeMap<RepoPath, Saved>> {
    let mut found = BTreeMap::new();
    for name in FILES {
        file(git_dir, &RepoPath::new(name), &mut found)?;
    }
    for name in FOLDERS {
        folder(git_dir, &RepoPath::new(name), &mut found)?;
    }
    for name in git_dir.names()? {
        let id = name.strip_prefix(SHARED.as_bytes()).and_then(raw_id);
        if id.is_some_and(|id| index.windows(id.len()).any(|window| window == id)) {
            file(git_dir, &RepoPath::new(&name), &mut found)?;
        }
    }
    Ok(found)
}

/// Removes all that [`read`] would find, with the folders it lies in. The rest of a split index stays: others may need
/// it.
pub fn remove(git_dir: &Folder) -> Result<()> {
    for path in read(git_dir, &[])?.into_keys() {
        if let Some(folder) = git_dir.below(path.parent().as_ref())? {
            folder.remove(path.file_name())?;
        }
    }
    for name in FOLDERS {
        remove_empty(git_dir, name.as_bytes())?;
    }
    Ok(())
}

fn remove_empty(parent: &Folder, name: &[u8]) -> Result<()> {
    let Some(found) = parent.below(Some(&RepoPath::new(name)))? else { return Ok(()) };
    for below in found.names()? {
        remove_empty(&found, &below)?;
    }
    parent.remove_folder(name).map(drop)
}

fn file(git_dir: &Folder, path: &RepoPath, found: &mut BTreeMap<RepoPath, Saved>) -> Result<()> {
    let named = || format!("cannot read `{path}` in the Git folder");
    let Some(folder) = git_dir.below(path.parent().as_ref()).with_context(named)? else { return Ok(()) };
    if folder.look(path.file_name()).with_context(named)?.is_some_and(|look| look.kind == Kind::File) {
        let mut opened = folder.file(path.file_name()).with_context(named)?;
        let look = opened.look()?;
        found.insert(path.clone(), (look.mode, opened.content(look.size).with_context(named)?));
    }
    Ok(())
}

fn folder(git_dir: &Folder, path: &RepoPath, found: &mut BTreeMap<RepoPath, Saved>) -> Result<()> {
    let Some(opened) = git_dir.below(Some(path))? else { return Ok(()) };
    for name in opened.names()? {
        let below = path.join(&name);
        match opened.look(&name)?.map(|look| look.kind) {
            Some(Kind::Folder) => folder(git_dir, &below, found)?,
            Some(Kind::File) => file(git_dir, &below, found)?,
            _ => {}
        }
    }
    Ok(())
}

/// The bytes of an id in hexadecimal.
fn raw_id(hex: &[u8]) -> Option<Vec<u8>> {
    crate::model::BlobId::from_hex(hex).map(|id| id.as_bytes().to_vec())
}
