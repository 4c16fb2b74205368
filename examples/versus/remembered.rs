//! Row 4: row 1 again after one track of 80 has moved, against the first run with nothing remembered.

use super::Place;
use super::answers::{Agreement, all_pairs};
use super::measure::{Cost, Duel, ROUNDS, median};
use super::programs::{Objects, merge_tree, tracks, tracks_again};
use super::random::Random;
use super::repositories::{LINES, ROW_1};
use super::stream::{Repository, content};
use super::table::{self, Goal};

/// Row 4.
pub fn row(place: &Place) {
    let repository = place.repository("4", |folder| ROW_1.make(folder));
    let (mut first, mut again) = (Vec::<Cost>::new(), Vec::<Cost>::new());
    let mut agreement = Agreement::default();
    for round in 0..ROUNDS {
        first.push(tracks(&repository.folder, &["matrix", "t/*"]).cost);
        move_one(&repository, round);
        let second = tracks_again(&repository.folder, &["matrix", "t/*"]);
        let git = merge_tree(&repository.folder, &all_pairs(&repository.branches), Objects::InMemory);
        agreement.count(&git.printed, &second.printed);
        again.push(second.cost);
    }
    let duel = Duel { theirs: median(&first), ours: median(&again) };
    table::line("4 row 1 again, a track has moved", &duel, agreement, Some(Goal::cpu(20.0, 100.0)));
}

/// One commit more on one track, a different one each round, with ten files changed.
fn move_one(repository: &Repository, round: usize) {
    let mut random = Random::new(100 + round as u64);
    let paths = ROW_1.paths();
    let mut changed = |_| {
        let path = paths[random.below(paths.len())].clone();
        let mut lines = vec![0; LINES];
        lines[random.below(LINES)] = 5000 + round as u32;
        let text = content(&path, &lines);
        (path, text)
    };
    let files: Vec<(String, String)> = (0..10).map(&mut changed).collect();
    repository.commit(&repository.branches[7 + 31 * round % 80], &files);
}
