//! `tracks prune`: every worktree of the repository, and which of them can go without losing anything.

use anyhow::Result;
use clap::Args;

use super::Ending;
use super::session::Session;

use crate::engine::gates;
use crate::engine::journal::Kept;
use crate::engine::project::Project;
use crate::engine::worktrees;
use crate::engine::worktrees::away::{Away, Ignored};
use crate::engine::worktrees::judge::Reason;
use crate::engine::worktrees::prune::{self, Candidate};
use crate::git::{Repo, build_tree};
use crate::model::text::{count, size};
use crate::report::model::{Removal, Worktree, file_system_path};
use crate::report::{Details, Report};

/// Show every worktree, whether it can go, and if not, exactly why
///
/// Of every worktree of the repository, whoever made it. Branches stay; a checkpoint is taken of what is removed. What gates
/// were built in goes too: it is made again when it is needed.
#[derive(Args)]
pub struct Prune {
    /// Remove the ones that are safe, each after a checkpoint
    #[arg(long)]
    yes: bool,
    /// Keep ignored files: they are moved to a folder below `.git/tracks/kept`, which is named
    #[arg(long)]
    keep_ignored: bool,
}

/// Runs it.
pub fn run(session: &Session, args: &Prune) -> Result<Ending> {
    let repo = session.repo()?;
    let journal = args.yes.then(|| session.journal(&repo, "prune --yes")).transpose()?;
    let project = Project::survey(&repo)?;
    let ignored = if args.keep_ignored { Ignored::Keep } else { Ignored::Judge };
    let mut candidates = prune::judge(&project, ignored)?;
    if let Some(journal) = &journal {
        prune::remove_safe(&project, &mut candidates, ignored, journal)?;
    }
    clear_pool(session, &repo, args)?;
    let worktrees = candidates.iter().map(|candidate| shown(&project, candidate)).collect();
    let report = Report { worktrees: Some(worktrees), ..Report::new("prune") };
    session.print(&report, &Details::default())?;
    Ok(Ending::Clean)
}

/// Says what gates were built in, and removes as much of it as nobody uses, where that is asked for.
fn clear_pool(session: &Session, repo: &Repo, args: &Prune) -> Result<()> {
    let home = gates::pool(repo);
    let idle = build_tree::idle(&home)?;
    if idle.is_empty() {
        return Ok(());
    }
    let sizes: u64 = idle.iter().map(|(_, size)| size).sum();
    let what = format!("{} of gates, {}", count(idle.len(), "build worktree"), size(sizes));
    if args.yes {
        build_tree::clear(&home)?;
        session.terminal.narrate(&format!("tracks: removed {what}"));
    } else {
        session.terminal.narrate(&format!("tracks: {what}: `--yes` removes them"));
    }
    Ok(())
}

fn shown(project: &Project, candidate: &Candidate) -> Worktree {
    let kept = |kept: &Kept| worktrees::shown(project, &kept.folder);
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
        removed: candidate.removed.is_some(),
        checkpoint: candidate.removed.as_ref().map(|away| away.checkpoint.to_string()),
        restore: candidate.removed.as_ref().map(Away::back),
        kept: candidate.removed.as_ref().and_then(|away| away.removed.kept.as_ref()).map(kept),
    }
}
