//! Runs a command that somebody approved, in a worktree, with what it may know. Data comes to it as variables, never
//! as part of its text.

use std::ffi::OsString;
use std::time::Duration;

use anyhow::Result;

use super::Permit;
use crate::engine::project::Project;
use crate::git::program::local_variables;
use crate::host::process::{self, Call, Ran, variable};
use crate::model::Track;
use crate::policy::trust::is_secret;

/// How much is kept of what a command prints.
const KEPT: usize = 64 << 10;

/// What a command inherits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// Everything but what Git and `tracks` set for themselves: for what prepares a user's own worktree.
    Whole,
    /// Nothing that is a secret by its name, either: for what judges the work of others.
    NoSecrets,
}

/// Where a command runs, and the variables it is given: those of `track` where it is about one.
pub fn surroundings(project: &Project, track: Option<&Track>, environment: Environment) -> Call {
    let main = project.ground();
    let mut variables = vec![
        variable("TRACKS_TARGET", &project.target.name),
        variable("TRACKS_MAIN", &main),
        variable("TRACKS_GIT_DIR", &project.repo.common_dir),
    ];
    if let Some(track) = track {
        variables.extend([
            variable("TRACKS_ID", track.id.as_str()),
            variable("TRACKS_BRANCH", track.branch.as_str()),
            variable("TRACKS_WORKTREE", &track.worktree),
        ]);
        let table = project.config.tracks.get(track.id.as_str());
        variables.extend(table.and_then(|table| table.agent.as_ref()).map(|agent| variable("TRACKS_AGENT", agent)));
    }
    let folder = track.map_or(main, |track| track.worktree.clone());
    Call { folder, variables, withheld: withheld(environment), kept: KEPT, ..Call::default() }
}

/// What Git sets for its hooks would send a command in another worktree to the wrong index; what a caller set for
/// itself must not pass for something that we say.
fn withheld(environment: Environment) -> Vec<OsString> {
    let secret = |name: &str| environment == Environment::NoSecrets && is_secret(name);
    let mut names = process::names(|name| name.starts_with("TRACKS_") || secret(name));
    names.extend(local_variables());
    names
}

impl Permit<'_> {
    /// Runs the command in the worktree of `track`, for at most `limit`; `tell` hears what it prints, raw, as it comes.
    pub fn run_in(
        self,
        project: &Project,
        track: &Track,
        limit: Option<Duration>,
        tell: &mut dyn FnMut(&[u8]),
    ) -> Result<Ran> {
        let call = surroundings(project, Some(track), Environment::Whole);
        self.run(Call { limit, ..call }, tell)
    }

    /// Runs the command as `call` says, but for its text, which is the one that was approved.
    pub fn run(self, call: Call, tell: &mut dyn FnMut(&[u8])) -> Result<Ran> {
        process::run(&Call { line: self.0.to_owned(), ..call }, tell)
    }

    /// The text, not escaped.
    pub fn text(&self) -> &str {
        self.0
    }
}
