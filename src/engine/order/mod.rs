//! In which order tracks land: as declared (after what they depend on, then by priority, then by id), and at the least
//! cost (`plan`).

mod because;
mod cheapest;
mod landable;
mod largest;
mod plan;
mod waves;

use std::collections::BTreeMap;

use crate::model::TrackId;
use crate::policy::config::{Config, TrackTable};

pub use plan::{Field, plan};

/// The ids of all declared tracks in landing order. The configuration has no cycles (it was checked).
pub fn landing_order(config: &Config) -> Vec<TrackId> {
    let mut waiting: BTreeMap<(u32, &str), &[String]> = BTreeMap::new();
    for (id, table) in &config.tracks {
        waiting.insert((priority(table), id), &table.depends_on);
    }
    let mut order: Vec<TrackId> = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let landed = |id: &String| order.iter().any(|done| done.as_str() == id) || !config.tracks.contains_key(id);
        let next = waiting.iter().find(|(_, depends_on)| depends_on.iter().all(landed)).map(|(key, _)| *key);
        let next = next.or_else(|| waiting.keys().next().copied()).expect("the loop ends when nothing waits");
        waiting.remove(&next);
        order.push(TrackId::new(next.1).expect("ids of the configuration were checked"));
    }
    order
}

/// Who wins a tie: the smaller number, and a track with none comes last.
fn priority(table: &TrackTable) -> u32 {
    table.priority.unwrap_or(u32::MAX)
}

/// The tracks that `id` depends on, as declared.
pub fn dependencies(config: &Config, id: &TrackId) -> Vec<TrackId> {
    let declared = config.tracks.get(id.as_str()).map_or(&[][..], |table| &table.depends_on);
    declared.iter().filter_map(|id| TrackId::new(id).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::landing_order;
    use crate::policy::config::Config;

    #[test]
    fn dependencies_come_first_then_priority_then_id() {
        let text = "[tracks.a]\ndepends-on = ['c']\npriority = 1\n[tracks.b]\n[tracks.c]\n[tracks.d]\npriority = 2\n";
        let config = Config::parse(text, "tracks.toml").expect("valid");
        let order: Vec<String> = landing_order(&config).iter().map(ToString::to_string).collect();
        assert_eq!(order, ["d", "b", "c", "a"]);
    }
}
