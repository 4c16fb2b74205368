//! How every track stands: what it is ahead and behind, what keeps it from landing, and its state.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use rayon::prelude::*;

use super::{Look, stalls};
use crate::engine::blockers::{Blockers, Landed};
use crate::engine::landed::{self, Landing};
use crate::engine::landing;
use crate::engine::notes::{Notes, undelivered};
use crate::engine::order;
use crate::engine::outcome::{SideName, State, TrackStatus};
use crate::engine::snapshot::Snapshot;
use crate::git::{Graph, tree};
use crate::host::clock;
use crate::model::{Checkout, CommitId, PairVerdict, RepoPath, Track, TrackId, TreeId, Verdict};
use crate::policy::contracts::{Interface, Standing};
use crate::policy::regenerate::Regenerated;

/// What is known of all tracks before each is looked at.
struct Field<'a> {
    look: &'a Look<'a>,
    notes: &'a Notes,
    blockers: Blockers<'a>,
    graph: Option<Graph>,
    /// The target, then every tip.
    tips: Vec<CommitId>,
    landings: BTreeMap<CommitId, Option<Landing>>,
    promised: Vec<Interface>,
    conflicting: BTreeMap<String, Vec<String>>,
    /// Whether the target took anything back that a track may have brought.
    any_reverted: bool,
}

impl Look<'_> {
    /// Every declared track. `notes` are those of the project.
    pub(super) fn tracks(&self, sides: &[SideName], pairs: &[PairVerdict], notes: &Notes) -> Result<Vec<TrackStatus>> {
        let mut tips = vec![self.project.target.commit];
        tips.extend(self.project.tracks.iter().filter_map(|track| track.tip));
        let graph = Graph::walk(&self.project.repo, self.scratch.objects(), &tips).ok();
        let landing = |at: usize| (tips[at], self.landing(graph.as_ref(), at, tips[at]).ok());
        let mut landings: BTreeMap<CommitId, Option<Landing>> = (1..tips.len()).into_par_iter().map(landing).collect();
        let forks = graph.iter().flat_map(|graph| (1..tips.len()).flat_map(|at| graph.bases(0, at)));
        let forks: BTreeSet<CommitId> = forks.copied().collect();
        // One question spares one for each track, nearly always.
        let forks: Vec<CommitId> = forks.into_iter().collect();
        let any_reverted = landing::any_reverted(&self.project.repo, tips[0], &forks).unwrap_or(true);
        for track in &self.project.tracks {
            let found = track.tip.and_then(|tip| landings.get_mut(&tip)).and_then(Option::as_mut);
            let Some(found) = found.filter(|it| any_reverted || **it == Landing::Nothing) else { continue };
            *found = landing::landing_of(self.premerge, tips[0], track, *found).unwrap_or(Landing::Open);
        }
        let blockers = Blockers::new(self.project, notes)?;
        let promised = blockers.promised(self.scratch.objects(), self.target()?.tree);
        let conflicting = conflicting(sides, pairs, &Regenerated::of(&self.project.config)?);
        let field = Field { look: self, notes, blockers, graph, tips, landings, promised, conflicting, any_reverted };
        let tracks = self.project.tracks.iter().zip(self.snapshots);
        Ok(tracks.map(|(track, snapshot)| field.status(track, snapshot)).collect())
    }

    /// The contracts that are not on the target and that their owner has committed, with the owner.
    pub(super) fn written(&self) -> Result<BTreeMap<String, TrackId>> {
        let objects = self.scratch.objects();
        let none = Notes::default();
        let promised = Blockers::new(self.project, &none)?.promised(objects, self.target()?.tree);
        let has = |contract: &Interface| {
            let owner = self.project.tracks.iter().find(|track| track.id == contract.owner)?;
            let tree = objects.commit(owner.tip?).ok()?.tree;
            let files = |below: Option<&RepoPath>| tree::entries(objects, tree, below).ok();
            (contract.standing(&files) == Standing::Published).then(|| (contract.name.clone(), owner.id.clone()))
        };
        Ok(promised.iter().filter_map(has).collect())
    }

    /// How a tip, at its place in the graph, stands to the target. Git is asked only where its changes may all be there.
    fn landing(&self, graph: Option<&Graph>, place: usize, tip: CommitId) -> Result<Landing> {
        let target = self.project.target.commit;
        if let Some(graph) = graph
            && let [fork] = graph.bases(0, place)
            && *fork != tip
        {
            let tree = |commit| Ok::<TreeId, anyhow::Error>(self.scratch.objects().commit(commit)?.tree);
            if self.premerge.brings_something(tree(*fork)?, tree(target)?, tree(tip)?)? {
                return Ok(Landing::Open);
            }
        }
        landed::landing(self.premerge, target, tip)
    }

    /// Whether every glob that the track declares to deliver matches something it has.
    fn delivered(&self, id: &TrackId, snapshot: &std::result::Result<Snapshot, String>) -> Option<bool> {
        let globs = &self.project.config.tracks.get(id.as_str())?.delivers;
        let tree = snapshot.as_ref().ok()?.side.tree;
        if globs.is_empty() {
            return None;
        }
        undelivered(self.scratch.objects(), globs, tree).ok().map(|missing| missing.is_empty())
    }
}

