//! A branch that was being moved, with the files of its worktree, when its run was ended: the files are put in order
//! first, then it goes on or goes back. What somebody has written there since stays.

use std::path::Path;

use anyhow::{Error, Result};

use super::change::Moved;
use super::recover::{There, tip};
use crate::engine::worktrees::typed;
use crate::git::follow::{Follow, Index};
use crate::git::heads::{self, Move};
use crate::git::{Git, Repo};
use crate::host::files;
use crate::host::lock::{Lock, Share};
use crate::model::Failure;
use crate::model::text::list;

impl Moved {
    /// The same for Git.
    pub fn follow(&self) -> Follow<'_> {
        Follow { worktree: &self.worktree, branch: &self.name, from: self.before, to: self.after }
    }

    /// The lock that Git takes while it moves the files.
    pub(super) fn lock(&self) -> std::path::PathBuf {
        self.git_dir.join("index.lock")
    }

    /// Whether the branch is checked out there still.
    fn is_here(&self) -> bool {
        files::is_folder(&self.worktree) && self.follow().is_here().unwrap_or(false)
    }
}

/// Refuses where somebody has moved the branch since it was judged.
pub(super) fn refuse_moved_on(moved: &Moved) -> Result<()> {
    let head = Git::at(&moved.worktree).args(["rev-parse", "--verify", "HEAD"]).line()?;
    if head.as_deref() == Some(&moved.before.to_string()) {
        return Ok(());
    }
    let name = moved.name.strip_prefix("refs/heads/").unwrap_or(&moved.name);
    Err(Failure::not_run(format!("`{name}` has moved meanwhile")).hint("try again: it is judged anew").into())
}

/// Refuses where the files cannot follow.
pub fn refuse_obstacles(repo: &Repo, follow: &Follow) -> Result<()> {
    let obstacles = follow.obstacles(repo)?;
    if obstacles.is_empty() {
        return Ok(());
    }
    let paths: Vec<String> = obstacles.iter().take(3).map(|path| format!("`{path}`")).collect();
    let more = if obstacles.len() > 3 { " and others" } else { "" };
    let path = typed(follow.worktree);
    let failure = Failure::usage(format!("what is not committed is in the way in `{path}`: {}{more}", list(&paths)));
    Err(failure.hint(format!("commit it, or put it aside, such as with `git -C {path} stash -u`")).into())
}

/// What has a share of the lock, and does so on behalf of a record.
pub(super) struct Scene<'a> {
    pub repo: &'a Repo,
    pub lock: &'a Lock,
}

impl Scene<'_> {
    fn share(&self) -> Result<Share> {
        self.lock.share()
    }

    /// Lets the files be as the index is, where Git was ended while it wrote them. The lock on the index stays meanwhile,
    /// so that this can be ended, too.
    pub(super) fn mend(&self, moved: &Moved, remarks: &mut Vec<String>) -> Result<()> {
        if !moved.begun || !moved.is_here() || tip(self.repo, &moved.name)? != Some(moved.before) {
            return Ok(());
        }
        match moved.follow().mend(self.repo, &|| self.share()) {
            Ok(left) => remarks.extend(left.iter().map(|path| {
                format!("`{path}` in `{}` stays as it is: somebody has changed it since", moved.worktree.display())
            })),
            Err(error) => remarks.push(stays(&moved.worktree, &error)),
        }
        Ok(())
    }

    pub(super) fn look(&self, moved: &Moved) -> Result<There> {
        let now = tip(self.repo, &moved.name)?;
        Ok(match () {
            () if now == Some(moved.after) => There::After,
            // Whoever has moved it meanwhile found nothing of ours.
            () if !moved.begun => There::Before,
            () if now != Some(moved.before) => There::Neither,
            () if moved.is_here() && moved.follow().index(self.repo)? == Index::To => There::Neither,
            () => There::Before,
        })
    }

    /// Whether Git was through with the files and not with the branch.
    pub(super) fn is_between(&self, moved: &Moved) -> Result<bool> {
        Ok(self.look(moved)? == There::Neither && tip(self.repo, &moved.name)? == Some(moved.before))
    }

    pub(super) fn finish(&self, moved: &Moved, remarks: &mut Vec<String>) -> Result<()> {
        let now = tip(self.repo, &moved.name)?;
        if now == Some(moved.after) {
            return Ok(());
        }
        if now != Some(moved.before) {
            remarks.push(format!("`{}` stays as it is: somebody has moved it since", moved.name));
            return Ok(());
        }
        let (share, why) = (|| self.share(), "tracks: an interrupted run put right");
        let done = match (moved.is_here(), moved.follow()) {
            (true, follow) if follow.index(self.repo)? == Index::To => follow.branch(why, &share),
            (true, follow) => follow.carry_out(why, &share),
            (false, _) => {
                let change = Move { name: moved.name.clone(), to: Some(moved.after), from: Some(moved.before) };
                heads::move_refs(self.repo, &self.repo.common_dir, why, &[change])
            }
        };
        remarks.extend(done.err().map(|error| stays(&moved.worktree, &error)));
        Ok(())
    }

    pub(super) fn back(&self, moved: &Moved, remarks: &mut Vec<String>) -> Result<()> {
        if self.is_between(moved)? {
            let done = moved.follow().files(Index::To, &|| self.share());
            remarks.extend(done.err().map(|error| stays(&moved.worktree, &error)));
        }
        Ok(())
    }
}

fn stays(worktree: &Path, error: &Error) -> String {
    let error = format!("{error:#}");
    let first = error.lines().next().unwrap_or_default();
    let path = typed(worktree);
    format!("`{}` is between two commits: {first}; see `git -C {path} status`", worktree.display())
}
