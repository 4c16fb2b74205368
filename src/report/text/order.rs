//! `tracks order`: waves, and the place of every track.

use super::lines::one_line;
use super::style::{FAINT, HINT, STRONG, of_state, paint};
use super::table::{Align, Cell, Column, Give, table};
use crate::report::model::{Place, Report};

const COLUMNS: [Column; 6] = [
    Column { title: "wave", align: Align::Right, give: Give::Never },
    Column { title: "place", align: Align::Right, give: Give::Leave(2) },
    Column { title: "track", align: Align::Left, give: Give::Never },
    Column { title: "state", align: Align::Left, give: Give::Never },
    Column { title: "cost", align: Align::Right, give: Give::Leave(1) },
    Column { title: "because", align: Align::Left, give: Give::End },
];

/// The order as a table.
pub fn render(report: &Report, width: usize) -> String {
    let places = report.order.as_deref().unwrap_or_default();
    let Some(first) = places.iter().find(|place| place.place == Some(1)) else {
        return if places.is_empty() { "nothing to land\n".to_owned() } else { rows(places, width) };
    };
    let command = format!("tracks land {}", one_line(&first.track));
    format!("{}\n{} {}\n", rows(places, width), paint(FAINT, "next:"), paint(HINT, command))
}

fn rows(places: &[Place], width: usize) -> String {
    let row = |place: &Place| {
        vec![
            Cell::new(place.wave.to_string()),
            Cell::new(place.place.map_or_else(|| "-".to_owned(), |n| n.to_string())),
            Cell::styled(one_line(&place.track), STRONG),
            Cell::styled(place.state.name(), of_state(place.state)),
            Cell::new(place.cost.map_or_else(String::new, |n| n.to_string())),
            Cell::new(one_line(&place.because)),
        ]
    };
    table(&COLUMNS, &places.iter().map(row).collect::<Vec<_>>(), "", width)
}

#[cfg(test)]
mod tests {
    use super::super::plain;
    use crate::report::Details;
    use crate::report::model::{Place, Report, State};
    use snapbox::{IntoData, assert_data_eq, str};

    #[test]
    fn waves() {
        let place = |track: &str, wave, place, state, because: &str| Place {
            track: track.into(),
            wave,
            place,
            state,
            because: because.into(),
            cost: Some(0),
        };
        let order = vec![
            place("a", 1, Some(1), State::Ready, "nothing waits for it to be later"),
            place("b", 1, Some(2), State::Conflicted, "conflicts with a, which has the higher priority"),
            place("c", 2, None, State::Blocked, "b has not landed"),
        ];
        let report = Report { order: Some(order), ..Report::new("order") };
        assert_data_eq!(
            plain(&report, &Details::default(), 80),
            str![[r#"
wave  place  track  state       because
   1      1  a      ready       nothing waits for it to be later
   1      2  b      conflicted  conflicts with a, which has the higher priority
   2      -  c      blocked     b has not landed

next: tracks land a

"#]]
            .raw()
        );
    }
}
