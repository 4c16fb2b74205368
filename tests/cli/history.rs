//! Random histories: every verdict is Git's, and what has to hold between verdicts holds.

use std::collections::BTreeSet;

use tracks::engine::premerge::Premerge;
use tracks::git::{Objects, Scratch, tree};
use tracks::model::{Entry, Mode, PairVerdict, TreeId, Verdict};

use crate::merges::generator::{Random, all_pairs, stories};
use crate::merges::judge::{judge, judge_in, verdicts};
use crate::merges::repository::{Repository, run};
use crate::merges::story::{Commit, Node, Step, Story, Tree, side_by_side};

/// A repository's worth of random histories, and the pairs to ask about: all within each.
pub fn random(seed: u64, count: usize) -> (Story, Vec<(usize, usize)>) {
    let stories = stories(&mut Random::new(seed), count);
    let (story, starts) = side_by_side(&stories.iter().collect::<Vec<_>>());
    let pairs_of = |(story, start): (&Story, usize)| -> Vec<(usize, usize)> {
        all_pairs(story).into_iter().map(|(ours, theirs)| (ours + start, theirs + start)).collect()
    };
    let pairs = stories.iter().zip(starts).flat_map(pairs_of).collect();
    (story, pairs)
}

#[test]
fn git_says_the_same_of_random_histories() {
    let mut count = 0;
    let mut decided = [0; 3];
    for seed in 1..=4 {
        let (story, pairs) = random(seed, 4);
        let judged = judge(&story, &pairs);
        assert_eq!(judged.differences, [], "seed {seed}");
        count += pairs.len();
        let tally = judged.tally;
        [tally.proved, tally.contents, tally.whole].iter().zip(&mut decided).for_each(|(one, all)| *all += one);
    }
    assert!(count > 1500, "{count} pairs");
    assert!(decided.iter().all(|pairs| *pairs > 50), "proved, by contents, whole: {decided:?}");
}

#[test]
fn odd_places_and_formats_change_no_verdict() {
    let (story, pairs) = random(11, 1);
    let expected = verdicts_of(&Repository::new(&story), &pairs);
    let formats = [(true, false), (false, true), (true, true)];
    for (sha256, reftable) in formats {
        let story = Story { sha256, reftable, ..story.clone() };
        let judged = judge_in(&Repository::in_folder(&story, "a:b c;d 'e\"f.git"), &story, &pairs);
        assert_eq!(judged.differences, []);
        assert_eq!(judged.verdicts.iter().map(name).collect::<Vec<_>>(), expected);
    }
}

fn verdicts_of(repository: &Repository, pairs: &[(usize, usize)]) -> Vec<String> {
    verdicts(repository, pairs).0.iter().map(name).collect()
}

fn name(verdict: &PairVerdict) -> String {
    verdict.verdict.name().into()
}

#[test]
fn a_commit_graph_changes_no_verdict() {
    let (story, pairs) = random(12, 3);
    let repository = Repository::new(&story);
    let before = verdicts(&repository, &pairs).0;
    run(repository.git().args(["commit-graph", "write", "--reachable"]), b"");
    assert_eq!(verdicts(&repository, &pairs).0, before);
}

#[test]
fn replaced_commits_are_seen_as_git_sees_them() {
    let (story, pairs) = random(13, 1);
    let repository = Repository::new(&story);
    let (old, new) = (repository.commits[1].to_string(), repository.commits[2].to_string());
    run(repository.git().args(["replace", &old, &new]), b"");
    // The sides themselves are given by id: only what lies below them is replaced.
    let pairs: Vec<(usize, usize)> = pairs.into_iter().filter(|(a, b)| ![a, b].contains(&&1)).collect();
    assert_eq!(judge_in(&repository, &story, &pairs).differences, []);
}

#[test]
fn one_thread_finds_what_many_find() {
    let (story, pairs) = random(14, 4);
    let repository = Repository::new(&story);
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be started");
        pool.install(|| verdicts(&repository, &pairs))
    };
    assert_eq!(with(1), with(7));
}

