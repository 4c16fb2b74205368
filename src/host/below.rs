//! Files below one folder, reached part by part without ever following a link: whatever somebody puts in the place of a
//! folder meanwhile, nothing outside is read or written.

pub mod seen;

use std::ffi::OsStr;
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use anyhow::{Context, Result, bail};
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Timespec, Timestamps};
use rustix::io::Errno;

use crate::model::RepoPath;

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
/// Without waiting, should somebody have put a pipe there.
const READ: OFlags = OFlags::RDONLY.union(OFlags::NOFOLLOW).union(OFlags::NONBLOCK).union(OFlags::CLOEXEC);
const NEW: OFlags = OFlags::WRONLY.union(OFlags::CREATE).union(OFlags::EXCL).union(OFlags::CLOEXEC);

/// What a file is called before it gets its name.
const PREFIX: &str = ".tracks-";
const SUFFIX: &str = ".tmp";

/// The permission bits that are kept.
pub const PERMISSIONS: u32 = 0o777;

/// What kind of thing stands somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A symbolic link.
    Link,
    /// A folder.
    Folder,
    /// A device, a pipe or a socket.
    Other,
}

/// What stands somewhere, as the file system describes it. Two that are equal are the same thing, not written between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Of which kind it is.
    pub kind: Kind,
    /// Its permission bits.
    pub mode: u32,
    /// Its size in bytes.
    pub size: u64,
    /// When its content was written, in seconds and nanoseconds since 1970.
    pub written: (i64, u32),
    stamp: (u64, u64, i64, u32),
}

/// A folder that is held open.
pub struct Folder {
    fd: OwnedFd,
}

impl Folder {
    /// Opens a folder by its path, which may lead through links; what it ends in may be none.
    pub fn open(path: &Path) -> Result<Folder> {
        let fd = rustix::fs::open(path, FOLDER, Mode::empty());
        Ok(Folder { fd: fd.with_context(|| format!("cannot open the folder `{}`", path.display()))? })
    }

    /// The folder `path` below this one; `None` where there is none, or something else on the way.
    pub fn below(&self, path: Option<&RepoPath>) -> Result<Option<Folder>> {
        let mut at = Folder { fd: self.fd.try_clone()? };
        for part in parts(path) {
            match rustix::fs::openat(&at.fd, part, FOLDER, Mode::empty()) {
                Ok(fd) => at = Folder { fd },
                Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => return Ok(None),
                Err(error) => return Err(error).with_context(|| format!("cannot open the folder {part:?}")),
            }
        }
        Ok(Some(at))
    }

    /// The same, making what is not there.
    pub fn made(&self, path: Option<&RepoPath>) -> Result<Folder> {
        let mut at = Folder { fd: self.fd.try_clone()? };
        for part in parts(path) {
            match rustix::fs::mkdirat(&at.fd, part, Mode::from_raw_mode(0o777)) {
                Ok(()) | Err(Errno::EXIST) => {}
                Err(error) => return Err(error).with_context(|| format!("cannot make the folder {part:?}")),
            }
            let fd = rustix::fs::openat(&at.fd, part, FOLDER, Mode::empty());
            at = Folder { fd: fd.with_context(|| format!("cannot open the folder {part:?}"))? };
        }
        Ok(at)
    }

