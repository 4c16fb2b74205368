//! Folders: what stands somewhere, what it holds and how large it is. Links are looked at and never followed.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    Nothing,
    /// A folder with nothing in it.
    EmptyFolder,
    /// A folder with something in it, or one that cannot be read.
    Folder,
    /// A regular file.
    File,
    /// A symbolic link, wherever it leads.
    Link,
    /// A device, a pipe or a socket.
    Other,
}

/// How much a folder holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measure {
    /// Bytes on disk, as the file system counts them; a file with several names in the folder counts once.
    pub bytes: u64,
    /// When the youngest file was written, in seconds since 1970; 0 where there is none.
    pub newest: i64,
}

/// Looks at `path`.
pub fn look(path: &Path) -> Result<Found> {
    let named = || format!("cannot look at `{}`", path.display());
    let kind = match path.symlink_metadata() {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(Found::Nothing);
        }
        found => found.with_context(named)?.file_type(),
    };
    Ok(match () {
        () if kind.is_symlink() => Found::Link,
        () if kind.is_file() => Found::File,
        () if !kind.is_dir() => Found::Other,
        () if fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none()) => Found::EmptyFolder,
        () => Found::Folder,
    })
}

/// The names in a folder, in order; none where there is no folder.
pub fn names(folder: &Path) -> Result<Vec<OsString>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(Vec::new()),
        entries => entries.with_context(|| format!("cannot read the folder `{}`", folder.display()))?,
    };
    let mut names = entries.map(|entry| Ok(entry?.file_name())).collect::<Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}

/// The first part of `path` below `root` that is there and is no plain folder: a link would lead elsewhere. `path`
/// must begin with `root`.
pub fn first_not_plain(root: &Path, path: &Path) -> Option<PathBuf> {
    let mut at = root.to_owned();
    for part in path.strip_prefix(root).ok()?.components() {
        at.push(part);
        match at.symlink_metadata() {
            Ok(found) if found.is_dir() => {}
            Ok(_) => return Some(at),
            Err(_) => return None,
        }
    }
    None
}

/// Measures a folder without following links, and without the folders in `skipped`. What cannot be read is left out.
pub fn measure(folder: &Path, skipped: &[PathBuf]) -> Measure {
    let mut measure = Measure::default();
    let mut linked = HashSet::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let Ok(found) = entry.metadata() else { continue };
            if found.is_dir() {
                let path = entry.path();
                if !skipped.contains(&path) {
                    waiting.push(path);
                }
                measure.bytes += found.blocks() * 512;
                continue;
            }
            measure.newest = measure.newest.max(found.mtime());
            if found.nlink() == 1 || linked.insert((found.dev(), found.ino())) {
                measure.bytes += found.blocks() * 512;
            }
        }
    }
    measure
}

/// Makes a folder and those above it, where they are not there.
pub fn make(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder `{}`", folder.display()))
}

/// A new folder in the system's place for temporary files, which stays until somebody removes it.
pub fn temporary(prefix: &str) -> Result<PathBuf> {
    let folder = tempfile::Builder::new().prefix(prefix).tempdir().context("cannot make a temporary folder")?;
    Ok(folder.keep())
}

/// Removes a folder with all it holds, a file or a link; nothing to do where there is none. A folder in it that does not
/// let its owner write is made to.
pub fn remove(folder: &Path) -> Result<()> {
    let removed = remove_all(folder).or_else(|error| match error.kind() {
        ErrorKind::PermissionDenied => {
            open_up(folder);
            remove_all(folder)
        }
        _ => Err(error),
    });
    removed.with_context(|| format!("cannot remove `{}`", folder.display()))
}

fn remove_all(path: &Path) -> std::io::Result<()> {
    let is_folder = path.symlink_metadata().is_ok_and(|found| found.is_dir());
    match if is_folder { fs::remove_dir_all(path) } else { fs::remove_file(path) } {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(()),
        done => done,
    }
}

fn open_up(folder: &Path) {
    let Ok(found) = folder.symlink_metadata() else { return };
    if found.is_dir() {
        // What cannot be opened is named by whoever removes it.
        let _ = fs::set_permissions(folder, fs::Permissions::from_mode(found.permissions().mode() | 0o700));
        fs::read_dir(folder).into_iter().flatten().flatten().for_each(|entry| open_up(&entry.path()));
    }
}

/// Whether two places are on one file system, so that something is moved between them in one step.
pub fn are_together(one: &Path, other: &Path) -> bool {
    let device = |path: &Path| path.ancestors().find_map(|path| path.symlink_metadata().ok()).map(|found| found.dev());
    device(one).is_some_and(|one| device(other) == Some(one))
}

/// Removes the empty folders from `folder` upwards, as far as `root`, which stays.
pub fn remove_empty(folder: &Path, root: &Path) {
    let mut at = folder;
    while at != root && at.starts_with(root) && fs::remove_dir(at).is_ok() {
        let Some(parent) = at.parent() else { return };
        at = parent;
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::{Found, first_not_plain, look, measure, remove_empty};

    #[test]
    fn links_are_seen_and_not_followed() {
        let home = tempfile::tempdir().expect("a folder");
        let root = home.path();
        fs::create_dir_all(root.join("a/empty")).expect("made");
        fs::write(root.join("a/file"), "x").expect("written");
        symlink(root.join("a"), root.join("link")).expect("linked");
        let found = |path: &str| look(&root.join(path)).expect("can be looked at");
        assert_eq!(found("a"), Found::Folder);
        assert_eq!(found("a/empty"), Found::EmptyFolder);
        assert_eq!(found("a/file"), Found::File);
        assert_eq!(found("link"), Found::Link);
        assert_eq!(found("a/file/x"), Found::Nothing);
        assert_eq!(first_not_plain(root, &root.join("a/empty/new/x")), None);
        assert_eq!(first_not_plain(root, &root.join("link/x")), Some(root.join("link")));
        assert_eq!(measure(&root.join("link"), &[]).bytes, measure(&root.join("a"), &[]).bytes);
        remove_empty(&root.join("a/empty"), root);
        assert_eq!(found("a/empty"), Found::Nothing);
        assert_eq!(found("a"), Found::Folder);
    }
}
