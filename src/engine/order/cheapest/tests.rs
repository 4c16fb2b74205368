//! Held against all orders where there are few, and against random ones where there are many.

use proptest::prelude::*;

use super::super::waves::reach;
use super::{Clashes, cheapest, cost};

/// Tracks that need only such as `rank` puts before them, so that there is no circle, and conflict on a few paths.
fn clashes(count: std::ops::Range<usize>) -> impl Strategy<Value = Clashes> {
    count.prop_flat_map(|count| {
        let rank = Just((0..count).collect::<Vec<usize>>()).prop_shuffle();
        let pair = (0..count, 0..count, proptest::collection::vec(0..6_usize, 1..4));
        let pairs = proptest::collection::vec(pair, 0..3 * count);
        let needs = proptest::collection::vec((0..count, 0..count), 0..count);
        (rank, pairs, needs).prop_map(move |(rank, mut pairs, needed)| {
            pairs.retain(|(a, b, _)| a != b);
            let mut needs = vec![Vec::new(); count];
            for (a, b) in needed.into_iter().filter(|(a, b)| rank[*b] < rank[*a]) {
                needs[a].push(b);
            }
            Clashes { needs, pairs }
        })
    })
}

/// All orders that are allowed, first ones first.
fn orders(clashes: &Clashes, begun: &[usize]) -> Vec<Vec<usize>> {
    let count = clashes.needs.len();
    if begun.len() == count {
        return vec![begun.to_vec()];
    }
    let can_land =
        |track: &usize| !begun.contains(track) && clashes.needs[*track].iter().all(|other| begun.contains(other));
    (0..count).filter(can_land).flat_map(|track| orders(clashes, &[begun, &[track]].concat())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn the_first_of_all_orders_of_least_cost(clashes in clashes(1..8)) {
        let found = cheapest(&clashes);
        let all = orders(&clashes, &[]);
        let best = all.iter().min_by_key(|order| (cost(&clashes, order), *order)).expect("there is one");
        prop_assert_eq!((&found.order, found.cost), (best, cost(&clashes, best)));
        prop_assert!(found.exact);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn no_random_order_is_better(clashes in clashes(16..40), shuffles in any::<u64>()) {
        let found = cheapest(&clashes);
        let needed = reach(&clashes.needs);
        let mut place = vec![0; found.order.len()];
        found.order.iter().enumerate().for_each(|(at, track)| place[*track] = at);
        for (a, row) in needed.iter().enumerate() {
            prop_assert!((0..row.len()).all(|b| !row[b] || place[b] < place[a]), "{a} lands before what it needs");
        }
        let mut state = shuffles;
        for _ in 0..1000 {
            let drawn = drawn(&clashes, &mut state);
            prop_assert!(found.cost <= cost(&clashes, &drawn), "{drawn:?}");
        }
        prop_assert_eq!(found, cheapest(&clashes));
    }
}

/// A random order, by numbers that have nothing to do with those of the search.
fn drawn(clashes: &Clashes, state: &mut u64) -> Vec<usize> {
    let mut order: Vec<usize> = Vec::new();
    while order.len() < clashes.needs.len() {
        let can_land =
            |track: &usize| !order.contains(track) && clashes.needs[*track].iter().all(|other| order.contains(other));
        let free: Vec<usize> = (0..clashes.needs.len()).filter(can_land).collect();
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        order.push(free[(*state >> 33) as usize % free.len()]);
    }
    order
}

#[test]
fn who_conflicts_with_many_that_do_not_conflict_lands_last() {
    let pairs = (1..4).map(|other| (0, other, vec![7])).collect();
    let found = cheapest(&Clashes { needs: vec![Vec::new(); 5], pairs });
    assert_eq!((found.order, found.cost), (vec![1, 2, 3, 0, 4], 1));
}

#[test]
fn groups_that_need_one_another_in_turn_are_ordered_as_one() {
    // 0 and 1 conflict, so do 2 and 3; each of the two wants what the other's best order lands last to be first.
    let pairs = vec![(0, 1, vec![1, 2]), (0, 4, vec![1]), (2, 3, vec![3]), (3, 5, vec![3])];
    let needs = vec![vec![3], vec![], vec![0], vec![], vec![0], vec![2]];
    let found = cheapest(&Clashes { needs: needs.clone(), pairs: pairs.clone() });
    let clashes = Clashes { needs, pairs };
    assert_eq!(found.cost, orders(&clashes, &[]).iter().map(|order| cost(&clashes, order)).min().expect("some"));
}

#[test]
fn a_hundred_tracks_are_ordered() {
    let pairs = (0..100).flat_map(|a| (a + 1..100).filter(move |b| (a * b) % 7 == 3).map(move |b| (a, b, vec![a % 5])));
    let found = cheapest(&Clashes { needs: vec![Vec::new(); 100], pairs: pairs.collect() });
    assert!(!found.exact);
    assert_eq!(found.order.len(), 100);
}
