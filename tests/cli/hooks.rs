//! `tracks hooks`: installed beside what is there, and taken away byte for byte.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use snapbox::{assert_data_eq, str};

use crate::support::{Ground, script, write};

const OLD: &str = "#!/bin/sh\necho the old one >&2\ntest ! -e stop\n";

#[test]
fn they_come_and_go_without_a_trace() {
    let ground = Ground::new();
    let before = ground.state();
    assert_data_eq!(
        ground.run("hooks status"),
        str![[r#"
pre-commit        absent  main worktree  .git/hooks/pre-commit
pre-merge-commit  absent  main worktree  .git/hooks/pre-merge-commit
pre-push          absent  main worktree  .git/hooks/pre-push
post-commit       absent  main worktree  .git/hooks/post-commit
post-checkout     absent  main worktree  .git/hooks/post-checkout

"#]]
    );
    assert_data_eq!(
        ground.run("hooks install"),
        str![[r#"
installed hook pre-commit
installed hook pre-merge-commit
installed hook pre-push
installed hook post-commit
installed hook post-checkout

"#]]
    );
    assert_data_eq!(
        ground.run("hooks status"),
        str![[r#"
pre-commit        installed  main worktree  .git/hooks/pre-commit
pre-merge-commit  installed  main worktree  .git/hooks/pre-merge-commit
pre-push          installed  main worktree  .git/hooks/pre-push
post-commit       installed  main worktree  .git/hooks/post-commit
post-checkout     installed  main worktree  .git/hooks/post-checkout

"#]]
    );
    assert_data_eq!(
        ground.run("hooks install"),
        str![[r#"
nothing to do

"#]]
    );
    assert_data_eq!(
        ground.run("hooks uninstall"),
        str![[r#"
removed hook pre-commit
removed hook pre-merge-commit
removed hook pre-push
removed hook post-commit
removed hook post-checkout

"#]]
    );
    assert_data_eq!(
        ground.run("hooks uninstall"),
        str![[r#"
nothing to do

"#]]
    );
    fs::remove_dir(ground.shop().join(".git/hooks")).expect("is empty");
    ground.assert_unchanged(&before);
}

#[test]
fn the_hook_that_was_there_runs_first_and_comes_back_as_it_was() {
    let ground = Ground::new();
    let hook = ground.shop().join(".git/hooks/pre-commit");
    script(&hook, OLD);
    let before = ground.state();
    assert_data_eq!(
        ground.run("hooks install"),
        str![[r#"
installed hook pre-commit  calls the one that was there, kept as pre-commit.legacy
installed hook pre-merge-commit
installed hook pre-push
installed hook post-commit
installed hook post-checkout

"#]]
    );
    let commit = |ground: &Ground| ground.said(&ground.try_git_in(&ground.shop(), "commit -q --allow-empty -m x"));
    assert_data_eq!(
        commit(&ground),
        str![[r#"
-- stderr
the old one

"#]]
    );
    ground.write("stop", "");
    assert_data_eq!(
        commit(&ground),
        str![[r#"
-- stderr
the old one
-- exit 1

"#]]
    );
    fs::remove_file(ground.shop().join("stop")).expect("removed");
    assert_data_eq!(
        ground.run("hooks uninstall"),
        str![[r#"
removed hook pre-commit  the one that was there before is back
removed hook pre-merge-commit
removed hook pre-push
removed hook post-commit
removed hook post-checkout

"#]]
    );
    assert_eq!(fs::read_to_string(&hook).expect("is there"), OLD);
    assert_eq!(hook.metadata().expect("is there").permissions().mode() & 0o777, 0o750);
    assert!(before.contains_key(&hook));
}

#[test]
fn a_program_that_is_gone_stops_nobody() {
    let ground = Ground::new();
    ground.run("hooks install");
    let hook = ground.shop().join(".git/hooks/pre-commit");
    let text = fs::read_to_string(&hook).expect("is there").replace(env!("CARGO_BIN_EXE_tracks"), "/nowhere/tracks");
    fs::write(&hook, text).expect("written");
    let said = ground.said(&ground.try_git_in(&ground.shop(), "commit -q --allow-empty -m x"));
    assert_data_eq!(
        said,
        str![[r#"
-- stderr
tracks: the program is not found, so pre-commit checks nothing; 'tracks hooks install' sets its path

"#]]
    );
    assert_data_eq!(
        ground.run("hooks status"),
        str![[r#"
pre-commit        outdated   main worktree  .git/hooks/pre-commit
  `tracks hooks install` renews it
pre-merge-commit  installed  main worktree  .git/hooks/pre-merge-commit
pre-push          installed  main worktree  .git/hooks/pre-push
post-commit       installed  main worktree  .git/hooks/post-commit
post-checkout     installed  main worktree  .git/hooks/post-checkout

"#]]
    );
    assert_data_eq!(
        ground.run("hooks install"),
        str![[r#"
installed hook pre-commit  in the place of an older one

"#]]
    );
}

#[test]
fn another_manager_may_move_ours_and_call_it() {
    let ground = Ground::new();
    ground.run("hooks install");
    let hook = ground.shop().join(".git/hooks/pre-commit");
    let moved = ground.shop().join(".git/hooks/pre-commit.legacy");
    fs::rename(&hook, &moved).expect("renamed");
    script(&hook, "#!/bin/sh\nexec \"${0%/*}/pre-commit.legacy\"\n");
    let said = ground.said(&ground.try_git_in(&ground.shop(), "commit -q --allow-empty -m x"));
    assert_data_eq!(said, str![""]);
    assert_data_eq!(
        ground.run("hooks status"),
        str![[r#"
pre-commit        installed  main worktree  .git/hooks/pre-commit
  called by the hook of another manager
pre-merge-commit  installed  main worktree  .git/hooks/pre-merge-commit
pre-push          installed  main worktree  .git/hooks/pre-push
post-commit       installed  main worktree  .git/hooks/post-commit
post-checkout     installed  main worktree  .git/hooks/post-checkout

"#]]
    );
    assert_data_eq!(
        ground.run("hooks install"),
        str![[r#"
nothing to do

"#]]
    );
    assert_data_eq!(
        ground.run("hooks uninstall"),
        str![[r#"
removed hook pre-commit
removed hook pre-merge-commit
removed hook pre-push
removed hook post-commit
removed hook post-checkout

"#]]
    );
    assert!(!moved.exists());
    assert!(hook.exists());
}

#[test]
fn somebody_else_s_folder_is_never_written_to() {
    let ground = Ground::new();
    ground.git("config core.hooksPath .husky");
    assert_data_eq!(
        ground.refused("hooks install"),
        str![[r#"
-- stderr
tracks: no pre-commit hook can be had: `core.hooksPath` is `.husky`, and there is no such folder here: git runs no hook at all
  hint: run `npx husky` here, then `tracks hooks install`
-- exit 2

"#]]
    );
    assert_data_eq!(
        ground.run("hooks status"),
        str![[r#"
pre-commit        dead  husky  main worktree  .husky/pre-commit
pre-merge-commit  dead  husky  main worktree  .husky/pre-merge-commit
pre-push          dead  husky  main worktree  .husky/pre-push
post-commit       dead  husky  main worktree  .husky/post-commit
post-checkout     dead  husky  main worktree  .husky/post-checkout
  `core.hooksPath` is `.husky`, and there is no such folder here: git runs no hook at all

"#]]
    );
    ground.git("config --unset core.hooksPath");
    fs::create_dir(ground.shop().join("scripts")).expect("made");
    symlink("../scripts", ground.shop().join(".git/hooks")).expect("linked");
    assert_data_eq!(
        ground.refused("hooks install"),
        str![[r#"
-- stderr
tracks: `pre-commit`, `pre-merge-commit`, `pre-push`, `post-commit` and `post-checkout` belong to other scripts (`[ROOT]/shop/.git/hooks` is a link), and nothing of that is overwritten
  hint: add to `.git/hooks/pre-commit`:
    if command -v tracks >/dev/null; then tracks hooks run pre-commit "$@" || [ $? != 1 ] || exit 1; else echo "tracks is not found, so pre-commit checks nothing" >&2; fi
  hint: add to `.git/hooks/pre-merge-commit`:
    if command -v tracks >/dev/null; then tracks hooks run pre-merge-commit "$@" || [ $? != 1 ] || exit 1; else echo "tracks is not found, so pre-merge-commit checks nothing" >&2; fi
  hint: add to `.git/hooks/pre-push`:
    if command -v tracks >/dev/null; then tracks hooks run pre-push "$@" || [ $? != 1 ] || exit 1; else echo "tracks is not found, so pre-push checks nothing" >&2; fi
  hint: add to `.git/hooks/post-commit`:
    if command -v tracks >/dev/null; then tracks hooks run post-commit "$@" || [ $? != 1 ] || exit 1; else echo "tracks is not found, so post-commit checks nothing" >&2; fi
  hint: add to `.git/hooks/post-checkout`:
    if command -v tracks >/dev/null; then tracks hooks run post-checkout "$@" || [ $? != 1 ] || exit 1; else echo "tracks is not found, so post-checkout checks nothing" >&2; fi
  hint: or let `tracks hooks install --write` add it; then commit it
-- exit 2

"#]]
    );
}

#[test]
fn a_name_that_is_taken_is_refused() {
    let ground = Ground::new();
    script(&ground.shop().join(".git/hooks/pre-commit"), OLD);
    write(&ground.shop().join(".git/hooks/pre-commit.legacy"), "older\n");
    assert_data_eq!(
        ground.refused("hooks install"),
        str![[r#"
-- stderr
tracks: `[ROOT]/shop/.git/hooks/pre-commit.legacy` is in the way: the hook that is there now would get this name
  hint: move it away: `mv .git/hooks/pre-commit.legacy .git/hooks/pre-commit.legacy.old`
-- exit 2

"#]]
    );
}

#[test]
fn a_hook_that_may_not_be_run_is_not_called_installed() {
    let ground = Ground::new();
    ground.run("hooks install");
    let hook = ground.shop().join(".git/hooks/pre-commit");
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o644)).expect("set");
    assert_data_eq!(
        ground.run("hooks status"),
        str![[r#"
pre-commit        dead       main worktree  .git/hooks/pre-commit
  git passes over it, since it may not be run: `tracks hooks install`
pre-merge-commit  installed  main worktree  .git/hooks/pre-merge-commit
pre-push          installed  main worktree  .git/hooks/pre-push
post-commit       installed  main worktree  .git/hooks/post-commit
post-checkout     installed  main worktree  .git/hooks/post-checkout

"#]]
    );
    assert_data_eq!(
        ground.run("hooks install"),
        str![[r#"
installed hook pre-commit  in the place of an older one

"#]]
    );
    assert_eq!(fs::metadata(&hook).expect("there").permissions().mode() & 0o777, 0o755);
}
