//! What a run of the engine found: plain data, that `report` turns into what people and programs read.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::landed::Landing;
use crate::model::{CommitId, Conflict, Finding, Meeting, PairVerdict, Track, TrackId, TreeId};

/// The branch all tracks land on, as it stands here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its name, without `refs/heads/`.
    pub name: String,
    /// Its tip.
    pub commit: CommitId,
}

/// What a track is doing; the first that holds, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Its branch, or the folder of its worktree, is gone.
    Missing,
    /// Its content is on the target.
    Landed,
    /// It landed and was taken back.
    Reverted,
    /// It conflicts with the target or with another track.
    Conflicted,
    /// Something that it depends on is not there yet.
    Blocked,
    /// Nothing has happened for longer than allowed.
    Stalled,
    /// Somebody said that it is ready as it is, and everything it was to deliver is there.
    Ready,
    /// None of these.
    Working,
}

impl State {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            State::Missing => "missing",
            State::Landed => "landed",
            State::Reverted => "reverted",
            State::Conflicted => "conflicted",
            State::Blocked => "blocked",
            State::Stalled => "stalled",
            State::Ready => "ready",
            State::Working => "working",
        }
    }
}

/// A track as a run found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackStatus {
    /// Id, branch, worktree and tip.
    pub track: Track,
    /// What was declared as its title.
    pub title: Option<String>,
    /// The tree that it stands for: its tip, plus uncommitted work unless only commits were asked for; `None` where
    /// that could not be determined.
    pub tree: Option<TreeId>,
    /// How many files of its worktree are uncommitted, untracked ones included; `None` where undetermined.
    pub dirty: Option<usize>,
    /// Commits that the track has and the target has not; `None` where undetermined.
    pub ahead: Option<usize>,
    /// Commits that the target has and the track has not; `None` where undetermined.
    pub behind: Option<usize>,
    /// Who works on it.
    pub agent: Option<String>,
    /// Tracks that must land first.
    pub depends_on: Vec<TrackId>,
    /// Its state.
    pub state: State,
    /// How its tip stands to the target; `None` where it has none, or that could not be determined.
    pub landing: Option<Landing>,
    /// What keeps it from landing.
    pub blocked_by: Vec<Blocker>,
    /// Tracks (or the target, by name) that it conflicts with.
    pub conflicts_with: Vec<String>,
    /// Seconds since 1970 of its last commit.
    pub last_activity: Option<i64>,
    /// The date it is due, as declared.
    pub due: Option<String>,
    /// Whether every glob of `delivers` matches; `None` where none is declared.
    pub delivered: Option<bool>,
    /// When it was said to be ready as it is, in seconds since 1970.
    pub ready_since: Option<i64>,
    /// When anything last moved in it, in seconds since 1970; looked for where it may have stalled alone.
    pub last_moved: Option<i64>,
}

/// Something that keeps a track from landing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocker {
    /// `track`, `contract`, or `note` for what somebody said in words.
    pub kind: &'static str,
    /// Which one.
    pub id: String,
    /// Since when, in seconds since 1970, where a note says it.
    pub since: Option<i64>,
    /// Why, as a short sentence.
    pub reason: String,
}

/// One side of a pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SideName {
    /// A track's id, the target's name, or a ref as it was typed.
    pub name: String,
    /// Whether it holds uncommitted work.
    pub uncommitted: bool,
}

/// All tracks merged into the target one after another, in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Integration {
    /// The ref that holds the result.
    pub reference: String,
    /// The last merge commit, or the target's tip where nothing was merged.
    pub commit: CommitId,
    /// Its tree.
    pub tree: TreeId,
    /// The tracks merged, in order.
    pub merged: Vec<TrackId>,
    /// The tracks left out.
    pub held_out: Vec<HeldOut>,
}

/// A track left out of the integration, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldOut {
    /// Which track.
    pub track: TrackId,
    /// The tracks merged before it that explain it: every one that conflicts with it on its own; where none does, a set
    /// that conflicts with it together and would not without any one of them. Or the one track it depends on that is
    /// held out, or has no branch. Empty where the target alone explains it.
    pub because_of: Vec<TrackId>,
    /// What conflicts; empty for a dependency.
    pub conflicts: Vec<Conflict>,
    /// The commits that meet in each of them, in order: ours one of a merged track or of the target, theirs one of this
    /// track.
    pub meetings: Vec<Meeting>,
    /// Why, where it is neither a conflict nor a dependency: the merge could not be computed, or a gate fails with it.
    pub reason: Option<String>,
}

