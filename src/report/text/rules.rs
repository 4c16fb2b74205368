//! `tracks explain`: one rule in full, or all of them a line each.

use super::style::{FAINT, STRONG, of_severity, paint, wrapped};
use crate::report::model::Explanation;

/// The rule in full where there is one; otherwise a line for each.
pub fn render(rules: &[Explanation], width: usize) -> String {
    match rules {
        [rule] => whole(rule, width),
        rules => rules.iter().map(|rule| line(rule, width)).collect(),
    }
}

fn whole(rule: &Explanation, width: usize) -> String {
    let severity = paint(of_severity(rule.severity), rule.severity.noun());
    let mut out = format!("{}  {severity}\n", paint(STRONG, &rule.rule));
    for (heading, text) in [("means", &rule.meaning), ("why", &rule.why), ("cure", &rule.cure)] {
        let lines = wrapped(text, width.saturating_sub(9));
        for (at, line) in lines.iter().enumerate() {
            let heading = if at == 0 { heading } else { "" };
            out.push_str(&format!("  {} {line}\n", paint(FAINT, format!("{heading:<6}"))));
        }
    }
    out
}

fn line(rule: &Explanation, width: usize) -> String {
    let id = format!("{:<28}", rule.rule);
    let meaning = super::style::cut(&rule.meaning, width.saturating_sub(30));
    format!("{}  {meaning}\n", paint(of_severity(rule.severity), id))
}
