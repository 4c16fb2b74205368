//! What a track made of one file, line by line: read when a rule first asks, and compared once for all of them.

use std::cell::{Cell, OnceCell};

use similar::{Algorithm, DiffTag, capture_diff_slices};

use super::{Blobs, OwnChange};
use crate::model::{Entry, LineRange, RepoPath};

/// How many bytes Git looks at to tell a binary file: one with a NUL among them.
const BINARY_PREFIX: usize = 8000;

/// The content of a changed file, now and earlier. Links, submodules and deleted files have none.
pub struct Content<'a> {
    change: &'a OwnChange,
    blobs: &'a dyn Blobs,
    now: OnceCell<Option<Vec<u8>>>,
    earlier: OnceCell<Option<Vec<Vec<u8>>>>,
    added: OnceCell<Option<Vec<bool>>>,
    is_unread: Cell<bool>,
}

impl<'a> Content<'a> {
    /// The content of what changed; nothing is read yet.
    pub fn new(change: &'a OwnChange, blobs: &'a dyn Blobs) -> Self {
        Content {
            change,
            blobs,
            now: OnceCell::new(),
            earlier: OnceCell::new(),
            added: OnceCell::new(),
            is_unread: Cell::new(false),
        }
    }

    /// The change itself.
    pub fn change(&self) -> &'a OwnChange {
        self.change
    }

    /// Where the file is.
    pub fn path(&self) -> &'a RepoPath {
        &self.change.change.path
    }

    /// Whether a rule asked for content that could not be had, so that its silence says nothing.
    pub fn is_unread(&self) -> bool {
        self.is_unread.get()
    }

    /// The file's size in bytes, binary or not; `None` where there is no file.
    pub fn size(&self) -> Option<u64> {
        self.size_of(file(self.change.change.after)?)
    }

    /// The sizes of what the fork point and the target have there.
    pub fn earlier_sizes(&self) -> impl Iterator<Item = u64> {
        self.earlier_files().filter_map(|entry| self.size_of(entry))
    }

    /// The lines the track has, without their ends; `None` for a binary file and where there is no content.
    pub fn lines(&self) -> Option<Vec<&[u8]>> {
        self.now().filter(|bytes| !is_binary(bytes)).map(lines)
    }

    /// The lines of what the fork point and the target had there, each a version; empty for a new file. `None` where
    /// one of them could not be read.
    pub fn earlier_lines(&self) -> Option<Vec<Vec<&[u8]>>> {
        self.earlier().map(|versions| versions.iter().map(|bytes| lines(bytes)).collect())
    }

    /// For each line, whether neither the fork point nor the target has it: nobody is blamed for a line that came in
    /// with the target. `None` where that could not be told.
    pub fn added(&self) -> Option<&[bool]> {
        let compare = || {
            let now = self.lines()?;
            let mut added = vec![true; now.len()];
            for before in self.earlier_lines()? {
                let same = capture_diff_slices(Algorithm::Myers, &before, &now);
                let same = same.iter().filter(|op| op.tag() == DiffTag::Equal);
                same.flat_map(|op| op.new_range()).for_each(|line| added[line] = false);
            }
            Some(added)
        };
        self.added.get_or_init(compare).as_deref()
    }

    fn now(&self) -> Option<&[u8]> {
        let read = || self.content(file(self.change.change.after)?);
        self.now.get_or_init(read).as_deref()
    }

    fn earlier(&self) -> Option<&[Vec<u8>]> {
        let read = || self.earlier_files().map(|entry| self.content(entry)).collect();
        self.earlier.get_or_init(read).as_deref()
    }

    fn earlier_files(&self) -> impl Iterator<Item = Entry> + use<'a> {
        let before = file(self.change.change.before);
        let on_target = file(self.change.on_target).filter(|entry| before.is_none_or(|b| b.id != entry.id));
        before.into_iter().chain(on_target)
    }

    fn content(&self, entry: Entry) -> Option<Vec<u8>> {
        let content = self.blobs.content(entry.id);
        self.is_unread.set(self.is_unread.get() || content.is_none());
        content
    }

    fn size_of(&self, entry: Entry) -> Option<u64> {
        let size = self.blobs.size(entry.id);
        self.is_unread.set(self.is_unread.get() || size.is_none());
        size
    }
}

/// Joins line numbers, counted from 0 and in rising order, into ranges counted from 1.
pub fn ranges(numbers: impl Iterator<Item = usize>) -> Vec<LineRange> {
    let mut ranges: Vec<LineRange> = Vec::new();
    for number in numbers {
        let line = u32::try_from(number + 1).unwrap_or(u32::MAX);
        match ranges.last_mut() {
            Some(range) if line - range.last <= 1 => range.last = line,
            _ => ranges.push(LineRange { first: line, last: line }),
        }
    }
    ranges
}

fn file(entry: Option<Entry>) -> Option<Entry> {
    entry.filter(|entry| entry.mode.is_file())
}

fn is_binary(bytes: &[u8]) -> bool {
    bytes[..bytes.len().min(BINARY_PREFIX)].contains(&0)
}

/// The lines without their `\n`. A last line without one is a line; nothing is none.
fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    let mut lines: Vec<&[u8]> = bytes.split(|b| *b == b'\n').collect();
    if lines.last().is_some_and(|last| last.is_empty()) {
        lines.pop();
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{lines, ranges};
    use crate::model::LineRange;

    #[test]
    fn lines_are_counted_as_people_do() {
        for (text, count) in [("", 0), ("\n", 1), ("a", 1), ("a\n", 1), ("a\n\n", 2), ("a\nb", 2)] {
            assert_eq!(lines(text.as_bytes()).len(), count, "{text:?}");
        }
    }

    #[test]
    fn neighbouring_lines_are_one_range() {
        let expected = [LineRange { first: 1, last: 2 }, LineRange { first: 5, last: 5 }];
        assert_eq!(ranges([0, 1, 4].into_iter()), expected);
    }
}
