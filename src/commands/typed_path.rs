//! Paths as they are typed: from the folder the user is in, as with every command of Git.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use anyhow::Result;

use crate::git::Repo;
use crate::git::repo::Start;
use crate::host::files;
use crate::model::text::escaped;
use crate::model::{Failure, RepoPath};

/// The path in the repository that `typed` leads to from where the program was started; `None` for the root. It need not
/// exist. Refuses what leads out.
pub fn resolve(repo: &Repo, start: &Start, typed: &OsStr) -> Result<Option<RepoPath>> {
    let outside = || {
        let failure = Failure::usage(format!("`{}` lies outside the repository", escaped(typed.as_bytes())));
        failure.hint("name paths from the folder you are in")
    };
    if typed.is_empty() {
        return Err(Failure::usage("a path cannot be empty").into());
    }
    let mut path = PathBuf::new();
    for part in folder(repo, start).join(typed).components() {
        match part {
            Component::Normal(name) => path.push(name),
            Component::ParentDir if !path.pop() => return Err(outside().into()),
            _ => {}
        }
    }
    let from_top = match (Path::new(typed).is_absolute(), &repo.worktree) {
        (false, _) => path,
        (true, Some(top)) => Path::new("/").join(path).strip_prefix(top).map_err(|_| outside())?.to_owned(),
        (true, None) => return Err(outside().into()),
    };
    Ok(RepoPath::try_new(from_top.as_os_str().as_bytes()))
}

/// The folder the user is in, from the top of the worktree; the top itself where there is no worktree.
fn folder(repo: &Repo, start: &Start) -> PathBuf {
    let here = match start {
        Start::Here => files::current_folder(),
        Start::At(folder) => Some(files::canonical(folder)),
    };
    let below = |here: PathBuf| Some(here.strip_prefix(files::canonical(repo.worktree.as_ref()?)).ok()?.to_owned());
    here.and_then(below).unwrap_or_default()
}
