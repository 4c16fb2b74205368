//! `tracks order`: in which order the tracks land best, and what can land now.

use anyhow::Result;
use clap::Args;

use super::gating::{self, Asked};
use super::session::Session;
use super::{Ending, landing_gates, matrix, stored};
use crate::engine::preflight::{self, Check, Gates, Verdict};
use crate::engine::progress::Progress;
use crate::engine::project::Project;
use crate::engine::sync;
use crate::engine::trust::{Standing, Trust};
use crate::git::Scratch;
use crate::host::clock;
use crate::model::text::count;
use crate::report::model::{self, PreflightVerdict};
use crate::report::{Details, Report};

/// Say in which order to land, and what can land now without a conflict
///
/// Judges commits alone, as landing does. A track costs the number of paths on which it conflicts, when it lands, with
/// what has landed by then. The order respects `depends-on` and costs least by the verdicts on pairs; among several,
/// priorities and then ids decide. It is confirmed by merging one track after another, each with its own version where it
/// conflicts, and so is the order that dependencies, priorities and ids give alone: the one proposed never costs more.
/// Tracks of one wave do not wait for one another: a track comes after those that it depends on, after those that have
/// written a contract which it builds on and the target has not, and after those that block it as a note says.
#[derive(Args)]
pub struct OrderArgs {
    /// Check before a wave instead: the gates on the target, no file on it over the limit, a checkpoint of every track. A
    /// line each; the exit status is 1 where one fails, and 3 where one that is wanted could not be checked
    #[arg(long, conflicts_with = "exit_code")]
    preflight: bool,
    /// Let the exit status say whether all that is to land can land now without a conflict
    #[arg(long)]
    exit_code: bool,
}

/// Runs it.
pub fn run(session: &Session, args: &OrderArgs) -> Result<Ending> {
    let repo = session.repo()?;
    let project = Project::open(&repo)?;
    session.warn_if_target_is_behind(&project);
    let scratch = Scratch::new(&repo)?;
    if args.preflight {
        return preflight(session, &project, &scratch);
    }
    let (plan, tally) = sync::plan(&project, &scratch, None)?;
    session.terminal.detail(&matrix::how(&tally));
    let previous = stored::load(&repo);
    let report = Report::from_plan(&plan, (&project.target, &repo.git_version), (&clock::now(), previous.as_ref()));
    session.print(&report, &Details::default())?;
    Ok(if args.exit_code && !plan.waiting.is_empty() { Ending::Findings } else { Ending::Clean })
}

fn preflight(session: &Session, project: &Project, scratch: &Scratch) -> Result<Ending> {
    let checks = preflight::preflight(project, scratch, &gates(session, project, scratch)?)?;
    let line = |check: &Check| model::Preflight {
        check: check.name.to_owned(),
        verdict: match check.verdict {
            Verdict::Pass => PreflightVerdict::Pass,
            Verdict::Fail => PreflightVerdict::Fail,
            Verdict::NotChecked => PreflightVerdict::NotChecked,
        },
        detail: check.detail.clone(),
        cure: check.cure.clone(),
    };
    let report = Report { preflight: Some(checks.iter().map(line).collect()), ..Report::new("order") };
    session.print(&report, &Details::default())?;
    // What nobody asks for is not missing.
    let wanted = |check: &&Check| check.name != "gates" || !project.config.gates.is_empty();
    let is = |verdict| checks.iter().filter(wanted).any(|check| check.verdict == verdict);
    Ok(match () {
        () if is(Verdict::NotChecked) => Ending::NotRun,
        () if is(Verdict::Fail) => Ending::Findings,
        () => Ending::Clean,
    })
}

/// What the gates say of the target.
fn gates(session: &Session, project: &Project, scratch: &Scratch) -> Result<Gates> {
    let declared = project.config.gates.len();
    if declared == 0 {
        return Ok(Gates::NotRun("none is declared".into()));
    }
    let approved = match Trust::of(project)?.standing(&session.trust)? {
        Standing::Approved(approved) => approved,
        Standing::Asked(_) => {
            let why = format!("{} declared, which nobody approved: see `tracks trust`", count(declared, "gate"));
            return Ok(Gates::NotRun(why));
        }
    };
    let terminal = session.terminal;
    let say = |text: &str| terminal.narrate(text);
    let bench = gating::bench((project, scratch), &approved, Progress::default().heard(&say), Asked::Once);
    let (all, failed) = landing_gates::on_target(&bench)?;
    Ok(Gates::Ran { all, failed })
}
