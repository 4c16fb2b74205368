//! What runs of ours left, and what is kept for somebody and only grows.

use std::path::Path;

use anyhow::Result;

use super::Ailment;
use crate::engine::journal::place;
use crate::engine::trust;
use crate::engine::worktrees::typed;
use crate::git::{Repo, scratch};
use crate::host::{files, folders};
use crate::model::Severity;
use crate::model::text::{count, size};

/// Looks at all of it.
pub fn look(repo: &Repo) -> Result<Vec<Ailment>> {
    let mut found = records(repo)?;
    found.extend(kept(repo)?);
    let left = scratch::left(repo);
    if left > 0 {
        let detail = format!("holds {} of runs that were ended", count(left, "folder"));
        let cure = "the next command that merges removes them: `tracks matrix`";
        found.push(Ailment::new(Severity::Info, "scratch", detail).cure(cure));
    }
    if let Err(error) = trust::approvals() {
        let ailment = Ailment::new(Severity::Error, "approvals", format!("cannot be used: {error:#}"));
        found.push(ailment.cure("see what is wrong with that file, remove it, and approve again: `tracks trust`"));
    }
    Ok(found)
}

/// What commands were about to change when they were ended.
fn records(repo: &Repo) -> Result<Vec<Ailment>> {
    let folder = repo.state_dir().join("journal");
    let mut found = Vec::new();
    for name in folders::names(&folder)? {
        let path = folder.join(&name);
        if name == "record.json" {
            let detail = "is there: a command that writes is at work, or was interrupted";
            let cure = "any command that writes finishes it or takes it back: `tracks doctor --fix`";
            found.push(Ailment::new(Severity::Warning, "a record of changes", detail).cure(cure));
        } else if name.to_string_lossy().starts_with("unread-") {
            let detail =
                format!("of an interrupted command could not be read, and was put aside: {}", shown(repo, &path));
            let cure = format!("look at it, and at `git worktree list`; then `rm {}`", typed(&path));
            found.push(Ailment::new(Severity::Warning, "a record of changes", detail).cure(cure));
        }
    }
    Ok(found)
}

/// Ignored files that outlived their worktrees: nobody else removes them.
fn kept(repo: &Repo) -> Result<Option<Ailment>> {
    let folder = repo.state_dir().join(place::KEPT);
    let names = folders::names(&folder)?;
    if names.is_empty() {
        return Ok(None);
    }
    let size = size(folders::measure(&folder, &[]).bytes);
    let detail = format!("of {} lie in {}: {size}", count(names.len(), "removed worktree"), shown(repo, &folder));
    let oldest = typed(&folder.join(&names[0]));
    let cure =
        format!("`tracks undo` brings them back with their worktree; remove what nobody needs: `rm -r {oldest}`");
    Ok(Some(Ailment::new(Severity::Info, "ignored files", detail).cure(cure)))
}

fn shown(repo: &Repo, path: &Path) -> String {
    let home = repo.common_dir.parent().unwrap_or(&repo.common_dir);
    let path = path.strip_prefix(files::canonical(home)).unwrap_or(path);
    crate::model::text::escaped(path.as_os_str().as_encoded_bytes())
}
