//! The programs that are measured, as they are started.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::measure::{self, Ran};
use super::stream::git;

/// Where the system keeps files in memory; `tracks` writes what trial merges write there.
const MEMORY: &str = "/dev/shm";

/// Where Git writes the objects of trial merges.
#[derive(Clone, Copy)]
pub enum Objects {
    /// In the folder for temporary files: on a disk like the repository, if that is on one.
    OnDisk,
    /// In memory.
    InMemory,
}

/// An object directory with nothing in it but the way to the repository's own.
pub struct Empty(tempfile::TempDir);

impl Empty {
    /// Makes one for a repository.
    pub fn new(folder: &Path, place: Objects) -> Empty {
        let home = match place {
            Objects::OnDisk => tempfile::tempdir(),
            Objects::InMemory => tempfile::tempdir_in(MEMORY),
        };
        let home = home.expect("a folder");
        fs::create_dir_all(home.path().join("info")).expect("made");
        let own = folder.join(".git/objects");
        fs::write(home.path().join("info/alternates"), format!("{}\n", own.display())).expect("written");
        Empty(home)
    }

    /// Sends what a program of Git's writes there.
    pub fn take<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command.env("GIT_OBJECT_DIRECTORY", self.0.path())
    }
}

/// The words that let `git merge-tree` read pairs.
pub const MERGE_TREE: [&str; 4] = ["merge-tree", "--write-tree", "-z", "--stdin"];

/// All pairs by one `git merge-tree`, into an empty object directory.
pub fn merge_tree(folder: &Path, pairs: &[(&str, &str)], place: Objects) -> Ran {
    let (empty, input) = (Empty::new(folder, place), lines(pairs));
    let mut command = git(folder);
    empty.take(command.args(MERGE_TREE));
    measure::run(&command, Some(input.path()))
}

/// A file with a line for each pair, as `git merge-tree --stdin` reads them.
pub fn lines(pairs: &[(&str, &str)]) -> tempfile::NamedTempFile {
    let text: String = pairs.iter().map(|(a, b)| format!("{a} {b}\n")).collect();
    let file = tempfile::NamedTempFile::new().expect("a file");
    fs::write(file.path(), text).expect("written");
    file
}

/// `tracks` with these words, JSON printed, and nothing remembered from before.
pub fn tracks(folder: &Path, words: &[&str]) -> Ran {
    forget(folder);
    tracks_again(folder, words)
}

/// The same with what earlier runs remember.
pub fn tracks_again(folder: &Path, words: &[&str]) -> Ran {
    let mut command = Command::new(program());
    command.arg("-C").arg(folder).args(words).args(["--format", "json"]);
    measure::run(&command, None)
}

/// Deletes what `tracks` keeps in a repository.
pub fn forget(folder: &Path) {
    let state = folder.join(".git/tracks");
    if state.exists() {
        fs::remove_dir_all(state).expect("it can be deleted");
    }
}

/// The release binary beside this example.
pub fn program() -> PathBuf {
    let here = std::env::current_exe().expect("known");
    let folder = here.parent().and_then(Path::parent).expect("target/release/examples");
    let program = folder.join("tracks");
    assert!(program.exists(), "build it first: cargo build --release");
    program
}
