//! `tracks matrix`: who collides with whom, at a glance, and then on which lines.

use std::collections::{HashMap, HashSet};

use super::lines::{conflict_path, one_line, ranges};
use super::style::{BAD, CARE, FAINT, GOOD, HINT, PLAIN, STRONG, cut_middle, padded, paint, width_of};
use super::table::{Align, Cell, Column, Give, list};
use crate::model::text::count;
use crate::report::model::{Pair, Report, Verdict};

const GAP: usize = 2;
/// A longer name is cut in the labels of the rows.
const NAME: usize = 30;

/// The verdicts as a triangle, or as a list where not every side was paired with every other.
pub fn render(report: &Report, width: usize) -> String {
    let pairs = report.pairs.as_deref().unwrap_or_default();
    let names = sides(pairs);
    if pairs.is_empty() {
        return "nothing to compare: it takes two sides\n".to_owned();
    }
    let complete = pairs.len() == names.len() * (names.len() - 1) / 2;
    let by_names: HashMap<(&str, &str), &Pair> =
        pairs.iter().flat_map(|p| [((&*p.ours, &*p.theirs), p), ((&*p.theirs, &*p.ours), p)]).collect();
    let whole = complete && by_names.len() == 2 * pairs.len();
    let verdicts = if whole { triangle(&names, &by_names, width) } else { listed(pairs, width) };
    [verdicts, conflicts(pairs, width), unknown(pairs), closing(pairs)].concat()
}

/// The names in the order they appear.
fn sides(pairs: &[Pair]) -> Vec<&str> {
    let mut seen = HashSet::new();
    pairs.iter().flat_map(|pair| [pair.ours.as_str(), &pair.theirs]).filter(|name| seen.insert(*name)).collect()
}

/// Rows are named; columns are named where the names fit, and numbered else. What is too wide goes into several blocks.
fn triangle(names: &[&str], pairs: &HashMap<(&str, &str), &Pair>, width: usize) -> String {
    let shown: Vec<String> = names.iter().map(|name| cut_middle(&one_line(name), NAME)).collect();
    let widest = shown.iter().map(|name| width_of(name)).max().unwrap_or(0);
    let digits = names.len().to_string().len();
    let named = widest + shown.iter().map(|name| width_of(name).max(1) + GAP).sum::<usize>() <= width;
    let titles: Vec<String> = match named {
        true => shown.clone(),
        false => (1..=names.len()).map(|number| number.to_string()).collect(),
    };
    let label = |row: usize| match named {
        true => padded(&shown[row], widest),
        false => format!("{:>digits$} {}", row + 1, padded(&shown[row], widest)),
    };
    let cell = |at: usize| width_of(&titles[at]).max(if named { 1 } else { digits.max(2) }) + GAP;

    let mut out = String::new();
    let mut start = 0;
    while start < names.len() {
        let mut room = width.saturating_sub(width_of(&label(0)));
        let fits = |at: &usize| {
            room.checked_sub(cell(*at)).is_some_and(|rest| {
                room = rest;
                true
            })
        };
        let end = (start..names.len()).take_while(fits).last().unwrap_or(start) + 1;
        let head: String = (start..end).map(|at| right(&titles[at], FAINT, cell(at))).collect();
        out.push_str(&format!("{}{head}\n", " ".repeat(width_of(&label(0)))));
        for row in start..names.len() {
            out.push_str(&paint(STRONG, label(row)));
            for at in start..end.min(row + 1) {
                let (symbol, style) = symbol(pairs.get(&(names[row], names[at])).copied());
                out.push_str(&right(&symbol, style, cell(at)));
            }
            out.push('\n');
        }
        out.push('\n');
        start = end;
    }
    out + &legend(pairs.values().copied())
}

fn right(text: &str, style: anstyle::Style, width: usize) -> String {
    format!("{}{}", " ".repeat(width.saturating_sub(width_of(text))), paint(style, text))
}

fn symbol(pair: Option<&Pair>) -> (String, anstyle::Style) {
    match pair.map(|pair| (pair.verdict, pair.conflicts.len())) {
        None => ("-".to_owned(), FAINT),
        Some((Verdict::Disjoint | Verdict::Clean, _)) => (".".to_owned(), GOOD),
        Some((Verdict::Conflict, number)) => (number.to_string(), BAD),
        Some((Verdict::Unknown, _)) => ("?".to_owned(), CARE),
    }
}

