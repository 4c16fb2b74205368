//! What is remembered is what would be found out again, and nothing is remembered that could come out otherwise.

use std::path::PathBuf;

use snapbox::{assert_data_eq, str};
use tracks::engine::premerge::{Premerge, Side, Tally, Trees};
use tracks::engine::snapshot;
use tracks::git::Scratch;
use tracks::model::PairVerdict;

use crate::history::random;
use crate::merges::judge;
use crate::merges::repository::Repository;
use crate::support::{Ground, script, write};

/// Judges pairs as a command does: with what is remembered, and keeping what is new.
fn judged(repository: &Repository, pairs: &[(usize, usize)], trees: Trees) -> (Vec<PairVerdict>, Tally) {
    let repo = repository.open();
    let scratch = Scratch::new(&repo).expect("a scratch can be made");
    let side = |commit| snapshot::committed(&scratch, commit).map_err(|error| format!("{error:#}"));
    let sides: Vec<Result<Side, String>> = repository.commits.iter().map(|commit| side(*commit)).collect();
    let premerge = Premerge::new(&repo, &scratch).expect("the configuration can be read");
    let judged = premerge.pairs(&sides, pairs, trees).expect("the engine answers");
    premerge.remember();
    judged
}

fn file(repository: &Repository) -> PathBuf {
    repository.folder().join("tracks/memory")
}

#[test]
fn what_is_remembered_is_what_was_found() {
    for seed in 21..=24 {
        let (story, pairs) = random(seed, 3);
        let repository = Repository::new(&story);
        // The judge reads the memory too, but keeps nothing.
        let fresh = judge::verdicts(&repository, &pairs).0;
        let half: Vec<(usize, usize)> = pairs.iter().copied().step_by(2).collect();
        judged(&repository, &half, Trees::Skip);
        let (verdicts, tally) = judged(&repository, &pairs, Trees::Compose);
        assert_eq!(verdicts, fresh, "seed {seed}");
        assert!(tally.remembered > 0, "conflicts need no tree: {tally:?}");
        let without_trees = |verdicts: &[PairVerdict]| {
            verdicts.iter().cloned().map(|v| PairVerdict { tree: None, ..v }).collect::<Vec<_>>()
        };
        let (again, tally) = judged(&repository, &pairs, Trees::Skip);
        assert_eq!(without_trees(&again), without_trees(&fresh), "seed {seed}");
        let open = [tally.proved, tally.contents, tally.whole];
        let drivers = story.config.iter().any(|(key, _)| key.ends_with(".driver"));
        assert!(open == [0; 3] || drivers && open[..2] == [0; 2], "seed {seed}: {tally:?}");
    }
}

#[test]
fn a_damaged_file_holds_nothing() {
    let (story, pairs) = random(25, 3);
    let repository = Repository::new(&story);
    let fresh = judged(&repository, &pairs, Trees::Skip);
    let whole = std::fs::read(file(&repository)).expect("it was written");
    for at in (0..whole.len()).step_by(whole.len() / 40) {
        let mut damaged = whole.clone();
        damaged[at] ^= 1 << (at % 8);
        let torn = whole[..at].to_vec();
        for content in [damaged, torn] {
            std::fs::write(file(&repository), content).expect("it can be written");
            assert_eq!(judged(&repository, &pairs, Trees::Skip), fresh, "byte {at}");
        }
    }
}

#[test]
fn what_little_is_new_lies_beside_the_rest() {
    let (story, pairs) = random(26, 3);
    let repository = Repository::new(&story);
    let fresh = judge::verdicts(&repository, &pairs).0;
    let (last, most) = pairs.split_last().expect("several");
    judged(&repository, most, Trees::Skip);
    let before = std::fs::read(file(&repository)).expect("it was written");
    let recent = file(&repository).with_extension("recent");
    judged(&repository, &[*last], Trees::Skip);
    assert_eq!(std::fs::read(file(&repository)).expect("it is there"), before);
    let whole = std::fs::read(&recent).expect("it was written");
    let same = |all: &[PairVerdict]| all.iter().zip(&fresh).all(|(a, b)| a.verdict == b.verdict);
    let (verdicts, tally) = judged(&repository, &pairs, Trees::Skip);
    assert!(same(&verdicts) && tally.remembered == pairs.len(), "{tally:?}");
    for at in (0..whole.len()).step_by(whole.len() / 20 + 1) {
        let mut damaged = whole.clone();
        damaged[at] ^= 1 << (at % 8);
        std::fs::write(&recent, damaged).expect("it can be written");
        let (verdicts, tally) = judged(&repository, &pairs, Trees::Skip);
        assert!(same(&verdicts) && tally.remembered < pairs.len(), "byte {at}: {tally:?}");
    }
    std::fs::remove_file(file(&repository)).expect("it is there");
    let (verdicts, tally) = judged(&repository, &pairs, Trees::Skip);
    assert!(same(&verdicts) && tally.remembered == 0, "{tally:?}");
}

