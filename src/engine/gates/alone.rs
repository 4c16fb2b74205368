//! Gates for each track by itself: merged into the target with what it builds on, and nobody else.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;

use super::case::{Case, Judged};
use super::culprits::closed;
use super::trial::{Spot, Standing};
use crate::model::TrackId;
use crate::policy::config::model::Stage;

/// One gate to be asked about one track.
struct Task {
    gate: usize,
    track: usize,
    spot: Spot,
}

/// Runs them, so many at a time. A track that does not merge clean is left out: it is told of elsewhere.
pub fn run(case: &Case, jobs: usize) -> Result<()> {
    let gates: Vec<usize> = (0..case.gates.len()).filter(|at| case.gates[*at].stage == Stage::Track).collect();
    let mut tasks = Vec::new();
    for track in (0..case.ids.len()).filter(|_| !gates.is_empty()) {
        let together: Vec<usize> = closed(&case.needs, &[track]).into_iter().collect();
        let Some(spot) = case.merged(&together)? else { continue };
        tasks.extend(gates.iter().map(|gate| Task { gate: *gate, track, spot: spot.clone() }));
    }
    // What the target says is needed by all of them: asked first, and once.
    let concerned = |gate: &&usize| tasks.iter().any(|task| task.gate == **gate && task.concerns(case));
    for gate in gates.iter().filter(concerned).collect::<Vec<_>>() {
        case.ground(*gate)?;
    }
    let next = AtomicUsize::new(0);
    let judged: Mutex<Vec<(usize, Result<Judged>)>> = Mutex::default();
    let work = || {
        while let Some((at, task)) = tasks.iter().enumerate().nth(next.fetch_add(1, Ordering::Relaxed)) {
            let found = task.judge(case);
            let failed = found.is_err();
            judged.lock().expect("nobody panics while holding it").push((at, found));
            if failed {
                next.store(tasks.len(), Ordering::Relaxed);
            }
        }
    };
    std::thread::scope(|scope| {
        (1..jobs).for_each(|_| drop(scope.spawn(work)));
        work();
    });
    let mut judged = judged.into_inner().expect("nobody panics while holding it");
    judged.sort_by_key(|(at, _)| *at);
    judged.into_iter().try_for_each(|(at, found)| tasks[at].tell(case, &found?))
}

impl Task {
    fn id<'a>(&self, case: &Case<'a>) -> &'a TrackId {
        case.ids[self.track]
    }

    fn concerns(&self, case: &Case) -> bool {
        let changed = case.look.premerge.trees().changed(case.look.target.1.tree, self.spot.tree).unwrap_or_default();
        !changed.is_empty() && case.gates[self.gate].applies(&[self.id(case).clone()], &changed)
    }

    fn judge(&self, case: &Case) -> Result<Judged> {
        match case.judge(self.gate, &self.spot, &[self.id(case).clone()])? {
            Judged::Known(trial) if trial.standing == Standing::Fails => case.confirmed(self.gate, &self.spot, trial),
            judged => Ok(judged),
        }
    }

    fn tell(&self, case: &Case, judged: &Judged) -> Result<()> {
        let id = self.id(case).clone();
        case.note(self.gate, (&self.spot, std::slice::from_ref(&id)), judged);
        let rule = match judged {
            Judged::Known(trial) if trial.standing == Standing::Passes => return Ok(()),
            Judged::NotConcerned | Judged::OnTarget => return Ok(()),
            Judged::Known(trial) if trial.standing == Standing::Flaky => "gate.flaky",
            Judged::Known(_) | Judged::Unable(_) => "gate.failed",
        };
        let who = format!("for {id} alone");
        let finding = case.finding(rule, self.gate, vec![id], (&who, judged));
        case.say(|said| said.findings.push(finding));
        Ok(())
    }
}
