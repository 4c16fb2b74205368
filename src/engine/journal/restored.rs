//! A checkpoint that was being brought back when its run was ended: finished, unless somebody has worked there since.

use std::path::PathBuf;

use anyhow::Result;

use super::recover::There;
use crate::engine::checkpoint::restore::{self, Extent};
use crate::engine::checkpoint::{self, Checkpoint};
use crate::engine::project::Project;
use crate::git::Repo;

/// How it stands: a worktree is compared when it is put right.
pub(super) fn look(repo: &Repo, (name, before): (&str, &str), paths: &[PathBuf]) -> There {
    match between(repo, (name, before)) {
        Ok(Some((project, then, before))) => match restore::stands(&project, &then, &before, &Extent::of(paths)) {
            Ok(Some(true)) => There::After,
            _ => There::Neither,
        },
        _ => There::Neither,
    }
}

/// Whether a checkpoint is kept.
pub(super) fn is_kept(repo: &Repo, name: &str) -> bool {
    checkpoint::find(repo, name).is_ok()
}

pub(super) fn finish(
    repo: &Repo,
    (name, before): (&str, &str),
    paths: &[PathBuf],
    remarks: &mut Vec<String>,
) -> Result<()> {
    let finish = || -> Result<bool> {
        let Some((project, then, before)) = between(repo, (name, before))? else { return Ok(false) };
        restore::sweep(&project, &then)?;
        if restore::stands(&project, &then, &before, &Extent::of(paths))?.is_none() {
            return Ok(false);
        }
        restore::restore_again(&project, &then, &Extent::of(paths)).map(|()| true)
    };
    let back = format!("`tracks checkpoint restore {name}` brings it back, `… {before}` what was there");
    match finish() {
        Ok(true) => {}
        Ok(false) => remarks.push(format!("{name} was brought back in part, and something else is there now: {back}")),
        Err(error) => remarks.push(format!("{name} was brought back in part ({error:#}): {back}")),
    }
    Ok(())
}

/// Both checkpoints, where they are still kept.
fn between(repo: &Repo, (name, before): (&str, &str)) -> Result<Option<(Project, Checkpoint, Checkpoint)>> {
    let (Ok(then), Ok(before)) = (checkpoint::find(repo, name), checkpoint::find(repo, before)) else {
        return Ok(None);
    };
    Ok(Some((Project::survey(repo)?, then, before)))
}
