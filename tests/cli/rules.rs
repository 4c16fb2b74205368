//! The rules hold whatever way a change comes in, and say the same in the hook, in `check` and in `sync`; patterns match
//! what Git's own match.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::Stdio;

use proptest::prelude::*;
use serde_json::Value;
use snapbox::{assert_data_eq, str};

use crate::support::{Ground, write};
use tracks::model::RepoPath;
use tracks::policy::ownership::globs::Globs;

const POLICY: &str = "
[tracks.a]
owns = ['api/', 'supabase/migrations/']
tables = ['agents']
[tracks.b]
owns = ['web/']
tables = ['templates']
[rules.file-size]
max-lines = 5
[rules.migrations]
preset = 'supabase'
[[rules.forbidden]]
name = 'doubled-const'
pattern = '\\bconst const\\b'
";

fn ground(policy: &str) -> Ground {
    let ground = Ground::new();
    ground.write("tracks.toml", policy);
    ground.write("web/x", "1\n");
    ground.write("supabase/migrations/20240101000000_init.sql", "create table templates (id int);\n");
    ground.git("add .");
    ground.git("commit -q -m policy");
    ground.run("init");
    ground
}

/// `rule path`, each, of what track `a` must act on.
fn found(ground: &Ground, command: &str) -> BTreeSet<String> {
    let said = ground.run_in(&ground.track("a"), &format!("{command} --format json"));
    let answer = said.split("\n-- ").next().expect("an answer");
    let report: Value = serde_json::from_str(answer).expect("JSON");
    let findings = report["findings"].as_array().expect("computed").iter();
    let own = findings.filter(|finding| finding["tracks"][0] == "a" && finding["state"] != "waived");
    own.map(|f| format!("{} {}", f["rule"].as_str().expect("text"), f["path"].as_str().unwrap_or("-"))).collect()
}

