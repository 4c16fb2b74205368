//! Git's lock files: one that a child of ours left when it was ended is removed; any other is named, and left alone.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Error, Result};

use super::change::Change;
use super::record::Record;
use crate::git::Repo;
use crate::host::{clock, files, folders};
use crate::model::Failure;

/// How long, in seconds, after a step began its child may have taken a lock: those of refs come first.
const SOON: i64 = 10;
/// How old, in seconds, a lock is that no living Git still holds for moving a few refs.
const OLD: i64 = 2;
const PAUSE: Duration = Duration::from_millis(100);

/// Removes the lock files that a child of the run left: on what the record names, taken just after its last step began,
/// and not let go since. No child lives any more: each has a share of the lock that is held now.
pub(super) fn remove_ours(repo: &Repo, record: &Record) -> Result<()> {
    let mark = Record::path(repo);
    let began = files::written(&mark).map_or(record.time, |(at, _)| at);
    for path in paths(repo, &record.changes).into_iter().filter(|path| !files::is_older(path, &mark)) {
        remove_old(&path, |at| at <= began + SOON)?;
    }
    Ok(())
}

/// Removes the lock files of refs that nobody else has: a child of ours left them.
pub(super) fn remove_below_own(repo: &Repo) -> Result<()> {
    let mut waiting = vec![repo.common_dir.join("refs/tracks")];
    while let Some(folder) = waiting.pop() {
        for name in folders::names(&folder)? {
            let path = folder.join(&name);
            match path.extension() {
                Some(ending) if ending == "lock" => remove_old(&path, |_| true)?,
                _ if files::is_folder(&path) => waiting.push(path),
                _ => {}
            }
        }
    }
    Ok(())
}

/// Removes a lock file that was taken then, once no Git can still be about to let it go.
fn remove_old(path: &Path, then: impl Fn(i64) -> bool) -> Result<()> {
    while let Some((at, _)) = files::written(path).filter(|(at, _)| then(*at)) {
        if clock::seconds() - at >= OLD {
            return files::remove(path);
        }
        std::thread::sleep(PAUSE);
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
        // Git checks it out, and moves it to where it is.
        Change::Made(made) => Some(repo.common_dir.join(format!("refs/heads/{}.lock", made.branch))),
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
