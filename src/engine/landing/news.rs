//! What a landing means for the tracks that have not landed.

use anyhow::Result;

use crate::engine::premerge::{Premerge, Side, Trees};
use crate::engine::project::Project;
use crate::engine::snapshot;
use crate::git::Scratch;
use crate::model::{CommitId, TrackId, Verdict};

/// The tracks that conflict with the target now, at `after`, and did not when it was at `before`; each with the number
/// of paths. Committed work alone counts.
pub fn newly_conflicting(
    project: &Project,
    scratch: &Scratch,
    (before, after): (CommitId, CommitId),
) -> Result<Vec<(TrackId, usize)>> {
    let premerge = Premerge::new(&project.repo, scratch)?;
    let side = |commit| snapshot::committed(scratch, commit).map_err(|error| format!("{error:#}"));
    let tracks: Vec<(&TrackId, CommitId)> =
        project.tracks.iter().filter_map(|track| Some((&track.id, track.tip?))).collect();
    let mut sides: Vec<std::result::Result<Side, String>> = vec![side(before), side(after)];
    sides.extend(tracks.iter().map(|(_, tip)| side(*tip)));
    let pairs: Vec<(usize, usize)> = (2..sides.len()).flat_map(|at| [(0, at), (1, at)]).collect();
    let (verdicts, _) = premerge.pairs(&sides, &pairs, Trees::Skip)?;
    premerge.remember();
    let news = verdicts.chunks_exact(2).zip(&tracks).filter_map(|(both, (id, _))| {
        match (&both[0].verdict, &both[1].verdict) {
            (Verdict::Disjoint | Verdict::Clean, Verdict::Conflict(conflicts)) => {
                Some(((*id).clone(), conflicts.len()))
            }
            _ => None,
        }
    });
    Ok(news.collect())
}
