//! Commands that write, ended at any moment: by `SIGKILL` at each of their own writing system calls, before, within, after
//! and beside each Git that they start, by other signals, and by errors of the system. Afterwards nothing may be lost, and
//! the same command must come to the same end as if nothing had happened.
//!
//! The long run: `CRASHES=200 cargo test --test cli crash -- --nocapture` tries that many moments of each kind for each
//! command (all, where there are fewer) and says how many that were. What needs `strace` is left out where there is none.

mod ends;
mod together;
mod world;

use std::collections::BTreeMap;
use std::sync::Mutex;

pub use ends::strace;
use ends::{Census, End};
use world::{COMMANDS, World};

/// How many moments of each kind are tried for each command in a usual run.
const SAMPLE: usize = 1;

fn number(name: &str, otherwise: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Some of the moments, evenly spaced, and others for each command.
fn some(mut all: Vec<End>, number: usize, at: usize) -> Vec<End> {
    if all.len() <= number {
        return all;
    }
    let begin = at * 7 % all.len();
    all.rotate_left(begin);
    let step = all.len() as f64 / number as f64;
    (0..number).map(|which| all[(which as f64 * step) as usize].clone()).collect()
}

/// Moments by what happens then.
type Kinds = Vec<(&'static str, Vec<End>)>;

/// Tries moments of each kind for each command, on two threads; gives how many of each kind there were.
/// In a usual run each test takes a fourth of the commands, and not the same as the others.
fn try_all(kinds: fn(&Census) -> Kinds, fourth: usize) {
    let sample = number("CRASHES", SAMPLE);
    let usual = std::env::var_os("CRASHES").is_none();
    let only = std::env::var("COMMAND").ok();
    let tried: Mutex<BTreeMap<&str, usize>> = Mutex::default();
    let failed: Mutex<Vec<String>> = Mutex::default();
    let waiting = Mutex::new(COMMANDS.iter().enumerate().collect::<Vec<_>>());
    let work = || {
        while let Some((at, command)) = { waiting.lock().expect("whole").pop() } {
            let other = usual && at % 4 != fourth;
            if other || only.as_ref().is_some_and(|only| !command.words.contains(only.as_str())) {
                continue;
            }
            let world = World::new(command);
            let census = ends::census(&world);
            for (kind, all) in kinds(&census) {
                for end in some(all, sample, at) {
                    let tried_one = || world.try_end(&end);
                    if std::panic::catch_unwind(std::panic::AssertUnwindSafe(tried_one)).is_err() {
                        failed.lock().expect("whole").push(format!("{}: {end:?}", command.words));
                    }
                    *tried.lock().expect("whole").entry(kind).or_default() += 1;
                }
            }
        }
    };
    std::thread::scope(|scope| (0..2).for_each(|_| drop(scope.spawn(work))));
    println!("{:?}", tried.into_inner().expect("whole"));
    let failed = failed.into_inner().expect("whole");
    assert!(failed.is_empty(), "{} failed:\n{}", failed.len(), failed.join("\n"));
}

#[test]
fn killed_around_each_git() {
    try_all(ends::around, 0);
}

#[test]
fn killed_at_a_system_call() {
    if ends::strace() {
        try_all(ends::calls, 1);
    }
}

#[test]
fn failed_at_a_system_call() {
    if ends::strace() {
        try_all(ends::errors, 2);
    }
}

#[test]
fn told_to_end() {
    try_all(ends::signals, 3);
}