    /// The names in it, in order.
    pub fn names(&self) -> Result<Vec<Vec<u8>>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.fd)? {
            let name = entry?.file_name().to_bytes().to_vec();
            if name != b"." && name != b".." {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    /// Looks at what has this name; `None` where nothing has.
    pub fn look(&self, name: &[u8]) -> Result<Option<Look>> {
        match rustix::fs::statat(&self.fd, OsStr::from_bytes(name), AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(look(&stat))),
            Err(Errno::NOENT | Errno::NOTDIR) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Looks at the folder itself.
    pub fn itself(&self) -> Result<Look> {
        Ok(look(&rustix::fs::fstat(&self.fd)?))
    }

    /// Opens a regular file for reading.
    pub fn file(&self, name: &[u8]) -> Result<Opened> {
        let file = File::from(rustix::fs::openat(&self.fd, OsStr::from_bytes(name), READ, Mode::empty())?);
        let opened = Opened { file };
        if opened.look()?.kind != Kind::File {
            bail!("it is no regular file");
        }
        Ok(opened)
    }

    /// Where a link leads.
    pub fn link(&self, name: &[u8]) -> Result<Vec<u8>> {
        Ok(rustix::fs::readlinkat(&self.fd, OsStr::from_bytes(name), Vec::new())?.into_bytes())
    }

    /// Writes a file in one step, in the place of a file or link of that name; on disk when this returns.
    pub fn write(&self, name: &[u8], content: &[u8], mode: u32) -> Result<()> {
        let temporary = self.temporary();
        let written = self.new_file(&temporary, content, mode).and_then(|()| self.rename(&temporary, name));
        self.or_without(&temporary, written)
    }

    /// Makes a link in one step, in the place of a file or link of that name.
    pub fn write_link(&self, name: &[u8], target: &[u8]) -> Result<()> {
        let temporary = self.temporary();
        let made = rustix::fs::symlinkat(OsStr::from_bytes(target), &self.fd, OsStr::from_bytes(&temporary));
        let made = made.map_err(Into::into).and_then(|()| self.rename(&temporary, name));
        self.or_without(&temporary, made)
    }

    /// Writes a file of a name that must be free.
    pub fn new_file(&self, name: &[u8], content: &[u8], mode: u32) -> Result<()> {
        let fd = rustix::fs::openat(&self.fd, OsStr::from_bytes(name), NEW, Mode::from_raw_mode(0o600))?;
        let mut file = File::from(fd);
        file.write_all(content)?;
        rustix::fs::fchmod(&file, Mode::from_raw_mode((mode & PERMISSIONS) as _))?;
        Ok(file.sync_all()?)
    }

    /// The same, so that nobody ever sees it with less content; fails where the name is taken.
    pub fn new_in_one_step(&self, name: &[u8], content: &[u8]) -> Result<()> {
        let temporary = self.temporary();
        let linked = self.new_file(&temporary, content, 0o644).and_then(|()| {
            let (from, to) = (OsStr::from_bytes(&temporary), OsStr::from_bytes(name));
            Ok(rustix::fs::linkat(&self.fd, from, &self.fd, to, AtFlags::empty())?)
        });
        self.remove(&temporary)?;
        linked
    }

    /// Says that the content of a file was written at that time.
    pub fn set_written(&self, name: &[u8], (seconds, nanoseconds): (i64, u32)) -> Result<()> {
        let at = Timespec { tv_sec: seconds as _, tv_nsec: nanoseconds as _ };
        let times = Timestamps { last_access: at, last_modification: at };
        Ok(rustix::fs::utimensat(&self.fd, OsStr::from_bytes(name), &times, AtFlags::SYMLINK_NOFOLLOW)?)
    }

    /// Gives something in the folder another name, in the place of a file or link that has it.
    pub fn rename(&self, from: &[u8], to: &[u8]) -> Result<()> {
        Ok(rustix::fs::renameat(&self.fd, OsStr::from_bytes(from), &self.fd, OsStr::from_bytes(to))?)
    }

    /// Sets the permissions of a regular file.
    pub fn set_mode(&self, name: &[u8], mode: u32) -> Result<()> {
        let mode = Mode::from_raw_mode((mode & PERMISSIONS) as _);
        // By name, since what cannot be read cannot be opened; a link of that name would be followed, so there is none.
        match self.look(name)?.map(|look| look.kind) {
            Some(Kind::File | Kind::Folder) => {
                Ok(rustix::fs::chmodat(&self.fd, OsStr::from_bytes(name), mode, AtFlags::empty())?)
            }
            _ => bail!("it is no regular file"),
        }
    }

    /// Sets the permissions of the folder itself.
    pub fn set_own_mode(&self, mode: u32) -> Result<()> {
        Ok(rustix::fs::fchmod(&self.fd, Mode::from_raw_mode((mode & PERMISSIONS) as _))?)
    }

    /// Removes a file or link; nothing to do where there is none.
    pub fn remove(&self, name: &[u8]) -> Result<()> {
        self.unlink(name, AtFlags::empty())
    }

    /// Removes a folder, if it is empty; says whether it is gone.
    pub fn remove_folder(&self, name: &[u8]) -> Result<bool> {
        match self.unlink(name, AtFlags::REMOVEDIR) {
            Ok(()) => Ok(true),
            Err(error) => match error.downcast_ref::<Errno>() {
                Some(&(Errno::NOTEMPTY | Errno::EXIST | Errno::NOTDIR | Errno::BUSY)) => Ok(false),
                _ => Err(error),
            },
        }
    }

    fn unlink(&self, name: &[u8], flags: AtFlags) -> Result<()> {
        match rustix::fs::unlinkat(&self.fd, OsStr::from_bytes(name), flags) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// A name that nobody has.
    fn temporary(&self) -> Vec<u8> {
        use std::sync::atomic::{AtomicU64, Ordering};
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        format!("{PREFIX}{}-{number}{SUFFIX}", std::process::id()).into_bytes()
    }

    /// Removes the temporary files that ended processes left in this folder; nobody else may be writing in it.
    pub fn sweep(&self) -> Result<()> {
        let left = |name: &&Vec<u8>| name.starts_with(PREFIX.as_bytes()) && name.ends_with(SUFFIX.as_bytes());
        self.names()?.iter().filter(left).try_for_each(|name| self.remove(name))
    }

    fn or_without(&self, temporary: &[u8], done: Result<()>) -> Result<()> {
        done.inspect_err(|_| {
            // The first error says more.
            let _ = self.remove(temporary);
        })
    }
}

/// A regular file, opened for reading.
pub struct Opened {
    file: File,
}

impl Opened {
    /// Looks at it.
    pub fn look(&self) -> Result<Look> {
        Ok(look(&rustix::fs::fstat(&self.file)?))
    }

    /// All of it.
    pub fn content(&mut self, size: u64) -> Result<Vec<u8>> {
        let mut content = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
        self.file.read_to_end(&mut content)?;
        Ok(content)
    }

    /// Its first `size` bytes; a file that has fewer fails.
    pub fn exactly(self, size: u64) -> impl Read {
        Exactly { file: self.file, left: size }
    }
}

struct Exactly {
    file: File,
    left: u64,
}

impl Read for Exactly {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let most = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let read = self.file.read(&mut buffer[..most])?;
        self.left -= read as u64;
        match read == 0 && most > 0 {
            true => Err(std::io::Error::new(ErrorKind::UnexpectedEof, "it became shorter")),
            false => Ok(read),
        }
    }
}

fn parts(path: Option<&RepoPath>) -> impl Iterator<Item = &OsStr> {
    let bytes = path.map_or(&[][..], |path| path.as_bstr());
    bytes.split(|byte| *byte == b'/').filter(|part| !part.is_empty()).map(OsStr::from_bytes)
}

// The types of these fields differ between systems.
#[allow(clippy::unnecessary_cast, clippy::useless_conversion, reason = "they are needed on some systems")]
fn look(stat: &rustix::fs::Stat) -> Look {
    let kind = match FileType::from_raw_mode(stat.st_mode as _) {
        FileType::RegularFile => Kind::File,
        FileType::Symlink => Kind::Link,
        FileType::Directory => Kind::Folder,
        _ => Kind::Other,
    };
    Look {
        kind,
        mode: stat.st_mode as u32 & PERMISSIONS,
        size: stat.st_size as u64,
        written: (stat.st_mtime as i64, stat.st_mtime_nsec as u32),
        stamp: (stat.st_dev as u64, stat.st_ino as u64, stat.st_ctime as i64, stat.st_ctime_nsec as u32),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::{Folder, Kind};
    use crate::model::RepoPath;

    #[test]
    fn nothing_is_reached_through_a_link() {
        let home = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(home.path().join("in")).expect("made");
        fs::create_dir_all(home.path().join("out")).expect("made");
        fs::write(home.path().join("out/secret"), "x").expect("written");
        symlink("../out", home.path().join("in/link")).expect("linked");
        symlink("../out/secret", home.path().join("in/file")).expect("linked");
        let folder = Folder::open(&home.path().join("in")).expect("opened");
        let path = RepoPath::new("link");
        assert!(folder.below(Some(&path)).expect("looked").is_none());
        assert!(folder.made(Some(&path)).is_err());
        assert!(folder.file(b"file").is_err());
        assert!(Folder::open(&home.path().join("in/link")).is_err());
        assert_eq!(folder.look(b"file").expect("looked").map(|look| look.kind), Some(Kind::Link));
        folder.write(b"file", b"new", 0o640).expect("written");
        assert_eq!(fs::read(home.path().join("out/secret")).expect("read"), b"x");
        assert_eq!(folder.look(b"file").expect("looked").map(|look| look.mode), Some(0o640));
        assert_eq!(folder.names().expect("listed"), [b"file".to_vec(), b"link".to_vec()]);
    }
}
