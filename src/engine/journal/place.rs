//! Where things go that are being deleted, and where those are kept that nobody wanted to lose.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;

use crate::git::Repo;
use crate::host::{clock, files, folders};

/// The folder, among what can be lost, that holds what must not be.
pub const KEPT: &str = "kept";

/// Where kept files lie, for people: below the folder of what can be lost.
pub fn kept_in(state: &Path) -> String {
    state.join(KEPT).display().to_string()
}

/// What is being deleted: gone with the next command, whoever was interrupted.
pub fn trash(repo: &Repo) -> PathBuf {
    repo.state_dir().join("trash")
}

/// A place in the trash that nobody has.
pub fn new_in_trash(repo: &Repo) -> PathBuf {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    trash(repo).join(format!("{}-{number}", std::process::id()))
}

/// A new place for files of a track that would have been lost: `kept/<time>-<track>`.
pub fn kept(repo: &Repo, track: &str) -> PathBuf {
    let home = repo.state_dir().join(KEPT);
    let name = format!("{}-{track}", clock::stamp(clock::seconds()));
    let names = std::iter::once(name.clone()).chain((2..).map(|number| format!("{name}-{number}")));
    let mut free = names.map(|name| home.join(name)).filter(|path| !files::is_there(path));
    free.next().unwrap_or(home)
}

/// Moves a file or a folder to a place that is free, making the folders it lies in.
pub fn shift(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        folders::make(folder)?;
    }
    files::rename(from, to)
}
