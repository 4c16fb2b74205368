//! The report for a terminal: one file per view. Styles are ANSI codes; whoever prints strips them where there is no
//! colour. Everything from a repository is escaped before it gets here.

mod conflicts;
mod findings;
mod hunks;
mod lines;
mod list;
mod matrix;
mod order;
mod owner;
mod pair;
mod steps;
mod style;
mod sync;
mod table;
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
        "check" | "migration" => findings::render(report, width),
        _ => by_content(report, details, width),
    }
}

fn by_content(report: &Report, details: &Details, width: usize) -> String {
    if let Some(request) = &report.pull_request {
        return pull_request::text(request);
    }
    let parts = [
        report.steps.as_deref().map(|steps| steps::render(steps, width)),
        report.hooks.as_deref().map(|hooks| steps::hooks(hooks, width)),
        report.worktrees.as_deref().map(|worktrees| worktrees::render(worktrees, width)),
        report.owners.as_deref().map(owner::render),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { sync::render(report, details, width) } else { parts.concat() }
}

/// For tests: without colours, which the tests of the terminal cover.
#[cfg(test)]
fn plain(report: &Report, details: &Details, width: usize) -> String {
    anstream::adapter::strip_str(&render(report, details, width)).to_string()
}
