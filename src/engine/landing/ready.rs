//! Which of the tracks that are ready land now: the most that go together, and why the others stay.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::{Plan, Why, Wish, plan};
use crate::engine::outcome;
use crate::engine::premerge::Mend;
use crate::engine::project::Project;
use crate::engine::snapshot::Work;
use crate::engine::sync;
use crate::git::Scratch;
use crate::model::text::{count, list};
use crate::model::{Severity, TrackId};

/// A track that is ready and does not land, with the reason as a short sentence.
pub type Left = (TrackId, String);

/// Fixes what landing all that is ready comes to: the largest set of them that goes. `wish` names the style.
pub fn ready(project: &Project, scratch: &Scratch, wish: &Wish, mend: Option<&dyn Mend>) -> Result<(Plan, Vec<Left>)> {
    let broken = broken(project, scratch)?;
    let (first, _) = sync::plan(project, scratch, None)?;
    let ready: BTreeSet<TrackId> =
        first.places.iter().filter(|place| place.is_ready).map(|place| place.track.clone()).collect();
    let mut among: BTreeSet<TrackId> = ready.iter().filter(|id| !broken.contains_key(id)).cloned().collect();
    let mut stopped: BTreeMap<TrackId, Why> = BTreeMap::new();
    // What cannot land after all is left out, and the rest looked at anew: at most once for each.
    let (landing, order) = loop {
        let (order, _) = sync::plan(project, scratch, Some(&among))?;
        let landing = plan(project, scratch, &Wish { tracks: order.landable.tracks.clone(), ..wish.clone() }, mend)?;
        if landing.stopped.is_empty() {
            break (landing, order);
        }
        for (id, why) in landing.stopped {
            among.remove(&id);
            stopped.insert(id, why);
        }
    };
    let lands = |id: &TrackId| landing.steps.iter().any(|step| step.track == *id) || landing.idle.contains(id);
    let left = order.places.iter().filter(|place| ready.contains(&place.track) && !lands(&place.track));
    let left = left.map(|place| {
        let id = &place.track;
        let why = broken.get(id).cloned().or_else(|| stopped.get(id).and_then(why));
        (id.clone(), why.unwrap_or_else(|| stays(place, &landing)))
    });
    let left = left.collect();
    Ok((landing, left))
}

/// The tracks that break rules, with what they break.
fn broken(project: &Project, scratch: &Scratch) -> Result<BTreeMap<TrackId, String>> {
    let findings = sync::judge(project, scratch, Work::Committed)?.findings;
    let mut broken: BTreeMap<TrackId, Vec<String>> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| finding.severity == Severity::Error) {
        if let Some(id) = finding.tracks.first() {
            broken.entry(id.clone()).or_default().push(finding.rule.to_string());
        }
    }
    let sentence = |mut rules: Vec<String>| {
        let errors = count(rules.len(), "error");
        rules.dedup();
        format!("{errors} of {}: `tracks check` says more", list(&rules))
    };
    Ok(broken.into_iter().map(|(id, rules)| (id, sentence(rules))).collect())
}

fn why(why: &Why) -> Option<String> {
    match why {
        Why::Behind => Some("it lacks commits of the target: `tracks update` brings them in".to_owned()),
        Why::Unknown(reason) => Some(format!("its merge is not known: {reason}")),
        Why::Conflict(conflicts) => Some(format!("it conflicts on {}", count(conflicts.len(), "path"))),
        Why::Blocked(_) | Why::Rules(_) | Why::Reverted | Why::Apart | Why::NoBranch => None,
    }
}

/// Why a track is in no largest set.
fn stays(place: &outcome::Place, landing: &Plan) -> String {
    let lands = |id: &str| landing.steps.iter().any(|step| step.track.as_str() == id);
    let waits: Vec<String> = place
        .blocked_by
        .iter()
        .filter(|blocker| blocker.kind != "track" || !lands(&blocker.id))
        .map(|blocker| blocker.reason.replace('`', ""))
        .collect();
    let against: Vec<&str> =
        place.conflicts_with.iter().map(String::as_str).filter(|name| *name == landing.target || lands(name)).collect();
    match (waits.as_slice(), against.as_slice()) {
        ([], []) if place.place.is_none() => place.because.clone(),
        ([], []) => "it conflicts with what lands, taken together".to_owned(),
        ([], against) => format!("it conflicts with {}", list(against)),
        (waits, _) => format!("it waits: {}", list(waits)),
    }
}
