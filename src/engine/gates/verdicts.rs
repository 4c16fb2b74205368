//! What gates said about trees, kept: a tree that did not change is not run again. Whatever is here can be deleted at any
//! time, and is found out anew.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::git::Repo;
use crate::host::{clock, files, folders};
use crate::model::TreeId;
use crate::policy::gates::{Figures, Gate};

/// Nobody asks after what is this old, in seconds.
const OLD: i64 = 30 * 24 * 60 * 60;
/// A verdict with the last words of a few runs.
const LARGEST: u64 = 1 << 20;
/// How many runs on one tree are kept: the last ones.
const MOST: usize = 8;
/// The variable that says which tools gates are run with: another text, and nothing that is kept counts.
const TOOLS: &str = "TRACKS_TOOLCHAIN";

/// One run of a gate on a tree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// When it began, in seconds since 1970.
    pub began: i64,
    /// Whether the command ended well.
    pub passed: bool,
    /// How it ended: the end of a sentence that begins with the gate.
    pub ended: String,
    /// How long it took.
    pub seconds: f64,
    /// The file with all that it printed.
    pub log: Option<PathBuf>,
    /// The last lines of that. Not escaped.
    pub last_words: String,
    /// What was read from it.
    pub figures: Figures,
    /// Whether it ran where nothing had been built before.
    pub pristine: bool,
}

/// Where they are kept.
pub struct Verdicts {
    folder: PathBuf,
    tools: String,
}

impl Verdicts {
    /// Those of `repo`. What nobody will ask after is removed.
    pub fn of(repo: &Repo) -> Verdicts {
        let folder = repo.state_dir().join("gates");
        for name in folders::names(&folder).unwrap_or_default() {
            let path = folder.join(name);
            if files::written(&path).is_some_and(|(time, _)| time < clock::seconds() - OLD) {
                // What cannot be removed now is tried again by the next run.
                let _ = files::remove(&path);
            }
        }
        Verdicts { folder, tools: std::env::var(TOOLS).unwrap_or_default() }
    }

    /// The runs of `gate` on `tree`, the first one first.
    pub fn runs(&self, gate: &Gate, tree: TreeId) -> Vec<Run> {
        let content = files::read(&self.file(gate, tree), LARGEST).ok().flatten();
        content.and_then(|content| serde_json::from_slice(&content).ok()).unwrap_or_default()
    }

    /// Adds a run.
    pub fn add(&self, gate: &Gate, tree: TreeId, run: Run) -> Result<()> {
        let mut runs = self.runs(gate, tree);
        runs.push(run);
        let first = runs.len().saturating_sub(MOST);
        let content = serde_json::to_vec(&runs[first..]).context("a verdict cannot be written")?;
        folders::make(&self.folder)?;
        files::write_unsynced(&self.file(gate, tree), &content).context("a verdict cannot be kept")
    }

    /// Forgets what `gate` said about `tree`.
    pub fn forget(&self, gate: &Gate, tree: TreeId) -> Result<()> {
        files::remove(&self.file(gate, tree))
    }

    /// Where what the next run on `tree` prints goes.
    pub fn log(&self, gate: &Gate, tree: TreeId) -> PathBuf {
        let is_plain = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
        let name: String = gate.name.chars().filter(is_plain).take(40).collect();
        let number = self.runs(gate, tree).len() + 1;
        let (id, key) = (tree.to_string(), self.key(gate, tree));
        self.folder.join(format!("{name}-{}-{}-{number}.log", &id[..10], &key[..6]))
    }

    /// What is known of `gate` on `tree` is kept under this.
    pub fn key(&self, gate: &Gate, tree: TreeId) -> String {
        gate.key(tree, &self.tools)
    }

    fn file(&self, gate: &Gate, tree: TreeId) -> PathBuf {
        self.folder.join(format!("{}.json", self.key(gate, tree)))
    }
}
