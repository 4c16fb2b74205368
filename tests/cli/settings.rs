//! What Git is told from outside the repository, and by only one worktree: it counts, or is said not to, or is refused.

use snapbox::{assert_data_eq, str};

use crate::support::{Ground, write};

/// `one` and `two` change one line differently; `one` is checked out.
fn with_conflict() -> Ground {
    let ground = Ground::new();
    ground.commit(&ground.shop(), "list.txt", "1\n2\n3\n");
    for branch in ["two", "one"] {
        ground.git(&format!("switch -q -c {branch} main"));
        ground.commit(&ground.shop(), "list.txt", &format!("1\n{branch}\n3\n"));
    }
    ground
}

/// Whether `one` and `two` conflict under these variables, as a real merge says and so does `tracks`.
fn stops(ground: &Ground, variables: &[(&str, &str)]) -> bool {
    let run = |program: &str, words: &[&str]| {
        let mut command = ground.command(program, &ground.shop());
        command.args(words).envs(variables.iter().copied()).output().expect("started")
    };
    let said = run(env!("CARGO_BIN_EXE_tracks"), &["matrix", "one", "two"]);
    let merged = run("git", &["merge", "--no-commit", "two"]);
    ground.try_git_in(&ground.shop(), "reset -q --hard");
    assert_eq!(said.status.success(), merged.status.success(), "{}", String::from_utf8_lossy(&said.stdout));
    !said.status.success()
}

#[test]
fn configuration_in_the_environment_counts_as_it_does_for_git() {
    let ground = with_conflict();
    assert!(stops(&ground, &[]));
    let counted = [("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "merge.default"), ("GIT_CONFIG_VALUE_0", "union")];
    assert!(!stops(&ground, &counted));
    assert!(!stops(&ground, &[("GIT_CONFIG_PARAMETERS", "'merge.default'='union'")]), "as `git -c` hands it on");
    assert!(stops(&ground, &[]), "and what it gave is not remembered for those without it");
}

#[test]
fn objects_are_replaced_as_git_replaces_them() {
    let ground = with_conflict();
    let id = |revision: &str| {
        let printed = ground.try_git_in(&ground.shop(), &format!("rev-parse {revision}")).stdout;
        String::from_utf8(printed).expect("an id").trim().to_owned()
    };
    ground.git(&format!("replace {} {}", id("two:list.txt"), id("main:list.txt")));
    assert!(!stops(&ground, &[]), "nothing is left of what `two` did");
    assert!(stops(&ground, &[("GIT_NO_REPLACE_OBJECTS", "1")]));
}

#[test]
fn what_holds_in_one_place_alone_is_said() {
    let ground = with_conflict();
    ground.git("config extensions.worktreeConfig true");
    ground.git("worktree add -q ../apart two");
    let apart = ground.root.join("apart");
    ground.git_in(&apart, "config --worktree merge.renames false");
    ground.git_in(&apart, "config --worktree core.sparseCheckout false");
    ground.git("config includeIf.onbranch:one.path other");
    let mut command = ground.command(env!("CARGO_BIN_EXE_tracks"), &ground.shop());
    let output = command.args(["matrix", "one", "two"]).env("GIT_ATTR_SOURCE", "HEAD").output().expect("started");
    assert_data_eq!(
        ground.said(&output),
        str![[r#"
     one  two
one    -
two    1    -

. clean   n paths conflict

one and two
  list.txt  content  2 | 2

0 of 1 pair clean, 1 in conflict
next: tracks show one two
-- stderr
`includeif.onbranch:one.path` is set, which `git merge` obeys and the verdicts do not
`GIT_ATTR_SOURCE` is set, which `git merge` obeys and the verdicts do not
`merge.renames of the worktree apart` is set, which `git merge` obeys and the verdicts do not
-- exit 1

"#]]
    );
}

#[test]
fn attributes_that_every_worktree_finds_elsewhere_are_refused() {
    let ground = with_conflict();
    ground.git("config core.attributesFile elsewhere/attributes");
    assert_data_eq!(
        ground.refused("matrix one two"),
        str![[r#"
-- stderr
tracks: `core.attributesFile` is `elsewhere/attributes`, another file in every worktree
  hint: name it from the root, or from `~/`
-- exit 2

"#]]
    );
    write(&ground.root.join("attributes"), "");
    ground.git("config core.attributesFile ~/attributes");
    assert!(stops(&ground, &[]));
}

#[test]
fn a_repository_of_somebody_else_is_read_where_the_environment_says_it_is_safe() {
    let ground = with_conflict();
    let run = |variables: &[(&str, &str)]| {
        let mut command = ground.command(env!("CARGO_BIN_EXE_tracks"), &ground.shop());
        command.args(["matrix", "one", "two"]).env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
        command.envs(variables.iter().copied()).output().expect("started")
    };
    assert_eq!(run(&[]).status.code(), Some(2));
    let safe = [("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "safe.directory"), ("GIT_CONFIG_VALUE_0", "*")];
    assert_eq!(run(&safe).status.code(), Some(1), "they conflict");
}
