//! Everything about all tracks, with the gates that somebody approved: what `sync` and `report` have in common.

use std::sync::Mutex;

use anyhow::Result;

use super::session::Session;
use crate::engine::gates::{Bench, Verdicts};
use crate::engine::progress::Progress;
use crate::engine::project::Project;
use crate::engine::sync::{self, Gating, Run, Scope};
use crate::engine::trust::{Approved, Standing, Trust};
use crate::git::Scratch;
use crate::host::bar::Show;
use crate::policy::config::Config;

/// What is asked of gates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Asked {
    /// Nothing.
    Nothing,
    /// What they say, as far as that is not known.
    #[default]
    Once,
    /// What they say now, whatever is known.
    Again,
}

/// Whether anything may have to be run: a gate, the check of a contract, what makes files again.
fn has_commands(config: &Config) -> bool {
    let has_check = config.contracts.values().any(|contract| contract.check.is_some());
    !config.gates.is_empty() || !config.regenerate.is_empty() || has_check
}

/// What running gates takes; what is known of them counts unless they are asked `Again`.
pub fn bench<'a>(
    (project, scratch): (&'a Project, &'a Scratch),
    approved: &'a Approved,
    progress: Progress<'a>,
    asked: Asked,
) -> Bench<'a> {
    let verdicts = Verdicts::of(&project.repo);
    let remembers = asked != Asked::Again;
    Bench { project, scratch, approved, verdicts, remembers, progress, ran: Mutex::default() }
}

/// Looks at all tracks as far as `scope` says. Gates run where somebody approved them; else they are named.
pub fn run(
    session: &Session,
    (project, scratch): (&Project, &Scratch),
    scope: Scope,
    (show, asked): (Show, Asked),
) -> Result<Run> {
    let standing = match asked {
        Asked::Nothing => None,
        _ if !has_commands(&project.config) => None,
        _ => Some(Trust::of(project)?.standing(&session.trust)?),
    };
    if let Some(Standing::Asked(_)) = &standing {
        session.terminal.narrate("tracks: nobody approved the commands of `tracks.toml`, so they do not run");
        session.terminal.narrate("  hint: see and approve them with `tracks trust`; or do without, with `--no-gates`");
    }
    session.watching(show, |progress| {
        let gating = match &standing {
            None => Gating::Off,
            Some(Standing::Asked(_)) => Gating::Untrusted,
            Some(Standing::Approved(approved)) => {
                let bench = bench((project, scratch), approved, progress, asked);
                Gating::On(bench, session.jobs)
            }
        };
        sync::run(project, scratch, (scope, &gating), progress)
    })
}
