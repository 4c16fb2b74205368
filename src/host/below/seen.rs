//! Folders read once: what stands under a name in all the detail that an index keeps, and every name. Nothing is opened for
//! writing, no link is followed, and nothing but folders is opened.

use std::ffi::OsStr;
use std::io::Result;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::{AtFlags, FileType, Mode};
use rustix::io::Errno;

use super::{FOLDER, Kind};

/// What the file system says about something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Of which kind it is.
    pub kind: Kind,
    /// Whether its owner may run it.
    pub executable: bool,
    /// Its size in bytes.
    pub size: u64,
    /// When its content was written, in seconds and nanoseconds since 1970.
    pub written: (i64, u32),
    /// When anything about it was changed, likewise.
    pub changed: (i64, u32),
    /// Its number in the file system.
    pub number: u64,
    /// The user and the group that it belongs to.
    pub owner: (u32, u32),
}

/// A folder that is held open.
pub struct Shelf {
    fd: OwnedFd,
}

impl Shelf {
    /// Opens a folder by its path, which may lead through links; what it ends in may be none.
    pub fn open(path: &Path) -> Result<Shelf> {
        Ok(Shelf { fd: rustix::fs::open(path, FOLDER, Mode::empty())? })
    }

    /// Opens the folder of that name in this one; `None` where there is nothing, or something else.
    pub fn folder(&self, name: &[u8]) -> Result<Option<Shelf>> {
        match rustix::fs::openat(&self.fd, OsStr::from_bytes(name), FOLDER, Mode::empty()) {
            Ok(fd) => Ok(Some(Shelf { fd })),
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Looks at what has this name, without following a link; `None` where nothing has.
    pub fn see(&self, name: &[u8]) -> Result<Option<Seen>> {
        match rustix::fs::statat(&self.fd, OsStr::from_bytes(name), AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(seen(&stat))),
            Err(Errno::NOENT | Errno::NOTDIR) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Tells every name in it, in no order. To be called once: a second time there is nothing left to read.
    #[cfg(target_os = "linux")]
    pub fn each_name(&self, mut tell: impl FnMut(&[u8])) -> Result<()> {
        let mut buffer = Vec::with_capacity(1 << 14);
        let mut entries = rustix::fs::RawDir::new(&self.fd, buffer.spare_capacity_mut());
        while let Some(entry) = entries.next() {
            tell_name(entry?.file_name().to_bytes(), &mut tell);
        }
        Ok(())
    }

    /// Tells every name in it, in no order. To be called once: a second time there is nothing left to read.
    #[cfg(not(target_os = "linux"))]
    pub fn each_name(&self, mut tell: impl FnMut(&[u8])) -> Result<()> {
        for entry in rustix::fs::Dir::read_from(&self.fd)? {
            tell_name(entry?.file_name().to_bytes(), &mut tell);
        }
        Ok(())
    }
}

fn tell_name(name: &[u8], tell: &mut impl FnMut(&[u8])) {
    if name != b"." && name != b".." {
        tell(name);
    }
}

// The types of these fields differ between systems.
#[allow(clippy::unnecessary_cast, reason = "they are needed on some systems")]
fn seen(stat: &rustix::fs::Stat) -> Seen {
    let kind = match FileType::from_raw_mode(stat.st_mode as _) {
        FileType::RegularFile => Kind::File,
        FileType::Symlink => Kind::Link,
        FileType::Directory => Kind::Folder,
        _ => Kind::Other,
    };
    Seen {
        kind,
        executable: stat.st_mode as u32 & 0o100 != 0,
        size: stat.st_size as u64,
        written: (stat.st_mtime as i64, stat.st_mtime_nsec as u32),
        changed: (stat.st_ctime as i64, stat.st_ctime_nsec as u32),
        number: stat.st_ino as u64,
        owner: (stat.st_uid as u32, stat.st_gid as u32),
    }
}
