//! A large set where there is too much to try: filled greedily, then changed in small steps as long as it grows.

use super::Group;

/// More rounds of small steps than this are not worth waiting for.
const ROUNDS: usize = 20;

struct Filling<'a> {
    group: &'a Group,
    /// The sets that each is in.
    of: Vec<Vec<usize>>,
    /// Those that conflict least with others first.
    easiest: Vec<usize>,
}

/// A large set of a group.
pub fn large(group: &Group) -> Vec<usize> {
    let filling = Filling::new(group);
    let count = group.members.len();
    let by_rank: Vec<usize> = (0..count).collect();
    let none = vec![false; count];
    let starts = [filling.fill(none.clone(), &by_rank, None), filling.fill(none, &filling.easiest, None)];
    let grown = starts.map(|set| filling.grown(set));
    // The first of the largest, in the order of who wins a tie.
    let [a, b] = grown.map(|set| (0..count).filter(|member| set[*member]).collect::<Vec<usize>>());
    if (b.len(), &a) > (a.len(), &b) { b } else { a }
}

impl Filling<'_> {
    fn new(group: &Group) -> Filling<'_> {
        let count = group.members.len();
        let mut of = vec![Vec::new(); count];
        for (at, set) in group.apart.iter().enumerate() {
            set.iter().for_each(|member| of[*member].push(at));
        }
        let mut easiest: Vec<usize> = (0..count).collect();
        let conflicts = |member: &usize| group.brings[*member].iter().map(|other| of[*other].len()).sum::<usize>();
        easiest.sort_by_cached_key(conflicts);
        Filling { group, of, easiest }
    }

    /// Adds what can be added, in this order, but for one and what needs it.
    fn fill(&self, mut set: Vec<bool>, order: &[usize], without: Option<usize>) -> Vec<bool> {
        for member in order.iter().copied() {
            let brings = &self.group.brings[member];
            if set[member] || without.is_some_and(|without| brings.contains(&without)) {
                continue;
            }
            let added: Vec<usize> = brings.iter().copied().filter(|other| !set[*other]).collect();
            added.iter().for_each(|other| set[*other] = true);
            let is_whole = |at: &usize| self.group.apart[*at].iter().all(|other| set[*other]);
            if added.iter().any(|other| self.of[*other].iter().any(&is_whole)) {
                added.iter().for_each(|other| set[*other] = false);
            }
        }
        set
    }

    /// Takes one out and fills up again, as long as that makes the set larger.
    fn grown(&self, mut set: Vec<bool>) -> Vec<bool> {
        let size = |set: &[bool]| set.iter().filter(|is_in| **is_in).count();
        for _ in 0..ROUNDS {
            let before = size(&set);
            for one in 0..set.len() {
                if !set[one] {
                    continue;
                }
                let mut less = set.clone();
                (0..set.len()).filter(|other| self.group.brings[*other].contains(&one)).for_each(|o| less[o] = false);
                let other = self.fill(less, &self.easiest, Some(one));
                if size(&other) > size(&set) {
                    set = other;
                }
            }
            if size(&set) == before {
                break;
            }
        }
        set
    }
}
