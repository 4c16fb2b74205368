//! Gates: who breaks whom is found, on real programs in three languages, and nobody else is blamed.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;
use snapbox::{IntoData, assert_data_eq, str};

use crate::merges::repository::Repository;
use crate::merges::text::read;
use crate::support::{Ground, unhurried, write};

/// A scenario of `fixtures/gates/`.
struct Scenario {
    name: String,
    story: String,
    /// What must be found: `blame RULE TRACK…`, `merged TRACK…`.
    expected: Vec<String>,
}

fn scenarios() -> Vec<Scenario> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/gates");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).expect("a folder").flatten().map(|file| file.path()).collect();
    files.sort();
    let is_expected = |line: &&str| line.starts_with("blame ") || line.starts_with("merged ");
    let scenario = |file: &PathBuf| {
        let text = fs::read_to_string(file).expect("text");
        let (expected, story): (Vec<&str>, Vec<&str>) = text.lines().partition(is_expected);
        Scenario {
            name: file.file_stem().expect("a name").to_string_lossy().into_owned(),
            story: story.join("\n"),
            expected: expected.into_iter().map(String::from).collect(),
        }
    };
    files.iter().map(scenario).collect()
}

/// A repository with the branches of a story, whose commands are approved.
fn ground(story: &str) -> Ground {
    let repository = Repository::new(&read(story).expect("a story").story);
    let ground = Ground::empty();
    let from = repository.folder().to_string_lossy().into_owned();
    ground.git(&format!("fetch -q --update-head-ok {from} +refs/heads/*:refs/heads/*"));
    ground.git("reset -q --hard");
    ground.run("trust --yes");
    ground
}

fn json(said: &str) -> Value {
    let answer = said.split("\n-- ").next().unwrap_or_default();
    serde_json::from_str(answer).unwrap_or_else(|error| panic!("{error}: {said}"))
}

/// What a report blames whom for, and what it merged, as fixtures say it.
fn found(report: &Value) -> Vec<String> {
    let words = |list: &Value| -> String {
        list.as_array().into_iter().flatten().map(|word| format!(" {}", word.as_str().unwrap_or_default())).collect()
    };
    let findings = report["findings"].as_array().expect("a list");
    let mut found: Vec<String> = findings
        .iter()
        .map(|it| format!("blame {}{}", it["rule"].as_str().expect("a rule"), words(&it["tracks"])))
        .collect();
    found.push(format!("merged{}", words(&report["integration"]["merged"])));
    found
}

#[test]
fn whoever_breaks_whom_is_named_and_nobody_else() {
    let scenarios = scenarios();
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(scenario) = scenarios.get(next.fetch_add(1, Ordering::Relaxed)) {
            let ground = ground(&scenario.story);
            let first = json(&ground.run("sync --format json -q"));
            assert_eq!(found(&first), scenario.expected, "{}", scenario.name);
            // All of it is known now.
            let logs = || fs::read_dir(ground.shop().join(".git/tracks/gates")).expect("a folder").count();
            let before = logs();
            assert_eq!(found(&json(&ground.run("sync --format json -q"))), scenario.expected, "{}", scenario.name);
            assert_eq!(logs(), before, "{}", scenario.name);
        }
    };
    std::thread::scope(|scope| {
        (1..4).for_each(|_| drop(scope.spawn(work)));
        work();
    });
}

/// A ground whose `tracks.toml` has two tracks and `gates`; approved.
fn with_gates(gates: &str) -> Ground {
    let ground = Ground::with_tracks();
    let text = ground.read("tracks.toml");
    ground.write("tracks.toml", &format!("{text}\n{gates}"));
    ground.git("commit -qam gates");
    ground.run("trust --yes");
    ground
}

fn gate(run: &str) -> String {
    format!("[[gates]]\nname = 'check'\nrun = '''{run}'''\n")
}

/// The first gate of a report.
fn first_gate(ground: &Ground, words: &str) -> Value {
    json(&ground.run(&format!("sync --format json -q {words}")))["gates"][0].clone()
}

