//! The one model that every format writes: the versioned JSON envelope. A command leaves out what it does not compute;
//! `null` means asked for and undetermined.

mod act;
mod ailment;
mod checkpoint;
mod event;
mod finding;
mod lint;
mod merge;
mod migration;
mod note;
mod path;
mod plan;
mod track;
mod trust;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use act::{Explanation, Hook, Owner, PullRequest, Removal, Schedule, Step, Worktree};
pub use ailment::{Ailment, AilmentState};
pub use checkpoint::{Checkpoint, CheckpointPath};
pub use event::{Event, EventChange};
pub use finding::{Finding, FindingState, Severity};
pub use lint::{Lint, LintPattern, Overlap, Unowned};
pub use merge::{Conflict, HeldOut, Integration, Lines, Meeting, Origin, Pair, Verdict};
pub use migration::Migration;
pub use note::{Note, Obstacle};
pub use path::{Shown, file_system_path, repo_path, shown};
pub use plan::{Gate, GateStatus, Landable, OrderCost, Place, Preflight, PreflightVerdict, ThenCost};
pub use track::{Blocker, State, Track};
pub use trust::{Approval, Command, Trust};

/// The version of the envelope; grows only when a field changes its meaning or goes away.
pub const SCHEMA: u32 = 1;

/// The answer of any command.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// The version of this format: 1.
    pub schema: u32,
    /// The command that was asked, such as `sync`.
    pub command: String,
    /// The version of the Git that decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git: Option<String>,
    /// The branch that all tracks land on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// Every track, ordered by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracks: Option<Vec<Track>>,
    /// The verdict on every pair.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pairs: Option<Vec<Pair>>,
    /// The merge of all tracks into the target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub integration: Option<Integration>,
    /// The commands that must pass, and whether they did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gates: Option<Vec<Gate>>,
    /// In which order to land.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Vec<Place>>,
    /// What can land now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub landable: Option<Landable>,
    /// What landing in that order costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_cost: Option<OrderCost>,
    /// The longest chain of tracks each of which has to land after the one before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub critical_path: Option<Vec<String>>,
    /// The check before a wave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preflight: Option<Vec<Preflight>>,
    /// What somebody should act on, worst first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub findings: Option<Vec<Finding>>,
    /// The worktrees of the repository, and which of them can go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worktrees: Option<Vec<Worktree>>,
    /// Who owns which path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owners: Option<Vec<Owner>>,
    /// What is odd about who owns what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lint: Option<Lint>,
    /// The migrations of the target and of the tracks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub migrations: Option<Vec<Migration>>,
    /// What was saved of tracks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoints: Option<Vec<Checkpoint>>,
    /// The paths of a checkpoint that were uncommitted, or that differ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paths: Option<Vec<CheckpointPath>>,
    /// What was changed by tracks, the oldest first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<Event>>,
    /// What was said of tracks, the oldest first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<Vec<Note>>,
    /// What was done, or would be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<Vec<Step>>,
    /// The Git hooks and how they stand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hooks: Option<Vec<Hook>>,
    /// What starts syncs by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedules: Option<Vec<Schedule>>,
    /// What is wrong with the repository and its worktrees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ailments: Option<Vec<Ailment>>,
    /// The commands of `tracks.toml`, and whether they may run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust: Option<Trust>,
    /// What this user approved, by repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approvals: Option<Vec<Approval>>,
    /// What rules mean.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<Vec<Explanation>>,
    /// The text of a pull request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull_request: Option<PullRequest>,
    /// All of it in numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<Summary>,
}

impl Report {
    /// An answer of `command` that holds nothing yet.
    pub fn new(command: &str) -> Self {
        Report { schema: SCHEMA, command: command.to_owned(), ..Report::default() }
    }
}

/// The branch that all tracks land on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Target {
    /// Its name, without `refs/heads/`.
    pub name: String,
    /// Its tip.
    pub commit: String,
}

/// All of it in numbers. Waived findings do not count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Findings that are errors.
    pub errors: usize,
    /// Findings that are warnings.
    pub warnings: usize,
    /// Findings that are only information.
    pub infos: usize,
    /// Pairs proved to merge clean, without merging.
    pub disjoint: usize,
    /// Pairs that were merged and are clean.
    pub clean: usize,
    /// Pairs that conflict.
    pub conflict: usize,
    /// Pairs that could not be computed; never a pass.
    pub unknown: usize,
    /// Whether the tracks can land.
    pub readiness: Readiness,
    /// The messages of the errors.
    pub critical_issues: Vec<String>,
    /// What to do, most severe first; at most five.
    pub recommendations: Vec<String>,
}

/// Whether the tracks can land.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Readiness {
    /// No error, and nothing is held out.
    Ready,
    /// Some can.
    #[default]
    Partial,
    /// None can, or the target itself has an error.
    Blocked,
}
