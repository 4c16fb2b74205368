//! A place for objects that nobody keeps: what trial merges and snapshots write never reaches the repository's own
//! objects.

use std::ffi::OsString;
use std::fs::{self, File};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tempfile::TempDir;

use super::{Git, Objects, Repo};
use crate::model::{CommitId, TreeId};

/// Where the system keeps files in memory: a trial merge writes thousands of small objects, which takes a disk longer
/// than merging.
const IN_MEMORY: &str = "/dev/shm";
/// What is left to others there.
const ROOM: u64 = 1 << 30;

/// A scratch object database with the repository's own as its alternate; gone when dropped.
///
/// It is in two places. What uncommitted work is read into can be large, and lies below `<git-common-dir>/tracks/`. What
/// trial merges write lies in memory where the system has a place for that with room to spare, else beside the other.
pub struct Scratch {
    files: Place,
    merges: Option<Place>,
    repo: Repo,
    objects: Objects,
}

/// One folder of a scratch, with `objects` in it.
struct Place {
    folder: TempDir,
    /// Held as long as the folder is in use, so that a sweep by another process leaves it alone.
    _claim: File,
}

impl Place {
    /// Makes a folder in `home`. `alternates` are the object folders that it builds on.
    fn new(home: &Path, prefix: &str, alternates: &[&Path]) -> Result<Place> {
        let folder = tempfile::Builder::new().prefix(prefix).tempdir_in(home)?;
        // Under its name only once it is locked: a sweep in between would take the folder away.
        let new = folder.path().join("claim.new");
        let claim = File::create(&new)?;
        claim.lock()?;
        fs::rename(new, folder.path().join(CLAIM))?;
        let place = Place { folder, _claim: claim };
        fs::create_dir_all(place.objects().join("info"))?;
        fs::create_dir_all(place.objects().join("pack"))?;
        // A file, not the environment variable, which separates by `:` and so breaks on such a path.
        let lines: Vec<u8> = alternates.iter().flat_map(|path| alternate(path).into_vec()).collect();
        fs::write(place.objects().join("info/alternates"), lines)?;
        Ok(place)
    }

    fn objects(&self) -> PathBuf {
        self.folder.path().join("objects")
    }
}

const CLAIM: &str = "claim";
const PREFIX: &str = ".tracks-scratch-";

impl Scratch {
    /// Makes one, after sweeping what ended processes left. Where `<git-common-dir>/tracks/` cannot be written, the
    /// system's folder for temporary files serves.
    pub fn new(repo: &Repo) -> Result<Scratch> {
        let home = repo.state_dir().join("scratch");
        sweep(&home, "");
        let own = repo.common_dir.join("objects");
        let files = fs::create_dir_all(&home).map_err(Into::into).and_then(|()| Place::new(&home, "run-", &[&own]));
        let files = files
            .or_else(|_| Place::new(&std::env::temp_dir(), PREFIX, &[&own]))
            .context("cannot make a folder for scratch objects")?;
        let merges = in_memory(&files.objects(), &own);
        let objects = merges.as_ref().unwrap_or(&files).objects();
        // Most of what is written only this process reads.
        let objects = Objects::open(&objects, repo.hash)?.holding();
        Ok(Scratch { files, merges, repo: repo.clone(), objects })
    }

    fn merges(&self) -> &Place {
        self.merges.as_ref().unwrap_or(&self.files)
    }

    /// The repository it builds on.
    pub fn repo(&self) -> &Repo {
        &self.repo
    }

    /// The objects, scratch and repository together; what is written goes to the scratch.
    pub fn objects(&self) -> &Objects {
        &self.objects
    }

    /// Git on the repository, writing objects into the scratch and running in its folder, where the temporary files of
    /// merge drivers do no harm. They are not compressed: hardly any is ever read.
    pub fn git(&self) -> Git {
        self.git_in(self.merges().folder.path())
    }

    /// The same, running in `folder`. It sees all objects that were written until now.
    pub fn git_in(&self, folder: &Path) -> Git {
        // Where that fails Git says which object it lacks.
        let _ = self.objects.release();
        let git = Git::on(&self.repo.common_dir, folder).env("GIT_OBJECT_DIRECTORY", self.merges().objects());
        git.args(["-c", "core.looseCompression=0"])
    }

