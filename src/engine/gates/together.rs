//! Gates for all tracks merged. Where one fails, those tracks are found that it takes; one of them is held out, and the rest
//! goes on.

use std::collections::BTreeSet;

use anyhow::Result;

use super::case::{Case, Judged, names};
use super::culprits::{Answer, Search, closed};
use super::trial::{Spot, Standing, Trial};
use crate::engine::outcome::{HeldOut, Integration};
use crate::engine::premerge::{Candidate, integrate};
use crate::model::TrackId;
use crate::model::text::escaped;
use crate::policy::config::model::Stage;

/// What a failure on the merged tree comes down to.
enum Blame {
    /// These tracks, by their places: none of them can be left out.
    On(Vec<usize>, Trial),
    /// Nobody: it does not always fail.
    Nobody(Trial),
    /// Nobody: it could not be found out, for this reason.
    Unknown(String),
}

/// Runs them on `integration`, and on what is left of it when those are held out whom a gate blames. Gives what is left in
/// the end.
pub fn run(case: &Case, integration: Integration) -> Result<Integration> {
    let gates: Vec<usize> = (0..case.gates.len()).filter(|at| case.gates[*at].stage == Stage::Integration).collect();
    let mut rest = Rest { case, now: integration, held: Vec::new(), done: BTreeSet::new() };
    // Each time somebody more is held out, so that this ends.
    while let Some(held) = rest.first_blamed(&gates)? {
        rest.hold_out(held)?;
    }
    let spot = rest.spot();
    for gate in gates {
        let judged = case.judge(gate, &spot, &rest.now.merged)?;
        case.note(gate, (&spot, &rest.now.merged), &judged);
    }
    Ok(rest.now)
}

/// Whom a gate, by its place, blames for failing on `integration`, where it passes on the target; nobody, once what it
/// comes to is said.
pub fn blame(case: &Case, gate: usize, integration: Integration) -> Result<Option<HeldOut>> {
    Rest { case, now: integration, held: Vec::new(), done: BTreeSet::new() }.first_blamed(&[gate])
}

/// What is still merged.
struct Rest<'c, 'a> {
    case: &'c Case<'a>,
    now: Integration,
    held: Vec<HeldOut>,
    /// The gates of which everything is said, and nobody can be blamed.
    done: BTreeSet<usize>,
}

impl Rest<'_, '_> {
    fn spot(&self) -> Spot {
        Spot::new(self.now.commit, self.now.tree, self.case.name(&self.now.merged))
    }

    /// The track that the first gate which fails holds out; `None` once there is no more of that.
    fn first_blamed(&mut self, gates: &[usize]) -> Result<Option<HeldOut>> {
        let spot = self.spot();
        for &gate in gates {
            if self.done.contains(&gate) {
                continue;
            }
            let merged = self.now.merged.clone();
            match self.case.judge(gate, &spot, &merged)? {
                Judged::NotConcerned | Judged::OnTarget => {}
                Judged::Known(trial) if trial.standing == Standing::Passes => {}
                Judged::Known(trial) if trial.standing == Standing::Flaky => {
                    self.say("gate.flaky", gate, Judged::Known(trial))
                }
                Judged::Unable(why) => self.say("gate.failed", gate, Judged::Unable(why)),
                Judged::Known(trial) if !self.case.gates[gate].is_required => {
                    let judged = self.case.confirmed(gate, &spot, trial)?;
                    let is_flaky = matches!(&judged, Judged::Known(trial) if trial.standing == Standing::Flaky);
                    self.say(if is_flaky { "gate.flaky" } else { "gate.failed" }, gate, judged);
                }
                Judged::Known(_) => match self.blame(gate)? {
                    Blame::On(set, trial) => return Ok(Some(self.blamed(gate, &set, trial)?)),
                    Blame::Nobody(trial) => self.say("gate.flaky", gate, Judged::Known(trial)),
                    Blame::Unknown(why) => self.say("gate.failed", gate, Judged::Unable(why)),
                },
            }
        }
        Ok(None)
    }

    /// Says what concerns all of them together.
    fn say(&mut self, rule: &'static str, gate: usize, judged: Judged) {
        self.done.insert(gate);
        let who = format!("on {}", self.case.name(&self.now.merged));
        let finding = self.case.finding(rule, gate, self.now.merged.clone(), (&who, &judged));
        self.case.say(|said| said.findings.push(finding));
    }

