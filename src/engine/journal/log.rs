//! The event log, `log.jsonl`: one line for each command that changed something, and nothing is ever taken out of it.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::change::{Change, Content};
use crate::git::Repo;
use crate::host::{clock, files, folders};

/// A log of that many bytes holds more than a million commands.
const LONGEST: u64 = 1 << 30;

/// The end of the log that surely holds a whole line, unless one names thousands of files.
const END: u64 = 1 << 18;

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Counted from 1; 0 for what changed nothing, and cannot be undone.
    pub number: u64,
    /// When, in UTC, as RFC 3339 writes it.
    pub time: String,
    /// The version of the program.
    pub version: String,
    /// Who: what the variable `TRACKS_ID` says, else the name that Git has for the user, else the user's.
    pub actor: String,
    /// The command.
    pub command: String,
    /// What it changed, in order.
    pub changes: Vec<Change>,
    /// The events that it reverted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undoes: Vec<u64>,
}

/// Every event, the oldest first. Lines that cannot be read, such as a torn last one, are left out.
pub fn events(repo: &Repo) -> Result<Vec<Event>> {
    let text = files::read(&path(repo), LONGEST).context("cannot read the log")?.unwrap_or_default();
    Ok(parsed(&text))
}

/// Notes what was done.
pub(super) fn append(repo: &Repo, command: &str, changes: &[Change], undoes: &[u64]) -> Result<Event> {
    folders::make(&repo.state_dir())?;
    changes.iter().try_for_each(|change| keep_contents(repo, change))?;
    let event = Event {
        number: last(repo)?.map_or(1, |event| event.number + 1),
        changes: changes.iter().map(Change::without_bytes).collect(),
        undoes: undoes.to_vec(),
        ..said(repo, command)
    };
    let line = serde_json::to_vec(&event).context("cannot write the log")?;
    files::append_line(&path(repo), &line)?;
    Ok(event)
}

/// Notes something that changed nothing, without the lock: nobody is held up by it.
pub fn aside(repo: &Repo, command: &str) -> Result<()> {
    let line = serde_json::to_string(&said(repo, command)).context("cannot write the log")?;
    files::append_or_make(&path(repo), format!("{line}\n").as_bytes())
}

fn said(repo: &Repo, command: &str) -> Event {
    Event {
        number: 0,
        time: clock::now(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        actor: actor(repo),
        command: command.to_owned(),
        changes: Vec::new(),
        undoes: Vec::new(),
    }
}

/// What a file held at the time of an event; `None` where that is not kept any more.
pub fn content(repo: &Repo, content: &Content) -> Result<Option<Vec<u8>>> {
    match &content.bytes {
        Some(bytes) => Ok(Some(bytes.clone())),
        None => files::read(&contents(repo).join(&content.id), LONGEST),
    }
}

/// The log has ids: what they stand for is kept beside it, so that it can come back.
fn keep_contents(repo: &Repo, change: &Change) -> Result<()> {
    let Change::File { before, after, .. } = change else { return Ok(()) };
    for content in [before, after].into_iter().flatten() {
        let path = contents(repo).join(&content.id);
        if let Some(bytes) = &content.bytes
            && !files::is_there(&path)
        {
            files::write_unsynced(&path, bytes)?;
        }
    }
    Ok(())
}

fn last(repo: &Repo) -> Result<Option<Event>> {
    let end = files::read_end(&path(repo), END)?;
    let numbered = |events: Vec<Event>| events.into_iter().rev().find(|event| event.number > 0);
    match numbered(parsed(&end)) {
        Some(event) => Ok(Some(event)),
        None if end.is_empty() => Ok(None),
        None => Ok(numbered(events(repo)?)),
    }
}

/// The events of a text, whole lines alone.
pub fn parsed(text: &[u8]) -> Vec<Event> {
    let whole = text.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
    whole.filter_map(|line| serde_json::from_slice(line).ok()).collect()
}

fn actor(repo: &Repo) -> String {
    let named = |name: Option<String>| name.filter(|name| !name.trim().is_empty());
    let variable = |name: &str| named(crate::host::variable(name));
    variable("TRACKS_ID")
        .or_else(|| variable("GIT_AUTHOR_NAME"))
        .or_else(|| named(repo.config("user.name").ok().flatten()))
        .or_else(|| variable("USER"))
        .unwrap_or_else(|| "unknown".into())
}

fn path(repo: &Repo) -> PathBuf {
    repo.state_dir().join("log.jsonl")
}

fn contents(repo: &Repo) -> PathBuf {
    repo.state_dir().join("contents")
}

#[cfg(test)]
mod tests {
    use super::parsed;

    #[test]
    fn a_torn_line_hides_no_other() {
        let line = r#"{"number":1,"time":"t","version":"v","actor":"a","command":"c","changes":[]}"#;
        let text = format!("{line}\nnonsense\n{line}\n{}", &line[..20]);
        assert_eq!(parsed(text.as_bytes()).len(), 2);
    }
}
