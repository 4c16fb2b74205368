//! `tracks owner --lint`: dead patterns, overlaps with an example, and how much nobody owns.

use super::lines::one_line;
use super::style::{CARE, FAINT, GOOD, STRONG, paint};
use crate::model::text::count;
use crate::report::model::{Lint, LintPattern, shown};

/// A section for each kind, and what it comes to.
pub fn render(lint: &Lint) -> String {
    let mut sections = Vec::new();
    if !lint.dead.is_empty() {
        let lines: String = lint.dead.iter().map(|dead| format!("  {}\n", pattern(dead))).collect();
        sections.push(format!("{}\n{lines}", paint(CARE.bold(), "Patterns that match nothing")));
    }
    if !lint.overlaps.is_empty() {
        let overlap = |overlap: &crate::report::model::Overlap| {
            let patterns: String = overlap.patterns.iter().map(|p| format!("    {}\n", pattern(p))).collect();
            let example = shown(&overlap.example, overlap.example_bytes.as_deref());
            format!("  {}, such as {}\n{patterns}", count(overlap.files, "file"), paint(STRONG, &example))
        };
        let lines: String = lint.overlaps.iter().map(overlap).collect();
        sections.push(format!("{}\n{lines}", paint(CARE.bold(), "Files with several owners")));
    }
    if !lint.unowned.is_empty() {
        let line = |unowned: &crate::report::model::Unowned| {
            let folder = unowned.folder.as_deref().map(|f| format!("{}/", shown(f, unowned.folder_bytes.as_deref())));
            format!("  {:>6}  {}\n", unowned.files, folder.unwrap_or_else(|| "(root)".to_owned()))
        };
        let lines: String = lint.unowned.iter().map(line).collect();
        sections.push(format!("{}\n{lines}", paint(FAINT, "Files that nobody owns")));
    }
    sections.push(closing(lint));
    sections.join("\n")
}

fn pattern(pattern: &LintPattern) -> String {
    let track = pattern.track.as_deref().map(|track| format!("{}  ", one_line(track))).unwrap_or_default();
    format!("{track}{}  {}", one_line(&pattern.pattern), paint(FAINT, one_line(&pattern.source)))
}

fn closing(lint: &Lint) -> String {
    let free: usize = lint.unowned.iter().map(|unowned| unowned.files).sum();
    let parts = [(lint.dead.len(), "dead pattern"), (lint.overlaps.len(), "overlap")];
    let style = if parts.iter().all(|(number, _)| *number == 0) { GOOD } else { CARE };
    let mut said: Vec<String> = parts.iter().map(|(number, noun)| count(*number, noun)).collect();
    said.push(format!("{free} of {} unowned", count(lint.files, "file")));
    format!("{}\n", paint(style, said.join(", ")))
}
