//! Commands that must pass on a tree: when one is asked for, what is read from what it prints, and what its verdict
//! depends on. Whether it may run is asked of `engine::trust`, and how it ran is not known here.

use std::collections::BTreeMap;
use std::time::Duration;

use super::config::Config;
use super::config::model::{self, Stage};
use super::config::units::{duration, regex};
use super::ownership::globs::Globs;
use super::trust::Place;
use crate::model::hash::sha256;
use crate::model::{Failure, RepoPath, TrackId, TreeId};

/// How long the `check` of a contract may take.
const CHECK_LIMIT: Duration = Duration::from_secs(600);
/// Lines are not searched beyond this many bytes.
const LONGEST: usize = 4 << 10;

/// A gate of `tracks.toml`, compiled.
#[derive(Clone, Debug)]
pub struct Gate {
    /// Its name. Not escaped.
    pub name: String,
    /// On which trees it is run.
    pub stage: Stage,
    /// Where it stands in `tracks.toml`.
    pub place: Place,
    /// What a POSIX shell is given: the variables of `env`, then `run`. This is what somebody approves.
    pub line: String,
    /// Whether work that fails it may not land.
    pub is_required: bool,
    /// How long it may take.
    pub limit: Option<Duration>,
    paths: Option<Globs>,
    tracks: Vec<String>,
    figures: Vec<(String, regex::bytes::Regex)>,
    min: BTreeMap<String, f64>,
    max: BTreeMap<String, f64>,
    /// All that its verdict on a tree follows from.
    text: String,
}

/// Figures that were read from what a gate printed, by name: as printed.
pub type Figures = BTreeMap<String, String>;

impl Gate {
    /// Every gate of a configuration, in its order; fails on patterns that are not valid.
    pub fn all(config: &Config) -> Result<Vec<Gate>, Failure> {
        config.gates.iter().map(Gate::new).collect()
    }

    /// The `check` of a contract, which says as much about a change as a gate about a tree. `inputs` is all that its
    /// verdict depends on beside the tree it runs on.
    pub fn of_check(contract: &str, command: &str, inputs: &str) -> Gate {
        Gate {
            name: contract.to_owned(),
            stage: Stage::Track,
            place: Place::Contract(contract.to_owned()),
            line: command.to_owned(),
            is_required: true,
            limit: Some(CHECK_LIMIT),
            paths: None,
            tracks: Vec::new(),
            figures: Vec::new(),
            min: BTreeMap::new(),
            max: BTreeMap::new(),
            text: format!("check {command:?} {inputs:?}"),
        }
    }

    fn new(gate: &model::Gate) -> Result<Gate, Failure> {
        let invalid = |name: &str, why| Failure::usage(format!("`gates.{}.capture.{name}`: {why}", gate.name));
        let figure = |(name, pattern): (&String, &String)| {
            let compiled = regex(pattern).map_err(|why| invalid(name, why))?;
            Ok((name.clone(), compiled))
        };
        let line = line(gate);
        let key = || format!("gates.{}.paths", gate.name);
        let paths = (!gate.paths.is_empty()).then(|| Globs::new(&key(), &gate.paths));
        Ok(Gate {
            name: gate.name.clone(),
            stage: gate.stage,
            place: Place::Gate(gate.name.clone(), gate.stage),
            is_required: gate.required,
            limit: gate.timeout.as_deref().and_then(duration),
            paths: paths.transpose()?,
            tracks: gate.tracks.clone(),
            figures: gate.capture.iter().map(figure).collect::<Result<_, Failure>>()?,
            min: gate.min.clone(),
            max: gate.max.clone(),
            text: format!("{line:?} {:?} {:?}", gate.timeout, gate.capture),
            line,
        })
    }

    /// Whether a tree with the work of `tracks`, which differs from the target in `changed`, has to pass it.
    pub fn applies(&self, tracks: &[TrackId], changed: &[RepoPath]) -> bool {
        let is_about = self.tracks.is_empty() || tracks.iter().any(|id| self.tracks.iter().any(|it| it == id.as_str()));
        is_about && self.paths.as_ref().is_none_or(|paths| changed.iter().any(|path| paths.contains(path)))
    }

    /// What its verdict on `tree` is kept under, as long as the tools are those that `tools` stands for.
    pub fn key(&self, tree: TreeId, tools: &str) -> String {
        sha256(format!("tracks gate 1\n{tree}\n{tools:?}\n{}\n", self.text).as_bytes())
    }

    /// Reads figures from one line that it printed; the last of each counts.
    pub fn read(&self, line: &[u8], figures: &mut Figures) {
        let line = &line[..line.len().min(LONGEST)];
        for (name, pattern) in &self.figures {
            let Some(found) = pattern.captures(line).and_then(|found| found.get(1)) else { continue };
            figures.insert(name.clone(), String::from_utf8_lossy(found.as_bytes()).into_owned());
        }
    }