/// One gate on one tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateRun {
    /// Its name.
    pub name: String,
    /// Its stage, as it is written.
    pub stage: &'static str,
    /// The tree; `None` where it was not asked about any.
    pub tree: Option<TreeId>,
    /// The tracks in it; none for the target alone.
    pub tracks: Vec<TrackId>,
    /// How it stands.
    pub status: GateStatus,
    /// How it ended, as the end of a sentence that begins with the gate; why it did not run.
    pub ended: String,
    /// How long it took.
    pub took: Option<Duration>,
    /// The file with all that it printed.
    pub log: Option<PathBuf>,
    /// The last lines of that, where it failed. Not escaped.
    pub last_words: String,
    /// Figures that were read from it, by name.
    pub figures: BTreeMap<String, String>,
    /// Whether this was known before.
    pub remembered: bool,
}

/// How a gate stands on a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GateStatus {
    /// It passes.
    Passed,
    /// It fails, or could not be run.
    Failed,
    /// It said both on the same tree.
    Flaky,
    /// It does not concern the tree, or fails on the target, which says nothing about the tracks.
    Skipped,
    /// Nobody approved it.
    Untrusted,
}

/// In which order the tracks that have not landed land best.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Those that can land, in their order, then the others.
    pub places: Vec<Place>,
    /// What can land now.
    pub landable: Landable,
    /// What has something to land and cannot now.
    pub waiting: Vec<TrackId>,
    /// What the order costs.
    pub cost: OrderCost,
    /// The longest chain of tracks each of which has to land after the one before it; empty where there is none.
    pub critical_path: Vec<TrackId>,
}

/// One track's place in the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which track.
    pub track: TrackId,
    /// One more than the longest chain of tracks that have to land before it.
    pub wave: usize,
    /// Counted from 1; `None` where it cannot land.
    pub place: Option<usize>,
    /// Its state.
    pub state: State,
    /// Why it stands there, as a short sentence.
    pub because: String,
    /// On how many paths it conflicts with what has landed by then; `None` where it cannot land.
    pub cost: Option<usize>,
    /// The tracks that land later and conflict with it, each with the number of paths.
    pub then_costs: Vec<(TrackId, usize)>,
    /// Whether somebody said that it is ready as it is, and it is there.
    pub is_ready: bool,
    /// What keeps it from landing now.
    pub blocked_by: Vec<Blocker>,
    /// Tracks, or the target, that it conflicts with.
    pub conflicts_with: Vec<String>,
}

/// The most tracks that land together with no conflict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Landable {
    /// Which, in landing order.
    pub tracks: Vec<TrackId>,
    /// Whether no larger set can; otherwise it is the largest that was found.
    pub exact: bool,
}

/// What landing in an order costs: paths on which tracks conflict when they land. `None` where a merge could not be
/// computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderCost {
    /// In the order of the plan.
    pub proposed: Option<usize>,
    /// In the order that dependencies, priorities and ids give.
    pub given: Option<usize>,
    /// Whether the best of all orders, by the conflicts of pairs, was looked for; otherwise the best that was found is.
    pub exact: bool,
    /// What the order costs that is the best by the conflicts of pairs, where merging showed that the given one, which is
    /// proposed therefore, costs less.
    pub discarded: Option<usize>,
}

/// Everything that a run found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The version of the Git that decided.
    pub git: String,
    /// What the tracks land on; `None` where it is refs that were held against one another.
    pub target: Option<Target>,
    /// Every declared track, ordered by id.
    pub tracks: Vec<TrackStatus>,
    /// The sides that `pairs` speaks of by number.
    pub sides: Vec<SideName>,
    /// The verdict on every pair.
    pub pairs: Vec<PairVerdict>,
    /// The commits that meet in each conflict of a pair, by the pair's place, where they were asked for.
    pub meetings: BTreeMap<usize, Vec<Meeting>>,
    /// The merge of all, where it was asked for.
    pub integration: Option<Integration>,
    /// The gates, where they were asked for.
    pub gates: Option<Vec<GateRun>>,
    /// What somebody should act on, worst first.
    pub findings: Vec<Finding>,
    /// What a waiver on the target accepts for a time; the cure says until when and why.
    pub waived: Vec<Finding>,
}