#[test]
fn the_other_way_round_the_same_paths_conflict() {
    let (story, pairs) = random(15, 4);
    let trees = story.trees();
    let attributes = |at: usize| {
        let is_attributes = |path: &[u8]| path.ends_with(b".gitattributes");
        trees[at].iter().filter(|(path, _)| is_attributes(path)).collect::<Vec<_>>()
    };
    let found = verdicts(&Repository::new(&story), &pairs).0;
    let paths = |(ours, theirs): (usize, usize)| {
        let verdict = found.iter().find(|v| (v.ours, v.theirs) == (ours, theirs)).expect("all were asked");
        let paths: BTreeSet<_> = verdict.verdict.conflicts().iter().map(|conflict| conflict.path.clone()).collect();
        (matches!(verdict.verdict, Verdict::Conflict(_)), paths)
    };
    for (ours, theirs) in pairs.iter().copied().filter(|(a, b)| a < b && attributes(*a) == attributes(*b)) {
        assert_eq!(paths((ours, theirs)), paths((theirs, ours)), "{ours} and {theirs}");
    }
}

#[test]
fn a_side_merges_clean_with_itself_and_with_what_it_stands_on() {
    let (story, _) = random(16, 4);
    let ancestors = ancestors(&story);
    let pairs: Vec<(usize, usize)> =
        (0..story.commits.len()).flat_map(|tip| ancestors[tip].iter().map(move |below| (tip, *below))).collect();
    let repository = Repository::new(&story);
    let (found, _) = verdicts(&repository, &pairs);
    let repo = repository.open();
    let objects = repo.objects().expect("they can be opened");
    for verdict in found {
        let is_clean = matches!(verdict.verdict, Verdict::Disjoint | Verdict::Clean);
        assert!(is_clean, "{} and {}: {:?}", verdict.ours, verdict.theirs, verdict.verdict);
        let own = objects.commit(repository.commits[verdict.ours]).expect("it is there").tree;
        assert_eq!(verdict.tree, Some(own), "{} and {}", verdict.ours, verdict.theirs);
    }
}

/// Each commit's ancestors, itself among them.
fn ancestors(story: &Story) -> Vec<BTreeSet<usize>> {
    let mut all: Vec<BTreeSet<usize>> = Vec::new();
    for (at, commit) in story.commits.iter().enumerate() {
        let mut own: BTreeSet<usize> = commit.parents.iter().flat_map(|parent| all[*parent].clone()).collect();
        own.insert(at);
        all.push(own);
    }
    all
}

#[test]
fn what_is_disjoint_merges_to_both_changes() {
    let (story, pairs) = random(17, 4);
    let (trees, ancestors) = (story.trees(), ancestors(&story));
    let repository = Repository::new(&story);
    let repo = repository.open();
    let scratch = Scratch::new(&repo).expect("a scratch can be made");
    let premerge = Premerge::new(&repo, &scratch).expect("the configuration can be read");
    let side = |commit: &_| tracks::engine::snapshot::committed(&scratch, *commit).map_err(|error| error.to_string());
    let sides: Vec<_> = repository.commits.iter().map(side).collect();
    let composed = tracks::engine::premerge::Trees::Compose;
    let (found, _) = premerge.pairs(&sides, &pairs, composed).expect("the engine answers");
    let disjoint: Vec<&PairVerdict> = found.iter().filter(|pair| pair.verdict == Verdict::Disjoint).collect();
    assert!(disjoint.len() > 100, "{} pairs", disjoint.len());
    for pair in disjoint {
        let shared: Vec<usize> = ancestors[pair.ours].intersection(&ancestors[pair.theirs]).copied().collect();
        let is_best = |at: &&usize| shared.iter().all(|other| *at == other || !ancestors[*other].contains(at));
        let best: Vec<&usize> = shared.iter().filter(is_best).collect();
        let [base] = best[..] else { panic!("a proof wants one merge base: {best:?}") };
        let union = union(&trees[*base], &trees[pair.ours], &trees[pair.theirs]);
        let merged = pair.tree.expect("trees were asked for");
        assert_eq!(listed(scratch.objects(), merged), listed_story(&union), "{} and {}", pair.ours, pair.theirs);
    }
}

