//! Which hooks Git would run in a worktree, and a hook run as Git itself would.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::program::Output;
use super::{Git, Repo};

/// What a hook is given.
pub struct Given<'a> {
    /// The words on its command line.
    pub words: &'a [&'a str],
    /// Its standard input.
    pub input: &'a [u8],
    /// Variables.
    pub variables: &'a [(&'a str, OsString)],
}

impl Repo {
    /// The values of `core.hooksPath` and whether worktrees may have configuration of their own, from every scope:
    /// `None` where neither is set, so that every worktree has the hooks in the common folder.
    pub fn hooks_are_elsewhere(&self) -> Result<bool> {
        let keys = "^(core\\.hookspath|extensions\\.worktreeconfig)$";
        Ok(self.git().args(["config", "--get-regexp", keys]).line()?.is_some())
    }

    /// Where `core.hooksPath` is set, and to what: `global`, `local` and so on, and the value as it is written.
    pub fn hooks_path(&self, worktree: &Path) -> Result<Option<(String, String)>> {
        let found = Git::at(worktree).args(["config", "--show-scope", "--get", "core.hooksPath"]).line()?;
        Ok(found.and_then(|line| line.split_once('\t').map(|(scope, value)| (scope.to_owned(), value.to_owned()))))
    }
}

/// The folder that Git looks for hooks in, in this worktree.
pub fn folder(worktree: &Path) -> Result<PathBuf> {
    let words = ["rev-parse", "--path-format=absolute", "--git-path", "hooks"];
    let printed = Git::at(worktree).args(words).stdout()?;
    let path = printed.strip_suffix(b"\n").context("git knows no path for hooks")?;
    Ok(PathBuf::from(OsString::from_vec(path.to_vec())))
}

/// Runs a hook in a worktree as Git would, whichever that is; nothing happens where there is none. `input` lies in a
/// file meanwhile.
pub fn run(worktree: &Path, event: &str, given: &Given) -> Result<Output> {
    let mut git = Git::at(worktree).env("GIT_OPTIONAL_LOCKS", "0");
    for (name, value) in given.variables {
        git = git.env(name, value);
    }
    let mut file = tempfile::NamedTempFile::new().context("cannot make a temporary file")?;
    std::io::Write::write_all(&mut file, given.input).context("cannot write a temporary file")?;
    let git = git.args(["hook", "run", "--ignore-missing", "--to-stdin"]).arg(file.path());
    git.arg(event).arg("--").args(given.words).output()
}

/// What is checked out; `None` before the first commit.
pub fn head(worktree: &Path) -> Option<String> {
    Git::at(worktree).args(["rev-parse", "--quiet", "--verify", "HEAD"]).line().ok().flatten()
}
