//! The few colours in use, and text that fits: painting, measuring, cutting and wrapping. Widths are columns of a
//! terminal, counted before anything is painted.

use anstyle::{AnsiColor, Style};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::report::model::{Severity, State};

/// Headings and names.
pub const STRONG: Style = Style::new().bold();
/// What can be skipped.
pub const FAINT: Style = Style::new().dimmed();
/// What is wrong.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// What to look at.
pub const CARE: Style = AnsiColor::Yellow.on_default();
/// What is right.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// What to type next.
pub const HINT: Style = AnsiColor::Cyan.on_default();
/// Everything else.
pub const PLAIN: Style = Style::new();

/// `text` in `style`.
pub fn paint(style: Style, text: impl AsRef<str>) -> String {
    let text = text.as_ref();
    if style == PLAIN || text.is_empty() { text.to_owned() } else { format!("{style}{text}{style:#}") }
}

/// The colour of a severity.
pub fn of_severity(severity: Severity) -> Style {
    match severity {
        Severity::Error => BAD,
        Severity::Warn => CARE,
        Severity::Info => HINT,
    }
}

/// The colour of a track's state.
pub fn of_state(state: State) -> Style {
    match state {
        State::Missing | State::Reverted | State::Conflicted => BAD,
        State::Blocked | State::Stalled => CARE,
        State::Ready => GOOD,
        State::Landed => FAINT,
        State::Working => PLAIN,
    }
}

/// The columns that `text` takes.
pub fn width_of(text: &str) -> usize {
    text.width()
}

/// `text` filled up to `width` columns.
pub fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(width_of(text))))
}

/// The beginning of `text`, at most `width` columns, with `…` where something is missing.
pub fn cut(text: &str, width: usize) -> String {
    if width_of(text) <= width { text.to_owned() } else { format!("{}…", start_of(text, width.saturating_sub(1))) }
}

/// Beginning and end of `text` with `…` between them, at most `width` columns: the end of a path says more than its
/// middle.
pub fn cut_middle(text: &str, width: usize) -> String {
    if width_of(text) <= width {
        return text.to_owned();
    }
    let start = width.saturating_sub(1) / 3;
    let reversed: String = text.chars().rev().collect();
    let end: String = start_of(&reversed, width.saturating_sub(1 + start)).chars().rev().collect();
    format!("{}…{end}", start_of(text, start))
}

/// `text` broken between words into lines of at most `width` columns; a longer word stays whole, so that it can be
/// copied.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if width_of(line) + 1 + width_of(word) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn start_of(text: &str, width: usize) -> String {
    let mut used = 0;
    let fits = |c: &char| {
        used += c.width().unwrap_or(0);
        used <= width
    };
    text.chars().take_while(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::{cut, cut_middle, padded, width_of, wrapped};

    #[test]
    fn wide_characters_count_twice() {
        assert_eq!(cut("漢字漢字", 5), "漢字…");
        assert_eq!(cut_middle("漢字/漢字.rs", 8), "漢…字.rs");
        assert_eq!(width_of(&padded("漢", 4)), 4);
    }

    #[test]
    fn the_end_of_a_path_stays() {
        assert_eq!(cut_middle("/home/kim/shop/worktrees/phase-1-track-a", 20), "/home/…ase-1-track-a");
    }

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrapped("one two three", 8), ["one two", "three"]);
        assert_eq!(wrapped("cannotbebroken x", 4), ["cannotbebroken", "x"]);
    }
}
