//! The integration: what `git merge`, one track after another, comes to.

use tracks::engine::premerge::{Candidate, Premerge, integrate};
use tracks::engine::{outcome::Integration, snapshot};
use tracks::git::Scratch;
use tracks::model::TrackId;

use crate::history::independent;
use crate::merges::generator::{Random, stories};
use crate::merges::oracle::{Answer, merge};
use crate::merges::repository::{Repository, run};

/// Integrates commits of a repository, in this order, into another one.
pub fn integrated(repository: &Repository, target: usize, order: &[usize]) -> Integration {
    let repo = repository.open();
    let scratch = Scratch::new(&repo).expect("a scratch can be made");
    let premerge = Premerge::new(&repo, &scratch).expect("the configuration can be read");
    let side = |at: usize| snapshot::committed(&scratch, repository.commits[at]).expect("it is there");
    let candidate = |at: &usize| Candidate { id: id(*at), side: Ok(side(*at)), depends_on: Vec::new() };
    let candidates: Vec<Candidate> = order.iter().map(candidate).collect();
    integrate(&premerge, "refs/tracks/integration/main".into(), &side(target), &candidates).expect("it is computed")
}

/// The id of the track that stands for a commit.
pub fn id(at: usize) -> TrackId {
    TrackId::new(&format!("c{at}")).expect("a valid id")
}

/// Writes a merge commit of two commits with Git; gives its id.
pub fn commit_merge(repository: &Repository, ours: &str, theirs: &str, tree: &str) -> String {
    let words = ["-c", "user.name=A", "-c", "user.email=a@example.org", "commit-tree", "-m", "merge"];
    let written = run(repository.git().args(words).args(["-p", ours, "-p", theirs, tree]), b"");
    String::from_utf8(written).expect("an id").trim().to_owned()
}

#[test]
fn independent_tracks_come_to_one_tree_in_any_order() {
    let (story, tips) = independent(31, 5);
    let repository = Repository::new(&story);
    let mut order = tips.clone();
    let first = integrated(&repository, 0, &order);
    assert_eq!(first.merged, tips.iter().map(|at| id(*at)).collect::<Vec<_>>());
    for turn in 0..4 {
        order.rotate_left(1 + turn % 2);
        order.swap(0, 3);
        let again = integrated(&repository, 0, &order);
        assert_eq!((again.tree, again.merged.len()), (first.tree, tips.len()), "{order:?}");
    }
}

#[test]
fn each_step_is_what_git_merge_does() {
    for seed in 41..46 {
        let story = stories(&mut Random::new(seed), 1).remove(0);
        let repository = Repository::new(&story);
        let order: Vec<usize> = (1..story.commits.len()).rev().collect();
        let found = integrated(&repository, 0, &order);
        let mut now = repository.commits[0].to_string();
        let mut merged = Vec::new();
        for at in order {
            let tip = repository.commits[at].to_string();
            if let Answer::Clean(tree) = merge(&repository, &now, &tip) {
                now = commit_merge(&repository, &now, &tip, &tree);
                merged.push(id(at));
            }
        }
        assert_eq!(found.merged, merged, "seed {seed}");
        let tree = run(repository.git().args(["rev-parse", &format!("{now}^{{tree}}")]), b"");
        assert_eq!(format!("{}\n", found.tree).into_bytes(), tree, "seed {seed}");
    }
}

#[test]
fn the_same_tracks_come_to_the_same_commit() {
    let (story, tips) = independent(51, 3);
    let repository = Repository::new(&story);
    assert_eq!(integrated(&repository, 0, &tips), integrated(&repository, 0, &tips));
}
