//! Gates held against trees: what each says about one, and what of that is said to people.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, OnceLock, PoisonError};

use anyhow::Result;

use super::target::Ground;
use super::trial::{Spot, Standing, Trial};
use super::{Look, blank};
use crate::engine::outcome::{GateRun, GateStatus};
use crate::engine::premerge::{Chain, Field};
use crate::model::text::{escaped, list};
use crate::model::{Finding, Interrupted, Rule, Severity, TrackId, Verdict};
use crate::policy::gates::Gate;

/// Everything that is asked of gates in one run.
pub struct Case<'a> {
    /// What they are run on.
    pub look: &'a Look<'a>,
    /// The gates, in the order in which they are declared.
    pub gates: Vec<Gate>,
    /// How each stands on the target.
    pub grounds: Vec<OnceLock<Ground>>,
    /// The target, and the tracks that can be read, in landing order.
    pub field: Field<'a, 'a>,
    /// The ids of these, in the same order.
    pub ids: Vec<&'a TrackId>,
    /// For each of them the places of those that it depends on, as far as they are there.
    pub needs: Vec<Vec<usize>>,
    /// What was found out.
    pub said: Mutex<Said>,
}

/// What was found out.
#[derive(Default)]
pub struct Said {
    /// How gates stand.
    pub gates: Vec<GateRun>,
    /// What somebody should act on.
    pub findings: Vec<Finding>,
}

/// What one gate has to say about one tree.
pub enum Judged {
    /// Nothing: it is about something else.
    NotConcerned,
    /// Nothing: it does not pass on the target.
    OnTarget,
    /// This.
    Known(Trial),
    /// It could not be run, for this reason.
    Unable(String),
}

