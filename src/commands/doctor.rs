//! `tracks doctor`: what is wrong with a repository and its worktrees, and what can be put right.

use anyhow::Result;
use clap::Args;

use super::Ending;
use super::session::Session;
use crate::engine::doctor::{self, Ailment, Standing};
use crate::git::Repo;
use crate::report::model::{self, AilmentState};
use crate::report::{Details, Report};

/// Say what is wrong with the repository and its worktrees, and how to cure it
///
/// Looks at worktrees that were moved, deleted or half made, at locks that Git left, at operations in progress, at what is
/// configured so that worktrees break or verdicts differ from a merge, and at what keeps tracks.toml from being read.
/// Exits 1 where an error stays.
#[derive(Args)]
pub struct DoctorArgs {
    /// Put right what can be put right without losing anything
    #[arg(long)]
    fix: bool,
}

/// Runs it.
pub fn run(session: &Session, args: &DoctorArgs) -> Result<Ending> {
    let repo = session.repo()?;
    let found = match args.fix {
        true => cured(session, &repo)?,
        false => doctor::look(&repo)?.into_iter().map(standing).collect(),
    };
    let ailments: Vec<model::Ailment> = found.iter().map(|(ailment, standing)| shown(ailment, standing)).collect();
    let stays =
        |ailment: &&model::Ailment| ailment.state != AilmentState::Cured && ailment.severity == model::Severity::Error;
    let ending = if ailments.iter().any(|ailment| stays(&ailment)) { Ending::Findings } else { Ending::Clean };
    session.print(&Report { ailments: Some(ailments), ..Report::new("doctor") }, &Details::default())?;
    Ok(ending)
}

fn standing(ailment: Ailment) -> (Ailment, Standing) {
    let standing = if ailment.remedy.is_some() { Standing::Curable } else { Standing::Open };
    (ailment, standing)
}

/// Puts right what can be, and looks again: one cure may show what it hid.
fn cured(session: &Session, repo: &Repo) -> Result<Vec<(Ailment, Standing)>> {
    let _lock = session.journal(repo, "doctor")?;
    let mut done: Vec<(Ailment, Standing)> = Vec::new();
    loop {
        let found = doctor::look(repo)?;
        let is_new = |ailment: &&Ailment| !done.iter().any(|(before, _)| before == *ailment);
        let Some((ailment, remedy)) =
            found.iter().filter(is_new).find_map(|ailment| Some((ailment, ailment.remedy.as_ref()?)))
        else {
            let open = found.into_iter().filter(|ailment| !done.iter().any(|(before, _)| before == ailment));
            let open: Vec<(Ailment, Standing)> = open.map(standing).collect();
            return Ok(done.into_iter().chain(open).collect());
        };
        let standing = match remedy.carry_out(repo) {
            Ok(()) => Standing::Cured,
            Err(error) => Standing::Failed(format!("{error:#}")),
        };
        done.push((ailment.clone(), standing));
    }
}

fn shown(ailment: &Ailment, standing: &Standing) -> model::Ailment {
    let (state, detail) = match standing {
        Standing::Open => (AilmentState::Open, ailment.detail.clone()),
        Standing::Curable => (AilmentState::Curable, ailment.detail.clone()),
        Standing::Cured => (AilmentState::Cured, ailment.detail.clone()),
        Standing::Failed(why) => (AilmentState::Open, format!("{}; putting it right failed: {why}", ailment.detail)),
    };
    let severity = ailment.severity.into();
    model::Ailment { severity, subject: ailment.subject.clone(), detail, cure: ailment.cure.clone(), state }
}
