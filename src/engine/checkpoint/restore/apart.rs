//! The files of a checkpoint written into a folder of their own.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::super::Checkpoint;
use super::super::manifest::Item;
use super::deed::Worktree;
use super::{Extent, wanted};
use crate::git::{Objects, Repo};
use crate::host::below::Folder;
use crate::host::folders::{self, Found};
use crate::model::{Failure, RepoPath};

/// What will be written where.
#[derive(Clone, Debug)]
pub struct Apart {
    folder: PathBuf,
    items: Vec<(RepoPath, Item)>,
}

impl Apart {
    /// Fixes it; refuses a folder that holds something.
    pub fn of(repo: &Repo, checkpoint: &Checkpoint, folder: &Path, extent: &Extent) -> Result<Apart> {
        let refuse = |why: &str| Failure::usage(format!("`{}` {why}", folder.display()));
        match folders::look(folder)? {
            Found::Nothing | Found::EmptyFolder => {}
            _ => return Err(refuse("is there already").hint("name a new folder, or an empty one").into()),
        }
        if folder.starts_with(&repo.common_dir) {
            return Err(refuse("lies where git keeps its own files").into());
        }
        let then = checkpoint.manifest(&repo.objects()?)?;
        wanted(&then, extent, checkpoint)?;
        let items = then.files.iter().filter(|(path, _)| extent.has(path)).map(|(path, item)| (path.clone(), *item));
        Ok(Apart { folder: folder.to_owned(), items: items.collect() })
    }

    /// How many files and links there are.
    pub fn files(&self) -> usize {
        self.items.iter().filter(|(_, item)| !matches!(item, Item::Folder(_))).count()
    }

    /// Writes them.
    pub fn carry_out(&self, objects: &Objects) -> Result<()> {
        folders::make(&self.folder)?;
        let root = Folder::open(&self.folder).context("the folder is a link")?;
        let worktree = Worktree { root, now: None, objects };
        worktree.write(&self.items)?;
        worktree.close(&self.items)
    }
}
