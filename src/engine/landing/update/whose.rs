//! Whose landed change stands in the way of a track.

use anyhow::Result;
use bstr::ByteSlice;

use crate::engine::project::Project;
use crate::git::{Scratch, merge_tree, tree};
use crate::model::{CommitId, RepoPath};

/// Who last changed a path on the target since a track left it, as a short sentence; `None` where nobody did, under this
/// name.
pub fn whose(project: &Project, scratch: &Scratch, tip: CommitId, path: &RepoPath) -> Result<Option<String>> {
    let target = &project.target;
    let Some(fork) = merge_tree::bases(scratch, target.commit.raw(), tip.raw())?.first().copied() else {
        return Ok(None);
    };
    let objects = scratch.objects();
    let at = |commit: CommitId| tree::lookup(objects, objects.commit(commit)?.tree, path);
    for row in project.repo.first_parents(target.commit, fork)?.iter().rev().filter(|row| row.commit != fork) {
        let Some(before) = row.parents.first() else { continue };
        if at(*before)? == at(row.commit)? {
            continue;
        }
        let (short, mut lines) = (row.commit.short(), row.message.lines());
        let subject = lines.next().unwrap_or_default().to_str_lossy().into_owned();
        return Ok(Some(match lines.find_map(|line| line.strip_prefix(b"Track: ")) {
            Some(track) => format!("on `{}` it came with track `{}` in {short}", target.name, track.to_str_lossy()),
            None => format!("on `{}` it came with {short}: {subject}", target.name),
        }));
    }
    Ok(None)
}
