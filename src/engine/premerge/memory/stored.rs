//! The file of the memory: a checksum, and then one value in the format of `postcard` (<https://postcard.jamesmunns.com>).
//! Every id stands in it once, and is spoken of by its place.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{Answers, How, Key, Known};
use crate::engine::premerge::contents::Answer;
use crate::engine::premerge::prove::{Common, Three, Triple};
use crate::model::hash::fnv1a;
use crate::model::{BlobId, CommitId, Conflict, ConflictKind, Entry, Hunk, LineRange, Mode, RepoPath, TreeId};

/// Said first, so that a file of another form is not taken for one of this.
const FORM: u32 = 1;

/// The place of an id among all.
type Id = u32;

#[derive(Serialize, Deserialize)]
struct File<'a> {
    form: u32,
    #[serde(borrow)]
    bearing: &'a [u8],
    /// The length of each id in bytes.
    width: usize,
    #[serde(borrow)]
    ids: &'a [u8],
    #[serde(borrow)]
    merges: Vec<Row<'a>>,
    #[serde(borrow)]
    contents: Vec<([Id; 3], Content<'a>)>,
}

#[derive(Serialize, Deserialize)]
struct Row<'a> {
    /// The base's tree; `None` for a merge of two commits with several bases.
    base: Option<Id>,
    ours: Id,
    theirs: Id,
    tree: Option<Id>,
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
    triple: [Id; 3],
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
    Merged(Id),
    Conflict {
        kind: &'a str,
        #[serde(borrow)]
        hunks: Vec<Part<'a>>,
    },
}

/// Reads a file that was written with this `bearing`; `None` for any other.
pub fn read(bytes: &[u8], bearing: &[u8]) -> Option<Answers<Known>> {
    let (checksum, rest) = bytes.split_first_chunk()?;
    if u64::from_le_bytes(*checksum) != fnv1a(rest) {
        return None;
    }
    let file: File = postcard::from_bytes(rest).ok()?;
    if file.form != FORM || file.bearing != bearing {
        return None;
    }
    let ids = Reader { ids: file.ids.chunks_exact(file.width.max(1)).collect() };
    let merges = file.merges.iter().map(|row| ids.merge(row)).collect::<Option<_>>()?;
    let contents = file.contents.iter().map(|(triple, content)| Some((ids.triple(triple)?, ids.content(content)?)));
    Some(Answers { merges, contents: contents.collect::<Option<_>>()? })
}

/// The bytes of a file.
pub fn write(answers: &Answers<Known>, bearing: &[u8]) -> Vec<u8> {
    let mut ids = Writer::default();
    let merges = answers.merges.iter().map(|(key, known)| ids.merge(key, known)).collect();
    let contents = answers.contents.iter().filter_map(|(triple, answer)| {
        let content = match answer {
            Answer::Merged(id) => Content::Merged(ids.place(id.as_bytes())),
            Answer::Conflict(kind, hunks) => {
                Content::Conflict { kind: kind.name(), hunks: hunks.iter().map(part).collect() }
            }
            Answer::Unknown(_) => return None,
        };
        Some((ids.triple(triple), content))
    });
    let contents = contents.collect();
    let file = File { form: FORM, bearing, width: ids.width, ids: &ids.bytes, merges, contents };
    let rest = postcard::to_stdvec(&file).expect("plain values have a form");
    [&fnv1a(&rest).to_le_bytes()[..], &rest].concat()
}

fn part(hunk: &Hunk) -> Part<'_> {
    let range = |range: LineRange| [range.first, range.last];
    Part {
        lines: [range(hunk.ours_lines), range(hunk.theirs_lines)],
        ours: hunk.ours.iter().map(Vec::as_slice).collect(),
        theirs: hunk.theirs.iter().map(Vec::as_slice).collect(),
    }
}

/// Gives ids their places.
#[derive(Default)]
struct Writer<'a> {
    places: HashMap<&'a [u8], Id>,
    bytes: Vec<u8>,
    width: usize,
}

impl<'a> Writer<'a> {
    fn place(&mut self, id: &'a [u8]) -> Id {
        self.width = id.len();
        let next = Id::try_from(self.places.len()).expect("what is remembered is far less");
        *self.places.entry(id).or_insert_with(|| {
            self.bytes.extend_from_slice(id);
            next
        })
    }

