//! What `init`, `add`, `remove` and `deinit` did or would do, and how the hooks stand.

use std::collections::BTreeSet;

use super::lines::{names, one_line};
use super::style::{CARE, FAINT, GOOD, STRONG, paint, wrapped};
use super::table::{Align, Cell, Column, Give, list};
use crate::model::text::count;
use crate::report::model::{Hook, Step};

/// One line a step: `created branch feature/a  from main`, `would create …`.
pub fn render(steps: &[Step], width: usize) -> String {
    if steps.is_empty() {
        return "nothing to do\n".to_owned();
    }
    steps.iter().map(|step| line(step, width)).collect()
}

fn line(step: &Step, width: usize) -> String {
    let action = match step.done {
        true => paint(GOOD, past(&step.action)),
        false => format!("{} {}", paint(CARE, "would"), one_line(&step.action)),
    };
    let subject = one_line(&step.subject);
    let detail = step.detail.as_deref().map(one_line).unwrap_or_default();
    let used = super::style::width_of(&format!("would {} {subject}  {detail}", step.action));
    match detail.is_empty() {
        true => format!("{action} {subject}\n"),
        false if used <= width => format!("{action} {subject}  {}\n", paint(FAINT, detail)),
        false => format!("{action} {subject}\n  {}\n", paint(FAINT, detail)),
    }
}

/// `created` for `create`; what is no regular verb is named here.
fn past(action: &str) -> String {
    let (verb, rest) =
        action.split_once(' ').map_or((action, String::new()), |(verb, rest)| (verb, format!(" {rest}")));
    let past = match verb {
        "keep" => "kept".to_owned(),
        "undo" => "undid".to_owned(),
        "leave" => "left".to_owned(),
        "set" => "set".to_owned(),
        "take" => "took".to_owned(),
        "write" => "wrote".to_owned(),
        "copy" => "copied".to_owned(),
        "run" => "ran".to_owned(),
        "skip" => "skipped".to_owned(),
        "drop" => "dropped".to_owned(),
        "commit" => "committed".to_owned(),
        _ if verb.ends_with('e') => format!("{verb}d"),
        _ => format!("{verb}ed"),
    };
    one_line(&(past + &rest))
}

/// One line a hook, and below it what there is to say.
pub fn hooks(hooks: &[Hook], width: usize) -> String {
    let all = hooks.iter().flat_map(|hook| &hook.worktrees).collect::<BTreeSet<_>>().len();
    let columns = [Give::Never, Give::Never, Give::Never, Give::Shorten, Give::Shorten];
    let columns = columns.map(|give| Column { title: "", align: Align::Left, give });
    let row = |hook: &Hook| {
        let (state, style) = match (hook.fires, hook.state.as_str()) {
            (Some(0), _) => ("silent", CARE),
            (Some(1), _) => ("fires", GOOD),
            (Some(_), _) => ("fires twice", CARE),
            (None, state) => (state, if state == "installed" { GOOD } else { CARE }),
        };
        let worktrees = match hook.worktrees.as_slice() {
            [only] if only == "." => "main worktree".to_owned(),
            [only] => one_line(only),
            several if several.len() == all => count(all, "worktree"),
            several => names(several),
        };
        vec![
            Cell::styled(one_line(&hook.name), STRONG),
            Cell::styled(one_line(state), style),
            Cell::new(hook.by.as_deref().map(one_line).unwrap_or_default()),
            Cell::new(worktrees),
            Cell::styled(one_line(&hook.path), FAINT),
        ]
    };
    let lines = list(&columns, &hooks.iter().map(row).collect::<Vec<_>>(), "", width);
    // What holds for several that stand together is said once, below the last of them.
    let detail = |(at, hook): (usize, &Hook)| match &hook.detail {
        Some(detail) if hooks.get(at + 1).is_none_or(|next| next.detail.as_ref() != Some(detail)) => {
            let lines = wrapped(&one_line(detail), width.saturating_sub(2));
            lines.iter().map(|line| format!("  {line}\n")).collect()
        }
        _ => String::new(),
    };
    let details = hooks.iter().enumerate().map(detail);
    lines.split_inclusive('\n').zip(details).map(|(line, detail)| format!("{line}{detail}")).collect()
}

#[cfg(test)]
mod tests {
    use super::super::plain;
    use crate::report::model::Report;
    use crate::report::{Details, sample};
    use snapbox::{IntoData, assert_data_eq, str};

    #[test]
    fn done_and_planned() {
        let report = Report { steps: sample::acts().steps, ..Report::new("init") };
        assert_data_eq!(
            plain(&report, &Details::default(), 60),
            str![[r#"
created branch feature/a  from main 1111111111
would create worktree worktrees/a
would keep branch feature/b  3 commits are not on main

"#]]
            .raw()
        );
        assert_data_eq!(
            plain(&report, &Details::default(), 40),
            str![[r#"
created branch feature/a
  from main 1111111111
would create worktree worktrees/a
would keep branch feature/b
  3 commits are not on main

"#]]
            .raw()
        );
    }

    #[test]
    fn hooks() {
        let report = Report { hooks: sample::acts().hooks, ..Report::new("hooks") };
        assert_data_eq!(
            plain(&report, &Details::default(), 80),
            str![[r#"
pre-commit  fires          ., worktrees/a  .git/hooks/pre-commit
pre-push    silent  husky  worktrees/b     worktrees/b/.husky/_/pre-push
  `core.hooksPath` is `.husky/_`, and there is no such folder here

"#]]
            .raw()
        );
    }
}
