//! Tracks that contracts and shared zones name, and regions of these.

use crate::policy::config::model::{Config, ZoneMode};
use crate::policy::config::problem::{ENOUGH, Place, Problem, quoted};

use super::depends::unknown;

pub(super) fn check(config: &Config, found: &mut Vec<Problem>) {
    let mut named = |place: Place, id: &str| {
        if found.len() <= ENOUGH && !config.tracks.contains_key(id) {
            found.push(Problem::value(place, unknown(config, id)));
        }
    };
    for (name, contract) in &config.contracts {
        let place = Place::of(["contracts", name]);
        named(place.key("track"), &contract.track);
        contract.consumers.iter().enumerate().for_each(|(at, id)| named(place.key("consumers").item(at), id));
    }
    for (name, zone) in &config.shared {
        zone.steward.iter().for_each(|id| named(Place::of(["shared", name, "steward"]), id));
    }
    for (name, zone) in &config.shared {
        if zone.mode == ZoneMode::Steward && zone.steward.is_none() {
            let message = format!("the zone {} has the mode `steward` and no steward", quoted(name));
            let help = "name one with `steward = \"…\"`, or set `mode` to \"append-only\" or \"open\"";
            found.push(Problem::key(Place::of(["shared", name]), message).help(help));
        }
        for (at, region) in zone.regions.iter().enumerate() {
            let place = Place::of(["shared", name, "regions"]).item(at);
            for (key, mark) in [("begin", &region.begin), ("end", &region.end)] {
                if mark.trim().is_empty() {
                    found.push(Problem::value(place.key(key), "a region needs a mark, which a line must hold"));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::hold;

    #[test]
    fn tracks_that_others_name() {
        hold(&[
            (
                "[tracks.auth]\n[contracts.c]\ntrack='aut'\npaths=['x']\nconsumers=['auth','b']",
                &["3:7: no track `aut` is declared, did you mean `auth`?", "5:19: no track `b` is declared"],
            ),
            ("[shared.s]\npaths=['x']", &["1:9: the zone `s` has the mode `steward` and no steward"]),
            ("[shared.s]\npaths=['x']\nsteward='a'", &["3:9: no track `a` is declared"]),
            ("[shared.s]\npaths=['x']\nmode='open'", &[]),
            (
                "[shared.s]\npaths=['x']\nmode='append-only'\nregions=[{begin='', end='x'}]",
                &["4:17: a region needs a mark, which a line must hold"],
            ),
        ]);
    }
}
