//! What is printed of each row.

use std::time::Duration;

use super::answers::Agreement;
use super::measure::{Cost, Duel};

/// What a row must reach, and aims at.
#[derive(Clone, Copy)]
pub struct Goal {
    /// Which ratio is meant.
    pub of: Measure,
    /// The least.
    pub must: f64,
    /// The aim.
    pub aim: f64,
}

/// A ratio between two programs.
#[derive(Clone, Copy)]
pub enum Measure {
    /// Of CPU times.
    Cpu,
    /// Of wall times.
    Wall,
}

impl Goal {
    /// A goal for CPU time.
    pub const fn cpu(must: f64, aim: f64) -> Goal {
        Goal { of: Measure::Cpu, must, aim }
    }

    fn said(self, duel: &Duel) -> String {
        let (reached, unit) = match self.of {
            Measure::Cpu => (ratio(duel.theirs.cpu, duel.ours.cpu), "cpu"),
            Measure::Wall => (ratio(duel.theirs.wall, duel.ours.wall), "wall"),
        };
        let (must, aim) = (self.must, self.aim);
        let how = match reached {
            reached if reached >= aim => "aim reached",
            reached if reached >= must => "must reached",
            _ => "MISSED",
        };
        format!("{unit}: must {must}x, aim {aim}x: {how}")
    }
}

/// The heading. "them" is Git, on row 4 the first run.
pub fn head() {
    println!(
        "{:<38} {:>9} {:>8} {:>7} {:>9} {:>8} {:>7} {:>9} {:>8} {:>14}",
        "row", "cpu: them", "us", "ratio", "wall: them", "us", "ratio", "MiB: them", "us", "agree"
    );
}

/// A row.
pub fn line(name: &str, duel: &Duel, agreement: Agreement, goal: Option<Goal>) {
    let Duel { theirs, ours } = duel;
    let seconds = |time: Duration| format!("{:.3}s", time.as_secs_f64());
    println!(
        "{name:<38} {:>9} {:>8} {:>6.1}x {:>10} {:>8} {:>6.1}x {:>9} {:>8} {:>14} {}",
        seconds(theirs.cpu),
        seconds(ours.cpu),
        ratio(theirs.cpu, ours.cpu),
        seconds(theirs.wall),
        seconds(ours.wall),
        ratio(theirs.wall, ours.wall),
        mib(*theirs),
        mib(*ours),
        format!("{}/{}", agreement.agreeing, agreement.asked),
        goal.map(|goal| goal.said(duel)).unwrap_or_default(),
    );
}

/// How often `b` goes into `a`.
pub fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64()
}

/// The memory of the largest process.
pub fn mib(cost: Cost) -> u64 {
    cost.memory.div_ceil(1024)
}
