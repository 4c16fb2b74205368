//! The report for a terminal: one file per view. Styles are ANSI codes; whoever prints strips them where there is no
//! colour. Everything from a repository is escaped before it gets here.

mod ailments;
mod checkpoint;
mod conflicts;
mod findings;
mod gates;
mod hunks;
mod integration;
mod lines;
mod lint;
mod list;
mod log;
mod matrix;
mod meet;
mod migrations;
mod notes;
mod order;
pub mod owner;
mod pair;
mod rules;
mod schedules;
mod steps;
mod style;
mod sync;
mod table;
mod trust;
mod worktrees;

use super::{Details, Report, pull_request};

/// Less than this is treated as this much.
const NARROWEST: usize = 40;

/// The report for people, `width` columns wide: the view of its command, or of what it holds.
pub fn render(report: &Report, details: &Details, width: usize) -> String {
    let width = width.max(NARROWEST);
    match report.command.as_str() {
        "list" | "status" => list::render(report, details, width),
        "matrix" => matrix::render(report, width),
        "show" => pair::render(report, details, width),
        "order" => order::render(report, width),
        "check" => findings::render(report, width),
        _ => by_content(report, details, width),
    }
}

fn by_content(report: &Report, details: &Details, width: usize) -> String {
    if let Some(request) = &report.pull_request {
        return pull_request::text(request);
    }
    let parts = [
        report.checkpoints.as_deref().map(|checkpoints| match (checkpoints, &report.paths) {
            // With the paths of one of them that one is shown.
            ([one], Some(_)) => checkpoint::head(one),
            _ => checkpoint::list(checkpoints, width),
        }),
        report.paths.as_deref().map(checkpoint::paths),
        report.events.as_deref().map(|events| log::render(events, width)),
        report.notes.as_deref().map(|notes| notes::render(notes, width)),
        report.steps.as_deref().map(|steps| steps::render(steps, width)),
        report.hooks.as_deref().map(|hooks| steps::hooks(hooks, width)),
        report.schedules.as_deref().map(|schedules| schedules::render(schedules, width)),
        report.worktrees.as_deref().map(|worktrees| worktrees::render(worktrees, width)),
        report.owners.as_deref().map(owner::render),
        report.ailments.as_deref().map(|ailments| ailments::render(ailments, width)),
        report.lint.as_ref().map(lint::render),
        report.migrations.as_deref().map(|migrations| migrations::render(migrations, width)),
        report.trust.as_ref().map(trust::render),
        report.approvals.as_deref().map(trust::approvals),
        report.rules.as_deref().map(|rules| rules::render(rules, width)),
    ];
    let mut parts: Vec<String> = parts.into_iter().flatten().collect();
    if report.steps.is_some() {
        let gates = gates::render(report.gates.as_deref().unwrap_or_default(), width);
        parts.extend((!gates.is_empty()).then(|| format!("\n{gates}")));
    }
    if report.steps.is_some() && report.findings.is_some() {
        parts.push(format!("\n{}", findings::render(report, width)));
    }
    if parts.is_empty() { sync::render(report, details, width) } else { parts.concat() }
}

/// For tests: without colours, which the tests of the terminal cover.
#[cfg(test)]
fn plain(report: &Report, details: &Details, width: usize) -> String {
    anstream::adapter::strip_str(&render(report, details, width)).to_string()
}

#[cfg(test)]
mod tests {
    use super::render;
    use crate::report::{Details, Report, sample};

    #[test]
    fn nothing_from_the_repository_reaches_the_terminal() {
        let outcome = sample::outcome();
        for command in ["sync", "matrix", "list", "show", "check"] {
            let report = Report::from_outcome(command, &outcome, sample::NOW, None);
            let text = render(&report, &Details::of(&outcome), 80);
            assert!(!text.contains("\u{1b}[31m.md") && !text.contains("\u{1b}[31mred"), "{command}");
        }
    }

    #[test]
    fn no_line_of_a_table_or_a_hunk_is_too_wide() {
        let outcome = sample::outcome();
        for (command, width) in [("sync", 60), ("list", 60), ("list", 40), ("matrix", 60), ("show", 80), ("show", 200)]
        {
            let report = Report::from_outcome(command, &outcome, sample::NOW, None);
            let text = super::plain(&report, &Details::of(&outcome), width);
            // A folder that `list` has no room for beside the figures stands below them, whole.
            let text: String =
                text.split_inclusive('\n').filter(|l| command != "list" || !l.starts_with("  ")).collect();
            let whole = |line: &&str| line.contains("cure:") || line.contains(".sql");
            let widest = text.lines().filter(|line| !whole(line)).map(super::style::width_of).max();
            assert!(widest <= Some(width), "{command} at {width}: {widest:?}");
        }
    }
}
