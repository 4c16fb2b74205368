//! What a piece of work takes, in this process and its children.

use std::ops::Add;
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

/// Time on processors and time on the wall.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// In this process and the children that ended.
    pub cpu: Duration,
    /// From start to end.
    pub wall: Duration,
}

impl Add for Cost {
    type Output = Cost;

    fn add(self, other: Cost) -> Cost {
        Cost { cpu: self.cpu + other.cpu, wall: self.wall + other.wall }
    }
}

/// Does the work and says what it took.
pub fn measured<T>(work: impl FnOnce() -> T) -> (T, Cost) {
    let (before, start) = (cpu(), Instant::now());
    let done = work();
    (done, Cost { wall: start.elapsed(), cpu: cpu() - before })
}

fn cpu() -> Duration {
    let of = |who| {
        let usage = getrusage(who).expect("the system counts");
        Duration::from_micros((usage.user_time() + usage.system_time()).num_microseconds().unsigned_abs())
    };
    of(UsageWho::RUSAGE_SELF) + of(UsageWho::RUSAGE_CHILDREN)
}
