//! Which landings of a track stand on the target, and which were reverted since: a merge brings nothing of what its own
//! history holds already, be it reverted or not.

use std::collections::{BTreeSet, HashMap};

use anyhow::Result;
use bstr::ByteSlice;

use crate::engine::landed::{Landing, fork};
use crate::engine::premerge::{Given, Premerge, Trees};
use crate::git::Repo;
use crate::git::reflog::{self, Moved};
use crate::git::refs::Logged;
use crate::model::{CommitId, Track, TrackId};

/// What `git revert` begins a line with.
const REVERTS: &str = "This reverts commit ";

/// A commit by which a track landed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// The commit on the target's own line.
    pub commit: CommitId,
    /// What the target was before.
    pub before: CommitId,
    /// Whether it was reverted, and not brought back.
    pub reverted: bool,
}

/// The landings of a track since `since`, a commit of the target's line, oldest first. A merge of one of its commits is
/// one, and so is a commit whose message says so (`Track: ID`).
pub fn landings(
    repo: &Repo,
    (target, since): (CommitId, CommitId),
    id: &TrackId,
    tip: CommitId,
) -> Result<Vec<Earlier>> {
    let line = repo.first_parents(target, since)?;
    let undone = undone(&line);
    let mut found: Vec<(usize, Earlier)> = Vec::new();
    for (at, Logged { commit, parents, message }) in line.iter().enumerate() {
        let [before, merged @ ..] = &parents[..] else { continue };
        let is_named = names(message, id);
        let mut is_merged = is_named;
        for side in merged {
            is_merged = is_merged || repo.is_ancestor(*side, tip)?;
        }
        if is_merged {
            let reverted = undone.contains_key(commit);
            if is_named && !reverted {
                // With it came everything of the track that was taken back until then.
                let until_then = |landing: &Earlier| undone.get(&landing.commit).is_some_and(|revert| *revert < at);
                found.iter_mut().filter(|(_, it)| until_then(it)).for_each(|(_, it)| it.reverted = false);
            }
            found.push((at, Earlier { commit: *commit, before: *before, reverted }));
        }
    }
    Ok(found.into_iter().map(|(_, landing)| landing).collect())
}

/// The commits of a line, oldest first, that were reverted and not brought back by a revert of that, each with the place of
/// its revert.
fn undone(line: &[Logged]) -> HashMap<CommitId, usize> {
    let mut undone: HashMap<CommitId, usize> = HashMap::new();
    // Newest first: a revert that was itself reverted reverts nothing.
    for (at, row) in line.iter().enumerate().rev() {
        if let Some(of) = reverted_by(&row.message).filter(|_| !undone.contains_key(&row.commit)) {
            undone.insert(of, at);
        }
    }
    undone
}

/// Whether a message says that a track landed by it.
fn names(message: &[u8], id: &TrackId) -> bool {
    reverted_by(message).is_none() && message.lines().any(|row| row == format!("Track: {id}").as_bytes())
}

/// Which of these tracks landed on the target and stayed there, as the messages of its own line say: all that is left to
/// tell by where a branch is gone.
pub fn landed_by_name(repo: &Repo, target: CommitId, ids: &[&TrackId]) -> Result<BTreeSet<TrackId>> {
    if ids.is_empty() {
        return Ok(BTreeSet::new());
    }
    let line = repo.landings_and_reverts(target)?;
    let undone = undone(&line);
    let last = |id: &TrackId| line.iter().rev().find(|row| names(&row.message, id));
    let stands = |id: &TrackId| last(id).is_some_and(|row| !undone.contains_key(&row.commit));
    Ok(ids.iter().filter(|id| stands(id)).map(|id| (*id).clone()).collect())
}

/// Whether a track whose tip is on the target's own line was worked on, and what was done is on the target: it landed by
/// moving the target to it. Known from the log of its branch, where there is one.
fn landed_by_moving(repo: &Repo, target: CommitId, branch: &str) -> Result<bool> {
    let is_work =
        |moved: &&Moved| ["commit", "cherry-pick", "am", "revert"].iter().any(|word| moved.why.starts_with(word));
    let moves = reflog::of_branch(repo, branch);
    let Some(last) = moves.iter().rfind(is_work) else { return Ok(false) };
    if !repo.is_ancestor(last.to, target)? {
        return Ok(false);
    }
    let undone = undone(&repo.first_parents(target, last.to)?);
    Ok(!moves.iter().filter(is_work).any(|moved| undone.contains_key(&moved.to)))
}