fn legend<'a>(pairs: impl Iterator<Item = &'a Pair>) -> String {
    let (mut conflict, mut unknown) = (false, false);
    for pair in pairs {
        conflict |= pair.verdict == Verdict::Conflict;
        unknown |= pair.verdict == Verdict::Unknown;
    }
    let mut parts = vec![". clean"];
    parts.extend(conflict.then_some("n paths conflict"));
    parts.extend(unknown.then_some("? unknown"));
    format!("{}\n", paint(FAINT, parts.join("   ")))
}

/// One line a pair, in the order they were asked for.
fn listed(pairs: &[Pair], width: usize) -> String {
    let columns = [
        Column { title: "", align: Align::Left, give: Give::Never },
        Column { title: "", align: Align::Left, give: Give::Shorten },
        Column { title: "", align: Align::Left, give: Give::Shorten },
    ];
    let style = |verdict| match verdict {
        Verdict::Disjoint | Verdict::Clean => GOOD,
        Verdict::Conflict => BAD,
        Verdict::Unknown => CARE,
    };
    let row = |pair: &Pair| {
        vec![
            Cell::styled(pair.verdict.name(), style(pair.verdict)),
            Cell::new(one_line(&pair.ours)),
            Cell::new(one_line(&pair.theirs)),
        ]
    };
    list(&columns, &pairs.iter().map(row).collect::<Vec<_>>(), "", width)
}

fn conflicts(pairs: &[Pair], width: usize) -> String {
    let columns = [
        Column { title: "", align: Align::Left, give: Give::Shorten },
        Column { title: "", align: Align::Left, give: Give::Never },
        Column { title: "", align: Align::Left, give: Give::End },
    ];
    let mut out = String::new();
    for pair in pairs.iter().filter(|pair| pair.verdict == Verdict::Conflict) {
        out.push('\n');
        out.push_str(&super::conflicts::heading(pair));
        let row = |conflict: &crate::report::model::Conflict| {
            let (ours, theirs) = (ranges(&conflict.ours_lines), ranges(&conflict.theirs_lines));
            let lines = if ours.is_empty() { ours } else { format!("{ours} | {theirs}") };
            let kind = Cell::styled(one_line(&conflict.kind), BAD);
            vec![Cell::styled(conflict_path(conflict), PLAIN), kind, Cell::styled(lines, FAINT)]
        };
        out.push_str(&list(&columns, &pair.conflicts.iter().map(row).collect::<Vec<_>>(), "  ", width));
    }
    out
}

fn unknown(pairs: &[Pair]) -> String {
    let mut out = String::new();
    for pair in pairs.iter().filter(|pair| pair.verdict == Verdict::Unknown) {
        let reason = pair.reason.as_deref().unwrap_or("no reason is known");
        out.push_str(&format!("\n{}  {}\n", super::conflicts::heading(pair), paint(CARE, one_line(reason))));
    }
    out
}

