//! A track, as programs read it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One line of work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Track {
    /// Its id.
    pub id: String,
    /// What it is about, where that was declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its branch, without `refs/heads/`.
    pub branch: String,
    /// The tip of the branch.
    pub commit: Option<String>,
    /// The tree that it stands for: its tip, plus uncommitted work unless only commits were asked for.
    pub tree: Option<String>,
    /// Its folder.
    pub worktree: String,
    /// The bytes of the folder's path in base64, where it is not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worktree_bytes: Option<String>,
    /// How many files are uncommitted, untracked ones included.
    pub dirty: Option<usize>,
    /// Commits that it has and the target has not.
    pub ahead: Option<usize>,
    /// Commits that the target has and it has not.
    pub behind: Option<usize>,
    /// Who works on it, where that was declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// Tracks that must land first.
    pub depends_on: Vec<String>,
    /// What it is doing.
    pub state: State,
    /// What keeps it from landing.
    pub blocked_by: Vec<Blocker>,
    /// Tracks, or the target, that it conflicts with.
    pub conflicts_with: Vec<String>,
    /// How many findings concern it, waived ones apart.
    pub findings: usize,
    /// When it last got a commit (RFC 3339, UTC).
    pub last_activity: Option<String>,
    /// The date it is due, where one was declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// Whether everything it was to deliver is there, where that was declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered: Option<bool>,
    /// When it was said to be ready, where it still is as it was then (RFC 3339, UTC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready_since: Option<String>,
}

/// What a track is doing; the first that holds, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Its branch, or the folder of its worktree, is gone.
    Missing,
    /// Its content is on the target.
    Landed,
    /// It was on the target and was taken back.
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

/// Something that keeps a track from landing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Blocker {
    /// `track`, `contract`, or `note` for what somebody said in words.
    pub kind: String,
    /// Which one: an id, a name, or the beginning of a note's id, which `tracks note --unblock` takes.
    pub id: String,
    /// When a note said so, or when it was first seen (RFC 3339, UTC).
    pub since: Option<String>,
    /// Why, as a short sentence.
    pub reason: String,
}
