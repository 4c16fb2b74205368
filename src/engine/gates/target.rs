//! How gates stand on the target alone: what fails there fails for every track, and says nothing about any. Then the
//! landing is looked for that broke it.

use anyhow::Result;
use bstr::ByteSlice;

use super::case::{Case, Judged};
use super::trial::{Spot, Standing};
use crate::model::CommitId;
use crate::model::text::escaped;

/// How a gate stands on the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// It passes there.
    Sound,
    /// It does not, or not always, or cannot be run there, which was said.
    Broken,
}

/// How far back a landing that broke a gate is looked for, in commits of the target's own line.
const FARTHEST: usize = 32;

impl Case<'_> {
    /// How a gate, by its place, stands on the target; run once.
    pub fn ground(&self, gate: usize) -> Result<Ground> {
        if let Some(known) = self.grounds[gate].get() {
            return Ok(*known);
        }
        let ground = self.find_ground(gate)?;
        Ok(*self.grounds[gate].get_or_init(|| ground))
    }

    fn find_ground(&self, gate: usize) -> Result<Ground> {
        let spot = self.target();
        let mut judged = self.ask(|| self.look.bench.try_once(&self.gates[gate], &spot))?;
        if let Judged::Known(trial) = &judged {
            if trial.standing == Standing::Passes {
                return Ok(Ground::Sound);
            }
            judged = self.confirmed(gate, &spot, trial.clone())?;
        }
        let is_flaky = matches!(&judged, Judged::Known(trial) if trial.standing == Standing::Flaky);
        let rule = if is_flaky { "gate.flaky" } else { "gate.failed" };
        let who = format!("on {} alone", self.name(&[]));
        let mut finding = self.finding(rule, gate, Vec::new(), (&who, &judged));
        if matches!(&judged, Judged::Known(trial) if trial.standing == Standing::Fails) {
            finding.message.push_str("; ");
            finding.message.push_str(&self.since(gate, spot.commit)?);
        }
        self.note(gate, (&spot, &[]), &judged);
        self.say(|said| said.findings.push(finding));
        Ok(Ground::Broken)
    }

    /// Since when a gate fails on the target, in words.
    fn since(&self, gate: usize, tip: CommitId) -> Result<String> {
        let line = self.line(tip)?;
        // Whoever has run it before knows how far back to look.
        let bench = self.look.bench;
        let mut passes = None;
        for (at, spot) in line.iter().enumerate().skip(1) {
            match bench.known(&self.gates[gate], spot).map(|trial| trial.standing) {
                Some(Standing::Passes) => {
                    passes = Some(at);
                    break;
                }
                _ => continue,
            }
        }
        let mut fails = 0;
        if passes.is_none() {
            let mut at = 1;
            while at < line.len() {
                if self.passes(gate, &line[at])? {
                    passes = Some(at);
                    break;
                }
                fails = at;
                at = if at == line.len() - 1 { line.len() } else { (2 * at).min(line.len() - 1) };
            }
        }
        let Some(mut passes) = passes else {
            return Ok(format!("as far back as was looked, {} commits", line.len()));
        };
        while passes - fails > 1 {
            let middle = fails.midpoint(passes);
            if self.passes(gate, &line[middle])? { passes = middle } else { fails = middle }
        }
        let broke = line[fails].commit;
        let message = self.look.bench.scratch.objects().message(broke)?;
        let subject = message.lines().next().unwrap_or_default().to_vec();
        Ok(format!("since {} ({})", broke.short(), escaped(&subject)))
    }

    fn passes(&self, gate: usize, spot: &Spot) -> Result<bool> {
        let judged = self.ask(|| self.look.bench.try_once(&self.gates[gate], spot))?;
        Ok(matches!(judged, Judged::Known(trial) if trial.standing == Standing::Passes))
    }

    /// The target's own line, the newest first, as far back as is looked.
    fn line(&self, tip: CommitId) -> Result<Vec<Spot>> {
        let objects = self.look.bench.scratch.objects();
        let mut line = Vec::new();
        let mut next = Some(tip);
        while let Some(commit) = next.filter(|_| line.len() <= FARTHEST) {
            // A shallow history ends.
            let Ok(read) = objects.commit(commit) else { break };
            line.push(Spot::new(commit, read.tree, format!("{} of {}", commit.short(), self.name(&[]))));
            next = read.parents.first().copied();
        }
        Ok(line)
    }
}
