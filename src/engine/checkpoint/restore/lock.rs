//! Git's own lock on an index, held while a worktree is brought back.

use std::path::Path;

use anyhow::{Context, Result};

use crate::host::below::Folder;
use crate::host::clock;
use crate::model::Failure;

const NAME: &[u8] = b"index.lock";
/// What ours begins with; Git's holds an index, or nothing yet.
const OURS: &[u8] = b"tracks checkpoint restore\n";

/// The lock, removed when dropped.
pub(super) struct IndexLock {
    git_dir: Folder,
}

impl IndexLock {
    /// Takes it. One that a killed run of ours left is taken over: two cannot be at it, since each holds the lock for
    /// writers. Any other is named and left alone.
    pub(super) fn take(git_dir: &Path) -> Result<IndexLock> {
        let folder = Folder::open(git_dir)?;
        folder.sweep()?;
        if let Some(look) = folder.look(NAME)? {
            let ours = look.size == OURS.len() as u64
                && folder.file(NAME).and_then(|mut file| file.content(look.size)).is_ok_and(|text| text == OURS);
            if !ours {
                let age = (clock::seconds() - look.written.0).max(0);
                let path = git_dir.join("index.lock");
                let words = format!("git is at work in this worktree: `{}` is there, {age} s old", path.display());
                let hint = "wait for it to end; if no git runs there any more, remove that file";
                return Err(Failure::usage(words).hint(hint).into());
            }
            return Ok(IndexLock { git_dir: folder });
        }
        folder.new_in_one_step(NAME, OURS).context("cannot lock the index")?;
        Ok(IndexLock { git_dir: folder })
    }
}

impl Drop for IndexLock {
    fn drop(&mut self) {
        // One that stays is known as ours by the next run.
        let _ = self.git_dir.remove(NAME);
    }
}
