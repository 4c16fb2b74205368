//! `tracks note`: what was said of tracks, the newest last.

use super::lines::one_line;
use super::style::{CARE, FAINT, GOOD, STRONG, paint, wrapped};
use crate::model::text::escaped_lines;
use crate::report::model::Note;

/// One line a note, and below it what else was said.
pub fn render(notes: &[Note], width: usize) -> String {
    if notes.is_empty() {
        return "no notes yet\n".to_owned();
    }
    notes.iter().map(|note| lines(note, width)).collect()
}

fn lines(note: &Note, width: usize) -> String {
    let (what, style) = said(note);
    let time = note.time.as_deref().map(one_line).unwrap_or_default();
    let head = format!("{}  {}  {}", paint(STRONG, one_line(&note.track)), paint(FAINT, time), one_line(&note.author));
    let head = match what.is_empty() {
        true => format!("{head}\n"),
        false => format!("{head}  {}\n", paint(style, what)),
    };
    let text = escaped_lines(note.text.as_bytes());
    let lines = text.lines().flat_map(|line| wrapped(line, width.saturating_sub(2)));
    let text: String = lines.map(|line| format!("  {line}\n")).collect();
    head + &text
}

fn said(note: &Note) -> (String, anstyle::Style) {
    let by = note.by.as_ref().map(|by| match by.kind.as_str() {
        "note" => one_line(&by.id),
        kind => format!("{} {}", one_line(kind), one_line(&by.id)),
    });
    let by = by.unwrap_or_default();
    let commit: String = note.commit.as_deref().unwrap_or_default().chars().take(10).collect();
    let commit = one_line(&commit);
    match (note.kind.as_str(), note.stands) {
        ("ready", Some(true)) => (format!("ready at {commit}"), GOOD),
        ("ready", _) => (format!("was ready at {commit}"), FAINT),
        ("blocked", Some(true)) => (format!("blocked by {by}"), CARE),
        ("blocked", _) => (format!("was blocked by {by}"), FAINT),
        ("unblocked", _) => (format!("no longer blocked by {by}"), FAINT),
        ("decision", _) => (format!("decided: {}", note.decision.as_deref().map(one_line).unwrap_or_default()), STRONG),
        _ => (String::new(), FAINT),
    }
}
