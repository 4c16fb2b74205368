//! A note of every time somebody got by a hook with `TRACKS=0`.

use super::Event;
use crate::engine::journal;
use crate::git::Repo;

/// Notes it; where it cannot be written nobody is held up.
pub fn log(repo: &Repo, event: Event) {
    let place = repo.worktree.as_deref().map(|path| format!(" in {}", path.to_string_lossy())).unwrap_or_default();
    let _ = journal::aside(repo, &format!("hooks run {}, skipped by TRACKS=0{place}", event.name()));
}
