//! A landing taken back: what it changed, undone on the target by a commit that says so.

use anyhow::{Context, Result};

use super::history::{Earlier, landings, revert_message};
use super::{Plan, Step};
use crate::engine::landed::fork;
use crate::engine::premerge::{Given, Premerge, Trees};
use crate::engine::project::Project;
use crate::git::Scratch;
use crate::model::{Failure, TrackId, Verdict};

/// Fixes what taking back the last landing of a track that stands comes to.
pub fn revert(project: &Project, scratch: &Scratch, id: &TrackId) -> Result<Plan> {
    let premerge = Premerge::new(&project.repo, scratch)?;
    let target = project.target.commit;
    let name = &project.target.name;
    let tip = project.track(id.as_str())?.tip;
    let tip = tip.ok_or_else(|| Failure::usage(format!("track `{id}` has no branch")))?;
    let stands = match fork(&premerge, target, tip)? {
        Some(fork) => landings(&project.repo, (target, fork), id, tip)?,
        None => Vec::new(),
    };
    let landing = stands.into_iter().rev().find(|landing| !landing.reverted);
    let Some(landing) = landing else {
        let failure = Failure::usage(format!("no landing of track `{id}` stands on `{name}`"));
        return Err(failure.hint(format!("see `git log --first-parent {name}`")).into());
    };
    let Earlier { commit, before, .. } = landing;
    let merge = Given { base: Some(premerge.end(commit)?), ours: premerge.end(target)?, theirs: premerge.end(before)? };
    let merged = premerge.given(&[merge], Trees::Compose)?.0.remove(0);
    let tree = match merged.verdict {
        Verdict::Disjoint | Verdict::Clean => merged.tree.context("a clean merge has a tree")?,
        Verdict::Conflict(conflicts) => {
            let message = format!(
                "taking back `{}` conflicts with what came after it on {} paths",
                commit.short(),
                conflicts.len()
            );
            return Err(Failure::usage(message)
                .hint(format!("do it by hand: `git revert -m 1 {}`", commit.short()))
                .into());
        }
        Verdict::Unknown(reason) => return Err(Failure::not_run(format!("git cannot take it back: {reason}")).into()),
    };
    let subject = project.repo.first_parents(commit, commit)?.pop().map(|row| row.message).unwrap_or_default();
    let subject = String::from_utf8_lossy(subject.split(|byte| *byte == b'\n').next().unwrap_or_default()).into_owned();
    let written = scratch.commit(tree, &[target], &revert_message(id, &subject, &landing))?;
    let step = Step {
        track: id.clone(),
        tip,
        commit: written,
        tree,
        subject: format!("Revert \"{subject}\""),
        brought_back: false,
        follows: None,
    };
    Ok(Plan { target: name.clone(), from: target, steps: vec![step], idle: Vec::new(), stopped: Vec::new() })
}
