//! Gates of a landing: on the exact tree that the target will have, before it is moved; and on the target, once it was.

use anyhow::Result;

use super::case::{Case, Judged};
use super::target::Ground;
use super::together::blame;
use super::trial::{Spot, Standing};
use super::{Gated, Look};
use crate::engine::landing::Step;
use crate::engine::outcome::Integration;
use crate::model::TrackId;
use crate::policy::config::Config;
use crate::policy::config::model::Stage;
use crate::policy::gates::Gate;

/// Runs the gates of stage `landing` on what the target comes to with `steps`: once for all of them. Where one fails, those
/// are found that it takes, as it is done for all tracks merged; they are in `held_out`, and nothing may land. A target that
/// fails already is no reason to keep out what mends it.
pub fn before_landing(look: &Look, config: &Config, steps: &[Step]) -> Result<Gated> {
    let tracks: Vec<TrackId> = steps.iter().map(|step| step.track.clone()).collect();
    let target = &look.target.1;
    let (commit, tree) = steps.last().map_or((target.commit, target.tree), |last| (last.commit, last.tree));
    let mut landing =
        Integration { reference: String::new(), commit, tree, merged: tracks.clone(), held_out: Vec::new() };
    let case = Case::new(look, Gate::all(config)?);
    let spot = Spot::new(commit, tree, case.name(&tracks));
    let changed = look.premerge.trees().changed(target.tree, tree)?;
    for gate in of(&case, Stage::Landing) {
        let concerns = !changed.is_empty() && case.gates[gate].applies(&tracks, &changed);
        let judged = match concerns {
            true => case.ask(|| look.bench.try_once(&case.gates[gate], &spot))?,
            false => Judged::NotConcerned,
        };
        let is_bad = match &judged {
            Judged::NotConcerned | Judged::OnTarget => false,
            Judged::Known(trial) => trial.standing != Standing::Passes,
            Judged::Unable(_) => true,
        };
        let blamed = match is_bad && case.ground(gate)? == Ground::Sound {
            true => blame(&case, gate, landing.clone())?,
            false => None,
        };
        // Whoever is blamed was noted, with what they fail on.
        if blamed.is_none() {
            case.note(gate, (&spot, &tracks), &judged);
        }
        landing.held_out.extend(blamed);
    }
    Ok(case.gated(landing))
}

/// Runs the gates of stage `target` on the target of `look`, which somebody has just moved.
pub fn after_landing(look: &Look, config: &Config) -> Result<Gated> {
    let case = Case::new(look, Gate::all(config)?);
    let spot = case.target();
    for gate in of(&case, Stage::Target) {
        if case.ground(gate)? == Ground::Sound {
            let judged = case.ask(|| look.bench.try_once(&case.gates[gate], &spot))?;
            case.note(gate, (&spot, &[]), &judged);
        }
    }
    let now = Integration {
        reference: String::new(),
        commit: spot.commit,
        tree: spot.tree,
        merged: Vec::new(),
        held_out: Vec::new(),
    };
    Ok(case.gated(now))
}

/// How many gates there are, and the names of those that do not pass on the target of `look`.
pub fn on_target(look: &Look, config: &Config) -> Result<(usize, Vec<String>)> {
    let case = Case::new(look, Gate::all(config)?);
    let mut failed = Vec::new();
    for gate in 0..case.gates.len() {
        if case.ground(gate)? == Ground::Broken {
            failed.push(case.gates[gate].name.clone());
        }
    }
    Ok((case.gates.len(), failed))
}

/// The gates of a stage, by their places.
fn of(case: &Case, stage: Stage) -> Vec<usize> {
    (0..case.gates.len()).filter(|at| case.gates[*at].stage == stage).collect()
}
