//! Files written so that a reader, or a crash, sees the old content or the new one and nothing between.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// What a file is called before it gets its name, and six letters more.
const TEMPORARY: &str = ".tracks-";

/// Writes `content` to `path` by way of a temporary file beside it: written, synced, renamed. An existing file keeps
/// its permissions; a link is written through.
pub fn write(path: &Path, content: &[u8]) -> Result<()> {
    replace(path, content, Sync::Yes, None)
}

/// The same with permissions of its own: the file never has the content without them.
pub fn write_with(path: &Path, content: &[u8], mode: u32) -> Result<()> {
    replace(path, content, Sync::Yes, Some(mode))
}

/// The same for what can be lost: after a crash of the machine the file may be empty, or torn.
pub fn write_unsynced(path: &Path, content: &[u8]) -> Result<()> {
    replace(path, content, Sync::No, None)
}

/// Whether to wait until the disk has it.
#[derive(Clone, Copy, PartialEq)]
enum Sync {
    Yes,
    No,
}

fn replace(path: &Path, content: &[u8], sync: Sync, mode: Option<u32>) -> Result<()> {
    let named = || format!("cannot write `{}`", path.display());
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().with_context(named)?;
    fs::create_dir_all(folder).with_context(named)?;
    let mut file = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(folder).with_context(named)?;
    file.write_all(content).with_context(named)?;
    let permissions = match (mode, fs::metadata(path)) {
        (Some(mode), _) => fs::Permissions::from_mode(mode),
        (None, Ok(found)) => found.permissions(),
        (None, Err(_)) => fs::Permissions::from_mode(0o644),
    };
    fs::set_permissions(file.path(), permissions).with_context(named)?;
    if sync == Sync::Yes {
        file.as_file().sync_all().with_context(named)?;
    }
    file.persist(path).with_context(named)?;
    if sync == Sync::Yes {
        sync_folder(folder);
    }
    Ok(())
}

/// The names in a folder are on disk once the folder is; not every file system can sync one.
fn sync_folder(folder: &Path) {
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}

/// Adds a line, with one write, to a file that only grows; on disk when this returns. A last line that is torn is cut
/// off first, and one that could not be written whole is as well.
pub fn append_line(path: &Path, line: &[u8]) -> Result<()> {
    let named = || format!("cannot write `{}`", path.display());
    let is_new = path.symlink_metadata().is_err();
    let mut file = File::options().read(true).append(true).create(true).open(path).with_context(named)?;
    let size = file.metadata().with_context(named)?.len();
    let whole = whole_lines(&mut file, size).with_context(named)?;
    if whole < size {
        file.set_len(whole).with_context(named)?;
    }
    let written = file.write_all(&[line, b"\n"].concat()).and_then(|()| file.sync_data());
    if let Err(error) = written {
        // A torn line is cut off by the next one, too.
        let _ = file.set_len(whole);
        return Err(error).with_context(named);
    }
    if is_new && let Some(folder) = path.parent() {
        sync_folder(folder);
    }
    Ok(())
}

/// How many of the `size` bytes of a file are lines with an end.
fn whole_lines(file: &mut File, size: u64) -> std::io::Result<u64> {
    const STEP: u64 = 1 << 16;
    let mut end = size;
    let mut part = Vec::new();
    while end > 0 {
        let begin = end.saturating_sub(STEP);
        part.clear();
        file.seek(SeekFrom::Start(begin))?;
        file.take(end - begin).read_to_end(&mut part)?;
        if let Some(at) = part.iter().rposition(|byte| *byte == b'\n') {
            return Ok(begin + at as u64 + 1);
        }
        end = begin;
    }
    Ok(0)
}

/// The permission bits of a regular file; `None` where there is none.
pub fn mode(path: &Path) -> Option<u32> {
    path.symlink_metadata().ok().filter(fs::Metadata::is_file).map(|found| found.permissions().mode() & 0o7777)
}

/// When something was written, in seconds since 1970, and by which user; `None` where there is nothing.
pub fn written(path: &Path) -> Option<(i64, u32)> {
    path.symlink_metadata().ok().map(|found| (found.mtime(), found.uid()))
}

/// Whether one file was written before another; `false` where either is not there.
pub fn is_older(one: &Path, other: &Path) -> bool {
    let written = |path: &Path| path.symlink_metadata().ok().map(|found| (found.mtime(), found.mtime_nsec()));
    matches!((written(one), written(other)), (Some(one), Some(other)) if one < other)
}

