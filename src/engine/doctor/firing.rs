//! Whether the hooks fire, proved by running each in each worktree: that its file is there says nothing.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;

use super::Ailment;
use crate::engine::hooks::canary::{self, Outcome, Proof};
use crate::engine::hooks::{self, State};
use crate::engine::worktrees::typed;
use crate::git::Repo;
use crate::model::Severity;
use crate::model::text::list;

/// Runs every hook in every worktree, if any of them is ours: without, nobody asked for them.
pub fn look(repo: &Repo) -> Result<Vec<Ailment>> {
    let is_ours = |standing: &hooks::Standing| matches!(standing.state, State::Installed | State::Outdated);
    if !hooks::all(repo)?.iter().any(is_ours) {
        return Ok(Vec::new());
    }
    let proofs = canary::prove(repo)?;
    let mut silent: BTreeMap<(&Path, &str), Vec<&str>> = BTreeMap::new();
    for Proof { standing, outcome } in &proofs {
        if let Outcome::Silent(why) = outcome {
            silent.entry((&standing.worktree, why)).or_default().push(standing.event.name());
        }
    }
    let silent = silent.into_iter().map(|((worktree, why), events)| {
        let events: Vec<String> = events.into_iter().map(str::to_owned).collect();
        Ailment::new(Severity::Error, format!("hooks in {}", typed(worktree)), format!("{}: {why}", list(&events)))
            .cure("`tracks hooks install` in that worktree, which says what is missing")
    });
    Ok(silent.chain(proofs.iter().filter_map(ailment)).collect())
}

/// What is to be said of a hook, unless it is silent.
fn ailment(Proof { standing, outcome }: &Proof) -> Option<Ailment> {
    let subject = format!("hook {} in {}", standing.event.name(), typed(&standing.worktree));
    let new = |severity, detail: String| Ailment::new(severity, subject.clone(), detail);
    match outcome {
        Outcome::Fires if standing.state == State::Outdated => {
            Some(new(Severity::Info, "is an older one".into()).cure("renew it: `tracks hooks install`"))
        }
        Outcome::Fires | Outcome::Silent(_) => None,
        Outcome::FiresTwice(times) => Some(
            new(Severity::Warning, format!("runs tracks {times} times"))
                .cure("see who calls it with `tracks hooks status`, and take one call out"),
        ),
        Outcome::Unproved(why) => Some(new(Severity::Info, format!("was not run: {why}"))),
    }
}
