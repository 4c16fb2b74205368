//! Which of several tracks break something together: each alone does not, all of them do. Pure: whoever asks runs the
//! tests.
//!
//! As long as more tracks never mend what fewer break, the search names a smallest set. It looks for the shortest
//! beginning of the list that fails, by halving; the last track of that belongs to the set. What came after it does not
//! matter any more, and the search goes on among those before it, together with what is found. For a pair among `n` tracks
//! that takes about 2·log₂ `n` tests (Zeller and Hildebrandt's delta debugging needs many more for so few).

use std::collections::{BTreeSet, HashMap};

use anyhow::Result;

/// What a test says about some tracks together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// They pass, or it does not concern them.
    Passes,
    /// They fail.
    Fails,
    /// They cannot be tested together: they conflict without the others.
    Untestable,
}

/// What is tested, by numbers from 0.
pub struct Search<'a> {
    /// For each track, those that it builds on: a test of it has them, too.
    pub needs: &'a [Vec<usize>],
    /// How suspicious each is; the most suspicious are looked at first.
    pub suspicion: &'a [usize],
}

impl Search<'_> {
    /// The tracks of which none can be left out. All of them together are known to fail, and none of them to pass.
    pub fn smallest(&self, test: &mut dyn FnMut(&[usize]) -> Result<Answer>) -> Result<Vec<usize>> {
        let mut tests = Tests { needs: self.needs, test, known: HashMap::new() };
        let mut rest = self.in_order();
        tests.known.insert(rest.iter().copied().collect(), Answer::Fails);
        tests.known.insert(BTreeSet::new(), Answer::Passes);
        let mut found: Vec<usize> = Vec::new();
        while !rest.is_empty() && (found.is_empty() || !tests.fail(&found)?) {
            let (mut passes, mut fails) = (0, rest.len());
            while fails - passes > 1 {
                let middle = passes.midpoint(fails);
                let together: Vec<usize> = found.iter().chain(&rest[..middle]).copied().collect();
                if tests.fail(&together)? { fails = middle } else { passes = middle }
            }
            found.push(rest[fails - 1]);
            rest.truncate(fails - 1);
        }
        found.sort_unstable();
        Ok(found)
    }

    /// The most suspicious first, but each after all that it needs: whoever is found then fails where what it needs alone
    /// passes.
    fn in_order(&self) -> Vec<usize> {
        let mut by_suspicion: Vec<usize> = (0..self.needs.len()).collect();
        by_suspicion.sort_by_key(|&track| std::cmp::Reverse(self.suspicion[track]));
        let mut order = Vec::new();
        for track in by_suspicion {
            self.place(track, &mut order);
        }
        order
    }

    fn place(&self, track: usize, order: &mut Vec<usize>) {
        if !order.contains(&track) {
            self.needs[track].iter().for_each(|&needed| self.place(needed, order));
            order.push(track);
        }
    }
}

/// All that some tracks need, with them, in their order.
pub fn closed(needs: &[Vec<usize>], tracks: &[usize]) -> BTreeSet<usize> {
    let mut all = BTreeSet::new();
    let mut next = tracks.to_vec();
    while let Some(track) = next.pop() {
        if all.insert(track) {
            next.extend(&needs[track]);
        }
    }
    all
}

/// Each set is tested once.
struct Tests<'a> {
    needs: &'a [Vec<usize>],
    test: &'a mut dyn FnMut(&[usize]) -> Result<Answer>,
    known: HashMap<BTreeSet<usize>, Answer>,
}

impl Tests<'_> {
    fn fail(&mut self, tracks: &[usize]) -> Result<bool> {
        let all = closed(self.needs, tracks);
        if let Some(known) = self.known.get(&all) {
            return Ok(*known == Answer::Fails);
        }
        let answer = (self.test)(&all.iter().copied().collect::<Vec<_>>())?;
        self.known.insert(all, answer);
        Ok(answer == Answer::Fails)
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Search, closed};

    /// The culprits among `count` tracks where `set` fails together, and how many tests that took.
    fn search(count: usize, set: &[usize], suspicion: &[usize], needs: &[Vec<usize>]) -> (Vec<usize>, usize) {
        let mut tests = 0;
        let mut test = |tracks: &[usize]| {
            tests += 1;
            assert_eq!(closed(needs, tracks).into_iter().collect::<Vec<_>>(), tracks);
            assert!(tracks.len() < count, "all together are known to fail");
            Ok(if set.iter().all(|track| tracks.contains(track)) { Answer::Fails } else { Answer::Passes })
        };
        let found = Search { needs, suspicion }.smallest(&mut test).expect("tested");
        (found, tests)
    }

    #[test]
    fn every_pair_of_forty_is_found_in_fifteen_tests() {
        let (free, even) = (vec![Vec::new(); 40], vec![0; 40]);
        let mut most = 0;
        for a in 0..40 {
            for b in a + 1..40 {
                let (found, tests) = search(40, &[a, b], &even, &free);
                assert_eq!(found, [a, b]);
                most = most.max(tests);
            }
        }
        assert!(most <= 15, "{most}");
    }

    #[test]
    fn sets_of_every_size_are_found() {
        for count in 1..8 {
            let (free, even) = (vec![Vec::new(); count], vec![0; count]);
            for bits in 1..1_usize << count {
                let set: Vec<usize> = (0..count).filter(|track| bits & (1 << track) != 0).collect();
                assert_eq!(search(count, &set, &even, &free).0, set);
            }
        }
    }

    #[test]
    fn suspects_are_found_sooner() {
        let mut suspicion = vec![0; 40];
        suspicion[17] = 3;
        suspicion[38] = 2;
        let free = vec![Vec::new(); 40];
        let (found, tests) = search(40, &[17, 38], &suspicion, &free);
        assert_eq!(found, [17, 38]);
        assert!(tests <= 8, "{tests}");
    }

    #[test]
    fn nobody_is_tested_without_what_it_builds_on() {
        // 4 builds on 3, which builds on 0; 2 builds on 1.
        let needs = [vec![], vec![], vec![1], vec![0], vec![3]];
        assert_eq!(search(5, &[2, 4], &[0; 5], &needs).0, [2, 4]);
        // Whoever is built on is found, not whoever brings it along.
        assert_eq!(search(5, &[0], &[0, 0, 0, 0, 9], &needs).0, [0]);
        assert_eq!(search(5, &[0, 3], &[0, 0, 0, 0, 9], &needs).0, [3]);
    }

    #[test]
    fn what_cannot_be_tested_blames_nobody() {
        // Only all of them, and 1 with 2, can be tested.
        let mut test = |tracks: &[usize]| {
            Ok(match tracks {
                [1, 2] => Answer::Fails,
                _ => Answer::Untestable,
            })
        };
        let needs = vec![Vec::new(); 4];
        let found = Search { needs: &needs, suspicion: &[0, 1, 1, 0] }.smallest(&mut test).expect("tested");
        assert!(found == [1, 2], "{found:?}");
    }
}
