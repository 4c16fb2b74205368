//! What an order costs and what can land now, as sentences for every format that people read.

use super::model::{OrderCost, Report};
use crate::model::text::count;

/// The sentences, each with its label; none where nothing is to land.
pub(super) fn lines(report: &Report) -> Vec<(&'static str, String)> {
    let placed = report.order.iter().flatten().any(|place| place.place.is_some());
    let cost = report.order_cost.as_ref().filter(|_| placed).map(|costs| ("cost", cost(costs)));
    let is_open = report.order.as_ref().is_some_and(|order| !order.is_empty());
    let landable = report.landable.as_ref().filter(|_| is_open).map(|landable| {
        let tracks = if landable.tracks.is_empty() { "nothing".to_owned() } else { landable.tracks.join(", ") };
        let at_least = if landable.exact { "" } else { "at least " };
        ("can land now without a conflict", format!("{at_least}{tracks}"))
    });
    cost.into_iter().chain(landable).collect()
}

fn cost(costs: &OrderCost) -> String {
    let paths = |number: usize| count(number, "path");
    let bound = if costs.exact { "" } else { "; a better order may exist" };
    let cost = match (costs.proposed, costs.given, costs.discarded) {
        (None, ..) => "not known, since a merge could not be computed".to_owned(),
        (Some(cost), _, Some(other)) => format!(
            "{}; this is the order that priorities give, since the one that looked better costs {} when merged",
            paths(cost),
            paths(other)
        ),
        (Some(cost), Some(given), _) if cost == given => {
            format!("{}, as many as in the order that priorities give", paths(cost))
        }
        (Some(cost), Some(given), _) => format!("{}; {} in the order that priorities give", paths(cost), paths(given)),
        (Some(cost), None, _) => format!("{}; not known in the order that priorities give", paths(cost)),
    };
    cost + bound
}

#[cfg(test)]
mod tests {
    use super::cost;
    use crate::report::model::OrderCost;

    #[test]
    fn every_cost() {
        let costs = OrderCost { proposed: Some(1), given: Some(2), exact: true, discarded: None };
        assert_eq!(cost(&costs), "1 path; 2 paths in the order that priorities give");
        let bound = OrderCost { exact: false, ..costs };
        assert_eq!(cost(&bound), "1 path; 2 paths in the order that priorities give; a better order may exist");
        assert_eq!(
            cost(&OrderCost { given: Some(1), ..costs }),
            "1 path, as many as in the order that priorities give"
        );
        assert_eq!(cost(&OrderCost { given: None, ..costs }), "1 path; not known in the order that priorities give");
        assert_eq!(
            cost(&OrderCost { given: Some(1), discarded: Some(3), ..costs }),
            "1 path; this is the order that priorities give, since the one that looked better costs 3 paths when merged"
        );
        assert_eq!(
            cost(&OrderCost { proposed: None, given: None, ..costs }),
            "not known, since a merge could not be computed"
        );
    }
}
