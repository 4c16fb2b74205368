//! `tracks order`: waves, the place of every track, what that costs, and what can land now.

use super::lines::one_line;
use super::style::{BAD, CARE, FAINT, GOOD, STRONG, cut, of_state, paint, width_of, wrapped};
use super::sync::number;
use super::table::{Align, Cell, Column, Give, table};
use crate::report::landing;
use crate::report::model::{Place, Preflight, PreflightVerdict, Report};

const COLUMNS: [Column; 6] = [
    Column { title: "wave", align: Align::Right, give: Give::Leave(1) },
    Column { title: "place", align: Align::Right, give: Give::Never },
    Column { title: "track", align: Align::Left, give: Give::Never },
    Column { title: "state", align: Align::Left, give: Give::Leave(2) },
    Column { title: "cost", align: Align::Right, give: Give::Never },
    Column { title: "because", align: Align::Left, give: Give::End },
];

/// What all columns but that of the track and the last take, with the gaps between them.
const FIGURES: usize = 33;
/// A sentence of this length says something.
const SENTENCE: usize = 24;

/// The order as a table, with what it costs and what can land now.
pub fn render(report: &Report, width: usize) -> String {
    if let Some(checks) = &report.preflight {
        return preflight(checks, width);
    }
    let places = report.order.as_deref().unwrap_or_default();
    if places.is_empty() {
        return "nothing to land\n".to_owned();
    }
    let lines: Vec<String> = landing::lines(report).iter().map(|(label, text)| entry(label, text, width)).collect();
    let lines = lines.concat();
    let gap = if lines.is_empty() { "" } else { "\n" };
    format!("{}{gap}{lines}", rows(places, width))
}

/// A verdict and what it is about, a check each.
fn preflight(checks: &[Preflight], width: usize) -> String {
    let style = |verdict| match verdict {
        PreflightVerdict::Pass => GOOD,
        PreflightVerdict::Fail => BAD,
        PreflightVerdict::NotChecked => CARE,
    };
    let check = |(verdict, text): (PreflightVerdict, String)| {
        let lines = wrapped(&one_line(&text), width.saturating_sub(13));
        let line = |(at, line): (usize, &String)| match at {
            0 => format!("{}  {line}\n", paint(style(verdict), format!("{:11}", verdict.name()))),
            _ => format!("{:13}{line}\n", ""),
        };
        lines.iter().enumerate().map(line).collect::<String>()
    };
    landing::preflight(checks).into_iter().map(check).collect()
}

/// A label and text, broken into lines.
fn entry(label: &str, text: &str, width: usize) -> String {
    let lines = wrapped(&format!("{label}: {}", one_line(text)), width);
    let painted = |(at, line): (usize, &String)| match line.strip_prefix(label).and_then(|rest| rest.strip_prefix(':'))
    {
        Some(rest) if at == 0 => format!("{}{rest}\n", paint(FAINT, format!("{label}:"))),
        _ => format!("{line}\n"),
    };
    lines.iter().enumerate().map(painted).collect()
}

fn rows(places: &[Place], width: usize) -> String {
    let widest = places.iter().map(|place| width_of(&one_line(&place.track))).max().unwrap_or(0);
    // Cut here, so that a long reason drives no column out.
    let room = width.saturating_sub(FIGURES + widest.max(5)).max(SENTENCE);
    let row = |place: &Place| {
        vec![
            Cell::new(place.wave.to_string()),
            Cell::new(place.place.map_or_else(|| "-".to_owned(), |n| n.to_string())),
            Cell::styled(one_line(&place.track), STRONG),
            Cell::styled(place.state.name(), of_state(place.state)),
            number(Some(place.cost.unwrap_or(0))),
            Cell::new(cut(&one_line(&place.because), room)),
        ]
    };
    table(&COLUMNS, &places.iter().map(row).collect::<Vec<_>>(), "", width)
}

#[cfg(test)]
mod tests {
    use super::super::plain;
    use crate::report::model::{Landable, OrderCost, Place, Report, State};
    use crate::report::{Details, Format, render};
    use snapbox::{IntoData, assert_data_eq, str};

    fn report() -> Report {
        let place = |track: &str, (wave, place), state, because: &str| Place {
            track: track.into(),
            wave,
            place,
            state,
            because: because.into(),
            cost: place.map(|at| at - 1),
            then_costs: Vec::new(),
            ready: state == State::Ready,
            blocked_by: Vec::new(),
            conflicts_with: Vec::new(),
        };
        let order = vec![
            place("a", (1, Some(1)), State::Ready, "lands before what it conflicts with"),
            place("b", (1, Some(2)), State::Conflicted, "1 path against a"),
            place("c", (2, None), State::Blocked, "depends on d, which cannot land\u{1b}"),
        ];
        Report {
            order: Some(order),
            landable: Some(Landable { tracks: vec!["a".into()], exact: false }),
            order_cost: Some(OrderCost { proposed: Some(1), given: Some(2), exact: true, discarded: None }),
            ..Report::new("order")
        }
    }

    #[test]
    fn nothing_left() {
        assert_data_eq!(
            plain(&Report { order: Some(Vec::new()), ..report() }, &Details::default(), 80),
            str![[r#"
nothing to land

"#]]
        );
    }

    #[test]
    fn waves() {
        assert_data_eq!(
            plain(&report(), &Details::default(), 80),
            str![[r#"
wave  place  track  state       cost  because
   1      1  a      ready             lands before what it conflicts with
   1      2  b      conflicted     1  1 path against a
   2      -  c      blocked           depends on d, which cannot land\x1b

cost: 1 path; 2 paths in the order that priorities give
can land now without a conflict: at least a
ready: a

"#]]
            .raw()
        );
        assert_data_eq!(
            plain(&report(), &Details::default(), 40),
            str![[r#"
place  track  cost  because
    1  a            lands before what i…
    2  b         1  1 path against a
    -  c            depends on d, which…

cost: 1 path; 2 paths in the order that
priorities give
can land now without a conflict: at
least a
ready: a

"#]]
            .raw()
        );
    }

    #[test]
    fn as_markdown() {
        assert_data_eq!(
            render(&report(), &Details::default(), Format::Markdown, 80),
            str![[r#"
### Order

| wave | place | track | state | cost | because |
| --- | --- | --- | --- | --- | --- |
| 1 | 1 | a | ready | 0 | lands before what it conflicts with |
| 1 | 2 | b | conflicted | 1 | 1 path against a |
| 2 | - | c | blocked |  | depends on d, which cannot land\\x1b |

- cost: 1 path; 2 paths in the order that priorities give
- can land now without a conflict: at least a
- ready: a

"#]]
            .raw()
        );
    }
}
