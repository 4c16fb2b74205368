//! `cargo build --release && cargo run --release --example versus`: `tracks` against Git on the same work, in the same
//! run, alternating. `-- ROW…` runs those rows alone; `--keep DIR` makes their repositories in DIR, or takes those that
//! are there.
//!
//! | row | work | against |
//! | --- | --- | --- |
//! | 1 | all pairs of 80 tracks in a repository of 40,000 files | one `git merge-tree --stdin` on the same pairs |
//! | 2 | all pairs of 60 long branches over a long history | the same |
//! | 3 | all pairs of 40 branches that rename, move, delete | the same |
//! | 4 | row 1 again after one track has moved | the first run, with nothing remembered |
//! | 5 | `sync --committed` of row 1 | the same pairs and the same chain of merges by Git (`script.rs`) |
//! | 6 | snapshots of 20 worktrees of 40,000 files, 20 of them changed in each | `git status` in each, one after another |
//! | threads | row 1 with one thread, and with two | Git on the same pairs |
//! | size | the same changes among 10,000, 100,000 and 400,000 files | Git on the same pairs |
//! | tracks | row 1 with 10 to 320 tracks | nothing: what a track more costs; Git judges the verdicts once |
//! | hook | the hooks of a commit of 20 files among 40,000, with 20 tracks and with 120 | a hook that does nothing |
//! | culprits | naming a pair that fails together, among 40 tracks | nothing: how often the gate is run |
//!
//! Printed are the median of three rounds of CPU time and of wall time (child processes counted), their ratios, the
//! memory of the largest process of each, whether every verdict agrees, and what a row must reach and aims at. `tracks`
//! is measured as users run it: one command, JSON printed. Git writes into an empty object directory each time: one
//! that holds the objects already halves its time. That lies in the folder for temporary files, on a disk as a
//! repository does; `tracks` writes to memory what nobody keeps, and so where making files is dear much of the ratio is
//! that. Lines below rows 1, 2, 3 and 5 have Git write to memory as well. What `tracks` remembers is deleted before
//! every run, but for the second one of row 4. Figures depend on the machine and on what else it does; the ratios less,
//! most of all where Git writes to memory.
//!
//! Row 6 runs `tracks matrix -j 2` of the 20 tracks: of the commands that read uncommitted work it does the least else
//! (190 pairs; `list` and `sync` judge rules and the target, too). Making its 800,000 files takes a few minutes and 4
//! GB in the folder for temporary files.
//!
//! Where our time goes, by `perf`:
//! - Row 1: a quarter is the walk of the proofs, as much is reading each track's changed trees once, which is the floor;
//!   15 % is in the handful of Git processes that a run starts.
//! - Row 2: more than half is Git's, merging all contents in one go; the rest is reading trees and blobs.
//! - Row 3: three quarters are Git's: 707 of the 780 pairs have renames or moved folders and are merged by it as a whole.
//!   With Git writing to memory the two are even.
//! - Row 4: of 25 ms a fifth are the three Git processes that any command starts (above 1 ms each), as much printing 3,160
//!   pairs, a tenth starting up, a tenth reading what is remembered (fresh memory is most of it), as much reading the
//!   commits of the tracks; the rest is looking the pairs up. That one track moved adds 2 to 5 ms: what little is new is
//!   written beside what was known. A twentieth of the first run is hardly more than the processes and the start take.
//! - Row 5: a quarter is Git's, most of it in taking in the pack of the integration; the rest reads and walks trees.
//! - Row 6: six parts in ten are looking at 800,000 files one by one, two reading 29,000 folders, which is the floor: a
//!   program that does nothing else takes 0.7 s on two cores where `git status` takes 1.5 s and we 1.0 s. The rest is reading
//!   the indices, two Git processes in each worktree, and merging.

mod answers;
mod culprits;
mod hook;
mod measure;
mod pairs;
mod programs;
mod random;
mod remembered;
mod repositories;
mod scale;
mod script;
mod snapshots;
mod stream;
mod synced;
mod table;

use std::path::PathBuf;

use stream::Repository;

/// What measures a row and prints it.
type Row = fn(&Place);

const ROWS: [(&str, Row); 11] = [
    ("1", pairs::monorepo),
    ("2", pairs::long_lived),
    ("3", pairs::restless),
    ("4", remembered::row),
    ("5", synced::row),
    ("6", snapshots::row),
    ("threads", scale::threads),
    ("size", scale::size),
    ("tracks", scale::tracks),
    ("hook", hook::row),
    ("culprits", culprits::row),
];

/// Where the repositories of a row lie.
pub struct Place {
    kept: Option<PathBuf>,
    temporary: tempfile::TempDir,
}

impl Place {
    /// The repository with this name, made unless it was kept from another time.
    pub fn repository(&self, name: &str, make: impl FnOnce(&std::path::Path) -> Repository) -> Repository {
        let folder = self.kept.as_deref().unwrap_or(self.temporary.path()).join(name);
        match folder.join(".git").exists() {
            true => Repository::open(&folder),
            false => make(&folder),
        }
    }
}

fn main() {
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    match words.first().map(String::as_str) {
        Some(measure::WORD) => return measure::inside(&words[1..]),
        Some(script::WORD) => return script::run(&words[1..]),
        _ => {}
    }
    let mut kept = None;
    if let Some(at) = words.iter().position(|word| word == "--keep") {
        kept = words.get(at + 1).map(PathBuf::from);
        words.drain(at..(at + 2).min(words.len()));
    }
    let known = |word: &String| ROWS.iter().any(|(name, _)| name == word);
    if let Some(word) = words.iter().find(|word| !known(word)) {
        let names: Vec<&str> = ROWS.iter().map(|(name, _)| *name).collect();
        eprintln!("there is no row `{word}`: versus [{}]… [--keep DIR]", names.join("|"));
        std::process::exit(2);
    }
    table::head();
    for (_, row) in ROWS.iter().filter(|(name, _)| words.is_empty() || words.iter().any(|word| word == name)) {
        row(&Place { kept: kept.clone(), temporary: tempfile::tempdir().expect("a folder") });
    }
}
