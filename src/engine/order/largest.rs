//! The largest set of tracks that can land together. Pure: numbers in, a set out.
//!
//! What cannot be together are sets of two (a conflict of a pair) or more (a conflict that arises jointly). Tracks that
//! such sets or needs join, directly or in a chain, form a group; groups are decided apart from one another.

mod bound;
mod exact;

use std::collections::{BTreeMap, BTreeSet};

use super::waves::reach;

/// The most conflicting tracks of a group that is decided exactly.
const MOST_CONFLICTING: usize = 40;
/// The most tracks of such a group, with those that only need one of them: sets are bits.
const MOST: usize = 128;

/// Tracks as numbers, in the order of who wins a tie.
#[derive(Clone, Debug, Default)]
pub struct Constraints {
    /// What must be in a set that holds the track.
    pub needs: Vec<Vec<usize>>,
    /// What can be in no set.
    pub barred: Vec<bool>,
    /// Sets of which at least one must be left out.
    pub apart: Vec<Vec<usize>>,
}

/// A set, and what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Largest {
    /// The tracks in it, in the order of who wins a tie.
    pub chosen: Vec<usize>,
    /// Whether none is larger; otherwise it is one that cannot be made larger in small steps.
    pub exact: bool,
}

/// Tracks that cannot be decided apart from one another, by places in `members`.
struct Group {
    members: Vec<usize>,
    /// What each brings along: all that it needs, and itself.
    brings: Vec<Vec<usize>>,
    /// Sets of at least two.
    apart: Vec<Vec<usize>>,
}

/// The largest set; among several, the first in the order of who wins a tie.
pub fn largest(constraints: &Constraints) -> Largest {
    let reach = reach(&constraints.needs);
    let mut barred = constraints.barred.clone();
    let apart = settled(constraints, &reach, &mut barred);
    let groups = groups(&reach, &barred, &apart);
    let mut found = Largest { chosen: Vec::new(), exact: true };
    for group in groups {
        let conflicting: BTreeSet<usize> = group.apart.iter().flatten().copied().collect();
        let is_small = conflicting.len() <= MOST_CONFLICTING && group.members.len() <= MOST;
        let chosen = if is_small { exact::largest(&group) } else { bound::large(&group) };
        found.exact &= is_small;
        found.chosen.extend(chosen.into_iter().map(|inside| group.members[inside]));
    }
    found.chosen.sort_unstable();
    found
}

/// The sets that are left when what can be in none is taken out: what needs such a one, and what brings all of a set
/// along.
fn settled(constraints: &Constraints, reach: &[Vec<bool>], barred: &mut [bool]) -> Vec<BTreeSet<usize>> {
    let apart: BTreeSet<BTreeSet<usize>> = constraints.apart.iter().map(|set| set.iter().copied().collect()).collect();
    for track in 0..barred.len() {
        let brings = |other: &usize| *other == track || reach[track][*other];
        barred[track] |= apart.iter().any(|set| set.iter().all(brings));
    }
    let needs_barred: Vec<bool> =
        (0..barred.len()).map(|track| (0..barred.len()).any(|other| reach[track][other] && barred[other])).collect();
    barred.iter_mut().zip(needs_barred).for_each(|(barred, needs)| *barred |= needs);
    apart.into_iter().filter(|set| !set.iter().any(|track| barred[*track])).collect()
}

fn groups(reach: &[Vec<bool>], barred: &[bool], apart: &[BTreeSet<usize>]) -> Vec<Group> {
    let mut of: Vec<usize> = (0..barred.len()).collect();
    let mut join = |a: usize, b: usize| {
        let (from, to) = (of[a], of[b]);
        of.iter_mut().filter(|group| **group == from).for_each(|group| *group = to);
    };
    for set in apart {
        let mut tracks = set.iter();
        let first = tracks.next().expect("an empty set bars every track");
        tracks.for_each(|track| join(*first, *track));
    }
    for track in (0..barred.len()).filter(|track| !barred[*track]) {
        (0..barred.len()).filter(|other| reach[track][*other]).for_each(|other| join(track, other));
    }
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for track in (0..barred.len()).filter(|track| !barred[*track]) {
        members.entry(of[track]).or_default().push(track);
    }
    let group = |members: Vec<usize>| {
        let inside = |track: &usize| members.binary_search(track).ok();
        let brings = |track: &usize| {
            (0..members.len()).filter(|other| members[*other] == *track || reach[*track][members[*other]]).collect()
        };
        let apart = apart.iter().filter_map(|set| set.iter().map(inside).collect()).collect();
        Group { brings: members.iter().map(brings).collect(), apart, members }
    };
    members.into_values().map(group).collect()
}

#[cfg(test)]
mod tests;
