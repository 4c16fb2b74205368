//! `cargo build --release && cargo run --release --example corpus -- FOLDER [--tracks PROGRAM]`: holds `tracks matrix
//! --pairs -` against merges whose results were recorded.
//!
//! FOLDER holds tables `NAME.tsv`, each with a bundle `NAME.bundle` beside it that has the objects. The first line of a
//! table names its columns; tabs separate them, and `-` is nothing. These are read, others may be there:
//!
//! | column | meaning |
//! | --- | --- |
//! | `id` | the name of the row |
//! | `kind` | `commit` or `multibase`: two commits; `tree`: three trees; `unrelated`: commits without common history |
//! | `ours`, `theirs` | the ids of the two sides |
//! | `base_tree` | the base, for three trees |
//! | `stable` | `1` if the record is a fair check: several versions of Git say the same |
//! | `exit`, `tree` | what `git merge-tree --write-tree` ended with (0 clean, 1 conflict, else it could not), and printed |
//!
//! All stable rows of a table go through one process of `tracks`. A clean merge must have the recorded tree; what Git
//! could not do, and what has no common history, must be unknown. The record was made without `.gitattributes` (in a
//! bare repository), while a merge in a work tree obeys those of the side that is merged into: about every row that
//! differs the installed Git is asked again with `--attr-source`, and rows on which it says what `tracks` says are
//! counted apart. The exit status is 1 if any row differs from both. Nothing is ever checked out.

mod git;
mod rows;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use rows::Row;

/// How the rows of one kind came out.
#[derive(Default)]
struct Count {
    agree: usize,
    only_this_git: usize,
    differ: usize,
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let named = words.iter().position(|word| word == "--tracks").and_then(|at| words.get(at + 1));
    let program = named.map_or_else(beside, PathBuf::from);
    let Some(folder) = words.first().filter(|word| !word.starts_with('-')) else {
        eprintln!("corpus FOLDER [--tracks PROGRAM]");
        return ExitCode::from(2);
    };
    if !git::reads_pairs(&program) {
        eprintln!("this binary has no --pairs: {}", program.display());
        return ExitCode::from(2);
    }
    let tables = rows::tables(Path::new(folder));
    if tables.is_empty() {
        eprintln!("there is no table with a bundle in {folder}");
        return ExitCode::from(2);
    }
    let differing: usize = tables.iter().map(|table| check(&program, table)).sum();
    if differing == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Judges one table and prints what came of it; gives the number of rows that differ.
fn check(program: &Path, table: &Path) -> usize {
    let all = rows::read(table);
    let rows: Vec<&Row> = all.iter().filter(|row| row.stable).collect();
    let clone = git::Clone::of(&table.with_extension("bundle"));
    let answers = clone.ask(program, &rows);
    let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
    for (row, said) in rows.iter().zip(&answers) {
        let count = counts.entry(&row.kind).or_default();
        if *said == row.recorded {
            count.agree += 1;
            continue;
        }
        let git = clone.with_attributes(row);
        let (place, words) = match git == *said {
            true => (&mut count.only_this_git, "differs from the record, equals this Git"),
            false => (&mut count.differ, "differs"),
        };
        *place += 1;
        println!("{} ({}) {words}: tracks {said}, recorded {}, this git {git}", row.id, row.kind, row.recorded);
    }
    let name = table.file_stem().unwrap_or_default().to_string_lossy();
    println!("{name}: {} rows, {} of them stable", all.len(), rows.len());
    for (kind, Count { agree, only_this_git, differ }) in &counts {
        println!(
            "  {kind:<10} {agree:>6} agree {only_this_git:>4} differ from the record, as this git {differ:>4} differ"
        );
    }
    counts.values().map(|count| count.differ).sum()
}

/// The release binary beside this example.
fn beside() -> PathBuf {
    let here = std::env::current_exe().expect("known");
    here.parent().and_then(Path::parent).expect("target/release/examples").join("tracks")
}
