//! What refers to rules: severities, waivers, forbidden patterns and the naming of migrations.

use std::collections::BTreeSet;

use crate::model::TrackId;
use crate::policy::config::known::{PRESETS, RULES, meant};
use crate::policy::config::model::{Config, Migrations};
use crate::policy::config::problem::{ENOUGH, Place, Problem, names, quoted};
use crate::policy::config::units::regex;

use super::values::{not_a_date, outside};

/// The one rule of the family `pattern` that is not named by a user.
const TAKEN: &str = "conflict-marker";

pub(super) fn check(config: &Config, found: &mut Vec<Problem>) {
    check_forbidden(config, found);
    check_rule_ids(config, found);
    for (at, waiver) in config.waivers.iter().enumerate() {
        let place = Place::of(["waivers"]).item(at);
        found.extend(not_a_date(&waiver.until).map(|why| Problem::value(place.key("until"), why)));
        if waiver.because.trim().is_empty() {
            found.push(Problem::value(place.key("because"), "a waiver needs a reason"));
        }
        if waiver.paths.is_empty() {
            found.push(Problem::value(place.key("paths"), "a waiver needs the paths it holds for"));
        }
    }
    if let Some(migrations) = &config.rules.migrations {
        check_migrations(migrations, found);
    }
}

fn check_forbidden(config: &Config, found: &mut Vec<Problem>) {
    let mut seen = BTreeSet::from([TAKEN]);
    for (at, forbidden) in config.rules.forbidden.iter().enumerate() {
        let place = Place::of(["rules", "forbidden"]).item(at);
        let shown = quoted(&forbidden.name);
        if let Err(why) = TrackId::new(&forbidden.name) {
            found.push(Problem::value(place.key("name"), format!("the name {shown} {why}")));
        } else if !seen.insert(&forbidden.name) {
            let message = format!("there is another rule `pattern.{}`", forbidden.name);
            found.push(Problem::value(place.key("name"), message));
        }
        if let Err(why) = regex(&forbidden.pattern) {
            found.push(Problem::value(place.key("pattern"), format!("this regular expression cannot be used: {why}")));
        }
    }
}

fn check_rule_ids(config: &Config, found: &mut Vec<Problem>) {
    let named: BTreeSet<String> = config.rules.forbidden.iter().map(|f| format!("pattern.{}", f.name)).collect();
    let unknown = |rule: &str| {
        let known = RULES.iter().copied().chain(named.iter().map(String::as_str));
        let message = || format!("there is no rule {}{}", quoted(rule), meant(rule, known));
        (!RULES.contains(&rule) && !named.contains(rule)).then(message)
    };
    let for_all = config.severity.keys().map(|rule| (Place::of(["severity", rule]), rule));
    let for_all = for_all.chain(config.exclude.keys().map(|rule| (Place::of(["exclude", rule]), rule)));
    let for_one = config.tracks.iter().flat_map(|(id, table)| {
        let severities = table.severity.keys().map(|rule| (Place::of(["tracks", id, "severity", rule]), rule));
        severities.chain(table.exclude.keys().map(|rule| (Place::of(["tracks", id, "exclude", rule]), rule)))
    });
    let severities = for_all.chain(for_one);
    found.extend(severities.filter_map(|(place, rule)| Some(Problem::key(place, unknown(rule)?))).take(ENOUGH));
    let waived =
        config.waivers.iter().enumerate().map(|(at, w)| (Place::of(["waivers"]).item(at).key("rule"), &w.rule));
    found.extend(waived.filter_map(|(place, rule)| Some(Problem::value(place, unknown(rule)?))).take(ENOUGH));
}

fn check_migrations(migrations: &Migrations, found: &mut Vec<Problem>) {
    let place = Place::of(["rules", "migrations"]);
    match (migrations.preset.as_deref(), migrations.pattern.as_deref()) {
        (None, None) => {
            let help = format!("presets: {}", names(PRESETS));
            found.push(Problem::value(place.clone(), "this needs a `preset` or a `pattern`").help(help));
        }
        (None, Some(_)) if migrations.directories.is_empty() => {
            found.push(Problem::value(place.clone(), "a `pattern` without a `preset` needs `directories`"));
        }
        _ => {}
    }
    if let Some(preset) = migrations.preset.as_deref().filter(|preset| !PRESETS.contains(preset)) {
        let message = format!("there is no preset {}{}", quoted(preset), meant(preset, PRESETS.iter().copied()));
        let help = format!("presets: {}", names(PRESETS));
        found.push(Problem::value(place.key("preset"), message).help(help));
    }
    let pattern = migrations.pattern.as_deref().and_then(not_a_pattern);
    found.extend(pattern.map(|why| Problem::value(place.key("pattern"), why)));
    let token = migrations.token.as_deref().and_then(not_a_token);
    found.extend(token.map(|why| Problem::value(place.key("token"), why)));
    let directories = migrations.directories.iter().enumerate();
    let directories = directories.filter_map(|(at, path)| Some((at, outside(path).filter(|_| path != ".")?)));
    found.extend(directories.map(|(at, why)| Problem::value(place.key("directories").item(at), why)));
}

