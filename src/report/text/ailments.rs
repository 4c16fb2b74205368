//! What is wrong, what to do about it, and what was put right.

use super::lines::one_line;
use super::style::{CARE, GOOD, STRONG, of_severity, paint, wrapped};
use crate::model::text::count;
use crate::report::model::{Ailment, AilmentState};

const INDENT: &str = "  ";

/// An entry for each, and how many there are.
pub fn render(ailments: &[Ailment], width: usize) -> String {
    let entries: String = ailments.iter().map(|ailment| entry(ailment, width)).collect();
    let number = |state| ailments.iter().filter(|ailment| ailment.state == state).count();
    let (cured, curable) = (number(AilmentState::Cured), number(AilmentState::Curable));
    let open = ailments.len() - cured;
    let mut parts = Vec::new();
    parts.extend((cured > 0).then(|| format!("{} put right", count(cured, "thing"))));
    parts.extend((open > 0).then(|| format!("{} to look at", count(open, "thing"))));
    if parts.is_empty() {
        return format!("{}\n", paint(GOOD, "nothing is wrong"));
    }
    let next = match curable {
        0 => String::new(),
        number => format!("; {number} can be put right: tracks doctor --fix"),
    };
    format!("{entries}\n{}{next}\n", parts.join(", "))
}

fn entry(ailment: &Ailment, width: usize) -> String {
    let word = match ailment.state {
        AilmentState::Cured => paint(GOOD, "cured"),
        _ => paint(of_severity(ailment.severity), ailment.severity.noun()),
    };
    let head = format!("{word} {}\n", paint(STRONG, one_line(&ailment.subject)));
    let lines = wrapped(&one_line(&ailment.detail), width - INDENT.len());
    let detail: String = lines.iter().map(|line| format!("{INDENT}{line}\n")).collect();
    let cure = ailment.cure.as_deref().filter(|_| ailment.state != AilmentState::Cured);
    let cure = cure.map_or(String::new(), |cure| format!("{INDENT}{} {}\n", paint(CARE, "cure:"), one_line(cure)));
    format!("{head}{detail}{cure}")
}

#[cfg(test)]
mod tests {
    use super::super::plain;
    use crate::report::model::Report;
    use crate::report::{Details, sample};
    use snapbox::{IntoData, assert_data_eq, str};

    #[test]
    fn open_curable_and_cured() {
        let report = Report { ailments: sample::acts().ailments, ..Report::new("doctor") };
        assert_data_eq!(
            plain(&report, &Details::default(), 60),
            str![[r#"
error worktree a
  is not where it was: \x1b[31mred
  cure: `git worktree repair a`
warning lock index.lock
  is not where it was: \x1b[31mred
cured worktree b
  is not where it was: \x1b[31mred

1 thing put right, 2 things to look at; 1 can be put right: tracks doctor --fix

"#]]
            .raw()
        );
        let report = Report { ailments: Some(Vec::new()), ..Report::new("doctor") };
        assert_data_eq!(
            plain(&report, &Details::default(), 60),
            str![[r#"
nothing is wrong

"#]]
            .raw()
        );
    }
}
