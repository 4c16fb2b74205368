//! What the hooks do, event by event, through Git itself.

use std::fs;
use std::path::Path;

use snapbox::{assert_data_eq, str};

use crate::support::{Ground, script, write};

const POLICY: &str = "target = \"main\"\n[tracks.a]\nowns = [\"src/**\"]\n[tracks.b]\nowns = [\"docs/**\"]\n\
                      [rules.file-size]\nmax-lines = 5\n";

/// Two tracks with a limit of five lines a file, and hooks.
fn guarded(words: &str) -> Ground {
    let ground = Ground::with_tracks();
    ground.write("tracks.toml", POLICY);
    ground.git("commit -q -a -m policy");
    for id in ["a", "b"] {
        ground.git_in(&ground.track(id), "merge -q --ff-only main");
    }
    ground.run(&format!("hooks install {words}"));
    ground
}

fn lines(count: usize) -> String {
    (1..=count).map(|n| format!("line {n}\n")).collect()
}

fn tip(ground: &Ground, worktree: &Path) -> String {
    ground.git_in(worktree, "rev-parse HEAD")
}

fn log(ground: &Ground) -> Vec<serde_json::Value> {
    let text = fs::read_to_string(ground.shop().join(".git/tracks/log.jsonl")).unwrap_or_default();
    let events = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
    events.filter(|event| event["number"] == 0).collect()
}

