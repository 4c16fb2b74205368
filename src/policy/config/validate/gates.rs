//! Gates: their names, what they run with, and the figures that are read from what they print.

use std::collections::BTreeSet;

use crate::policy::config::model::{Config, Gate};
use crate::policy::config::problem::{ENOUGH, Place, Problem, quoted};
use crate::policy::config::units::regex;

use super::depends::unknown;
use super::values::not_a_time;

pub(super) fn check(config: &Config, found: &mut Vec<Problem>) {
    let mut names = BTreeSet::new();
    for (at, gate) in config.gates.iter().enumerate().take_while(|(at, _)| *at <= ENOUGH) {
        let place = Place::of(["gates"]).item(at);
        if gate.name.trim().is_empty() {
            found.push(Problem::value(place.key("name"), "the gate has no name"));
        } else if !names.insert(&gate.name) {
            let message = format!("there are two gates {}", quoted(&gate.name));
            found.push(Problem::value(place.key("name"), message));
        }
        if gate.run.trim().is_empty() {
            found.push(Problem::value(place.key("run"), "there is nothing to run"));
        }
        let time = gate.timeout.as_deref().and_then(not_a_time);
        found.extend(time.map(|why| Problem::value(place.key("timeout"), why)));
        let undeclared = gate.tracks.iter().enumerate().filter(|(_, id)| !config.tracks.contains_key(*id));
        found.extend(undeclared.map(|(at, id)| Problem::value(place.key("tracks").item(at), unknown(config, id))));
        variables(gate, &place, found);
        figures(gate, &place, found);
    }
    if config.sync.pool_max == Some(0) {
        let message = "gates run in at least one worktree";
        found.push(Problem::value(Place::of(["sync", "pool-max"]), message));
    }
}

fn variables(gate: &Gate, place: &Place, found: &mut Vec<Problem>) {
    for (name, value) in &gate.env {
        let place = place.key("env").key(name);
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) || !name.bytes().all(is_plain) {
            found.push(Problem::key(place, format!("{} is no name of a variable", quoted(name))));
        } else if name.starts_with("TRACKS_") {
            found.push(Problem::key(place, "variables that begin with `TRACKS_` are set by tracks"));
        } else if value.contains('\0') {
            found.push(Problem::value(place, "the value holds a zero byte"));
        }
    }
}

fn figures(gate: &Gate, place: &Place, found: &mut Vec<Problem>) {
    for (name, pattern) in &gate.capture {
        let why = match regex(pattern) {
            Err(why) => format!("this regular expression cannot be used: {why}"),
            Ok(regex) if regex.captures_len() < 2 => "the pattern has no group, which is to be the figure".to_owned(),
            Ok(_) => continue,
        };
        found.push(Problem::value(place.key("capture").key(name), why));
    }
    for (key, bounds) in [("min", &gate.min), ("max", &gate.max)] {
        for (name, bound) in bounds {
            let place = place.key(key).key(name);
            if !gate.capture.contains_key(name) {
                found.push(Problem::key(place, format!("no figure {} is read by `capture`", quoted(name))));
            } else if !bound.is_finite() {
                found.push(Problem::value(place, "a bound has to be a number"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::hold;

    #[test]
    fn names_commands_and_times() {
        hold(&[
            ("[[gates]]\nname=''\nrun=' '", &["2:6: the gate has no name", "3:5: there is nothing to run"]),
            ("[[gates]]\nname='x'\nrun='y'\n[[gates]]\nname='x'\nrun='y'", &["5:6: there are two gates `x`"]),
            (
                "[[gates]]\nname='x'\nrun='y'\ntimeout='ten'",
                &["4:9: `ten` is no length of time such as `30s`, `10m`, `4h`, `2d` or `1w`"],
            ),
            ("[[gates]]\nname='x'\nrun='y'\ntracks=['a']", &["4:9: no track `a` is declared"]),
            ("[sync]\npool-max=0", &["2:10: gates run in at least one worktree"]),
        ]);
    }

    #[test]
    fn variables_and_figures() {
        hold(&[
            ("[[gates]]\nname='x'\nrun='y'\nenv={A_1='b', b=''}", &[]),
            ("[[gates]]\nname='x'\nrun='y'\nenv={'A B'='c'}", &["4:6: `A B` is no name of a variable"]),
            ("[[gates]]\nname='x'\nrun='y'\nenv={1A='c'}", &["4:6: `1A` is no name of a variable"]),
            (
                "[[gates]]\nname='x'\nrun='y'\nenv={TRACKS_ID='c'}",
                &["4:6: variables that begin with `TRACKS_` are set by tracks"],
            ),
            (
                "[[gates]]\nname='x'\nrun='y'\ncapture={c='cov: [0-9]+'}",
                &["4:12: the pattern has no group, which is to be the figure"],
            ),
            ("[[gates]]\nname='x'\nrun='y'\ncapture={c='cov: (\\d+)'}\nmin={c=80}\nmax={c=100.5}", &[]),
            ("[[gates]]\nname='x'\nrun='y'\nmin={c=80}", &["4:6: no figure `c` is read by `capture`"]),
            ("[[gates]]\nname='x'\nrun='y'\ncapture={c='(x)'}\nmax={c=inf}", &["5:8: a bound has to be a number"]),
        ]);
    }
}
