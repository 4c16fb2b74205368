//! Which landings of a track stand on the target, and which were reverted since: a merge brings nothing of what its own
//! history holds already, be it reverted or not.

use std::collections::HashSet;

use anyhow::Result;
use bstr::ByteSlice;

use crate::engine::landed::fork;
use crate::engine::premerge::Premerge;
use crate::git::Repo;
use crate::git::refs::Logged;
use crate::model::{CommitId, TrackId};

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
    let reverts: Vec<(CommitId, CommitId)> =
        line.iter().filter_map(|row| Some((row.commit, reverted_by(&row.message)?))).collect();
    let mut undone: HashSet<CommitId> = HashSet::new();
    // Newest first: a revert that was itself reverted reverts nothing.
    for (revert, of) in reverts.iter().rev() {
        if !undone.contains(revert) {
            undone.insert(*of);
        }
    }
    let mut found = Vec::new();
    for Logged { commit, parents, message } in &line {
        let [before, merged @ ..] = &parents[..] else { continue };
        let is_revert = reverted_by(message).is_some();
        let is_named = !is_revert && message.lines().any(|row| row == format!("Track: {id}").as_bytes());
        let mut is_merged = is_named;
        for side in merged {
            is_merged = is_merged || repo.is_ancestor(*side, tip)?;
        }
        if is_merged {
            found.push(Earlier { commit: *commit, before: *before, reverted: undone.contains(commit) });
        }
    }
    Ok(found)
}

/// Whether a landing of a track was reverted, and not brought back.
pub fn is_reverted(premerge: &Premerge, target: CommitId, (id, tip): (&TrackId, CommitId)) -> Result<bool> {
    Ok(before_reverted(premerge, target, (id, tip))?.is_some())
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
    let at = message.find("This reverts commit ")? + "This reverts commit ".len();
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
