//! What can stand in the way of a new branch or a new worktree, looked at before anything is written.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::plan::New;
use super::{shown, typed};
use crate::engine::project::Project;
use crate::git::worktree::Worktree;
use crate::host::folders::{self, Found};
use crate::model::{BranchName, Failure};

/// Refuses a branch that cannot be beside another one: Git keeps `feature` and `feature/x` in one place.
pub(super) fn branch(project: &Project, name: &BranchName, planned: &[New]) -> Result<()> {
    let existing = project.branches.iter().filter_map(|found| found.name.strip_prefix("refs/heads/"));
    let existing = existing.filter_map(|name| BranchName::new(name).ok());
    let planned = planned.iter().map(|new| new.branch.clone());
    match existing.chain(planned).find(|other| other.blocks(name)) {
        None => Ok(()),
        Some(other) => {
            let failure = Failure::usage(format!("the branch `{name}` cannot be made beside the branch `{other}`"));
            let hint = "name branches otherwise with `[naming] branch` in `tracks.toml`";
            Err(failure.hint(format!("rename it with `git branch -m {other} NEW-NAME`, or {hint}")).into())
        }
    }
}

/// Refuses a folder that is in use, that is not where it says, or that lies in another worktree.
pub(super) fn folder(project: &Project, new: &New, planned: &[New]) -> Result<()> {
    let path = new.path.as_path();
    let shown = shown(project, path);
    let refuse = |why: String| Failure::usage(format!("no worktree can be made in `{shown}`: {why}"));
    let root = root(project, path).ok_or_else(|| {
        let failure = refuse("it lies outside the folder that the repository is in".into());
        failure.hint("make it with `git worktree add FOLDER BRANCH`; a track takes the worktree that has its branch")
    })?;
    if path.starts_with(&project.repo.common_dir) {
        return Err(refuse("git keeps its own files there".into()).into());
    }
    if let Some(other) = planned.iter().find(|new| path.starts_with(&new.path) || new.path.starts_with(path)) {
        return Err(refuse(format!("track `{}` gets the same folder, or one around it", other.track)).into());
    }
    let around = |worktree: &&Worktree| !worktree.main && path.starts_with(&worktree.path);
    match project.worktrees.iter().find(around) {
        Some(other) if other.path == path && other.is_unfinished() => Err(unfinished(project, path).into()),
        Some(other) if other.path == path => Err(taken(project, other, new).into()),
        Some(other) => {
            Err(refuse(format!("it lies in another worktree, `{}`", super::shown(project, &other.path))).into())
        }
        None => plain(&root, path).map_err(|why| refuse(why).into()),
    }
}

/// The refusal of a worktree whose making was interrupted, or that is being made by somebody else: what is in it would
/// pass for the work of its track.
pub(super) fn unfinished(project: &Project, path: &Path) -> Failure {
    let shown = shown(project, path);
    let why = "is not made to the end: git is still at it, or was interrupted";
    let failure = Failure::usage(format!("the worktree `{shown}` {why}"));
    failure.hint(format!("if it was interrupted: `git worktree remove -f -f {}`, then this again", typed(path)))
}

/// The refusal of a folder that Git knows as a worktree with something else checked out.
fn taken(project: &Project, worktree: &Worktree, new: &New) -> Failure {
    let wanted = &new.branch;
    let switch = if new.start.is_some() { "switch -c" } else { "switch" };
    let path = typed(&worktree.path);
    let shown = shown(project, &worktree.path);
    let has = worktree.branch.as_deref().map(|name| name.strip_prefix("refs/heads/").unwrap_or(name));
    let has = has.map_or("no branch".to_owned(), |name| format!("the branch `{name}`"));
    let failure = Failure::usage(format!("the worktree `{shown}` has {has} checked out instead of `{wanted}`"));
    match worktree.present {
        true => failure.hint(format!("check it out there: `git -C {path} {switch} {wanted}`")),
        false => failure.hint(format!("its folder is gone: forget it with `git worktree remove {path}`")),
    }
}

/// The folder that `path` must stay in: the main worktree, or the one around it.
fn root(project: &Project, path: &Path) -> Option<PathBuf> {
    let ground = project.ground();
    let around = ground.parent().map(Path::to_owned);
    let within = |root: &PathBuf| path != root && path.starts_with(root);
    if path == ground && project.main_worktree.is_some() {
        return None;
    }
    std::iter::once(ground).chain(around).find(within)
}

/// A link on the way would let a repository lead the files of a worktree anywhere.
fn plain(root: &Path, path: &Path) -> Result<(), String> {
    if let Some(at) = folders::first_not_plain(root, path) {
        let is = match folders::look(&at) {
            Ok(Found::Link) => "a link",
            _ => "no folder",
        };
        let name = at.strip_prefix(root).unwrap_or(&at).display().to_string();
        return Err(format!("`{name}` is {is}"));
    }
    match folders::look(path) {
        Ok(Found::Nothing | Found::EmptyFolder) => Ok(()),
        Ok(_) => Err("there is something in it".into()),
        Err(error) => Err(format!("{error:#}")),
    }
}
