//! Files and folders copied or linked to, without following links and without overwriting anything.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::symlink;
use std::path::Path;

use anyhow::{Context, Result};

/// Copies a file, a link or a folder with all it holds to `to`, which is left as it is where it is already there; a
/// folder that is there gets what it lacks. Permissions are kept; on file systems that can, the copy shares its blocks.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    let named = || format!("cannot copy `{}` to `{}`", from.display(), to.display());
    let found = from.symlink_metadata().with_context(named)?;
    if found.is_symlink() {
        let target = fs::read_link(from).with_context(named)?;
        return unless_there(symlink(target, to)).with_context(named);
    }
    if found.is_file() {
        return match to.symlink_metadata() {
            Ok(_) => Ok(()),
            Err(_) => fs::copy(from, to).map(drop).with_context(named),
        };
    }
    if !found.is_dir() {
        return Ok(());
    }
    unless_there(fs::create_dir(to)).with_context(named)?;
    // A link in the place of the folder would lead the copies elsewhere.
    if !to.symlink_metadata().with_context(named)?.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(from).with_context(named)? {
        let entry = entry.with_context(named)?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    fs::set_permissions(to, found.permissions()).with_context(named)
}

/// Moves a file, a link or a folder to a place that is free; on another file system it is copied first, and what an
/// earlier attempt copied of it is copied anew.
pub fn shift(from: &Path, to: &Path) -> Result<()> {
    let named = || format!("cannot move `{}` to `{}`", from.display(), to.display());
    make_room(to)?;
    match fs::rename(from, to) {
        Err(error) if error.kind() == ErrorKind::CrossesDevices => {}
        done => return done.with_context(named),
    }
    super::folders::remove(to)?;
    copy(from, to)?;
    sync(to).with_context(named)?;
    super::folders::remove(from)
}

/// Waits until a copy is on the disk.
fn sync(path: &Path) -> std::io::Result<()> {
    let found = path.symlink_metadata()?;
    if found.is_dir() {
        fs::read_dir(path)?.try_for_each(|entry| sync(&entry?.path()))?;
    }
    if found.is_dir() || found.is_file() { fs::File::open(path)?.sync_all() } else { Ok(()) }
}

/// Makes a link at `at` that leads to `to`, unless something is there.
pub fn link(to: &Path, at: &Path) -> Result<()> {
    unless_there(symlink(to, at)).with_context(|| format!("cannot make the link `{}`", at.display()))
}

/// Makes the folder that `path` lies in.
pub fn make_room(path: &Path) -> Result<()> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder `{}`", folder.display()))
}

fn unless_there(done: std::io::Result<()>) -> std::io::Result<()> {
    match done {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        done => done,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::copy;

    #[test]
    fn links_stay_links_modes_stay_and_nothing_is_overwritten() {
        let home = tempfile::tempdir().expect("a folder");
        let (from, to) = (home.path().join("from"), home.path().join("to"));
        fs::create_dir_all(from.join("deep")).expect("made");
        fs::create_dir_all(&to).expect("made");
        fs::write(from.join("deep/run"), "new").expect("written");
        fs::write(from.join("kept"), "new").expect("written");
        fs::write(to.join("kept"), "old").expect("written");
        fs::set_permissions(from.join("deep/run"), fs::Permissions::from_mode(0o750)).expect("set");
        symlink("/nowhere", from.join("link")).expect("linked");
        copy(&from, &to).expect("copied");
        assert_eq!(fs::read_to_string(to.join("kept")).expect("read"), "old");
        assert_eq!(fs::metadata(to.join("deep/run")).expect("there").permissions().mode() & 0o777, 0o750);
        assert_eq!(fs::read_link(to.join("link")).expect("a link").to_str(), Some("/nowhere"));
    }
}
