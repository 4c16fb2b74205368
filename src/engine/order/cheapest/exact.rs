//! The least cost from every set of landed tracks on, for groups small enough to look at all of them.

use super::{Group, Meets};

/// The largest group that is ordered exactly: 16,384 sets take a few milliseconds.
pub const LARGEST: usize = 14;

const NEVER: usize = usize::MAX;

/// What is best after every set of landed tracks; sets are bits.
pub struct Table {
    needs: Vec<usize>,
    /// What each track costs after each set.
    costs: Vec<Vec<usize>>,
    /// The least that all others cost after each set.
    rest: Vec<usize>,
}

impl Table {
    /// Looks at all sets of `group`, from the full one down.
    pub fn new(group: &Group) -> Table {
        let count = group.members.len();
        let needs = group.needs.iter().map(|needs| bits(needs)).collect();
        let costs = group.meets.iter().map(|meets| costs(meets, count)).collect();
        let mut table = Table { needs, costs, rest: vec![NEVER; 1 << count] };
        let full = (1 << count) - 1;
        table.rest[full] = 0;
        for set in (0..full).rev() {
            let next = (0..count).filter_map(|track| table.from(set, track)).min();
            table.rest[set] = next.unwrap_or(NEVER);
        }
        table
    }

    /// Whether landing `track` after `set` can still lead to the least cost.
    pub fn is_best(&self, set: usize, track: usize) -> bool {
        self.from(set, track) == Some(self.rest[set])
    }

    /// The least cost after `set` if `track` is next; `None` where it cannot be.
    fn from(&self, set: usize, track: usize) -> Option<usize> {
        let can_land = set & 1 << track == 0 && self.needs[track] & !set == 0;
        let rest = self.rest[set | 1 << track];
        (can_land && rest != NEVER).then(|| self.costs[track][set] + rest)
    }
}

fn bits(tracks: &[usize]) -> usize {
    tracks.iter().fold(0, |bits, track| bits | 1 << track)
}

/// What a track costs after each set: all its paths, without those on which it only conflicts with tracks outside the
/// set. The latter are added up over subsets, one track at a time.
fn costs(meets: &Meets, count: usize) -> Vec<usize> {
    let mut outside = vec![0; 1 << count];
    let mut all = 0;
    for (others, weight) in meets {
        outside[bits(others)] += weight;
        all += weight;
    }
    for track in 0..count {
        for set in (0..1 << count).filter(|set| set & 1 << track != 0) {
            outside[set] += outside[set ^ 1 << track];
        }
    }
    (0..1 << count).map(|set: usize| all - outside[!set & ((1 << count) - 1)]).collect()
}
