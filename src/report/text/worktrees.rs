//! `tracks prune`: every worktree, whether it can go, and exactly why not.

use super::lines::{age, names, one_line};
use super::style::{CARE, FAINT, GOOD, HINT, STRONG, paint, wrapped};
use super::table::{Align, Cell, Column, Give, table};
use crate::model::text::{count, size};
use crate::report::model::{Removal, Worktree, shown};

const COLUMNS: [Column; 5] = [
    Column { title: "worktree", align: Align::Left, give: Give::Shorten },
    Column { title: "verdict", align: Align::Left, give: Give::Never },
    Column { title: "size", align: Align::Right, give: Give::Leave(3) },
    Column { title: "age", align: Align::Right, give: Give::Leave(2) },
    Column { title: "branch", align: Align::Left, give: Give::Leave(1) },
];

/// The worktrees as a table, then the reasons, then what can be won.
pub fn render(worktrees: &[Worktree], width: usize) -> String {
    if worktrees.is_empty() {
        return "no worktrees beside the main one\n".to_owned();
    }
    let rows: Vec<Vec<Cell>> = worktrees.iter().map(row).collect();
    let notes: String = worktrees.iter().map(|worktree| notes(worktree, width)).collect();
    let space = if notes.is_empty() { "" } else { "\n" };
    format!("{}{space}{notes}\n{}", table(&COLUMNS, &rows, "", width), closing(worktrees, width))
}

fn row(worktree: &Worktree) -> Vec<Cell> {
    let (verdict, style) = match worktree.verdict {
        _ if worktree.removed => ("removed", FAINT),
        Removal::Safe => ("safe", GOOD),
        Removal::Kept => ("kept", CARE),
    };
    vec![
        Cell::new(path(worktree)),
        Cell::styled(verdict, style),
        Cell::new(worktree.size_bytes.map_or_else(|| "?".to_owned(), size)),
        Cell::new(worktree.age_seconds.map_or_else(|| "?".to_owned(), age)),
        Cell::new(worktree.branch.as_deref().map_or_else(|| "(detached)".to_owned(), one_line)),
    ]
}

/// Why a worktree is kept, and what would go with it.
fn notes(worktree: &Worktree, width: usize) -> String {
    let mut lines: Vec<String> = worktree.reasons.iter().map(|reason| one_line(reason)).collect();
    if !worktree.ignored.is_empty() {
        lines.push(format!("ignored: {}", names(&worktree.ignored)));
    }
    if let Some(kept) = &worktree.kept {
        lines.push(format!("ignored files are in {}", one_line(kept)));
    }
    if let (Some(checkpoint), Some(restore)) = (&worktree.checkpoint, &worktree.restore) {
        lines.push(format!("saved as {}; back with `{}`", one_line(checkpoint), one_line(restore)));
    }
    if lines.is_empty() {
        return String::new();
    }
    let lines = lines.iter().flat_map(|line| wrapped(line, width - 2));
    let text: String = lines.map(|line| format!("  {line}\n")).collect();
    format!("{}\n{text}", paint(STRONG, path(worktree)))
}

fn path(worktree: &Worktree) -> String {
    shown(&worktree.path, worktree.path_bytes.as_deref())
}

fn closing(worktrees: &[Worktree], width: usize) -> String {
    let removed: Vec<&Worktree> = worktrees.iter().filter(|w| w.removed).collect();
    let safe: Vec<&Worktree> = worktrees.iter().filter(|w| !w.removed && w.verdict == Removal::Safe).collect();
    let bytes = |some: &[&Worktree]| size(some.iter().filter_map(|w| w.size_bytes).sum());
    let mut parts = Vec::new();
    if !removed.is_empty() {
        parts.push(format!("removed {}, {}", count(removed.len(), "worktree"), bytes(&removed)));
    }
    if !safe.is_empty() || removed.is_empty() {
        parts.push(format!("{} of {} safe to remove, {}", safe.len(), worktrees.len(), bytes(&safe)));
    }
    let next = match safe.is_empty() {
        true => String::new(),
        false => format!("{} {}\n", paint(FAINT, "next:"), paint(HINT, "tracks prune --yes")),
    };
    wrapped(&parts.join("; "), width).join("\n") + "\n" + &next
}

#[cfg(test)]
mod tests {
    use super::super::plain;
    use crate::report::model::Report;
    use crate::report::{Details, sample};
    use snapbox::{IntoData, assert_data_eq, str};

    #[test]
    fn safe_kept_and_removed() {
        let report = Report { worktrees: sample::acts().worktrees, ..Report::new("prune") };
        assert_data_eq!(
            plain(&report, &Details::default(), 80),
            str![[r#"
worktree                                  verdict     size  age
/home/kim/shop/worktrees/phase-1-track-a  safe     1.2 GiB  3 d
/home/kim/shop/worktrees/phase-1-track-b  kept           ?    ?
/tmp/agent-17                             removed  1.2 GiB  3 d

/home/kim/shop/worktrees/phase-1-track-a
  ignored: .env, node_modules/
/home/kim/shop/worktrees/phase-1-track-b
  2 files are not committed
  1 commit is on no other branch or remote

removed 1 worktree, 1.2 GiB; 1 of 3 safe to remove, 1.2 GiB
next: tracks prune --yes

"#]]
            .raw()
        );
        assert_data_eq!(
            plain(&report, &Details::default(), 40),
            str![[r#"
worktree                         verdict
/home/kim/…rees/phase-1-track-a  safe
/home/kim/…rees/phase-1-track-b  kept
/tmp/agent-17                    removed

/home/kim/shop/worktrees/phase-1-track-a
  ignored: .env, node_modules/
/home/kim/shop/worktrees/phase-1-track-b
  2 files are not committed
  1 commit is on no other branch or
  remote

removed 1 worktree, 1.2 GiB; 1 of 3 safe
to remove, 1.2 GiB
next: tracks prune --yes

"#]]
            .raw()
        );
    }

    #[test]
    fn none() {
        let report = Report { worktrees: Some(Vec::new()), ..Report::new("prune") };
        assert_data_eq!(
            plain(&report, &Details::default(), 80),
            str![[r#"
no worktrees beside the main one

"#]]
            .raw()
        );
    }
}
