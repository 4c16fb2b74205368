//! The record of what a command is about to change: there from before the first effect until it is noted in the log.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::change::{Change, Content};
use super::{form, log, made};
use crate::git::{Objects, Repo};
use crate::host::{clock, files};

/// A record names the files of ours that change with their contents, and nobody's work.
const LONGEST: u64 = 1 << 28;

/// What a command is about to change.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Record {
    /// Its name.
    pub command: String,
    /// Its process.
    pub process: u32,
    /// When it began, in seconds since 1970.
    pub time: i64,
    /// In the order in which they are made.
    pub changes: Vec<Change>,
    /// The events that it reverts.
    pub undoes: Vec<u64>,
    /// The folders that Git kept of worktrees before, where one is made: what comes beside them is of that one.
    #[serde(default, with = "form::paths", skip_serializing_if = "Vec::is_empty")]
    pub known: Vec<PathBuf>,
}

impl Record {
    pub(super) fn new(repo: &Repo, command: &str, changes: Vec<Change>, undoes: &[u64]) -> Result<Record> {
        let (process, time) = (std::process::id(), clock::seconds());
        let makes = changes.iter().any(|change| matches!(change, Change::Made(_)));
        let known = if makes { made::admins(repo)? } else { Vec::new() };
        Ok(Record { command: command.to_owned(), process, time, changes, undoes: undoes.to_vec(), known })
    }

    /// On disk when this returns.
    pub(super) fn write(&self, repo: &Repo) -> Result<()> {
        let text = serde_json::to_vec(self).context("cannot write down what will be done")?;
        files::write(&path(repo), &text).context("cannot write down what will be done")
    }

    /// The one that is there. One that cannot be read is put aside, and said.
    pub(super) fn load(repo: &Repo, tell: &dyn Fn(&str)) -> Result<Option<Record>> {
        let path = path(repo);
        files::sweep(&folder(repo), 0);
        let Some(text) = files::read(&path, LONGEST)? else { return Ok(None) };
        match serde_json::from_slice(&text) {
            Ok(record) => Ok(Some(record)),
            Err(error) => {
                let aside = folder(repo).join(format!("unread-{}.json", clock::stamp(clock::seconds())));
                files::rename(&path, &aside)?;
                tell(&format!("tracks: an interrupted command left a record that cannot be read ({error})"));
                tell(&format!("  hint: look at it, and at `git worktree list`: {}", aside.display()));
                Ok(None)
            }
        }
    }

    pub(super) fn remove(repo: &Repo) -> Result<()> {
        files::remove(&path(repo))
    }

    /// The file: as old as the last step that was begun.
    pub(super) fn path(repo: &Repo) -> PathBuf {
        path(repo)
    }

    /// Whether it ended between noting what it did and removing the record.
    pub(super) fn is_logged(&self, repo: &Repo) -> Result<bool> {
        let bare: Vec<Change> = self.changes.iter().map(Change::without_bytes).collect();
        let written = clock::written(self.time);
        let is_it = |event: &log::Event| event.time >= written && event.changes == bare;
        Ok(log::events(repo)?.iter().rev().take(2).any(is_it))
    }
}

/// The change of a file to `after`, its bytes and permissions (`None`: those it has, or of a plain file).
pub fn file(objects: &Objects, path: &Path, after: Option<(&[u8], Option<u32>)>) -> Result<Change> {
    // A link is written through.
    let path = &files::canonical(path);
    let mode = files::mode(path);
    let content = |bytes: Vec<u8>, mode: u32| -> Result<Content> {
        Ok(Content { id: objects.blob_id(&bytes)?.to_string(), mode, bytes: Some(bytes) })
    };
    let before = match files::read(path, LONGEST)? {
        Some(bytes) => Some(content(bytes, mode.unwrap_or(0o644))?),
        None => None,
    };
    let after = match after {
        Some((bytes, wanted)) => Some(content(bytes.to_vec(), wanted.or(mode).unwrap_or(0o644))?),
        None => None,
    };
    Ok(Change::File { path: path.clone(), before, after })
}

fn folder(repo: &Repo) -> PathBuf {
    repo.state_dir().join("journal")
}

fn path(repo: &Repo) -> PathBuf {
    folder(repo).join("record.json")
}