    /// Whom the failure of `gate` comes down to: each of them passes alone, all of them fail twice, the second time where
    /// nothing was built before.
    fn blame(&self, gate: usize) -> Result<Blame> {
        let case = self.case;
        let place = |id: &TrackId| case.ids.iter().position(|other| *other == id);
        let merged: Vec<usize> = self.now.merged.iter().filter_map(place).collect();
        // In the search tracks go by their places among those that are merged.
        let inside = |track: &usize| merged.iter().position(|other| other == track);
        let needs: Vec<Vec<usize>> =
            merged.iter().map(|&track| case.needs[track].iter().filter_map(inside).collect()).collect();
        let mut unable = None;
        let mut test = |places: &[usize]| -> Result<Answer> {
            let tracks: Vec<usize> = places.iter().map(|place| merged[*place]).collect();
            let Some(spot) = case.merged(&tracks)? else { return Ok(Answer::Untestable) };
            Ok(match case.judge(gate, &spot, &self.ids(&tracks))? {
                Judged::NotConcerned | Judged::OnTarget => Answer::Passes,
                Judged::Unable(why) => {
                    unable = Some(why);
                    Answer::Untestable
                }
                Judged::Known(trial) if trial.standing == Standing::Passes => Answer::Passes,
                Judged::Known(trial) if trial.standing == Standing::Fails => Answer::Fails,
                Judged::Known(_) => Answer::Untestable,
            })
        };
        let search = Search { needs: &needs, suspicion: &case.suspicion(&merged) };
        let mut found = search.smallest(&mut test)?;
        if found.len() > 1 {
            for &one in &found {
                let alone: Vec<usize> = closed(&needs, &[one]).into_iter().collect();
                if test(&alone)? == Answer::Fails {
                    found = vec![one];
                    break;
                }
            }
        }
        let together: Vec<usize> = closed(&needs, &found).into_iter().map(|place| merged[place]).collect();
        let set: Vec<usize> = found.iter().map(|place| merged[*place]).collect();
        let unknown = |why: Option<String>| Blame::Unknown(why.unwrap_or_else(|| "cannot be tested on its own".into()));
        let Some(spot) = case.merged(&together)? else { return Ok(unknown(unable)) };
        let trial = match case.judge(gate, &spot, &self.ids(&together))? {
            Judged::Known(trial) if trial.standing == Standing::Fails => trial,
            Judged::Known(trial) if trial.standing == Standing::Flaky => return Ok(Blame::Nobody(trial)),
            _ => return Ok(unknown(unable)),
        };
        Ok(match case.confirmed(gate, &spot, trial)? {
            Judged::Known(trial) if trial.standing == Standing::Fails => Blame::On(set, trial),
            Judged::Known(trial) => Blame::Nobody(trial),
            Judged::Unable(why) => Blame::Unknown(why),
            Judged::NotConcerned | Judged::OnTarget => unknown(None),
        })
    }

    fn ids(&self, tracks: &[usize]) -> Vec<TrackId> {
        tracks.iter().map(|track| self.case.ids[*track].clone()).collect()
    }

    /// Of those who break something together the last in landing order is held out: nobody of the others builds on it, and
    /// it comes after them.
    fn blamed(&self, gate: usize, set: &[usize], trial: Trial) -> Result<HeldOut> {
        let ids = self.ids(set);
        let (held, others) = ids.split_last().expect("a failure has somebody to blame");
        let name = escaped(self.case.gates[gate].name.as_bytes());
        let (rule, who, reason) = match others {
            [] => ("gate.failed", format!("for {held} alone"), format!("`{name}` fails with it")),
            _ => (
                "gate.combination",
                format!("for {} together, and passes for each alone", names(&ids)),
                format!("`{name}` fails for it together with {}", names(others)),
            ),
        };
        let tracks = [vec![held.clone()], others.to_vec()].concat();
        let judged = Judged::Known(trial);
        let together: Vec<usize> = closed(&self.case.needs, set).into_iter().collect();
        if let Some(spot) = self.case.merged(&together)? {
            self.case.note(gate, (&spot, &ids), &judged);
        }
        let finding = self.case.finding(rule, gate, tracks, (&who, &judged));
        self.case.say(|said| said.findings.push(finding));
        Ok(HeldOut {
            track: held.clone(),
            because_of: others.to_vec(),
            conflicts: Vec::new(),
            meetings: Vec::new(),
            reason: Some(reason),
        })
    }

    /// Merges all the others again.
    fn hold_out(&mut self, held: HeldOut) -> Result<()> {
        self.held.push(held);
        let stays = |candidate: &&Candidate| !self.held.iter().any(|held| held.track == candidate.id);
        let left: Vec<Candidate> = self.case.look.candidates.iter().filter(stays).cloned().collect();
        let (premerge, target) = (self.case.look.premerge, &self.case.look.target.1);
        let reference = self.now.reference.clone();
        self.now = integrate(premerge, reference, target, &left)?;
        self.now.held_out.splice(0..0, self.held.iter().cloned());
        Ok(())
    }
}
