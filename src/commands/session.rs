//! What every command begins with: where it is, how it prints, and the repository it is about.

use anyhow::Result;

use super::{FormatName, Globals};
use crate::git::{Repo, repo::Start};
use crate::host::lock::{self, Lock};
use crate::host::terminal::Terminal;

/// One run of the program.
pub struct Session {
    /// Where it prints.
    pub terminal: Terminal,
    /// How it prints its answer.
    pub format: FormatName,
    /// Where it looks for a repository.
    pub start: Start,
}

impl Session {
    /// Resolves what was typed.
    pub fn new(globals: &Globals) -> Session {
        if let Some(jobs) = globals.jobs {
            // Fails only if a pool exists already, and then that one serves.
            let _ = rayon::ThreadPoolBuilder::new().num_threads(jobs).build_global();
        }
        let start = globals.directory.clone().map_or(Start::Here, Start::At);
        Session { terminal: globals.into(), format: globals.format, start }
    }

    /// Finds the repository.
    pub fn repo(&self) -> Result<Repo> {
        Repo::discover(&self.start)
    }

    /// Takes the one lock for writers of the repository.
    pub fn lock(&self, repo: &Repo, command: &str) -> Result<Lock> {
        lock::take(&repo.state_dir().join("lock"), command, |owner| self.terminal.narrate(owner))
    }
}