impl<'a> Case<'a> {
    pub fn new(look: &'a Look<'a>, gates: Vec<Gate>) -> Case<'a> {
        let readable = || look.candidates.iter().filter(|candidate| candidate.side.is_ok());
        let ids: Vec<&TrackId> = readable().map(|candidate| &candidate.id).collect();
        let place = |id: &TrackId| ids.iter().position(|other| *other == id);
        let needs = readable().map(|candidate| candidate.depends_on.iter().filter_map(place).collect()).collect();
        let sides = readable().filter_map(|candidate| candidate.side.as_ref().ok()).cloned().collect();
        Case {
            look,
            grounds: gates.iter().map(|_| OnceLock::new()).collect(),
            gates,
            field: Field::new(look.premerge, &look.target.1, sides),
            ids,
            needs,
            said: Mutex::default(),
        }
    }

    /// The target with some tracks merged into it, by their places, in that order; `None` where they do not merge clean.
    pub fn merged(&self, tracks: &[usize]) -> Result<Option<Spot>> {
        let mut chain = self.field.start();
        for &track in tracks {
            let merged = self.field.attempt(&chain, track)?;
            if !matches!(merged.verdict, Verdict::Disjoint | Verdict::Clean) {
                return Ok(None);
            }
            self.field.advance(&mut chain, track, &merged, &format!("Merge track {}", self.ids[track]))?;
        }
        Ok(Some(self.spot(&chain, tracks)))
    }

    fn spot(&self, chain: &Chain, tracks: &[usize]) -> Spot {
        let tracks: Vec<TrackId> = tracks.iter().map(|track| self.ids[*track].clone()).collect();
        Spot::new(chain.now.commit, chain.now.tree, self.name(&tracks))
    }

    /// The target alone.
    pub fn target(&self) -> Spot {
        let target = &self.look.target.1;
        Spot::new(target.commit, target.tree, self.name(&[]))
    }

    /// The target with `tracks`, for people.
    pub fn name(&self, tracks: &[TrackId]) -> String {
        const MOST: usize = 4;
        let target = escaped(self.look.target.0.as_bytes());
        match tracks.len() {
            0 => target,
            few if few <= MOST => format!("{target} with {}", names(tracks)),
            many => format!("{target} with {many} tracks"),
        }
    }

    /// What a gate, by its place, says about a tree with the work of `tracks`.
    pub fn judge(&self, gate: usize, spot: &Spot, tracks: &[TrackId]) -> Result<Judged> {
        let changed = self.look.premerge.trees().changed(self.look.target.1.tree, spot.tree)?;
        if changed.is_empty() || !self.gates[gate].applies(tracks, &changed) {
            return Ok(Judged::NotConcerned);
        }
        match self.ground(gate)? {
            Ground::Sound => {}
            Ground::Broken => return Ok(Judged::OnTarget),
        }
        self.ask(|| self.look.bench.try_once(&self.gates[gate], spot))
    }

    /// Makes sure that a failure is one.
    pub fn confirmed(&self, gate: usize, spot: &Spot, trial: Trial) -> Result<Judged> {
        self.ask(|| self.look.bench.confirm(&self.gates[gate], spot, trial))
    }

    /// What cannot be run is a thing to be said; only who is asked to end stops.
    pub fn ask(&self, run: impl FnOnce() -> Result<Trial>) -> Result<Judged> {
        match run() {
            Ok(trial) => Ok(Judged::Known(trial)),
            Err(error) if error.is::<Interrupted>() => Err(error),
            Err(error) => Ok(Judged::Unable(format!("could not be run: {error:#}"))),
        }
    }

    /// Notes how a gate stands on a tree with `tracks`, and what that comes to for somebody, where a track alone has to
    /// act.
    pub fn note(&self, gate: usize, (spot, tracks): (&Spot, &[TrackId]), judged: &Judged) {
        let run = self.shown(gate, (spot, tracks), judged);
        self.say(|said| said.gates.push(run));
    }

    /// How a gate stands on a tree, as data.
    pub fn shown(&self, gate: usize, (spot, tracks): (&Spot, &[TrackId]), judged: &Judged) -> GateRun {
        let gate = &self.gates[gate];
        let about = |status| GateRun { tree: Some(spot.tree), tracks: tracks.to_vec(), ..blank(gate, status) };
        match judged {
            Judged::NotConcerned => {
                GateRun { ended: "is about nothing that changes".into(), ..about(GateStatus::Skipped) }
            }
            Judged::OnTarget => {
                GateRun { ended: format!("does not pass on {} alone", self.name(&[])), ..about(GateStatus::Skipped) }
            }
            Judged::Unable(why) => GateRun { ended: why.clone(), ..about(GateStatus::Failed) },
            Judged::Known(trial) => {
                let status = match trial.standing {
                    Standing::Passes => GateStatus::Passed,
                    Standing::Fails => GateStatus::Failed,
                    Standing::Flaky => GateStatus::Flaky,
                };
                let passes = trial.standing == Standing::Passes;
                GateRun {
                    ended: trial.ended.clone(),
                    took: Some(std::time::Duration::from_secs_f64(trial.run.seconds.max(0.0))),
                    log: trial.run.log.clone(),
                    last_words: if passes { String::new() } else { trial.run.last_words.clone() },
                    figures: trial.run.figures.clone(),
                    remembered: trial.remembered,
                    ..about(status)
                }
            }
        }
    }

    /// Adds to what was found out.
    pub fn say(&self, add: impl FnOnce(&mut Said)) {
        add(&mut self.said.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// A finding about a gate; `who` is what it fails for, in words.
    pub fn finding(
        &self,
        rule: &'static str,
        gate: usize,
        tracks: Vec<TrackId>,
        (who, judged): (&str, &Judged),
    ) -> Finding {
        let gate = &self.gates[gate];
        let name = escaped(gate.name.as_bytes());
        let (message, cure) = match judged {
            Judged::Known(trial) if trial.standing == Standing::Flaky => (
                format!("`{name}` passes and fails on the same tree, {who}: {}", trial.ended),
                format!("make it say the same each time; {}", self.look.bench.log(trial)),
            ),
            Judged::Known(trial) => (format!("`{name}` fails {who}: {}", trial.ended), self.look.bench.log(trial)),
            Judged::Unable(why) => {
                (format!("whether `{name}` passes {who} is not known: it {why}"), "see why, and run it again".into())
            }
            Judged::NotConcerned | Judged::OnTarget => (format!("`{name}` was not run {who}"), String::new()),
        };
        let is_warning = rule == "gate.flaky" || !gate.is_required;
        Finding {
            rule: Rule::fixed(rule),
            severity: if is_warning { Severity::Warning } else { Severity::Error },
            tracks,
            path: None,
            lines: Vec::new(),
            message,
            cure,
        }
    }

    /// How suspicious each track is of having to do with others: on how many files, and in how many folders, it meets
    /// one.
    pub fn suspicion(&self, tracks: &[usize]) -> Vec<usize> {
        let mut meeting: BTreeMap<Vec<u8>, BTreeSet<usize>> = BTreeMap::new();
        for (place, &track) in tracks.iter().enumerate() {
            for path in self.own_paths(track) {
                let bytes = path.as_bstr().to_vec();
                let folder = bytes.iter().rposition(|byte| *byte == b'/').map_or(0, |at| at + 1);
                meeting.entry(bytes[..folder].to_vec()).or_default().insert(place);
                meeting.entry(bytes).or_default().insert(place);
            }
        }
        let mut suspicion = vec![0; tracks.len()];
        for (path, places) in meeting.iter().filter(|(_, places)| places.len() > 1) {
            // A file that two have changed says more than a folder that many are at work in.
            let weight = if path.is_empty() || path.ends_with(b"/") { 1 } else { 4 };
            places.iter().for_each(|&place| suspicion[place] += weight);
        }
        suspicion
    }

    /// What a track changed since it left the target; nothing where that cannot be told.
    fn own_paths(&self, track: usize) -> Vec<crate::model::RepoPath> {
        let Some(graph) = &self.field.graph else { return Vec::new() };
        let Some(base) = graph.bases(0, Field::place(track)).first() else { return Vec::new() };
        let trees = self.look.premerge.trees();
        let base = self.look.bench.scratch.objects().commit(*base).map(|commit| commit.tree);
        base.and_then(|base| trees.changed(base, self.field.sides[track].tree)).unwrap_or_default()
    }
}

/// `a`, `a and b`, `a, b and c`.
pub fn names(tracks: &[TrackId]) -> String {
    list(&tracks.iter().map(ToString::to_string).collect::<Vec<_>>())
}
