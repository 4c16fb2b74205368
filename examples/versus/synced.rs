//! Row 5: `tracks sync --committed` of row 1, the integration included, against the same pairs and the same chain of
//! merges by Git. What it keeps in the repository is taken out again after each run.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::answers::{Agreement, all_pairs, parsed};
use super::measure::{self, Duel, ROUNDS, Ran, duel};
use super::programs::{Empty, Objects, lines, tracks};
use super::repositories::ROW_1;
use super::stream::{Repository, git, run};
use super::table::{self, Goal};
use super::{Place, script};

/// Row 5.
pub fn row(place: &Place) {
    let repository = place.repository("5", |folder| {
        let repository = ROW_1.make(folder);
        declare(&repository);
        repository
    });
    let print = |name: &str, place, goal| {
        let (duel, agreement, same) = compare(&repository, place);
        table::line(name, &duel, agreement, goal);
        println!(
            "  the same integration as Git's chain in {same} of {ROUNDS} rounds: tree, and which tracks are merged"
        );
    };
    print("5 sync --committed of row 1", Objects::OnDisk, Some(Goal::cpu(12.0, 25.0)));
    print("  Git writing to memory, too", Objects::InMemory, None);
}

/// Both in turn, their verdicts, and in how many rounds the integration was the same.
fn compare(repository: &Repository, place: Objects) -> (Duel, Agreement, usize) {
    let folder = &repository.folder;
    let mut sides = vec!["main".to_owned()];
    sides.extend(repository.branches.iter().cloned());
    let (answers, input) = (tempfile::NamedTempFile::new().expect("a file"), lines(&all_pairs(&sides)));
    let (mut agreement, mut same) = (Agreement::default(), 0);
    let before = objects(folder);
    let duel = duel(
        || by_git(folder, input.path(), answers.path(), place),
        || {
            let ran = tracks(folder, &["sync", "--committed"]);
            run(git(folder).args(["update-ref", "-d", "refs/tracks/integration/main"]));
            objects(folder).difference(&before).for_each(|path| fs::remove_file(path).expect("it can be deleted"));
            ran
        },
        |chain, json| {
            agreement.count(&fs::read(answers.path()).expect("Git wrote it"), json);
            same += usize::from(String::from_utf8_lossy(chain) == integration(json));
        },
    );
    (duel, agreement, same)
}

/// Commits a `tracks.toml` that names every branch a track.
pub fn declare(repository: &Repository) {
    let tables: String = repository.branches.iter().map(|branch| format!("[tracks.{}]\n", id(branch))).collect();
    let naming = "[naming]\nbranch = \"t/{track}\"\ndirectory = \"../worktrees/{track}\"\n";
    let text = format!("target = \"main\"\n{naming}{tables}");
    repository.commit("main", &[("tracks.toml".into(), text)]);
}

/// The track of a branch.
pub fn id(branch: &str) -> &str {
    branch.strip_prefix("t/").expect("they are all there")
}

fn by_git(folder: &Path, pairs: &Path, answers: &Path, place: Objects) -> Ran {
    let empty = Empty::new(folder, place);
    let mut command = Command::new(std::env::current_exe().expect("known"));
    command.args([script::WORD, "merge"]).arg(folder).arg(answers);
    empty.take(&mut command);
    measure::run(&command, Some(pairs))
}

/// The tree and the merged tracks, in the words of `script.rs`.
fn integration(json: &[u8]) -> String {
    let integration = &parsed(json)["integration"];
    let merged = integration["merged"].as_array().expect("a list").iter();
    let merged: String = merged.map(|id| format!("t/{}\n", id.as_str().expect("an id"))).collect();
    format!("{merged}{}\n", integration["tree"].as_str().expect("an id"))
}

/// Every file of the object database.
fn objects(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![folder.join(".git/objects")];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            match entry.is_dir() {
                true => waiting.push(entry),
                false => drop(found.insert(entry)),
            }
        }
    }
    found
}
