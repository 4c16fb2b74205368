//! `tracks list`, also `tracks status`: how every track stands.

use anyhow::Result;
use clap::Args;

use super::session::{FailOn, Session};
use super::{Ending, stored};
use crate::engine::project::Project;
use crate::engine::snapshot::Work;
use crate::engine::sync::{self, Depth, Gating, Scope};
use crate::git::Scratch;
use crate::host::bar::Show;
use crate::host::clock;
use crate::report::{Details, Report};

/// Say how every track stands
///
/// Branch, folder, commits ahead of and behind the target, uncommitted files, findings, whom it conflicts with, the age
/// of its last commit, and its state.
#[derive(Args)]
pub struct ListArgs {
    /// Judge commits alone, not uncommitted work
    #[arg(long)]
    committed: bool,
    /// Let the exit status say whether there are findings
    #[arg(long)]
    exit_code: bool,
}

/// Runs it.
pub fn run(session: &Session, args: &ListArgs) -> Result<Ending> {
    let repo = session.repo()?;
    let project = Project::open(&repo)?;
    let scratch = Scratch::new(&repo)?;
    let work = if args.committed { Work::Committed } else { Work::All };
    let scope = Scope { work, integrated: Work::Committed, depth: Depth::Rules };
    let run =
        session.watching(Show::Terminal, |progress| sync::run(&project, &scratch, (scope, &Gating::Off), progress))?;
    let report = Report {
        pairs: None,
        ..Report::from_outcome("list", &run.outcome, &clock::now(), stored::load(&repo).as_ref())
    };
    session.print(&report, &Details::default().at(clock::seconds()))?;
    Ok(if args.exit_code { FailOn::Error.ending(&report) } else { Ending::Clean })
}
