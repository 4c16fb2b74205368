//! A note on a track: what somebody said about it, and to what end.

use std::fmt;

use super::{CommitId, TrackId};

/// One thing that was said of a track.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The commit that keeps it.
    pub id: CommitId,
    /// When it was said, in seconds since 1970.
    pub time: i64,
    /// Who said it.
    pub author: String,
    /// To what end.
    pub kind: NoteKind,
    /// What else was said, lines included; may be empty.
    pub text: String,
}

/// A commit of a line of notes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenNote {
    /// Which commit.
    pub id: CommitId,
    /// The commits before it.
    pub parents: Vec<CommitId>,
    /// When it was written, in seconds since 1970.
    pub time: i64,
    /// Who wrote it, as Git has it.
    pub author: String,
    /// Its message.
    pub message: String,
}

/// To what end something was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoteKind {
    /// The track is ready to land as of this commit.
    Ready(CommitId),
    /// It cannot land because of something.
    Blocked(Obstacle),
    /// That no longer stands in its way.
    Unblocked(Obstacle),
    /// Something was decided: this.
    Decision(String),
    /// Only to be read.
    Plain,
}

impl NoteKind {
    /// The name in reports and in what is stored.
    pub fn name(&self) -> &'static str {
        match self {
            NoteKind::Ready(_) => "ready",
            NoteKind::Blocked(_) => "blocked",
            NoteKind::Unblocked(_) => "unblocked",
            NoteKind::Decision(_) => "decision",
            NoteKind::Plain => "note",
        }
    }
}

/// What keeps a track from landing, as somebody says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Obstacle {
    /// A track, until it has landed.
    Track(TrackId),
    /// A contract, until it is on the target.
    Contract(String),
    /// Anything else, on one line, until somebody says that it is out of the way.
    Words(String),
}

impl Obstacle {
    /// The kind as reports name it.
    pub fn kind(&self) -> &'static str {
        match self {
            Obstacle::Track(_) => "track",
            Obstacle::Contract(_) => "contract",
            Obstacle::Words(_) => "note",
        }
    }

    /// Which one of its kind.
    pub fn what(&self) -> &str {
        match self {
            Obstacle::Track(id) => id.as_str(),
            Obstacle::Contract(what) | Obstacle::Words(what) => what,
        }
    }
}

/// As it is typed: `b`, `contract:api`, or the words.
impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Obstacle::Contract(name) => write!(f, "contract:{name}"),
            other => f.pad(other.what()),
        }
    }
}
