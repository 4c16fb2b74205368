//! How a command is ended, and which moments there are to do it.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::crash::world::World;
use crate::support::script;

/// What writes.
const WRITES: &str = "write,pwrite64,writev,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,link,linkat,\
symlink,symlinkat,fsync,fdatasync,chmod,fchmod,fchmodat,ftruncate";

/// What fails. Not what takes a file away: Git goes on as if nothing had happened, and leaves its lock.
const FAILS: &str = "write,pwrite64,rename,renameat,renameat2,mkdir,mkdirat,rmdir,link,linkat,fsync,fdatasync,fchmod,\
ftruncate";

/// What fails for the program itself.
const OWN_FAILS: &str = "write,pwrite64,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,link,linkat,fsync,\
fdatasync,fchmod,ftruncate";

/// The words of a Git that writes files, and whose errors are worth a word: what others write goes to us.
const WRITERS: [&str; 7] =
    ["worktree add", "update-ref", "symbolic-ref", "merge --ff-only", "read-tree -m", "checkout-index", "update-index"];

/// A moment and what happens then.
#[derive(Clone, Debug)]
pub enum End {
    /// Nothing.
    None,
    /// The program itself is killed at its n-th writing call; a Git that it started goes on.
    Own(usize),
    /// The n-th Git is killed at its k-th writing call, and the program goes on.
    Git(usize, usize),
    /// The same, and the program is killed too.
    Both(usize, usize),
    /// The program is killed before, after or beside the n-th Git.
    Around(usize, &'static str),
    /// A signal to all of them when the n-th Git begins.
    Signal(usize, &'static str),
    /// The program's n-th writing call fails.
    OwnFails(usize, &'static str),
    /// The k-th writing call of the n-th Git fails.
    GitFails(usize, usize, &'static str),
}

/// How many moments there are.
#[derive(Debug, Default)]
pub struct Census {
    own: usize,
    /// For each Git.
    git: Vec<usize>,
    /// Which of them write files, whose errors are worth a word: what others write goes to us.
    writers: Vec<usize>,
}

/// Whether there is `strace`, and it may be used.
pub fn strace() -> bool {
    let found = Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).output();
    let works = found.is_ok_and(|output| output.status.success());
    if !works {
        println!("left out: there is no `strace` that works");
    }
    works
}

/// Counts the moments of an undisturbed run.
pub fn census(world: &World) -> Census {
    world.reset();
    let traces = world.folder().join("traces");
    fs::create_dir_all(&traces).expect("made");
    if !strace() {
        run(world, "0", "count", &[]);
        return Census { own: 0, git: vec![0; count(world)], writers: Vec::new() };
    }
    let own = traces.join("own");
    let words = ["-qq".into(), "-o".into(), own.display().to_string(), "-e".into(), format!("trace={WRITES}")];
    run(world, "0", "none", &words);
    let lines = fs::read_to_string(&own).expect("a trace").lines().count();
    world.reset();
    run(world, "all", "trace", &[]);
    let of = |at: usize| {
        let mut most = 0;
        for entry in fs::read_dir(&traces).expect("a folder").flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with(&format!("git{at}.")) {
                most = most.max(fs::read_to_string(entry.path()).expect("a trace").lines().count());
            }
        }
        most
    };
    let writes = |at: &usize| {
        let words = fs::read_to_string(traces.join(format!("words{at}"))).unwrap_or_default();
        WRITERS.iter().any(|write| words.contains(write))
    };
    let all = 1..=count(world);
    Census { own: lines, git: all.clone().map(of).collect(), writers: all.filter(writes).collect() }
}

fn count(world: &World) -> usize {
    let text = fs::read_to_string(world.folder().join("count")).unwrap_or_default();
    text.trim().parse().unwrap_or(0)
}

fn each_git(census: &Census) -> impl Iterator<Item = usize> {
    1..=census.git.len()
}

fn each_call(census: &Census) -> impl Iterator<Item = (usize, usize)> + '_ {
    census.git.iter().enumerate().flat_map(|(at, calls)| (1..=*calls).map(move |call| (at + 1, call)))
}

/// Before, after and beside each Git.
pub fn around(census: &Census) -> Vec<(&'static str, Vec<End>)> {
    ["before", "after", "beside"].map(|when| (when, each_git(census).map(|at| End::Around(at, when)).collect())).into()
}

/// At each writing call.
pub fn calls(census: &Census) -> Vec<(&'static str, Vec<End>)> {
    vec![
        ("own calls", (1..=census.own).map(End::Own).collect()),
        ("calls of git alone", each_call(census).map(|(at, call)| End::Git(at, call)).collect()),
        ("calls of git", each_call(census).map(|(at, call)| End::Both(at, call)).collect()),
    ]
}

/// Each writing call fails.
pub fn errors(census: &Census) -> Vec<(&'static str, Vec<End>)> {
    let error = |at: usize| ["ENOSPC", "EACCES", "EIO"][at % 3];
    vec![
        ("own errors", (1..=census.own).map(|at| End::OwnFails(at, error(at))).collect()),
        (
            "errors of git",
            each_call(census)
                .filter(|(at, _)| census.writers.contains(at))
                .map(|(at, call)| End::GitFails(at, call, error(at + call)))
                .collect(),
        ),
    ]
}

/// Signals that ask to end.
pub fn signals(census: &Census) -> Vec<(&'static str, Vec<End>)> {
    ["INT", "TERM", "HUP"].map(|name| (name, each_git(census).map(|at| End::Signal(at, name)).collect())).into()
}

/// Runs the command of a world and ends it so.
pub fn end(world: &World, end: &End) -> Output {
    let inject = |set: &str, what: String, when: usize| -> Vec<String> {
        ["-qq", "-o", "/dev/null", "-e", &format!("trace={set}"), "-e", &format!("inject={set}:{what}:when={when}")]
            .map(str::to_owned)
            .into()
    };
    let git = |at: usize, how: &str, words: Vec<String>| {
        fs::write(world.folder().join("words"), words.join("\n")).expect("written");
        run(world, &at.to_string(), how, &[])
    };
    match end {
        End::None => run(world, "0", "none", &[]),
        End::Own(call) => run(world, "0", "none", &inject(WRITES, "signal=KILL".into(), *call)),
        End::OwnFails(call, error) => run(world, "0", "none", &inject(OWN_FAILS, format!("error={error}"), *call)),
        End::Git(at, call) => git(*at, "child", inject(WRITES, "signal=KILL".into(), *call)),
        End::Both(at, call) => git(*at, "both", inject(WRITES, "signal=KILL".into(), *call)),
        End::GitFails(at, call, error) => git(*at, "child", inject(FAILS, format!("error={error}"), *call)),
        End::Around(at, when) => run(world, &at.to_string(), when, &[]),
        End::Signal(at, name) => run(world, &at.to_string(), name, &[]),
    }
}

/// Runs the command with a Git before the real one that knows what is to happen to which call; under `strace` with
/// `words`, where there are any.
fn run(world: &World, at: &str, how: &str, words: &[String]) -> Output {
    let folder = world.folder();
    let _ = fs::remove_file(folder.join("count"));
    let program = env!("CARGO_BIN_EXE_tracks");
    let mut command = world.ground.command(if words.is_empty() { program } else { "strace" }, &world.ground.shop());
    if !words.is_empty() {
        command.args(words).arg(program);
    }
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{}:{path}", folder.join("bin").display()));
    command.env("CRASH", &folder).env("CRASH_AT", at).env("CRASH_HOW", how);
    command.args(world.command.words.split(' ')).stdin(Stdio::null()).process_group(0);
    let output = command.output().expect("it runs");
    world.wait();
    output
}

/// A Git that counts the calls and does what is to happen.
pub fn prepare(folder: &Path) {
    let path = std::env::var("PATH").unwrap_or_default();
    let real = path.split(':').map(|folder| Path::new(folder).join("git")).find(|path| path.exists());
    let real = real.expect("git is installed").display().to_string();
    let text = format!(
        r#"#!/bin/sh
number=$(($(cat "$CRASH/count" 2>/dev/null || echo 0) + 1))
echo $number >"$CRASH/count"
traced() {{
  set -f
  IFS='
'
  strace -f $(cat "$CRASH/words") {real} "$@"
}}
case $CRASH_AT in
all)
  echo "$*" >"$CRASH/traces/words$number"
  exec strace -ff -qq -o "$CRASH/traces/git$number" -e trace={WRITES} {real} "$@" ;;
$number)
  case $CRASH_HOW in
  before) kill -9 $PPID; exit 1 ;;
  after) {real} "$@"; kill -9 $PPID; exit 1 ;;
  beside) kill -9 $PPID; exec {real} "$@" ;;
  child) traced "$@"; exit $? ;;
  both) traced "$@"; kill -9 $PPID; exit 1 ;;
  *) kill -s $CRASH_HOW 0 ;;
  esac ;;
esac
exec {real} "$@"
"#
    );
    script(&folder.join("bin/git"), &text);
}
