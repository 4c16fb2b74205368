//! Branch and bound over the tracks that conflict: of each, first the sets with it and then those without; a branch is
//! left when what could still be added is not enough.

use super::Group;

/// The members of a group, as bits.
type Set = u128;

struct Search {
    brings: Vec<Set>,
    /// What goes when one goes.
    takes: Vec<Set>,
    /// With whom none can be: neither it nor what it brings along conflicts with what the other brings along.
    foes: Vec<Set>,
    /// What conflicts itself.
    conflicting: Set,
    /// Sets of three and more of which at least one must be left out.
    joint: Vec<Set>,
    /// The last set found.
    best: Set,
    /// Only sets with more members than this are looked for.
    floor: u32,
}

/// The largest set of a group; among several the first in the order of its members.
pub fn largest(group: &Group) -> Vec<usize> {
    let mut search = Search::new(group);
    let all = bits(&(0..group.members.len()).collect::<Vec<usize>>());
    search.go(0, all);
    let size = search.floor;
    let (mut chosen, mut open) = (0, all);
    for member in 0..group.members.len() {
        let bit = 1 << member;
        if open & bit == 0 {
            continue;
        }
        // What was found last follows all decisions so far: where it holds this one, nothing is to be searched.
        if search.best & bit != 0 || search.reaches(size, search.with(member, chosen, open)) {
            (chosen, open) = search.with(member, chosen, open);
        } else {
            open &= !search.takes[member];
        }
    }
    (0..group.members.len()).filter(|member| chosen & 1 << member != 0).collect()
}

fn bits(members: &[usize]) -> Set {
    members.iter().fold(0, |bits, member| bits | 1 << member)
}

/// The members of a set.
fn members(mut set: Set) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let first = set.trailing_zeros();
        set &= set.wrapping_sub(1);
        (first < Set::BITS).then_some(first as usize)
    })
}

impl Search {
    fn new(group: &Group) -> Search {
        let count = group.members.len();
        let brings: Vec<Set> = group.brings.iter().map(|others| bits(others)).collect();
        let mut takes: Vec<Set> = vec![0; count];
        for (member, brought) in brings.iter().enumerate() {
            members(*brought).for_each(|other| takes[other] |= 1 << member);
        }
        let mut foes = vec![0; count];
        for pair in group.apart.iter().filter(|set| set.len() == 2) {
            for (one, other) in [(pair[0], pair[1]), (pair[1], pair[0])] {
                members(takes[one]).for_each(|member| foes[member] |= takes[other]);
            }
        }
        let conflicting = group.apart.iter().fold(0, |all, set| all | bits(set));
        let joint = group.apart.iter().filter(|set| set.len() > 2).map(|set| bits(set)).collect();
        Search { brings, takes, foes, conflicting, joint, best: 0, floor: 0 }
    }

    /// What is chosen and what is open once `member` is chosen too.
    fn with(&self, member: usize, chosen: Set, open: Set) -> (Set, Set) {
        let brings = self.brings[member];
        (chosen | brings, open & !brings & !self.foes[member])
    }

    /// Whether what is chosen and open holds a set of this size; then that is the last one found.
    fn reaches(&mut self, size: u32, (chosen, open): (Set, Set)) -> bool {
        self.floor = size - 1;
        self.go(chosen, open);
        self.floor == size
    }

    fn go(&mut self, chosen: Set, mut open: Set) {
        if self.joint.iter().any(|set| set & !chosen == 0) {
            return;
        }
        // Of a joint conflict that lacks one, that one must stay out, and what needs it.
        let missing = |set: &Set, open: Set| (set & !chosen).count_ones() == 1 && set & !chosen & open != 0;
        while let Some(set) = self.joint.iter().find(|set| missing(set, open)) {
            open &= !self.takes[(set & !chosen).trailing_zeros() as usize];
        }
        if chosen.count_ones() + self.most_of(open) <= self.floor {
            return;
        }
        match self.undecided(chosen, open) {
            None => {
                self.best = chosen | open;
                self.floor = self.best.count_ones();
            }
            Some(member) => {
                let (with, rest) = self.with(member, chosen, open);
                self.go(with, rest);
                self.go(chosen, open & !self.takes[member]);
            }
        }
    }

    /// No more than this many of `open` go together: one of each of some sets in which everyone is everyone's foe.
    fn most_of(&self, mut open: Set) -> u32 {
        let mut number = 0;
        while open != 0 {
            let first = open.trailing_zeros() as usize;
            open &= !(1 << first);
            let mut foes = open & self.foes[first];
            while foes != 0 {
                let next = foes.trailing_zeros() as usize;
                open &= !(1 << next);
                foes &= self.foes[next];
            }
            number += 1;
        }
        number
    }

    /// The open one that most depends on; `None` where all that is open can be together.
    fn undecided(&self, chosen: Set, open: Set) -> Option<usize> {
        let foes = |member: &usize| (self.foes[*member] & open).count_ones();
        let worst = members(open & self.conflicting).max_by_key(foes);
        let in_pairs = worst.filter(|member| foes(member) > 0);
        let jointly = || self.joint.iter().find(|set| **set & !chosen & !open == 0);
        in_pairs.or_else(|| members(jointly()? & open).next())
    }
}
