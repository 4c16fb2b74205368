//! `cargo run --release --example versus`: `tracks matrix` against `git merge-tree --stdin` on the same pairs, in the same
//! run, alternating. `-- ROW` runs that row alone, `-- ROW DIR` keeps its repository in DIR. Prints the ratio of CPU times and of wall times (children counted), whether every verdict agrees, and
//! the memory of the largest process of each.
//!
//! Git writes into an empty object directory each time: one that holds the objects already halves its time. `tracks` is
//! measured as users run it: one process, its children included, JSON printed. Figures depend on the machine and on what
//! else it does; the ratios much less.

mod repository;

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use repository::Repository;

const ROUNDS: usize = 3;

/// What one run of a program took.
#[derive(Clone, Copy, Default)]
struct Cost {
    cpu: Duration,
    wall: Duration,
}

fn main() {
    let only = std::env::args().nth(1);
    let keep = std::env::args().nth(2).map(std::path::PathBuf::from);
    type Make = fn(&Path) -> Repository;
    let rows: [(&str, Make); 3] = [
        ("1 monorepo, 80 tracks", |folder| repository::monorepo(folder, 40_000, 80)),
        ("2 long-lived, 60 branches", |folder| repository::long_lived(folder, 60)),
        ("3 restless, 40 branches", |folder| repository::restless(folder, 40)),
    ];
    println!(
        "{:<28} {:>6} {:>9} {:>9} {:>8} {:>8} {:>8} {:>9}",
        "row", "pairs", "git cpu", "ours cpu", "cpu x", "wall x", "agree", "ours MiB"
    );
    for (name, make) in rows.iter().filter(|(name, _)| only.as_ref().is_none_or(|only| name.starts_with(only.as_str())))
    {
        let temporary = tempfile::tempdir().expect("a folder");
        let folder = keep.as_ref().map_or(temporary.path().to_owned(), |keep| keep.join(&name[..1]));
        let repository = make(&folder);
        println!("{name:<28} {}", compare(&repository));
    }
}

fn compare(repository: &Repository) -> String {
    let branches = &repository.branches;
    let pairs: Vec<(&str, &str)> = branches
        .iter()
        .enumerate()
        .flat_map(|(at, a)| branches[at + 1..].iter().map(move |b| (a.as_str(), b.as_str())))
        .collect();
    let (mut git, mut ours) = (Vec::new(), Vec::new());
    let mut agreeing = 0;
    for _ in 0..ROUNDS {
        let (said, cost) = measured(|| merge_tree(&repository.folder, &pairs));
        git.push(cost);
        let verdicts = clean_by_git(&said.stdout);
        let (said, cost) = measured(|| matrix(&repository.folder));
        ours.push(cost);
        agreeing = agreement(&said.stdout, &verdicts);
    }
    let (git, ours) = (median(git), median(ours));
    let ratio = |a: Duration, b: Duration| a.as_secs_f64() / b.as_secs_f64();
    format!(
        "{:>6} {:>8.2}s {:>8.2}s {:>7.1}x {:>7.1}x {:>3}/{} {:>9}",
        pairs.len(),
        git.cpu.as_secs_f64(),
        ours.cpu.as_secs_f64(),
        ratio(git.cpu, ours.cpu),
        ratio(git.wall, ours.wall),
        agreeing,
        pairs.len(),
        largest(&repository.folder),
    )
}

/// Every pair by one `git merge-tree`, into an empty object directory.
fn merge_tree(folder: &Path, pairs: &[(&str, &str)]) -> Output {
    let scratch = tempfile::tempdir().expect("a folder");
    let objects = scratch.path().join("objects");
    fs::create_dir_all(objects.join("info")).expect("made");
    let input = scratch.path().join("pairs");
    let lines: String = pairs.iter().map(|(a, b)| format!("{a} {b}\n")).collect();
    fs::write(&input, lines).expect("written");
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(["merge-tree", "--write-tree", "-z", "--stdin"]);
    command.env("GIT_OBJECT_DIRECTORY", &objects).env("GIT_ALTERNATE_OBJECT_DIRECTORIES", folder.join(".git/objects"));
    let output = command.stdin(fs::File::open(&input).expect("written")).output().expect("git is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

fn matrix(folder: &Path) -> Output {
    let mut command = Command::new(program());
    command.arg("-C").arg(folder).args(["matrix", "t/*", "--format", "json"]).stderr(Stdio::inherit());
    command.output().expect("it is built")
}

/// The release binary beside this example.
fn program() -> std::path::PathBuf {
    let here = std::env::current_exe().expect("known");
    let folder = here.parent().and_then(Path::parent).expect("target/release/examples");
    let program = folder.join("tracks");
    assert!(program.exists(), "build it first: cargo build --release");
    program
}

fn measured(run: impl FnOnce() -> Output) -> (Output, Cost) {
    let cpu = || {
        let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the system counts");
        let seconds = |time: nix::sys::time::TimeVal| Duration::new(time.tv_sec() as u64, time.tv_usec() as u32 * 1000);
        seconds(usage.user_time()) + seconds(usage.system_time())
    };
    let (before, start) = (cpu(), Instant::now());
    let output = run();
    (output, Cost { wall: start.elapsed(), cpu: cpu() - before })
}

fn median(mut costs: Vec<Cost>) -> Cost {
    costs.sort_by_key(|cost| cost.cpu);
    let cpu = costs[costs.len() / 2].cpu;
    costs.sort_by_key(|cost| cost.wall);
    Cost { cpu, wall: costs[costs.len() / 2].wall }
}

/// Whether each merge was clean: the status that begins each answer. An answer ends in two empty fields at the latest.
fn clean_by_git(output: &[u8]) -> Vec<bool> {
    let fields: Vec<&[u8]> = output.split(|byte| *byte == 0).collect();
    let is_tree = |field: &&[u8]| field.len() == 40 && field.iter().all(u8::is_ascii_hexdigit);
    let starts = fields.windows(2).filter(|pair| matches!(pair[0], b"0" | b"1") && is_tree(&pair[1]));
    starts.map(|pair| pair[0] == b"1").collect()
}

fn agreement(json: &[u8], git: &[bool]) -> usize {
    let report: serde_json::Value = serde_json::from_slice(json).expect("JSON");
    let pairs = report["pairs"].as_array().expect("pairs");
    assert_eq!(pairs.len(), git.len());
    let says = |pair: &serde_json::Value, clean: bool| match pair["verdict"].as_str() {
        Some("disjoint" | "clean") => clean,
        Some("conflict") => !clean,
        _ => false,
    };
    pairs.iter().zip(git).filter(|(pair, clean)| says(pair, **clean)).count()
}

/// The memory of our largest process in MiB, read from the system while it runs.
fn largest(folder: &Path) -> u64 {
    let mut command = Command::new(program());
    command.arg("-C").arg(folder).args(["matrix", "t/*", "--format", "json"]).stdout(Stdio::null());
    let mut child = command.spawn().expect("it is built");
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    while child.try_wait().expect("a child").is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        most = most.max(kib.unwrap_or(0));
        std::thread::sleep(Duration::from_millis(2));
    }
    most / 1024
}
