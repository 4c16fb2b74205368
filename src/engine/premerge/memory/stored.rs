//! What an entry of the memory is in bytes: a key of ids, and a value in the format of `postcard`
//! (<https://postcard.jamesmunns.com>).

use bstr::{BString, ByteSlice};
use serde::{Deserialize, Serialize};

use super::{How, Key, Known};
use crate::engine::premerge::contents::Answer;
use crate::engine::premerge::prove::{Common, Three, Triple};
use crate::git::objects::{Form, Node};
use crate::git::trees::{Delta, Difference};
use crate::model::{BlobId, Conflict, ConflictKind, Entry, Hunk, LineRange, Mode, RepoPath, TreeId};

/// The key of what everything else was found out under. Another form of values has another name here.
pub const BEARING: &[u8] = b"bearing 2";

/// The key of a merge.
pub fn merge_key(key: &Key) -> Vec<u8> {
    match key {
        Key::Trees(Three { base, ours, theirs }) => {
            key_of(b'm', &[base.as_bytes(), ours.as_bytes(), theirs.as_bytes()])
        }
        Key::Commits(ours, theirs) => key_of(b'c', &[ours.as_bytes(), theirs.as_bytes()]),
    }
}

/// The key of a content.
pub fn content_key(Triple { base, ours, theirs }: &Triple) -> Vec<u8> {
    key_of(b'b', &[base.as_bytes(), ours.as_bytes(), theirs.as_bytes()])
}

/// The key of how two trees differ.
pub fn delta_key(old: TreeId, new: TreeId) -> Vec<u8> {
    key_of(b't', &[old.as_bytes(), new.as_bytes()])
}

fn key_of(kind: u8, ids: &[&[u8]]) -> Vec<u8> {
    [&[kind][..], &ids.concat()].concat()
}

#[derive(Serialize, Deserialize)]
struct Merge<'a> {
    #[serde(borrow)]
    tree: Option<&'a [u8]>,
    #[serde(borrow)]
    how: Decided<'a>,
}

#[derive(Serialize, Deserialize)]
enum Decided<'a> {
    Proved,
    #[serde(borrow)]
    Contents(Vec<Meeting<'a>>),
    Clean,
    #[serde(borrow)]
    Conflict(Vec<Stop<'a>>),
}

#[derive(Serialize, Deserialize)]
struct Meeting<'a> {
    path: &'a [u8],
    #[serde(borrow)]
    triple: [&'a [u8]; 3],
    executable: bool,
}

#[derive(Serialize, Deserialize)]
struct Stop<'a> {
    path: &'a [u8],
    kind: &'a str,
    #[serde(borrow)]
    hunks: Vec<Part<'a>>,
}

#[derive(Serialize, Deserialize)]
struct Part<'a> {
    lines: [[u32; 2]; 2],
    #[serde(borrow)]
    ours: Vec<&'a [u8]>,
    #[serde(borrow)]
    theirs: Vec<&'a [u8]>,
}

#[derive(Serialize, Deserialize)]
enum Content<'a> {
    Merged(&'a [u8]),
    Conflict {
        kind: &'a str,
        #[serde(borrow)]
        hunks: Vec<Part<'a>>,
    },
}

#[derive(Serialize, Deserialize)]
struct Rows<'a> {
    odd: bool,
    #[serde(borrow)]
    rows: Vec<(&'a [u8], Option<Stands<'a>>, Option<Stands<'a>>)>,
}

/// What stands under a name: a kind and an id.
#[derive(Serialize, Deserialize)]
struct Stands<'a>(Kind, #[serde(borrow)] &'a [u8]);

#[derive(Serialize, Deserialize)]
enum Kind {
    Tree,
    File,
    Executable,
    Link,
    Submodule,
}

/// The value of a merge.
pub fn merge(Known { how, tree }: &Known) -> Vec<u8> {
    let how = match how {
        How::Proved => Decided::Proved,
        How::Contents(common) => Decided::Contents(common.iter().map(meeting).collect()),
        How::Clean => Decided::Clean,
        How::Conflict(conflicts) => Decided::Conflict(conflicts.iter().map(stop).collect()),
    };
    bytes(&Merge { tree: tree.as_ref().map(TreeId::as_bytes), how })
}

/// Reads the value of a merge; `None` where it is none.
pub fn read_merge(value: &[u8]) -> Option<Known> {
    let Merge { tree, how } = postcard::from_bytes(value).ok()?;
    let how = match how {
        Decided::Proved => How::Proved,
        Decided::Contents(meetings) => How::Contents(meetings.iter().map(common).collect::<Option<_>>()?),
        Decided::Clean => How::Clean,
        Decided::Conflict(stops) => How::Conflict(stops.iter().map(conflict).collect::<Option<_>>()?),
    };
    let tree = match tree {
        Some(id) => Some(TreeId::from_bytes(id)?),
        None => None,
    };
    Some(Known { how, tree })
}

