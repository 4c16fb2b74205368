//! Who explains that a track is held out: held against Git, which merges the named ones in their order.

use tracks::engine::outcome::{HeldOut, Integration};

use crate::integration::{commit_merge, id, integrated};
use crate::merges::generator::{Random, stories};
use crate::merges::oracle::{Answer, merge};
use crate::merges::repository::Repository;
use crate::merges::text;

/// What Git makes of merging commits into the first one, in order: `None` where one of them does not merge clean.
fn chain(repository: &Repository, target: usize, order: &[usize]) -> Option<String> {
    order.iter().try_fold(repository.commits[target].to_string(), |now, at| {
        let tip = repository.commits[*at].to_string();
        match merge(repository, &now, &tip) {
            Answer::Clean(tree) => Some(commit_merge(repository, &now, &tip, &tree)),
            _ => None,
        }
    })
}

/// Whether Git merges all of `order` clean, and then stops at `held`.
fn stops(repository: &Repository, order: &[usize], held: usize) -> bool {
    let tip = repository.commits[held].to_string();
    chain(repository, 0, order).is_some_and(|now| matches!(merge(repository, &now, &tip), Answer::Conflict(_)))
}

fn place(name: &tracks::model::TrackId) -> usize {
    name.as_str()[1..].parse().expect("a track is called after its place")
}

/// Integrates branches of a history, in this order, into its first commit; which of them explain that the last one is
/// held out.
fn named(history: &str, order: &[&str]) -> (Repository, Vec<String>) {
    let story = text::read(history).expect("a history").story;
    let repository = Repository::new(&story);
    let places: Vec<usize> = order.iter().map(|name| story.place(name).expect("it is there")).collect();
    let found = integrated(&repository, 0, &places);
    let [HeldOut { track, because_of, .. }] = &found.held_out[..] else { panic!("one is held out: {found:?}") };
    assert_eq!(track, &id(places[order.len() - 1]));
    let names = because_of.iter().map(|track| story.commits[place(track)].name.clone()).collect();
    (repository, names)
}

/// Six tracks that are in nobody's way, each with a file of its own and a line of a file that all have.
fn bystanders() -> String {
    let one = |at: usize| {
        format!("commit by{at} : base\n  write own{at}\n    | {at}\n  replace common {0}\n    | by {at}\n", at * 10)
    };
    (1..=6).map(one).collect()
}

/// A folder is moved to one place by half and to another by half: no place has the majority, and Git cannot say where a
/// new file in it should go.
///
///   base --- a    (d/1 and d/2 to e)
///       \--- b    (d/3 and d/4 to g)
///       \--- c    (adds d/new)
#[test]
fn two_tracks_that_only_collide_together_are_named() {
    let history = format!(
        "commit base\n  numbers common 1-80\n  numbers d/1 1-20\n  numbers d/2 31-50\n  numbers d/3 61-80\n  numbers d/4 91-110\n\
         commit a : base\n  rename d/1 e/1\n  rename d/2 e/2\n\
         commit b : base\n  rename d/3 g/3\n  rename d/4 g/4\n\
         commit c : base\n  write d/new\n    | new\n{}",
        bystanders()
    );
    let (repository, names) = named(&history, &["by1", "by2", "a", "by3", "by4", "b", "by5", "by6", "c"]);
    assert_eq!(names, ["a", "b"]);
    assert!(stops(&repository, &[1, 2], 3) && !stops(&repository, &[1], 3) && !stops(&repository, &[2], 3));
}

/// One renames a file, another rewrites most of it: alone, each merges with a third that changes a line. Together they
/// leave no file that resembles the old one, which the third has changed.
///
///   base --- a --- a2   (renames f to moved)
///       \--- b --- b2   (rewrites the lower half; then more of it)
///       \--- c          (changes a line)
const REWRITTEN: &str = "
commit base
  numbers common 1-80
  numbers f 1-40
commit a : base
  write notes
    | a
commit a2 : a
  rename f moved
commit b : base
  replace f 30-34
    | some
    | other lines
commit b2 : b
  write new
    | b
  replace f 10-29
    | this is a line that has nothing to do with what was there before, and it is a very long one
    | and so is this, which goes on and on and on until there is nothing left that resembles the file
    | and one more line that says nothing but makes the file still less like what it was, for certain
commit c : base
  replace f 3
    | three
";

