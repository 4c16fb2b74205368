//! `tracks hooks run`: what a hook does. Only a finding stops anybody: a check that could not run says so and lets pass,
//! since nobody's work waits for our bug.

use std::ffi::OsStr;
use std::io::{IsTerminal, Read};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::commands::session::{FailOn, Session};
use crate::commands::{Ending, check, steps};
use crate::engine::hooks::{Event, canary, skipped};
use crate::engine::moved::{self, Moved};
use crate::engine::news::{self, News};
use crate::engine::project::Project;
use crate::git::repo::Start;
use crate::git::{Repo, Scratch};
use crate::model::text::{count, list};
use crate::policy::rules::Settled;

/// How many paths are named before the rest is counted.
const NAMED: usize = 5;

/// Do what a hook does
#[derive(Args)]
pub struct Run {
    /// The hook
    #[arg(value_enum)]
    event: EventName,
    /// After how many milliseconds post-commit and post-checkout give up looking for conflicts
    #[arg(long, value_name = "MS", default_value_t = 40)]
    within: u64,
    /// What Git gives the hook
    #[arg(value_name = "WORD", trailing_var_arg = true, allow_hyphen_values = true)]
    words: Vec<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum EventName {
    PreCommit,
    PreMergeCommit,
    PrePush,
    PostCommit,
    PostCheckout,
    ReferenceTransaction,
}

impl From<EventName> for Event {
    fn from(name: EventName) -> Event {
        match name {
            EventName::PreCommit => Event::PreCommit,
            EventName::PreMergeCommit => Event::PreMergeCommit,
            EventName::PrePush => Event::PrePush,
            EventName::PostCommit => Event::PostCommit,
            EventName::PostCheckout => Event::PostCheckout,
            EventName::ReferenceTransaction => Event::ReferenceTransaction,
        }
    }
}

/// Runs it.
pub fn run(session: &Session, options: &Run) -> Result<Ending> {
    let event = Event::from(options.event);
    if canary::note(event.name()) {
        // Whoever called us goes no further: this is no commit.
        return Ok(Ending::Findings);
    }
    let is = |name: &str, value: &str| std::env::var_os(name).is_some_and(|found| found == OsStr::new(value));
    // The hook that calls another manager, which calls us, calls us itself when that is done.
    let inside_ours = is("TRACKS_HOOK", event.name()) && !is("TRACKS_SHIM", "1");
    if is("TRACKS_OWN", "1") || inside_ours {
        return Ok(Ending::Clean);
    }
    let done = match () {
        () if is("TRACKS", "0") => skip(session, event),
        () => act(session, event, options),
    };
    done.or_else(|error| {
        steps::warn(session, &format!("{} checked nothing", event.name()), &error);
        Ok(Ending::Clean)
    })
}

fn skip(session: &Session, event: Event) -> Result<Ending> {
    if event.stops() {
        skipped::log(&session.repo()?, event);
    }
    Ok(Ending::Clean)
}

fn act(session: &Session, event: Event, options: &Run) -> Result<Ending> {
    let words: Vec<&str> = options.words.iter().map(String::as_str).collect();
    match event {
        Event::PreCommit | Event::PreMergeCommit => check::staged(session),
        Event::PrePush => judge(session, &pushed()?),
        Event::ReferenceTransaction if words.first() == Some(&"prepared") => {
            judge(session, &moved::updated(&mut std::io::stdin().lock())?)
        }
        Event::ReferenceTransaction => Ok(Ending::Clean),
        Event::PostCheckout if is_no_switch(&words) => Ok(Ending::Clean),
        Event::PostCommit | Event::PostCheckout => {
            tell(session, event, Duration::from_millis(options.within));
            Ok(Ending::Clean)
        }
    }
}

/// What is pushed: on standard input, else in the variables in which pre-commit and prek hand it on.
fn pushed() -> Result<Vec<Moved>> {
    let variable = |name: &str| std::env::var(format!("PRE_COMMIT_{name}")).unwrap_or_default();
    let found = match std::io::stdin().is_terminal() {
        true => Vec::new(),
        false => moved::pushed(&mut std::io::stdin().lock().by_ref())?,
    };
    let handed = [variable("LOCAL_BRANCH"), variable("TO_REF"), variable("REMOTE_BRANCH"), variable("FROM_REF")];
    let handed = moved::push(&handed.each_ref().map(String::as_str));
    Ok(if found.is_empty() { handed.into_iter().collect() } else { found })
}

fn judge(session: &Session, moved: &[Moved]) -> Result<Ending> {
    if moved.is_empty() {
        return Ok(Ending::Clean);
    }
    let repo = session.repo()?;
    let project = Project::for_hook(&repo)?;
    if !project.copies.any() {
        return Ok(Ending::Clean);
    }
    let findings = moved::judge(&project, &Scratch::new(&repo)?, moved)?;
    match findings.is_empty() {
        true => Ok(Ending::Clean),
        false => check::report(session, &Settled { findings, waived: Vec::new() }, FailOn::Error),
    }
}

/// Whether a checkout left the branch as it is: of files, or the first one in a new worktree or clone.
fn is_no_switch(words: &[&str]) -> bool {
    matches!(words, [_, _, "0"]) || words.first().is_some_and(|old| old.bytes().all(|byte| byte == b'0'))
}

/// Says which conflicts are new, if that is found out in time. Never fails, never waits longer.
fn tell(session: &Session, event: Event, within: Duration) {
    let start = Instant::now();
    let (sender, receiver) = mpsc::channel();
    let from = session.start.clone();
    // Left behind when time is up: the process ends, and the next one sweeps what it leaves.
    std::thread::spawn(move || sender.send(look(&from)));
    match receiver.recv_timeout(within.saturating_sub(start.elapsed())) {
        Ok(Ok(Some((track, news)))) => say(session, &track, &news),
        Ok(Ok(None)) => {}
        Ok(Err(error)) => steps::warn(session, &format!("{} looked for no conflicts", event.name()), &error),
        Err(_) => {
            let time = count(usize::try_from(within.as_millis()).unwrap_or(usize::MAX), "millisecond");
            session
                .terminal
                .narrate(&format!("tracks: no time to look for new conflicts in {time}: see `tracks sync`"));
        }
    }
}

/// The track whose worktree this is, and what is new to it; `None` where this is no track's.
fn look(start: &Start) -> Result<Option<(String, News)>> {
    let repo = Repo::discover(start)?;
    let project = Project::for_hook(&repo)?;
    let Some(track) = repo.worktree.as_deref().and_then(|here| project.track_at(here)) else { return Ok(None) };
    let is_busy = project.workplace(track).is_some_and(|(worktree, _)| worktree.operation.is_some());
    if is_busy || track.tip.is_none() {
        return Ok(None);
    }
    let news = news::of(&project, &Scratch::new(&repo)?, track)?;
    Ok(Some((track.id.to_string(), news)))
}

fn say(session: &Session, track: &str, news: &News) {
    for (other, paths) in &news.conflicts {
        let named: Vec<String> = paths.iter().take(NAMED).map(|path| format!("`{path}`")).collect();
        let rest = paths.len().saturating_sub(NAMED);
        let rest = if rest > 0 { format!(" and {}", count(rest, "more path")) } else { String::new() };
        let paths = if rest.is_empty() { list(&named) } else { named.join(", ") };
        session.terminal.narrate(&format!("tracks: `{track}` now conflicts with `{other}` in {paths}{rest}"));
        session.terminal.narrate(&format!("  hint: tracks show {other} {track}"));
    }
    if !news.unknown.is_empty() {
        let names: Vec<String> = news.unknown.iter().map(|name| format!("`{name}`")).collect();
        session.terminal.narrate(&format!("tracks: whether `{track}` conflicts with {} is unknown", list(&names)));
    }
}
