//! The order of least cost: what a track costs when it lands is the number of paths on which it conflicts with tracks
//! that landed before it. Pure: numbers in, an order out.
//!
//! Tracks that conflict with one another, directly or in a chain, form a group; costs in one group do not depend on
//! another. Two groups that need one another in turn are made one. What is left of needs between groups has no circle, so
//! that whatever is the best order in each of them can be had in all at once, and the one order of all is put together
//! track by track: always the first, in the order of who wins a tie, that can land now at no loss in its group. That is
//! the first of all orders of least cost.

mod exact;
mod search;

use std::collections::{BTreeMap, BTreeSet};

use super::waves::reach;
use exact::Table;

/// Tracks as numbers, in the order of who wins a tie.
#[derive(Clone, Debug, Default)]
pub struct Clashes {
    /// What must land before each track; without circles.
    pub needs: Vec<Vec<usize>>,
    /// Two tracks, and the paths (by number) on which they conflict.
    pub pairs: Vec<(usize, usize, Vec<usize>)>,
}

/// An order, and what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// All tracks.
    pub order: Vec<usize>,
    /// What they cost in that order.
    pub cost: usize,
    /// Whether no order costs less; otherwise it is the best that was found.
    pub exact: bool,
}

/// The conflicts of tracks that cannot be ordered apart from one another, by places in `members`.
struct Group {
    members: Vec<usize>,
    /// What must land before each, through whatever chain.
    needs: Vec<Vec<usize>>,
    meets: Vec<Meets>,
}

/// What one track conflicts with: for each distinct set of tracks the number of paths on which it conflicts with those.
type Meets = Vec<(Vec<usize>, usize)>;

/// How far a group has landed.
enum Progress {
    Exact { table: Table, landed: usize },
    Fixed { order: Vec<usize>, landed: usize },
}

/// The order of least cost; among several, the first in the order of who wins a tie.
pub fn cheapest(clashes: &Clashes) -> Sequence {
    let groups = groups(clashes);
    let given = put_together(clashes, &[], &mut []);
    let mut progress: Vec<Progress> = groups.iter().map(|group| Progress::of(group, &given)).collect();
    let exact = progress.iter().all(|progress| matches!(progress, Progress::Exact { .. }));
    let order = put_together(clashes, &groups, &mut progress);
    Sequence { cost: cost(clashes, &order), order, exact }
}

/// What the tracks of `order` cost in that order.
pub fn cost(clashes: &Clashes, order: &[usize]) -> usize {
    let position: BTreeMap<usize, usize> = order.iter().enumerate().map(|(at, track)| (*track, at)).collect();
    let mut paid: BTreeSet<(usize, usize)> = BTreeSet::new();
    for (a, b, paths) in &clashes.pairs {
        if let (Some(first), Some(second)) = (position.get(a), position.get(b)) {
            let later = if first < second { b } else { a };
            paid.extend(paths.iter().map(|path| (*later, *path)));
        }
    }
    paid.len()
}

/// Lands all, always the first that can land now and that its group lets go.
fn put_together(clashes: &Clashes, groups: &[Group], progress: &mut [Progress]) -> Vec<usize> {
    let count = clashes.needs.len();
    let mut place = vec![None; count];
    for (at, group) in groups.iter().enumerate() {
        group.members.iter().enumerate().for_each(|(inside, track)| place[*track] = Some((at, inside)));
    }
    let mut landed = vec![false; count];
    let mut order = Vec::with_capacity(count);
    while order.len() < count {
        let can_land = |track: &usize| {
            let lets_go = |(group, inside): (usize, usize)| progress[group].lets_go(inside);
            !landed[*track]
                && clashes.needs[*track].iter().all(|other| landed[*other])
                && place[*track].is_none_or(lets_go)
        };
        let next = (0..count).find(can_land).expect("what is needed has no circle, and groups follow it");
        if let Some((group, inside)) = place[next] {
            progress[group].land(inside);
        }
        landed[next] = true;
        order.push(next);
    }
    order
}

impl Progress {
    fn of(group: &Group, given: &[usize]) -> Progress {
        match group.members.len() <= exact::LARGEST {
            true => Progress::Exact { table: Table::new(group), landed: 0 },
            false => {
                let inside = |track: &usize| group.members.binary_search(track).ok();
                let given: Vec<usize> = given.iter().filter_map(inside).collect();
                Progress::Fixed { order: search::search(group, given), landed: 0 }
            }
        }
    }

    /// Whether this one can land next at no loss.
    fn lets_go(&self, inside: usize) -> bool {
        match self {
            Progress::Exact { table, landed } => table.is_best(*landed, inside),
            Progress::Fixed { order, landed } => order[*landed] == inside,
        }
    }

    fn land(&mut self, inside: usize) {
        match self {
            Progress::Exact { landed, .. } => *landed |= 1 << inside,
            Progress::Fixed { landed, .. } => *landed += 1,
        }
    }
}

fn groups(clashes: &Clashes) -> Vec<Group> {
    let reach = reach(&clashes.needs);
    let mut of: Vec<usize> = (0..clashes.needs.len()).collect();
    let pairs: Vec<&(usize, usize, Vec<usize>)> =
        clashes.pairs.iter().filter(|(.., paths)| !paths.is_empty()).collect();
    for (a, b, _) in &pairs {
        join(&mut of, *a, *b);
    }
    let conflicting: BTreeSet<usize> = pairs.iter().flat_map(|(a, b, _)| [*a, *b]).collect();
    // Which groups need which: those that need one another in turn are joined.
    let mut needed = vec![Vec::new(); of.len()];
    for a in &conflicting {
        let others = conflicting.iter().filter(|b| reach[*a][**b] && of[*a] != of[**b]);
        needed[of[*a]].extend(others.map(|b| of[*b]));
    }
    let between = super::waves::reach(&needed);
    for (a, needed) in between.iter().enumerate() {
        for b in (0..a).filter(|b| needed[*b] && between[*b][a]) {
            join(&mut of, a, b);
        }
    }
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for track in conflicting {
        members.entry(of[track]).or_default().push(track);
    }
    members.into_values().map(|members| group(members, &pairs, &reach)).collect()
}

fn join(of: &mut [usize], a: usize, b: usize) {
    let (from, to) = (of[a], of[b]);
    of.iter_mut().filter(|group| **group == from).for_each(|group| *group = to);
}

fn group(members: Vec<usize>, pairs: &[&(usize, usize, Vec<usize>)], reach: &[Vec<bool>]) -> Group {
    let mut on: Vec<BTreeMap<usize, BTreeSet<usize>>> = vec![BTreeMap::new(); members.len()];
    for (a, b, paths) in pairs {
        let (Ok(a), Ok(b)) = (members.binary_search(a), members.binary_search(b)) else { continue };
        for path in paths {
            on[a].entry(*path).or_default().insert(b);
            on[b].entry(*path).or_default().insert(a);
        }
    }
    let meets = |paths: BTreeMap<usize, BTreeSet<usize>>| {
        let mut weights: BTreeMap<BTreeSet<usize>, usize> = BTreeMap::new();
        paths.into_values().for_each(|others| *weights.entry(others).or_default() += 1);
        weights.into_iter().map(|(others, weight)| (others.into_iter().collect(), weight)).collect()
    };
    let meets = on.into_iter().map(meets).collect();
    let needs = |track: &usize| (0..members.len()).filter(|inside| reach[*track][members[*inside]]).collect();
    let needs = members.iter().map(needs).collect();
    Group { members, needs, meets }
}

#[cfg(test)]
mod tests;