#[test]
fn where_paths_have_other_names_the_named_are_found_all_the_same() {
    let (repository, names) =
        named(&format!("{REWRITTEN}{}", bystanders()), &["by6", "by5", "b2", "by4", "by3", "a2", "by2", "by1", "c"]);
    assert_eq!(names, ["b2", "a2"]);
    let [a2, b2, c] = [2, 4, 5];
    assert!(stops(&repository, &[b2, a2], c) && !stops(&repository, &[b2], c) && !stops(&repository, &[a2], c));
}

#[test]
fn the_commits_that_meet_where_tracks_only_collide_together() {
    let story = text::read(REWRITTEN).expect("a history").story;
    let repository = Repository::new(&story);
    let [a2, b2, c] = ["a2", "b2", "c"].map(|name| story.place(name).expect("it is there"));
    for (order, ours) in [([a2, b2, c], b2), ([b2, a2, c], a2)] {
        let found = integrated(&repository, 0, &order);
        let [held] = &found.held_out[..] else { panic!("one is held out: {found:?}") };
        let met: Vec<_> = held.meetings.iter().map(crate::meet::ids).collect();
        assert_eq!(met, [[Some(repository.commits[ours]), Some(repository.commits[c])]], "{order:?}");
    }
}

#[test]
fn everyone_who_collides_alone_is_named() {
    let history = "commit base\n  numbers f 1-9\n\
        commit a : base\n  replace f 2\n    | a\n\
        commit b : base\n  replace f 8\n    | b\n\
        commit by : base\n  write by\n    | by\n\
        commit c : base\n  replace f 2-8\n    | c\n";
    assert_eq!(named(history, &["b", "by", "a", "c"]).1, ["b", "a"]);
}

#[test]
fn what_is_named_collides_by_git_and_nobody_of_it_can_be_left_out() {
    let (mut alone, mut together) = (0, 0);
    let stacked = STACKED.map(|seed| stories(&mut Random::new(seed), 1).remove(0));
    let beside = BESIDE.iter().map(|seed| {
        let mut story = stories(&mut Random::new(*seed), 1).remove(0);
        story.commits[1..].iter_mut().for_each(|commit| commit.parents = vec![0]);
        story
    });
    for story in stacked.chain(beside) {
        let repository = Repository::new(&story);
        let order: Vec<usize> = (1..story.commits.len()).rev().collect();
        let found = integrated(&repository, 0, &order);
        for held in found.held_out.iter().filter(|held| !held.conflicts.is_empty()) {
            match checked(&repository, &found, held, &format!("{story:?}: {held:?}")) {
                Named::Alone => alone += 1,
                Named::Together => together += 1,
                Named::Nobody => {}
            }
        }
    }
    assert!(alone > 10 && together > 8, "{alone} alone, {together} together");
}

/// Histories whose commits stand on one another.
const STACKED: std::ops::Range<u64> = 100..104;

/// Those whose commits, all put on the first one, hold some that only collide together.
const BESIDE: [u64; 8] = [208, 221, 296, 423, 465, 574, 577, 680];

enum Named {
    Nobody,
    Alone,
    Together,
}

fn checked(repository: &Repository, found: &Integration, held: &HeldOut, words: &str) -> Named {
    let tip = place(&held.track);
    let because_of: Vec<usize> = held.because_of.iter().map(place).collect();
    let collides = |other: usize| {
        let [ours, theirs] = [other, tip].map(|at| repository.commits[at].to_string());
        matches!(merge(repository, &ours, &theirs), Answer::Conflict(_))
    };
    assert_eq!(because_of.is_empty(), collides(0), "{words}");
    if because_of.is_empty() {
        return Named::Nobody;
    }
    let after = order_of(found, held);
    let alone: Vec<usize> = after.iter().copied().filter(|other| collides(*other)).collect();
    if !alone.is_empty() {
        assert_eq!(because_of, alone, "{words}");
        return Named::Alone;
    }
    assert!(stops(repository, &because_of, tip), "{words}");
    for at in 0..because_of.len() {
        let mut rest = because_of.clone();
        rest.remove(at);
        assert!(!stops(repository, &rest, tip), "{words}, without {at}");
    }
    Named::Together
}

/// The tracks that were merged before one was held out: the order is from the last commit to the first.
fn order_of(found: &Integration, held: &HeldOut) -> Vec<usize> {
    found.merged.iter().map(place).filter(|at| *at > place(&held.track)).collect()
}
