//! Around the hooks: whatever gets by them, `sync` and `check` find, and say the same as the hook would have.

use std::collections::BTreeSet;
use std::path::Path;

use crate::support::{Ground, write};

const POLICY: &str = "target = \"main\"\n[tracks.a]\nowns = [\"src/**\"]\n[tracks.b]\npriority = 1\nowns = [\"docs/**\"]\n\
                      [rules.file-size]\nmax-lines = 5\n[rules.migrations]\npreset = \"supabase\"\n\
                      directories = [\"migrations\"]\n[[rules.forbidden]]\nname = \"twice\"\npattern = 'the the'\n\
                      [severity]\n\"ownership.unowned\" = \"off\"\n";

/// Two tracks with rules and with hooks; track `b` has a migration.
fn guarded() -> Ground {
    let ground = Ground::with_tracks();
    ground.write("tracks.toml", POLICY);
    ground.write("src/base.rs", "1\n2\n3\n");
    ground.git("add .");
    ground.git("commit -q -m policy");
    for id in ["a", "b"] {
        ground.git_in(&ground.track(id), "merge -q --ff-only main");
    }
    ground.commit(&ground.track("b"), "migrations/20240101000000_b.sql", "select 1;\n");
    ground.run("hooks install");
    ground
}

/// Breaks a rule of each kind, and stages it.
fn break_rules(ground: &Ground, worktree: &Path) {
    write(&worktree.join("src/long.rs"), "1\n2\n3\n4\n5\n6\n");
    write(&worktree.join("docs/x.md"), "of the other track\n");
    write(&worktree.join("src/twice.rs"), "the the\n");
    write(&worktree.join("src/mark.rs"), "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> x\n");
    write(&worktree.join("migrations/20240101000000_a.sql"), "select 2;\n");
    ground.git_in(worktree, "add .");
}

/// Rule, path and tracks of the findings about track `a`, without those that only `sync` looks for.
fn found(ground: &Ground, folder: &Path, words: &[&str]) -> BTreeSet<String> {
    let mut command = ground.command(env!("CARGO_BIN_EXE_tracks"), folder);
    let output = command.args(words).args(["--format", "json"]).output().expect("it runs");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let findings = report["findings"].as_array().expect("findings").iter();
    let own = findings.filter(|finding| finding["tracks"][0] == "a");
    let ruled = own.filter(|finding| !finding["rule"].as_str().expect("a rule").starts_with("conflict."));
    ruled.map(|f| format!("{} {} {} {}", f["severity"], f["rule"], f["path"], f["tracks"])).collect()
}

const STAGED: &[&str] = &["check", "--staged"];
const CHECK: &[&str] = &["check", "--track", "a"];

/// `check` and `sync`, with what is remembered and without, say exactly this.
fn assert_found(ground: &Ground, expected: &BTreeSet<String>, when: &str) {
    for words in [CHECK, &["sync"], &["sync", "--committed"]] {
        assert_eq!(found(ground, &ground.shop(), words), *expected, "{when}: {words:?}");
        std::fs::remove_file(ground.shop().join(".git/tracks/own-changes")).expect("it was written");
        assert_eq!(found(ground, &ground.shop(), words), *expected, "{when}: {words:?}, nothing remembered");
    }
}

#[test]
fn whatever_gets_by_the_hooks_is_found() {
    let ground = guarded();
    let a = ground.track("a");
    break_rules(&ground, &a);
    let staged = found(&ground, &a, STAGED);
    assert_eq!(staged.len(), 5, "{staged:?}");
    assert!(!ground.try_git_in(&a, "commit -q -m x").status.success());
    assert_eq!(found(&ground, &a, CHECK), staged);

    ground.git_in(&a, "commit -q --no-verify -m x");
    assert_found(&ground, &staged, "commit --no-verify");

    ground.git("switch -q -c picked main");
    ground.git("-c core.editor=true cherry-pick feature/track-a");
    ground.git_in(&a, "reset -q --hard main");
    assert_found(&ground, &BTreeSet::new(), "reset");
    ground.git_in(&a, "cherry-pick picked");
    assert_found(&ground, &staged, "cherry-pick");

    ground.git("switch -q main");
    ground.commit(&ground.shop(), "src/base.rs", "1\n2\n");
    ground.git_in(&a, "rebase -q main");
    assert_found(&ground, &staged, "rebase");

    ground.git_in(&a, "reset -q --hard main");
    ground.git_in(&a, "merge -q --no-verify --no-edit --squash picked");
    ground.git_in(&a, "commit -q --no-verify -m squashed");
    assert_found(&ground, &staged, "merge --squash");

    ground.git_in(&a, "reset -q --hard main");
    ground.commit(&a, "src/own.rs", "1\n");
    ground.git_in(&a, "merge -q --no-verify --no-edit picked");
    assert_found(&ground, &BTreeSet::new(), "a merge blames nobody for what others did");

    // But for what it decides itself.
    write(&a.join("src/long.rs"), "1\n2\n3\n4\n5\n6\n7\n");
    ground.git_in(&a, "commit -q -a --amend --no-verify --no-edit");
    let long = staged.iter().filter(|finding| finding.contains("size.lines")).cloned().collect();
    assert_found(&ground, &long, "an amended merge");

    ground.git_in(&a, "reset -q --hard picked");
    assert_found(&ground, &staged, "reset to another branch");
}
