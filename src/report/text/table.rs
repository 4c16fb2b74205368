//! Columns without lines between them, for a given width. Our own, since the usual crates count the codes of a style as
//! text, and break what is too long into several lines where a path is better cut in its middle.

use anstyle::Style;

use super::style::{FAINT, PLAIN, cut, cut_middle, padded, paint, width_of};

const GAP: usize = 2;
/// A column that gives way is still this wide.
const NARROWEST: usize = 8;

/// One column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its heading.
    pub title: &'static str,
    /// Where its text stands.
    pub align: Align,
    /// What happens where the table does not fit.
    pub give: Give,
}

/// Where the text of a column stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// What a column does where the table does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Give {
    /// It stays.
    Never,
    /// It goes; the smallest number goes first.
    Leave(u8),
    /// When nothing is left to go, its text is cut at the end.
    End,
    /// When that is not enough, its text is cut in the middle.
    Shorten,
}

/// What stands in one column of one row.
#[derive(Clone, Debug)]
pub struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    /// Plain text, already escaped.
    pub fn new(text: impl Into<String>) -> Self {
        Cell { text: text.into(), style: PLAIN }
    }

    /// The same in `style`.
    pub fn styled(text: impl Into<String>, style: Style) -> Self {
        Cell { text: text.into(), style }
    }
}

/// Whether the headings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heading {
    /// Above the first row.
    Shown,
    /// Not at all.
    Hidden,
}

/// The table as lines, each beginning with `indent`. Columns that are empty in every row are left out.
pub fn table(columns: &[Column], rows: &[Vec<Cell>], indent: &str, width: usize) -> String {
    laid_out(columns, rows, (indent, Heading::Shown), width)
}

/// The same without headings.
pub fn list(columns: &[Column], rows: &[Vec<Cell>], indent: &str, width: usize) -> String {
    laid_out(columns, rows, (indent, Heading::Hidden), width)
}

fn laid_out(columns: &[Column], rows: &[Vec<Cell>], (indent, heading): (&str, Heading), width: usize) -> String {
    let widest = |at: usize| rows.iter().map(|row| width_of(&row[at].text)).max().unwrap_or(0);
    let title = |at: usize| if heading == Heading::Shown { width_of(columns[at].title) } else { 0 };
    let filled = (0..columns.len()).filter(|&at| widest(at) > 0);
    let mut shown: Vec<(usize, usize)> = filled.map(|at| (at, widest(at).max(title(at)))).collect();
    fit(&mut shown, columns, width.saturating_sub(width_of(indent)));

    let mut out = String::new();
    if heading == Heading::Shown {
        let titles: Vec<Cell> = columns.iter().map(|column| Cell::styled(column.title, FAINT)).collect();
        push_row(&mut out, columns, (&titles, &shown), indent);
    }
    for row in rows {
        push_row(&mut out, columns, (row, &shown), indent);
    }
    out
}

/// Takes columns out, and then makes some narrower, until all fit into `width`.
fn fit(shown: &mut Vec<(usize, usize)>, columns: &[Column], width: usize) {
    let total = |shown: &[(usize, usize)]| shown.iter().map(|(_, w)| w + GAP).sum::<usize>().saturating_sub(GAP);
    while total(shown) > width {
        let rank = |at: usize| match columns[at].give {
            Give::Leave(rank) => Some(rank),
            _ => None,
        };
        let first = (0..shown.len()).filter(|&i| rank(shown[i].0).is_some()).min_by_key(|&i| rank(shown[i].0));
        let Some(first) = first else { break };
        shown.remove(first);
    }
    for give in [Give::End, Give::Shorten] {
        while total(shown) > width {
            let gives = |(at, w): &&mut (usize, usize)| columns[*at].give == give && *w > NARROWEST;
            let Some(widest) = shown.iter_mut().filter(gives).max_by_key(|(_, w)| *w) else { break };
            widest.1 -= 1;
        }
    }
}

fn push_row(out: &mut String, columns: &[Column], (row, shown): (&[Cell], &[(usize, usize)]), indent: &str) {
    let mut line = indent.to_owned();
    for (place, &(at, width)) in shown.iter().enumerate() {
        let text = match columns[at].give {
            Give::End => cut(&row[at].text, width),
            _ => cut_middle(&row[at].text, width),
        };
        let space = " ".repeat(width - width_of(&text));
        let painted = paint(row[at].style, &text);
        let last = place + 1 == shown.len();
        match columns[at].align {
            Align::Right => line.push_str(&format!("{space}{painted}")),
            Align::Left => line.push_str(&format!("{painted}{space}")),
        }
        if !last {
            line.push_str(&padded("", GAP));
        }
    }
    out.push_str(line.trim_end_matches(' '));
    out.push('\n');
}
