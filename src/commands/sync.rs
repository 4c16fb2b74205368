//! `tracks sync`: everything about all tracks at once, kept as the last result.

use anyhow::Result;
use clap::Args;

use super::gating::{self, Asked};
use super::session::{FailOn, Session};
use super::{Ending, stored};
use crate::engine::journal::Change;
use crate::engine::outcome::{Integration, Outcome};
use crate::engine::premerge;
use crate::engine::project::Project;
use crate::engine::snapshot::Work;
use crate::engine::sync::{Depth, Scope};
use crate::git::{Repo, Scratch, keep};
use crate::host::bar::Show;
use crate::host::clock;
use crate::model::Failure;
use crate::report::{Details, Report};

/// Merge all tracks in memory and say who collides with whom
///
/// Takes every track as it is, uncommitted work included, merges each pair and then all of them one after another into
/// the target, and judges what each track changed. Touches no file, index or branch of yours: the merged result is kept
/// as refs/tracks/integration/<target>.
#[derive(Args)]
pub struct SyncArgs {
    /// Judge commits alone, not uncommitted work
    #[arg(long)]
    committed: bool,
    /// Fail only on findings that are new since the last result
    #[arg(long)]
    new: bool,
    /// The least severity that makes the exit status 1
    #[arg(long, value_enum, default_value_t)]
    fail_on: FailOn,
    /// Show how far it is, in a log too: on a terminal it is shown whenever it takes more than half a second
    #[arg(long)]
    progress: bool,
    /// Run no gates
    #[arg(long)]
    no_gates: bool,
    /// Run gates on the uncommitted work of worktrees too; the merged result is not kept then
    #[arg(long, conflicts_with_all = ["committed", "no_gates"])]
    worktree: bool,
    /// Run gates on trees whose verdict is known, too
    #[arg(long, conflicts_with = "no_gates")]
    rerun: bool,
    /// Keep nothing: neither the result nor the merged commit
    #[arg(long)]
    dry_run: bool,
}

/// Runs it.
pub fn run(session: &Session, args: &SyncArgs) -> Result<Ending> {
    let repo = session.repo()?;
    let project = Project::open(&repo)?;
    let scratch = Scratch::new(&repo)?;
    let work = if args.committed { Work::Committed } else { Work::All };
    let integrated = if args.worktree { Work::All } else { Work::Committed };
    let scope = Scope { work, integrated, depth: Depth::Integration };
    let asked = match args {
        SyncArgs { no_gates: true, .. } => Asked::Nothing,
        SyncArgs { rerun: true, .. } => Asked::Again,
        _ => Asked::Once,
    };
    let show = if args.progress { Show::Always } else { Show::Terminal };
    let run = gating::run(session, (&project, &scratch), scope, (show, asked))?;
    session.terminal.detail(&super::matrix::how(&run.tally));
    run.caveats.iter().for_each(|caveat| session.terminal.narrate(caveat));
    let previous = stored::load(&repo);
    let report = Report::from_outcome("sync", &run.outcome, &clock::now(), previous.as_ref());
    let kept =
        if args.dry_run || args.worktree { Ok(()) } else { keep(session, &repo, &scratch, &run.outcome, &report) };
    session.print(&report, &Details::of(&run.outcome))?;
    match kept {
        // The lock was not had: what was asked for did not run to its end.
        Err(error) if error.is::<Failure>() => return Err(error),
        Err(error) => session.terminal.complain(&format!("the result could not be kept: {error:#}")),
        Ok(()) => {}
    }
    Ok(match args.new {
        _ if run.is_untrusted => Ending::NotRun,
        true => args.fail_on.ending_of_new(&report),
        false => args.fail_on.ending(&report),
    })
}

/// Keeps the merged commit and the result, where the repository can be written.
pub fn keep(session: &Session, repo: &Repo, scratch: &Scratch, outcome: &Outcome, report: &Report) -> Result<()> {
    let journal = session.journal(repo, "sync")?;
    if let (Some(Integration { reference, commit, .. }), Some(target)) = (&outcome.integration, &outcome.target) {
        let before = repo.refs(std::slice::from_ref(reference))?.into_iter().find(|found| found.name == *reference);
        let before = before.and_then(|found| found.commit);
        if before != Some(*commit) {
            let kept = keep::keep(repo, scratch, *commit, (target.commit, before));
            kept.or_else(|error| {
                // What it was made of may be half gone: the next run finds everything out anew.
                premerge::forget(repo)?;
                Err(error.context("what earlier runs left is damaged, and forgotten now: run it again"))
            })?;
            repo.update_ref(reference, *commit, before)?;
            journal.note(&[Change::Ref { name: reference.clone(), before, after: Some(*commit) }]);
        }
    }
    stored::save(repo, report)
}