#[test]
fn a_push_is_judged_where_no_commit_was() {
    let ground = guarded("");
    let a = ground.track("a");
    ground.git_in(&ground.root, "init -q --bare up.git");
    ground.git("remote add up ../../../up.git");
    write(&a.join("src/long.rs"), &lines(6));
    ground.git_in(&a, "add .");
    ground.git_in(&a, "commit -q -n -m long");
    let push = |words: &str| {
        let output = ground.try_git_in(&a, &format!("push -q up {words}"));
        assert!(output.stdout.is_empty() || !output.status.success());
        ground.said(&output)
    };
    assert_data_eq!(
        push("HEAD"),
        str![[r#"
-- stderr
Errors
  a  size.lines  src/long.rs:6
    6 lines where 5 are allowed
    cure: split the file

1 error, all new
error: failed to push some refs to '../../../up.git'
-- exit 1

"#]]
    );
    // What goes there holds no such file; the other is no track's branch under either name.
    assert_data_eq!(push("HEAD~1:refs/heads/feature/track-a"), str![""]);
    assert_data_eq!(push("HEAD:refs/heads/else"), str![""]);
    assert_data_eq!(push("--no-verify HEAD"), str![""]);
    // What the other side has already is held against nobody.
    ground.commit(&a, "src/short.rs", "x\n");
    assert_data_eq!(push("HEAD"), str![""]);
    assert_data_eq!(push("--delete feature/track-a"), str![""]);
}

#[test]
fn a_track_is_told_once_about_a_new_conflict() {
    let ground = guarded("--dry-run");
    let (a, b) = (ground.track("a"), ground.track("b"));
    ground.commit(&a, "src/a.rs", "fn a() { 1 }\n");
    ground.commit(&b, "src/a.rs", "fn a() { 2 }\n");
    let run = |event: &str| ground.run_in(&b, &format!("hooks run {event}"));
    assert_data_eq!(
        run("post-commit --within 60000"),
        str![[r#"
-- stderr
tracks: `b` now conflicts with `a` in `src/a.rs`
  hint: tracks show a b

"#]]
    );
    assert_data_eq!(run("post-commit --within 60000"), str![""]);
    ground.commit(&b, "src/a.rs", "fn a() {}\n");
    assert_data_eq!(run("post-checkout --within 60000 1 2 1"), str![""]);
    ground.commit(&b, "src/a.rs", "fn a() { 3 }\n");
    assert_data_eq!(run("post-checkout 1 2 0"), str![""]);
    assert_data_eq!(run("post-checkout 0000 2 1"), str![""]);
    assert_data_eq!(
        run("post-checkout --within 60000 1 2 1"),
        str![[r#"
-- stderr
tracks: `b` now conflicts with `a` in `src/a.rs`
  hint: tracks show a b

"#]]
    );
    // The main worktree is no track's.
    assert_data_eq!(ground.run("hooks run post-commit --within 60000"), str![""]);
}

#[test]
fn nothing_after_a_commit_holds_anybody_up() {
    let ground = guarded("--dry-run");
    let a = ground.track("a");
    let run = |words: &str| ground.run_in(&a, &format!("hooks run post-commit {words}"));
    assert_data_eq!(
        run("--within 0"),
        str![[r#"
-- stderr
tracks: no time to look for new conflicts in 0 milliseconds: see `tracks sync`

"#]]
    );
    // A writer at work is not waited for, and a broken policy stops nothing.
    let lock =
        fs::File::options().write(true).create(true).truncate(false).open(ground.shop().join(".git/tracks/lock"));
    let lock = lock.expect("opened");
    lock.lock().expect("locked");
    assert_data_eq!(run("--within 60000"), str![""]);
    ground.write("tracks.toml", "nonsense\n");
    assert_data_eq!(
        run("--within 60000"),
        str![[r#"
-- stderr
tracks: post-commit looked for no conflicts: key with no value, expected `=`
 --> tracks.toml:1:9
  |
1 | nonsense
  |         ^

"#]]
    );
}

#[test]
fn strict_hooks_stop_what_skips_the_others() {
    let ground = guarded("--strict");
    let (a, b) = (ground.track("a"), ground.track("b"));
    write(&a.join("src/long.rs"), &lines(6));
    ground.git_in(&a, "add .");
    let before = tip(&ground, &a);
    assert_data_eq!(
        ground.said(&ground.try_git_in(&a, "commit -q --no-verify -m long")),
        str![[r#"
-- stderr
Errors
  a  size.lines  src/long.rs:6
    6 lines where 5 are allowed
    cure: split the file

1 error, all new
fatal: ref updates aborted by hook
-- exit 128

"#]]
    );
    assert_eq!(tip(&ground, &a), before);
    // Other branches, tags, remotes and what keeps the repository in order pass.
    ground.git_in(&a, "switch -q -c side");
    ground.git_in(&a, "commit -q --no-verify -m long");
    ground.git_in(&a, "switch -q feature/track-a");
    for words in ["tag t side", "pack-refs --all", "gc -q", "branch -m side other", "fetch -q . other:refs/remotes/x/y"]
    {
        ground.git(words);
    }
    // Merging it in by any way is stopped, going back and deleting is not.
    for words in ["merge -q --no-verify other", "reset -q --hard other", "rebase -q other"] {
        assert!(!ground.try_git_in(&a, words).status.success(), "{words}");
        ground.git_in(&a, "reset -q --hard feature/track-a");
        assert_eq!(tip(&ground, &a), before, "{words}");
    }
    ground.commit(&a, "src/short.rs", "x\n");
    ground.git_in(&a, "reset -q --hard HEAD~1");
    assert!(ground.run("sync").contains("integration"));
    // What is there already stops no later commit.
    let escaped =
        ground.command("git", &b).args(["commit", "-q", "--allow-empty", "-m", "x"]).env("TRACKS", "0").output();
    assert!(escaped.expect("it runs").status.success());
    let hooks: Vec<serde_json::Value> = log(&ground).iter().map(|line| line["command"].clone()).collect();
    let skipped = |hook: &str| format!("hooks run {hook}, skipped by TRACKS=0 in {}", b.display());
    assert_eq!(hooks, [skipped("pre-commit"), skipped("reference-transaction")]);
    ground.git("worktree remove --force worktrees/track-a");
    ground.git("branch -D feature/track-a");
    // Strictness stays, until the hooks are taken away.
    assert_data_eq!(
        ground.run("hooks install"),
        str![[r#"
nothing to do

"#]]
    );
    ground.run("hooks uninstall");
    assert!(!ground.shop().join(".git/hooks/reference-transaction").exists());
}

#[test]
fn without_the_program_only_strict_hooks_stop() {
    for (words, expected) in [("", 0), ("--strict", 1)] {
        let ground = guarded(words);
        for name in fs::read_dir(ground.shop().join(".git/hooks")).expect("there").flatten() {
            let text = fs::read_to_string(name.path()).expect("a script");
            fs::write(name.path(), text.replace(env!("CARGO_BIN_EXE_tracks"), "/nowhere")).expect("written");
        }
        let commit = |value: &str| {
            let mut git = ground.command("git", &ground.track("a"));
            git.args(["commit", "-q", "--allow-empty", "-m", "x"]).env("PATH", "/usr/local/bin:/usr/bin:/bin");
            let output = git.env("TRACKS", value).output().expect("it runs");
            (output.status.code(), String::from_utf8_lossy(&output.stderr).matches("is not found").count())
        };
        assert_eq!(commit("1").0, Some(expected));
        assert!(commit("1").1 > 0);
        assert_eq!(commit("0"), (Some(0), 0));
    }
}

#[test]
fn the_escape_is_logged() {
    let ground = guarded("");
    let a = ground.track("a");
    write(&a.join("src/long.rs"), &lines(6));
    ground.git_in(&a, "add .");
    assert!(!ground.try_git_in(&a, "commit -q -m long").status.success());
    assert!(log(&ground).is_empty());
    let done = ground.command("git", &a).args(["commit", "-q", "-m", "long"]).env("TRACKS", "0").output();
    assert!(done.expect("it runs").status.success());
    let found = log(&ground);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["command"], format!("hooks run pre-commit, skipped by TRACKS=0 in {}", a.display()));
    assert!(found[0]["time"].is_string());
}

#[test]
fn a_hook_that_was_there_is_given_what_git_gave_us() {
    let ground = guarded("--dry-run");
    let hooks = ground.shop().join(".git/hooks");
    let seen = ground.root.join("seen");
    for name in ["pre-push", "reference-transaction"] {
        script(&hooks.join(name), &format!("#!/bin/sh\n{{ echo {name} \"$@\"; cat; }} >> '{}'\n", seen.display()));
    }
    ground.run("hooks install --strict");
    ground.git_in(&ground.root, "init -q --bare up.git");
    ground.git("push -q ../up.git main");
    let tip = ground.git("rev-parse main");
    let (tip, zero) = (tip.trim(), "0".repeat(40));
    let text = fs::read_to_string(&seen).expect("it ran");
    assert_eq!(text, format!("pre-push ../up.git ../up.git\nrefs/heads/main {tip} refs/heads/main {zero}\n"));
    fs::remove_file(&seen).expect("removed");
    ground.git("branch new");
    let line = format!("{zero} {tip} refs/heads/new\n");
    let text = fs::read_to_string(&seen).expect("it ran");
    assert_eq!(text, format!("reference-transaction prepared\n{line}reference-transaction committed\n{line}"));
}