/// Ours, with everything that theirs changed.
fn union(base: &Tree, ours: &Tree, theirs: &Tree) -> Tree {
    let mut union = ours.clone();
    union.retain(|path, _| theirs.contains_key(path) || !base.contains_key(path));
    let changed = theirs.iter().filter(|(path, node)| base.get(*path) != Some(node));
    union.extend(changed.map(|(path, node)| (path.clone(), node.clone())));
    union
}

/// Mode and content of every path; a submodule's content is its commit.
fn listed(objects: &Objects, merged: TreeId) -> Vec<(Vec<u8>, &'static str, Vec<u8>)> {
    let content = |entry: &Entry| match entry.mode {
        Mode::Submodule => entry.id.to_string().into_bytes(),
        _ => objects.blob(entry.id, 1 << 20).expect("it is there").expect("it is small"),
    };
    let entries = tree::entries(objects, merged, None).expect("the tree is there");
    let mut listed: Vec<_> =
        entries.iter().map(|(path, entry)| (path.as_bstr().to_vec(), entry.mode.octal(), content(entry))).collect();
    listed.sort();
    listed
}

fn listed_story(tree: &Tree) -> Vec<(Vec<u8>, &'static str, Vec<u8>)> {
    let row = |(path, node): (&Vec<u8>, &Node)| match node {
        Node::File { executable: false, content } => (path.clone(), "100644", content.to_vec()),
        Node::File { executable: true, content } => (path.clone(), "100755", content.to_vec()),
        Node::Link(target) => (path.clone(), "120000", target.clone()),
        Node::Submodule(digit) => (path.clone(), "160000", digit.to_string().repeat(40).into_bytes()),
    };
    tree.iter().map(row).collect()
}

/// Histories in folders of their own, on one base: what independent tracks are. Gives the last commit of each.
pub fn independent(seed: u64, count: usize) -> (Story, Vec<usize>) {
    let plain = |seed: &u64| stories(&mut Random::new(*seed), 1).remove(0);
    let histories: Vec<Story> = (seed..).map(|seed| plain(&seed)).take(count).collect();
    let mut story = Story::default();
    let write = |folder: usize, tree: &Tree, before: &Tree| -> Vec<Step> {
        let at = |path: &[u8]| [format!("t{folder}/").as_bytes(), path].concat();
        let gone = before.keys().filter(|path| !tree.contains_key(*path)).map(|path| Step::Delete(at(path)));
        let new =
            tree.iter().filter(|(path, node)| before.get(*path) != Some(node)).flat_map(|(path, node)| match node {
                Node::File { executable, content } => {
                    vec![Step::Write(at(path), content.to_vec()), Step::Executable(at(path), *executable)]
                }
                Node::Link(target) => vec![Step::Link(at(path), target.clone())],
                Node::Submodule(digit) => vec![Step::Submodule(at(path), *digit)],
            });
        gone.chain(new).collect()
    };
    let all: Vec<Vec<Tree>> = histories.iter().map(Story::trees).collect();
    let steps = all.iter().enumerate().flat_map(|(folder, trees)| write(folder, &trees[0], &Tree::new())).collect();
    story.commits.push(Commit { name: "base".into(), parents: Vec::new(), time: 0, steps });
    let mut tips = Vec::new();
    for (folder, trees) in all.iter().enumerate() {
        let mut parent = 0;
        for (at, pair) in trees.windows(2).enumerate() {
            let name = format!("t{folder}-{at}");
            let steps = write(folder, &pair[1], &pair[0]);
            story.commits.push(Commit { name, parents: vec![parent], time: at as i64, steps });
            parent = story.commits.len() - 1;
        }
        tips.push(parent);
    }
    (story, tips)
}
