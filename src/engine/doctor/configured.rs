//! What is configured that breaks worktrees, or has verdicts differ from a merge that somebody makes.

use anyhow::Result;

use super::Ailment;
use crate::git::{Repo, Settings};
use crate::model::Severity;
use crate::model::text::escaped;

/// Looks at Git's configuration and at what edits history.
pub fn look(repo: &Repo) -> Result<Vec<Ailment>> {
    let settings = Settings::read(repo)?;
    let mut found = Vec::new();
    if settings.is_on("extensions.worktreeconfig") {
        for key in ["core.bare", "core.worktree"] {
            if repo.shared_config(key)?.is_some_and(|value| value != "false") {
                let detail = format!("is set for all worktrees while each has a configuration of its own: {key}");
                let cure = format!(
                    "move it: `git config --worktree {key} $(git config {key})` in the main worktree, then `git config --unset {key}`"
                );
                found.push(Ailment::new(Severity::Error, format!("configuration {key}"), detail).cure(cure));
            }
        }
    }
    for key in settings.unseen() {
        let detail = "is set: `git merge` obeys it and the verdicts do not";
        found.push(Ailment::new(Severity::Warning, format!("configuration {key}"), detail));
    }
    for remote in repo.mirrors()? {
        let detail = "is a mirror: a push sends checkpoints, and with them uncommitted work";
        let cure = "push branches instead: `git config --unset remote.NAME.mirror`";
        found
            .push(Ailment::new(Severity::Warning, format!("remote {}", escaped(remote.as_bytes())), detail).cure(cure));
    }
    if repo.history_is_edited()? {
        let detail =
            "is not what the commits say (shallow, replaced objects, grafts): git decides every merge, which is slow";
        found.push(Ailment::new(Severity::Info, "history", detail));
    }
    Ok(found)
}