#[test]
fn the_hook_check_and_sync_say_the_same() {
    let ground = ground(POLICY);
    let a = ground.track("a");
    write(&ground.track("b").join("supabase/migrations/20240201000000_b.sql"), "select 1;\n");
    write(&a.join("web/x"), "2\n");
    write(&a.join("api/long"), "1\n2\n3\n4\n5\n6\n");
    write(&a.join("api/const"), "const const x\n");
    write(&a.join("api/marked"), "<<<<<<< x\n=======\n>>>>>>> y\n");
    write(&a.join("supabase/migrations/20230101000000_late.sql"), "alter table templates drop column x;\n");
    write(&a.join("supabase/migrations/20240201000000_twice.sql"), "no sql at all;\n");
    write(&a.join("supabase/migrations/20240101000000_init.sql"), "select 2;\n");
    ground.git_in(&a, "add .");
    let staged = found(&ground, "check --staged");
    assert_data_eq!(
        staged.iter().map(|line| format!("{line}\n")).collect::<String>(),
        str![[r#"
migration.edited supabase/migrations/20240101000000_init.sql
migration.late supabase/migrations/20230101000000_late.sql
ownership.foreign web/x
ownership.table supabase/migrations/20230101000000_late.sql
ownership.table supabase/migrations/20240201000000_twice.sql
pattern.conflict-marker api/marked
pattern.doubled-const api/const
size.lines api/long

"#]]
    );
    assert_eq!(found(&ground, "check"), staged);
    assert_eq!(found(&ground, "sync"), staged);
    assert!(!ground.try_git_in(&a, "commit -q -m refused").status.success(), "the hook stops it");
    ground.git_in(&a, "commit -q --no-verify -m around");
    assert_eq!(found(&ground, "check"), staged);
    assert_eq!(found(&ground, "sync --committed"), staged);
}

/// ```text
/// main    p ------ m
///          \        \
/// a         n - c - M (which edits, too) - f - f'
/// ```
#[test]
fn whatever_goes_around_the_hooks_is_found() {
    let ground = ground(POLICY);
    let a = ground.track("a");
    let shop = ground.shop();
    write(&a.join("web/not-verified"), "1\n");
    ground.git_in(&a, "add .");
    ground.git_in(&a, "commit -q --no-verify -m n");
    // Picked from a branch that no track has.
    ground.git("switch -q -c side");
    ground.commit(&shop, "web/picked", "1\n");
    ground.git("switch -q main");
    ground.git_in(&a, "cherry-pick side");
    // A merge in which something else is changed.
    ground.commit(&shop, "web/y", "main's own\n");
    ground.git_in(&a, "merge -q --no-commit main");
    write(&a.join("web/merged"), "1\n");
    ground.git_in(&a, "add .");
    ground.git_in(&a, "commit -q --no-verify -m M");
    // Commits made elsewhere, to which the branch is moved forward.
    ground.git_in(&a, "branch elsewhere");
    ground.git(&format!("worktree add -q {} elsewhere", "../elsewhere"));
    let elsewhere = ground.root.join("elsewhere");
    write(&elsewhere.join("web/forward"), "1\n");
    ground.git_in(&elsewhere, "add .");
    ground.git_in(&elsewhere, "commit -q --no-verify -m f");
    ground.git_in(&a, "merge -q --ff-only elsewhere");
    let expected: BTreeSet<String> = ["forward", "merged", "not-verified", "picked"]
        .map(|name| format!("ownership.foreign web/{name}"))
        .into_iter()
        .collect();
    assert_eq!(found(&ground, "sync"), expected);
    ground.git_in(&a, "rebase -q main");
    let mut rebased = expected;
    // The merge is gone with what it changed.
    rebased.remove("ownership.foreign web/merged");
    assert_eq!(found(&ground, "sync"), rebased);
}

#[test]
fn a_waiver_has_a_reason_and_a_last_day() {
    let waiver = |until: &str| {
        let waived = "[[waivers]]\nrule = 'size.lines'\npaths = ['api/']\nbecause = 'split planned'\nuntil = ";
        format!("{POLICY}\n{waived}'{until}'\n")
    };
    let ground = ground(&waiver("2999-12-31"));
    let a = ground.track("a");
    ground.git("config core.hooksPath /dev/null");
    ground.commit(&a, "api/long", "1\n2\n3\n4\n5\n6\n");
    assert_data_eq!(
        ground.run_in(&a, "check"),
        str![[r#"
Waived
  a  size.lines  api/long:6
    waived until 2999-12-31: split planned

1 waived

"#]]
    );
    // A track cannot waive anything for itself.
    ground.commit(&a, "tracks.toml", &waiver("2999-12-31").replace("max-lines = 5", "max-lines = 500"));
    assert_eq!(found(&ground, "check"), BTreeSet::from(["ownership.policy tracks.toml".to_owned()]));
    ground.run("sync");
    ground.commit(&ground.shop(), "tracks.toml", &waiver("2000-01-01"));
    let said = ground.run("sync --new --format json");
    let report: Value = serde_json::from_str(said.split("\n-- ").next().expect("an answer")).expect("JSON");
    let again = report["findings"].as_array().expect("computed").iter().find(|f| f["rule"] == "size.lines");
    assert_eq!(again.expect("it counts again")["state"], "new");
    assert!(said.ends_with("-- exit 1\n"), "{said}");
}

#[test]
fn a_contract_that_is_promised_blocks_whoever_builds_on_it() {
    let policy =
        "[tracks.a]\n[tracks.b]\n[contracts.api]\ntrack = 'a'\npaths = ['contracts/api.yaml']\nconsumers = ['b']\n";
    let ground = ground(policy);
    ground.git("config core.hooksPath /dev/null");
    assert_data_eq!(
        ground.run("sync"),
        str![[r#"
main c1537a78b6, 2 tracks, git [GIT]

  track  state
  a      working
  b      blocked

Warnings
  a, b  contract.undelivered  contracts/api.yaml
    `api` is promised: it is not on `main` yet, and `b` waits for it; nobody has written it
    cure: let `a` write it first

Integration refs/tracks/integration/main c1537a78b6
  merged    a, b

1 warning, all new; 3 of 3 pairs clean; integration holds a, b
next: git log --oneline main..refs/tracks/integration/main

"#]]
    );
    let state = |ground: &Ground| {
        let report: Value = serde_json::from_str(&ground.run("list --format json")).expect("JSON");
        (report["tracks"][1]["state"].clone(), report["tracks"][1]["blocked_by"][0]["id"].clone())
    };
    assert_eq!(state(&ground), ("blocked".into(), "api".into()));
    ground.commit(&ground.shop(), "contracts/api.yaml", "v1\n");
    assert_eq!(state(&ground).0, "working");
    assert_data_eq!(
        ground.run("check --all"),
        str![[r#"
Warnings
  b  contract.changed  contracts/api.yaml
    a part of `api`, on which `b` builds, has come on `main` since `b` left it
    cure: bring it in: `git -C "$(tracks path b)" merge main`

1 warning, all new

"#]]
    );
}

/// A pattern of gitignore, with everything that is special in one, but without `!` and spaces.
fn pattern() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => "[ab]{1,2}",
        2 => Just("*".to_owned()),
        2 => Just("**".to_owned()),
        1 => Just("?".to_owned()),
        1 => Just("*.b".to_owned()),
        1 => Just("[ab]".to_owned()),
        1 => Just("[!a]".to_owned()),
        1 => Just("\\a".to_owned()),
        1 => Just("{a,b}".to_owned()),
    ];
    (any::<bool>(), prop::collection::vec(part, 1..4), any::<bool>()).prop_map(|(front, parts, back)| {
        format!("{}{}{}", if front { "/" } else { "" }, parts.join("/"), if back { "/" } else { "" })
    })
}

/// Which of `paths` Git ignores by `patterns`.
fn ignored(ground: &Ground, patterns: &[String], paths: &[String]) -> Vec<bool> {
    ground.write(".gitignore", &patterns.iter().map(|pattern| format!("{pattern}\n")).collect::<String>());
    let mut command = ground.command("git", &ground.shop());
    command.args(["check-ignore", "--no-index", "--verbose", "--non-matching", "-z", "--stdin"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("git is installed");
    let input: String = paths.iter().map(|path| format!("{path}\0")).collect();
    child.stdin.take().expect("piped").write_all(input.as_bytes()).expect("written");
    let output = child.wait_with_output().expect("it ends").stdout;
    let fields: Vec<&[u8]> = output.split(|byte| *byte == 0).collect();
    fields.chunks_exact(4).map(|row| !row[2].is_empty() && !row[2].starts_with(b"!")).collect()
}

#[test]
fn patterns_match_what_git_ignores() {
    let ground = Ground::new();
    let paths: Vec<String> = ["a", "b", "ab", "a.b", "a/a", "a/b", "b/a.b", "ab/a/b", "a/ab/b/a", "b/b/b.b", "{a,b}"]
        .map(str::to_owned)
        .into();
    let agree = |patterns: &[String], paths: &[String]| {
        let expected = ignored(&ground, patterns, paths);
        assert_eq!(expected.len(), paths.len(), "git answers for each path: {patterns:?}");
        let globs = Globs::new("owns", patterns).expect("valid");
        for (path, expected) in paths.iter().zip(expected) {
            assert_eq!(globs.contains(&RepoPath::new(path)), expected, "{patterns:?} {path}");
        }
    };
    let config = ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config.clone(), |(patterns in prop::collection::vec(pattern(), 1..4))| agree(&patterns, &paths));
    // Below an excluded folder Git does not look, where we do: there `!` is told apart on purpose.
    let negated =
        (any::<bool>(), pattern()).prop_map(|(not, pattern)| if not { format!("!{pattern}") } else { pattern });
    proptest!(config, |(patterns in prop::collection::vec(negated, 1..5))| agree(&patterns, &paths[..4]));
}
