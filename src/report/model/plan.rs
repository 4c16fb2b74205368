//! Gates and the landing order, as programs read them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Blocker, State};

/// One command that must pass on a tree, and whether it did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Gate {
    /// Its name.
    pub name: String,
    /// When it runs: `track`, `integration`, `landing` or `target`.
    pub stage: String,
    /// The tree it ran on.
    pub tree: Option<String>,
    /// The tracks in that tree.
    pub tracks: Vec<String>,
    /// How it ended.
    pub status: GateStatus,
    /// How long it took.
    pub seconds: Option<f64>,
    /// The file with all of its output.
    pub log: Option<String>,
    /// Figures read from its output, by name: as printed.
    pub captured: Option<BTreeMap<String, String>>,
    /// The figures of the same gate in the last result, where they were others.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub captured_before: BTreeMap<String, String>,
    /// How it ended, in words: `passed`, `ended with status 1`; why it did not run.
    #[serde(default)]
    pub reason: String,
    /// The last lines of its output, where it did not pass.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub output: String,
    /// Whether the verdict was known from an earlier run on the same tree.
    #[serde(default)]
    pub remembered: bool,
}

/// How a gate ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum GateStatus {
    /// It passed.
    Passed,
    /// It failed.
    Failed,
    /// It failed, and then passed on the same tree.
    Flaky,
    /// Nothing that concerns it changed.
    Skipped,
    /// Nobody approved the command, so it did not run.
    Untrusted,
}

impl GateStatus {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            GateStatus::Passed => "passed",
            GateStatus::Failed => "failed",
            GateStatus::Flaky => "flaky",
            GateStatus::Skipped => "skipped",
            GateStatus::Untrusted => "untrusted",
        }
    }
}

/// A track's place in the landing order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// Which track.
    pub track: String,
    /// The wave it belongs to, counted from 1: tracks of one wave may run and land together.
    pub wave: usize,
    /// Its place among all, counted from 1; `null` where it cannot land yet.
    pub place: Option<usize>,
    /// What it is doing.
    pub state: State,
    /// Why it stands there, as a short sentence.
    pub because: String,
    /// On how many paths it conflicts, when it lands, with what has landed by then; `null` where it cannot land.
    pub cost: Option<usize>,
    /// What its landing costs those after it: the tracks that land later and conflict with it.
    #[serde(default)]
    pub then_costs: Vec<ThenCost>,
    /// Whether somebody said that it is ready as it is, and all that it was to deliver is there.
    #[serde(default)]
    pub ready: bool,
    /// What keeps it from landing now.
    #[serde(default)]
    pub blocked_by: Vec<Blocker>,
    /// Tracks, or the target, that it conflicts with.
    #[serde(default)]
    pub conflicts_with: Vec<String>,
}

/// What a landing costs a track that lands later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ThenCost {
    /// Which one.
    pub track: String,
    /// On how many paths the two conflict.
    pub paths: usize,
}

/// One line of the check before a wave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Preflight {
    /// What was looked at: `gates`, `sizes` or `checkpoints`.
    pub check: String,
    /// What came of it.
    pub verdict: PreflightVerdict,
    /// What there is to know, as a short sentence.
    pub detail: String,
    /// What to do about it; a command where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cure: Option<String>,
}

/// What came of a check before a wave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PreflightVerdict {
    /// All is well.
    Pass,
    /// Something is not.
    Fail,
    /// Nobody looked, or it could not be told; never a pass.
    NotChecked,
}

impl PreflightVerdict {
    /// The word in reports.
    pub fn name(self) -> &'static str {
        match self {
            PreflightVerdict::Pass => "PASS",
            PreflightVerdict::Fail => "FAIL",
            PreflightVerdict::NotChecked => "not checked",
        }
    }
}

/// The most tracks that can land now with no conflict, each and all together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Landable {
    /// Which, in landing order.
    pub tracks: Vec<String>,
    /// Whether no larger set can; otherwise it is the largest that was found.
    pub exact: bool,
}

/// What landing costs: paths on which tracks conflict when they land, as merging showed; `null` where a merge could not
/// be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrderCost {
    /// In `order`.
    pub proposed: Option<usize>,
    /// In the order that dependencies, priorities and ids give.
    pub given: Option<usize>,
    /// Whether the best of all orders, by the conflicts of pairs, was looked for; otherwise the best that was found is.
    pub exact: bool,
    /// What the best order by the conflicts of pairs costs, where merging showed that the given one costs less: then that
    /// is proposed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discarded: Option<usize>,
}
