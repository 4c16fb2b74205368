//! The two commits that meet in a conflict, held against Git.

use std::collections::BTreeSet;

use serde_json::Value;
use snapbox::{IntoData, assert_data_eq, str};
use tracks::engine::premerge::{Premerge, Trees, meetings};
use tracks::engine::snapshot;
use tracks::git::Scratch;
use tracks::model::{CommitId, Meeting, Origin, PairVerdict};

use crate::merges::generator::{Random, all_pairs, stories};
use crate::merges::oracle::{Answer, answers};
use crate::merges::repository::{Repository, run};
use crate::merges::story::Story;
use crate::merges::text;
use crate::support::{Ground, write};

/// The commits of a meeting; `None` where it is undetermined.
pub fn ids(met: &Meeting) -> [Option<CommitId>; 2] {
    [&met.ours, &met.theirs].map(|origin| match origin {
        Some(Origin::Commit(id, _)) => Some(*id),
        Some(Origin::Uncommitted) => panic!("nothing is uncommitted"),
        None => None,
    })
}

/// The verdicts on pairs, and the meetings of those that conflict.
fn met(repository: &Repository, pairs: &[(usize, usize)]) -> Vec<(PairVerdict, Vec<Meeting>)> {
    let repo = repository.open();
    let scratch = Scratch::new(&repo).expect("a scratch can be made");
    let premerge = Premerge::new(&repo, &scratch).expect("the configuration can be read");
    let side = |commit: &CommitId| snapshot::committed(&scratch, *commit).map_err(|error| error.to_string());
    let sides: Vec<_> = repository.commits.iter().map(side).collect();
    let (verdicts, _) = premerge.pairs(&sides, pairs, Trees::Skip).expect("the engine answers");
    let mut found = meetings(&premerge, &sides, &verdicts);
    verdicts.into_iter().enumerate().map(|(at, verdict)| (verdict, found.remove(&at).unwrap_or_default())).collect()
}

/// `path: ours theirs` for each conflict of `ours` and `theirs`, by names; `?` where it is undetermined.
fn between(repository: &Repository, story: &Story) -> Vec<String> {
    let [ours, theirs] = ["ours", "theirs"].map(|name| story.place(name).expect("it is there"));
    let (verdict, meetings) = met(repository, &[(ours, theirs)]).remove(0);
    let name = |id: Option<CommitId>| match id.and_then(|id| repository.commits.iter().position(|own| *own == id)) {
        Some(at) => story.commits[at].name.clone(),
        None => "?".to_owned(),
    };
    let conflicts = verdict.verdict.conflicts().iter().zip(&meetings);
    conflicts.map(|(conflict, met)| format!("{}: {}", conflict.path, ids(met).map(name).join(" "))).collect()
}

fn of(history: &str) -> Vec<String> {
    let story = text::read(history).expect("a history").story;
    between(&Repository::new(&story), &story)
}

/// Three commits on each side, of which the second of ours and the first of theirs change the same lines.
#[test]
fn the_commits_that_changed_the_same_lines() {
    let history = "
commit base
  numbers f 1-20
  numbers g 1-20
commit o1 : base
  replace f 15
    | ours
commit o2 : o1
  replace f 3
    | ours
commit ours : o2
  replace f 9
    | ours
  replace g 5
    | ours
commit t1 : base
  replace f 3
    | theirs
commit t2 : t1
  replace f 18
    | theirs
commit theirs : t2
  replace g 5
    | theirs
";
    assert_eq!(of(history), ["f: o2 t1", "g: ours theirs"]);
}

/// A change that was undone and made again: what stands there now is the later one.
#[test]
fn what_was_undone_is_passed_over() {
    let history = "
commit base
  numbers f 1-9
commit o1 : base
  replace f 3
    | ours
commit o2 : o1
  replace f 3
    | 3
commit o3 : o2
  replace f 3
    | ours again
commit ours : o3
  replace f 8
    | ours
commit theirs : base
  replace f 3
    | theirs
";
    assert_eq!(of(history), ["f: o3 theirs"]);
}

/// Work that came in by a merge on our side belongs to the commit that did it, not to the merge.
#[test]
fn a_merge_on_the_way_did_nothing_itself() {
    let history = "
commit base
  numbers f 1-9
  numbers g 1-9
commit side : base
  replace f 3
    | side
commit main : base
  replace g 3
    | main
commit ours : main side
  take side f
commit theirs : base
  replace f 3
    | theirs
";
    assert_eq!(of(history), ["f: side theirs"]);
}

