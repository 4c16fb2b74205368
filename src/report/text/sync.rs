//! The whole report, as `tracks sync` and `tracks report` show it: tracks, conflicts, findings, integration, and last
//! what it comes to.

use super::conflicts::{Extent, grouped, is_shown};
use super::findings::{by_severity, counts, tone};
use super::lines::{names, one_line};
use super::style::{BAD, FAINT, HINT, STRONG, of_state, paint, wrapped};
use super::table::{Align, Cell, Column, Give, table};
use super::{gates, integration};
use crate::model::text::count;
use crate::report::Details;
use crate::report::model::{Finding, FindingState, Report, Severity, Track, Verdict};

const COLUMNS: [Column; 6] = [
    Column { title: "track", align: Align::Left, give: Give::Never },
    Column { title: "state", align: Align::Left, give: Give::Never },
    Column { title: "ahead", align: Align::Right, give: Give::Leave(2) },
    Column { title: "behind", align: Align::Right, give: Give::Leave(1) },
    Column { title: "uncommitted", align: Align::Right, give: Give::Leave(3) },
    Column { title: "conflicts with", align: Align::Left, give: Give::Shorten },
];

/// The whole report.
pub fn render(report: &Report, details: &Details, width: usize) -> String {
    let other: Vec<&Finding> = report.findings.iter().flatten().filter(|f| !is_shown(report, f)).collect();
    let conflicts = match grouped(report, details, Extent::First, width) {
        text if text.is_empty() => text,
        text => format!("{}\n{text}", paint(BAD, "Conflicts")),
    };
    let sections = [
        header(report) + &tracks(report.tracks.as_deref().unwrap_or_default(), width),
        conflicts,
        by_severity(report, &other, width),
        gates::render(report.gates.as_deref().unwrap_or_default(), width),
        report.integration.as_ref().map_or_else(String::new, |done| integration::render(done, report, width)),
        closing(report, width),
    ];
    let sections: Vec<String> = sections.into_iter().filter(|text| !text.is_empty()).collect();
    sections.join("\n")
}

/// `main 1234567890, 3 tracks, git 2.47.3`.
fn header(report: &Report) -> String {
    let mut parts = Vec::new();
    if let Some(target) = &report.target {
        let commit = target.commit.get(..10).unwrap_or(&target.commit);
        parts.push(format!("{} {}", paint(STRONG, one_line(&target.name)), paint(FAINT, one_line(commit))));
    }
    parts.extend(report.tracks.as_ref().map(|tracks| count(tracks.len(), "track")));
    parts.extend(report.git.as_ref().map(|git| paint(FAINT, format!("git {}", one_line(git)))));
    if parts.is_empty() { String::new() } else { parts.join(", ") + "\n" }
}

fn tracks(tracks: &[Track], width: usize) -> String {
    if tracks.is_empty() {
        return String::new();
    }
    let row = |track: &Track| {
        vec![
            Cell::styled(one_line(&track.id), STRONG),
            Cell::styled(track.state.name(), of_state(track.state)),
            number(track.ahead),
            number(track.behind),
            number(track.dirty),
            Cell::styled(names(&track.conflicts_with), BAD),
        ]
    };
    format!("\n{}", table(&COLUMNS, &tracks.iter().map(row).collect::<Vec<_>>(), "  ", width))
}

/// A count in a table: nothing for none, so that what is there is seen, and `?` for what is not known.
pub fn number(number: Option<usize>) -> Cell {
    match number {
        Some(0) => Cell::new(""),
        Some(number) => Cell::new(number.to_string()),
        None => Cell::styled("?", BAD),
    }
}

fn closing(report: &Report, width: usize) -> String {
    let style = tone(report);
    let mut out = String::new();
    for line in wrapped(&summary(report), width) {
        out.push_str(&format!("{}\n", paint(style, line)));
    }
    out + &format!("{} {}\n", paint(FAINT, "next:"), paint(HINT, next(report)))
}

/// `2 errors, 1 warning; 3 of 6 pairs clean; integration holds a, b; held out: c`.
fn summary(report: &Report) -> String {
    let mut parts = vec![counts(report)];
    let pairs = report.pairs.as_deref().unwrap_or_default();
    let clean = pairs.iter().filter(|p| matches!(p.verdict, Verdict::Disjoint | Verdict::Clean)).count();
    let unknown = pairs.iter().filter(|p| p.verdict == Verdict::Unknown).count();
    if !pairs.is_empty() {
        parts.push(format!("{clean} of {} clean", count(pairs.len(), "pair")));
    }
    if unknown > 0 {
        parts.push(format!("{unknown} unknown"));
    }
    if let Some(done) = report.integration.as_ref().filter(|done| !done.merged.is_empty() || !done.held_out.is_empty())
    {
        let holds = if done.merged.is_empty() { "nothing".to_owned() } else { names(&done.merged) };
        parts.push(format!("integration holds {holds}"));
        let held_out: Vec<String> = done.held_out.iter().map(|held| held.track.clone()).collect();
        parts.extend((!held_out.is_empty()).then(|| format!("held out: {}", names(&held_out))));
    }
    parts.join("; ")
}

