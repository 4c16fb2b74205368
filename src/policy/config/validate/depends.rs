//! What tracks wait for: `depends-on` names declared tracks, and nobody waits for itself.

use std::collections::BTreeMap;

use crate::policy::config::known::meant;
use crate::policy::config::model::Config;
use crate::policy::config::problem::{ENOUGH, Place, Problem, clipped, quoted};

pub(super) fn check(config: &Config, found: &mut Vec<Problem>) {
    for (id, table) in &config.tracks {
        if found.len() > ENOUGH {
            return;
        }
        for (at, other) in table.depends_on.iter().enumerate() {
            let place = || Place::of(["tracks", id, "depends-on"]).item(at);
            if other == id {
                found.push(Problem::value(place(), format!("track {} depends on itself", quoted(id))));
            } else if !config.tracks.contains_key(other) {
                found.push(Problem::value(place(), unknown(config, other)));
            }
        }
    }
    if let Some(cycle) = cycle(config) {
        let names: Vec<String> = cycle.iter().chain(cycle.first()).map(|id| quoted(id)).collect();
        let place = Place::of(["tracks", cycle[0], "depends-on"]);
        found.push(Problem::value(place, format!("tracks wait for each other: {}", clipped(&names.join(" → "), 300))));
    }
}

/// The message about a track that is not declared.
pub(super) fn unknown(config: &Config, name: &str) -> String {
    format!("no track {} is declared{}", quoted(name), meant(name, config.tracks.keys().map(String::as_str)))
}

/// The ids of one cycle, beginning with the smallest of what is left when everything that can land has landed.
fn cycle(config: &Config) -> Option<Vec<&str>> {
    let waiting = stuck(config);
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut walk = Vec::new();
    let mut at = waiting.keys().next().copied()?;
    loop {
        if let Some(first) = seen.insert(at, walk.len()) {
            return Some(walk.split_off(first));
        }
        walk.push(at);
        at = waiting.get(at)?.iter().copied().find(|next| waiting.contains_key(next))?;
    }
}

/// The tracks that can never land, each with what it waits for. No recursion: a chain may be as long as the file.
fn stuck(config: &Config) -> BTreeMap<&str, Vec<&str>> {
    let mut waiting: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut told: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (id, table) in &config.tracks {
        let known = table.depends_on.iter().filter(|on| *on != id && config.tracks.contains_key(*on));
        let on: Vec<&str> = known.map(String::as_str).collect();
        on.iter().for_each(|on| told.entry(on).or_default().push(id));
        waiting.insert(id, on);
    }
    let mut left: BTreeMap<&str, usize> = waiting.iter().map(|(id, on)| (*id, on.len())).collect();
    let mut landed: Vec<&str> = left.iter().filter(|(_, left)| **left == 0).map(|(id, _)| *id).collect();
    while let Some(id) = landed.pop() {
        waiting.remove(id);
        for next in told.get(id).into_iter().flatten() {
            let left = left.get_mut(next).expect("every track is counted");
            *left -= 1;
            if *left == 0 {
                landed.push(next);
            }
        }
    }
    waiting
}

#[cfg(test)]
mod tests {
    use super::super::tests::{all, hold};

    #[test]
    fn depends_on() {
        hold(&[
            ("[tracks.a]\ndepends-on=['a']", &["2:13: track `a` depends on itself"]),
            (
                "[tracks.auth]\n[tracks.b]\ndepends-on=['auth', 'aut', 'x']",
                &["3:21: no track `aut` is declared, did you mean `auth`?", "3:28: no track `x` is declared"],
            ),
            ("[tracks.a]\ndepends-on=['b', 'b']\n[tracks.b]\n[tracks.c]\ndepends-on=['b','a']", &[]),
            (
                "[tracks.a]\ndepends-on=['b']\n[tracks.b]\ndepends-on=['d', 'c']\n[tracks.c]\ndepends-on=['b']\n[tracks.d]",
                &["4:12: tracks wait for each other: `b` → `c` → `b`"],
            ),
        ]);
    }

    #[test]
    fn a_long_chain_is_no_deep_recursion() {
        let chain = |from: usize| {
            (from..2_000)
                .map(|n| format!("[tracks.t{n}]\ndepends-on=['t{}']\n", n.saturating_sub(1)))
                .collect::<String>()
        };
        assert_eq!(all(&format!("[tracks.t0]\n{}", chain(1))), Vec::<String>::new());
        let lost: String = (0..2_000).map(|n| format!("[tracks.t{n}]\ndepends-on=['lost']\n")).collect();
        assert_eq!(all(&lost).len(), 9);
    }
}
