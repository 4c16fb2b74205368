//! A work tree in the scratch: for what Git reads from files and from nowhere else.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use tempfile::TempDir;

use super::{Git, Scratch};
use crate::model::TreeId;

/// What the repository's own work trees may be set up with, and a work tree of its own kind must not have.
const SETTINGS: [&str; 7] = [
    "core.fsmonitor=false",
    // Run for every index that is written.
    "core.hooksPath=/dev/null",
    "core.sparseCheckout=false",
    // Would leave a file in the repository.
    "core.splitIndex=false",
    "core.untrackedCache=false",
    "index.sparse=false",
    "submodule.recurse=false",
];

/// The files of a tree as Git checks them out, with an index of their own; gone when dropped.
pub struct Checkout {
    folder: TempDir,
}

impl Checkout {
    /// Checks out `tree`. Git refuses what would lie outside the folder, or in a `.git`.
    pub fn new(scratch: &Scratch, tree: TreeId) -> Result<Checkout> {
        let checkout = Checkout { folder: scratch.folder()? };
        fs::create_dir(checkout.files()).context("cannot make a folder in the scratch")?;
        let settings = SETTINGS.iter().flat_map(|setting| ["-c", setting]);
        let git = checkout.git(scratch).args(settings).args(["read-tree", "--reset", "-u"]);
        git.arg(tree.to_string()).run()?;
        Ok(checkout)
    }

    /// Git in it, writing objects into the scratch.
    pub fn git(&self, scratch: &Scratch) -> Git {
        let files = self.files();
        let git = scratch.git_in(&files).env("GIT_INDEX_FILE", self.folder.path().join("index"));
        git.env("GIT_WORK_TREE", files)
    }

    fn files(&self) -> PathBuf {
        self.folder.path().join("files")
    }
}