/// Whether a file holds the beginning of another one, or all of it: a copy, as far as it got.
pub fn is_beginning(part: &Path, whole: &Path) -> bool {
    let same = || -> std::io::Result<bool> {
        let size = fs::symlink_metadata(part)?.len();
        let (mut part, mut whole) = (File::open(part)?, File::open(whole)?.take(size));
        let (mut a, mut b) = (vec![0; 1 << 16], Vec::new());
        loop {
            let read = part.read(&mut a)?;
            if read == 0 {
                return Ok(true);
            }
            b.clear();
            (&mut whole).take(read as u64).read_to_end(&mut b)?;
            if a[..read] != b[..] {
                return Ok(false);
            }
        }
    };
    same().unwrap_or(false)
}

/// Removes what runs that were ended left in a folder while they were writing a file, if it is older than `age` seconds.
pub fn sweep(folder: &Path, age: i64) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let rest = name.to_str().and_then(|name| name.strip_prefix(TEMPORARY));
        let ours = rest.is_some_and(|rest| rest.len() == 6 && rest.chars().all(|c| c.is_ascii_alphanumeric()));
        let old = || written(&entry.path()).is_some_and(|(at, _)| super::clock::seconds() - at >= age);
        if ours && entry.file_type().is_ok_and(|kind| kind.is_file()) && old() {
            // What cannot be removed now is tried again by the next command.
            let _ = fs::remove_file(entry.path());
        }
    }
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

/// The last `size` bytes of a file; nothing where there is none.
pub fn read_end(path: &Path, size: u64) -> Result<Vec<u8>> {
    let read = || -> std::io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        let begin = file.metadata()?.len().saturating_sub(size);
        file.seek(SeekFrom::Start(begin))?;
        let mut end = Vec::new();
        file.take(size).read_to_end(&mut end)?;
        Ok(end)
    };
    match read() {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        read => read.with_context(|| format!("cannot read `{}`", path.display())),
    }
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

/// Gives a file a second name in its folder, with all that it is; refuses a name that is taken. Where the file system
/// knows no second names it is copied.
pub fn name_too(path: &Path, second: &Path) -> Result<()> {
    let named = || format!("cannot give `{}` the name `{}` too", path.display(), second.display());
    match fs::hard_link(path, second) {
        Err(error) if matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::PermissionDenied) => {}
        done => {
            done.with_context(named)?;
            second.parent().into_iter().for_each(sync_folder);
            return Ok(());
        }
    }
    if is_there(second) {
        bail!("{}: it is there already", named());
    }
    let content = fs::read(path).with_context(named)?;
    write_with(second, &content, mode(path).unwrap_or(0o644))
}

/// Gives a file the name of another one in its folder, in the place of that, in one step.
pub fn replace_by(from: &Path, to: &Path) -> Result<()> {
    let same = is_same(from, to);
    fs::rename(from, to).with_context(|| format!("cannot rename `{}` to `{}`", from.display(), to.display()))?;
    // Two names of one file both stay.
    if same {
        remove(from)?;
    }
    to.parent().into_iter().for_each(sync_folder);
    Ok(())
}

/// Whether two names are those of one file.
pub fn is_same(a: &Path, b: &Path) -> bool {
    let id = |path: &Path| path.symlink_metadata().ok().map(|found| (found.dev(), found.ino()));
    id(a).is_some_and(|one| Some(one) == id(b))
}

/// Adds to a file that is there.
pub fn append(path: &Path, content: &[u8]) -> Result<()> {
    let named = || format!("cannot write `{}`", path.display());
    let mut file = File::options().append(true).open(path).with_context(named)?;
    file.write_all(content).with_context(named)
}

/// The same, making the file and its folders where they are not there. What is added comes in one piece, and after what
/// others add.
pub fn append_or_make(path: &Path, content: &[u8]) -> Result<()> {
    let named = || format!("cannot write `{}`", path.display());
    fs::create_dir_all(path.parent().with_context(named)?).with_context(named)?;
    let mut file = File::options().append(true).create(true).open(path).with_context(named)?;
    file.write_all(content).with_context(named)
}

/// A new file in the system's place for temporary files, gone when dropped.
pub fn temporary(prefix: &str) -> Result<tempfile::NamedTempFile> {
    tempfile::Builder::new().prefix(prefix).tempfile().context("cannot make a temporary file")
}

/// Whether somebody may run the file.
pub fn is_program(path: &Path) -> bool {
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
