//! Proof that hooks fire: Git runs each of them in each worktree, and the program at its end notes that it was reached and
//! does nothing else. What other managers run beside us is kept from running, or nothing is run and that is said.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::managers::{self, Manager};
use super::{Event, LONGEST, Standing, State, standing};
use crate::git::status::Now;
use crate::git::{Repo, hooks, status};
use crate::host::files;

/// Names the file in which a hook notes that it was reached.
pub const VARIABLE: &str = "TRACKS_CANARY";

/// One hook in one worktree, and whether it fires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// How it stands.
    pub standing: Standing,
    /// What came of running it.
    pub outcome: Outcome,
}

/// What came of running a hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// We were reached, once.
    Fires,
    /// We were reached that often: two hooks call us.
    FiresTwice(usize),
    /// We were not, and why.
    Silent(String),
    /// It was not run, and why.
    Unproved(String),
}

/// Runs every hook in every worktree. Nothing is committed, pushed, checked out or changed.
pub fn prove(repo: &Repo) -> Result<Vec<Proof>> {
    let prove = |standing: Standing| Ok(Proof { outcome: outcome(&standing)?, standing });
    standing::all(repo)?.into_iter().map(prove).collect()
}

/// Notes in the file that the variable names that a hook was reached; whether there is such a file.
pub fn note(event: &str) -> bool {
    let Some(file) = std::env::var_os(VARIABLE).map(PathBuf::from) else { return false };
    // Only what `prove` made: a variable that is left over makes no files.
    files::append(&file, format!("{event}\n").as_bytes()).is_ok()
}

fn outcome(standing: &Standing) -> Result<Outcome> {
    let silent = |why: &str| Ok(Outcome::Silent(standing.detail.clone().unwrap_or_else(|| why.to_owned())));
    match standing.state {
        State::Absent => return silent("no hook is there"),
        State::Foreign => return silent("nothing there calls tracks"),
        State::Dead => return silent("git runs nothing"),
        State::Installed | State::Outdated => {}
    }
    let words = match words(standing) {
        Ok(words) => words,
        Err(why) => return Ok(Outcome::Unproved(why)),
    };
    let note = files::temporary("tracks-canary-").context("cannot make a file to be noted in")?;
    let mut variables: Vec<(&str, OsString)> = vec![(VARIABLE, note.path().into())];
    if matches!(standing.manager, Some(Manager::PreCommit | Manager::Prek)) {
        variables.push(("SKIP", others(standing).into()));
    }
    let zero = "0".repeat(40);
    let input = match standing.event {
        Event::PrePush => format!("HEAD {} refs/heads/tracks-canary {zero}\n", head(&standing.worktree)),
        Event::ReferenceTransaction => format!("{zero} {zero} refs/heads/tracks-canary\n"),
        _ => String::new(),
    };
    let given = hooks::Given { words: &words, input: input.as_bytes(), variables: &variables };
    let output = hooks::run(&standing.worktree, standing.event.name(), &given)?;
    let noted = files::read(note.path(), LONGEST)?.unwrap_or_default();
    let line = format!("{}\n", standing.event.name());
    let times = noted.len() / line.len();
    Ok(match times {
        0 => Outcome::Silent(match output.stderr.lines().last().filter(|line| !line.is_empty()) {
            Some(line) => format!("it was run and did not reach tracks: {line}"),
            None => "it was run and did not reach tracks".to_owned(),
        }),
        1 => Outcome::Fires,
        times => Outcome::FiresTwice(times),
    })
}

/// What the hook is given on its command line; an error says why it must not be run.
fn words(standing: &Standing) -> Result<Vec<&'static str>, String> {
    let own: &[&str] = match standing.event {
        Event::PrePush => &["tracks-canary", "tracks-canary"],
        Event::PostCheckout => &["HEAD", "HEAD", "1"],
        Event::ReferenceTransaction => &["prepared"],
        _ => &[],
    };
    let is_first = || standing.snippet.as_ref().is_some_and(|snippet| snippet.place() == managers::Place::First);
    match standing.manager {
        None if standing.detail.is_none() || standing.state == State::Outdated => Ok(own.to_vec()),
        None => Err("a script of your own calls tracks, and would do its own work as well".into()),
        Some(Manager::Husky | Manager::Folder) if is_first() => Ok(own.to_vec()),
        Some(Manager::Husky | Manager::Folder) => {
            Err("other commands come before tracks there, and would do their work".into())
        }
        Some(Manager::Hk) => Err("hk cannot be asked to run tracks alone".into()),
        Some(_) if has_unstaged(&standing.worktree) => {
            Err("the manager would put aside what is not staged here".into())
        }
        Some(Manager::Lefthook) => Ok([own, &["--force", "--job", "tracks"]].concat()),
        Some(Manager::PreCommit | Manager::Prek) => Ok(own.to_vec()),
    }
}

fn has_unstaged(worktree: &Path) -> bool {
    let clean = |now: &Now| matches!(now, Now::Untracked | Now::Staged(_));
    status::read(worktree, &[]).map_or(true, |status| !status.files.iter().all(|file| clean(&file.now)))
}

/// The hooks of pre-commit and prek that are not ours, as they are named to be skipped.
fn others(standing: &Standing) -> String {
    let file = standing.snippet.as_ref().map(|snippet| &snippet.file);
    let content = file.and_then(|file| files::read(file, LONGEST).ok().flatten()).unwrap_or_default();
    let text = String::from_utf8_lossy(&content).into_owned();
    let id = |line: &str| {
        let value = line.trim_start().trim_start_matches("- ").strip_prefix("id:")?;
        let value = value.split(" #").next()?.trim().trim_matches(['"', '\'']);
        (!value.starts_with("tracks-")).then(|| value.to_owned())
    };
    text.lines().filter_map(id).collect::<Vec<_>>().join(",")
}

fn head(worktree: &Path) -> String {
    hooks::head(worktree).unwrap_or_else(|| "0".repeat(40))
}
