//! Findings by severity, each with its rule, place, message and cure.

use anstyle::Style;

use super::conflicts::{cure, mark};
use super::lines::{names, one_line, place};
use super::style::{FAINT, GOOD, STRONG, of_severity, paint, width_of, wrapped};
use crate::model::text::count;
use crate::report::model::{Finding, FindingState, Report, Severity};

/// The view of `tracks check`: the findings alone.
pub fn render(report: &Report, width: usize) -> String {
    let findings: Vec<&Finding> = report.findings.iter().flatten().collect();
    let text = by_severity(report, &findings, width);
    let space = if text.is_empty() { "" } else { "\n" };
    format!("{text}{space}{}\n", paint(tone(report), counts(report)))
}

/// `findings` under `Errors`, `Warnings` and `Notes`, then what is waived, a line each with its reason.
pub fn by_severity(report: &Report, findings: &[&Finding], width: usize) -> String {
    let groups = [(Severity::Error, "Errors"), (Severity::Warn, "Warnings"), (Severity::Info, "Notes")];
    let mut sections = Vec::new();
    for (severity, title) in groups {
        let open = findings.iter().filter(|f| f.severity == severity && f.state != FindingState::Waived);
        let text: String = open.map(|finding| entry(report, finding, width)).collect();
        if !text.is_empty() {
            sections.push(format!("{}\n{text}", paint(of_severity(severity).bold(), title)));
        }
    }
    let waived = findings.iter().filter(|f| f.state == FindingState::Waived);
    let waived: String = waived.map(|finding| waived_line(finding, width)).collect();
    sections.extend((!waived.is_empty()).then(|| format!("{}\n{waived}", paint(FAINT, "Waived"))));
    sections.join("\n")
}

fn waived_line(finding: &Finding, width: usize) -> String {
    let parts = [names(&finding.tracks), one_line(&finding.rule), place(finding).unwrap_or_default()];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let why: String =
        wrapped(&one_line(&finding.cure), width - 4).into_iter().map(|line| format!("    {line}\n")).collect();
    format!("  {}\n{why}", parts.join("  "))
}

/// `2 errors, 1 warning, 1 waived, 2 new`, or `no findings`.
pub fn counts(report: &Report) -> String {
    let findings = report.findings.as_deref().unwrap_or_default();
    let waived = findings.iter().filter(|f| f.state == FindingState::Waived).count();
    let number = |wanted| findings.iter().filter(|f| f.severity == wanted && f.state != FindingState::Waived).count();
    let severities = [Severity::Error, Severity::Warn, Severity::Info];
    let counted = severities.map(|severity| (number(severity), severity.noun()));
    let mut parts: Vec<String> = counted.iter().filter(|(n, _)| *n > 0).map(|(n, noun)| count(*n, noun)).collect();
    let new = findings.iter().filter(|f| f.state == FindingState::New).count();
    parts.extend((waived > 0).then(|| format!("{waived} waived")));
    parts.extend((new > 0).then(|| if new == findings.len() { "all new".to_owned() } else { format!("{new} new") }));
    if parts.is_empty() { "no findings".to_owned() } else { parts.join(", ") }
}

/// The colour of the worst finding.
pub fn tone(report: &Report) -> Style {
    let open = report.findings.iter().flatten().filter(|f| f.state != FindingState::Waived);
    match open.map(|f| f.severity).min() {
        Some(severity @ (Severity::Error | Severity::Warn)) => of_severity(severity),
        _ => GOOD,
    }
}

fn entry(report: &Report, finding: &Finding, width: usize) -> String {
    let who = names(&finding.tracks);
    let rule = one_line(&finding.rule);
    let place = place(finding).unwrap_or_default();
    let new = mark(report, finding);
    let mut head: Vec<String> = Vec::new();
    if !who.is_empty() {
        head.push(paint(STRONG, &who));
    }
    head.push(paint(of_severity(finding.severity), &rule));
    let head_width = 2 + width_of(&who) + 2 + width_of(&rule) + 2 + width_of(&place) + 5;
    let mut out = if place.is_empty() || head_width <= width {
        head.extend((!place.is_empty()).then_some(place));
        format!("  {}{new}\n", head.join("  "))
    } else {
        format!("  {}{new}\n    {place}\n", head.join("  "))
    };
    for line in wrapped(&one_line(&finding.message), width - 4) {
        out.push_str(&format!("    {line}\n"));
    }
    out + &cure("    ", &finding.cure)
}

#[cfg(test)]
mod tests {
    use super::super::plain;
    use crate::policy::rules::Settled;
    use crate::report::model::{FindingState, Report};
    use crate::report::{Details, sample};
    use snapbox::{IntoData, assert_data_eq, str};

    #[test]
    fn nothing_is_said_in_one_line() {
        let report = Report::new("check").with_findings(&Settled::default(), sample::NOW, None);
        assert_data_eq!(
            plain(&report, &Details::default(), 80),
            str![[r#"
no findings

"#]]
            .raw()
        );
    }

    #[test]
    fn findings_alone() {
        let mut report = Report { command: "check".into(), ..sample::report() };
        let findings = report.findings.as_mut().expect("computed");
        findings[0].state = FindingState::Waived;
        findings[3].state = FindingState::Open;
        assert_data_eq!(
            plain(&report, &Details::default(), 60),
            str![[r#"
Errors
  b, a  conflict.modify-delete  docs/caf\xe9\x1b[31m.md  new
    merging `b` into `a` conflicts: one side changed what
    the other deleted
    cure: tracks show a b
  c  conflict.unknown  new
    `c` and the target have no common ancestor, so whether
    they merge is not known
    cure: git fetch --unshallow
  b, a  ownership.foreign  api/agents/list.ts:8,97
    `b` changes what `a` owns (`api/agents/**`)
    cure: git -C worktrees/phase-1-track-b checkout main -- api/agents/list.ts
  b, a  migration.duplicate  new
    supabase/migrations/20241001000001_b_template_fields_for_the_builder.sql
    the version 20241001000001 is also that of
    `20241001000001_a_agent_registry.sql` in `a`
    cure: tracks migration new --track b fields

Warnings
  a  size.growth  api/agents/registry|`<b>.ts  new
    the file grew by 612 lines in one track, 500 are allowed
    cure: split it

Notes
  b  track.behind  new
    14 commits behind `main`
    cure: tracks update b

Waived
  a, b  conflict.content  api/agents/list.ts:8-9,98-120,140
    tracks show a b

4 errors, 1 warning, 1 note, 1 waived, 5 new

"#]]
            .raw()
        );
    }
}
