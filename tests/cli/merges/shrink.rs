//! Makes a story that shows a difference as small as it gets: without any commit or step that it does not need.

use super::judge::judge;
use super::story::{Commit, Step, Story};

/// The smallest story found that still has a difference for a pair, and that pair.
pub fn shrink(story: &Story, pair: (usize, usize)) -> (Story, (usize, usize)) {
    let (mut story, mut pair) = (story.clone(), pair);
    let (alone, alone_pair) = only_related(&story, pair);
    if differs(&alone, alone_pair) {
        (story, pair) = (alone, alone_pair);
    }
    loop {
        let smaller = candidates(&story, pair).into_iter().find(|(story, pair)| differs(story, *pair));
        match smaller {
            Some((small, at)) => (story, pair) = (small, at),
            None => return (story, pair),
        }
    }
}

/// Only the commits that the pair stands on, and those that these take from.
fn only_related(story: &Story, pair: (usize, usize)) -> (Story, (usize, usize)) {
    let mut needed = vec![false; story.commits.len()];
    let mut waiting = vec![pair.0, pair.1];
    while let Some(at) = waiting.pop() {
        if !std::mem::replace(&mut needed[at], true) {
            waiting.extend(&story.commits[at].parents);
            waiting.extend(story.commits[at].steps.iter().filter_map(|step| match step {
                Step::Take(from, _) => Some(*from),
                _ => None,
            }));
        }
    }
    let unneeded = (0..needed.len()).rev().filter(|at| !needed[*at]);
    unneeded.fold((story.clone(), pair), |(story, pair), at| without_commit(&story, pair, at))
}

fn differs(story: &Story, pair: (usize, usize)) -> bool {
    !judge(story, &[pair]).differences.is_empty()
}

fn candidates(story: &Story, pair: (usize, usize)) -> Vec<(Story, (usize, usize))> {
    let mut found = Vec::new();
    for at in (0..story.commits.len()).rev().filter(|at| *at != pair.0 && *at != pair.1) {
        found.push(without_commit(story, pair, at));
    }
    for at in 0..story.config.len() {
        let mut smaller = story.clone();
        smaller.config.remove(at);
        found.push((smaller, pair));
    }
    if story.info_attributes.is_some() {
        found.push((Story { info_attributes: None, ..story.clone() }, pair));
    }
    for (at, commit) in story.commits.iter().enumerate() {
        for step in 0..commit.steps.len() {
            let mut smaller = story.clone();
            smaller.commits[at].steps.remove(step);
            found.push((smaller, pair));
        }
        for parent in 0..commit.parents.len() {
            let mut smaller = story.clone();
            smaller.commits[at].parents.remove(parent);
            found.push((smaller, pair));
        }
    }
    found
}

/// Without one commit: its children take its parents in its place, and its steps where they would be lost.
fn without_commit(story: &Story, pair: (usize, usize), gone: usize) -> (Story, (usize, usize)) {
    let moved = |at: usize| if at > gone { at - 1 } else { at };
    let old = &story.commits[gone];
    let mut commits: Vec<Commit> = Vec::new();
    for commit in story.commits.iter().enumerate().filter(|(at, _)| *at != gone).map(|(_, commit)| commit) {
        let is_first = commit.parents.first() == Some(&gone);
        let mut parents: Vec<usize> = Vec::new();
        for parent in &commit.parents {
            let instead = if *parent == gone { &old.parents[..] } else { std::slice::from_ref(parent) };
            let new = instead.iter().filter(|parent| !parents.contains(*parent)).collect::<Vec<_>>();
            parents.extend(new);
        }
        let inherited = if is_first { old.steps.clone() } else { Vec::new() };
        let steps = inherited.into_iter().chain(commit.steps.clone());
        let steps = steps.filter(|step| !matches!(step, Step::Take(from, _) if *from == gone)).map(|step| match step {
            Step::Take(from, path) => Step::Take(moved(from), path),
            step => step,
        });
        let parents = parents.into_iter().map(moved).collect();
        commits.push(Commit { steps: steps.collect(), parents, ..commit.clone() });
    }
    (Story { commits, ..story.clone() }, (moved(pair.0), moved(pair.1)))
}
