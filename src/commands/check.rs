//! `tracks check`: the rules alone; what the Git hooks call.

use std::ffi::OsString;

use anyhow::Result;
use clap::Args;

use super::Ending;
use super::session::{FailOn, Session};
use super::typed_path;
use crate::engine::project::Project;
use crate::engine::snapshot::Work;
use crate::engine::staged;
use crate::engine::sync;
use crate::git::{self, Scratch};
use crate::host::clock;
use crate::model::{Finding, RepoPath};
use crate::policy::rules::Settled;
use crate::report::{Details, Report};

/// Judge what tracks changed by the rules, without merging all of them
///
/// In the worktree of a track that track is judged, elsewhere all are. With --staged it is what is about to be
/// committed, as it is staged: that is what the hooks ask.
#[derive(Args)]
pub struct CheckArgs {
    /// Judge what is staged in this worktree
    #[arg(long, conflicts_with_all = ["track", "all"])]
    staged: bool,
    /// Judge this track
    #[arg(long, value_name = "T", conflicts_with = "all")]
    track: Option<String>,
    /// Judge all tracks
    #[arg(long)]
    all: bool,
    /// Show only findings on these paths and what lies below them
    #[arg(value_name = "PATH")]
    paths: Vec<OsString>,
    /// The least severity that makes the exit status 1
    #[arg(long, value_enum, default_value_t)]
    fail_on: FailOn,
}

/// Runs it.
pub fn run(session: &Session, args: &CheckArgs) -> Result<Ending> {
    let findings = if args.staged { staged_findings(session)? } else { track_findings(session, args)? };
    report(session, &on_paths(session, findings, &args.paths)?, args.fail_on)
}

/// Judges what is staged, for a hook: silent where there is nothing to say.
pub fn staged(session: &Session) -> Result<Ending> {
    match staged_findings(session)? {
        settled if settled.findings.is_empty() => Ok(Ending::Clean),
        settled => report(session, &settled, FailOn::Error),
    }
}

/// Where no track is declared there is nothing to judge.
fn staged_findings(session: &Session) -> Result<Settled> {
    // Reading the index takes longest, and needs nothing of the rest.
    let asked = git::staged::ask(&session.start);
    let repo = session.repo()?;
    let project = Project::for_hook(&repo)?;
    if !project.copies.any() {
        return Ok(Settled::default());
    }
    let says = std::env::var("TRACKS_ID").ok();
    staged::judge(&project, &asked.answer(&repo)?, says.as_deref())
}

fn track_findings(session: &Session, args: &CheckArgs) -> Result<Settled> {
    let repo = session.repo()?;
    let project = Project::open(&repo)?;
    let only = match (&args.track, args.all, &repo.worktree) {
        (Some(id), ..) => Some(project.track(id)?.id.clone()),
        (None, false, Some(here)) => project.track_at(here).map(|track| track.id.clone()),
        _ => None,
    };
    let scratch = Scratch::new(&repo)?;
    let settled = sync::judge(&project, &scratch, Work::All)?;
    Ok(kept(settled, |finding| only.as_ref().is_none_or(|id| finding.tracks.first() == Some(id))))
}

/// What is about no path at all stays: of a track that could not be judged, none of its paths were.
fn on_paths(session: &Session, settled: Settled, paths: &[OsString]) -> Result<Settled> {
    if paths.is_empty() {
        return Ok(settled);
    }
    let repo = session.repo()?;
    let parse = |path: &OsString| typed_path::resolve(&repo, &session.start, path);
    let paths: Vec<Option<RepoPath>> = paths.iter().map(parse).collect::<Result<_>>()?;
    let asked = |path: &RepoPath| paths.iter().any(|asked| asked.as_ref().is_none_or(|asked| path.is_within(asked)));
    Ok(kept(settled, |finding| finding.path.as_ref().is_none_or(asked)))
}

fn kept(mut settled: Settled, keep: impl Fn(&Finding) -> bool) -> Settled {
    settled.findings.retain(&keep);
    settled.waived.retain(&keep);
    settled
}

/// Prints findings, and says how the run ended.
pub fn report(session: &Session, findings: &Settled, fail_on: FailOn) -> Result<Ending> {
    let report = Report::new("check").with_findings(findings, &clock::now(), None);
    session.print(&report, &Details::default())?;
    Ok(fail_on.ending(&report))
}
