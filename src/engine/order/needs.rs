//! Which open tracks each has to land after: what it depends on, who writes the contracts it builds on, and what notes
//! say. Nothing else decides about waves.

use std::collections::BTreeMap;

use super::waves::reach;
use crate::engine::outcome::{Blocker, TrackStatus};
use crate::model::TrackId;

/// What a track has to land after.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Other tracks, by their places, in the order in which they were found.
    pub tracks: Vec<usize>,
    /// The same as words: `a`, or `api of a` for a contract.
    pub names: Vec<String>,
    /// What no landing of another track brings.
    pub stuck: Option<String>,
}

/// What each of `tracks` has to land after. `written` names the contracts that are not on the target and that their
/// owner has, with the owner. No track needs itself, be it through others.
pub fn needs(tracks: &[&TrackStatus], written: &BTreeMap<String, TrackId>) -> Vec<Needs> {
    let mut all: Vec<Needs> = vec![Needs::default(); tracks.len()];
    let place = |id: &str| tracks.iter().position(|status| status.track.id.as_str() == id);
    // Declared dependencies have no circle; what else there is may close one, in any order.
    let declared = |status: &TrackStatus, blocker: &Blocker| {
        blocker.kind == "track" && status.depends_on.iter().any(|id| id.as_str() == blocker.id)
    };
    for first in [true, false] {
        for (at, status) in tracks.iter().enumerate() {
            for blocker in status.blocked_by.iter().filter(|blocker| declared(status, blocker) == first) {
                let (whom, name) = match blocker.kind {
                    "track" => (place(&blocker.id), blocker.id.clone()),
                    "contract" => match written.get(&blocker.id) {
                        Some(owner) => (place(owner.as_str()), format!("{} of {owner}", blocker.id)),
                        None => (None, blocker.id.clone()),
                    },
                    _ => (None, blocker.id.clone()),
                };
                let direct: Vec<Vec<usize>> = all.iter().map(|needs| needs.tracks.clone()).collect();
                match whom {
                    Some(whom) if whom == at || reach(&direct)[whom][at] => {
                        let other = tracks[whom].track.id.as_str();
                        all[at].stuck.get_or_insert(format!("waits for {name}, and {other} for it"));
                    }
                    Some(whom) if all[at].tracks.contains(&whom) => {}
                    Some(whom) => {
                        all[at].tracks.push(whom);
                        all[at].names.push(name);
                    }
                    None => drop(all[at].stuck.get_or_insert(reason(blocker))),
                }
            }
        }
    }
    all
}

fn reason(blocker: &Blocker) -> String {
    match blocker.kind {
        "contract" => format!("waits for the contract {}, which nobody has written", blocker.id),
        _ => blocker.reason.replace('`', ""),
    }
}
