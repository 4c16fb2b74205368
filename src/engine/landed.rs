//! Whether a tip's content is on the target.

use anyhow::Result;

use crate::git::{Repo, Scratch};
use crate::model::CommitId;

/// Whether `target` holds everything that `tip` holds.
pub fn is_landed(repo: &Repo, _scratch: &Scratch, target: CommitId, tip: CommitId) -> Result<bool> {
    let words = ["merge-base", "--is-ancestor", &tip.to_string(), &target.to_string()];
    Ok(repo.git().args(words).output()?.status.success())
}