    fn triple(&mut self, Triple { base, ours, theirs }: &'a Triple) -> [Id; 3] {
        [base, ours, theirs].map(|id| self.place(id.as_bytes()))
    }

    fn merge(&mut self, key: &'a Key, known: &'a Known) -> Row<'a> {
        let (base, ours, theirs) = match key {
            Key::Trees(Three { base, ours, theirs }) => (Some(base.as_bytes()), ours.as_bytes(), theirs.as_bytes()),
            Key::Commits(ours, theirs) => (None, ours.as_bytes(), theirs.as_bytes()),
        };
        let how = match &known.how {
            How::Proved => Decided::Proved,
            How::Contents(common) => {
                let meeting = |common: &'a Common| Meeting {
                    path: common.path.as_bstr(),
                    triple: self.triple(&common.triple),
                    executable: common.entry.mode == Mode::Executable,
                };
                Decided::Contents(common.iter().map(meeting).collect())
            }
            How::Clean => Decided::Clean,
            How::Conflict(conflicts) => Decided::Conflict(conflicts.iter().map(stop).collect()),
        };
        let tree = known.tree.as_ref().map(|id| self.place(id.as_bytes()));
        Row { base: base.map(|id| self.place(id)), ours: self.place(ours), theirs: self.place(theirs), tree, how }
    }
}

fn stop(conflict: &Conflict) -> Stop<'_> {
    let hunks = conflict.hunks.iter().map(part).collect();
    Stop { path: conflict.path.as_bstr(), kind: conflict.kind.name(), hunks }
}

/// Finds ids by their places.
struct Reader<'a> {
    ids: Vec<&'a [u8]>,
}

impl Reader<'_> {
    fn id(&self, place: Id) -> Option<&[u8]> {
        self.ids.get(usize::try_from(place).ok()?).copied()
    }

    fn tree(&self, place: Id) -> Option<TreeId> {
        TreeId::from_bytes(self.id(place)?)
    }

    fn blob(&self, place: Id) -> Option<BlobId> {
        BlobId::from_bytes(self.id(place)?)
    }

    fn triple(&self, [base, ours, theirs]: &[Id; 3]) -> Option<Triple> {
        Some(Triple { base: self.blob(*base)?, ours: self.blob(*ours)?, theirs: self.blob(*theirs)? })
    }

    fn merge(&self, row: &Row) -> Option<(Key, Known)> {
        let key = match row.base {
            Some(base) => {
                let (ours, theirs) = (self.tree(row.ours)?, self.tree(row.theirs)?);
                Key::Trees(Three { base: self.tree(base)?, ours, theirs })
            }
            None => {
                let commit = |place| CommitId::from_bytes(self.id(place)?);
                Key::Commits(commit(row.ours)?, commit(row.theirs)?)
            }
        };
        let how = match &row.how {
            Decided::Proved => How::Proved,
            Decided::Contents(meetings) => {
                How::Contents(meetings.iter().map(|m| self.common(m)).collect::<Option<_>>()?)
            }
            Decided::Clean => How::Clean,
            Decided::Conflict(stops) => How::Conflict(stops.iter().map(conflict).collect::<Option<_>>()?),
        };
        let tree = match row.tree {
            Some(place) => Some(self.tree(place)?),
            None => None,
        };
        Some((key, Known { how, tree }))
    }

    fn common(&self, meeting: &Meeting) -> Option<Common> {
        let triple = self.triple(&meeting.triple)?;
        let mode = if meeting.executable { Mode::Executable } else { Mode::File };
        Some(Common { path: RepoPath::try_new(meeting.path)?, triple, entry: Entry { mode, id: triple.ours } })
    }

    fn content(&self, content: &Content) -> Option<Answer> {
        Some(match content {
            Content::Merged(id) => Answer::Merged(self.blob(*id)?),
            Content::Conflict { kind, hunks } => {
                Answer::Conflict(ConflictKind::named(kind)?, hunks.iter().map(hunk).collect())
            }
        })
    }
}

fn conflict(stop: &Stop) -> Option<Conflict> {
    let hunks = stop.hunks.iter().map(hunk).collect();
    Some(Conflict { path: RepoPath::try_new(stop.path)?, kind: ConflictKind::named(stop.kind)?, hunks })
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
