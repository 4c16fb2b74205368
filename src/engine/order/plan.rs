//! The plan of all landings: which tracks can land now, and in which order all of them cost least. Decided by the
//! verdicts on pairs, then merged, since only a merge can tell.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::Result;

use super::because::{Reasons, because};
use super::cheapest::{Clashes, Sequence, cheapest};
use super::landable::landable;
use super::largest::Constraints;
use super::needs::{Needs, needs};
use super::waves::{longest_chain, waves};
use crate::engine::landed::Landing;
use crate::engine::outcome::{Landable, OrderCost, Place, Plan, TrackStatus};
use crate::engine::premerge::{Candidate, Premerge, Side, landings};
use crate::model::{PairVerdict, RepoPath, TrackId, Verdict};
use crate::policy::config::Config;

/// What a plan is made of.
pub struct Field<'a> {
    /// For merging.
    pub premerge: &'a Premerge<'a>,
    /// For priorities.
    pub config: &'a Config,
    /// What all land on, and its name.
    pub target: (&'a str, Side),
    /// The tracks that have a branch, in the order that dependencies, priorities and ids give.
    pub candidates: Vec<Candidate>,
    /// Every declared track.
    pub tracks: &'a [TrackStatus],
    /// The verdicts on every two: 0 is the target, then come the candidates.
    pub pairs: &'a [PairVerdict],
    /// The contracts that are not on the target and that their owner has written, with the owner.
    pub written: BTreeMap<String, TrackId>,
    /// The tracks that may be among what can land now; `None`: all.
    pub among: Option<&'a BTreeSet<TrackId>>,
}

/// A track that has not landed.
struct Open<'a> {
    status: &'a TrackStatus,
    /// Its place among the candidates.
    candidate: Option<usize>,
    /// The open tracks that it has to land after.
    needs: Vec<usize>,
    /// The same as words.
    names: Vec<String>,
    /// Why it cannot land.
    stuck: Option<String>,
}

/// All tracks that have not landed, in the order of who wins a tie.
struct Opened<'a> {
    field: &'a Field<'a>,
    tracks: Vec<Open<'a>>,
    verdicts: HashMap<(usize, usize), &'a Verdict>,
}

/// An order that was tried.
struct Trial {
    order: Vec<usize>,
    costs: Vec<std::result::Result<usize, String>>,
}

/// Makes the plan.
pub fn plan(field: &Field) -> Result<Plan> {
    let opened = Opened::new(field);
    let landable = opened.landable()?;
    let can_land: Vec<usize> = (0..opened.tracks.len()).filter(|at| opened.tracks[*at].stuck.is_none()).collect();
    let Sequence { order, exact, .. } = cheapest(&opened.clashes(&can_land));
    let given = opened.tried(opened.given(&can_land))?;
    let best: Vec<usize> = order.into_iter().map(|at| can_land[at]).collect();
    let tried = if best == given.order { None } else { Some(opened.tried(best)?) };
    let (chosen, discarded) = match &tried {
        Some(trial) if trial.price() > given.price() => (&given, trial.total()),
        Some(trial) => (trial, None),
        None => (&given, None),
    };
    let cost = OrderCost { proposed: chosen.total(), given: given.total(), exact, discarded };
    let waits = |at: &usize| !opened.is_empty(*at) && !landable.tracks.contains(opened.id(*at));
    let waiting = (0..opened.tracks.len()).filter(waits).map(|at| opened.id(at).clone()).collect();
    let critical_path = longest_chain(&opened.needs()).into_iter().map(|at| opened.id(at).clone()).collect();
    Ok(Plan { places: opened.places(chosen), landable, waiting, cost, critical_path })
}

impl Trial {
    /// What decides between two orders: merges that could not be computed, then paths.
    fn price(&self) -> (usize, usize) {
        let unknown = self.costs.iter().filter(|cost| cost.is_err()).count();
        (unknown, self.costs.iter().flatten().sum())
    }

    fn total(&self) -> Option<usize> {
        Some(self.price()).filter(|(unknown, _)| *unknown == 0).map(|(_, paths)| paths)
    }
}

