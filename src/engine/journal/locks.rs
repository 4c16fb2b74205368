//! Git's lock files: one that a child of ours left when it was ended is removed; any other is named, and left alone.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Error, Result};

use super::change::Change;
use super::record::Record;
use crate::git::Repo;
use crate::host::{clock, files};
use crate::model::Failure;

/// How long, in seconds, after a step began its child may have taken a lock: those of refs come first.
const SOON: i64 = 10;
/// How old, in seconds, a lock is that no living Git still holds for moving a few refs.
const OLD: i64 = 2;
const PAUSE: Duration = Duration::from_millis(100);

/// Removes the lock files that a child of the run left: on what the record names, taken just after its last step began,
/// and not let go since. No child lives any more: each has a share of the lock that is held now.
pub(super) fn remove_ours(repo: &Repo, record: &Record) -> Result<()> {
    let began = Record::written(repo).unwrap_or(record.time);
    for path in paths(repo, &record.changes) {
        while let Some((at, _)) = files::written(&path) {
            if !(began - 1..=began + SOON).contains(&at) {
                break;
            }
            if clock::seconds() - at >= OLD {
                files::remove(&path)?;
                break;
            }
            std::thread::sleep(PAUSE);
        }
    }
    Ok(())
}

/// An error with the locks that stand in the way of `changes`, whose they are and how old.
pub(super) fn named(repo: &Repo, changes: &[Change], error: Error) -> Error {
    let common = ["index.lock", "config.lock", "HEAD.lock", "shallow.lock"].map(|name| repo.common_dir.join(name));
    let held = paths(repo, changes).into_iter().chain(common);
    let hints: Vec<String> = held.filter_map(|path| described(&path)).collect();
    if hints.is_empty() || !format!("{error:#}").contains(".lock") {
        return error;
    }
    match error.downcast::<Failure>() {
        Ok(failure) => hints.into_iter().fold(failure, Failure::hint).into(),
        Err(error) => hints.into_iter().fold(Failure::usage(format!("{error:#}")), Failure::hint).into(),
    }
}

/// A lock file, whose it is, and how old.
pub fn described(path: &Path) -> Option<String> {
    let (at, user) = files::written(path)?;
    let age = (clock::seconds() - at).max(0);
    let path = path.display();
    Some(format!(
        "`{path}` is there, {age} s old, of user {user}: wait for that git to end; if none runs any more, remove it"
    ))
}

/// Where Git locks what the changes name.
fn paths(repo: &Repo, changes: &[Change]) -> Vec<PathBuf> {
    let of = |change: &Change| match change {
        Change::Ref { name, .. } => Some(repo.common_dir.join(format!("{name}.lock"))),
        _ => None,
    };
    let mut paths: Vec<PathBuf> = changes.iter().filter_map(of).collect();
    if !paths.is_empty() {
        paths.extend(
            ["packed-refs.lock", "packed-refs.new", "reftable/tables.list.lock"].map(|n| repo.common_dir.join(n)),
        );
    }
    paths
}
