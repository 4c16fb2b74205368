//! Both sides of the lines that conflict, next to each other.

use anstyle::Style;

use super::style::{FAINT, PLAIN, STRONG, cut, padded, paint, width_of};
use crate::model::text::escaped;
use crate::model::{Hunk, LineRange};

/// More lines than this say no more.
const LINES: usize = 20;
const INDENT: &str = "    ";
const BAR: &str = " │ ";
/// Narrower than this nothing can be read; the terminal may break the lines then.
const NARROWEST: usize = 16;

/// The hunks side by side under the sides' names, `names.0` left, at most `width` columns.
pub fn side_by_side(hunks: &[Hunk], names: (&str, &str), width: usize) -> String {
    if hunks.is_empty() {
        return String::new();
    }
    let columns = Columns::of(hunks, width);
    let heading = |name: &str| Cell { number: None, text: escaped(name.as_bytes()), style: STRONG };
    let mut out = columns.row([heading(names.0), heading(names.1)]);
    for (at, hunk) in hunks.iter().enumerate() {
        if at > 0 {
            out.push_str(&columns.row([Cell::note("⋮"), Cell::note("⋮")]));
        }
        push_hunk(&mut out, hunk, &columns);
    }
    out
}

/// One line of one side.
struct Cell {
    number: Option<usize>,
    text: String,
    style: Style,
}

impl Cell {
    fn note(text: impl Into<String>) -> Self {
        Cell { number: None, text: text.into(), style: FAINT }
    }
}

/// The widths of the line numbers and of both sides' text.
struct Columns {
    gutter: usize,
    text: [usize; 2],
}

impl Columns {
    /// Half of the room for each side, and what one does not need for the other.
    fn of(hunks: &[Hunk], width: usize) -> Columns {
        let highest = hunks.iter().map(|hunk| hunk.ours_lines.last.max(hunk.theirs_lines.last)).max().unwrap_or(0);
        let gutter = highest.to_string().len();
        let longest = |lines: fn(&Hunk) -> &Vec<Vec<u8>>| {
            let shown = hunks.iter().flat_map(|hunk| lines(hunk).iter().take(LINES));
            shown.map(|line| width_of(&visible(line, LineEnd::Shown))).max().unwrap_or(0).max(NARROWEST)
        };
        let (ours, theirs) = (longest(|hunk| &hunk.ours), longest(|hunk| &hunk.theirs));
        let room = width.saturating_sub(width_of(INDENT) + width_of(BAR) + 2 * (gutter + 2)).max(2 * NARROWEST);
        let left = ours.min((room / 2).max(room.saturating_sub(theirs)));
        Columns { gutter, text: [left, theirs.min(room - left)] }
    }

    fn row(&self, [left, right]: [Cell; 2]) -> String {
        let gutter = |cell: &Cell| {
            let number = cell.number.map_or_else(String::new, |n| n.to_string());
            paint(FAINT, format!("{number:>width$}  ", width = self.gutter))
        };
        let bar = paint(FAINT, BAR);
        let left_text = padded(&cut(&left.text, self.text[0]), self.text[0]);
        let out = format!("{INDENT}{}{}", gutter(&left), paint(left.style, left_text));
        if right.text.is_empty() && right.number.is_none() {
            return format!("{out}{}\n", paint(FAINT, BAR.trim_end()));
        }
        format!("{out}{bar}{}{}\n", gutter(&right), paint(right.style, cut(&right.text, self.text[1])))
    }
}

fn push_hunk(out: &mut String, hunk: &Hunk, columns: &Columns) {
    let crlf = |lines: &[Vec<u8>]| lines.iter().all(|line| line.ends_with(b"\r\n"));
    let line_end = if crlf(&hunk.ours) && crlf(&hunk.theirs) { LineEnd::Same } else { LineEnd::Shown };
    let rows = count(hunk.ours_lines).max(count(hunk.theirs_lines));
    for at in 0..rows.clamp(1, LINES) {
        let side = |lines: &[Vec<u8>], range: LineRange| match lines.get(at) {
            Some(line) => Cell { number: Some(range.first as usize + at), text: visible(line, line_end), style: PLAIN },
            None => Cell::note(if at == 0 { "(no lines)" } else { "" }),
        };
        out.push_str(&columns.row([side(&hunk.ours, hunk.ours_lines), side(&hunk.theirs, hunk.theirs_lines)]));
    }
    if rows > LINES {
        let more = |range: LineRange| match count(range).saturating_sub(LINES) {
            0 => Cell::note(""),
            more => Cell::note(format!("… {more} more {}", if more == 1 { "line" } else { "lines" })),
        };
        out.push_str(&columns.row([more(hunk.ours_lines), more(hunk.theirs_lines)]));
    }
}

/// How many lines there are; not all of them need be known.
fn count(range: LineRange) -> usize {
    (range.last + 1).saturating_sub(range.first) as usize
}

/// What becomes of a carriage return at the end of a line.
#[derive(Clone, Copy, PartialEq)]
enum LineEnd {
    /// Every line has one: it says nothing.
    Same,
    /// It may be what the sides differ in.
    Shown,
}

fn visible(line: &[u8], line_end: LineEnd) -> String {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = if line_end == LineEnd::Same { line.strip_suffix(b"\r").unwrap_or(line) } else { line };
    let expanded: Vec<u8> =
        line.iter().flat_map(|b| if *b == b'\t' { &b"    "[..] } else { std::slice::from_ref(b) }).copied().collect();
    escaped(&expanded)
}

#[cfg(test)]
mod tests {
    use super::side_by_side;
    use crate::model::{Hunk, LineRange};
    use anstream::adapter::strip_str;
    use snapbox::{IntoData, assert_data_eq, str};

    fn hunk(ours: &str, theirs: &str) -> Hunk {
        let lines =
            |text: &str| -> Vec<Vec<u8>> { text.split_inclusive('\n').map(|l| l.as_bytes().to_vec()).collect() };
        let range = |text: &str| LineRange { first: 5, last: 4 + lines(text).len() as u32 };
        Hunk { ours_lines: range(ours), theirs_lines: range(theirs), ours: lines(ours), theirs: lines(theirs) }
    }

    #[test]
    fn a_difference_in_line_ends_is_visible() {
        let hunks = [hunk("one\r\n", "one\n"), hunk("both\r\n", "dos\r\n")];
        assert_data_eq!(
            strip_str(&side_by_side(&hunks, ("a", "b"), 60)).to_string(),
            str![[r#"
       a                │    b
    5  one\r            │ 5  one
       ⋮                │    ⋮
    5  both             │ 5  dos

"#]]
            .raw()
        );
    }

    #[test]
    fn long_lines_are_cut_and_wide_ones_aligned() {
        let hunks = [hunk("漢字漢字漢字漢字漢字漢字漢字\n", "the quick brown fox jumps over the lazy dog\n")];
        assert_data_eq!(
            strip_str(&side_by_side(&hunks, ("a", "b"), 60)).to_string(),
            str![[r#"
       a                       │    b
    5  漢字漢字漢字漢字漢字漢… │ 5  the quick brown fox jum…

"#]]
            .raw()
        );
    }
}
