//! The Git hooks: a small script that runs the hook that was there before, then us. They lie in the folder that all
//! worktrees share; what somebody else manages is never overwritten.

mod block;
pub mod canary;
mod event;
mod install;
mod managers;
pub mod skipped;
mod standing;
mod uninstall;

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::git::Repo;
use crate::host::files;
use crate::host::folders::{self, Found};

pub use event::{Event, Strictness};
pub use install::{Managers, Plan, Wish};
pub use managers::{Manager, Snippet};
pub use standing::{Standing, State, all, strictness};
pub use uninstall::{Reach, Removal};

/// Hooks are scripts: what is longer is none of ours.
const LONGEST: u64 = 1 << 20;

/// The hooks of the repository itself, which count unless `core.hooksPath` says otherwise.
fn folder(repo: &Repo) -> PathBuf {
    repo.common_dir.join("hooks")
}

/// Where the hook goes that was there before ours.
fn legacy(hook: &Path) -> PathBuf {
    hook.with_extension("legacy")
}

/// What stands in the place of a hook.
enum There {
    Nothing,
    Ours(Vec<u8>),
    Other(Vec<u8>),
    /// A folder, or something else that is no file.
    Odd,
}

fn read(path: &Path) -> Result<There> {
    let found = folders::look(path)?;
    if found == Found::Nothing {
        return Ok(There::Nothing);
    }
    Ok(match files::read(path, LONGEST) {
        Ok(Some(content)) if found == Found::File && event::is_ours(&content) => There::Ours(content),
        Ok(Some(content)) => There::Other(content),
        Ok(None) => There::Nothing,
        // What is too long or cannot be read is a hook of somebody's all the same.
        Err(_) if found == Found::File => There::Other(Vec::new()),
        Err(_) => There::Odd,
    })
}