/// What to type next: the first conflict, else the first error, else what was merged.
fn next(report: &Report) -> String {
    let pairs = report.pairs.as_deref().unwrap_or_default();
    let errors = || report.findings.iter().flatten().filter(|f| f.severity == Severity::Error);
    if report.tracks.as_ref().is_some_and(Vec::is_empty) {
        "tracks add ID".to_owned()
    } else if let Some(pair) = pairs.iter().find(|pair| pair.verdict == Verdict::Conflict) {
        format!("tracks show {} {}", one_line(&pair.ours), one_line(&pair.theirs))
    } else if let Some(finding) = errors().find(|f| f.state != FindingState::Waived) {
        format!("tracks explain {}", one_line(&finding.rule))
    } else if let Some((target, merged)) = report.target.as_ref().zip(report.integration.as_ref()) {
        format!("git log --oneline {}..{}", one_line(&target.name), one_line(&merged.reference))
    } else {
        "tracks list".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::super::plain;
    use crate::report::model::Report;
    use crate::report::{Details, sample};
    use snapbox::{IntoData, assert_data_eq, str};

    fn with_findings(number: usize, width: usize) -> String {
        let mut outcome = sample::outcome();
        outcome.findings.truncate(number);
        let report = Report::from_outcome("sync", &outcome, sample::NOW, None);
        plain(&report, &Details::of(&outcome), width)
    }

    #[test]
    fn nothing_declared() {
        let report = Report::from_outcome("sync", &sample::empty(), sample::NOW, None);
        assert_data_eq!(
            plain(&report, &Details::default(), 80),
            str![[r#"
main 1111111111, 0 tracks, git 2.47.3

no findings
next: tracks add ID

"#]]
            .raw()
        );
    }

    #[test]
    fn everything() {
        assert_data_eq!(
            with_findings(7, 80),
            str![[r#"
main 1111111111, 3 tracks, git 2.47.3

  track  state       ahead  behind  uncommitted  conflicts with
  a      conflicted      3                    2  b
  b      conflicted      3      14               a
  c      blocked         ?       ?            ?

Conflicts
a and b  with uncommitted work of a
  api/agents/list.ts  content
         a                         │      b
      8  export const LIMIT = 100; │   8  export const LIMIT = 250; // agreed w…
      9  export const PAGE = 20;   │
         ⋮                         │      ⋮
     98      "key-1": true,        │  97      \x1b[31mred\xff
     99      "key-2": true,        │
    100      "key-3": true,        │
    101      "key-4": true,        │
    102      "key-5": true,        │
    103      "key-6": true,        │
    104      "key-7": true,        │
    105      "key-8": true,        │
    106      "key-9": true,        │
    107      "key-10": true,       │
    108      "key-11": true,       │
    109      "key-12": true,       │
    110      "key-13": true,       │
    111      "key-14": true,       │
    112      "key-15": true,       │
    113      "key-16": true,       │
    114      "key-17": true,       │
    115      "key-18": true,       │
    116      "key-19": true,       │
    117      "key-20": true,       │
         … 3 more lines            │
         ⋮                         │      ⋮
    140  }                         │      (no lines)
  docs/caf\xe9\x1b[31m.md  modify-delete
  cure: tracks show a b

Errors
  c  conflict.unknown
    `c` and the target have no common ancestor, so whether they merge is not
    known
    cure: git fetch --unshallow
  b, a  ownership.foreign  api/agents/list.ts:8,97
    `b` changes what `a` owns (`api/agents/**`)
    cure: git -C worktrees/phase-1-track-b checkout main -- api/agents/list.ts
  b, a  migration.duplicate
    supabase/migrations/20241001000001_b_template_fields_for_the_builder.sql
    the version 20241001000001 is also that of
    `20241001000001_a_agent_registry.sql` in `a`
    cure: tracks migration new --track b fields

Warnings
  a  size.growth  api/agents/registry|`<b>.ts
    the file grew by 612 lines in one track, 500 are allowed
    cure: split it

Notes
  b  track.behind
    14 commits behind `main`
    cure: tracks update b

Integration refs/tracks/integration/main 9999999999
  merged    a
  held out  b: conflicts with a in api/agents/list.ts and 1 more
              meet: dddddddddd Raise the limit of the list\x1b[31m and
                    uncommitted work
            c: needs b, which is held out

5 errors, 1 warning, 1 note, all new; 3 of 6 pairs clean; 2 unknown; integration
holds a; held out: b, c
next: tracks show a b

"#]]
            .raw()
        );
    }

    #[test]
    fn narrow() {
        assert_data_eq!(
            with_findings(4, 60),
            str![[r#"
main 1111111111, 3 tracks, git 2.47.3

  track  state       ahead  uncommitted  conflicts with
  a      conflicted      3            2  b
  b      conflicted      3               a
  c      blocked         ?            ?

Conflicts
a and b  with uncommitted work of a
  api/agents/list.ts  content
         a                     │      b
      8  export const LIMIT =… │   8  export const LIMIT = …
      9  export const PAGE = … │
         ⋮                     │      ⋮
     98      "key-1": true,    │  97      \x1b[31mred\xff
     99      "key-2": true,    │
    100      "key-3": true,    │
    101      "key-4": true,    │
    102      "key-5": true,    │
    103      "key-6": true,    │
    104      "key-7": true,    │
    105      "key-8": true,    │
    106      "key-9": true,    │
    107      "key-10": true,   │
    108      "key-11": true,   │
    109      "key-12": true,   │
    110      "key-13": true,   │
    111      "key-14": true,   │
    112      "key-15": true,   │
    113      "key-16": true,   │
    114      "key-17": true,   │
    115      "key-18": true,   │
    116      "key-19": true,   │
    117      "key-20": true,   │
         … 3 more lines        │
         ⋮                     │      ⋮
    140  }                     │      (no lines)
  docs/caf\xe9\x1b[31m.md  modify-delete
  cure: tracks show a b

Errors
  c  conflict.unknown
    `c` and the target have no common ancestor, so whether
    they merge is not known
    cure: git fetch --unshallow
  b, a  ownership.foreign  api/agents/list.ts:8,97
    `b` changes what `a` owns (`api/agents/**`)
    cure: git -C worktrees/phase-1-track-b checkout main -- api/agents/list.ts

Integration refs/tracks/integration/main 9999999999
  merged    a
  held out  b: conflicts with a in api/agents/list.ts and 1
            more
              meet: dddddddddd Raise the limit of the l… and
                    uncommitted work
            c: needs b, which is held out

4 errors, all new; 3 of 6 pairs clean; 2 unknown;
integration holds a; held out: b, c
next: tracks show a b

"#]]
            .raw()
        );
    }

    #[test]
    fn a_stored_report_has_no_lines() {
        assert_data_eq!(
            plain(&sample::report(), &Details::default(), 200),
            str![[r#"
main 1111111111, 3 tracks, git 2.47.3

  track  state       ahead  behind  uncommitted  conflicts with
  a      conflicted      3                    2  b
  b      conflicted      3      14               a
  c      blocked         ?       ?            ?

Conflicts
a and b  with uncommitted work of a
  api/agents/list.ts  content
    lines 8-9, 98-120, 140 in a; 8, 97, 120 in b
  docs/caf\xe9\x1b[31m.md  modify-delete
  cure: tracks show a b

Errors
  c  conflict.unknown
    `c` and the target have no common ancestor, so whether they merge is not known
    cure: git fetch --unshallow
  b, a  ownership.foreign  api/agents/list.ts:8,97
    `b` changes what `a` owns (`api/agents/**`)
    cure: git -C worktrees/phase-1-track-b checkout main -- api/agents/list.ts
  b, a  migration.duplicate  supabase/migrations/20241001000001_b_template_fields_for_the_builder.sql
    the version 20241001000001 is also that of `20241001000001_a_agent_registry.sql` in `a`
    cure: tracks migration new --track b fields

Warnings
  a  size.growth  api/agents/registry|`<b>.ts
    the file grew by 612 lines in one track, 500 are allowed
    cure: split it

Notes
  b  track.behind
    14 commits behind `main`
    cure: tracks update b

Integration refs/tracks/integration/main 9999999999
  merged    a
  held out  b: conflicts with a in api/agents/list.ts and 1 more
              meet: dddddddddd Raise the limit of the list\x1b[31m and uncommitted work
            c: needs b, which is held out

5 errors, 1 warning, 1 note, all new; 3 of 6 pairs clean; 2 unknown; integration holds a; held out: b, c
next: tracks show a b

"#]]
            .raw()
        );
    }
}
