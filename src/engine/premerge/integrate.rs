//! All tracks merged into the target one after another, each as `git merge` would do it.

use anyhow::Result;

use super::causes::{Causes, causes};
use super::chain::{Chain, Field};
use super::{Premerge, Side, meet_held};
use crate::engine::outcome::{HeldOut, Integration};
use crate::engine::progress::Stage;
use crate::model::{Interrupted, TrackId, Verdict};

/// A track that may be merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its id.
    pub id: TrackId,
    /// Its last commit; or why it could not be read.
    pub side: std::result::Result<Side, String>,
    /// Tracks that must be merged before it. One that is no candidate has no branch: nothing shows that it has landed, so
    /// it holds the track out.
    pub depends_on: Vec<TrackId>,
}

/// A side that conflicts with what was merged before it.
pub struct Stopped {
    /// Which of the tracks that are held out it is.
    pub held: usize,
    /// Which side.
    pub side: usize,
    /// Why.
    pub causes: Causes,
}

/// Merges `candidates` in their order into `target`. The commits are written to the scratch; the ref is not touched.
pub fn integrate(
    premerge: &Premerge,
    reference: String,
    target: &Side,
    candidates: &[Candidate],
) -> Result<Integration> {
    let sides = candidates.iter().filter_map(|candidate| candidate.side.as_ref().ok()).cloned().collect();
    let ids: Vec<&TrackId> = candidates.iter().filter(|c| c.side.is_ok()).map(|candidate| &candidate.id).collect();
    let field = Field::new(premerge, target, sides);
    let mut chain = field.start();
    let mut held_out: Vec<HeldOut> = Vec::new();
    let mut stopped: Vec<Stopped> = Vec::new();
    let counter = premerge.progress.begin(Stage::Integration, candidates.len());
    for candidate in candidates {
        counter.advance();
        let held = |because_of| HeldOut { because_of, ..held_out_for_nothing(&candidate.id) };
        let missing = |id: &&TrackId| {
            held_out.iter().any(|held| held.track == **id) || !candidates.iter().any(|other| other.id == **id)
        };
        if let Some(dependency) = candidate.depends_on.iter().find(missing) {
            held_out.push(held(vec![dependency.clone()]));
            continue;
        }
        let Some(side) = ids.iter().position(|id| **id == candidate.id) else {
            let reason = candidate.side.as_ref().err().cloned();
            held_out.push(HeldOut { reason, ..held(Vec::new()) });
            continue;
        };
        match step(&field, &mut chain, (side, &candidate.id))? {
            Verdict::Disjoint | Verdict::Clean => {}
            Verdict::Unknown(reason) => held_out.push(HeldOut { reason: Some(reason), ..held(Vec::new()) }),
            Verdict::Conflict(conflicts) => {
                let causes = causes(&field, &chain, side, &conflicts)?;
                let named = causes.named().into_iter().map(|side| ids[side].clone()).collect();
                stopped.push(Stopped { held: held_out.len(), side, causes });
                held_out.push(HeldOut { conflicts, ..held(named) });
            }
        }
    }
    meet_held::add(&field, &stopped, &mut held_out);
    let merged = chain.merged.iter().map(|side| ids[*side].clone()).collect();
    Ok(Integration { reference, commit: chain.now.commit, tree: chain.now.tree, merged, held_out })
}

/// Merges one more track, where it is clean.
fn step(field: &Field, chain: &mut Chain, (side, id): (usize, &TrackId)) -> Result<Verdict> {
    let attempt = field.attempt(chain, side);
    let merged = match attempt {
        Ok(merged) => merged,
        Err(error) if error.is::<Interrupted>() => return Err(error),
        Err(error) => return Ok(Verdict::Unknown(format!("{error:#}"))),
    };
    field.advance(chain, side, &merged, &format!("Merge track {id}"))?;
    Ok(merged.verdict)
}

fn held_out_for_nothing(id: &TrackId) -> HeldOut {
    HeldOut { track: id.clone(), because_of: Vec::new(), conflicts: Vec::new(), meetings: Vec::new(), reason: None }
}
