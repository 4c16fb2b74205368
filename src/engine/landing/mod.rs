//! Tracks landed on the target: what will be written is fixed by ids before anything is moved, and the target moves only
//! from where it was found.

mod deed;
mod history;
mod message;
mod news;
mod plan;
mod ready;
mod revert;
mod update;

use crate::engine::outcome::Blocker;
use crate::model::{CommitId, Conflict, Finding, TrackId, TreeId};

pub use deed::Landed;
pub use history::{any_reverted, is_reverted, landed_by_name, landing_of};
pub use news::newly_conflicting;
pub use plan::plan;
pub use ready::{Left, ready};
pub use revert::revert;
pub use update::{How, Moves, Update, Updating, update, whose};

/// How a track comes to the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// By a merge commit.
    Merge,
    /// By one commit with all of it.
    Squash,
    /// By moving the target to its tip.
    FastForward,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Which tracks, in any order.
    pub tracks: Vec<TrackId>,
    /// How.
    pub style: Style,
    /// A commit of the one track named, to land no further.
    pub upto: Option<CommitId>,
    /// The gates that passed on exactly what will land, by name: its message says so.
    pub gates: Vec<String>,
}

/// What will be written, by ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The target, by its name without `refs/heads/`.
    pub target: String,
    /// Where it is, and where it must still be.
    pub from: CommitId,
    /// The tracks that land, in order.
    pub steps: Vec<Step>,
    /// The tracks that have nothing left to land.
    pub idle: Vec<TrackId>,
    /// The tracks that cannot, and why.
    pub stopped: Vec<(TrackId, Why)>,
}

/// One track's landing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Which track.
    pub track: TrackId,
    /// What of it lands.
    pub tip: CommitId,
    /// What the target comes to.
    pub commit: CommitId,
    /// The tree of that.
    pub tree: TreeId,
    /// The first line of its message.
    pub subject: String,
    /// What was landed before, reverted since, and is brought back with it.
    pub brought_back: bool,
    /// What the track's branch comes to, so that its next change does not meet its own landing as a stranger's.
    pub follows: Option<CommitId>,
}

/// Why a track cannot land.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// It conflicts with the target, or with what lands before it.
    Conflict(Vec<Conflict>),
    /// Git could not merge it, for this reason.
    Unknown(String),
    /// Something keeps it from landing: a track, a contract, or what a note says.
    Blocked(Vec<Blocker>),
    /// It breaks rules.
    Rules(Vec<Finding>),
    /// The target has commits that it lacks, and it is to land by moving the target.
    Behind,
    /// It was landed and taken back: what it would be given takes that back there, too.
    Reverted,
    /// Its commits, done again one by one, do not come to what merging them comes to.
    Apart,
    /// It has no branch.
    NoBranch,
}

impl Plan {
    /// What the target comes to.
    pub fn to(&self) -> CommitId {
        self.steps.last().map_or(self.from, |step| step.commit)
    }
}
