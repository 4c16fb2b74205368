//! Row hook: what the hooks add to a commit of 20 files, over a hook that does nothing, in a repository of 40,000 files.
//! First 20 tracks have a worktree each and are declared, then 120; only the worktree that is committed in has files.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::Place;
use super::programs::program;
use super::repositories::{Monorepo, ROW_1};
use super::stream::{Repository, git, run};
use super::synced::id;

const STAGED: usize = 20;
const FEW: usize = 20;
const ALL: usize = 120;
const ROUNDS: usize = 31;

/// Row hook.
pub fn row(place: &Place) {
    let shape = Monorepo { tracks: ALL, ..ROW_1 };
    let repository = place.repository("hook", |folder| make(shape, folder));
    let worktree = worktree(&repository, &repository.branches[0]);
    let empty = repository.folder.join(".git/empty-hooks");
    let ways: [(&str, &[&str]); 3] = [
        ("pre-commit", &["hook", "run", "pre-commit"]),
        ("post-commit", &["hook", "run", "post-commit"]),
        ("nothing but reading the index", &["diff-index", "--cached", "--quiet", "HEAD"]),
    ];
    println!("{:<34} {:>7} {:>10} {:>10} {:>10}", "adds to a commit (wall)", "tracks", "empty hook", "ours", "more");
    let mut pre_commit = Vec::new();
    for count in [FEW, ALL] {
        declare(&repository, count);
        settle(&repository, count);
        for (name, words) in ways {
            let hooks = format!("core.hooksPath={}", empty.display());
            let (mut theirs, mut ours) = (Vec::new(), Vec::new());
            for _ in 0..ROUNDS {
                theirs.push(time(git(&worktree).args(["-c", &hooks, "hook", "run", "pre-commit"])));
                ours.push(time(git(&worktree).args(words)));
            }
            let (theirs, ours) = (median(theirs), median(ours));
            let more = ours.saturating_sub(theirs);
            println!("{name:<34} {count:>7} {:>10} {:>10} {:>10}", ms(theirs), ms(ours), ms(more));
            if name == "pre-commit" {
                pre_commit.push(more);
            }
        }
    }
    let each = pre_commit[1].saturating_sub(pre_commit[0]).as_secs_f64() * 1000.0 / (ALL - FEW) as f64;
    println!(
        "  a further track adds {each:.3} ms to pre-commit (must: at most 0.1 ms; all of it with 20: at most 25 ms)"
    );
}

fn make(shape: Monorepo, folder: &Path) -> Repository {
    let repository = shape.make(folder);
    let first = worktree(&repository, &repository.branches[0]);
    run(git(&repository.folder).args(["worktree", "add", "--quiet"]).arg(&first).arg(&repository.branches[0]));
    for path in shape.paths().iter().step_by(shape.files / STAGED) {
        let text = fs::read_to_string(first.join(path)).expect("it was checked out");
        fs::write(first.join(path), text + "one more line\n").expect("written");
        run(git(&first).args(["add", "--"]).arg(path));
    }
    let empty = repository.folder.join(".git/empty-hooks/pre-commit");
    fs::create_dir_all(empty.parent().expect("has a folder")).expect("made");
    fs::write(&empty, "#!/bin/sh\nexit 0\n").expect("written");
    fs::set_permissions(&empty, fs::Permissions::from_mode(0o755)).expect("set");
    run(Command::new(program()).arg("-C").arg(&repository.folder).args(["hooks", "install"]).stdout(Stdio::null()));
    repository
}

/// The first `count` branches get a worktree, and the others lose theirs.
fn settle(repository: &Repository, count: usize) {
    for (at, branch) in repository.branches.iter().enumerate().skip(1) {
        let worktree = worktree(repository, branch);
        let mut git = git(&repository.folder);
        match (at < count, worktree.exists()) {
            (true, false) => run(git.args(["worktree", "add", "--quiet", "--no-checkout"]).arg(worktree).arg(branch)),
            (false, true) => run(git.args(["worktree", "remove", "--force"]).arg(worktree)),
            _ => {}
        }
    }
}

/// Commits a `tracks.toml` with the first `count` tracks, each with paths of its own.
fn declare(repository: &Repository, count: usize) {
    let table = |(at, branch): (usize, &String)| {
        format!("[tracks.{}]\nowns = [\"packages/p{at:02}/**\", \"docs/{at}/**\"]\n", id(branch))
    };
    let tables: String = repository.branches.iter().take(count).enumerate().map(table).collect();
    let naming = "[naming]\nbranch = \"t/{track}\"\ndirectory = \"../worktrees/{track}\"\n";
    let rules = "[rules.file-size]\nmax-lines = 300\n[severity]\n\"ownership.foreign\" = \"warn\"\n";
    let text = format!("target = \"main\"\n{naming}{rules}{tables}");
    repository.commit("main", &[("tracks.toml".into(), text)]);
}

fn worktree(repository: &Repository, branch: &str) -> PathBuf {
    repository.folder.with_file_name("hook-worktrees").join(id(branch))
}

/// The time of one run.
fn time(command: &mut Command) -> Duration {
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let status = command.status().expect("it starts");
    assert!(matches!(status.code(), Some(0 | 1)), "{command:?}: {status}");
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}
