//! A worktree removed in steps that can be gone on with: its folder out of the way in one, then what is kept of it, then
//! what Git knows of it in one, and the deleting last.

use anyhow::{Context, Result, bail};

use super::change::Removed;
use super::place;
use super::recover::There;
use crate::git::Repo;
use crate::git::status;
use crate::host::{copy, files, folders};

/// Removes it. The caller has judged that nothing is lost by it; whoever has written into it since keeps it.
pub fn remove(repo: &Repo, removed: &Removed) -> Result<()> {
    place::shift(&removed.path, &removed.trash)?;
    if let Err(error) = is_clean(removed) {
        place::shift(&removed.trash, &removed.path)?;
        return Err(error);
    }
    complete(repo, removed)
}

/// Git looks at it where it is now, which nobody else knows.
fn is_clean(removed: &Removed) -> Result<()> {
    let status = status::read(&removed.trash, &[])?;
    if status.head != removed.commit || !status.files.is_empty() || !status.unmerged.is_empty() {
        bail!("it changed while it was judged");
    }
    let ignored = status::ignored(&removed.trash, &[])?;
    if let Some(new) = ignored.iter().find(|path| !removed.ignored.contains(path)) {
        bail!("it changed while it was judged: `{}` is new", new.display());
    }
    Ok(())
}

fn complete(repo: &Repo, removed: &Removed) -> Result<()> {
    if let Some(kept) = &removed.kept {
        for path in &kept.paths {
            let (from, to) = (removed.trash.join(path), kept.folder.join(path));
            if files::is_there(&from) {
                copy::shift(&from, &to)?;
            }
        }
    }
    if files::is_there(&removed.git_dir) {
        let gone = place::new_in_trash(repo);
        place::shift(&removed.git_dir, &gone)?;
        folders::remove(&gone)?;
        folders::remove_empty(&repo.common_dir.join("worktrees"), &repo.common_dir);
    }
    let named = || format!("it is removed, but for `{}`", removed.trash.display());
    folders::remove(&removed.trash).with_context(named)?;
    folders::remove_empty(&place::trash(repo), &repo.state_dir());
    Ok(())
}

pub(super) fn look(_: &Repo, removed: &Removed) -> There {
    match (files::is_there(&removed.git_dir), files::is_there(&removed.trash)) {
        (true, false) => There::Before,
        (false, false) => There::After,
        _ => There::Neither,
    }
}

/// Goes on with it; where somebody wrote into it in between, it is put back.
pub(super) fn finish(repo: &Repo, removed: &Removed, remarks: &mut Vec<String>) -> Result<()> {
    if look(repo, removed) != There::Neither {
        return Ok(());
    }
    let known = files::is_there(&removed.git_dir);
    if known && !removed.kept.as_ref().is_some_and(|kept| files::is_there(&kept.folder)) && is_clean(removed).is_err() {
        place::shift(&removed.trash, &removed.path)?;
        remarks.push(format!("the worktree `{}` stays: it has changed", removed.path.display()));
        return Ok(());
    }
    complete(repo, removed)
}
