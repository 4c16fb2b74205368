//! `tracks sync`: everything about all tracks at once, kept as the last result.

use anyhow::Result;
use clap::Args;

use super::gating::{self, Asked};
use super::session::{FailOn, Session};
use super::{Ending, notices, stored, watching};
use crate::engine::journal::Change;
use crate::engine::outcome::{Integration, Outcome};
use crate::engine::premerge;
use crate::engine::project::Project;
use crate::engine::snapshot::Work;
use crate::engine::sync::{Depth, Scope};
use crate::git::{Repo, Scratch, keep};
use crate::host::bar::Show;
use crate::host::{clock, lock};
use crate::model::Failure;
use crate::report::model::FindingState;
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
    /// Do it again whenever something moves: a branch, a file in a worktree; says what is new each time, until it is
    /// interrupted
    #[arg(long, conflicts_with_all = ["dry_run", "new", "scheduled", "rerun"])]
    watch: bool,
    /// Say nothing unless something is new, and leave it to another such run where one is at it: for timers
    #[arg(long, conflicts_with = "dry_run")]
    scheduled: bool,
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
    if args.watch {
        return watching::run(session, &repo, args);
    }
    let turn = || lock::try_take(&repo.state_dir().join("schedule.lock"), "sync --scheduled");
    let turn = args.scheduled.then(turn);
    if matches!(turn, Some(Ok(None))) {
        // Another run that was scheduled is at it: it will say what there is.
        return Ok(Ending::Clean);
    }
    let mut looked = look(session, &repo, args)?;
    if !args.scheduled || looked.has_news() {
        session.print(&looked.report, &Details::of(&looked.outcome))?;
    }
    looked.tell_trouble(session)?;
    Ok(looked.ending)
}

/// One look at all tracks, kept.
pub struct Looked {
    /// What was found, as it is reported.
    pub report: Report,
    /// What was found.
    pub outcome: Outcome,
    /// How it ends.
    pub ending: Ending,
    /// What it was about.
    pub project: Project,
    kept: Result<()>,
}

impl Looked {
    /// Whether anything was found that the last result does not have.
    pub fn has_news(&self) -> bool {
        self.report.findings.iter().flatten().any(|finding| finding.state == FindingState::New)
    }

    /// Says what could not be kept, once everything else is said.
    pub fn tell_trouble(&mut self, session: &Session) -> Result<()> {
        match std::mem::replace(&mut self.kept, Ok(())) {
            // The lock was not had: what was asked for did not run to its end.
            Err(error) if error.is::<Failure>() => Err(error),
            Err(error) => {
                session.terminal.complain(&format!("the result could not be kept: {error:#}"));
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }
}

/// Looks at all tracks, keeps what is found, and tells those who want to know of what is new.
pub fn look(session: &Session, repo: &Repo, args: &SyncArgs) -> Result<Looked> {
    let project = Project::open(repo)?;
    let scratch = Scratch::new(repo)?;
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
    let previous = stored::load(repo);
    let report = Report::from_outcome("sync", &run.outcome, &clock::now(), previous.as_ref());
    let keeps = !args.dry_run && !args.worktree;
    let kept = if keeps { keep(session, repo, &scratch, &run.outcome, &report) } else { Ok(()) };
    // What is not kept is new the next time, too.
    let is_untold = if keeps && kept.is_ok() { notices::tell(session, &project, &report)? } else { false };
    let ending = match args.new || args.scheduled {
        _ if run.is_untrusted || is_untold => Ending::NotRun,
        true => args.fail_on.ending_of_new(&report),
        false => args.fail_on.ending(&report),
    };
    Ok(Looked { report, outcome: run.outcome, ending, project, kept })
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
