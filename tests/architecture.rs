//! The house rules that a machine can hold: which room may import which, which words belong to one room alone, how long
//! a file may be, and that each says what it is for.

use std::fs;
use std::path::{Path, PathBuf};

/// From the top: a room may import those below it, never one above.
const ROOMS: [&str; 7] = ["commands", "report", "engine", "policy", "git", "host", "model"];

/// A word, and the places that may use it. Each is reserved so that all of what it does can be read in one place.
const RESERVED: [(&str, &[&str]); 10] = [
    ("gix_", &["git/", "model/id.rs"]),
    ("Command::new(", &["git/program.rs", "host/process.rs"]),
    ("std::fs", &["host/", "git/"]),
    ("fs::", &["host/", "git/"]),
    ("println!", &[]),
    ("eprintln!", &[]),
    ("std::io::stdout", &["host/terminal.rs"]),
    ("clap::", &["commands/"]),
    ("process::exit", &[]),
    ("unsafe ", &[]),
];

/// What answers are made of is turned into JSON in one room; `tracks.toml` is read in another. What is remembered,
/// and what is written down of changes, has a form of its own.
const SERIALIZE: [&str; 4] =
    ["report/", "policy/config/model.rs", "engine/premerge/memory/stored.rs", "engine/journal/form.rs"];

const LONGEST: usize = 500;

struct Source {
    /// Its path below `src/`, with slashes.
    name: String,
    text: String,
}

impl Source {
    /// The code without its tests and comments: those may say what they like.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let end = self.text.find("#[cfg(test)]").unwrap_or(self.text.len());
        let lines = self.text[..end].lines().enumerate().map(|(at, line)| (at + 1, line));
        lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    fn room(&self) -> Option<usize> {
        let (room, _) = self.name.split_once('/')?;
        ROOMS.iter().position(|name| *name == room)
    }

    fn is_in(&self, places: &[&str]) -> bool {
        places.iter().any(|place| self.name == *place || place.ends_with('/') && self.name.starts_with(place))
    }
}

fn sources() -> Vec<Source> {
    let found = below("src");
    assert!(found.len() > 50, "only {} files were found", found.len());
    found
}

fn below(folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut waiting: Vec<PathBuf> = vec![root.clone()];
    let mut found = Vec::new();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(fs::read_dir(&path).expect("a folder").map(|entry| entry.expect("an entry").path()));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let name = path.strip_prefix(&root).expect("below src").to_str().expect("UTF-8").replace('\\', "/");
            found.push(Source { name, text: fs::read_to_string(&path).expect("UTF-8") });
        }
    }
    found
}

/// Whether `word` stands in the line, and not as the end of a longer one (`refs::` is not `fs::`).
fn has(line: &str, word: &str) -> bool {
    let is_whole = |at: usize| !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
    line.match_indices(word).any(|(at, _)| is_whole(at))
}

fn assert_none(broken: Vec<String>) {
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn imports_only_go_down() {
    let mut broken = Vec::new();
    for source in sources() {
        let Some(room) = source.room() else { continue };
        for (number, line) in source.code() {
            for above in ROOMS[..room].iter().filter(|above| line.contains(&format!("crate::{above}"))) {
                broken.push(format!("{}:{number}: {} must not know {above}", source.name, ROOMS[room]));
            }
        }
    }
    assert_none(broken);
}

#[test]
fn reserved_words_stay_in_their_rooms() {
    let mut broken = Vec::new();
    for source in sources() {
        for (number, line) in source.code() {
            for (word, places) in RESERVED.iter().filter(|(word, places)| has(line, word) && !source.is_in(places)) {
                broken.push(format!("{}:{number}: `{word}` belongs to {places:?}", source.name));
            }
            if line.contains("Serialize") && !line.contains("Deserialize") && !source.is_in(&SERIALIZE) {
                broken.push(format!("{}:{number}: `Serialize` belongs to {SERIALIZE:?}", source.name));
            }
        }
    }
    assert_none(broken);
}

#[test]
fn policy_and_report_do_nothing_but_think() {
    let outside = ["crate::git", "crate::host", "std::env", "std::process", "std::net", "SystemTime", "Timestamp::now"];
    let mut broken = Vec::new();
    for source in sources().iter().filter(|source| source.is_in(&["policy/", "report/"])) {
        for (number, line) in source.code() {
            for word in outside.iter().filter(|word| line.contains(**word)) {
                broken.push(format!("{}:{number}: `{word}` reaches outside", source.name));
            }
        }
    }
    assert_none(broken);
}

#[test]
fn every_file_is_short_and_says_what_it_is_for() {
    let mut broken = Vec::new();
    for source in ["src", "tests", "examples"].into_iter().flat_map(below) {
        let lines = source.text.lines().count();
        if lines > LONGEST {
            broken.push(format!("{}: {lines} lines, {LONGEST} are allowed", source.name));
        }
        let opening = source.text.lines().next().unwrap_or_default();
        if !(opening.starts_with("//! ") && opening.len() > 20) {
            broken.push(format!("{}: no `//!` sentence at its head", source.name));
        }
    }
    assert_none(broken);
}
