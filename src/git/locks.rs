//! Git's lock files, wherever it puts them: found and described, never touched.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::Repo;

/// A lock file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where it is.
    pub path: PathBuf,
    /// How many seconds ago it was made.
    pub age: u64,
    /// The number of the user that it belongs to.
    pub user: u32,
}

/// Those of Git folders, beside what they are about.
const NAMES: [&str; 6] =
    ["index.lock", "HEAD.lock", "config.lock", "packed-refs.lock", "shallow.lock", "config.worktree.lock"];

/// Every lock file of the repository: of what all worktrees share, of each worktree, and of refs.
pub fn all(repo: &Repo) -> Vec<Found> {
    let below = |folder: PathBuf| fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let folders = std::iter::once(repo.common_dir.clone()).chain(below(repo.common_dir.join("worktrees")));
    let mut paths: Vec<PathBuf> = folders.flat_map(|folder| NAMES.map(|name| folder.join(name))).collect();
    let mut waiting = vec![repo.common_dir.join("refs"), repo.common_dir.join("reftable")];
    while let Some(folder) = waiting.pop() {
        for path in below(folder) {
            match path.symlink_metadata() {
                Ok(found) if found.is_dir() => waiting.push(path),
                Ok(_) if path.extension().is_some_and(|ending| ending == "lock") => paths.push(path),
                _ => {}
            }
        }
    }
    let mut found: Vec<Found> = paths.iter().filter_map(|path| describe(path)).collect();
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn describe(path: &Path) -> Option<Found> {
    let found = path.symlink_metadata().ok()?;
    let age = found.modified().ok().and_then(|at| SystemTime::now().duration_since(at).ok());
    Some(Found { path: path.to_owned(), age: age.map_or(0, |age| age.as_secs()), user: found.uid() })
}