fn closing(pairs: &[Pair]) -> String {
    let number = |verdict| pairs.iter().filter(|pair| pair.verdict == verdict).count();
    let clean = number(Verdict::Disjoint) + number(Verdict::Clean);
    let mut parts = vec![format!("{clean} of {} clean", count(pairs.len(), "pair"))];
    parts.extend((number(Verdict::Conflict) > 0).then(|| format!("{} in conflict", number(Verdict::Conflict))));
    parts.extend((number(Verdict::Unknown) > 0).then(|| format!("{} unknown", number(Verdict::Unknown))));
    let first = pairs.iter().find(|pair| pair.verdict == Verdict::Conflict);
    let next = first.map_or_else(String::new, |pair| {
        let command = format!("tracks show {} {}", one_line(&pair.ours), one_line(&pair.theirs));
        format!("{} {}\n", paint(FAINT, "next:"), paint(HINT, command))
    });
    format!("\n{}\n{next}", parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::super::plain;
    use crate::report::model::{Pair, Report, Verdict};
    use crate::report::{Details, sample};
    use snapbox::{IntoData, assert_data_eq, str};

    fn matrix(pairs: Option<Vec<Pair>>, width: usize) -> String {
        plain(&Report { pairs, ..Report::new("matrix") }, &Details::default(), width)
    }

    fn clean(ours: String, theirs: String) -> Pair {
        let (conflicts, uncommitted) = (Vec::new(), Vec::new());
        Pair { ours, theirs, verdict: Verdict::Clean, conflicts, uncommitted, tree: None, reason: None }
    }

    #[test]
    fn names_fit() {
        assert_data_eq!(
            matrix(sample::report().pairs, 80),
            str![[r#"
      main  a  b  c
main     -
a        .  -
b        .  2  -
c        ?  ?  .  -

. clean   n paths conflict   ? unknown

a and b  with uncommitted work of a
  api/agents/list.ts       content        8-9, 98-120, 140 | 8, 97, 120
  docs/caf\xe9\x1b[31m.md  modify-delete

main and c
  no common ancestor

a and c  with uncommitted work of a
  no common ancestor

3 of 6 pairs clean, 1 in conflict, 2 unknown
next: tracks show a b

"#]]
            .raw()
        );
    }

    #[test]
    fn names_do_not_fit_nor_all_the_columns() {
        let name = |n: usize| format!("origin/feature/a-long-name-for-a-branch-{n}");
        let pairs = (1..=13).flat_map(|a| (a + 1..=13).map(move |b| clean(name(a), name(b)))).collect();
        assert_data_eq!(
            matrix(Some(pairs), 60),
            str![[r#"
                                    1   2   3   4   5   6
 1 origin/fe…-name-for-a-branch-1   -
 2 origin/fe…-name-for-a-branch-2   .   -
 3 origin/fe…-name-for-a-branch-3   .   .   -
 4 origin/fe…-name-for-a-branch-4   .   .   .   -
 5 origin/fe…-name-for-a-branch-5   .   .   .   .   -
 6 origin/fe…-name-for-a-branch-6   .   .   .   .   .   -
 7 origin/fe…-name-for-a-branch-7   .   .   .   .   .   .
 8 origin/fe…-name-for-a-branch-8   .   .   .   .   .   .
 9 origin/fe…-name-for-a-branch-9   .   .   .   .   .   .
10 origin/fe…name-for-a-branch-10   .   .   .   .   .   .
11 origin/fe…name-for-a-branch-11   .   .   .   .   .   .
12 origin/fe…name-for-a-branch-12   .   .   .   .   .   .
13 origin/fe…name-for-a-branch-13   .   .   .   .   .   .

                                    7   8   9  10  11  12
 7 origin/fe…-name-for-a-branch-7   -
 8 origin/fe…-name-for-a-branch-8   .   -
 9 origin/fe…-name-for-a-branch-9   .   .   -
10 origin/fe…name-for-a-branch-10   .   .   .   -
11 origin/fe…name-for-a-branch-11   .   .   .   .   -
12 origin/fe…name-for-a-branch-12   .   .   .   .   .   -
13 origin/fe…name-for-a-branch-13   .   .   .   .   .   .

                                   13
13 origin/fe…name-for-a-branch-13   -

. clean

78 of 78 pairs clean

"#]]
            .raw()
        );
    }

    #[test]
    fn chosen_pairs_are_a_list() {
        let mut pairs = sample::report().pairs.expect("computed");
        pairs.remove(1);
        assert_data_eq!(
            matrix(Some(pairs), 60),
            str![[r#"
disjoint  main  a
unknown   main  c
conflict  a     b
unknown   a     c
disjoint  b     c

a and b  with uncommitted work of a
  api/agents/list.ts       content        8-9, 98-120, 140 …
  docs/caf\xe9\x1b[31m.md  modify-delete

main and c
  no common ancestor

a and c  with uncommitted work of a
  no common ancestor

2 of 5 pairs clean, 1 in conflict, 2 unknown
next: tracks show a b

"#]]
            .raw()
        );
    }

    #[test]
    fn nothing_to_compare() {
        assert_data_eq!(
            matrix(Some(Vec::new()), 80),
            str![[r#"
nothing to compare: it takes two sides

"#]]
            .raw()
        );
    }
}