/// Whether anything was reverted on the target's own line since it held these commits.
pub fn any_reverted(repo: &Repo, target: CommitId, since: &[CommitId]) -> Result<bool> {
    let git = repo.git().args(["log", "-1", "--first-parent", "--format=%H", "--fixed-strings", "--no-show-signature"]);
    let git = git.arg(format!("--grep={REVERTS}")).arg(target.to_string()).arg("--not");
    Ok(!git.args(since.iter().map(ToString::to_string)).stdout()?.is_empty())
}

/// Whether a landing of a track was reverted, and not brought back.
pub fn is_reverted(premerge: &Premerge, target: CommitId, (id, tip): (&TrackId, CommitId)) -> Result<bool> {
    Ok(before_reverted(premerge, target, (id, tip))?.is_some())
}

/// How a track stands to the target, where its tip is `found` to stand so: what was landed as one commit and taken back
/// is nothing that its branch lacks, and a target that was moved to it has it.
pub fn landing_of(premerge: &Premerge, target: CommitId, track: &Track, found: Landing) -> Result<Landing> {
    let Some(tip) = track.tip else { return Ok(found) };
    match found {
        Landing::Open => Ok(Landing::Open),
        Landing::Nothing => Ok(match landed_by_moving(premerge.repo(), target, &track.branch.full())? {
            true => Landing::Landed,
            false => Landing::Nothing,
        }),
        Landing::Landed => {
            let Some(before) = before_reverted(premerge, target, (&track.id, tip))? else { return Ok(Landing::Landed) };
            let [ours, theirs] = [premerge.end(target)?, premerge.end(tip)?];
            let merge = Given { base: Some(premerge.end(before)?), ours, theirs };
            let merged = premerge.given(&[merge], Trees::Compose)?.0.remove(0);
            Ok(if merged.tree == Some(ours.tree) { Landing::Landed } else { Landing::Open })
        }
    }
}

/// What the target was before the first landing of a track that was reverted since, and not brought back.
pub fn before_reverted(
    premerge: &Premerge,
    target: CommitId,
    (id, tip): (&TrackId, CommitId),
) -> Result<Option<CommitId>> {
    let Some(fork) = fork(premerge, target, tip)? else { return Ok(None) };
    let earlier = landings(premerge.repo(), (target, fork), id, tip)?;
    Ok(earlier.iter().find(|landing| landing.reverted).map(|landing| landing.before))
}

/// The commit that a message of `git revert` names.
fn reverted_by(message: &[u8]) -> Option<CommitId> {
    let at = message.find(REVERTS)? + REVERTS.len();
    let hex: &[u8] = &message[at..];
    let end = hex.iter().position(|byte| !byte.is_ascii_hexdigit()).unwrap_or(hex.len());
    CommitId::from_hex(&hex[..end])
}

/// The message of a commit that takes a landing back, in the words of `git revert`, which is how it is known again.
pub fn revert_message(id: &TrackId, subject: &str, landing: &Earlier) -> String {
    let Earlier { commit, before, .. } = landing;
    format!(
        "Revert \"{subject}\"\n\nThis reverts commit {commit}, reversing\nchanges made to {before}.\n\nReverted-Track: {id}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::reverted_by;

    #[test]
    fn git_names_what_it_reverts() {
        let id = "0123456789012345678901234567890123456789";
        let message = format!("Revert \"x\"\n\nThis reverts commit {id}, reversing\nchanges made to {id}.\n");
        assert_eq!(reverted_by(message.as_bytes()).map(|found| found.to_string()).as_deref(), Some(id));
        assert_eq!(reverted_by(b"This reverts commit 012."), None);
        assert_eq!(reverted_by(b"Add x"), None);
    }
}
