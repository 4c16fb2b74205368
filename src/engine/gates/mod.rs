//! Commands that must pass on trees: on each track alone, on all of them merged, on what lands. They run in worktrees of
//! their own, on commits, and each only where nobody knows yet what it says.
//!
//! A gate that fails on the target says nothing about the tracks (`target`). One that fails for a track alone (`alone`) is that track's. One that fails on the merged tree is run
//! again on fewer and fewer tracks, until those are found that it takes (`together`, `culprits`). What fails once and then
//! passes on the same tree blames nobody (`trial`).

mod alone;
mod case;
mod contracts;
mod culprits;
mod landing;
mod regenerate;
mod target;
mod together;
mod trial;
mod verdicts;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::PoisonError;

use anyhow::Result;

use super::outcome::{GateRun, GateStatus, Integration};
use super::premerge::{Candidate, Premerge, Side};
use crate::git::Repo;
use crate::model::Finding;
use crate::policy::config::Config;
use crate::policy::gates::Gate;

use case::{Case, Said};
pub use contracts::checks;
pub use landing::{after_landing, before_landing, on_target};
pub use regenerate::Regeneration;
pub use trial::Bench;
pub use verdicts::Verdicts;

/// What gates are run on.
pub struct Look<'a> {
    /// What running them takes.
    pub bench: &'a Bench<'a>,
    /// Who merges.
    pub premerge: &'a Premerge<'a>,
    /// The target, by its name and as it is.
    pub target: (&'a str, Side),
    /// The tracks that may be merged, in landing order.
    pub candidates: &'a [Candidate],
}

/// What gates found.
#[derive(Debug)]
pub struct Gated {
    /// The merge of all tracks that do not break one another.
    pub integration: Integration,
    /// How each gate stands on each tree that it was asked about.
    pub gates: Vec<GateRun>,
    /// What somebody should act on.
    pub findings: Vec<Finding>,
}

/// Where the trees lie that gates run on.
pub fn pool(repo: &Repo) -> PathBuf {
    repo.state_dir().join("pool")
}

/// The gates of a configuration that nobody approved: named, not run.
pub fn untrusted(config: &Config) -> Result<Vec<GateRun>> {
    let gates = Gate::all(config)?;
    let ended = || "was not run: nobody approved it".to_owned();
    Ok(gates.iter().map(|gate| GateRun { ended: ended(), ..blank(gate, GateStatus::Untrusted) }).collect())
}

fn blank(gate: &Gate, status: GateStatus) -> GateRun {
    GateRun {
        name: gate.name.clone(),
        stage: gate.stage.name(),
        tree: None,
        tracks: Vec::new(),
        status,
        ended: String::new(),
        took: None,
        log: None,
        last_words: String::new(),
        figures: BTreeMap::new(),
        remembered: false,
    }
}

/// Runs the gates of `config` for each track, then those for all of them; `integration` is what all of them come to.
/// `jobs` at most are run at the same time.
pub fn run(look: &Look, config: &Config, integration: Integration, jobs: usize) -> Result<Gated> {
    let case = Case::new(look, Gate::all(config)?);
    alone::run(&case, jobs)?;
    let integration = together::run(&case, integration)?;
    Ok(case.gated(integration))
}

impl Case<'_> {
    /// What was found out.
    fn gated(self, integration: Integration) -> Gated {
        let Said { gates, findings } = self.said.into_inner().unwrap_or_else(PoisonError::into_inner);
        Gated { integration, gates, findings: joined(findings) }
    }
}

/// There is one finding for each rule and set of tracks: what several gates say is said in it.
fn joined(findings: Vec<Finding>) -> Vec<Finding> {
    let mut joined: Vec<Finding> = Vec::new();
    for finding in findings {
        let is_same = |other: &&mut Finding| (&other.rule, &other.tracks) == (&finding.rule, &finding.tracks);
        match joined.iter_mut().find(is_same) {
            Some(kept) => {
                kept.severity = kept.severity.min(finding.severity);
                kept.message = format!("{}; {}", kept.message, finding.message);
                kept.cure = format!("{}; {}", kept.cure, finding.cure);
            }
            None => joined.push(finding),
        }
    }
    joined
}
