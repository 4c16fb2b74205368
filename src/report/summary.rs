//! A report in numbers, and what to do first.

use super::model::{Finding, FindingState, Pair, Readiness, Report, Severity, Summary, Verdict};

/// More than this and nobody knows where to begin.
const RECOMMENDATIONS: usize = 5;

/// Counts what `report` holds.
pub(super) fn of(report: &Report) -> Summary {
    let all = report.findings.as_deref().unwrap_or_default();
    let mut findings: Vec<&Finding> = all.iter().filter(|f| f.state != FindingState::Waived).collect();
    findings.sort_by_key(|f| f.severity);
    let errors = findings.iter().filter(|f| f.severity == Severity::Error);
    let count = |severity| findings.iter().filter(|f| f.severity == severity).count();
    let pairs = report.pairs.as_deref().unwrap_or_default();
    let verdicts = |verdict| pairs.iter().filter(|pair| pair.verdict == verdict).count();
    Summary {
        errors: count(Severity::Error),
        warnings: count(Severity::Warn),
        infos: count(Severity::Info),
        disjoint: verdicts(Verdict::Disjoint),
        clean: verdicts(Verdict::Clean),
        conflict: verdicts(Verdict::Conflict),
        unknown: verdicts(Verdict::Unknown),
        readiness: readiness(report, &findings),
        critical_issues: distinct(errors.map(|f| &f.message)),
        recommendations: distinct(findings.iter().map(|f| &f.cure)).into_iter().take(RECOMMENDATIONS).collect(),
    }
}

fn readiness(report: &Report, findings: &[&Finding]) -> Readiness {
    let integration = report.integration.as_ref();
    // A report of pairs alone has no findings that would say so.
    let stops = |pair: &Pair| matches!(pair.verdict, Verdict::Conflict | Verdict::Unknown);
    let pairs_stop = report.findings.is_none() && report.pairs.iter().flatten().any(stops);
    let mut errors = findings.iter().filter(|f| f.severity == Severity::Error).peekable();
    let held_out = integration.is_some_and(|i| !i.held_out.is_empty());
    let nothing_merged = held_out && integration.is_some_and(|i| i.merged.is_empty());
    if errors.peek().is_none() && !held_out && !pairs_stop {
        Readiness::Ready
    } else if nothing_merged || errors.any(|f| f.tracks.is_empty()) {
        Readiness::Blocked
    } else {
        Readiness::Partial
    }
}

fn distinct<'a>(texts: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for text in texts.filter(|text| !text.is_empty()) {
        if !seen.contains(text) {
            seen.push(text.clone());
        }
    }
    seen
}
