//! What puts an ailment right, and loses nothing by it.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::engine::worktrees::exclude::Exclude;
use crate::git::admin::{self, Admin};
use crate::git::{Git, Repo};
use crate::host::{clock, files};

/// A way to put something right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Writes the link of a worktree's Git folder to the repository again.
    LinkAgain(Admin),
    /// Mends the links between the repository and a worktree.
    Repair {
        /// Its folder.
        worktree: PathBuf,
        /// What Git keeps of it.
        admin: PathBuf,
    },
    /// Puts an index aside that cannot be read, and makes one of what is committed; files stay as they are.
    Index {
        /// The worktree.
        worktree: PathBuf,
        /// Its index.
        index: PathBuf,
    },
    /// Adds what is missing to `info/exclude`.
    Exclude(Exclude),
}

/// Whether an ailment is still there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is, and can be put right.
    Curable,
    /// It is, and somebody has to look.
    Open,
    /// It was put right.
    Cured,
    /// It was tried, and failed for this reason.
    Failed(String),
}

impl Remedy {
    /// Puts it right. The caller holds the lock.
    pub fn carry_out(&self, repo: &Repo) -> Result<()> {
        match self {
            Remedy::LinkAgain(admin) => admin::link_again(admin),
            Remedy::Repair { worktree, admin } => admin::repair(repo, worktree, admin),
            Remedy::Index { worktree, index } => {
                let aside = index.with_file_name(format!("index.unread-{}", clock::stamp(clock::seconds())));
                if files::is_there(index) {
                    files::rename(index, &aside)?;
                }
                Git::at(worktree).args(["read-tree", "HEAD"]).run().context("git cannot make it again")
            }
            Remedy::Exclude(exclude) => files::write(&exclude.path, exclude.after.as_slice()),
        }
    }
}
