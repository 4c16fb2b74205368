//! Merges that only Git can decide: handed to one process for all of those with the same attributes in force.

use std::collections::BTreeMap;

use anyhow::Result;

use super::attributes::Class;
use super::decide::{Base, Merge};
use super::{Merged, Premerge, explain};
use crate::git::merge_tree::{self, Answer, Request};
use crate::model::{TreeId, Verdict};

/// Merges each, in order.
pub fn merge(premerge: &Premerge, merges: &[&Merge]) -> Result<Vec<Merged>> {
    if premerge.renormalizes {
        let reason = "`merge.renormalize` is set, and contents that have to be normalised first are not merged yet";
        return Ok(vec![Merged::unknown(reason.into()); merges.len()]);
    }
    let mut batches: BTreeMap<Class, (TreeId, Vec<usize>)> = BTreeMap::new();
    let mut merged: Vec<Option<Merged>> = vec![None; merges.len()];
    for (at, merge) in merges.iter().enumerate() {
        match premerge.attributes.class(premerge, merge.ours.tree) {
            Ok(class) => batches.entry(class).or_insert_with(|| (merge.ours.tree, Vec::new())).1.push(at),
            Err(error) => merged[at] = Some(Merged::unknown(format!("{error:#}"))),
        }
    }
    for (attributes, places) in batches.into_values() {
        let request = |at: &usize| Request {
            base: if let Base::Given(base) = &merges[*at].base { Some(base.what.raw()) } else { None },
            ours: merges[*at].ours.what.raw(),
            theirs: merges[*at].theirs.what.raw(),
        };
        let requests: Vec<Request> = places.iter().map(request).collect();
        let answers = merge_tree::merge(premerge.scratch, attributes, &requests)?;
        for (at, answer) in places.into_iter().zip(answers) {
            merged[at] = Some(read(premerge, answer)?);
        }
    }
    Ok(merged.into_iter().map(|merged| merged.expect("each merge is in one batch")).collect())
}

fn read(premerge: &Premerge, answer: Answer) -> Result<Merged> {
    match answer {
        Answer::Clean(tree) => Ok(Merged { verdict: Verdict::Clean, tree: Some(tree) }),
        Answer::Failed(reason) => Ok(Merged::unknown(reason)),
        Answer::Conflicted(stopped) => {
            let conflicts = explain::stopped(premerge.scratch.objects(), &stopped)?;
            Ok(Merged { verdict: Verdict::Conflict(conflicts), tree: None })
        }
    }
}
