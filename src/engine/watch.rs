//! What has to be watched for `sync` to have something new to say, and which changes are nothing to it.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::project::Project;
use crate::git::{Git, Repo};
use crate::host::watch::Place;

/// The places in which a change can make a difference: the files of every track, refs, and `tracks.toml`.
pub fn places(project: &Project) -> BTreeSet<Place> {
    let common = &project.repo.common_dir;
    let mut places = BTreeSet::from([Place::Folder(common.clone())]);
    let refs = ["refs", "reftable"].map(|name| common.join(name));
    places.extend(refs.into_iter().filter(|path| crate::host::files::is_folder(path)).map(Place::Tree));
    places.extend(project.main_worktree.clone().map(Place::Folder));
    places.extend(worktrees(project).map(|path| Place::Tree(path.to_owned())));
    places
}

fn worktrees(project: &Project) -> impl Iterator<Item = &Path> {
    let tracks = project.tracks.iter().filter_map(|track| project.worktree_of(&track.branch));
    tracks.filter(|worktree| worktree.present).map(|worktree| worktree.path.as_path())
}

/// Whether a change at `path` can make a difference: Git's own bookkeeping, and ours, cannot.
pub fn matters(repo: &Repo) -> impl Fn(&Path) -> bool + Send + 'static {
    let common = repo.common_dir.clone();
    move |path| {
        let Ok(below) = path.strip_prefix(&common) else { return true };
        let is_ours = below.starts_with("refs/tracks") && !below.starts_with("refs/tracks/notes");
        let is_lock = below.extension().is_some_and(|end| end == "lock");
        let told = ["packed-refs", "HEAD", "refs", "reftable", "config"].iter().any(|name| below.starts_with(name));
        told && !is_ours && !is_lock
    }
}

/// Whether all of `paths` are ignored by Git in the worktrees of tracks: what is built there is nothing to us.
pub fn is_ignored(project: &Project, paths: &BTreeSet<PathBuf>) -> Result<bool> {
    let mut by_worktree: BTreeMap<&Path, Vec<&PathBuf>> = BTreeMap::new();
    for path in paths {
        let home = worktrees(project).filter(|worktree| path.starts_with(worktree));
        let Some(home) = home.max_by_key(|worktree| worktree.as_os_str().len()) else { return Ok(false) };
        by_worktree.entry(home).or_default().push(path);
    }
    for (worktree, paths) in by_worktree {
        let input: Vec<u8> = paths.iter().flat_map(|path| [path.as_os_str().as_bytes(), b"\0"].concat()).collect();
        // Ends with 1 where none is, and else where it cannot tell.
        let output = Git::at(worktree).args(["check-ignore", "-z", "--stdin"]).input(input).output()?;
        let ignored = output.stdout.split(|byte| *byte == 0).filter(|path| !path.is_empty()).count();
        if ignored < paths.len() {
            return Ok(false);
        }
    }
    Ok(true)
}