impl Field<'_> {
    fn status(&self, track: &Track, snapshot: &std::result::Result<Snapshot, String>) -> TrackStatus {
        let landed = Landed { track: &|id| self.has_landed(id), promised: &self.promised };
        let place = track.tip.and_then(|tip| self.tips.iter().skip(1).position(|id| *id == tip)).map(|at| at + 1);
        let count = |a: usize, b: usize| self.graph.as_ref().map(|graph| graph.count_only(a, b));
        let table = self.look.project.config.tracks.get(track.id.as_str());
        let mut status = TrackStatus {
            track: track.clone(),
            title: table.and_then(|table| table.title.clone()),
            tree: snapshot.as_ref().ok().map(|snapshot| snapshot.side.tree),
            dirty: snapshot.as_ref().ok().map(|snapshot| snapshot.uncommitted.len()),
            ahead: place.and_then(|at| count(at, 0)),
            behind: place.and_then(|at| count(0, at)),
            agent: table.and_then(|table| table.agent.clone()),
            depends_on: order::dependencies(&self.look.project.config, &track.id),
            state: State::Working,
            landing: self.landing_of(track),
            blocked_by: self.blockers.of(&track.id, &landed),
            conflicts_with: self.conflicting.get(track.id.as_str()).cloned().unwrap_or_default(),
            last_activity: track.tip.and_then(|tip| Some(self.look.scratch.objects().commit(tip).ok()?.time)),
            due: table.and_then(|table| table.due.clone()),
            delivered: self.look.delivered(&track.id, snapshot),
            ready_since: self.notes.ready_since(track),
            last_moved: None,
        };
        if let Some((allowed, _)) =
            stalls::allowed(self.look.project, track).filter(|_| status.landing != Some(Landing::Landed))
        {
            let since = clock::seconds().saturating_sub(allowed);
            status.last_moved =
                stalls::last_moved(self.look.project, self.notes, track, since).max(status.last_activity);
        }
        status.state = self.state(&status);
        status
    }

    fn has_landed(&self, id: &TrackId) -> bool {
        let track = self.look.project.tracks.iter().find(|track| track.id == *id);
        track.and_then(|track| self.landing_of(track)) == Some(Landing::Landed)
    }

    /// How a track stands to the target, whether it has a branch or not.
    fn landing_of(&self, track: &Track) -> Option<Landing> {
        match track.tip {
            None => self.look.gone.contains(&track.id).then_some(Landing::Landed),
            Some(tip) => self.landings.get(&tip).copied().flatten(),
        }
    }

    /// The first that holds.
    fn state(&self, status: &TrackStatus) -> State {
        match &status.track {
            // What has landed and was cleared away is not missing.
            Track { tip: None, .. } if status.landing == Some(Landing::Landed) => State::Landed,
            Track { tip: None, .. } | Track { checkout: Checkout::Missing, .. } => State::Missing,
            _ if status.landing == Some(Landing::Landed) => State::Landed,
            Track { id, tip: Some(tip), .. } if self.is_reverted(status, (id, *tip)) => State::Reverted,
            _ if !status.conflicts_with.is_empty() => State::Conflicted,
            _ if !status.blocked_by.is_empty() => State::Blocked,
            _ if self.has_stalled(status) => State::Stalled,
            _ if status.ready_since.is_some() && status.delivered != Some(false) => State::Ready,
            _ => State::Working,
        }
    }

    fn has_stalled(&self, status: &TrackStatus) -> bool {
        let allowed = stalls::allowed(self.look.project, &status.track);
        let still = status.last_moved.map(|moved| clock::seconds().saturating_sub(moved));
        let is_too_long = allowed.zip(still).is_some_and(|((allowed, _), still)| still >= allowed);
        is_too_long && !stalls::is_waiting(status)
    }

    /// A track that was on the target and was taken back, whatever was done on it since.
    fn is_reverted(&self, status: &TrackStatus, track: (&TrackId, CommitId)) -> bool {
        let target = self.look.project.target.commit;
        self.any_reverted
            && status.landing == Some(Landing::Open)
            && landing::is_reverted(self.look.premerge, target, track).unwrap_or(false)
    }
}

/// Whom each side conflicts with, by name.
/// What is made again keeps nobody.
fn conflicting(sides: &[SideName], pairs: &[PairVerdict], made: &Regenerated) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let conflicts = |pair: &&PairVerdict| matches!(&pair.verdict, Verdict::Conflict(all) if !made.settles(all));
    for pair in pairs.iter().filter(conflicts) {
        let (ours, theirs) = (&sides[pair.ours].name, &sides[pair.theirs].name);
        found.entry(ours.clone()).or_default().push(theirs.clone());
        found.entry(theirs.clone()).or_default().push(ours.clone());
    }
    found
}
