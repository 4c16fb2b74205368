//! `cargo run --release --example replay -- REPO [--limit N] [--batch N]`: every merge of two parents in a repository's
//! history (the newest N), made again by the engine and by Git, the first parent into which the second is merged.
//!
//! Compared are verdict, the tree of a clean merge, and the paths of a conflict. Printed are every merge on which the
//! two differ, how the engine came to its verdicts, and what both took; the exit status is 1 if they differ anywhere.
//!
//! Git is asked as `git --attr-source=OURS merge-tree --stdin`, a process for the merges of a batch whose first parents
//! hold the same `.gitattributes`, writing into an empty object directory. Both get the merges in batches (400), so
//! that memory stays bounded: the engine walks the history of all merges of a batch at once. They take turns in going
//! first. Not counted are the search for merges and attributes, and attempts of Git that end early: one merge that it
//! refuses takes its whole process along, which is then asked in halves.
//!
//! Nothing is written to the repository but what every command of `tracks` writes: scratch in its folder `tracks`.

mod attributes;
mod cost;
mod git;
mod history;
#[allow(dead_code, reason = "the tests use more of it")]
#[path = "../../tests/cli/merges/mod.rs"]
mod merges;

use std::path::PathBuf;
use std::process::ExitCode;

use cost::{Cost, measured};
use history::Merge;
use merges::judge::difference;
use merges::oracle::Answer;
use tracks::engine::premerge::{Premerge, Side, Tally, Trees};
use tracks::engine::snapshot;
use tracks::git::{Repo, Scratch, repo::Start};
use tracks::model::PairVerdict;

/// What came of all batches so far.
#[derive(Default)]
struct Total {
    judged: usize,
    differing: usize,
    refused: usize,
    conflicts: usize,
    tally: Tally,
    git: Cost,
    ours: Cost,
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str, default| {
        let at = words.iter().position(|word| word == name);
        at.and_then(|at| words.get(at + 1)?.parse::<usize>().ok()).unwrap_or(default)
    };
    let Some(folder) = words.first().filter(|word| !word.starts_with('-')) else {
        eprintln!("replay REPO [--limit N] [--batch N]");
        return ExitCode::from(2);
    };
    let repo = Repo::discover(&Start::At(PathBuf::from(folder))).expect("a repository");
    let merges = history::merges(&repo.common_dir, number("--limit", usize::MAX));
    println!("{} merges of two parents", merges.len());
    let mut groups = attributes::Attributes::new(&repo.common_dir);
    let mut total = Total::default();
    for (at, batch) in merges.chunks(number("--batch", 400).max(1)).enumerate() {
        let grouped = groups.group(batch);
        let by_git = || git::answers(&repo.common_dir, batch, &grouped);
        let by_us = || measured(|| verdicts(&repo, batch));
        let (git, ours) = match at % 2 {
            0 => (by_git(), by_us()),
            _ => {
                let ours = by_us();
                (by_git(), ours)
            }
        };
        total.add(batch, git, ours);
        if at % 10 == 9 {
            println!("{}", total.said());
        }
    }
    println!("{}", total.said());
    if total.differing == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The engine's verdicts on a batch, as a command would get them.
fn verdicts(repo: &Repo, batch: &[Merge]) -> (Vec<PairVerdict>, Tally) {
    let scratch = Scratch::new(repo).expect("a scratch can be made");
    let commits = batch.iter().flat_map(|merge| [merge.ours, merge.theirs]);
    let side = |commit| snapshot::committed(&scratch, commit).map_err(|error| format!("{error:#}"));
    let sides: Vec<Result<Side, String>> = commits.map(side).collect();
    let pairs: Vec<(usize, usize)> = (0..batch.len()).map(|at| (2 * at, 2 * at + 1)).collect();
    let premerge = Premerge::new(repo, &scratch).expect("the configuration can be read");
    premerge.pairs(&sides, &pairs, Trees::Compose).expect("the engine answers")
}

impl Total {
    fn add(&mut self, batch: &[Merge], git: git::Answered, ours: ((Vec<PairVerdict>, Tally), Cost)) {
        let ((verdicts, tally), cost) = ours;
        for ((merge, verdict), answer) in batch.iter().zip(&verdicts).zip(&git.answers) {
            self.judged += 1;
            self.refused += usize::from(*answer == Answer::Refused);
            self.conflicts += usize::from(matches!(answer, Answer::Conflict(_)));
            if let Some(words) = difference(verdict, answer) {
                self.differing += 1;
                println!("differs: {} ({} and {}): {words}", merge.id, merge.ours, merge.theirs);
            }
        }
        self.tally.proved += tally.proved;
        self.tally.contents += tally.contents;
        self.tally.whole += tally.whole;
        self.tally.unknown += tally.unknown;
        self.git = self.git + git.cost;
        self.ours = self.ours + cost;
    }

    fn said(&self) -> String {
        let Total { judged, differing, refused, conflicts, tally, git, ours } = self;
        let Tally { proved, contents, whole, unknown, .. } = tally;
        format!(
            "{judged} merges: {} agree, {differing} differ; by git {conflicts} conflict, {refused} refused; \
             {proved} proved, {contents} by contents, {whole} whole, {unknown} unknown; \
             cpu git {:.2?}, ours {:.2?} ({:.1}x); wall git {:.2?}, ours {:.2?} ({:.1}x)",
            judged - differing,
            git.cpu,
            ours.cpu,
            git.cpu.as_secs_f64() / ours.cpu.as_secs_f64(),
            git.wall,
            ours.wall,
            git.wall.as_secs_f64() / ours.wall.as_secs_f64(),
        )
    }
}
