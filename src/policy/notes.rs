//! Notes on tracks: the form in which a commit's message keeps one, in which order they are read, and what of them
//! stands. Two lines of notes that were merged read the same whoever merged them.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use crate::model::{CommitId, Note, NoteKind, Obstacle, TrackId, WrittenNote as Written};

/// The subject of a commit that joins two lines of notes, and says nothing itself.
pub const JOINED: &str = "Merge notes";

/// Longer notes are refused, in bytes.
pub const LONGEST: usize = 1 << 14;

/// What of the notes on a track stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The commit as of which it was last said to be ready, and when that was.
    pub ready: Option<(CommitId, i64)>,
    /// What stands in its way, oldest first.
    pub blocks: Vec<Block>,
}

/// Something that stands in the way of a track.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The note that said so first.
    pub note: CommitId,
    /// What it is.
    pub by: Obstacle,
    /// Since when, in seconds since 1970.
    pub since: i64,
    /// What was said of it; may be empty.
    pub text: String,
}

/// The message that keeps a note; `by` is who says it, where that is not who Git has as the author.
pub fn message(kind: &NoteKind, text: &str, by: Option<&str>) -> String {
    let (subject, about) = match kind {
        NoteKind::Ready(tip) => (format!("Ready at {}", tip.short()), format!("Tip: {tip}\n")),
        NoteKind::Blocked(what) => (format!("Blocked by {what}"), about(what)),
        NoteKind::Unblocked(what) => (format!("No longer blocked by {what}"), about(what)),
        NoteKind::Decision(what) => (format!("Decided: {what}"), format!("What: {what}\n")),
        NoteKind::Plain => ("Note".to_owned(), String::new()),
    };
    let by = by.map(|by| format!("By: {}\n", one_line(by))).unwrap_or_default();
    let text = text.trim();
    let text = if text.is_empty() { String::new() } else { format!("\n{text}\n") };
    format!("{subject}\n\nNote: {}\n{about}{by}{text}", kind.name())
}

fn about(what: &Obstacle) -> String {
    format!("On: {} {}\n", what.kind(), what.what())
}

/// Text on one line, with single spaces.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a commit belongs to a line of notes: what one leads to besides is none of ours.
pub fn is_part(message: &str) -> bool {
    message.trim_end() == JOINED || read(message).is_some()
}

/// The notes among commits, in the order in which they are to be read: each after those that its writer knew, otherwise
/// by time and then by id.
pub fn in_order(written: &[Written]) -> Vec<Note> {
    let places: HashMap<CommitId, usize> = written.iter().enumerate().map(|(at, commit)| (commit.id, at)).collect();
    let parents = |at: usize| written[at].parents.iter().filter_map(|parent| places.get(parent)).copied();
    let mut waits: Vec<usize> = (0..written.len()).map(|at| parents(at).count()).collect();
    let mut after: Vec<Vec<usize>> = vec![Vec::new(); written.len()];
    (0..written.len()).for_each(|at| parents(at).for_each(|parent| after[parent].push(at)));
    // Commits that only join come at once: they order nothing by themselves.
    let notes: Vec<Option<Note>> = written.iter().map(note).collect();
    let key = |at: usize| Reverse((notes[at].as_ref().map(|note| note.time), written[at].id, at));
    let mut next: BinaryHeap<_> = (0..written.len()).filter(|at| waits[*at] == 0).map(key).collect();
    let mut order = Vec::with_capacity(written.len());
    while let Some(Reverse((.., at))) = next.pop() {
        order.push(at);
        for later in &after[at] {
            waits[*later] -= 1;
            if waits[*later] == 0 {
                next.push(key(*later));
            }
        }
    }
    order.into_iter().filter_map(|at| notes[at].clone()).collect()
}

/// What stands, of notes in the order in which they are to be read.
pub fn standing(notes: &[Note]) -> Standing {
    let mut standing = Standing::default();
    for note in notes {
        match &note.kind {
            NoteKind::Ready(tip) => standing.ready = Some((*tip, note.time)),
            NoteKind::Blocked(by) if !standing.blocks.iter().any(|block| block.by == *by) => {
                let block = Block { note: note.id, by: by.clone(), since: note.time, text: note.text.clone() };
                standing.blocks.push(block);
            }
            NoteKind::Unblocked(by) => standing.blocks.retain(|block| block.by != *by),
            NoteKind::Blocked(_) | NoteKind::Decision(_) | NoteKind::Plain => {}
        }
    }
    standing
}

fn note(written: &Written) -> Option<Note> {
    let (kind, by, text) = read(&written.message)?;
    let author = by.unwrap_or_else(|| written.author.clone());
    Some(Note { id: written.id, time: written.time, author, kind, text })
}

