//! How cost grows: with threads, with the size of the repository, with the number of tracks.

use std::time::Duration;

use super::Place;
use super::answers::{Agreement, all_pairs};
use super::measure::{Cost, Duel, ROUNDS, median};
use super::pairs::compare;
use super::programs::{Objects, merge_tree, tracks as run_tracks};
use super::repositories::{Monorepo, ROW_1};
use super::table::{self, mib, ratio};

/// Row 1 with one thread and with two.
pub fn threads(place: &Place) {
    let repository = place.repository("1", |folder| ROW_1.make(folder));
    let (one, agreement) = compare(&repository, &["matrix", "t/*", "-j", "1"], Objects::OnDisk);
    table::line("row 1, -j 1", &one, agreement, None);
    let (two, agreement) = compare(&repository, &["matrix", "t/*", "-j", "2"], Objects::OnDisk);
    table::line("row 1, -j 2", &two, agreement, None);
    println!("  two threads are {:.2}x as fast as one (wall)", ratio(one.ours.wall, two.ours.wall));
}

/// The same changes in repositories of three sizes, with more packages of the same size; and with the same packages ten
/// times as full, where the folders that tracks change have grown, and so has what must be read of them.
pub fn size(place: &Place) {
    const BLOCK: usize = 10_000;
    let shape = |files, block| Monorepo { files, block, packages: 24, changed: BLOCK, tracks: 80 };
    let print = |name: &str, shape: Monorepo| {
        let repository = place.repository(&name.replace([' ', ','], "-"), |folder| shape.make(folder));
        let (duel, agreement) = compare(&repository, &["matrix", "t/*"], Objects::OnDisk);
        table::line(name, &duel, agreement, None);
        duel.ours
    };
    let small = print("10,000 files", shape(BLOCK, BLOCK));
    let against = |large: Cost, goal: &str| {
        let (cpu, wall) = (ratio(large.cpu, small.cpu), ratio(large.wall, small.wall));
        println!("  cpu {cpu:.2}x and wall {wall:.2}x those of 10,000 files{goal}");
    };
    print("100,000 files, more packages", shape(100_000, BLOCK));
    against(print("400,000 files, more packages", shape(400_000, BLOCK)), " (must: at most 2x)");
    against(print("100,000 files, fuller packages", shape(100_000, 100_000)), "");
}

/// How many tracks, and the patterns that name them: a pattern costs one process of Git, as a name does.
const TRACKS: [(usize, &[&str]); 6] = [
    (10, &["t/00?"]),
    (20, &["t/0[01]?"]),
    (40, &["t/0[0-3]?"]),
    (80, &["t/0[0-7]?"]),
    (160, &["t/0??", "t/1[0-5]?"]),
    (320, &["t/*"]),
];

/// What a track more costs.
pub fn tracks(place: &Place) {
    let repository = place.repository("tracks", |folder| Monorepo { tracks: 320, ..ROW_1 }.make(folder));
    println!(
        "{:>7} {:>7} {:>9} {:>9} {:>17} {:>8} {:>5}",
        "tracks", "pairs", "cpu", "wall", "cpu a track more", "a pair", "MiB"
    );
    let (mut fewer, mut before) = (0, Cost::default());
    let mut printed = Vec::new();
    for (count, patterns) in TRACKS {
        let words = [&["matrix"], patterns].concat();
        let mut run = || {
            let ran = run_tracks(&repository.folder, &words);
            printed = ran.printed;
            ran.cost
        };
        let cost = median(&(0..ROUNDS).map(|_| run()).collect::<Vec<Cost>>());
        let pairs = count * (count - 1) / 2;
        let micros = |time: Duration, by: usize| time.as_micros() as f64 / by as f64;
        let more = micros(cost.cpu.saturating_sub(before.cpu), count - fewer) / 1000.0;
        let (cpu, wall, pair) = (cost.cpu.as_secs_f64(), cost.wall.as_secs_f64(), micros(cost.cpu, pairs));
        println!("{count:>7} {pairs:>7} {cpu:>8.3}s {wall:>8.3}s {more:>14.2} ms {pair:>5.0} µs {:>5}", mib(cost));
        (fewer, before) = (count, cost);
    }
    let git = merge_tree(&repository.folder, &all_pairs(&repository.branches), Objects::InMemory);
    let mut agreement = Agreement::default();
    agreement.count(&git.printed, &printed);
    let duel = Duel { theirs: git.cost, ours: before };
    table::line("320 tracks, Git once, to memory", &duel, agreement, None);
}
