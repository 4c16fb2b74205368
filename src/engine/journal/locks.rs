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
    for path in paths(repo, &record.changes).into_iter().filter(|path| is_of(path, record, repo)) {
        let began = began(&path, record, &mark);
        remove_old(&path, |at| at <= began + SOON)?;
    }
    Ok(())
}

/// When the step began that takes a lock: files take their time, and refs come right after the index is written.
fn began(path: &Path, record: &Record, mark: &Path) -> i64 {
    let at = |path: &Path| files::written(path).map(|(at, _)| at);
    let marked = at(mark).unwrap_or(record.time);
    let indexes = record.changes.iter().filter_map(|change| match change {
        Change::Moved(moved) if moved.lock() != path => at(&moved.git_dir.join("index")),
        _ => None,
    });
    indexes.fold(marked, i64::max)
}

fn is_of(path: &Path, record: &Record, repo: &Repo) -> bool {
    let mark = Record::path(repo);
    let soon = || files::written(path).is_some_and(|(at, _)| at <= began(path, record, &mark) + SOON);
    !files::is_older(path, &mark) && soon()
}

/// Whether nobody has a lock, or a child of the run left it.
pub(super) fn is_free_or_ours(path: &Path, record: &Record, repo: &Repo) -> bool {
    !files::is_there(path) || is_of(path, record, repo)
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
        Change::Ref { name, .. } => vec![repo.common_dir.join(format!("{name}.lock"))],
        // Git checks it out, and moves it to where it is.
        Change::Made(made) => vec![repo.common_dir.join(format!("refs/heads/{}.lock", made.branch))],
        Change::Moved(moved) => {
            // Git clears away what an earlier merge has left.
            let refs = ["HEAD", "ORIG_HEAD", "AUTO_MERGE", "MERGE_AUTOSTASH", "MERGE_HEAD", "REVERT_HEAD"];
            let refs = refs.into_iter().chain(["CHERRY_PICK_HEAD", "reftable/tables.list", "index"]);
            let own = refs.map(|name| moved.git_dir.join(format!("{name}.lock")));
            own.chain([repo.common_dir.join(format!("{}.lock", moved.name))]).collect()
        }
        Change::Staged(row) => vec![row.git_dir.join("index.lock")],
        _ => Vec::new(),
    };
    let mut paths: Vec<PathBuf> = changes.iter().flat_map(of).collect();
    if !paths.is_empty() {
        paths.extend(
            ["packed-refs.lock", "packed-refs.new", "reftable/tables.list.lock"].map(|n| repo.common_dir.join(n)),
        );
    }
    paths
}