/// The kind, who says it where that is written down, and the text.
fn read(message: &str) -> Option<(NoteKind, Option<String>, String)> {
    let (_, rest) = message.split_once("\n\n")?;
    let (head, text) = rest.split_once("\n\n").unwrap_or((rest, ""));
    let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    let kind = match field("Note")? {
        "ready" => NoteKind::Ready(CommitId::from_hex(field("Tip")?.as_bytes())?),
        "blocked" => NoteKind::Blocked(obstacle(field("On")?)?),
        "unblocked" => NoteKind::Unblocked(obstacle(field("On")?)?),
        "decision" => NoteKind::Decision(field("What")?.to_owned()),
        // A kind that a later version knows is still something that was said.
        _ => NoteKind::Plain,
    };
    Some((kind, field("By").map(str::to_owned), text.trim().to_owned()))
}

fn obstacle(text: &str) -> Option<Obstacle> {
    let (kind, what) = text.split_once(' ')?;
    match kind {
        "track" => Some(Obstacle::Track(TrackId::new(what).ok()?)),
        "contract" => Some(Obstacle::Contract(what.to_owned())),
        _ => Some(Obstacle::Words(what.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::{JOINED, Written, in_order, is_part, message, read, standing};
    use crate::model::{CommitId, NoteKind, Obstacle, TrackId};

    fn id(digit: char) -> CommitId {
        CommitId::from_hex(digit.to_string().repeat(40).as_bytes()).expect("an id")
    }

    fn written(digit: char, parents: &[char], time: i64, message: String) -> Written {
        let parents = parents.iter().map(|parent| id(*parent)).collect();
        Written { id: id(digit), parents, time, author: "Kim".into(), message }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let track = TrackId::new("b").expect("valid");
        let kinds = [
            NoteKind::Ready(id('1')),
            NoteKind::Blocked(Obstacle::Track(track)),
            NoteKind::Unblocked(Obstacle::Contract("agents-api".into())),
            NoteKind::Blocked(Obstacle::Words("needs the key: ask Kim".into())),
            NoteKind::Decision("b goes first".into()),
            NoteKind::Plain,
        ];
        for kind in kinds {
            for (text, by) in [("", None), ("one\n\nNote: ready\n\ntwo", Some("alpha"))] {
                let stored = message(&kind, text, by);
                assert_eq!(read(&stored), Some((kind.clone(), by.map(str::to_owned), text.to_owned())), "{stored}");
            }
        }
        assert!(is_part(JOINED) && !is_part("Add x\n\nbecause\n\nNote that\n") && !is_part("x"));
    }

    #[test]
    fn two_lines_read_the_same_whoever_joined_them() {
        let plain = |text: &str| message(&NoteKind::Plain, text, None);
        // 1 - 2 - 4    The clock of whoever wrote 2 was ahead.
        //  \ 3 --- 5
        let lines = |first: char, second: char| {
            vec![
                written('9', &[first, second], 0, JOINED.into()),
                written('5', &['3'], 30, plain("five")),
                written('4', &['2'], 20, plain("four")),
                written('3', &['1'], 15, plain("three")),
                written('2', &['1'], 90, plain("two")),
                written('1', &[], 10, plain("one")),
            ]
        };
        let read =
            |written: Vec<Written>| -> Vec<String> { in_order(&written).into_iter().map(|note| note.text).collect() };
        assert_eq!(read(lines('4', '5')), ["one", "three", "five", "two", "four"]);
        assert_eq!(read(lines('5', '4')), read(lines('4', '5')));
    }

    #[test]
    fn what_was_taken_away_stands_no_more() {
        let words = |text: &str| Obstacle::Words(text.into());
        let all = [
            message(&NoteKind::Blocked(words("x")), "why", None),
            message(&NoteKind::Blocked(words("y")), "", None),
            message(&NoteKind::Blocked(words("x")), "again", None),
            message(&NoteKind::Ready(id('7')), "", None),
            message(&NoteKind::Unblocked(words("y")), "", None),
        ];
        let line = (1u8..).zip(all).map(|(at, message)| match at {
            1 => written('1', &[], 1, message),
            _ => written((b'0' + at) as char, &[(b'0' + at - 1) as char], 1, message),
        });
        let found = standing(&in_order(&line.collect::<Vec<_>>()));
        assert_eq!(found.ready, Some((id('7'), 1)));
        let blocks: Vec<_> = found.blocks.iter().map(|block| (block.by.what(), block.text.as_str())).collect();
        assert_eq!(blocks, [("x", "why")]);
    }
}
