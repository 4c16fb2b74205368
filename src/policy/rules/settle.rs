//! The last step for every finding: configured severities, waivers, one per rule, path and set of tracks, in order.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::model::{Failure, Finding, RepoPath, Severity, TrackId};
use crate::policy::config::Config;
use crate::policy::config::model::Level;
use crate::policy::ownership::globs::Globs;

/// Findings as they are reported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// What somebody should act on: by severity, rule, path and tracks; one for each rule, path and set of tracks.
    pub findings: Vec<Finding>,
    /// What would be found if it were not waived, in the same order; the cure says until when and why.
    pub waived: Vec<Finding>,
}

/// Applies `[severity]`, `[exclude]` and the waivers that hold on `today`, joins what is the same finding twice, and
/// sorts by severity, rule, path and tracks. Also for findings that were made elsewhere than in the rules.
///
/// Fails on patterns that are not valid.
pub fn settle(config: &Config, today: Date, findings: Vec<Finding>) -> Result<Settled, Failure> {
    let waivers = Waiver::all(config, today)?;
    let settings = Settings::new(config)?;
    let rated = findings.into_iter().filter_map(|finding| settings.rated(finding));
    let mut settled = Settled::default();
    for mut finding in joined(rated) {
        match waivers.iter().find(|waiver| waiver.covers(&finding)) {
            Some(waiver) => {
                finding.cure = format!("waived until {}: {}", waiver.until, waiver.because);
                settled.waived.push(finding);
            }
            None => settled.findings.push(finding),
        }
    }
    Ok(settled)
}

struct Waiver<'a> {
    rule: &'a str,
    paths: Globs,
    until: &'a str,
    because: &'a str,
}

impl<'a> Waiver<'a> {
    /// Those that hold; a date that cannot be read has passed.
    fn all(config: &'a Config, today: Date) -> Result<Vec<Waiver<'a>>, Failure> {
        let numbered = config.waivers.iter().enumerate();
        let holding = numbered.filter(|(_, waiver)| waiver.until.parse::<Date>().is_ok_and(|until| today <= until));
        let compiled = holding.map(|(index, waiver)| {
            let paths = Globs::new(&format!("waivers[{index}].paths"), &waiver.paths)?;
            Ok(Waiver { rule: &waiver.rule, paths, until: &waiver.until, because: &waiver.because })
        });
        compiled.collect()
    }

    fn covers(&self, finding: &Finding) -> bool {
        finding.rule.0 == self.rule && finding.path.as_ref().is_some_and(|path| self.paths.contains(path))
    }
}

/// What `tracks.toml` says of rules, for all tracks and for some: a track's own word comes first.
struct Settings<'a> {
    config: &'a Config,
    /// By track, or for all (`None`), and rule.
    exclude: BTreeMap<(Option<&'a str>, &'a str), Globs>,
}

impl<'a> Settings<'a> {
    fn new(config: &'a Config) -> Result<Settings<'a>, Failure> {
        let for_all = config.exclude.iter().map(|(rule, globs)| (None, rule, globs));
        let for_one = config
            .tracks
            .iter()
            .flat_map(|(id, table)| table.exclude.iter().map(move |(rule, globs)| (Some(id.as_str()), rule, globs)));
        let compiled = for_all.chain(for_one).map(|(track, rule, globs)| {
            let key = track.map_or_else(|| format!("exclude.{rule}"), |id| format!("tracks.{id}.exclude.{rule}"));
            Ok(((track, rule.as_str()), Globs::new(&key, globs)?))
        });
        Ok(Settings { config, exclude: compiled.collect::<Result<_, Failure>>()? })
    }

    /// The finding with its configured severity; `None` where the rule is off, or not for that path. What is said of a
    /// track is said of the findings in which it must act.
    fn rated(&self, mut finding: Finding) -> Option<Finding> {
        let rule = finding.rule.0.as_ref();
        let track = finding.tracks.first().map(TrackId::as_str);
        let excluded = |track| {
            let globs = self.exclude.get(&(track, rule));
            globs.zip(finding.path.as_ref()).is_some_and(|(globs, path)| globs.contains(path))
        };
        if excluded(None) || track.is_some_and(|id| excluded(Some(id))) {
            return None;
        }
        let own = track.and_then(|id| self.config.tracks.get(id)?.severity.get(rule));
        finding.severity = match own.or_else(|| self.config.severity.get(rule)) {
            None => finding.severity,
            Some(Level::Error) => Severity::Error,
            Some(Level::Warn) => Severity::Warning,
            Some(Level::Info) => Severity::Info,
            Some(Level::Off) => return None,
        };
        Some(finding)
    }
}

fn joined(findings: impl Iterator<Item = Finding>) -> Vec<Finding> {
    let mut merged: BTreeMap<(String, Option<RepoPath>, Vec<TrackId>), Finding> = BTreeMap::new();
    for finding in findings {
        let mut set = finding.tracks.clone();
        set.sort();
        match merged.entry((finding.rule.to_string(), finding.path.clone(), set)) {
            std::collections::btree_map::Entry::Vacant(place) => drop(place.insert(finding)),
            std::collections::btree_map::Entry::Occupied(mut place) => join(place.get_mut(), finding),
        }
    }
    let mut findings: Vec<Finding> = merged.into_values().collect();
    findings.sort_by(|a, b| (a.severity, &a.rule, &a.path, &a.tracks).cmp(&(b.severity, &b.rule, &b.path, &b.tracks)));
    findings
}

/// The worse of the two speaks; the lines are those of both.
fn join(kept: &mut Finding, other: Finding) {
    let mut lines = [kept.lines.as_slice(), &other.lines].concat();
    lines.sort();
    lines.dedup();
    if other.severity < kept.severity {
        *kept = other;
    }
    kept.lines = lines;
}

#[cfg(test)]
mod tests {
    use super::settle;
    use crate::model::{Finding, LineRange, RepoPath, Rule, Severity, TrackId};

