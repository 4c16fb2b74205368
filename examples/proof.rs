//! The long proof: random histories, every pair judged by the engine and by Git.
//!
//! `cargo run --release --example proof -- --pairs 300000 --seed 1` prints how the pairs were decided. At a difference it
//! stops, makes the history as small as it gets and writes it to `fixtures/merges/`. With `--renormalize` all contents are
//! normalised before they are merged (`merge.renormalize`), and Git has to merge in earnest; otherwise some are.

#[allow(dead_code, reason = "the tests use more of it")]
#[path = "../tests/cli/merges/mod.rs"]
mod merges;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Instant;

use merges::generator::{Random, all_pairs, stories};
use merges::judge::{Judged, judge};
use merges::line_ends;
use merges::shrink::shrink;
use merges::story::{Story, side_by_side};
use merges::text::{Judgement, Scenario, write};

fn main() -> ExitCode {
    let (pairs, mut seed) = (argument("--pairs", 10_000), argument("--seed", 1));
    let renormalize = std::env::args().any(|word| word == "--renormalize");
    let start = Instant::now();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut judged_pairs = 0;
    while judged_pairs < pairs {
        let stories = of_seed(seed, renormalize);
        let (story, starts) = side_by_side(&stories.iter().collect::<Vec<_>>());
        let pairs_of = |(story, start): (&Story, &usize)| {
            let start = *start;
            all_pairs(story).into_iter().map(move |(ours, theirs)| (ours + start, theirs + start))
        };
        let asked: Vec<(usize, usize)> = stories.iter().zip(&starts).flat_map(pairs_of).collect();
        let Judged { verdicts, tally, differences } = judge(&story, &asked);
        if let Some((pair, words)) = differences.first() {
            println!("seed {seed}, {pair:?}: {words}");
            report(&story, *pair, seed);
            return ExitCode::FAILURE;
        }
        judged_pairs += asked.len() as u64;
        let decided = [("proved", tally.proved), ("contents", tally.contents), ("whole", tally.whole)];
        decided.into_iter().for_each(|(name, count)| *counts.entry(name).or_default() += count);
        verdicts.iter().for_each(|verdict| *counts.entry(verdict.verdict.name()).or_default() += 1);
        seed += 1;
        if seed % 10 == 0 {
            println!("{judged_pairs} pairs, next seed {seed}, {:?}: {counts:?}", start.elapsed());
        }
    }
    println!("{judged_pairs} pairs, no difference, {:?}: {counts:?}", start.elapsed());
    ExitCode::SUCCESS
}

fn of_seed(seed: u64, renormalize: bool) -> Vec<Story> {
    let mut random = Random::new(seed);
    let kind = if renormalize { seed % 2 * 8 } else { seed % 16 };
    match kind {
        0 => vec![line_ends::story(&mut random)],
        8 => {
            let mut stories = stories(&mut random, 1);
            stories[0].config.push(("merge.renormalize".into(), "true".into()));
            stories
        }
        _ => stories(&mut random, 20),
    }
}

fn argument(name: &str, default: u64) -> u64 {
    let mut words = std::env::args().skip_while(|word| word != name);
    words.nth(1).map_or(default, |value| value.parse().expect("a number"))
}

fn report(story: &Story, pair: (usize, usize), seed: u64) {
    let (small, (ours, theirs)) = shrink(story, pair);
    let words = judge(&small, &[(ours, theirs)]).differences.remove(0).1;
    let judgement = Judgement { ours, theirs, verdict: "clean".into(), conflicts: Vec::new() };
    let text = write(&Scenario { story: small, judgements: vec![judgement] }, &words);
    let file = format!("{}/fixtures/merges/found-{seed}.txt", env!("CARGO_MANIFEST_DIR"));
    println!("{text}\nwritten to {file}: say there what Git says");
    std::fs::write(file, text).expect("the file can be written");
}
