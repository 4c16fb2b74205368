//! What an order costs and what can land now, as sentences for every format that people read.

use super::model::{OrderCost, Place, Preflight, PreflightVerdict, Report};
use crate::model::text::{count, list};

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
    let path = report.critical_path.as_deref().filter(|path| !path.is_empty());
    let path = path.map(|path| ("critical path", path.join(", then ")));
    cost.into_iter().chain(landable).chain(path).chain(standing(report.order.as_deref().unwrap_or_default())).collect()
}

/// Who is ready, blocked and conflicted, and what each landing costs those after it.
fn standing(places: &[Place]) -> Vec<(&'static str, String)> {
    let each = |say: &dyn Fn(&Place) -> Option<String>| places.iter().filter_map(say).collect::<Vec<_>>().join("; ");
    let reasons = |place: &Place| place.blocked_by.iter().map(|by| by.reason.clone()).collect::<Vec<_>>();
    let then = |place: &Place| {
        let costs = place.then_costs.iter().map(|then| format!("{} {}", then.track, count(then.paths, "path")));
        list(&costs.collect::<Vec<_>>())
    };
    let some = |text: String, place: &Place| (!text.is_empty()).then(|| format!("{}: {text}", place.track));
    let with = |place: &Place| format!("{} with {}", place.track, list(&place.conflicts_with));
    let ready = places
        .iter()
        .filter(|place| place.ready && place.blocked_by.is_empty())
        .map(|place| place.track.clone())
        .collect::<Vec<_>>();
    let lines = [
        ("ready", ready.join(", ")),
        ("blocked", each(&|place| some(list(&reasons(place)), place))),
        ("conflicted", each(&|place| (!place.conflicts_with.is_empty()).then(|| with(place)))),
        ("what a landing costs those after it", each(&|place| some(then(place), place))),
    ];
    lines.into_iter().filter(|(_, text)| !text.is_empty()).collect()
}

/// The check before a wave, a line each.
pub(super) fn preflight(checks: &[Preflight]) -> Vec<(PreflightVerdict, String)> {
    let line = |check: &Preflight| {
        let cure = check.cure.as_deref().map(|cure| format!("; {cure}")).unwrap_or_default();
        (check.verdict, format!("{}: {}{cure}", check.check, check.detail))
    };
    checks.iter().map(line).collect()
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
