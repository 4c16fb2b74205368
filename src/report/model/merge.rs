//! What merging would say, as programs read it. The content of files is not in it: reports travel further than the
//! repository they describe.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Lines `[first, last]` of a file, counted from 1. Where nothing is left on a side, `last` is `first - 1`.
pub type Lines = [u32; 2];

/// What Git would say to merging one side into the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pair {
    /// The side that is merged into: a track's id, or a ref as it was typed.
    pub ours: String,
    /// The side that is merged.
    pub theirs: String,
    /// The answer.
    pub verdict: Verdict,
    /// What conflicts, ordered by path.
    pub conflicts: Vec<Conflict>,
    /// The sides that hold uncommitted work.
    pub uncommitted: Vec<String>,
    /// The tree of the merge, where it was asked for and there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tree: Option<String>,
    /// Why the answer is `unknown`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The answer on one pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Proved to merge clean, without merging.
    Disjoint,
    /// Merged, with no conflict.
    Clean,
    /// Merged, with conflicts.
    Conflict,
    /// Could not be computed. Never a pass.
    Unknown,
}

impl Verdict {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Disjoint => "disjoint",
            Verdict::Clean => "clean",
            Verdict::Conflict => "conflict",
            Verdict::Unknown => "unknown",
        }
    }
}

/// One path on which a merge stops.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Conflict {
    /// The path, as the merged tree would have it.
    pub path: String,
    /// Its bytes in base64, where it is not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_bytes: Option<String>,
    /// The suffix of the `conflict.*` rule.
    pub kind: String,
    /// The places in our file.
    pub ours_lines: Vec<Lines>,
    /// The places in their file, in the same order.
    pub theirs_lines: Vec<Lines>,
    /// The commits whose changes meet there: of `show`, and of a track that is held out of an integration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commits: Option<Meeting>,
}

/// The two commits whose changes meet in a conflict: on each side the oldest of its own from which on the conflict is
/// there. `null` where it could not be determined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Meeting {
    /// On the side that is merged into; of an integration, a commit of a merged track or of the target.
    pub ours: Option<Origin>,
    /// On the side that is merged; of an integration, a commit of the track that is held out.
    pub theirs: Option<Origin>,
}

/// Where a change comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Origin {
    /// The commit; `null` for work that is not committed.
    pub commit: Option<String>,
    /// The subject of its message; of uncommitted work `uncommitted work`.
    pub subject: String,
}

/// All tracks merged into the target one after another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Integration {
    /// The ref that holds the result.
    #[serde(rename = "ref")]
    pub reference: String,
    /// The last merge commit, or the target's tip where nothing was merged.
    pub commit: String,
    /// Its tree.
    pub tree: String,
    /// The tracks merged, in order.
    pub merged: Vec<String>,
    /// The tracks left out.
    pub held_out: Vec<HeldOut>,
}

impl Integration {
    /// Whether all of `tracks` are held out themselves.
    pub fn holds_out(&self, tracks: &[String]) -> bool {
        tracks.iter().all(|id| self.held_out.iter().any(|held| held.track == *id))
    }
}

/// A track left out of the integration, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HeldOut {
    /// Which track.
    pub track: String,
    /// The tracks that explain it: all that conflict with it on their own, else a set that does only together; or the
    /// one it depends on that is held out or has no branch. Empty where the target alone does.
    pub because_of: Vec<String>,
    /// What conflicts; empty for a dependency.
    pub conflicts: Vec<Conflict>,
    /// Why, where it is neither a conflict nor a dependency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
