//! Row culprits: how often a gate is run until a pair of tracks is named that breaks something together, among 40 that
//! merge clean; nothing is known before, and every confirmation counts. Nothing is timed.

use std::path::Path;
use std::process::{Command, Stdio};

use super::Place;
use super::programs::program;
use super::random::Random;
use super::stream::{git, print, run};

const TRACKS: usize = 40;
const PAIRS: usize = 12;
const MOST: usize = 20;

/// Row culprits.
pub fn row(place: &Place) {
    let folder = place.temporary.path().join("culprits");
    let mut random = Random::new(40);
    let mut all = Vec::new();
    for _ in 0..PAIRS {
        let one = random.below(TRACKS);
        let other = (one + random.between(1, TRACKS - 1)) % TRACKS;
        let pair = [one.min(other), one.max(other)];
        make(&folder, pair);
        all.push(runs(&folder, pair));
        std::fs::remove_dir_all(&folder).expect("it was made");
    }
    let mean = all.iter().sum::<usize>() as f64 / all.len() as f64;
    let most = all.iter().max().expect("there are some");
    println!(
        "gate runs until one of {PAIRS} pairs among {TRACKS} tracks is named: {mean:.1} on average, {most} at most (must: {MOST})"
    );
    println!("  the target, all merged, the search, each of the two alone, both again from nothing");
}

/// A repository with a branch for each track, and a gate that fails where two of them meet.
fn make(folder: &Path, [one, other]: [usize; 2]) {
    let mut text = String::from("[naming]\nbranch = \"{track}\"\n");
    (0..TRACKS).for_each(|track| text += &format!("[tracks.{}]\n", id(track)));
    text += &format!("[[gates]]\nname = 'gate'\nrun = '! test -e {}/new || ! test -e {}/new'\n", id(one), id(other));
    std::fs::create_dir_all(folder).expect("made");
    run(git(folder).args(["init", "--quiet", "--initial-branch=main"]));
    std::fs::write(folder.join("tracks.toml"), text).expect("written");
    run(git(folder).args(["add", "tracks.toml"]));
    commit(folder, "base");
    for track in (0..TRACKS).map(id) {
        run(git(folder).args(["switch", "--quiet", "--create", &track, "main"]));
        std::fs::create_dir_all(folder.join(&track)).expect("made");
        std::fs::write(folder.join(&track).join("new"), &track).expect("written");
        run(git(folder).args(["add", &track]));
        commit(folder, &track);
    }
    run(git(folder).args(["switch", "--quiet", "main"]));
}

fn commit(folder: &Path, message: &str) {
    let identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"];
    run(git(folder).args(identity).args(["commit", "--quiet", "--no-verify", "-m", message]));
}

fn id(track: usize) -> String {
    format!("t{track:02}")
}

/// How often the gate is run until the pair is named; once more it is run for those that are left.
fn runs(folder: &Path, [one, other]: [usize; 2]) -> usize {
    let tracks = |words: &[&str]| {
        let mut command = Command::new(program());
        command.arg("-C").arg(folder).args(words).stderr(Stdio::piped());
        command
    };
    let hash = print(tracks(&["trust", "--dry-run"]).stdout(Stdio::piped()));
    let hash = hash.rsplit("hash ").next().expect("it is printed").trim().to_owned();
    let output = tracks(&["--trust", &hash, "sync"]).output().expect("it runs");
    let (said, told) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let named = format!("fails for {} and {} together", id(one), id(other));
    assert!(said.contains(&named), "{said}{told}");
    told.lines().filter(|line| line.starts_with("tracks: gate ")).count() - 1
}
