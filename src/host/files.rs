//! Files written so that a reader, or a crash, sees the old content or the new one and nothing between.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// Writes `content` to `path` by way of a temporary file beside it: written, synced, renamed. An existing file keeps
/// its permissions; a link is written through.
pub fn write(path: &Path, content: &[u8]) -> Result<()> {
    replace(path, content, Sync::Yes)
}

/// The same for what can be lost: after a crash of the machine the file may be empty, or torn.
pub fn write_unsynced(path: &Path, content: &[u8]) -> Result<()> {
    replace(path, content, Sync::No)
}

/// Whether to wait until the disk has it.
#[derive(Clone, Copy, PartialEq)]
enum Sync {
    Yes,
    No,
}

fn replace(path: &Path, content: &[u8], sync: Sync) -> Result<()> {
    let named = || format!("cannot write `{}`", path.display());
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().with_context(named)?;
    fs::create_dir_all(folder).with_context(named)?;
    let mut file = tempfile::Builder::new().prefix(".tracks-").tempfile_in(folder).with_context(named)?;
    file.write_all(content).with_context(named)?;
    let permissions = match fs::metadata(path) {
        Ok(found) => found.permissions(),
        Err(_) => default_permissions(),
    };
    fs::set_permissions(file.path(), permissions).with_context(named)?;
    if sync == Sync::Yes {
        file.as_file().sync_all().with_context(named)?;
    }
    file.persist(path).with_context(named)?;
    if sync == Sync::Yes {
        // The name is on disk once the folder is; not every file system can sync one.
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
    Ok(())
}

/// Reads a file that may not be there. Refuses what is no regular file, and what is larger than `limit` bytes.
pub fn read(path: &Path, limit: u64) -> Result<Option<Vec<u8>>> {
    let named = || format!("cannot read `{}`", path.display());
    let found = match fs::metadata(path) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        found => found.with_context(named)?,
    };
    if !found.is_file() {
        bail!("`{}` is no regular file", path.display());
    }
    let mut content = Vec::new();
    File::open(path).with_context(named)?.take(limit + 1).read_to_end(&mut content).with_context(named)?;
    if content.len() as u64 > limit {
        bail!("`{}` is larger than {limit} bytes", path.display());
    }
    Ok(Some(content))
}

/// The path with every link in it resolved; unchanged where that cannot be done.
pub fn canonical(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// Whether there is a folder, by itself or at the end of a link.
pub fn is_folder(path: &Path) -> bool {
    path.is_dir()
}

/// Whether there is anything, be it a link that leads nowhere.
pub fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// Whether there is a symbolic link at `path`.
pub fn is_link(path: &Path) -> bool {
    path.is_symlink()
}

/// Removes a file; nothing to do where there is none.
pub fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        done => done.with_context(|| format!("cannot remove `{}`", path.display())),
    }
}

/// Gives a file another name in its folder; refuses a name that is taken.
pub fn rename(from: &Path, to: &Path) -> Result<()> {
    let named = || format!("cannot rename `{}` to `{}`", from.display(), to.display());
    if to.symlink_metadata().is_ok() {
        bail!("{}: it is there already", named());
    }
    fs::rename(from, to).with_context(named)
}

/// Writes a program: like [`write`], and everybody may run it.
pub fn write_program(path: &Path, content: &[u8]) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    write(path, content)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
        .with_context(|| format!("cannot make `{}` a program", path.display()))
}

/// Whether somebody may run the file.
pub fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o111 != 0)
}

/// Larger files are not compared: what needs to know keeps them.
const COMPARED: u64 = 16 << 20;

/// Whether two regular files hold the same; `false` where either cannot be read, or is larger than 16 MiB. Links are
/// not followed.
pub fn equal(a: &Path, b: &Path) -> bool {
    let size = |path: &Path| path.symlink_metadata().ok().filter(fs::Metadata::is_file).map(|found| found.len());
    match (size(a), size(b)) {
        (Some(one), Some(other)) if one == other && one <= COMPARED => {
            matches!((fs::read(a), fs::read(b)), (Ok(one), Ok(other)) if one == other)
        }
        _ => false,
    }
}

/// The folder this process runs in, with every link resolved.
pub fn current_folder() -> Option<PathBuf> {
    std::env::current_dir().ok().map(|folder| canonical(&folder))
}

/// Where this program lies; `None` where the system does not say.
pub fn this_program() -> Option<PathBuf> {
    std::env::current_exe().ok()
}

/// What a new file is given: readable by all, writable by its owner.
fn default_permissions() -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    fs::Permissions::from_mode(0o644)
}
