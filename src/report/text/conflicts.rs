//! The conflicts of pairs: path, kind and lines, with both sides' lines where they are known.

use super::hunks::side_by_side;
use super::lines::{conflict_path, one_line, ranges};
use super::meet;
use super::style::{BAD, CARE, FAINT, HINT, STRONG, paint, wrapped};
use crate::report::Details;
use crate::report::model::{Conflict, Finding, FindingState, Pair, Report, Severity};

/// So many conflicts are shown with their lines; with more, nobody reads them here.
const WITH_LINES: usize = 10;

/// How many conflicts are shown with their lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// As many as somebody reads among other things.
    First,
    /// All of them.
    All,
}

/// Every pair of `report` that conflicts, with the cures of the findings that say the same.
pub fn grouped(report: &Report, details: &Details, extent: Extent, width: usize) -> String {
    let mut room = if extent == Extent::All { usize::MAX } else { WITH_LINES };
    let mut out = String::new();
    for pair in report.pairs.iter().flatten().filter(|pair| !pair.conflicts.is_empty()) {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&heading(pair));
        let said: Vec<Option<&Finding>> = pair.conflicts.iter().map(|c| finding_of(report, pair, c)).collect();
        let cures: Vec<&str> = said.iter().flatten().map(|f| f.cure.as_str()).collect();
        let one_cure = cures.windows(2).all(|two| two[0] == two[1]);
        for (conflict, said) in pair.conflicts.iter().zip(&said) {
            let hunks = if room > 0 { details.hunks(pair, conflict) } else { &[] };
            room = room.saturating_sub(1);
            out.push_str(&path_line(report, conflict, *said));
            out.push_str(&match hunks {
                [] => lines_line(pair, conflict, width),
                hunks => side_by_side(hunks, (&pair.ours, &pair.theirs), width),
            });
            let names = [pair.ours.as_str(), &pair.theirs];
            let met = conflict.commits.iter().flat_map(|met| meet::lines(met, Some(names), width - 4));
            out.extend(met.map(|line| format!("    {line}\n")));
            out.push_str(&said.filter(|_| !one_cure).map_or_else(String::new, |f| cure("    ", &f.cure)));
        }
        out.push_str(&cures.first().filter(|_| one_cure).map_or_else(String::new, |text| cure("  ", text)));
    }
    out
}

/// Whether `finding` says no more than a conflict that [`grouped`] shows.
pub fn is_shown(report: &Report, finding: &Finding) -> bool {
    let says = |pair: &Pair| pair.conflicts.iter().any(|conflict| says_same(report, (pair, conflict), finding));
    report.pairs.iter().flatten().any(says)
}

/// `cure: …` on a line of its own; nothing where there is none.
pub fn cure(indent: &str, cure: &str) -> String {
    if cure.is_empty() {
        return String::new();
    }
    format!("{indent}{} {}\n", paint(FAINT, "cure:"), paint(HINT, one_line(cure)))
}

/// `new` or `waived` after what was not there before or does not count. Where everything is new, the summary says so.
pub fn mark(report: &Report, finding: &Finding) -> String {
    let all_new = || report.findings.iter().flatten().all(|f| f.state == FindingState::New);
    match finding.state {
        FindingState::New if all_new() => String::new(),
        FindingState::New => format!("  {}", paint(STRONG, "new")),
        FindingState::Open => String::new(),
        FindingState::Waived => format!("  {}", paint(FAINT, "waived")),
    }
}

/// `a and b`, and which of them holds uncommitted work.
pub fn heading(pair: &Pair) -> String {
    let name = |name: &String| paint(STRONG, one_line(name));
    let uncommitted: Vec<String> = pair.uncommitted.iter().map(|name| one_line(name)).collect();
    let note = match uncommitted.as_slice() {
        [] => String::new(),
        sides => paint(FAINT, format!("  with uncommitted work of {}", sides.join(" and "))),
    };
    format!("{} and {}{note}\n", name(&pair.ours), name(&pair.theirs))
}

fn finding_of<'a>(report: &'a Report, pair: &Pair, conflict: &Conflict) -> Option<&'a Finding> {
    report.findings.iter().flatten().find(|finding| says_same(report, (pair, conflict), finding))
}

/// A finding does not name the target among its tracks.
fn says_same(report: &Report, (pair, conflict): (&Pair, &Conflict), finding: &Finding) -> bool {
    let same_path = finding.path.as_ref() == Some(&conflict.path) && finding.path_bytes == conflict.path_bytes;
    if !same_path || !finding.rule.starts_with("conflict.") {
        return false;
    }
    let target = report.target.as_ref().map(|target| &target.name);
    let mut sides: Vec<&String> = [&pair.ours, &pair.theirs].into_iter().filter(|side| Some(*side) != target).collect();
    let mut tracks: Vec<&String> = finding.tracks.iter().collect();
    sides.sort_unstable();
    tracks.sort_unstable();
    sides == tracks
}

fn path_line(report: &Report, conflict: &Conflict, said: Option<&Finding>) -> String {
    let style = if said.is_some_and(|f| f.severity != Severity::Error) { CARE } else { BAD };
    let kind = said.and_then(|f| f.rule.strip_prefix("conflict.")).unwrap_or(&conflict.kind);
    let new = said.map_or_else(String::new, |f| mark(report, f));
    format!("  {}  {}{new}\n", conflict_path(conflict), paint(style, one_line(kind)))
}

fn lines_line(pair: &Pair, conflict: &Conflict, width: usize) -> String {
    if conflict.ours_lines.is_empty() {
        return String::new();
    }
    let (ours, theirs) = (one_line(&pair.ours), one_line(&pair.theirs));
    let text =
        format!("lines {} in {ours}; {} in {theirs}", ranges(&conflict.ours_lines), ranges(&conflict.theirs_lines));
    wrapped(&text, width - 4).iter().map(|line| format!("    {}\n", paint(FAINT, line))).collect()
}
