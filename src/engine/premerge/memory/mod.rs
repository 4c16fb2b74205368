//! What earlier runs found out, so that a run computes only what moved.
//!
//! A merge is remembered by the ids of everything that was merged, and holds as long as what else bears on merges is the
//! same to the letter: Git's version, its configuration, and the files of attributes outside the trees (those inside are
//! part of what is merged). Not remembered are merges that Git does as a whole where a merge driver is configured, which
//! is somebody's program, or where submodules are there, whose own history decides; merges in an edited history; and
//! whatever could not be decided. How two trees differ is remembered too, which spares reading them. The file can be
//! deleted at any time; a second one, which counts only beside it, holds what little was new since it was written.

pub mod stored;
pub mod table;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use anyhow::Result;

use super::attributes::Attributes;
use super::contents::Answer;
use super::prove::{Common, Three, Triple};
use crate::git::trees::Delta;
use crate::git::{Repo, Settings};
use crate::host::files;
use crate::model::{CommitId, Conflict, TreeId};
use table::{Table, Which};

/// A larger file is not read, and made anew.
const LARGEST: u64 = 64 << 20;
/// When what came since is more than one part in so many, all of it is written as one file again.
const SMALL: usize = 8;
/// With more entries than this, those that no longer come up are forgotten.
const MANY: usize = 200_000;

/// What identifies a merge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// The trees of a merge with one base.
    Trees(Three),
    /// The sides of a merge with several.
    Commits(CommitId, CommitId),
}

/// What is known of a merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// How it was decided.
    pub how: How,
    /// The tree that it gives, where it is clean and that was asked for.
    pub tree: Option<TreeId>,
}

/// How a merge was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// It was proved clean.
    Proved,
    /// By merging these contents.
    Contents(Vec<Common>),
    /// By Git: it is clean.
    Clean,
    /// By Git: it stops at these.
    Conflict(Vec<Conflict>),
}

/// What is remembered, and what is new in this run.
pub struct Memory {
    file: PathBuf,
    /// What bears on merges besides the objects.
    bearing: Vec<u8>,
    /// Whether merges that Git does as a whole depend on nothing else.
    keeps_whole: bool,
    old: Table,
    recent: Table,
    /// Keys and values.
    new: Mutex<HashMap<Vec<u8>, New>>,
}

/// What a run found out: written down when it ends, if at all.
enum New {
    Merge(Known),
    Content(Answer),
    Delta(Arc<Delta>),
}

impl New {
    fn value(&self) -> Option<Vec<u8>> {
        match self {
            New::Merge(known) => Some(stored::merge(known)),
            New::Content(answer) => stored::content(answer),
            New::Delta(delta) => Some(stored::delta(delta)),
        }
    }
}

/// Forgets everything.
pub fn forget(repo: &Repo) -> Result<()> {
    files::remove(&file(repo))?;
    files::remove(&recent(&file(repo)))
}

fn recent(file: &Path) -> PathBuf {
    file.with_extension("recent")
}

fn file(repo: &Repo) -> PathBuf {
    repo.state_dir().join("memory")
}

impl Memory {
    /// Opens what is remembered. A file that is not there, is damaged or was written under other circumstances holds
    /// nothing.
    pub fn of(repo: &Repo, settings: &Settings, attributes: &Attributes) -> Memory {
        let file = file(repo);
        let keeps_whole = !settings.has_programs() && !files::is_there(&repo.common_dir.join("modules"));
        let (version, attributes) = (env!("CARGO_PKG_VERSION"), attributes.bearing());
        let circumstances = format!("{version} {} {keeps_whole} {attributes}\n", repo.git_version);
        let bearing = [circumstances.as_bytes(), &settings.text()].concat();
        let read = |file: &Path| {
            let content = files::read(file, LARGEST).ok().flatten();
            content.and_then(Table::read).filter(|table| table.value(stored::BEARING) == Some(&bearing))
        };
        let old = read(&file);
        let recent = old.as_ref().and_then(|_| read(&recent(&file)));
        let [old, recent] = [old, recent].map(Option::unwrap_or_default);
        Memory { file, bearing, keeps_whole, old, recent, new: Mutex::default() }
    }

    /// What is known of a merge.
    pub fn merge(&self, key: &Key) -> Option<Known> {
        stored::read_merge(self.value(&stored::merge_key(key))?)
    }

    /// What is known of a content.
    pub fn content(&self, triple: &Triple) -> Option<Answer> {
        stored::read_content(self.value(&stored::content_key(triple))?)
    }

    /// How two trees differ, if that is known.
    pub fn delta(&self, old: TreeId, new: TreeId) -> Option<Delta> {
        stored::read_delta(self.value(&stored::delta_key(old, new))?)
    }

    /// Notes what a merge came to.
    pub fn note_merge(&self, key: Key, known: Known) {
        if matches!(known.how, How::Clean | How::Conflict(_)) && !self.keeps_whole {
            return;
        }
        self.found().insert(stored::merge_key(&key), New::Merge(known));
    }

    /// Notes what a content came to.
    pub fn note_content(&self, triple: Triple, answer: &Answer) {
        self.found().insert(stored::content_key(&triple), New::Content(answer.clone()));
    }

    /// Notes how two trees differ.
    pub fn note_delta(&self, old: TreeId, new: TreeId, delta: &Arc<Delta>) {
        self.found().insert(stored::delta_key(old, new), New::Delta(delta.clone()));
    }

    /// Writes what is new beside what was known; nothing where nothing is. What another run wrote in the meantime is
    /// forgotten.
    pub fn keep(&self) -> Result<()> {
        let new = self.found();
        if new.is_empty() {
            return Ok(());
        }
        let fresh: Vec<(&[u8], Vec<u8>)> = new.iter().filter_map(|(key, new)| Some((&key[..], new.value()?))).collect();
        let is_old = |key: &[u8]| key != stored::BEARING && !new.contains_key(key);
        let since = self.recent.count() + fresh.len();
        if since * SMALL <= self.old.count() {
            let content = self.table(self.recent.entries(Which::All).filter(|(key, _)| is_old(key)), &fresh);
            return content.map_or(Ok(()), |content| files::write_unsynced(&recent(&self.file), &content));
        }
        let which = if self.old.count() + since > MANY { Which::Used } else { Which::All };
        let old = self.old.entries(which).filter(|(key, _)| self.recent.value(key).is_none());
        let old = old.chain(self.recent.entries(which)).filter(|(key, _)| is_old(key));
        match self.table(old, &fresh).filter(|content| content.len() as u64 <= LARGEST) {
            Some(content) => files::write_unsynced(&self.file, &content)?,
            None => files::remove(&self.file)?,
        }
        files::remove(&recent(&self.file))
    }

    /// A table of what bears on merges, of some entries and of fresh ones.
    fn table<'a>(
        &'a self,
        old: impl Iterator<Item = (&'a [u8], &'a [u8])>,
        fresh: &'a [(&[u8], Vec<u8>)],
    ) -> Option<Vec<u8>> {
        let bearing = [(stored::BEARING, &self.bearing[..])].into_iter();
        table::write(bearing.chain(old).chain(fresh.iter().map(|(key, value)| (*key, &value[..]))))
    }

    fn value(&self, key: &[u8]) -> Option<&[u8]> {
        self.recent.value(key).or_else(|| self.old.value(key))
    }

    fn found(&self) -> MutexGuard<'_, HashMap<Vec<u8>, New>> {
        self.new.lock().expect("no thread panics while it holds this")
    }
}