    /// What is wrong with the figures of a run that ended well, if anything: the end of a sentence that begins with the
    /// gate. A figure with a bound has to be there.
    pub fn complaint(&self, figures: &Figures) -> Option<String> {
        let bounds = self.min.iter().map(|(name, bound)| (name, bound, "less"));
        let bounds = bounds.chain(self.max.iter().map(|(name, bound)| (name, bound, "more")));
        bounds.into_iter().find_map(|(name, bound, word)| {
            let Some(text) = figures.get(name) else { return Some(format!("printed no `{name}`")) };
            match text.trim().parse::<f64>() {
                Ok(figure) if word == "less" && figure < *bound => {}
                Ok(figure) if word == "more" && figure > *bound => {}
                Ok(figure) if !figure.is_nan() => return None,
                _ => return Some(format!("printed `{text}` for `{name}`, which is no number")),
            }
            Some(format!("printed {text} for `{name}`, {word} than {bound}"))
        })
    }
}

/// The variables, then the command: one text, so that what is approved is all that is run.
pub(super) fn line(gate: &model::Gate) -> String {
    let quoted = |value: &String| format!("'{}'", value.replace('\'', r"'\''"));
    let variables: String = gate.env.iter().map(|(name, value)| format!("export {name}={}\n", quoted(value))).collect();
    variables + &gate.run
}

#[cfg(test)]
mod tests {
    use super::{Figures, Gate};
    use crate::model::{RepoPath, TrackId, TreeId};
    use crate::policy::config::Config;

    fn gate(keys: &str) -> Gate {
        let text = format!("[tracks.a]\n[tracks.b]\n[[gates]]\nname = 'g'\nrun = 'make'\n{keys}");
        Gate::all(&Config::parse(&text, "tracks.toml").expect("valid")).expect("valid").remove(0)
    }

    fn figures(gate: &Gate, lines: &[&str]) -> Figures {
        let mut figures = Figures::default();
        lines.iter().for_each(|line| gate.read(line.as_bytes(), &mut figures));
        figures
    }

    #[test]
    fn it_is_asked_for_what_it_is_about() {
        let applies = |gate: &Gate, tracks: &[&str], paths: &[&str]| {
            let tracks: Vec<TrackId> = tracks.iter().map(|id| TrackId::new(id).expect("an id")).collect();
            gate.applies(&tracks, &paths.iter().copied().map(RepoPath::new).collect::<Vec<_>>())
        };
        assert!(applies(&gate(""), &["a"], &["x"]));
        let of_paths = gate("paths = ['**/*.ts']");
        assert!(applies(&of_paths, &["a"], &["x", "api/y.ts"]) && !applies(&of_paths, &["a"], &["x"]));
        let of_tracks = gate("tracks = ['b']");
        assert!(applies(&of_tracks, &["a", "b"], &["x"]) && !applies(&of_tracks, &["a"], &["x"]));
    }

    #[test]
    fn whatever_its_verdict_follows_from_is_in_its_key() {
        let [one, two] = [[1; 20], [2; 20]].map(|bytes| TreeId::from_hex(hex(&bytes).as_bytes()).expect("an id"));
        let plain = gate("").key(one, "");
        for other in [
            gate("").key(two, ""),
            gate("").key(one, "rustc 1.95"),
            gate("env = { A = 'b' }").key(one, ""),
            gate("timeout = '1m'").key(one, ""),
            gate("capture = { c = '(x)' }").key(one, ""),
        ] {
            assert_ne!(other, plain);
        }
        assert_eq!(gate("required = false\nstage = 'track'\npaths = ['x']").key(one, ""), plain);
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn variables_are_part_of_what_is_run() {
        assert_eq!(gate("env = { B = \"it's\", A = '$x' }").line, "export A='$x'\nexport B='it'\\''s'\nmake");
    }

    #[test]
    fn figures_have_bounds() {
        let gate =
            gate("capture = { cov = 'cov: (\\S+)%', n = '(\\d+) warnings' }\nmin = { cov = 80 }\nmax = { n = 3 }");
        let complaint = |lines: &[&str]| gate.complaint(&figures(&gate, lines));
        assert_eq!(complaint(&["cov: 10%", "0 warnings", "cov: 80%"]), None);
        assert_eq!(complaint(&["0 warnings"]).as_deref(), Some("printed no `cov`"));
        assert_eq!(complaint(&["cov: 79.9% 3 warnings"]).as_deref(), Some("printed 79.9 for `cov`, less than 80"));
        assert_eq!(complaint(&["cov: 81%", "4 warnings"]).as_deref(), Some("printed 4 for `n`, more than 3"));
        for odd in ["all", "NaN"] {
            let expected = format!("printed `{odd}` for `cov`, which is no number");
            assert_eq!(complaint(&[&format!("cov: {odd}%"), "0 warnings"]), Some(expected));
        }
    }
}