fn not_a_pattern(pattern: &str) -> Option<String> {
    match regex(pattern) {
        Err(why) => Some(format!("this regular expression cannot be used: {why}")),
        Ok(regex) if regex.capture_names().flatten().any(|name| name == "v") => None,
        Ok(_) => Some("this regular expression has no group `v` for the version, such as `(?<v>[0-9]+)`".into()),
    }
}

/// A token names the track, once in either case, and is otherwise what a file name may hold.
fn not_a_token(token: &str) -> Option<String> {
    let plain = token.replacen("{track}", "", 1);
    let rest = if plain == token { token.replacen("{TRACK}", "", 1) } else { plain };
    if rest == token {
        return Some(format!("the token {} does not hold `{{track}}` or `{{TRACK}}`", quoted(token)));
    }
    let fits = rest.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    (!fits).then(|| format!("the token {} may hold only letters, digits, `_`, `-`, `.` and one track", quoted(token)))
}

#[cfg(test)]
mod tests {
    use super::super::tests::hold;

    #[test]
    fn rule_ids() {
        hold(&[
            ("[severity]\n'size.lines'='off'\n'pattern.conflict-marker'='info'", &[]),
            ("[severity]\n'size.line'='off'", &["2:1: there is no rule `size.line`, did you mean `size.lines`?"]),
            ("[severity]\n'pattern.x'='off'", &["2:1: there is no rule `pattern.x`"]),
            ("[severity]\n'pattern.x'='off'\n[[rules.forbidden]]\nname='x'\npattern='y'", &[]),
            (
                "[[waivers]]\nrule='size'\npaths=['x']\nuntil='soon'\nbecause=''",
                &[
                    "2:6: there is no rule `size`",
                    "4:7: `soon` is no date of the form `YYYY-MM-DD`",
                    "5:9: a waiver needs a reason",
                ],
            ),
        ]);
    }

    #[test]
    fn forbidden_patterns() {
        hold(&[
            (
                "[[rules.forbidden]]\nname='a b'\npattern='('",
                &[
                    "2:6: the name `a b` may hold only `a`–`z`, digits, `_` and `-`",
                    "3:9: this regular expression cannot be used: unclosed group",
                ],
            ),
            (
                "[[rules.forbidden]]\nname='x'\npattern='y'\n[[rules.forbidden]]\nname='x'\npattern='(\\w{1000}){1000}'",
                &[
                    "5:6: there is another rule `pattern.x`",
                    "6:9: this regular expression cannot be used: it takes too much memory",
                ],
            ),
            (
                "[[rules.forbidden]]\nname='conflict-marker'\npattern='y'",
                &["2:6: there is another rule `pattern.conflict-marker`"],
            ),
        ]);
    }

    #[test]
    fn migrations() {
        let group = "this regular expression has no group `v` for the version, such as `(?<v>[0-9]+)`";
        hold(&[
            ("[rules.migrations]\npreset='sea-orm'\ntoken='track{TRACK}'", &[]),
            ("[rules.migrations]\npattern='^(?<v>\\d+)_.*'\ndirectories=['db/migrations']", &[]),
            ("[rules.migrations]\ndirectories=['x']", &["1:1: this needs a `preset` or a `pattern`"]),
            ("[rules.migrations]\npreset='sea_orm'", &["2:8: there is no preset `sea_orm`, did you mean `sea-orm`?"]),
            ("[rules.migrations]\npreset='sqlx'\npattern='\\d+'", &[&format!("3:9: {group}")]),
            ("[rules.migrations]\npattern='(?<v>x)'", &["1:1: a `pattern` without a `preset` needs `directories`"]),
            (
                "[rules.migrations]\npreset='sqlx'\ntoken='x'",
                &["3:7: the token `x` does not hold `{track}` or `{TRACK}`"],
            ),
            (
                "[rules.migrations]\npreset='sqlx'\ntoken='{track}/{x}'",
                &["3:7: the token `{track}/{x}` may hold only letters, digits, `_`, `-`, `.` and one track"],
            ),
            (
                "[rules.migrations]\npreset='sqlx'\ndirectories=['../m']",
                &["3:14: the path `../m` leads out of the repository"],
            ),
        ]);
    }
}
