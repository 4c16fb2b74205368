//! In which order tracks land: as declared (after what they depend on, then by priority, then by id), and at the least
//! cost (`plan`).

mod because;
mod cheapest;
mod landable;
mod largest;
mod needs;
mod plan;
mod waves;

use std::collections::{BTreeMap, BTreeSet};

use crate::model::TrackId;
use crate::policy::config::model::Contract;
use crate::policy::config::{Config, TrackTable};

pub use plan::{Field, plan};

/// The ids of all declared tracks in landing order: each after what it depends on and after who owns the contracts that it
/// builds on, then by priority, then by id.
pub fn landing_order(config: &Config) -> Vec<TrackId> {
    landing_order_with(config, &[])
}

/// The same, where tracks need others besides: who, and whom. Declared dependencies have no cycles (they were checked);
/// what else would close one does not count.
pub fn landing_order_with(config: &Config, besides: &[(TrackId, TrackId)]) -> Vec<TrackId> {
    let needs = all_needs(config, besides);
    let key = |(id, table): (&'_ String, &TrackTable)| (priority(table), id.clone());
    let mut waiting: BTreeSet<(u32, String)> = config.tracks.iter().map(key).collect();
    let mut order: Vec<TrackId> = Vec::with_capacity(waiting.len());
    let mut done: BTreeSet<String> = BTreeSet::new();
    while !waiting.is_empty() {
        let is_free = |(_, id): &&(u32, String)| {
            needs.get(id.as_str()).is_none_or(|needs| needs.iter().all(|it| done.contains(*it)))
        };
        let next = waiting.iter().find(is_free).or(waiting.first()).cloned().expect("the loop ends when nothing waits");
        waiting.remove(&next);
        order.push(TrackId::new(&next.1).expect("ids of the configuration were checked"));
        done.insert(next.1);
    }
    order
}

/// What each declared track has to land after, as far as that closes no circle.
fn all_needs<'a>(config: &'a Config, besides: &'a [(TrackId, TrackId)]) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let mut needs: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let is_declared = |id: &str| config.tracks.contains_key(id);
    for (id, table) in &config.tracks {
        needs.entry(id).or_default().extend(table.depends_on.iter().map(String::as_str).filter(|id| is_declared(id)));
    }
    let by_contract =
        |contract: &'a Contract| contract.consumers.iter().map(|who| (who.as_str(), contract.track.as_str()));
    let by_contract = config.contracts.values().flat_map(by_contract);
    let besides = besides.iter().map(|(who, whom)| (who.as_str(), whom.as_str()));
    for (who, whom) in by_contract.chain(besides).filter(|(who, whom)| is_declared(who) && is_declared(whom)) {
        if !comes_to(&needs, whom, who) {
            needs.entry(who).or_default().insert(whom);
        }
    }
    needs
}

/// Whether a track needs another, be it through others, or is that one.
fn comes_to(needs: &BTreeMap<&str, BTreeSet<&str>>, from: &str, to: &str) -> bool {
    let (mut seen, mut waiting) = (BTreeSet::new(), vec![from]);
    while let Some(id) = waiting.pop() {
        if id == to {
            return true;
        }
        if seen.insert(id) {
            waiting.extend(needs.get(id).into_iter().flatten());
        }
    }
    false
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

/// The tracks that `id` depends on, be it through others, as declared.
pub fn all_dependencies(config: &Config, id: &TrackId) -> BTreeSet<TrackId> {
    let (mut found, mut waiting) = (BTreeSet::new(), dependencies(config, id));
    while let Some(id) = waiting.pop() {
        if found.insert(id.clone()) {
            waiting.extend(dependencies(config, &id));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{landing_order, landing_order_with};
    use crate::model::TrackId;
    use crate::policy::config::Config;

    #[test]
    fn dependencies_come_first_then_priority_then_id() {
        let text = "[tracks.a]\ndepends-on = ['c']\npriority = 1\n[tracks.b]\n[tracks.c]\n[tracks.d]\npriority = 2\n";
        let config = Config::parse(text, "tracks.toml").expect("valid");
        let order: Vec<String> = landing_order(&config).iter().map(ToString::to_string).collect();
        assert_eq!(order, ["d", "b", "c", "a"]);
    }

    #[test]
    fn whoever_builds_on_a_contract_comes_after_its_owner() {
        let text = "[tracks.a]\n[tracks.b]\n[tracks.c]\n\
                    [contracts.x]\ntrack = 'b'\npaths = ['x']\nconsumers = ['a']\n\
                    [contracts.y]\ntrack = 'a'\npaths = ['y']\nconsumers = ['b']\n";
        let config = Config::parse(text, "tracks.toml").expect("valid");
        let id = |id| TrackId::new(id).expect("valid");
        let order = |besides: &[(TrackId, TrackId)]| -> Vec<String> {
            landing_order_with(&config, besides).iter().map(ToString::to_string).collect()
        };
        assert_eq!(order(&[]), ["b", "a", "c"], "the second contract would close a circle");
        assert_eq!(order(&[(id("b"), id("c"))]), ["c", "b", "a"]);
    }
}