    fn finding(rule: &'static str, tracks: &[&str], path: &str, line: u32) -> Finding {
        Finding {
            rule: Rule::fixed(rule),
            severity: Severity::Warning,
            tracks: tracks.iter().map(|id| TrackId::new(id).expect("valid")).collect(),
            path: RepoPath::try_new(path),
            lines: vec![LineRange { first: line, last: line }],
            message: String::new(),
            cure: String::new(),
        }
    }

    const POLICY: &str = r#"
        severity = { "a.raised" = "error", "a.off" = "off" }
        [[waivers]]
        rule = "a.waived"
        paths = ["old/"]
        until = "2027-01-31"
        because = "planned"
        [exclude]
        "a.some" = ["gen/"]
        [tracks.calm]
        severity = { "b" = "info", "a.raised" = "off" }
        exclude = { "b" = ["own/", "!own/not"] }
    "#;

    fn settled(today: &str, findings: Vec<Finding>) -> (Vec<String>, usize) {
        let config = toml::from_str(POLICY).expect("valid");
        let judgement = settle(&config, today.parse().expect("a date"), findings).expect("valid");
        let shown = judgement.findings.iter().map(|f| {
            let path = f.path.as_ref().map_or(String::new(), ToString::to_string);
            format!("{} {} {path} {}", f.severity.name(), f.rule, f.lines.len())
        });
        (shown.collect(), judgement.waived.len())
    }

    #[test]
    fn severities_are_configured_and_findings_sorted() {
        let findings = vec![
            finding("b", &["a"], "x", 1),
            finding("a.off", &["a"], "x", 1),
            finding("a.raised", &["a"], "y", 1),
            finding("b", &["a"], "a", 1),
        ];
        assert_eq!(settled("2027-01-01", findings).0, ["error a.raised y 1", "warn b a 1", "warn b x 1"]);
    }

    #[test]
    fn rules_are_set_for_a_track_and_for_paths() {
        let findings = vec![
            finding("a.some", &["a"], "gen/x", 1),
            finding("a.some", &["a"], "x", 1),
            finding("b", &["calm"], "x", 1),
            finding("b", &["calm"], "own/x", 1),
            finding("b", &["calm"], "own/not", 1),
            finding("b", &["a", "calm"], "own/x", 1),
            finding("a.raised", &["calm"], "x", 1),
        ];
        assert_eq!(
            settled("2027-01-01", findings).0,
            ["warn a.some x 1", "warn b own/x 1", "info b own/not 1", "info b x 1"]
        );
    }

    #[test]
    fn one_rule_path_and_set_of_tracks_is_one_finding() {
        let findings =
            vec![finding("a", &["a", "b"], "x", 7), finding("a", &["b", "a"], "x", 3), finding("a", &["a"], "x", 3)];
        assert_eq!(settled("2027-01-01", findings).0, ["warn a x 1", "warn a x 2"]);
    }

    #[test]
    fn a_waiver_holds_on_its_last_day() {
        let findings = || vec![finding("a.waived", &["a"], "old/x", 1), finding("a.waived", &["a"], "new/x", 1)];
        assert_eq!(settled("2027-01-31", findings()), (vec!["warn a.waived new/x 1".to_owned()], 1));
        assert_eq!(settled("2027-02-01", findings()).1, 0);
    }
}
