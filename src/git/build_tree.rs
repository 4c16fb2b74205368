//! A folder to build a tree in, with a repository of its own: nothing that runs there reaches a ref, an index or a stash of
//! the user's, and none of it is listed as a worktree. The folder is used again and again, one tree after another, so that
//! what was built stays; one user at a time.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use rustix::fs::{AtFlags, CWD, Timespec, Timestamps, UTIME_OMIT};

use super::{Git, Repo, Scratch};
use crate::host::folders;
use crate::model::{CommitId, TreeId};

/// What of the user's configuration must not hold there.
const SETTINGS: [(&str, &str); 6] = [
    ("core.hooksPath", "/dev/null"),
    ("core.fsmonitor", "false"),
    ("core.sparseCheckout", "false"),
    ("core.splitIndex", "false"),
    ("core.untrackedCache", "false"),
    ("gc.auto", "0"),
];

/// Files in its Git folder that say how far it is.
const READY: &str = "tracks-ready";
const STAMP: &str = "tracks-stamp";
/// How the names of those begin that are used once.
const ONCE: &str = "once-";

/// One such folder, claimed until dropped.
pub struct BuildTree {
    folder: PathBuf,
    _claim: File,
    /// Whether it goes when it is dropped.
    once: bool,
}

impl BuildTree {
    /// Claims one of the `most` folders below `home`: the first that is free, made where it is not there yet. Where all are
    /// in use `waiting` is told, and the first is waited for.
    pub fn claim(home: &Path, most: usize, waiting: &dyn Fn()) -> Result<BuildTree> {
        folders::make(home)?;
        for place in 1..=most {
            let claim = open(&home.join(format!("{place}.claim")))?;
            if claim.try_lock().is_ok() {
                return Ok(BuildTree { folder: home.join(place.to_string()), _claim: claim, once: false });
            }
        }
        waiting();
        let claim = open(&home.join("1.claim"))?;
        claim.lock().context("cannot wait for a build worktree")?;
        Ok(BuildTree { folder: home.join("1"), _claim: claim, once: false })
    }

    /// A folder that nothing was ever built in; gone when dropped.
    pub fn pristine(home: &Path) -> Result<BuildTree> {
        folders::make(home)?;
        // What a run that was ended left.
        remove_idle(home, |name| name.starts_with(ONCE))?;
        let name = format!("{ONCE}{}", std::process::id());
        for number in 0.. {
            let claim = open(&home.join(format!("{name}-{number}.claim")))?;
            if claim.try_lock().is_ok() {
                return Ok(BuildTree { folder: home.join(format!("{name}-{number}")), _claim: claim, once: true });
            }
        }
        unreachable!("numbers do not end")
    }

    /// Where it lies.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether it was prepared, by whoever used it first.
    pub fn is_ready(&self) -> bool {
        self.git_dir().join(READY).exists()
    }

    /// Says that it is: what it was given stays until it is made anew.
    pub fn set_ready(&self) -> Result<()> {
        fs::write(self.git_dir().join(READY), "").context("cannot write to a build worktree")
    }

    /// Lets it hold exactly the files of `tree`, beside those that are ignored; its HEAD is `commit`. Files that change get
    /// a later time, in whole seconds, than any had before: tools take one of the same size and second for unchanged.
    pub fn check_out(&self, repo: &Repo, scratch: &Scratch, (commit, tree): (CommitId, TreeId)) -> Result<()> {
        let all = || -> Result<()> {
            if !self.is_ready() {
                self.make(repo)?;
            }
            // Nobody else uses it: whoever left that has ended.
            remove_file(&self.git_dir().join("index.lock"))?;
            fs::write(self.git_dir().join("objects/info/alternates"), scratch.alternates(repo))?;
            fs::write(self.git_dir().join("HEAD"), format!("{commit}\n"))?;
            scratch.objects().release()?;
            let tree = tree.to_string();
            self.git().args(["clean", "-ffdq"]).run()?;
            let changed = ["diff-index", "-z", "--name-only", "--no-renames", "--ignore-submodules", &tree];
            let changed = self.git().args(changed).stdout()?;
            self.git().args(["read-tree", "--reset", "-u", &tree]).run()?;
            self.stamp(&changed)?;
            // Fails where something differs from the index, which is for the next checkout to see.
            self.git().args(["update-index", "-q", "--refresh"]).output().map(drop)
        };
        all().with_context(|| format!("cannot check a tree out in `{}`", self.folder.display()))
    }

    /// Git in it.
    fn git(&self) -> Git {
        Git::on(&self.git_dir(), &self.folder).env("GIT_WORK_TREE", &self.folder)
    }

