//! The files of a worktree as `git add` would store them, written into the scratch and never into an index of the user.

use std::fs;
use std::path::{Component, Path};

use anyhow::{Context, Result, bail};
use bstr::ByteSlice;

use super::quote::quoted;
use super::{Git, Objects, Scratch};
use crate::model::{BlobId, Entry, Mode, RepoPath};

/// Staged files up to this size are looked into for their line ends.
const LOOKED_INTO: u64 = 16 << 20;

/// Files that are laid out are no larger.
const LARGEST: u64 = 64 << 20;

/// A regular file of a worktree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnDisk {
    /// Where.
    pub path: RepoPath,
    /// As what it is stored.
    pub mode: Mode,
    /// What is staged at its path; `None` where it is untracked.
    pub staged: Option<BlobId>,
}

/// Writes what is stored into `folder`, as it is stored, by the same paths. What is no file is left out, and so is a path
/// that leads elsewhere.
pub fn lay_out(objects: &Objects, files: &[(RepoPath, Entry)], folder: &Path) -> Result<()> {
    for (path, entry) in files.iter().filter(|(_, entry)| entry.mode.is_file()) {
        let below = path.as_bstr().to_path()?;
        if !below.components().all(|part| matches!(part, Component::Normal(_))) {
            continue;
        }
        let content = objects.blob(entry.id, LARGEST)?;
        let content = content.with_context(|| format!("`{path}` is larger than {} MiB", LARGEST >> 20))?;
        let place = folder.join(below);
        place.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(&place, content)?;
    }
    Ok(())
}

/// Stores files: filters and line ends as `git add` would apply them.
pub fn read(scratch: &Scratch, worktree: &Path, files: &[OnDisk]) -> Result<Vec<(RepoPath, Option<Entry>)>> {
    let (by_index, alone): (Vec<&OnDisk>, Vec<&OnDisk>) = files.iter().partition(|file| keeps_crlf(scratch, file));
    let mut ids = hash(scratch, worktree, &alone)?;
    ids.extend(stage(scratch, worktree, &by_index)?);
    let files = alone.into_iter().chain(by_index);
    Ok(files.zip(ids).map(|(file, id)| (file.path.clone(), Some(Entry { mode: file.mode, id }))).collect())
}

/// Whether what is staged may have CR LF line ends: where Git is left to guess which files are text, it leaves those of
/// such a file alone, and only an index tells it.
fn keeps_crlf(scratch: &Scratch, file: &OnDisk) -> bool {
    let Some(staged) = file.staged else { return false };
    match scratch.objects().blob(staged, LOOKED_INTO) {
        Ok(Some(content)) => content.contains_str("\r\n"),
        // The empty blob of `git add --intent-to-add` need not be there, and holds nothing.
        Err(_) => false,
        Ok(None) => true,
    }
}

fn hash(scratch: &Scratch, worktree: &Path, files: &[&OnDisk]) -> Result<Vec<BlobId>> {
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let lines = files.iter().flat_map(|file| [quoted(file.path.as_bstr()), b"\n".to_vec()]);
    let git = scratch.git_at(worktree).args(["hash-object", "-w", "--stdin-paths"]);
    let printed = git.input(lines.flatten().collect::<Vec<u8>>()).stdout()?;
    counted(printed.lines().filter_map(BlobId::from_hex).collect(), files)
}

/// By way of an index of their own, which holds what is staged at their paths and nothing else.
fn stage(scratch: &Scratch, worktree: &Path, files: &[&OnDisk]) -> Result<Vec<BlobId>> {
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let home = scratch.folder()?;
    // A split index would leave a part of itself in the Git folder.
    let git = |words: &[&str]| -> Git {
        let git = scratch.git_at(worktree).env("GIT_INDEX_FILE", home.path().join("index"));
        git.args(["-c", "core.splitIndex=false", "-c", "core.fsmonitor=false"]).args(words)
    };
    let entry = |file: &&OnDisk| -> Option<Vec<u8>> {
        let head = format!("{} {}\t", file.mode.octal(), file.staged?);
        Some([head.as_bytes(), file.path.as_bstr(), b"\0"].concat())
    };
    let entries: Vec<u8> = files.iter().filter_map(entry).flatten().collect();
    git(&["update-index", "-z", "--index-info"]).input(entries).run()?;
    let paths = files.iter().flat_map(|file| [file.path.as_bstr().as_bytes(), b"\0"].concat()).collect::<Vec<u8>>();
    git(&["update-index", "-z", "--stdin"]).input(paths).run()?;
    let printed = git(&["ls-files", "--stage", "-z"]).stdout()?;
    let found: Vec<(&[u8], BlobId)> = printed.split(|b| *b == 0).filter_map(staged_line).collect();
    let id = |file: &&OnDisk| {
        let found = found.iter().find(|(path, _)| *path == file.path.as_bstr())?;
        Some(found.1)
    };
    counted(files.iter().filter_map(id).collect(), files)
}

/// `mode id stage TAB path`
fn staged_line(line: &[u8]) -> Option<(&[u8], BlobId)> {
    let (info, path) = line.split_once_str("\t")?;
    Some((path, BlobId::from_hex(info.split(|b| *b == b' ').nth(1)?)?))
}

fn counted(ids: Vec<BlobId>, files: &[&OnDisk]) -> Result<Vec<BlobId>> {
    if ids.len() != files.len() {
        bail!("git read {} of {} files", ids.len(), files.len());
    }
    Ok(ids)
}
