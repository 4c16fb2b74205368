//! Landings where everyone who lands has their way: as many paths as Git finds, merging after merging.

use std::collections::BTreeMap;

use tracks::engine::premerge::{Candidate, Premerge, landings};
use tracks::engine::snapshot;
use tracks::git::Scratch;
use tracks::model::TrackId;

use crate::merges::generator::{Random, stories};
use crate::merges::oracle::{Answer, merge};
use crate::merges::repository::{Repository, run, try_run};

/// What landing commits in this order on another one costs, here.
fn costs(repository: &Repository, target: usize, order: &[usize]) -> Vec<Option<usize>> {
    let repo = repository.open();
    let scratch = Scratch::new(&repo).expect("a scratch can be made");
    let premerge = Premerge::new(&repo, &scratch).expect("the configuration can be read");
    let side = |at: usize| snapshot::committed(&scratch, repository.commits[at]).expect("it is there");
    let id = |at: usize| TrackId::new(&format!("c{at}")).expect("a valid id");
    let candidate = |at: &usize| Candidate { id: id(*at), side: Ok(side(*at)), depends_on: Vec::new() };
    let candidates: Vec<Candidate> = order.iter().map(candidate).collect();
    let costs = landings(&premerge, &side(target), &candidates).expect("it is computed");
    costs.into_iter().map(Result::ok).collect()
}

/// The same by Git alone.
fn costs_by_git(repository: &Repository, target: usize, order: &[usize]) -> Vec<Option<usize>> {
    let mut now = repository.commits[target].to_string();
    let mut costs = Vec::new();
    for at in order {
        let tip = repository.commits[*at].to_string();
        let (tree, cost) = match merge(repository, &now, &tip) {
            Answer::Refused => {
                costs.push(None);
                continue;
            }
            Answer::Clean(tree) => (tree, 0),
            Answer::Conflict(paths) => (with_theirs(repository, &now, &tip), paths.len()),
        };
        costs.push(Some(cost));
        let words = ["-c", "user.name=A", "-c", "user.email=a@example.org", "commit-tree", "-m", "merge"];
        let written = run(repository.git().args(words).args(["-p", &now, "-p", &tip, &tree]), b"");
        now = String::from_utf8(written).expect("an id").trim().to_owned();
    }
    costs
}

/// The tree of a merge with the third stage, or nothing, at each path that has stages; made with an index.
fn with_theirs(repository: &Repository, ours: &str, theirs: &str) -> String {
    let source = format!("--attr-source={ours}");
    let (_, printed, _) = try_run(repository.git().args([&source, "merge-tree", "-z", ours, theirs]), b"");
    let fields: Vec<&[u8]> = printed.split(|byte| *byte == 0).collect();
    let index = tempfile::tempdir().expect("a folder");
    let git = || {
        let mut git = repository.git();
        git.env("GIT_INDEX_FILE", index.path().join("index"));
        git
    };
    run(git().arg("read-tree").arg(std::str::from_utf8(fields[0]).expect("an id")), b"");
    let mut edits: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
    for stage in fields[1..].iter().take_while(|field| !field.is_empty()) {
        let tab = stage.iter().position(|byte| *byte == b'\t').expect("stage and path");
        let (info, path) = (&stage[..tab], &stage[tab + 1..]);
        let gone = [&b"0 "[..], "0".repeat(theirs.len()).as_bytes()].concat();
        edits.entry(path.to_vec()).or_insert(gone);
        if info.ends_with(b" 3") && !info.starts_with(b"000000") {
            edits.insert(name_there(repository, path, theirs), info[..info.len() - 2].to_vec());
        }
    }
    let (gone, new): (Vec<_>, Vec<_>) = edits.iter().partition(|(_, info)| info.starts_with(b"0 "));
    let lines = gone.iter().chain(&new).flat_map(|(path, info)| [info, &b"\t"[..], path, b"\0"].concat());
    run(git().args(["update-index", "--replace", "-z", "--index-info"]), &lines.collect::<Vec<u8>>());
    String::from_utf8(run(git().arg("write-tree"), b"")).expect("an id").trim().to_owned()
}

/// The name on their side of a file that Git put aside.
fn name_there(repository: &Repository, path: &[u8], theirs: &str) -> Vec<u8> {
    let mark = format!("~{theirs}");
    let Some(end) = path.windows(mark.len()).position(|part| part == mark.as_bytes()) else { return path.to_vec() };
    let at = [theirs.as_bytes(), b":", &path[..end]].concat();
    let (_, kind, _) = try_run(repository.git().args(["cat-file", "--batch-check"]), &[&at[..], b"\n"].concat());
    if String::from_utf8_lossy(&kind).contains(" blob ") { path[..end].to_vec() } else { path.to_vec() }
}

#[test]
fn each_landing_costs_what_git_finds() {
    let (mut landed, mut paid) = (0, 0);
    for seed in 61..69 {
        let story = stories(&mut Random::new(seed), 1).remove(0);
        let repository = Repository::new(&story);
        let order: Vec<usize> = (1..story.commits.len()).rev().collect();
        let found = costs(&repository, 0, &order);
        assert_eq!(found, costs_by_git(&repository, 0, &order), "seed {seed}");
        landed += found.len();
        paid += found.iter().flatten().sum::<usize>();
    }
    assert!(landed > 60 && paid > 20, "{landed} landings, {paid} paths");
}
