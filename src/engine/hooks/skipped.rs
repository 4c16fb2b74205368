//! A note of every time somebody got by a hook with `TRACKS=0`.

use super::Event;
use crate::git::Repo;
use crate::host::{clock, files};

/// Notes it; where it cannot be written nobody is held up.
pub fn log(repo: &Repo, event: Event) {
    let worktree = repo.worktree.as_deref().map(|path| path.to_string_lossy().into_owned());
    let line = serde_json::json!({
        "time": clock::now(),
        "event": "hook-skipped",
        "hook": event.name(),
        "worktree": worktree,
    });
    let _ = files::append_or_make(&repo.state_dir().join("log.jsonl"), format!("{line}\n").as_bytes());
}
