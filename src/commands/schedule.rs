//! `tracks schedule`: syncs that start by themselves.

use anyhow::{Context, Result};
use clap::{Args, Subcommand, ValueEnum};

use super::Ending;
use super::session::Session;
use super::steps::{self, Mode};
use crate::engine::schedule::{self, Plan, Removal, Standing, State};
use crate::policy::schedule::Kind;
use crate::report::model;
use crate::report::{Details, Report};

/// Sync by itself, every so often
///
/// A timer of your own systemd, an agent of launchd, a line in your crontab or a workflow of GitHub starts `tracks sync
/// --scheduled`, which says nothing unless something is new. What is edited, or not ours, is never overwritten or removed.
#[derive(Args)]
pub struct Schedule {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Install(Install),
    Print(Wish),
    Remove(Remove),
    Status(Status),
}

/// Write it, and have it run where that needs no more than a command
#[derive(Args)]
struct Install {
    #[command(flatten)]
    wish: Wish,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

/// Print what would be written, and nothing else
#[derive(Args)]
struct Wish {
    /// How often: `15m`, `6h`, `2d`, `1w`; else `[sync] every`, else `1d`
    ///
    /// Two to six days are counted from the first of each month, so that the last run of one may be nearer to the first
    /// of the next.
    #[arg(long, value_name = "TIME")]
    every: Option<String>,
    /// What starts it; else launchd on macOS, systemd where there is one, and cron
    #[arg(long, value_enum)]
    kind: Option<KindName>,
}

/// Take away what was written, to the byte
#[derive(Args)]
struct Remove {
    /// Only of this kind
    #[arg(long, value_enum)]
    kind: Option<KindName>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

/// Show what is there, and whether the program in it still is
///
/// The exit status is 1 where that program is gone.
#[derive(Args)]
struct Status {}

#[derive(Clone, Copy, ValueEnum)]
enum KindName {
    Systemd,
    Launchd,
    Cron,
    Github,
}

impl From<KindName> for Kind {
    fn from(name: KindName) -> Kind {
        match name {
            KindName::Systemd => Kind::Systemd,
            KindName::Launchd => Kind::Launchd,
            KindName::Cron => Kind::Cron,
            KindName::Github => Kind::Github,
        }
    }
}

/// Runs it.
pub fn run(session: &Session, args: &Schedule) -> Result<Ending> {
    match &args.verb {
        Verb::Install(options) => install(session, options),
        Verb::Print(wish) => print(session, wish),
        Verb::Remove(options) => remove(session, options),
        Verb::Status(_) => status(session),
    }
}

fn install(session: &Session, options: &Install) -> Result<Ending> {
    let mode = Mode::of(options.dry_run);
    let repo = session.repo()?;
    let (job, kind) = (schedule::job(&repo, options.wish.every.as_deref())?, kind(&options.wish));
    let journal = (mode == Mode::Done).then(|| session.journal(&repo, "schedule install")).transpose()?;
    let plan = Plan::of(&repo, &job, kind)?;
    if let Some(journal) = journal {
        journal.carry_out(plan.changes(&repo.objects()?)?, || plan.carry_out())?;
        plan.start()?;
    }
    let ending = steps::answer(session, "schedule", plan.steps(), mode)?;
    plan.next().into_iter().for_each(|command| steps::next(session, command));
    Ok(ending)
}

fn print(session: &Session, wish: &Wish) -> Result<Ending> {
    let job = schedule::job(&session.repo()?, wish.every.as_deref())?;
    let text = schedule::print(&job, kind(wish))?;
    session.terminal.answer_bytes(text.as_bytes()).context("the answer could not be printed")?;
    Ok(Ending::Clean)
}

fn remove(session: &Session, options: &Remove) -> Result<Ending> {
    let mode = Mode::of(options.dry_run);
    let repo = session.repo()?;
    let kinds = options.kind.map_or(Kind::ALL.to_vec(), |kind| vec![kind.into()]);
    let journal = (mode == Mode::Done).then(|| session.journal(&repo, "schedule remove")).transpose()?;
    let plan = Removal::of(&repo, &kinds)?;
    if let Some(journal) = journal {
        plan.stop()?;
        journal.carry_out(plan.changes(&repo.objects()?)?, || plan.carry_out())?;
        plan.forget()?;
    }
    let ending = steps::answer(session, "schedule", plan.steps(), mode)?;
    plan.next().into_iter().for_each(|command| steps::next(session, command));
    Ok(ending)
}

fn status(session: &Session) -> Result<Ending> {
    let found = schedule::status(&session.repo()?)?;
    let is_broken = found.iter().any(|standing| standing.state == State::Gone);
    let shown = |it: Standing| model::Schedule {
        kind: it.kind.name().to_owned(),
        place: it.place,
        every: it.every,
        state: it.state.name().to_owned(),
        program: it.program,
    };
    let schedules = Some(found.into_iter().map(shown).collect());
    session.print(&Report { schedules, ..Report::new("schedule") }, &Details::default())?;
    Ok(if is_broken { Ending::Findings } else { Ending::Clean })
}

fn kind(wish: &Wish) -> Kind {
    wish.kind.map_or_else(schedule::usual, Kind::from)
}
