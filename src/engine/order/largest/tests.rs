//! Held against all sets where there are few tracks.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::{Constraints, Largest, largest};

/// Tracks that need only such as `rank` puts before them, a few of them barred, and sets of two to four apart.
fn constraints() -> impl Strategy<Value = Constraints> {
    (1..11_usize).prop_flat_map(|count| {
        let rank = Just((0..count).collect::<Vec<usize>>()).prop_shuffle();
        let set = prop_oneof![
            3 => proptest::collection::vec(0..count, 2),
            1 => proptest::collection::vec(0..count, 3..5),
        ];
        let apart = proptest::collection::vec(set, 0..2 * count);
        let needs = proptest::collection::vec((0..count, 0..count), 0..count);
        let barred = proptest::collection::vec(proptest::bool::weighted(0.08), count);
        (rank, apart, needs, barred).prop_map(move |(rank, apart, needed, barred)| {
            let mut needs = vec![Vec::new(); count];
            for (a, b) in needed.into_iter().filter(|(a, b)| rank[*b] < rank[*a]) {
                needs[a].push(b);
            }
            Constraints { needs, barred, apart }
        })
    })
}

fn is_allowed(constraints: &Constraints, set: &[usize]) -> bool {
    let fits = |track: &usize| {
        !constraints.barred[*track] && constraints.needs[*track].iter().all(|other| set.contains(other))
    };
    set.iter().all(fits) && !constraints.apart.iter().any(|apart| apart.iter().all(|track| set.contains(track)))
}

/// The largest set, the first of them, of all there are.
fn of_all(constraints: &Constraints) -> Vec<usize> {
    let count = constraints.needs.len();
    let set = |bits: usize| (0..count).filter(|track| bits & (1 << track) != 0).collect::<Vec<usize>>();
    let allowed = (0..1 << count).map(set).filter(|set| is_allowed(constraints, set));
    allowed.min_by_key(|set| (count - set.len(), set.clone())).expect("the empty one is")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_first_of_all_largest_sets(constraints in constraints()) {
        prop_assert_eq!(largest(&constraints), Largest { chosen: of_all(&constraints), exact: true });
    }
}

/// Pairs of a ring and of its chords: everyone conflicts with three others.
fn ring(count: usize) -> Constraints {
    let ring = (0..count).map(|at| vec![at, (at + 1) % count]);
    let chords = (0..count / 2).map(|at| vec![2 * at, (2 * at + 7) % count]);
    let free = Constraints { needs: vec![Vec::new(); count], barred: vec![false; count], apart: Vec::new() };
    Constraints { apart: ring.chain(chords).collect(), ..free }
}

#[test]
fn forty_conflicting_tracks_are_decided_exactly() {
    let start = Instant::now();
    let found = largest(&ring(40));
    assert!(found.exact && is_allowed(&ring(40), &found.chosen));
    assert_eq!(found.chosen.len(), 20);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[test]
fn more_than_forty_are_a_bound() {
    let mut many = ring(90);
    many.needs.push(vec![0]);
    many.barred.push(false);
    let found = largest(&many);
    assert!(!found.exact && is_allowed(&many, &found.chosen));
    assert!(found.chosen.len() >= 36, "{}", found.chosen.len());
}

#[test]
fn groups_are_decided_apart() {
    let pairs = (0..30).map(|at| vec![2 * at, 2 * at + 1]).collect();
    let found = largest(&Constraints { needs: vec![Vec::new(); 61], barred: vec![false; 61], apart: pairs });
    assert_eq!(found, Largest { chosen: (0..61).step_by(2).collect(), exact: true });
}
