//! The merge of all tracks: what it holds, and what is held out.

use super::lines::{conflict_path, names, one_line};
use super::meet;
use super::style::{FAINT, STRONG, paint, wrapped};
use crate::report::model::{HeldOut, Integration, Report};

/// What was merged in which order, and what was left out and why.
pub fn render(done: &Integration, report: &Report, width: usize) -> String {
    let commit = done.commit.get(..10).unwrap_or(&done.commit);
    let mut out = format!(
        "{} {}\n",
        paint(STRONG, "Integration"),
        paint(FAINT, format!("{} {}", one_line(&done.reference), one_line(commit)))
    );
    let merged = if done.merged.is_empty() { "nothing".to_owned() } else { names(&done.merged) };
    push_entry(&mut out, "merged", &merged, width);
    for (at, held) in done.held_out.iter().enumerate() {
        let label = if at == 0 { "held out" } else { "" };
        push_entry(&mut out, label, &format!("{}: {}", one_line(&held.track), why(held, done, report)), width);
        let met = held.conflicts.first().and_then(|conflict| conflict.commits.as_ref());
        let lines = met.into_iter().flat_map(|met| meet::lines(met, None, width - 14));
        out.extend(lines.map(|line| format!("{}{line}\n", " ".repeat(14))));
    }
    out
}

/// A label of eight columns, and text that is broken beside it.
fn push_entry(out: &mut String, label: &str, text: &str, width: usize) {
    for (at, line) in wrapped(text, width - 12).iter().enumerate() {
        let label = if at == 0 { label } else { "" };
        out.push_str(&format!("  {}  {line}\n", paint(FAINT, format!("{label:8}"))));
    }
}

fn why(held: &HeldOut, done: &Integration, report: &Report) -> String {
    let others = names(&held.because_of);
    let target = report.target.as_ref().map_or("the target", |target| &target.name);
    match held.conflicts.as_slice() {
        _ if held.reason.is_some() => held.reason.as_deref().map(one_line).unwrap_or_default(),
        [] if others.is_empty() => format!("cannot be merged into {}", one_line(target)),
        [] if done.holds_out(&held.because_of) => format!("needs {others}, which is held out"),
        [] => format!("needs {others}, which has no branch"),
        [first, rest @ ..] => {
            let with = if others.is_empty() { one_line(target) } else { others };
            let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
            format!("conflicts with {with} in {}{more}", conflict_path(first))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::render;
    use crate::report::sample;
    use anstream::adapter::strip_str;
    use snapbox::{IntoData, assert_data_eq, str};

    #[test]
    fn every_reason_to_be_held_out() {
        let report = sample::report();
        let mut done = report.integration.clone().expect("computed");
        done.merged.clear();
        let [conflict, dependency] = done.held_out.as_slice() else { panic!("two are held out") };
        let mut target = conflict.clone();
        target.because_of.clear();
        target.conflicts.truncate(1);
        let mut unknown = dependency.clone();
        unknown.reason = Some("git stopped: not enough memory to merge a file of 4 GiB\u{1b}".into());
        done.held_out.extend([target, unknown]);
        assert_data_eq!(
            strip_str(&render(&done, &report, 60)).to_string(),
            str![[r#"
Integration refs/tracks/integration/main 9999999999
  merged    nothing
  held out  b: conflicts with a in api/agents/list.ts and 1
            more
              meet: dddddddddd Raise the limit of the l… and
                    uncommitted work
            c: needs b, which is held out
            b: conflicts with main in api/agents/list.ts
              meet: dddddddddd Raise the limit of the l… and
                    uncommitted work
            c: git stopped: not enough memory to merge a
            file of 4 GiB\x1b

"#]]
            .raw()
        );
    }
}
