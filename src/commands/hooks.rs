//! `tracks hooks`: the Git hooks put in place, taken away, looked at, and run.

mod event;
mod show;

use anyhow::Result;
use clap::{Args, Subcommand};

use super::Ending;
use super::session::Session;
use super::steps::{self, Mode};
use crate::engine::hooks::{Managers, Plan, Reach, Removal, Strictness, Wish};

/// Install the Git hooks, take them away, see how they stand
///
/// Before a commit, a merge's commit and a push the rules judge what is about to happen; after a commit and after a
/// switch of branches a track is told about new conflicts. TRACKS=0 in front of a command of Git's gets by them, and is
/// logged.
#[derive(Args)]
pub struct Hooks {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Install(Install),
    Uninstall(Uninstall),
    Status(show::Status),
    Run(event::Run),
}

/// Install them; a hook that is there is kept and called first
///
/// What pre-commit, prek, lefthook, husky, hk or a folder named by core.hooksPath manages is never overwritten: what to
/// add to its own file is printed, or written with --write.
#[derive(Args)]
struct Install {
    /// Also guard the branches of tracks against --no-verify, and stop commits where the program is missing
    #[arg(long)]
    strict: bool,
    /// Write into the files of other hook managers what they need to call tracks
    #[arg(long)]
    write: bool,
    /// Write there even where that file lies outside the repository, and so is other repositories', too
    #[arg(long, requires = "write")]
    global: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

/// Take them away; what was there before comes back as it was
#[derive(Args)]
struct Uninstall {
    /// Take what was written outside the repository, too
    #[arg(long)]
    global: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

/// Runs it.
pub fn run(session: &Session, args: &Hooks) -> Result<Ending> {
    match &args.verb {
        Verb::Install(options) => install(session, options),
        Verb::Uninstall(options) => uninstall(session, options),
        Verb::Status(options) => show::run(session, options),
        Verb::Run(options) => event::run(session, options),
    }
}

fn install(session: &Session, options: &Install) -> Result<Ending> {
    let mode = Mode::of(options.dry_run);
    let managers = match (options.write, options.global) {
        (false, _) => Managers::Tell,
        (true, false) => Managers::Write,
        (true, true) => Managers::WriteAnywhere,
    };
    let wish = Wish { strictness: options.strict.then_some(Strictness::Strict), managers };
    let repo = session.repo()?;
    let journal = (mode == Mode::Done).then(|| session.journal(&repo, "hooks install")).transpose()?;
    let plan = Plan::of(&repo, wish)?;
    if let Some(journal) = journal {
        journal.carry_out(plan.changes(&repo.objects()?)?, || plan.carry_out())?;
    }
    steps::answer(session, "hooks", plan.steps(), mode)
}

fn uninstall(session: &Session, options: &Uninstall) -> Result<Ending> {
    let mode = Mode::of(options.dry_run);
    let repo = session.repo()?;
    let journal = (mode == Mode::Done).then(|| session.journal(&repo, "hooks uninstall")).transpose()?;
    let plan = Removal::of(&repo, if options.global { Reach::Anywhere } else { Reach::Repository })?;
    if let Some(journal) = journal {
        journal.carry_out(plan.changes(&repo.objects()?)?, || plan.carry_out())?;
    }
    steps::answer(session, "hooks", plan.steps(), mode)
}