/// Ours changes a file and then renames it; theirs changes it under its old name.
#[test]
fn a_renamed_file_meets_under_its_new_name() {
    let history = "
commit base
  numbers f 1-20
commit o1 : base
  replace f 3
    | ours
commit o2 : o1
  rename f new/name
commit ours : o2
  append new/name
    | more
commit t1 : base
  write other
    | other
commit t2 : t1
  replace f 3
    | theirs
commit theirs : t2
  replace f 12
    | theirs
";
    assert_eq!(of(history), ["new/name: o2 t2"]);
}

const CROSSED: &str = "
commit base
  numbers f 1-6
commit a : base
  replace f 3
    | three
commit b : base
  replace f 3
    | drei
commit ours : a b
  replace f 3
    | three and drei
commit theirs : b a
  replace f 3
    | drei and three
";

#[test]
fn with_several_bases_the_merges_meet() {
    assert_eq!(of(CROSSED), ["f: ours theirs"]);
}

#[test]
fn where_history_is_edited_nothing_is_said() {
    let story = text::read(CROSSED).expect("a history").story;
    let repository = Repository::new(&story);
    let [base, a] = [0, 1].map(|at| repository.commits[at].to_string());
    run(repository.git().args(["replace", &base, &a]), b"");
    assert_eq!(between(&repository, &story), ["f: ? ?"]);
}

/// What each commit of a story reaches, itself among it.
fn reached(story: &Story) -> Vec<BTreeSet<usize>> {
    let mut all: Vec<BTreeSet<usize>> = Vec::new();
    for (at, commit) in story.commits.iter().enumerate() {
        let below = commit.parents.iter().flat_map(|parent| all[*parent].clone()).collect::<Vec<usize>>();
        all.push(below.into_iter().chain([at]).collect());
    }
    all
}

#[test]
fn git_says_that_they_meet() {
    let mut count = 0;
    for seed in 61..75 {
        let story = stories(&mut Random::new(seed), 1).remove(0);
        let repository = Repository::new(&story);
        let (trees, reached) = (story.trees(), reached(&story));
        let place = |id: CommitId| repository.commits.iter().position(|own| *own == id).expect("of the story");
        let mut asked = Vec::new();
        for (verdict, meetings) in met(&repository, &all_pairs(&story)) {
            for (conflict, met) in verdict.verdict.conflicts().iter().zip(&meetings) {
                let words = format!("seed {seed}, {} and {}: {conflict:?}", verdict.ours, verdict.theirs);
                let [Some(ours), Some(theirs)] = ids(met).map(|id| id.map(place)) else { panic!("{words}: {met:?}") };
                let own =
                    |at: usize, side: usize, other: usize| reached[side].contains(&at) && !reached[other].contains(&at);
                assert!(own(ours, verdict.ours, verdict.theirs), "{words}: {met:?}");
                assert!(own(theirs, verdict.theirs, verdict.ours), "{words}: {met:?}");
                let path = conflict.path.as_bstr().to_vec();
                asked.push(((ours, verdict.theirs), path.clone(), words.clone()));
                asked.push(((ours, theirs), path, words));
            }
        }
        let pairs: Vec<(usize, usize)> = asked.iter().map(|(pair, ..)| *pair).collect();
        for ((pair, path, words), answer) in asked.iter().zip(answers(&repository, &trees, &pairs)) {
            let Answer::Conflict(paths) = answer else { panic!("{words}: {pair:?} is {answer:?}") };
            assert!(paths.contains(path), "{words}: {pair:?} conflict on {paths:?}");
            count += 1;
        }
    }
    assert!(count > 500, "{count} merges");
}

/// Two tracks with several commits each, whose subjects a terminal would obey or has no room for.
fn with_history() -> Ground {
    let ground = Ground::with_tracks();
    let commit = |track: &str, path: &str, content: &str, subject: &str| {
        let folder = ground.track(track);
        write(&folder.join(path), content);
        ground.git_in(&folder, "add .");
        let output = ground.command("git", &folder).args(["commit", "-q", "-m", subject]).output();
        assert!(output.expect("git is installed").status.success());
    };
    commit("a", "src/new.rs", "fn new() {}\n", "Add something new");
    commit("a", "src/a.rs", "fn a() { one() }\n", "Let it do one thing \u{1b}[31m\u{202e}and say so");
    commit("a", "src/new.rs", "fn new() { more() }\n", "Do more");
    commit("b", "src/a.rs", "fn a() { two() }\n", "Let it do two things, one after the other, and never both at once");
    commit("b", "src/b.rs", "fn b() {}\n", "Add b");
    ground
}