/// The value of a content; `None` for one that is not known.
pub fn content(answer: &Answer) -> Option<Vec<u8>> {
    Some(bytes(&match answer {
        Answer::Merged(id) => Content::Merged(id.as_bytes()),
        Answer::Conflict(kind, hunks) => {
            Content::Conflict { kind: kind.name(), hunks: hunks.iter().map(part).collect() }
        }
        Answer::Unknown(_) => return None,
    }))
}

/// Reads the value of a content; `None` where it is none.
pub fn read_content(value: &[u8]) -> Option<Answer> {
    Some(match postcard::from_bytes(value).ok()? {
        Content::Merged(id) => Answer::Merged(BlobId::from_bytes(id)?),
        Content::Conflict { kind, hunks } => {
            Answer::Conflict(ConflictKind::named(kind)?, hunks.iter().map(hunk).collect())
        }
    })
}

/// The value of how two trees differ.
pub fn delta(delta: &Delta) -> Vec<u8> {
    let rows =
        delta.iter().map(|row| (row.name.as_bytes(), row.before.as_ref().map(stands), row.after.as_ref().map(stands)));
    bytes(&Rows { odd: delta.is_odd(), rows: rows.collect() })
}

/// Reads the value of how two trees differ; `None` where it is none.
pub fn read_delta(value: &[u8]) -> Option<Delta> {
    let Rows { odd, rows } = postcard::from_bytes(value).ok()?;
    let read = |stands: Option<Stands>| match stands {
        Some(stands) => node(&stands).map(Some),
        None => Some(None),
    };
    let rows = rows.into_iter().map(|(name, before, after)| {
        Some(Difference { name: BString::from(name), before: read(before)?, after: read(after)? })
    });
    let form = if odd { Form::Odd } else { Form::Ordinary };
    Some(Delta::new(rows.collect::<Option<_>>()?, form))
}

fn bytes(value: &impl Serialize) -> Vec<u8> {
    postcard::to_stdvec(value).expect("plain values have a form")
}

fn stands(node: &Node) -> Stands<'_> {
    match node {
        Node::Tree(id) => Stands(Kind::Tree, id.as_bytes()),
        Node::Leaf(Entry { mode, id }) => {
            let kind = match mode {
                Mode::File => Kind::File,
                Mode::Executable => Kind::Executable,
                Mode::Link => Kind::Link,
                Mode::Submodule => Kind::Submodule,
            };
            Stands(kind, id.as_bytes())
        }
    }
}

fn node(Stands(kind, id): &Stands) -> Option<Node> {
    let leaf = |mode| Some(Node::Leaf(Entry { mode, id: BlobId::from_bytes(id)? }));
    match kind {
        Kind::Tree => Some(Node::Tree(TreeId::from_bytes(id)?)),
        Kind::File => leaf(Mode::File),
        Kind::Executable => leaf(Mode::Executable),
        Kind::Link => leaf(Mode::Link),
        Kind::Submodule => leaf(Mode::Submodule),
    }
}

fn meeting(Common { path, triple: Triple { base, ours, theirs }, entry }: &Common) -> Meeting<'_> {
    Meeting {
        path: path.as_bstr(),
        triple: [base.as_bytes(), ours.as_bytes(), theirs.as_bytes()],
        executable: entry.mode == Mode::Executable,
    }
}

fn common(meeting: &Meeting) -> Option<Common> {
    let [base, ours, theirs] = meeting.triple;
    let [base, ours, theirs] = [BlobId::from_bytes(base)?, BlobId::from_bytes(ours)?, BlobId::from_bytes(theirs)?];
    let mode = if meeting.executable { Mode::Executable } else { Mode::File };
    let triple = Triple { base, ours, theirs };
    Some(Common { path: RepoPath::try_new(meeting.path)?, triple, entry: Entry { mode, id: ours } })
}

fn stop(conflict: &Conflict) -> Stop<'_> {
    let hunks = conflict.hunks.iter().map(part).collect();
    Stop { path: conflict.path.as_bstr(), kind: conflict.kind.name(), hunks }
}

fn conflict(stop: &Stop) -> Option<Conflict> {
    let hunks = stop.hunks.iter().map(hunk).collect();
    Some(Conflict { path: RepoPath::try_new(stop.path)?, kind: ConflictKind::named(stop.kind)?, hunks })
}

fn part(hunk: &Hunk) -> Part<'_> {
    let range = |range: LineRange| [range.first, range.last];
    Part {
        lines: [range(hunk.ours_lines), range(hunk.theirs_lines)],
        ours: hunk.ours.iter().map(Vec::as_slice).collect(),
        theirs: hunk.theirs.iter().map(Vec::as_slice).collect(),
    }
}

fn hunk(part: &Part) -> Hunk {
    let range = |[first, last]: [u32; 2]| LineRange { first, last };
    let lines = |lines: &[&[u8]]| lines.iter().map(|line| line.to_vec()).collect();
    Hunk {
        ours_lines: range(part.lines[0]),
        theirs_lines: range(part.lines[1]),
        ours: lines(&part.ours),
        theirs: lines(&part.theirs),
    }
}
