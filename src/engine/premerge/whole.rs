//! Merges that only Git can decide: handed to one process for all of those with the same attributes in force.
//!
//! These are the attributes of our side, since that is what is checked out where the merge is made, or of `attr.tree`.
//! Where links have the name of attributes our tree is named without them; with `merge.renormalize` the attributes are
//! laid out as files (`checkouts`).

use std::collections::BTreeMap;

use anyhow::Result;

use super::attributes::{Class, Links};
use super::decide::{Base, Merge};
use super::{Given, Merged, Premerge, explain};
use crate::git::merge_tree::{self, Answer, Request};
use crate::model::Verdict;

/// Merges each, in order.
pub fn merge(premerge: &Premerge, merges: &[&Merge]) -> Result<Vec<Merged>> {
    let mut batches: BTreeMap<(Class, Links), Vec<usize>> = BTreeMap::new();
    let mut merged: Vec<Option<Merged>> = vec![None; merges.len()];
    for (at, Merge { ours, theirs, .. }) in merges.iter().enumerate() {
        let links = premerge.attributes.links(premerge, ours.tree, theirs.tree);
        match premerge.attributes.class(premerge, ours.tree) {
            Ok(class) => batches.entry((class, links)).or_default().push(at),
            Err(error) => merged[at] = Some(Merged::unknown(format!("{error:#}"))),
        }
    }
    for ((_, links), places) in batches {
        let batch: Vec<&Merge> = places.iter().map(|at| merges[*at]).collect();
        let answers = merge_together(premerge, &batch, links)?;
        places.into_iter().zip(answers).for_each(|(at, answer)| merged[at] = Some(answer));
    }
    Ok(merged.into_iter().map(|merged| merged.expect("each merge is in one batch")).collect())
}

/// Merges all of a batch.
fn merge_together(premerge: &Premerge, merges: &[&Merge], links: Links) -> Result<Vec<Merged>> {
    let attributes = match premerge.attributes.source(premerge, merges[0].ours.tree, links) {
        Ok(attributes) => attributes,
        Err(error) => return Ok(vec![Merged::unknown(format!("{error:#}")); merges.len()]),
    };
    let given = |merge: &&Merge| Given {
        base: if let Base::Given(base) = merge.base { Some(base) } else { None },
        ours: merge.ours,
        theirs: merge.theirs,
    };
    let requests: Vec<Request> = merges.iter().map(|merge| request(&given(merge))).collect();
    let answers = merge_tree::merge(premerge.scratch, attributes, &requests)?;
    answers.into_iter().map(|answer| read(premerge, answer)).collect()
}

/// Asks Git about one merge alone, as it would be made in a checkout of our side.
pub fn ask(premerge: &Premerge, merge: &Given) -> Result<Answer> {
    let (ours, theirs) = (merge.ours.tree, merge.theirs.tree);
    let links = premerge.attributes.links(premerge, ours, theirs);
    Ok(match premerge.attributes.source(premerge, ours, links) {
        Ok(attributes) => merge_tree::merge(premerge.scratch, attributes, &[request(merge)])?.remove(0),
        Err(error) => Answer::Failed(format!("{error:#}")),
    })
}

fn request(Given { base, ours, theirs }: &Given) -> Request {
    Request { base: base.map(|base| base.what.raw()), ours: ours.what.raw(), theirs: theirs.what.raw() }
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
