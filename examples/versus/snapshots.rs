//! Row 6: the uncommitted work of 20 worktrees of 40,000 files, with 20 files changed in each, against `git status` in
//! each, one after another. With two threads.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::answers::{Agreement, all_pairs, parsed};
use super::measure::{self, duel};
use super::programs::{Objects, merge_tree, tracks};
use super::random::Random;
use super::repositories::{Monorepo, ROW_1};
use super::stream::{Repository, git, print, run};
use super::synced::{declare, id};
use super::table::{self, Goal, Measure};
use super::{Place, script};

const CHANGED: usize = 20;

/// Row 6.
pub fn row(place: &Place) {
    let shape = Monorepo { tracks: 20, ..ROW_1 };
    let repository = place.repository("6", |folder| {
        let repository = shape.make(folder);
        declare(&repository);
        let paths = shape.paths();
        for (at, branch) in repository.branches.iter().enumerate() {
            let worktree = worktree(&repository.folder, branch);
            let add = ["-c", "checkout.workers=2", "worktree", "add", "--quiet"];
            run(git(&repository.folder).args(add).arg(&worktree).arg(branch));
            change(&worktree, &paths, at);
        }
        repository
    });
    let worktrees: Vec<PathBuf> = repository.branches.iter().map(|b| worktree(&repository.folder, b)).collect();
    // Files as old as the index are read again and again; after this no one needs to be.
    std::thread::sleep(Duration::from_millis(1100));
    let script = script(&worktrees);
    measure::run(&script, None);
    let mut seen = 0;
    let mut last = Vec::new();
    let duel = duel(
        || measure::run(&script, None),
        || tracks(&repository.folder, &["matrix", "-j", "2"]),
        |status, json| {
            seen = String::from_utf8_lossy(status).lines().filter(|line| line.starts_with(" M ")).count();
            last = json.to_owned();
        },
    );
    let goal = Goal { of: Measure::Wall, must: 1.3, aim: 1.7 };
    table::line("6 snapshots, 20 worktrees, -j 2", &duel, agreement(&repository, &worktrees, &last), Some(goal));
    let dirty = |pair: &serde_json::Value| pair["uncommitted"].as_array().map_or(0, Vec::len) == 2;
    let all = parsed(&last)["pairs"].as_array().expect("pairs").iter().all(dirty);
    println!("  git status saw {seen} changed files; every pair of ours holds uncommitted work of both: {all}");
}

fn worktree(folder: &Path, branch: &str) -> PathBuf {
    folder.with_file_name("worktrees").join(id(branch))
}

/// One line of each of these files.
fn change(worktree: &Path, paths: &[String], seed: usize) {
    let mut random = Random::new(600 + seed as u64);
    let mut changed = std::collections::BTreeSet::new();
    while changed.len() < CHANGED {
        changed.insert(&paths[random.below(paths.len())]);
    }
    for path in changed {
        let file = worktree.join(path);
        let text = fs::read_to_string(&file).expect("it was checked out");
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let line = random.below(lines.len());
        lines[line] = format!("uncommitted {seed}");
        fs::write(&file, lines.join("\n") + "\n").expect("it can be written");
    }
}

fn script(worktrees: &[PathBuf]) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("known"));
    command.args([script::WORD, "status"]).args(worktrees);
    command
}

/// Has Git commit what is uncommitted, through an index of its own, and merge the commits.
fn agreement(repository: &Repository, worktrees: &[PathBuf], json: &[u8]) -> Agreement {
    let commits: Vec<String> = worktrees.iter().map(|worktree| snapshot(worktree)).collect();
    let mut agreement = Agreement::default();
    agreement.count(&merge_tree(&repository.folder, &all_pairs(&commits), Objects::InMemory).printed, json);
    agreement
}

fn snapshot(worktree: &Path) -> String {
    let index = tempfile::NamedTempFile::new().expect("a file");
    let own = print(git(worktree).args(["rev-parse", "--path-format=absolute", "--git-path", "index"]));
    fs::copy(own.trim(), index.path()).expect("a copy");
    let with_index = |words: &[&str]| {
        let text = print(git(worktree).args(words).env("GIT_INDEX_FILE", index.path()));
        text.trim().to_owned()
    };
    with_index(&["add", "--all"]);
    let tree = with_index(&["write-tree"]);
    with_index(&["-c", "user.name=a", "-c", "user.email=a@b", "commit-tree", "-m", "x", "-p", "HEAD", &tree])
}