/// Both sides change one line of a file.
fn with_conflict() -> Ground {
    let ground = Ground::new();
    ground.commit(&ground.shop(), "list.txt", "1\n2\n3\n");
    for branch in ["one", "two"] {
        ground.git(&format!("switch -q -c {branch} main"));
        ground.commit(&ground.shop(), "list.txt", &format!("1\n{branch}\n3\n"));
    }
    ground.git("switch -q main");
    ground
}

#[test]
fn what_bears_on_merges_is_part_of_what_is_remembered() {
    let ground = with_conflict();
    let verdict = || {
        let said = ground.run("matrix one two -v");
        let how = said.lines().find(|line| line.contains("proved without")).unwrap_or_default().to_owned();
        let numbers: Vec<&str> = how.split(", ").filter(|part| !part.starts_with("0 ")).collect();
        format!("{} {}", if said.contains("in conflict") { "conflict" } else { "clean" }, numbers.join(", "))
    };
    assert_data_eq!(verdict(), str!["conflict 1 pair decided by merging contents"]);
    assert_data_eq!(verdict(), str!["conflict 1 pair remembered"]);
    write(&ground.shop().join(".git/info/attributes"), "*.txt merge=union\n");
    assert_data_eq!(verdict(), str!["clean 1 pair merged whole"]);
    assert_data_eq!(verdict(), str!["clean 1 pair remembered"]);
    std::fs::remove_file(ground.shop().join(".git/info/attributes")).expect("it was written");
    ground.git("config merge.conflictStyle diff3");
    assert_data_eq!(verdict(), str!["conflict 1 pair decided by merging contents"]);
    ground.git("config user.name somebody");
    assert_data_eq!(verdict(), str!["conflict 1 pair remembered"]);
}

#[test]
fn what_somebodys_program_decided_is_not_remembered() {
    let ground = with_conflict();
    let driver = ground.shop().join(".git/driver");
    let quoted = format!("'{}'", driver.display());
    let configured = ground.command("git", &ground.shop()).args(["config", "merge.mine.driver", &quoted]).status();
    assert!(configured.expect("git is installed").success());
    write(&ground.shop().join(".git/info/attributes"), "*.txt merge=mine\n");
    script(&driver, "#!/bin/sh\nexit 0\n");
    let said = ground.run("matrix one two");
    assert!(said.contains("1 of 1 pair clean"), "{said}");
    script(&driver, "#!/bin/sh\nexit 1\n");
    let said = ground.run("matrix one two");
    assert!(said.contains("1 in conflict"), "{said}");
}

#[test]
fn where_nothing_can_be_written_nothing_is_remembered() {
    let ground = with_conflict();
    let before = ground.run("matrix one two");
    let state = ground.shop().join(".git/tracks");
    std::fs::remove_dir_all(&state).expect("it is there");
    std::fs::write(&state, "in the way").expect("it can be written");
    assert_eq!(ground.run("matrix one two"), before);
    assert_eq!(std::fs::read(&state).expect("it is there"), b"in the way");
}

#[test]
fn the_same_words_in_another_place_bear_otherwise() {
    let ground = with_conflict();
    ground.commit(&ground.shop(), ".gitattributes", "* merge=text\n");
    for branch in ["one", "two"] {
        ground.git(&format!("switch -q {branch}"));
        ground.git("merge -q --no-edit main");
    }
    ground.git("switch -q main");
    let (inside, outside) = (ground.shop().join(".git/info/attributes"), ground.shop().join(".git/outside"));
    write(&inside, "* merge=union\n");
    let said = ground.run("matrix one two");
    assert!(said.contains("1 of 1 pair clean"), "{said}");
    std::fs::rename(&inside, &outside).expect("it was written");
    let set = ["config", "core.attributesFile", outside.to_str().expect("plain text")];
    assert!(ground.command("git", &ground.shop()).args(set).status().expect("git is installed").success());
    let said = ground.run("matrix one two");
    assert!(said.contains("1 in conflict"), "those in the tree win over the user's: {said}");
}

#[test]
fn an_answer_looks_the_same_whether_it_was_remembered_or_not() {
    let ground = Ground::new();
    ground.commit(&ground.shop(), "list.txt", "1\n2\n3\n4\n5\n");
    ground.git("switch -q -c one main");
    ground.git("mv list.txt moved.txt");
    ground.git("commit -q -m moved");
    ground.git("switch -q -c two main");
    ground.commit(&ground.shop(), "list.txt", "1\n2\n3\n4\nfive\n");
    let first = ground.run("matrix one two --format json");
    assert_eq!(ground.run("matrix one two --format json"), first);
    let with_trees = ground.run("matrix one two --format json --trees");
    assert_eq!(ground.run("matrix one two --format json --trees"), with_trees);
    assert!(!first.contains("tree") && with_trees.contains("tree"), "{first}{with_trees}");
}