#[test]
fn what_nobody_approved_does_not_run() {
    let ground = with_gates(&gate("touch \"$TRACKS_MAIN/ran\""));
    ground.commit(&ground.track("a"), "x", "1\n");
    ground.run("trust --revoke");
    assert_data_eq!(
        unhurried(&ground.run("sync")),
        str![[r#"
main 7e97726857, 2 tracks, git [GIT]

  track  state    ahead  behind
  a      working      1       2
  b      working              2

Gates
  gate   stage        status
  check  integration  untrusted

Integration refs/tracks/integration/main c739822777
  merged    a, b

no findings; 3 of 3 pairs clean; integration holds a, b
next: git log --oneline main..refs/tracks/integration/main
-- stderr
tracks: nobody approved the commands of `tracks.toml`, so they do not run
  hint: see and approve them with `tracks trust`; or do without, with `--no-gates`
-- exit 3

"#]]
        .raw()
    );
    assert!(!ground.shop().join("ran").exists());
    assert!(!ground.run("sync --no-gates").contains("gate"));
    ground.run("trust --yes");
    ground.run("sync");
    assert!(ground.shop().join("ran").exists());
}

#[test]
fn a_track_brings_no_gate_in() {
    let ground = with_gates(&gate("true"));
    let text = ground.read("tracks.toml");
    ground.git_in(&ground.track("a"), "merge -q --no-edit main");
    ground.commit(&ground.track("a"), "tracks.toml", &text.replace("true", "touch \"$TRACKS_MAIN/ran\""));
    let said = ground.run("sync");
    assert!(said.contains("passed") && said.contains("ownership.policy"), "{said}");
    assert!(!ground.shop().join("ran").exists());
}

#[test]
fn a_gate_sees_the_tree_and_nothing_of_the_users() {
    let ground = with_gates(&gate(
        "pwd; git status --short; git rev-parse HEAD^{tree}; git write-tree; git worktree list | wc -l; \
         git stash list; git branch a-branch; ls; echo \"[$GITHUB_TOKEN] [$TRACKS_GATE] [$TRACKS_ID]\"; exit 1",
    ));
    ground.commit(&ground.track("a"), "x", "1\n");
    write(&ground.track("a").join("half-typed"), "1\n");
    ground.git("branch -m main trunk");
    ground.git("branch -m trunk main");
    let refs = ground.git("for-each-ref refs/heads");
    let report = json(&ground.run("sync --format json -q"));
    let output = report["gates"][0]["output"].as_str().expect("it failed").to_owned();
    let output = output.replace(&*ground.root.to_string_lossy(), "[ROOT]");
    let lines: Vec<&str> = output.lines().collect();
    // The second run, which nothing was built for.
    assert!(lines[0].starts_with("[ROOT]/shop/.git/tracks/pool/once-"), "{output}");
    assert_eq!(lines[1], lines[2], "its tree is checked out and nothing else: {output}");
    assert_eq!(lines[3..], ["1", "src", "tracks.toml", "[] [check] []"], "{output}");
    assert_eq!(ground.git("for-each-ref refs/heads"), refs);
    assert_eq!(fs::read_dir(ground.shop().join(".git/tracks/pool")).expect("a folder").count(), 2, "a tree, a claim");
}

#[test]
fn uncommitted_work_counts_where_it_is_asked_for() {
    let ground = with_gates(&gate("test ! -e half-typed"));
    ground.commit(&ground.track("a"), "x", "1\n");
    write(&ground.track("a").join("half-typed"), "1\n");
    assert_eq!(first_gate(&ground, "")["status"], "passed");
    let kept = ground.git("rev-parse refs/tracks/integration/main");
    let report = json(&ground.run("sync --worktree --format json -q"));
    assert_eq!(found(&report), ["blame gate.failed a", "merged b"]);
    assert_eq!(ground.git("rev-parse refs/tracks/integration/main"), kept);
}

#[test]
fn figures_are_read_held_against_bounds_and_against_the_last() {
    let ground = with_gates(
        "[[gates]]\nname = 'cov'\nrun = 'cat cov'\ncapture = { coverage = 'cov: (\\d+)' }\nmin = { coverage = 80 }\n",
    );
    ground.write("cov", "cov: 10%\ncov: 90%\n");
    ground.git("add cov");
    ground.git("commit -qm cov");
    ground.commit(&ground.track("a"), "x", "1\n");
    let gate = first_gate(&ground, "");
    assert_eq!((&gate["status"], &gate["captured"]["coverage"]), (&"passed".into(), &"90".into()));
    ground.git_in(&ground.track("a"), "merge -q --no-edit main");
    ground.commit(&ground.track("a"), "cov", "cov: 85%\n");
    let gate = first_gate(&ground, "");
    assert_eq!(gate["captured_before"]["coverage"], "90");
    ground.commit(&ground.track("a"), "cov", "cov: 79%\n");
    let said = ground.run("sync");
    assert!(said.contains("`cov` fails for a alone: printed 79 for `coverage`, less than 80"), "{said}");
    ground.commit(&ground.track("a"), "cov", "none\n");
    let said = ground.run("sync");
    assert!(said.contains("`cov` fails for a alone: printed no `coverage`"), "{said}");
}

#[test]
fn gates_are_about_paths_and_tracks() {
    let gates = "[[gates]]\nname = 'ts'\nrun = 'false'\npaths = ['*.ts']\n\
        [[gates]]\nname = 'b'\nrun = 'false'\ntracks = ['b']\n\
        [[gates]]\nname = 'soft'\nrun = 'test ! -e x'\nrequired = false\n";
    let ground = with_gates(gates);
    ground.commit(&ground.track("a"), "x", "1\n");
    assert_data_eq!(
        unhurried(&ground.run("sync -q")),
        str![[r#"
main f8d100999c, 2 tracks, git [GIT]

  track  state    ahead  behind
  a      working      1       2
  b      working              2

Errors
  gate.failed
    `b` fails on main alone: ended with status 1; as far back as was looked, 3 commits
    cure: see what it says in .git/tracks/gates/b-9a53377c7c-8edab3-2.log

Warnings
  a, b  gate.failed
    `soft` fails on main with a and b: ended with status 1
    cure: see what it says in .git/tracks/gates/soft-f4925a17c1-dbef12-2.log

Gates
  gate  stage        status   seconds  tracks
  b     integration  failed       0.0
  ts    integration  skipped           a, b
  b     integration  skipped           a, b
  soft  integration  failed       0.0  a, b
  b: ended with status 1
    all of it: [ROOT]/shop/.git/tracks/gates/b-9a53377c7c-8edab3-2.log
  soft (a, b): ended with status 1
    all of it: [ROOT]/shop/.git/tracks/gates/soft-f4925a17c1-dbef12-2.log

Integration refs/tracks/integration/main 094ef5c128
  merged    a, b

1 error, 1 warning, all new; 3 of 3 pairs clean; integration holds a, b
next: tracks explain gate.failed
-- exit 1

"#]]
        .raw()
    );
}

#[test]
fn the_landing_that_broke_the_target_is_found() {
    let ground = with_gates(&gate("test ! -e broken"));
    for name in ["one", "two", "broken", "three", "four"] {
        ground.commit(&ground.shop(), name, "1\n");
    }
    ground.commit(&ground.track("a"), "x", "1\n");
    let said = ground.run("sync -q");
    let broke = ground.git("log --format=%h --abbrev=10 -n1 --diff-filter=A -- broken");
    assert!(said.contains(&format!("since {} (work)", broke.trim())), "{said}");
    assert!(said.contains("integration holds a, b"), "{said}");
}

#[test]
fn what_takes_too_long_is_ended_and_fails() {
    let ground = with_gates("[[gates]]\nname = 'slow'\nrun = 'test ! -e x || sleep 60'\ntimeout = '1s'\n");
    ground.commit(&ground.track("a"), "x", "1\n");
    let said = ground.run("sync -q");
    assert!(said.contains("`slow` fails for a alone: took longer than 1 s and was ended"), "{said}");
}

#[test]
fn new_build_worktrees_are_set_up_and_used_again() {
    let setup = "[setup]\ncopy = ['.env']\nrun = ['echo setup >> built']\n";
    let ground = with_gates(&format!("{setup}{}", gate("cat .env; cat built; echo run >> built")));
    ground.write(".env", "SECRET\n");
    ground.write(".gitignore", ".env\nbuilt\n");
    ground.git("commit -qam ignore");
    ground.commit(&ground.track("a"), "x", "1\n");
    ground.run("sync");
    let log = |ground: &Ground| {
        let report = first_gate(ground, "");
        let log = report["log"].as_str().expect("a log").replace("[ROOT]", &ground.root.to_string_lossy());
        fs::read_to_string(log).expect("a file")
    };
    // The target came first, in the same worktree.
    assert_eq!(log(&ground), "SECRET\nsetup\nrun\n");
    ground.commit(&ground.track("a"), "y", "1\n");
    ground.run("sync");
    assert_eq!(log(&ground), "SECRET\nsetup\nrun\nrun\n");
    let first = first_gate(&ground, "");
    assert_eq!(first["remembered"], true);
    assert_eq!(first_gate(&ground, "--rerun")["remembered"], false);
    assert_eq!(log(&ground), "SECRET\nsetup\nrun\nrun\nrun\nrun\n");
}

#[test]
fn other_tools_are_another_verdict() {
    let ground = with_gates(&gate("true"));
    ground.commit(&ground.track("a"), "x", "1\n");
    ground.run("sync");
    let remembered = |tools: &str| {
        let mut command = ground.command(env!("CARGO_BIN_EXE_tracks"), &ground.shop());
        let output =
            command.args(["sync", "--format", "json"]).env("TRACKS_TOOLCHAIN", tools).output().expect("it runs");
        json(&ground.said(&output))["gates"][0]["remembered"].clone()
    };
    assert_eq!((remembered(""), remembered("cc 15")), (true.into(), false.into()));
}

#[test]
fn the_check_of_a_contract_decides_what_a_change_is() {
    let contract = "[contracts.api]\ntrack = 'a'\npaths = ['api.txt']\nconsumers = ['b']\n\
        check = 'test \"$TRACKS_CONTRACT $TRACKS_ID\" = \"api a\" && grep -qFf \"$TRACKS_BASE\" \"$TRACKS_HEAD\"'\n";
    let ground = with_gates(contract);
    ground.commit(&ground.shop(), "api.txt", "one\n");
    ground.git_in(&ground.track("a"), "merge -q --no-edit main");
    ground.git_in(&ground.track("b"), "merge -q --no-edit main");
    let said = |content: &str| {
        ground.commit(&ground.track("a"), "api.txt", content);
        json(&ground.run("sync --format json -q"))["findings"][0].clone()
    };
    let finding = said("one\ntwo\n");
    assert_eq!(finding["rule"], "contract.changed");
    let expected = "a part of `api`, on which `b` builds, changes; its `check` finds that compatible";
    assert_eq!(finding["message"], expected);
    let finding = said("two\n");
    assert_eq!((&finding["rule"], &finding["severity"]), (&"contract.broken".into(), &"error".into()));
    assert_eq!(finding["tracks"], serde_json::json!(["a", "b"]));
    assert_eq!(
        finding["message"],
        "a part of `api`, on which `b` builds, changes, and its `check` ended with status 1: they cannot go on with it"
    );
    ground.run("trust --revoke");
    let said = ground.run("sync");
    assert!(said.contains("its `check` was not run") && said.contains("-- exit 3"), "{said}");
}
