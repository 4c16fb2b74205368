//! Both sides of the lines that conflict, next to each other.

use super::style::{FAINT, STRONG, cut, padded, paint, width_of};
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
    let Some(column) = Column::of(hunks, width) else { return String::new() };
    let bar = paint(FAINT, BAR);
    let mut out = column.row([paint_heading(names.0, &column), paint_heading(names.1, &column)], &bar);
    for (at, hunk) in hunks.iter().enumerate() {
        if at > 0 {
            out.push_str(&column.row([faint("⋮", &column), faint("⋮", &column)], &bar));
        }
        push_hunk(&mut out, hunk, &column);
    }
    out
}

/// How one of the two columns is divided.
struct Column {
    gutter: usize,
    text: usize,
}

impl Column {
    fn of(hunks: &[Hunk], width: usize) -> Option<Column> {
        let highest = hunks.iter().map(|hunk| hunk.ours_lines.last.max(hunk.theirs_lines.last)).max()?;
        let half = width.saturating_sub(width_of(INDENT) + width_of(BAR)) / 2;
        let gutter = highest.to_string().len();
        let longest = hunks.iter().flat_map(|hunk| hunk.ours.iter().chain(&hunk.theirs));
        let longest = longest.map(|line| width_of(&visible(line, LineEnd::Shown))).max().unwrap_or(0);
        let text = half.saturating_sub(gutter + 2).max(NARROWEST);
        Some(Column { gutter, text: text.min(longest.max(NARROWEST)) })
    }

    fn row(&self, [left, right]: [String; 2], bar: &str) -> String {
        format!("{INDENT}{left}{bar}{right}").trim_end_matches(' ').to_owned() + "\n"
    }

    fn cell(&self, number: Option<usize>, text: &str) -> (String, String) {
        let number = number.map_or_else(String::new, |n| n.to_string());
        (format!("{number:>gutter$}  ", gutter = self.gutter), padded(&cut(text, self.text), self.text))
    }
}

fn paint_heading(name: &str, column: &Column) -> String {
    let (gutter, text) = column.cell(None, &escaped(name.as_bytes()));
    format!("{gutter}{}", paint(STRONG, text))
}

fn faint(text: &str, column: &Column) -> String {
    let (gutter, text) = column.cell(None, text);
    paint(FAINT, gutter + &text)
}

fn push_hunk(out: &mut String, hunk: &Hunk, column: &Column) {
    let crlf = |lines: &[Vec<u8>]| lines.iter().all(|line| line.ends_with(b"\r\n"));
    let line_end = if crlf(&hunk.ours) && crlf(&hunk.theirs) { LineEnd::Same } else { LineEnd::Shown };
    let bar = paint(FAINT, BAR);
    let rows = hunk.ours.len().max(hunk.theirs.len());
    for at in 0..rows.clamp(1, LINES) {
        let side = |lines: &[Vec<u8>], range: LineRange| match lines.get(at) {
            Some(line) => {
                let (gutter, text) = column.cell(Some(range.first as usize + at), &visible(line, line_end));
                paint(FAINT, gutter) + &text
            }
            None if at == 0 => faint("(no lines)", column),
            None => faint("", column),
        };
        out.push_str(&column.row([side(&hunk.ours, hunk.ours_lines), side(&hunk.theirs, hunk.theirs_lines)], &bar));
    }
    if rows > LINES {
        let more = |lines: &[Vec<u8>]| match lines.len().saturating_sub(LINES) {
            0 => faint("", column),
            more => faint(&format!("… {more} more {}", if more == 1 { "line" } else { "lines" }), column),
        };
        out.push_str(&column.row([more(&hunk.ours), more(&hunk.theirs)], &bar));
    }
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
        assert_data_eq!(strip_str(&side_by_side(&hunks, ("a", "b"), 60)).to_string(), str![[r#"
       a                │    b               
    5  one\r            │ 5  one
       ⋮                │    ⋮               
    5  both             │ 5  dos

"#]].raw());
    }

    #[test]
    fn long_lines_are_cut_and_wide_ones_aligned() {
        let hunks = [hunk("漢字漢字漢字漢字漢字漢字漢字\n", "the quick brown fox jumps over the lazy dog\n")];
        assert_data_eq!(strip_str(&side_by_side(&hunks, ("a", "b"), 60)).to_string(), str![[r#"
       a                       │    b                      
    5  漢字漢字漢字漢字漢字漢… │ 5  the quick brown fox ju…

"#]].raw());
    }
}