    fn git_dir(&self) -> PathBuf {
        self.folder.join(".git")
    }

    /// Makes it from nothing. It reads what the repository's own worktrees read: configuration, attributes, exclusions.
    fn make(&self, repo: &Repo) -> Result<()> {
        folders::remove(&self.folder)?;
        folders::make(&self.folder)?;
        let format = format!("--object-format={}", repo.hash);
        Git::at(&self.folder).args(["init", "--quiet", "--template=", "--ref-format=files", &format]).run()?;
        self.configure(repo)?;
        for folder in ["info", "objects/info"] {
            fs::create_dir_all(self.git_dir().join(folder))?;
        }
        for name in ["info/attributes", "info/exclude"] {
            match fs::read(repo.common_dir.join(name)) {
                Ok(content) => fs::write(self.git_dir().join(name), content)?,
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error).with_context(|| format!("cannot read `{name}` of the repository")),
            }
        }
        Ok(())
    }

    /// What comes later wins: the repository's configuration, the little that Git wrote, ours.
    fn configure(&self, repo: &Repo) -> Result<()> {
        let (first, last) = (self.git_dir().join("config.first"), self.git_dir().join("config"));
        let set = |file: &Path, key: &str, value: &OsStr| {
            Git::at(&self.folder).args(["config", "--file"]).arg(file).arg(key).arg(value).run()
        };
        set(&first, "include.path", repo.common_dir.join("config").as_os_str())?;
        for (key, value) in SETTINGS {
            set(&last, key, OsStr::new(value))?;
        }
        let content = [fs::read(&first)?, fs::read(&last)?].concat();
        fs::write(&last, content)?;
        Ok(fs::remove_file(first)?)
    }

    /// Gives the files among `changed` (with a zero byte after each) their time.
    fn stamp(&self, changed: &[u8]) -> Result<()> {
        let file = self.git_dir().join(STAMP);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let last = fs::read_to_string(&file).ok().and_then(|text| text.trim().parse::<u64>().ok());
        let Some(last) = last else {
            // What has just been made was not built yet.
            return Ok(fs::write(file, (now + 1).to_string())?);
        };
        let stamp = now.max(last + 1);
        fs::write(file, stamp.to_string())?;
        let seconds = i64::try_from(stamp).context("the clock is beyond all years")?;
        let times = Timestamps {
            last_access: Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT },
            last_modification: Timespec { tv_sec: seconds, tv_nsec: 0 },
        };
        for path in changed.split(|byte| *byte == 0).filter(|path| !path.is_empty()) {
            match rustix::fs::utimensat(
                CWD,
                self.folder.join(OsStr::from_bytes(path)),
                &times,
                AtFlags::SYMLINK_NOFOLLOW,
            ) {
                // Not in the tree any more.
                Err(rustix::io::Errno::NOENT | rustix::io::Errno::NOTDIR) => {}
                done => done?,
            }
        }
        Ok(())
    }
}

impl Drop for BuildTree {
    fn drop(&mut self) {
        if self.once {
            // What cannot be removed now is removed with all the others.
            let _ = folders::remove(&self.folder);
            let _ = fs::remove_file(self.folder.with_extension("claim"));
        }
    }
}

/// The folders below `home` that nobody uses, with their sizes in bytes.
pub fn idle(home: &Path) -> Result<Vec<(PathBuf, u64)>> {
    let mut idle = Vec::new();
    for folder in tree_folders(home)? {
        if open(&folder.with_extension("claim"))?.try_lock().is_ok() {
            let size = folders::measure(&folder, &[]).bytes;
            idle.push((folder, size));
        }
    }
    Ok(idle)
}

/// Removes every folder below `home` that nobody uses.
pub fn clear(home: &Path) -> Result<()> {
    remove_idle(home, |_| true)
}

fn remove_idle(home: &Path, which: impl Fn(&str) -> bool) -> Result<()> {
    for folder in tree_folders(home)? {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let path = folder.with_extension("claim");
        let claim = open(&path)?;
        if which(&name) && claim.try_lock().is_ok() {
            folders::remove(&folder)?;
            if name.starts_with(ONCE) {
                remove_file(&path)?;
            }
        }
    }
    Ok(())
}

fn tree_folders(home: &Path) -> Result<Vec<PathBuf>> {
    let names = folders::names(home)?;
    Ok(names.iter().map(|name| home.join(name)).filter(|path| path.extension().is_none() && path.is_dir()).collect())
}

fn open(claim: &Path) -> Result<File> {
    let file = File::options().create(true).truncate(false).write(true).open(claim);
    file.with_context(|| format!("cannot claim a build worktree: `{}`", claim.display()))
}

fn remove_file(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
