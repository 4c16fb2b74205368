//! The lines of `tracks.toml`: where a table begins with its comments, where it ends, and how the file looks with one
//! more or one less. Works on the text so that what is not touched stays as it was, byte for byte.

use std::ops::Range;

use toml_edit::{Document, Item, Table, TableLike};

/// The text, and where its headers and values are.
pub(super) struct Layout<'a> {
    text: &'a str,
    /// The headers, in the order of the file.
    headers: Vec<Header>,
    /// Where each value ends, in the order of the file.
    ends: Vec<usize>,
}

struct Header {
    span: Range<usize>,
    /// The track, for `[tracks.ID]`.
    track: Option<String>,
}

impl<'a> Layout<'a> {
    /// Reads the layout of a file that was parsed.
    pub(super) fn of(document: &Document<&str>, text: &'a str) -> Self {
        let mut layout = Layout { text, headers: Vec::new(), ends: Vec::new() };
        layout.collect(document.as_table(), &mut Vec::new());
        layout.headers.sort_by_key(|header| header.span.start);
        layout.ends.sort_unstable();
        layout
    }

    /// The text with `table`, which ends in a line end, behind the last table of a track.
    pub(super) fn with_table(&self, table: &str) -> String {
        let table = if self.text.contains("\r\n") { table.replace('\n', "\r\n") } else { table.to_owned() };
        let line_end = if table.ends_with("\r\n") { "\r\n" } else { "\n" };
        let last = self.headers.iter().rposition(|header| header.track.is_some());
        let at = last.map_or_else(|| self.end_of_text(), |last| self.end_of(last));
        let (before, after) = self.text.split_at(at);
        if before.is_empty() {
            format!("{table}{after}")
        } else if before.ends_with('\n') {
            format!("{before}{line_end}{table}{after}")
        } else {
            // The last line has no end; the new last line gets none either, so that removing it leaves no trace.
            format!("{before}{line_end}{line_end}{}", table.trim_end_matches(['\r', '\n']))
        }
    }

    /// The text without the table of a track; `None` when it has none of its own.
    pub(super) fn without_table(&self, id: &str) -> Option<String> {
        let at = self.headers.iter().position(|header| header.track.as_deref() == Some(id))?;
        let (start, end) = (self.start_of(at), self.end_of(at));
        let (before, after) = (&self.text[..start], &self.text[end..]);
        let unended = after.is_empty() && !self.text.ends_with('\n');
        let kept = match before.lines().next_back() {
            Some(line) if line.trim().is_empty() => &before[..line_start(before, before.len() - 1)],
            _ => before,
        };
        let kept = if unended { trim_line_end(kept) } else { kept };
        // Without a blank line above, the one below would be left over.
        let first = after.split_inclusive('\n').next().filter(|line| line.trim().is_empty());
        let below = if kept.len() == before.len() { first.map_or(0, str::len) } else { 0 };
        Some(format!("{kept}{}", &after[below..]))
    }

    /// Where the comment lines directly above a header begin, or the header's line.
    fn start_of(&self, at: usize) -> usize {
        let header = self.headers[at].span.start;
        let mut start = line_start(self.text, header);
        let bound = self.ends.iter().rev().find(|end| **end <= header).copied().unwrap_or(0);
        while start > bound {
            let above = line_start(self.text, start - 1);
            // The last line of a text value can look like a comment.
            if above < bound || !self.text[above..start].trim_start().starts_with('#') {
                break;
            }
            start = above;
        }
        start
    }

    /// Where a table ends: behind the line of its last value, and the comment lines directly below that do not belong
    /// to the next header.
    fn end_of(&self, at: usize) -> usize {
        let header = self.headers[at].span.end;
        let next = self.headers.get(at + 1).map_or(self.text.len(), |next| next.span.start);
        let bound = if at + 1 < self.headers.len() { self.start_of(at + 1) } else { self.text.len() };
        let last = self.ends.iter().rev().find(|end| **end <= next).copied().unwrap_or(0).max(header);
        let mut end = line_end(self.text, last);
        while end < bound {
            let below = line_end(self.text, end);
            if !self.text[end..below].trim_start().starts_with('#') {
                break;
            }
            end = below;
        }
        end
    }

    /// Behind the last line that is not blank; the very end of a text that has only blank ones.
    fn end_of_text(&self) -> usize {
        match self.text.trim_end().len() {
            0 => self.text.len(),
            last => line_end(self.text, last),
        }
    }

    fn collect(&mut self, table: &dyn TableLike, path: &mut Vec<String>) {
        for (key, item) in table.iter() {
            path.push(key.to_owned());
            match item {
                Item::Table(table) => self.collect_table(table, path),
                Item::ArrayOfTables(tables) => tables.iter().for_each(|table| self.collect_table(table, path)),
                Item::Value(value) => self.ends.extend(value.span().map(|span| span.end)),
                Item::None => {}
            }
            path.pop();
        }
    }

    fn collect_table(&mut self, table: &Table, path: &mut Vec<String>) {
        // A table that is only implied has no header, and one made by dotted keys has the span of its key.
        let span = table.span().filter(|_| !table.is_dotted() && !table.is_implicit());
        let track = match path.as_slice() {
            [tracks, id] if tracks == "tracks" => Some(id.clone()),
            _ => None,
        };
        self.headers.extend(span.map(|span| Header { span, track }));
        self.collect(table, path);
    }
}

/// Where the line begins that holds the byte at `at`.
fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |line| line + 1)
}

/// Where the line ends that holds the byte at `at`, its line end included.
fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |line| at + line + 1)
}

fn trim_line_end(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}
