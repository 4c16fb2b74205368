//! `tracks hooks`: the Git hooks put in place, taken away, looked at, and run.

use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};

use super::session::Session;
use super::steps::{self, Mode};
use super::{Ending, check};
use crate::engine::hooks::{self, Event, Plan, Removal};
use crate::report::model::{Hook, file_system_path};
use crate::report::{Details, Report};

/// Install the Git hooks, take them away, see how they stand
#[derive(Args)]
pub struct Hooks {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Install them; a hook that is there is kept and called first
    Install(Options),
    /// Take them away; what was there before comes back as it was
    Uninstall(Options),
    /// Show how they stand
    Status,
    /// Do what a hook does: check the staged files
    Run {
        /// The hook
        #[arg(value_enum)]
        event: EventName,
    },
}

#[derive(Args)]
struct Options {
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum EventName {
    PreCommit,
    PreMergeCommit,
}

/// Runs it.
pub fn run(session: &Session, args: &Hooks) -> Result<Ending> {
    match &args.verb {
        Verb::Install(options) => install(session, Mode::of(options.dry_run)),
        Verb::Uninstall(options) => uninstall(session, Mode::of(options.dry_run)),
        Verb::Status => status(session),
        Verb::Run { event } => check_staged(session, *event),
    }
}

fn install(session: &Session, mode: Mode) -> Result<Ending> {
    let repo = session.repo()?;
    let journal = (mode == Mode::Done).then(|| session.journal(&repo, "hooks install")).transpose()?;
    let plan = Plan::of(&repo)?;
    if let Some(journal) = journal {
        journal.carry_out(plan.changes(&repo.objects()?)?, || plan.carry_out())?;
    }
    steps::answer(session, "hooks", plan.steps(), mode)
}

fn uninstall(session: &Session, mode: Mode) -> Result<Ending> {
    let repo = session.repo()?;
    let journal = (mode == Mode::Done).then(|| session.journal(&repo, "hooks uninstall")).transpose()?;
    let plan = Removal::of(&repo)?;
    if let Some(journal) = journal {
        journal.carry_out(plan.changes(&repo.objects()?)?, || plan.carry_out())?;
    }
    steps::answer(session, "hooks", plan.steps(), mode)
}

fn status(session: &Session) -> Result<Ending> {
    let repo = session.repo()?;
    let hooks = hooks::status(&repo)?;
    let root = repo.common_dir.parent().unwrap_or(&repo.common_dir);
    let shown = |hook: hooks::Hook| Hook {
        name: hook.event.name().to_owned(),
        state: hook.state.name().to_owned(),
        path: file_system_path(hook.path.strip_prefix(root).unwrap_or(&hook.path)).0,
        detail: hook.detail,
    };
    let foreign = hooks.iter().any(|hook| hook.state == hooks::State::Foreign);
    let report = Report { hooks: Some(hooks.into_iter().map(shown).collect()), ..Report::new("hooks") };
    session.print(&report, &Details::default())?;
    if let (true, Err(error)) = (foreign, Plan::of(&repo)) {
        steps::warn(session, "they are not installed", &error);
    }
    Ok(Ending::Clean)
}

/// A finding stops the commit. A check that could not run says so and lets it pass: nobody's work waits for our bug.
fn check_staged(session: &Session, event: EventName) -> Result<Ending> {
    check::staged(session).or_else(|error| {
        let event = match event {
            EventName::PreCommit => Event::PreCommit,
            EventName::PreMergeCommit => Event::PreMergeCommit,
        };
        steps::warn(session, &format!("{} checked nothing", event.name()), &error);
        Ok(Ending::Clean)
    })
}
