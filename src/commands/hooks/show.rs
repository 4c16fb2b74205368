//! `tracks hooks status`: which hook fires in which worktree, and by whose doing.

use std::path::Path;

use anyhow::Result;
use clap::Args;

use crate::commands::Ending;
use crate::commands::session::Session;
use crate::engine::hooks::canary::{self, Outcome, Proof};
use crate::engine::hooks::{self, Standing, State};
use crate::report::model::{Hook, file_system_path};
use crate::report::{Details, Report};

/// Show how they stand, in every worktree
///
/// With --prove Git runs each of them in each worktree, and the program at its end only notes that it was reached: nothing
/// is committed, and nothing that other managers do is done. The exit status is 1 where one does not fire.
#[derive(Args)]
pub struct Status {
    /// Prove that they fire
    #[arg(long)]
    prove: bool,
}

/// Runs it.
pub fn run(session: &Session, options: &Status) -> Result<Ending> {
    let repo = session.repo()?;
    let found: Vec<(Standing, Option<Outcome>)> = match options.prove {
        true => {
            canary::prove(&repo)?.into_iter().map(|Proof { standing, outcome }| (standing, Some(outcome))).collect()
        }
        false => hooks::all(&repo)?.into_iter().map(|standing| (standing, None)).collect(),
    };
    let main = repo.worktrees()?.first().filter(|main| !main.bare).map(|main| main.path.clone());
    let root = main.unwrap_or_else(|| repo.common_dir.clone());
    let mut shown: Vec<Hook> = Vec::new();
    for (standing, outcome) in &found {
        let hook = hook(&root, standing, outcome.as_ref());
        let same = |other: &&mut Hook| Hook { worktrees: hook.worktrees.clone(), ..(**other).clone() } == hook;
        match shown.iter_mut().find(same) {
            Some(other) => other.worktrees.extend(hook.worktrees),
            None => shown.push(hook),
        }
    }
    session.print(&Report { hooks: Some(shown), ..Report::new("hooks") }, &Details::default())?;
    let silent = found.iter().any(|(_, outcome)| matches!(outcome, Some(Outcome::Silent(_) | Outcome::FiresTwice(_))));
    Ok(if silent { Ending::Findings } else { Ending::Clean })
}

fn hook(root: &Path, standing: &Standing, outcome: Option<&Outcome>) -> Hook {
    let below = |path: &Path| match path.strip_prefix(root) {
        Ok(path) if path.as_os_str().is_empty() => ".".to_owned(),
        Ok(path) => file_system_path(path).0,
        Err(_) => file_system_path(path).0,
    };
    let cure = match standing.state {
        State::Foreign if standing.snippet.is_some() => Some("`tracks hooks install` says what to add".to_owned()),
        _ => None,
    };
    let told = [standing.detail.clone(), cure].into_iter().flatten().collect::<Vec<_>>().join("; ");
    let (fires, why) = match outcome {
        None => (None, None),
        Some(Outcome::Fires) => (Some(1), None),
        Some(Outcome::FiresTwice(times)) => (Some(*times), Some("two hooks call tracks".to_owned())),
        Some(Outcome::Silent(why)) => (Some(0), Some(why.clone())),
        Some(Outcome::Unproved(why)) => (None, Some(format!("not proved: {why}"))),
    };
    Hook {
        name: standing.event.name().to_owned(),
        state: standing.state.name().to_owned(),
        path: match standing.path.strip_prefix(&standing.worktree) {
            Ok(path) => file_system_path(path).0,
            Err(_) => below(&standing.path),
        },
        by: standing.manager.map(|manager| manager.name().to_owned()),
        worktrees: vec![below(&standing.worktree)],
        fires,
        detail: why.or((!told.is_empty()).then_some(told)),
    }
}
