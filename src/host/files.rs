//! Files written so that a reader, or a crash, sees the old content or the new one and nothing between.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};

/// Writes `content` to `path` by way of a temporary file beside it: written, synced, renamed. An existing file keeps
/// its permissions; a link is written through.
pub fn write(path: &Path, content: &[u8]) -> Result<()> {
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
    file.as_file().sync_all().with_context(named)?;
    file.persist(path).with_context(named)?;
    // The name is on disk once the folder is; not every file system can sync one.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
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

/// What a new file is given: readable by all, writable by its owner.
fn default_permissions() -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    fs::Permissions::from_mode(0o644)
}
