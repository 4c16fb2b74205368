//! What can land now with no conflict at all: the largest set by the conflicts of pairs, merged; a conflict that only
//! shows then is one more thing that a set must not hold, until one merges clean.

use std::collections::BTreeSet;

use anyhow::Result;

use super::largest::{Constraints, largest};
use crate::engine::outcome::{HeldOut, Integration, Landable};
use crate::engine::premerge::{Candidate, Premerge, Side, integrate};
use crate::model::TrackId;

/// Every round rules out the set that it tried, so that there is an end; this many are worth waiting for.
const ROUNDS: usize = 50;

/// The largest set of `tracks`, whose places `constraints` speaks of; `candidates` are in landing order.
pub fn landable(
    premerge: &Premerge,
    target: &Side,
    candidates: &[Candidate],
    (tracks, mut constraints): (&[&TrackId], Constraints),
) -> Result<Landable> {
    let mut best = Landable::default();
    for _ in 0..ROUNDS {
        let found = largest(&constraints);
        let chosen: BTreeSet<&TrackId> = found.chosen.iter().map(|at| tracks[*at]).collect();
        // What they depend on besides has landed.
        let among = |candidate: &Candidate| {
            let depends_on = candidate.depends_on.iter().filter(|id| chosen.contains(id)).cloned().collect();
            Candidate { depends_on, ..candidate.clone() }
        };
        let chosen: Vec<Candidate> = candidates.iter().filter(|c| chosen.contains(&c.id)).map(among).collect();
        let done = integrate(premerge, String::new(), target, &chosen)?;
        let place = |id: &TrackId| tracks.iter().position(|track| *track == id);
        let apart = done.held_out.iter().filter_map(|held| together(held, &done, &chosen));
        constraints.apart.extend(apart.map(|ids| ids.into_iter().filter_map(place).collect()));
        if done.held_out.is_empty() {
            return Ok(Landable { tracks: done.merged, exact: found.exact });
        }
        // What was merged is clean, whatever else is to be found.
        if done.merged.len() > best.tracks.len() {
            best = Landable { tracks: done.merged, exact: false };
        }
    }
    Ok(best)
}

/// Which tracks cannot land together, as a track that was held out shows; `None` where it only needs another one that
/// was.
fn together<'a>(held: &'a HeldOut, done: &'a Integration, chosen: &'a [Candidate]) -> Option<Vec<&'a TrackId>> {
    let needs = &chosen.iter().find(|candidate| candidate.id == held.track)?.depends_on;
    if held.reason.is_none() && held.conflicts.is_empty() && held.because_of.iter().any(|id| needs.contains(id)) {
        return None;
    }
    // Where nobody is named, it is what was there that it could not be merged into.
    let others = if held.because_of.is_empty() { before(held, done, chosen) } else { held.because_of.iter().collect() };
    Some(others.into_iter().chain([&held.track]).collect())
}

/// The tracks that were merged before one that was held out.
fn before<'a>(held: &HeldOut, done: &'a Integration, chosen: &[Candidate]) -> Vec<&'a TrackId> {
    let place = |id: &TrackId| chosen.iter().position(|candidate| candidate.id == *id);
    done.merged.iter().filter(|id| place(id) < place(&held.track)).collect()
}
