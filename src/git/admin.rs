//! What Git keeps of each linked worktree, read without Git: one folder of these that is broken stops it everywhere.

use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::Repo;
use crate::host::files;

/// What a folder below `worktrees/` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admin {
    /// The folder.
    pub folder: PathBuf,
    /// The worktree that it is about, as far as it says so.
    pub worktree: Option<PathBuf>,
    /// Whether its link to the repository is gone: then Git fails in every worktree.
    pub is_cut_off: bool,
    /// Whether the worktree is there and leads back here.
    pub is_linked: bool,
}

/// Every one of them, by name.
pub fn all(repo: &Repo) -> Vec<Admin> {
    let folders = fs::read_dir(repo.common_dir.join("worktrees")).into_iter().flatten().flatten();
    let mut found: Vec<Admin> =
        folders.filter(|entry| entry.path().is_dir()).map(|entry| read(&entry.path())).collect();
    found.sort_by(|a, b| a.folder.cmp(&b.folder));
    found
}

fn read(folder: &Path) -> Admin {
    let gitdir = line(&folder.join("gitdir"));
    let worktree = gitdir.as_deref().and_then(Path::parent).map(Path::to_owned);
    let is_linked = gitdir.as_deref().is_some_and(|file| leads_to(file, folder));
    let is_cut_off = line(&folder.join("commondir")).is_none();
    Admin { folder: folder.to_owned(), worktree, is_cut_off, is_linked }
}

/// Writes the link to the repository again: for every linked worktree it is the same.
pub fn link_again(admin: &Admin) -> Result<()> {
    files::write(&admin.folder.join("commondir"), b"../..\n")
}

/// Lets the repository and the worktree in `folder` know of one another again; `admin` is what Git keeps of it. Git writes
/// in place, and would leave an empty file if it were ended then: it is asked only where links are relative.
pub fn repair(repo: &Repo, folder: &Path, admin: &Path) -> Result<()> {
    let (there, back) = (admin.join("gitdir"), folder.join(".git"));
    let is_relative = line(&there).is_some_and(|path| path.is_relative());
    if is_relative || repo.config("worktree.useRelativePaths")?.is_some_and(|set| set != "false") {
        let git = repo.git().args(["worktree", "repair", "--"]).arg(folder);
        return git.run().context("git cannot mend it");
    }
    let line = |text: &[u8], path: &Path| [text, path.as_os_str().as_bytes(), b"\n"].concat();
    files::write(&there, &line(b"", &back))?;
    match leads_to(&back, admin) {
        true => Ok(()),
        false => files::write(&back, &line(b"gitdir: ", admin)),
    }
}

/// The worktree in `folder`, if it is one that leads to `admin`: moved there by hand.
pub fn is_moved_to(folder: &Path, admin: &Path) -> bool {
    leads_to(&folder.join(".git"), admin)
}

/// Whether the `.git` file of a worktree names this folder.
fn leads_to(file: &Path, admin: &Path) -> bool {
    let Ok(content) = fs::read(file) else { return false };
    let Some(named) = content.strip_prefix(b"gitdir: ").map(|rest| rest.trim_ascii_end().to_vec()) else {
        return false;
    };
    let named = PathBuf::from(std::ffi::OsString::from_vec(named));
    let named = if named.is_absolute() { named } else { file.parent().unwrap_or(file).join(named) };
    named == *admin || named.canonicalize().is_ok_and(|named| admin.canonicalize().is_ok_and(|admin| admin == named))
}

/// The one line of a file, as a path; `None` where there is none, or nothing in it.
fn line(path: &Path) -> Option<PathBuf> {
    let content = fs::read(path).ok()?;
    let line = content.trim_ascii_end();
    (!line.is_empty()).then(|| PathBuf::from(std::ffi::OsString::from_vec(line.to_vec())))
}
