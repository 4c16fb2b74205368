//! Files that are the user's alone, outside of any repository: read only where nobody else could have written them,
//! written so that nobody else can read them. No link is followed.

use std::fs::{self, DirBuilder, File};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use rustix::fs::OFlags;
use rustix::process::geteuid;

/// Where the user's programs keep what they know: `$XDG_STATE_HOME`, else `~/.local/state`; `None` where neither is
/// known.
pub fn state_home() -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute("XDG_STATE_HOME").or_else(|| Some(absolute("HOME")?.join(".local/state")))
}

/// Reads `folder/name`; `None` where there is no such file. Refuses what is no regular file, what is not ours, what
/// others may write, and what is larger than `limit` bytes.
pub fn read(folder: &Path, name: &str, limit: u64) -> Result<Option<Vec<u8>>> {
    let path = folder.join(name);
    let named = || format!("cannot read `{}`", path.display());
    if !is_folder_of_ours(folder)? {
        return Ok(None);
    }
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits();
    let file = match File::options().read(true).custom_flags(flags.cast_signed()).open(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        file => file.with_context(named)?,
    };
    let found = file.metadata().with_context(named)?;
    if !found.is_file() {
        bail!("`{}` is no regular file", path.display());
    }
    is_ours(&path, &found)?;
    let mut content = Vec::new();
    file.take(limit + 1).read_to_end(&mut content).with_context(named)?;
    if content.len() as u64 > limit {
        bail!("`{}` is larger than {limit} bytes", path.display());
    }
    Ok(Some(content))
}

/// Writes `folder/name` for the user alone, whole or not at all, and waits until the disk has it. Makes the folder, and
/// those above it, where there is none.
pub fn write(folder: &Path, name: &str, content: &[u8]) -> Result<()> {
    let path = folder.join(name);
    let named = || format!("cannot write `{}`", path.display());
    DirBuilder::new().recursive(true).mode(0o700).create(folder).with_context(named)?;
    if !is_folder_of_ours(folder)? {
        bail!("{}: it went away", named());
    }
    // Made with 0600, and renamed over what is there: a link there is replaced.
    let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(folder).with_context(named)?;
    file.write_all(content).and_then(|()| file.as_file().sync_all()).with_context(named)?;
    file.persist(&path).with_context(named)?;
    // The name is on disk once the folder is; not every file system can sync one.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

/// Removes `folder/name`; whether there was one.
pub fn remove(folder: &Path, name: &str) -> Result<bool> {
    let path = folder.join(name);
    if !is_folder_of_ours(folder)? {
        return Ok(false);
    }
    match fs::remove_file(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        done => done.map(|()| true).with_context(|| format!("cannot remove `{}`", path.display())),
    }
}

/// The device and the number of what lies at `path`: what a folder is, whatever it is called.
pub fn identity(path: &Path) -> Result<(u64, u64)> {
    let found = fs::metadata(path).with_context(|| format!("cannot look at `{}`", path.display()))?;
    Ok((found.dev(), found.ino()))
}

fn is_folder_of_ours(folder: &Path) -> Result<bool> {
    let found = match folder.symlink_metadata() {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(false),
        found => found.with_context(|| format!("cannot look at `{}`", folder.display()))?,
    };
    if !found.is_dir() {
        bail!("`{}` is no folder", folder.display());
    }
    is_ours(folder, &found).map(|()| true)
}

fn is_ours(path: &Path, found: &fs::Metadata) -> Result<()> {
    let shown = path.display();
    if found.uid() != geteuid().as_raw() {
        bail!("`{shown}` belongs to somebody else");
    }
    if found.permissions().mode() & 0o022 != 0 {
        bail!("others may write `{shown}`: take that away with `chmod go-w`");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::{read, remove, write};

    #[test]
    fn nobody_else_reads_or_writes_it() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("a/b");
        assert_eq!(read(&folder, "x", 10).expect("nothing is there"), None);
        write(&folder, "x", b"one").expect("written");
        write(&folder, "x", b"two").expect("written");
        let mode = |path: &std::path::Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&folder.join("x"))), (0o700, 0o600));
        assert_eq!(read(&folder, "x", 3).expect("read"), Some(b"two".to_vec()));
        assert!(read(&folder, "x", 2).is_err(), "too large");
        fs::set_permissions(folder.join("x"), Permissions::from_mode(0o620)).expect("set");
        assert!(read(&folder, "x", 3).is_err(), "the group may write it");
        assert!(remove(&folder, "x").expect("removed"));
        assert!(!remove(&folder, "x").expect("nothing there"));
    }

    #[test]
    fn no_link_is_followed() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("folder");
        write(&folder, "real", b"real").expect("written");
        fs::write(home.path().join("other"), "other").expect("written");
        symlink(home.path().join("other"), folder.join("link")).expect("linked");
        assert!(read(&folder, "link", 10).is_err());
        write(&folder, "link", b"mine").expect("replaced");
        assert_eq!(fs::read(home.path().join("other")).expect("there"), b"other");
        symlink(&folder, home.path().join("way")).expect("linked");
        assert!(read(&home.path().join("way"), "real", 10).is_err());
        assert!(write(&home.path().join("way"), "real", b"x").is_err());
        fs::set_permissions(&folder, Permissions::from_mode(0o777)).expect("set");
        assert!(read(&folder, "real", 10).is_err(), "others may put files there");
    }
}