impl<'a> Opened<'a> {
    fn new(field: &'a Field<'a>) -> Opened<'a> {
        let mut tracks: Vec<&TrackStatus> =
            field.tracks.iter().filter(|status| status.landing != Some(Landing::Landed)).collect();
        let priority = |id: &TrackId| field.config.tracks.get(id.as_str()).map_or(u32::MAX, super::priority);
        tracks.sort_by_key(|status| (priority(&status.track.id), &status.track.id));
        let all = needs(&tracks, &field.written);
        let open = |(status, Needs { tracks, names, stuck }): (&'a TrackStatus, Needs)| Open {
            status,
            candidate: field.candidates.iter().position(|candidate| candidate.id == status.track.id),
            needs: tracks,
            names,
            stuck,
        };
        let verdicts = field.pairs.iter().map(|pair| ((pair.ours, pair.theirs), &pair.verdict)).collect();
        let mut opened = Opened { field, tracks: tracks.into_iter().zip(all).map(open).collect(), verdicts };
        for at in 0..opened.tracks.len() {
            opened.tracks[at].stuck = opened.alone(at).or(opened.tracks[at].stuck.take());
        }
        opened.follow_needs();
        opened
    }

    /// Why a track cannot land, whatever the others do.
    fn alone(&self, at: usize) -> Option<String> {
        let Some(candidate) = self.tracks[at].candidate else { return Some("its branch does not exist".to_owned()) };
        if let Err(reason) = &self.field.candidates[candidate].side {
            return Some(format!("it cannot be read: {reason}"));
        }
        match self.with_target(at) {
            Some(Verdict::Unknown(reason)) => Some(format!("not known against {}: {reason}", self.field.target.0)),
            _ => None,
        }
    }

    /// What needs one that cannot land cannot land either.
    fn follow_needs(&mut self) {
        // The longest chain has as many links as there are tracks.
        for _ in 0..self.tracks.len() {
            for at in 0..self.tracks.len() {
                let needed = self.tracks[at].needs.iter().find(|other| self.tracks[**other].stuck.is_some());
                let reason = needed.map(|other| format!("depends on {}, which cannot land", self.name(*other)));
                let stuck = &mut self.tracks[at].stuck;
                *stuck = stuck.take().or(reason);
            }
        }
    }

    fn id(&self, at: usize) -> &'a TrackId {
        &self.tracks[at].status.track.id
    }

    fn name(&self, at: usize) -> &'a str {
        self.id(at).as_str()
    }

    fn needs(&self) -> Vec<Vec<usize>> {
        self.tracks.iter().map(|open| open.needs.clone()).collect()
    }

    /// Whether it has nothing that the target has not: then it is in nobody's way.
    fn is_empty(&self, at: usize) -> bool {
        self.tracks[at].status.landing == Some(Landing::Nothing)
    }

    fn with_target(&self, at: usize) -> Option<&'a Verdict> {
        let side = self.tracks[at].candidate.filter(|_| !self.is_empty(at))? + 1;
        self.verdicts.get(&(0, side)).copied()
    }

    /// The verdict on two tracks that have something to land.
    fn between(&self, a: usize, b: usize) -> Option<&'a Verdict> {
        let [a, b] = [a, b].map(|at| self.tracks[at].candidate.filter(|_| !self.is_empty(at)));
        let (a, b) = (a? + 1, b? + 1);
        self.verdicts.get(&(a.min(b), a.max(b))).copied()
    }

    /// What can land now, of those that have something to land.
    fn landable(&self) -> Result<Landable> {
        let count = self.tracks.len();
        let stops = |verdict: Option<&Verdict>| matches!(verdict, Some(Verdict::Conflict(_) | Verdict::Unknown(_)));
        let is_wanted = |at: usize| self.field.among.is_none_or(|among| among.contains(self.id(at)));
        let is_barred = |at: usize| {
            self.tracks[at].stuck.is_some() || !is_wanted(at) || self.is_empty(at) || stops(self.with_target(at))
        };
        let pairs = (0..count).flat_map(|a| (a + 1..count).map(move |b| vec![a, b]));
        let constraints = Constraints {
            needs: self.needs(),
            barred: (0..count).map(is_barred).collect(),
            apart: pairs.filter(|pair| stops(self.between(pair[0], pair[1]))).collect(),
        };
        let ids: Vec<&TrackId> = (0..count).map(|at| self.id(at)).collect();
        let Field { premerge, target: (_, target), candidates, .. } = self.field;
        landable(premerge, target, candidates, (&ids, constraints))
    }

    /// What those that can land conflict on, by their places in `can_land`.
    fn clashes(&self, can_land: &[usize]) -> Clashes {
        let inside = |at: &usize| can_land.binary_search(at).ok();
        let mut numbers: HashMap<&RepoPath, usize> = HashMap::new();
        let mut clashes = Clashes::default();
        for (at, a) in can_land.iter().enumerate() {
            clashes.needs.push(self.tracks[*a].needs.iter().filter_map(inside).collect());
            for (other, b) in can_land.iter().enumerate().skip(at + 1) {
                let conflicts = self.between(*a, *b).map_or(&[][..], Verdict::conflicts);
                let mut paths = Vec::with_capacity(conflicts.len());
                for conflict in conflicts {
                    let next = numbers.len();
                    paths.push(*numbers.entry(&conflict.path).or_insert(next));
                }
                if !paths.is_empty() {
                    clashes.pairs.push((at, other, paths));
                }
            }
        }
        clashes
    }

    /// The order that dependencies, priorities and ids give.
    fn given(&self, can_land: &[usize]) -> Vec<usize> {
        let mut given = can_land.to_vec();
        given.sort_by_key(|at| self.tracks[*at].candidate);
        given
    }

    fn tried(&self, order: Vec<usize>) -> Result<Trial> {
        let candidate = |at: &usize| self.tracks[*at].candidate.map(|place| self.field.candidates[place].clone());
        let candidates: Vec<Candidate> = order.iter().filter_map(candidate).collect();
        let costs = landings(self.field.premerge, &self.field.target.1, &candidates)?;
        Ok(Trial { order, costs })
    }

    fn places(&self, trial: &Trial) -> Vec<Place> {
        let waves = waves(&self.needs());
        let row = |at: usize| {
            let status = self.tracks[at].status;
            Place {
                track: self.id(at).clone(),
                wave: waves[at],
                place: None,
                state: status.state,
                because: self.tracks[at].stuck.clone().unwrap_or_default(),
                cost: None,
                then_costs: Vec::new(),
                is_ready: status.ready_since.is_some() && status.delivered != Some(false),
                blocked_by: status.blocked_by.clone(),
                conflicts_with: status.conflicts_with.clone(),
            }
        };
        let (mut places, mut stuck) = (Vec::new(), Vec::new());
        for (position, (at, cost)) in trial.order.iter().zip(&trial.costs).enumerate() {
            match cost {
                Ok(cost) => {
                    let because = because(&self.reasons((*at, *cost), trial.order.split_at(position)));
                    let place = Some(places.len() + 1);
                    let then_costs = self.costs_of_others(*at, &trial.order[position + 1..]);
                    places.push(Place { place, because, cost: Some(*cost), then_costs, ..row(*at) });
                }
                Err(reason) => stuck.push(Place { because: reason.clone(), ..row(*at) }),
            }
        }
        stuck.extend((0..self.tracks.len()).filter(|at| self.tracks[*at].stuck.is_some()).map(row));
        places.extend(stuck);
        places
    }

    /// The tracks that land later and conflict with this one, and on how many paths.
    fn costs_of_others(&self, at: usize, after: &[usize]) -> Vec<(TrackId, usize)> {
        let paths = |other: &usize| self.between(at, *other).map_or(0, |verdict| verdict.conflicts().len());
        let cost = |other: &usize| Some((self.id(*other).clone(), paths(other))).filter(|(_, paths)| *paths > 0);
        after.iter().filter_map(cost).collect()
    }

    /// What there is to say about a track that lands after some and before others.
    fn reasons(&self, (at, cost): (usize, usize), (before, after): (&[usize], &[usize])) -> Reasons<'_> {
        let conflicts = |other: &usize| self.between(at, *other).map_or(&[][..], Verdict::conflicts);
        let with_target = self.with_target(at).map_or(&[][..], Verdict::conflicts);
        let mut against: BTreeMap<usize, &str> = BTreeMap::new();
        let mut paths: BTreeSet<&RepoPath> = with_target.iter().map(|conflict| &conflict.path).collect();
        for (place, other) in before.iter().enumerate() {
            let found = conflicts(other);
            paths.extend(found.iter().map(|conflict| &conflict.path));
            if !found.is_empty() {
                against.insert(place, self.name(*other));
            }
        }
        let target = (!with_target.is_empty()).then_some(self.field.target.0);
        Reasons {
            is_empty: self.is_empty(at),
            cost,
            before: target.into_iter().chain(against.into_values()).collect(),
            before_paths: paths.len(),
            later: after.iter().filter(|other| !conflicts(other).is_empty()).count(),
            needs: self.tracks[at].names.iter().map(String::as_str).collect(),
        }
    }
}
