//! Rows 1 to 3: every pair of branches, against one `git merge-tree --stdin` on the same pairs.

use super::Place;
use super::answers::{Agreement, all_pairs};
use super::measure::{Duel, duel};
use super::programs::{Objects, merge_tree, tracks};
use super::repositories::{self, ROW_1};
use super::stream::Repository;
use super::table::{self, Goal};

/// Row 1.
pub fn monorepo(place: &Place) {
    let repository = place.repository("1", |folder| ROW_1.make(folder));
    print("1 monorepo, 80 tracks, 40,000 files", &repository, Goal::cpu(20.0, 40.0));
}

/// Row 2.
pub fn long_lived(place: &Place) {
    let repository = place.repository("2", |folder| repositories::long_lived(folder, 60));
    print("2 long-lived, 60 branches", &repository, Goal::cpu(6.0, 10.0));
}

/// Row 3.
pub fn restless(place: &Place) {
    let repository = place.repository("3", |folder| repositories::restless(folder, 40));
    print("3 restless, 40 branches", &repository, Goal::cpu(1.5, 4.0));
}

fn print(name: &str, repository: &Repository, goal: Goal) {
    let words = ["matrix", "t/*"];
    let (duel, agreement) = compare(repository, &words, Objects::OnDisk);
    table::line(name, &duel, agreement, Some(goal));
    let (duel, agreement) = compare(repository, &words, Objects::InMemory);
    table::line("  Git writing to memory, too", &duel, agreement, None);
}

/// Every two branches by both; `words` are those for `tracks`.
pub fn compare(repository: &Repository, words: &[&str], place: Objects) -> (Duel, Agreement) {
    let pairs = all_pairs(&repository.branches);
    let mut agreement = Agreement::default();
    let duel = duel(
        || merge_tree(&repository.folder, &pairs, place),
        || tracks(&repository.folder, words),
        |git, json| agreement.count(git, json),
    );
    (duel, agreement)
}
