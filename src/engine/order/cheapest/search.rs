//! A good order for groups too large to look at all sets of: the best that comes of the given one and of a thousand
//! random ones, when in the best of them tracks are moved until no move of a single one helps.

use super::{Group, Meets};

/// How many random orders are tried.
const RANDOM: usize = 1000;
/// In how many of them tracks are moved.
const IMPROVED: usize = 12;
/// Each round costs less than the one before it, and there are few: this only bounds what is not foreseen.
const ROUNDS: usize = 50;

/// The best order found; never worse than `given`. The same for the same group.
pub fn search(group: &Group, given: Vec<usize>) -> Vec<usize> {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let drawn = (0..RANDOM).map(|_| Line::new(group, drawn(group, &mut random)));
    let mut lines: Vec<(usize, Line)> = drawn.map(|line| (line.cost(), line)).collect();
    lines.sort_by(|a, b| (a.0, &a.1.order).cmp(&(b.0, &b.1.order)));
    lines.truncate(IMPROVED);
    let starts = lines.into_iter().map(|(_, line)| line).chain([Line::new(group, given)]);
    let improved = starts.map(Line::improved).map(|line| (line.cost(), line.order));
    improved.min().map(|(_, order)| order).expect("there is a given order")
}

/// An order in which always any of those that can land is next.
fn drawn(group: &Group, random: &mut Random) -> Vec<usize> {
    let count = group.members.len();
    let mut landed = vec![false; count];
    let mut order: Vec<usize> = Vec::with_capacity(count);
    while order.len() < count {
        let can_land = |track: &usize| !landed[*track] && group.needs[*track].iter().all(|needed| landed[*needed]);
        let free: Vec<usize> = (0..count).filter(can_land).collect();
        let next = free[random.below(free.len())];
        landed[next] = true;
        order.push(next);
    }
    order
}

/// An order that is being changed.
struct Line<'a> {
    group: &'a Group,
    order: Vec<usize>,
    /// Where each track stands in it.
    position: Vec<usize>,
}

/// Which way a track is moved.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Earlier,
    Later,
}

impl<'a> Line<'a> {
    fn new(group: &'a Group, order: Vec<usize>) -> Line<'a> {
        let mut position = vec![0; order.len()];
        order.iter().enumerate().for_each(|(at, track)| position[*track] = at);
        Line { group, order, position }
    }

    fn cost(&self) -> usize {
        (0..self.order.len()).map(|track| self.cost_of(track)).sum()
    }

    /// What a track costs where it stands.
    fn cost_of(&self, track: usize) -> usize {
        let meets: &Meets = &self.group.meets[track];
        let is_paid = |others: &[usize]| others.iter().any(|other| self.position[*other] < self.position[track]);
        meets.iter().filter(|(others, _)| is_paid(others)).map(|(_, weight)| weight).sum()
    }

    /// Moves single tracks to where the order costs least, until none can be moved with gain.
    fn improved(mut self) -> Line<'a> {
        for _ in 0..ROUNDS {
            let gains: Vec<bool> = (0..self.order.len()).map(|track| self.place_best(track)).collect();
            if !gains.contains(&true) {
                break;
            }
        }
        self
    }

    /// Moves one track to where the order costs least; whether that is a gain.
    fn place_best(&mut self, track: usize) -> bool {
        let start = self.position[track];
        let (mut best, mut best_at) = (0, start);
        for way in [Way::Earlier, Way::Later] {
            let mut change = 0;
            while let Some(delta) = self.step(track, way) {
                change += delta;
                if change < best {
                    (best, best_at) = (change, self.position[track]);
                }
            }
            self.move_to(track, start);
        }
        self.move_to(track, best_at);
        best < 0
    }

    /// Swaps a track with its neighbour; gives the change of the cost. `None` at the end, or where one needs the other.
    fn step(&mut self, track: usize, way: Way) -> Option<isize> {
        let at = self.position[track];
        let first = if way == Way::Later { at } else { at.checked_sub(1)? };
        let (before, after) = (*self.order.get(first)?, *self.order.get(first + 1)?);
        if self.group.needs[after].contains(&before) {
            return None;
        }
        let both = |line: &Self| line.cost_of(before) as isize + line.cost_of(after) as isize;
        let old = both(self);
        self.swap(first);
        Some(both(self) - old)
    }

    fn move_to(&mut self, track: usize, at: usize) {
        while self.position[track] > at {
            self.swap(self.position[track] - 1);
        }
        while self.position[track] < at {
            self.swap(self.position[track]);
        }
    }

    fn swap(&mut self, first: usize) {
        self.order.swap(first, first + 1);
        self.position[self.order[first]] = first;
        self.position[self.order[first + 1]] = first + 1;
    }
}

/// Random numbers (SplitMix64, <https://prng.di.unimi.it/splitmix64.c>), the same on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % end as u64) as usize
    }
}