    /// Git in a worktree, writing objects into the scratch.
    pub fn git_at(&self, worktree: &Path) -> Git {
        Git::at(worktree).env("GIT_OBJECT_DIRECTORY", self.files.objects())
    }

    /// Writes a commit as the user would: with their identity, signed where they sign.
    pub fn commit(&self, tree: TreeId, parents: &[CommitId], message: &str) -> Result<CommitId> {
        let signs = self.git().args(["config", "--type=bool", "--get", "commit.gpgSign"]).line()?;
        let mut git = self.git().args(["commit-tree", "-F", "-"]).input(message);
        if signs.as_deref() == Some("true") {
            git = git.arg("-S");
        }
        for parent in parents {
            git = git.args(["-p", &parent.to_string()]);
        }
        let printed = git.arg(tree.to_string()).stdout()?;
        CommitId::from_hex(printed.trim_ascii_end()).context("`git commit-tree` prints no id")
    }

    /// What a database that builds on this one and on the repository's own has in `info/alternates`.
    pub fn alternates(&self, repo: &Repo) -> Vec<u8> {
        let folders = [self.merges().objects(), repo.common_dir.join("objects")];
        folders.iter().flat_map(|path| alternate(path).into_vec()).collect()
    }

    /// A new folder in the scratch, gone when dropped.
    pub fn folder(&self) -> Result<TempDir> {
        tempfile::tempdir_in(self.merges().folder.path()).context("cannot make a folder in the scratch")
    }

    /// A new file in the scratch folder with `content`, opened for reading from its beginning.
    pub fn file(&self, content: &[u8]) -> Result<File> {
        use std::io::{Seek, Write};
        let mut file = tempfile::tempfile_in(self.merges().folder.path())?;
        file.write_all(content)?;
        file.rewind()?;
        Ok(file)
    }
}

/// A line of `info/alternates`: quoted in C style where the path would be misread.
fn alternate(path: &Path) -> OsString {
    let bytes = path.as_os_str().as_bytes();
    let mut line = match bytes.iter().any(|b| matches!(b, b'"' | b'\n' | b'\\' | b'#')) {
        true => super::quote::quoted(bytes),
        false => bytes.to_vec(),
    };
    line.push(b'\n');
    OsString::from_vec(line)
}

/// A place in memory, if the system has one with room to spare; what is there already of ended processes is removed.
fn in_memory(files: &Path, own: &Path) -> Option<Place> {
    let home = Path::new(IN_MEMORY);
    let room = rustix::fs::statvfs(home).ok()?;
    if room.f_bavail.saturating_mul(room.f_frsize) < ROOM {
        return None;
    }
    sweep(home, PREFIX);
    Place::new(home, PREFIX, &[files, own]).ok()
}

/// Whether something was made long ago.
fn is_old(path: &Path) -> bool {
    const LONG: std::time::Duration = std::time::Duration::from_secs(3600);
    let made = path.symlink_metadata().and_then(|found| found.modified());
    made.is_ok_and(|made| made.elapsed().is_ok_and(|age| age > LONG))
}

/// How many folders ended processes left in the repository's own place.
pub fn left(repo: &Repo) -> usize {
    unused(&repo.state_dir().join("scratch"), "").len()
}

/// Removes the scratch folders in `home` whose processes have ended. Whatever cannot be removed now is tried again by the
/// next command.
fn sweep(home: &Path, prefix: &str) {
    unused(home, prefix).iter().for_each(|folder| drop(fs::remove_dir_all(folder)));
}

/// The scratch folders in `home` whose processes have ended: those whose claim nobody holds. Others' are left alone: a
/// claim that cannot be opened for writing is not ours.
fn unused(home: &Path, prefix: &str) -> Vec<PathBuf> {
    let folders = fs::read_dir(home).into_iter().flatten().flatten();
    let named = folders.filter(|folder| folder.file_name().to_string_lossy().starts_with(prefix));
    let is_unused = |path: &PathBuf| match File::options().write(true).open(path.join(CLAIM)) {
        Ok(claim) => claim.try_lock().is_ok(),
        // Ended before it had one; a folder that is being made is young.
        Err(error) => error.kind() == std::io::ErrorKind::NotFound && is_old(path),
    };
    named.map(|folder| folder.path()).filter(is_unused).collect()
}
