//! One writer at a time: an advisory lock that ends with its process, however that ends, and with the children that were
//! given a share of it.

use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind, Read, Seek, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::clock;
use crate::model::Failure;
use crate::model::text::escaped;

/// How long a writer waits for another.
const PATIENCE: Duration = Duration::from_secs(30);

/// A share of the lock, as a child's standard input.
pub type Share = File;

/// The right to write, until dropped and no child holds a share of it.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl Lock {
    /// A share for a child, which passes it on to its own as standard input: should this process be killed, nobody else
    /// gets the lock before they have ended.
    pub fn share(&self) -> Result<Share> {
        self.file.try_clone().context("cannot share the lock")
    }
}

/// Takes the lock at `path`, waiting up to 30 s while somebody else has it; `waiting` is told once who that is.
pub fn take(path: &Path, command: &str, waiting: impl Fn(&str)) -> Result<Lock> {
    let named = || format!("cannot take the lock `{}`", path.display());
    let start = Instant::now();
    let mut told = false;
    loop {
        let mut file = open(path).with_context(named)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::Error(error)) => return Err(error).with_context(named),
            Err(TryLockError::WouldBlock) => {
                if !std::mem::replace(&mut told, true) {
                    waiting(&format!("waiting for {}", owner(&mut file)));
                }
                if !in_turn(&file, PATIENCE.saturating_sub(start.elapsed())).with_context(named)? {
                    let message = format!("{} is still writing after {} s", owner(&mut file), PATIENCE.as_secs());
                    return Err(Failure::not_run(message).hint("wait for it to end, or end it, and try again").into());
                }
            }
        }
        // Who had it may have taken its folder away: whoever comes next locks another file of that name.
        if is_at(&file, path) {
            sign(&mut file, command).with_context(named)?;
            return Ok(Lock { file });
        }
    }
}

/// Takes the lock at `path` if nobody has it.
pub fn try_take(path: &Path, command: &str) -> Result<Option<Lock>> {
    let named = || format!("cannot take the lock `{}`", path.display());
    let mut file = open(path).with_context(named)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::Error(error)) => return Err(error).with_context(named),
        Err(TryLockError::WouldBlock) => return Ok(None),
    }
    sign(&mut file, command).with_context(named)?;
    Ok(Some(Lock { file }))
}

/// Waits until it is this one's turn, at most that long; whether it is. The system lets those who wait in by turns: of
/// many who look from time to time, one may be late each time.
fn in_turn(file: &File, patience: Duration) -> std::io::Result<bool> {
    let (file, (tell, told)) = (file.try_clone()?, mpsc::channel());
    // Where nobody listens any more the lock is let go again with the last name of the file.
    std::thread::spawn(move || tell.send(file.lock()));
    match told.recv_timeout(patience) {
        Ok(locked) => locked.map(|()| true),
        Err(_) => Ok(false),
    }
}

fn open(path: &Path) -> std::io::Result<File> {
    let folder = path.parent().unwrap_or(path);
    let mut tries = 0;
    loop {
        fs::create_dir_all(folder)?;
        match File::options().read(true).write(true).create(true).truncate(false).open(path) {
            // The folder went in between.
            Err(error) if error.kind() == ErrorKind::NotFound && tries < 100 => tries += 1,
            opened => return opened,
        }
    }
}

fn is_at(file: &File, path: &Path) -> bool {
    matches!((file.metadata(), fs::metadata(path)), (Ok(one), Ok(other)) if one.dev() == other.dev() && one.ino() == other.ino())
}

/// Writes down who has it: the command, the process, and since when.
fn sign(file: &mut File, command: &str) -> std::io::Result<()> {
    let text = format!("{command}\n{}\n{}\n", std::process::id(), clock::seconds());
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(text.as_bytes())
}

/// Who has it, and for how long.
fn owner(file: &mut File) -> String {
    let mut text = Vec::new();
    let read = file.rewind().and_then(|()| file.take(200).read_to_end(&mut text));
    let text = escaped_lines(&text);
    match (read, text.as_slice()) {
        (Ok(_), [command, process, since]) => {
            let age = since.parse::<i64>().map_or(0, |since| (clock::seconds() - since).max(0));
            format!("`tracks {command}` (process {process}, at it for {age} s)")
        }
        _ => "another `tracks`".into(),
    }
}

fn escaped_lines(text: &[u8]) -> Vec<String> {
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(escaped).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{open, owner, take};

    #[test]
    fn who_has_it_is_known_and_a_folder_that_went_is_made_again() {
        let home = tempfile::tempdir().expect("a folder");
        let path = home.path().join("tracks/lock");
        let lock = take(&path, "add", |_| {}).expect("free");
        let said = owner(&mut open(&path).expect("there"));
        assert_eq!(said, format!("`tracks add` (process {}, at it for 0 s)", std::process::id()));
        let waiter = std::thread::spawn({
            let path = path.clone();
            move || take(&path, "remove", |_| {}).expect("had")
        });
        fs::remove_dir_all(home.path().join("tracks")).expect("removed");
        drop(lock);
        let second = waiter.join().expect("ended");
        assert!(super::is_at(&second.file, &path));
    }

    #[test]
    fn a_share_outlives_its_owner() {
        let home = tempfile::tempdir().expect("a folder");
        let path = home.path().join("lock");
        let lock = take(&path, "add", |_| {}).expect("free");
        let share = lock.share().expect("shared");
        drop(lock);
        assert!(open(&path).expect("there").try_lock().is_err());
        drop(share);
        assert!(open(&path).expect("there").try_lock().is_ok());
    }
}
