//! One writer at a time: an advisory lock that ends with its process, however that ends.

use std::fs::{self, File};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::clock;
use crate::model::Failure;

/// How long a writer waits for another.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(50);

/// The right to write, until dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Takes the lock at `path`, waiting up to 30 s while somebody else has it; `waiting` is told once who that is.
pub fn take(path: &Path, command: &str, waiting: impl Fn(&str)) -> Result<Lock> {
    let named = || format!("cannot take the lock `{}`", path.display());
    fs::create_dir_all(path.parent().with_context(named)?).with_context(named)?;
    let mut file =
        File::options().read(true).write(true).create(true).truncate(false).open(path).with_context(named)?;
    let start = Instant::now();
    let mut told = false;
    while file.try_lock().is_err() {
        let owner = owner(&mut file);
        if start.elapsed() > PATIENCE {
            let message = format!("{owner} is still writing after {} s", PATIENCE.as_secs());
            return Err(Failure::not_run(message).hint("wait for it to end, or end it, and try again").into());
        }
        if !std::mem::replace(&mut told, true) {
            waiting(&format!("waiting for {owner}"));
        }
        std::thread::sleep(PAUSE);
    }
    let owner = format!("`tracks {command}` (process {}, since {})", std::process::id(), clock::now());
    file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(owner.as_bytes())).with_context(named)?;
    Ok(Lock { _file: file })
}

fn owner(file: &mut File) -> String {
    let mut text = String::new();
    let read = file.rewind().and_then(|()| file.take(200).read_to_string(&mut text));
    match read.is_ok() && !text.is_empty() {
        true => crate::model::text::escaped(text.as_bytes()),
        false => "another `tracks`".into(),
    }
}
