//! `tracks show A B`: one pair, with both sides of every conflict.

use super::conflicts::{Extent, grouped, heading};
use super::lines::one_line;
use super::style::{BAD, CARE, FAINT, GOOD, paint};
use crate::model::text::count;
use crate::report::Details;
use crate::report::model::{Pair, Report, Verdict};

/// Every pair of the report (one, as a rule): its verdict, and what conflicts.
pub fn render(report: &Report, details: &Details, width: usize) -> String {
    let pairs = report.pairs.iter().flatten();
    let answers: String = pairs.clone().map(answer).collect();
    let conflicts = grouped(report, details, Extent::All, width);
    let space = if answers.is_empty() || conflicts.is_empty() { "" } else { "\n" };
    format!("{conflicts}{space}{answers}")
}

fn answer(pair: &Pair) -> String {
    let subject = format!("{} into {}", one_line(&pair.theirs), one_line(&pair.ours));
    match pair.verdict {
        Verdict::Disjoint => {
            format!("{}{} {}\n", heading(pair), paint(GOOD, "  merges clean:"), "nothing that both changed differs")
        }
        Verdict::Clean => format!("{}{}\n", heading(pair), paint(GOOD, "  merges clean")),
        Verdict::Conflict => {
            let number = count(pair.conflicts.len(), "path");
            format!("{}\n", paint(BAD, format!("merging {subject} conflicts in {number}")))
        }
        Verdict::Unknown => {
            let reason = one_line(pair.reason.as_deref().unwrap_or("no reason is known"));
            format!("{}  {} {}\n", heading(pair), paint(CARE, "not known:"), paint(FAINT, reason))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::plain;
    use crate::report::model::Report;
    use crate::report::{Details, sample};
    use snapbox::{IntoData, assert_data_eq, str};

    fn show(at: usize, width: usize) -> String {
        let mut outcome = sample::outcome();
        outcome.meetings.insert(3, sample::meetings());
        let whole = Report::from_outcome("show", &outcome, sample::NOW, None);
        let pair = whole.pairs.expect("computed")[at].clone();
        let report = Report { pairs: Some(vec![pair]), ..Report::new("show") };
        plain(&report, &Details::of(&outcome), width)
    }

    #[test]
    fn clean_and_unknown() {
        assert_data_eq!(
            show(0, 80),
            str![[r#"
main and a  with uncommitted work of a
  merges clean: nothing that both changed differs

"#]]
            .raw()
        );
        assert_data_eq!(
            show(1, 80),
            str![[r#"
main and b
  merges clean

"#]]
            .raw()
        );
        assert_data_eq!(
            show(2, 80),
            str![[r#"
main and c
  not known: no common ancestor

"#]]
            .raw()
        );
    }

    #[test]
    fn conflict() {
        assert_data_eq!(
            show(3, 100),
            str![[r#"
a and b  with uncommitted work of a
  api/agents/list.ts  content
         a                         │      b
      8  export const LIMIT = 100; │   8  export const LIMIT = 250; // agreed with the people who r…
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
    meet: dddddddddd Raise the limit of the list\x1b[31m (a) and uncommitted work (b)
  docs/caf\xe9\x1b[31m.md  modify-delete
    meet: undetermined

merging b into a conflicts in 2 paths

"#]]
            .raw()
        );
    }
}
