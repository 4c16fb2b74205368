//! `tracks prune`: every worktree of the repository, and which of them can go without losing anything.

use anyhow::Result;
use clap::Args;

use super::Ending;
use super::session::Session;

use crate::engine::project::Project;
use crate::engine::worktrees::judge::Reason;
use crate::engine::worktrees::prune::{self, Candidate};
use crate::report::model::{Removal, Worktree, file_system_path};
use crate::report::{Details, Report};

/// Show every worktree, whether it can go, and if not, exactly why
///
/// Of every worktree of the repository, whoever made it. Branches stay.
#[derive(Args)]
pub struct Prune {
    /// Remove the ones that are safe
    #[arg(long)]
    yes: bool,
}

/// Runs it.
pub fn run(session: &Session, args: &Prune) -> Result<Ending> {
    let repo = session.repo()?;
    let _lock = args.yes.then(|| session.lock(&repo, "prune")).transpose()?;
    let project = Project::survey(&repo)?;
    let mut candidates = prune::judge(&project)?;
    if args.yes {
        prune::remove_safe(&project, &mut candidates)?;
    }
    let report = Report { worktrees: Some(candidates.iter().map(shown).collect()), ..Report::new("prune") };
    session.print(&report, &Details::default())?;
    Ok(Ending::Clean)
}

fn shown(candidate: &Candidate) -> Worktree {
    let judgement = &candidate.judgement;
    let (path, path_bytes) = file_system_path(&judgement.worktree.path);
    let branch = judgement.worktree.branch.as_deref();
    Worktree {
        path,
        path_bytes,
        branch: branch.map(|name| name.strip_prefix("refs/heads/").unwrap_or(name).to_owned()),
        verdict: if judgement.reasons.is_empty() { Removal::Safe } else { Removal::Kept },
        reasons: judgement.reasons.iter().map(Reason::sentence).collect(),
        size_bytes: candidate.size,
        age_seconds: candidate.age,
        ignored: judgement.ignored.iter().map(|path| path.to_string_lossy().into_owned()).collect(),
        removed: candidate.removed,
    }
}
