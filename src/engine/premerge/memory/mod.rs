//! What earlier runs found out about merges, so that a run computes only what moved.
//!
//! An answer is remembered by the ids of everything that was merged, and holds as long as what else bears on merges is the
//! same to the letter: Git's version, its configuration, and the files of attributes outside the trees (those inside are
//! part of what is merged). Not remembered are merges that Git does as a whole where a merge driver is configured, which
//! is somebody's program, or where submodules are there, whose own history decides; merges in an edited history; and
//! whatever could not be decided. The file can be deleted at any time.

mod stored;

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;

use super::attributes::Attributes;
use super::contents::Answer;
use super::prove::{Common, Three, Triple};
use crate::git::{Repo, Settings};
use crate::host::files;
use crate::model::{CommitId, Conflict, TreeId};

/// A larger file is not read, and made anew.
const LARGEST: u64 = 64 << 20;
/// With more merges than this, those that no longer come up are forgotten.
const MANY: usize = 100_000;

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

/// An answer from an earlier run.
#[derive(Debug)]
struct Old<T> {
    answer: T,
    used: AtomicBool,
}

/// Everything that is remembered.
#[derive(Debug)]
struct Answers<T> {
    merges: HashMap<Key, T>,
    contents: HashMap<Triple, Answer>,
}

impl<T> Default for Answers<T> {
    fn default() -> Self {
        Answers { merges: HashMap::new(), contents: HashMap::new() }
    }
}

/// What is remembered, and what is new in this run.
pub struct Memory {
    file: PathBuf,
    /// What bears on merges besides the objects.
    bearing: Vec<u8>,
    /// Whether merges that Git does as a whole depend on nothing else.
    keeps_whole: bool,
    old: Answers<Old<Known>>,
    new: Mutex<Answers<Known>>,
}

/// Forgets everything.
pub fn forget(repo: &Repo) -> Result<()> {
    files::remove(&file(repo))
}

fn file(repo: &Repo) -> PathBuf {
    repo.state_dir().join("memory")
}

impl Memory {
    /// Reads what is remembered. A file that is not there, is damaged or was written under other circumstances holds
    /// nothing.
    pub fn of(repo: &Repo, settings: &Settings, attributes: &Attributes) -> Memory {
        let file = file(repo);
        let keeps_whole = !settings.has_programs() && !files::is_there(&repo.common_dir.join("modules"));
        let (version, attributes) = (env!("CARGO_PKG_VERSION"), attributes.bearing());
        let circumstances = format!("{version} {} {keeps_whole} {attributes}\n", repo.git_version);
        let bearing = [circumstances.as_bytes(), &settings.text()].concat();
        let content = files::read(&file, LARGEST).ok().flatten();
        let old = content.and_then(|content| stored::read(&content, &bearing)).unwrap_or_default();
        let Answers { merges, contents } = old;
        let merges = merges.into_iter().map(|(key, answer)| (key, Old { answer, used: AtomicBool::new(false) }));
        let old = Answers { merges: merges.collect(), contents };
        Memory { file, bearing, keeps_whole, old, new: Mutex::default() }
    }

    /// What is known of a merge.
    pub fn merge(&self, key: &Key) -> Option<&Known> {
        let found = self.old.merges.get(key)?;
        found.used.store(true, Ordering::Relaxed);
        Some(&found.answer)
    }

    /// What is known of a content.
    pub fn content(&self, triple: &Triple) -> Option<&Answer> {
        self.old.contents.get(triple)
    }

    /// Notes what a merge came to.
    pub fn note_merge(&self, key: Key, known: Known) {
        if matches!(known.how, How::Clean | How::Conflict(_)) && !self.keeps_whole {
            return;
        }
        self.new.lock().expect("no thread panics while it holds this").merges.insert(key, known);
    }

    /// Notes what a content came to.
    pub fn note_content(&self, triple: Triple, answer: &Answer) {
        if !matches!(answer, Answer::Unknown(_)) {
            let mut new = self.new.lock().expect("no thread panics while it holds this");
            new.contents.insert(triple, answer.clone());
        }
    }

    /// Writes what is new beside what was known; nothing where nothing is. What another run wrote in the meantime is
    /// forgotten.
    pub fn keep(&self) -> Result<()> {
        let mut new = self.new.lock().expect("no thread panics while it holds this");
        if new.merges.is_empty() && new.contents.is_empty() {
            return Ok(());
        }
        let crowded = self.old.merges.len() + new.merges.len() > MANY;
        for (key, old) in &self.old.merges {
            if !crowded || old.used.load(Ordering::Relaxed) {
                new.merges.entry(*key).or_insert_with(|| old.answer.clone());
            }
        }
        let Answers { merges, contents } = &mut *new;
        let needed: HashSet<Triple> = merges.values().flat_map(|known| known.how.triples()).collect();
        for (triple, answer) in self.old.contents.iter().filter(|(triple, _)| !crowded || needed.contains(triple)) {
            contents.entry(*triple).or_insert_with(|| answer.clone());
        }
        let content = stored::write(&new, &self.bearing);
        match content.len() as u64 > LARGEST {
            true => files::remove(&self.file),
            false => files::write_unsynced(&self.file, &content),
        }
    }
}

impl How {
    fn triples(&self) -> impl Iterator<Item = Triple> {
        let common = if let How::Contents(common) = self { &common[..] } else { &[] };
        common.iter().map(|common| common.triple)
    }
}
