//! `tracks demo`: a small repository to try everything on.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::Ending;
use super::session::Session;
use crate::engine::demo;
use crate::engine::progress::Progress;
use crate::engine::project::Project;
use crate::engine::snapshot::Work;
use crate::engine::sync::{self, Depth, Gating, Scope};
use crate::git::Scratch;
use crate::host::{clock, folders};
use crate::report::{Details, Report};

/// Make a small repository with three tracks at work, and sync it
///
/// It holds a content conflict, a change on foreign ground, two migrations with one version, a file over the limit, and
/// pairs that merge clean. Exits 0 when the report says exactly that.
#[derive(Args)]
pub struct DemoArgs {
    /// Where to make it; a new temporary folder if not given
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

/// Runs it.
pub fn run(session: &Session, args: &DemoArgs) -> Result<Ending> {
    let folder = match &args.folder {
        Some(folder) => folder.clone(),
        None => folders::temporary("tracks-demo-")?,
    };
    let repo = demo::make(&folder)?;
    let project = Project::open(&repo)?;
    let scratch = Scratch::new(&repo)?;
    let scope = Scope { work: Work::All, integrated: Work::Committed, depth: Depth::Integration };
    let outcome = sync::run(&project, &scratch, (scope, &Gating::Off), Progress::default())?.outcome;
    let report = Report::from_outcome("sync", &outcome, &clock::now(), None);
    super::sync::keep(session, &repo, &scratch, &outcome, &report)?;
    session.print(&report, &Details::of(&outcome))?;
    let wrong = demo::unexpected(&outcome);
    for difference in &wrong {
        session.terminal.complain(&format!("tracks: the demonstration came out differently: {difference}"));
    }
    session.terminal.narrate(&what_next(&repo.worktree.unwrap_or(folder).to_string_lossy()));
    Ok(if wrong.is_empty() { Ending::Clean } else { Ending::Findings })
}

fn what_next(folder: &str) -> String {
    let folder = crate::model::text::escaped(folder.as_bytes());
    format!(
        "\nThe repository is in {folder}; remove the folder and it is gone. Try there:
  cd {folder}
  tracks list                       how every track stands
  tracks matrix                     which pairs conflict
  tracks show registry templates    both sides of the conflict
  tracks owner api/agents/types.ts  whose file it is
  tracks report --pr feature/phase-1-track-registry"
    )
}
