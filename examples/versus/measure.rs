//! What a program costs, its children included.
//!
//! The system's figures on ended children add up over all of them, and the memory of the largest is a high-water mark
//! that never falls. So each run gets a small process of its own (this program again, as `measure OUTPUT PROGRAM …`),
//! which starts it, waits, and asks once.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

/// The word by which this program knows that it is to measure another.
pub const WORD: &str = "measure";

/// How often everything is run.
pub const ROUNDS: usize = 3;

/// What one run of a program took.
#[derive(Clone, Copy, Default)]
pub struct Cost {
    /// Time on processors, in the program and the system, of it and its children.
    pub cpu: Duration,
    /// Time from its start to its end.
    pub wall: Duration,
    /// The most memory that the largest of its processes had, in KiB.
    pub memory: u64,
}

/// One run of a program.
pub struct Ran {
    /// What it printed.
    pub printed: Vec<u8>,
    /// What it took.
    pub cost: Cost,
}

/// Runs a program that ends with 0 or 1, with a file as its standard input.
pub fn run(command: &Command, input: Option<&Path>) -> Ran {
    let folder = tempfile::tempdir().expect("a folder");
    let output = folder.path().join("output");
    let mut measuring = Command::new(std::env::current_exe().expect("known"));
    measuring.arg(WORD).arg(&output).arg(command.get_program()).args(command.get_args());
    measuring.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    measuring.stdin(input.map_or(Stdio::null(), |path| File::open(path).expect("it is there").into()));
    let measured = measuring.stderr(Stdio::inherit()).output().expect("it starts");
    assert!(measured.status.success(), "{command:?}");
    let text = String::from_utf8(measured.stdout).expect("numbers");
    let numbers: Vec<u64> = text.split_whitespace().map(|word| word.parse().expect("a number")).collect();
    let [cpu, wall, memory] = numbers[..] else { panic!("three numbers, not `{text}`") };
    let cost = Cost { cpu: Duration::from_micros(cpu), wall: Duration::from_micros(wall), memory };
    Ran { printed: std::fs::read(&output).expect("it was written"), cost }
}

/// The other end of [`run`]: prints microseconds of CPU time, microseconds of wall time, KiB.
pub fn inside(words: &[String]) {
    let output = File::create(&words[0]).expect("it can be written");
    let start = Instant::now();
    let status = Command::new(&words[1]).args(&words[2..]).stdout(output).status().expect("it starts");
    let wall = start.elapsed();
    assert!(matches!(status.code(), Some(0 | 1)), "{words:?}: {status}");
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the system counts");
    let cpu = (usage.user_time() + usage.system_time()).num_microseconds();
    println!("{cpu} {} {}", wall.as_micros(), usage.max_rss());
}

/// The median of each figure; of memory the most.
pub fn median(costs: &[Cost]) -> Cost {
    let middle = |mut times: Vec<Duration>| {
        times.sort();
        times[times.len() / 2]
    };
    Cost {
        cpu: middle(costs.iter().map(|cost| cost.cpu).collect()),
        wall: middle(costs.iter().map(|cost| cost.wall).collect()),
        memory: costs.iter().map(|cost| cost.memory).max().unwrap_or(0),
    }
}

/// Two programs that did the same work, several times in turn.
pub struct Duel {
    /// What the other took.
    pub theirs: Cost,
    /// What `tracks` took.
    pub ours: Cost,
}

/// Runs both in turn and hands what they printed to `check`, each time.
pub fn duel(
    mut theirs: impl FnMut() -> Ran,
    mut ours: impl FnMut() -> Ran,
    mut check: impl FnMut(&[u8], &[u8]),
) -> Duel {
    let (mut them, mut us) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (other, own) = (theirs(), ours());
        check(&other.printed, &own.printed);
        them.push(other.cost);
        us.push(own.cost);
    }
    Duel { theirs: median(&them), ours: median(&us) }
}
