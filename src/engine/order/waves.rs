//! Waves: tracks of one wave may run and land together.

/// The wave of each track, counted from 1: one more than the longest chain of tracks that it needs. `needs` names tracks
/// by their places, and has no cycles.
pub fn waves(needs: &[Vec<usize>]) -> Vec<usize> {
    let mut waves = vec![1; needs.len()];
    // The longest chain has as many links as there are tracks: after that many rounds nothing changes.
    for _ in needs {
        for (track, needed) in needs.iter().enumerate() {
            waves[track] = needed.iter().map(|other| waves[*other] + 1).max().unwrap_or(1);
        }
    }
    waves
}

/// The longest chain of tracks of which each needs the one before it, in that order; of several, the one that ends with
/// the first. Nothing where no track needs another. `needs` has no cycles.
pub fn longest_chain(needs: &[Vec<usize>]) -> Vec<usize> {
    let waves = waves(needs);
    let Some(last) = (0..needs.len()).max_by_key(|at| (waves[*at], std::cmp::Reverse(*at))) else { return Vec::new() };
    let mut chain = vec![last];
    while let Some(before) =
        needs[chain[chain.len() - 1]].iter().max_by_key(|at| (waves[**at], std::cmp::Reverse(**at)))
    {
        chain.push(*before);
    }
    chain.reverse();
    if chain.len() > 1 { chain } else { Vec::new() }
}

/// Everything that each track needs, directly or through others, itself apart; `reach[a][b]`: `a` needs `b`.
pub fn reach(needs: &[Vec<usize>]) -> Vec<Vec<bool>> {
    let mut reach = vec![vec![false; needs.len()]; needs.len()];
    for track in 0..needs.len() {
        let mut waiting = needs[track].clone();
        while let Some(other) = waiting.pop() {
            if !std::mem::replace(&mut reach[track][other], true) {
                waiting.extend(&needs[other]);
            }
        }
    }
    reach
}

#[cfg(test)]
mod tests {
    use super::{longest_chain, reach, waves};

    #[test]
    fn the_longest_chain_counts() {
        let needs = [vec![1, 2], vec![2], vec![], vec![], vec![0]];
        assert_eq!(waves(&needs), [3, 2, 1, 1, 4]);
        assert_eq!(reach(&needs)[4], [true, true, true, false, false]);
        assert_eq!(longest_chain(&needs), [2, 1, 0, 4]);
        assert_eq!(longest_chain(&[vec![], vec![]]), [0; 0]);
    }
}