#[test]
fn show_names_the_commits() {
    let ground = with_history();
    assert_data_eq!(ground.run("show a b"), str![[r#"
a and b
  src/a.rs  content
       a                │    b
    1  fn a() { one() } │ 1  fn a() { two() }
    meet: c18da9c245 Let it do one thing \x1b[31m\u{202e}and say so (a) and 076d4afd6d Let it do two things, one after the other, and never both at once (b)

merging b into a conflicts in 1 path
-- exit 1

"#]].raw());
    let mut command = ground.command(env!("CARGO_BIN_EXE_tracks"), &ground.shop());
    let output = command.args(["show", "a", "b"]).env("COLUMNS", "80").output().expect("it runs");
    assert_data_eq!(
        ground.said(&output),
        str![[r#"
a and b
  src/a.rs  content
       a                │    b
    1  fn a() { one() } │ 1  fn a() { two() }
    meet: c18da9c245 Let it do one thing \x1b[31m\u{202e}and say so (a) and
          076d4afd6d Let it do two things, one after the other, and never b… (b)

merging b into a conflicts in 1 path
-- exit 1

"#]]
        .raw()
    );
    let report = json(&ground.run("show a b --format json"));
    assert_eq!(report["pairs"][0]["conflicts"][0]["commits"], met_by(&ground));
}

/// What a command prints as JSON.
fn json(text: &str) -> Value {
    serde_json::from_str(text.split("\n-- ").next().expect("JSON")).expect("JSON")
}

/// The two commits of `with_history` that meet, as JSON has them.
fn met_by(ground: &Ground) -> Value {
    let commit = |name: &str| ground.git(&format!("rev-parse {name}")).trim().to_owned();
    serde_json::json!({
        "ours": {"commit": commit("feature/track-a^"), "subject": "Let it do one thing \u{1b}[31m\u{202e}and say so"},
        "theirs": {"commit": commit("feature/track-b^"), "subject": "Let it do two things, one after the other, and never both at once"},
    })
}

#[test]
fn work_that_is_not_committed_has_no_id() {
    let ground = Ground::with_tracks();
    ground.commit(&ground.track("a"), "src/a.rs", "fn a() { one() }\n");
    write(&ground.track("b").join("src/a.rs"), "fn a() { two() }\n");
    let report = json(&ground.run("show a b --format json"));
    let theirs = &report["pairs"][0]["conflicts"][0]["commits"]["theirs"];
    assert_eq!(*theirs, serde_json::json!({"commit": null, "subject": "uncommitted work"}));
}

#[test]
fn a_track_that_is_held_out_is_shown_with_its_commit_and_that_of_another() {
    let ground = with_history();
    let report = json(&ground.run("sync --dry-run --format json"));
    assert_eq!(report["integration"]["held_out"][0]["conflicts"][0]["commits"], met_by(&ground));
    let of_pair = report["pairs"][2]["conflicts"][0].as_object().expect("a conflict");
    assert!(!of_pair.contains_key("commits"), "{of_pair:?}");
    assert_data_eq!(ground.run("sync"), str![[r#"
main 54f5adb1f6, 2 tracks, git [GIT]

  track  state       ahead  behind  conflicts with
  a      conflicted      3       1  b
  b      conflicted      2       1  a

Conflicts
a and b
  src/a.rs  content
       a                │    b
    1  fn a() { one() } │ 1  fn a() { two() }
  cure: agree who changes it; look at both sides with `tracks show a b`

Integration refs/tracks/integration/main 68a0fb49e0
  merged    a
  held out  b: conflicts with a in src/a.rs
              meet: c18da9c245 Let it do one thing \x1b[31m\u{202e}and say so and 076d4afd6d Let it do two things, one after the other, and never both at once

1 error, all new; 2 of 3 pairs clean; integration holds a; held out: b
next: tracks show a b
-- exit 1

"#]].raw());
}
