//! A place for objects that nobody keeps: what trial merges and snapshots write never reaches the repository's own
//! objects.

use std::ffi::OsString;
use std::fs::{self, File};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tempfile::TempDir;

use super::{Git, Objects, Repo};

/// A scratch object database with the repository's own as its alternate; gone when dropped.
pub struct Scratch {
    folder: TempDir,
    git_dir: PathBuf,
    objects: Objects,
    /// Held as long as the scratch lives, so that a sweep by another process leaves it alone.
    _claim: File,
}

impl Scratch {
    /// Makes one below `<git-common-dir>/tracks/`, or in the system's folder for temporary files where that cannot be
    /// written, after sweeping what ended processes left.
    pub fn new(repo: &Repo) -> Result<Scratch> {
        let home = repo.state_dir().join("scratch");
        sweep(&home);
        let builder = tempfile::Builder::new().prefix("run-").to_owned();
        let folder = match fs::create_dir_all(&home).and_then(|()| builder.tempdir_in(&home)) {
            Ok(folder) => folder,
            Err(_) => builder.tempdir().context("cannot make a folder for scratch objects")?,
        };
        let claim = File::create(folder.path().join("claim"))?;
        claim.lock()?;
        let objects = folder.path().join("objects");
        fs::create_dir_all(objects.join("info"))?;
        fs::create_dir_all(objects.join("pack"))?;
        // A file, not the environment variable, which separates by `:` and so breaks on such a path.
        fs::write(objects.join("info/alternates"), alternate(&repo.common_dir.join("objects")).as_bytes())?;
        let objects = Objects::open(&objects, repo.hash)?;
        Ok(Scratch { folder, git_dir: repo.common_dir.clone(), objects, _claim: claim })
    }

    /// The objects, scratch and repository together; what is written goes to the scratch.
    pub fn objects(&self) -> &Objects {
        &self.objects
    }

    /// Git on the repository, writing objects into the scratch and running in its folder, where the temporary files of
    /// merge drivers do no harm.
    pub fn git(&self) -> Git {
        Git::on(&self.git_dir, self.folder.path()).env("GIT_OBJECT_DIRECTORY", self.folder.path().join("objects"))
    }

    /// Git in a worktree, writing objects into the scratch.
    pub fn git_at(&self, worktree: &Path) -> Git {
        Git::at(worktree).env("GIT_OBJECT_DIRECTORY", self.folder.path().join("objects"))
    }

    /// A new folder in the scratch, gone when dropped.
    pub fn folder(&self) -> Result<TempDir> {
        tempfile::tempdir_in(self.folder.path()).context("cannot make a folder in the scratch")
    }

    /// A new file in the scratch folder with `content`, opened for reading from its beginning.
    pub fn file(&self, content: &[u8]) -> Result<File> {
        use std::io::{Seek, Write};
        let mut file = tempfile::tempfile_in(self.folder.path())?;
        file.write_all(content)?;
        file.rewind()?;
        Ok(file)
    }
}

/// A line of `info/alternates`: quoted in C style where the path would be misread.
fn alternate(path: &Path) -> OsString {
    let bytes = path.as_os_str().as_bytes();
    let mut line = match bytes.iter().any(|b| matches!(b, b'"' | b'\n' | b'\\' | b'#')) {
        true => super::status::quoted(bytes),
        false => bytes.to_vec(),
    };
    line.push(b'\n');
    OsString::from_vec(line)
}

/// Removes the scratch folders whose processes have ended: those whose claim nobody holds.
fn sweep(home: &Path) {
    for folder in fs::read_dir(home).into_iter().flatten().flatten() {
        let Ok(claim) = File::open(folder.path().join("claim")) else { continue };
        if claim.try_lock().is_ok() {
            // Whatever cannot be removed now is tried again by the next command.
            let _ = fs::remove_dir_all(folder.path());
        }
    }
}
