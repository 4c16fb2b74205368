//! `tracks doctor`: finds what breaks worktrees, and puts right what can be put right without losing anything.

mod left;

use std::fs;

use snapbox::{assert_data_eq, str};

use crate::support::{Ground, write};

fn narrow(ground: &Ground, words: &str) -> String {
    let mut command = ground.command(env!("CARGO_BIN_EXE_tracks"), &ground.shop());
    ground.said(&command.env("COLUMNS", "80").args(words.split(' ')).output().expect("it runs"))
}

#[test]
fn nothing_is_wrong_with_what_was_just_made() {
    let ground = Ground::with_tracks();
    assert_data_eq!(
        narrow(&ground, "doctor"),
        str![[r#"
nothing is wrong

"#]]
    );
}

#[test]
fn what_stops_git_everywhere_is_found_and_put_right() {
    let ground = Ground::with_tracks();
    let commondir = ground.shop().join(".git/worktrees/track-a/commondir");
    let before = fs::read(&commondir).expect("is there");
    write(&commondir, "");
    assert!(!ground.try_git_in(&ground.shop(), "worktree list").status.success());
    assert_data_eq!(
        narrow(&ground, "doctor"),
        str![[r#"
error worktree track-a
  has lost its link to the repository, and git fails in every worktree for it
  cure: write it again: `echo ../.. > .git/worktrees/track-a/commondir`

1 thing to look at; 1 can be put right: tracks doctor --fix
-- exit 1

"#]]
    );
    assert_data_eq!(
        narrow(&ground, "doctor --fix"),
        str![[r#"
cured worktree track-a
  has lost its link to the repository, and git fails in every worktree for it

1 thing put right

"#]]
    );
    assert_eq!(fs::read(&commondir).expect("is there"), before);
    ground.git("worktree list");
}

#[test]
fn a_worktree_that_was_moved_is_linked_again() {
    let ground = Ground::with_tracks();
    write(&ground.track("a").join("loose.txt"), "not committed\n");
    let moved = ground.shop().join("worktrees/elsewhere");
    fs::rename(ground.track("a"), &moved).expect("moved");
    assert_data_eq!(
        narrow(&ground, "doctor"),
        str![[r#"
error worktree worktrees/track-a
  was moved to worktrees/elsewhere
  cure: `git worktree repair worktrees/elsewhere`

1 thing to look at; 1 can be put right: tracks doctor --fix
-- exit 1

"#]]
    );
    assert_data_eq!(
        narrow(&ground, "doctor --fix"),
        str![[r#"
cured worktree worktrees/track-a
  was moved to worktrees/elsewhere

1 thing put right

"#]]
    );
    assert_eq!(ground.git_in(&moved, "status --porcelain"), "?? loose.txt\n");
    assert!(ground.run("list").contains("elsewhere"));
}

#[test]
fn what_somebody_has_to_look_at_is_named_with_its_cure() {
    let ground = Ground::with_tracks();
    fs::remove_dir_all(ground.track("a")).expect("removed");
    ground.git_in(&ground.track("b"), "bisect start");
    write(&ground.shop().join(".git/packed-refs.lock"), "");
    write(&ground.shop().join(".git/info/exclude"), "");
    ground.git("remote add --mirror=push copy ../copy");
    ground.git("config pull.twohead resolve");
    let listed = narrow(&ground, "doctor");
    assert_data_eq!(
        listed,
        str![[r#"
error worktree worktrees/track-a
  is not there; git still knows of it
  cure: forget it: `git worktree remove worktrees/track-a`; a track's is made again by `tracks init`
warning configuration pull.twohead
  is set: `git merge` obeys it and the verdicts do not
warning remote copy
  is a mirror: a push sends checkpoints, and with them uncommitted work
  cure: push branches instead: `git config --unset remote.NAME.mirror`
warning info/exclude
  does not leave out /worktrees/: `git add -A` would commit worktrees
  cure: write it there: `tracks init`
note lock packed-refs.lock
  is there, [..] s old, of user [..]: what it is about cannot be written
  cure: wait for that git to end; if none runs any more: `rm .git/packed-refs.lock`
note worktree worktrees/track-b
  has a bisect in progress
  cure: `git -C worktrees/track-b bisect reset`

6 things to look at; 1 can be put right: tracks doctor --fix
-- exit 1

"#]]
    );
    assert!(ground.shop().join(".git/packed-refs.lock").exists(), "whoever holds it may be at work");
    ground.run("doctor --fix");
    assert!(!ground.git("status --porcelain").contains("worktrees"), "git does not see them any more");
    assert!(ground.shop().join(".git/packed-refs.lock").exists());
}

#[test]
fn a_hook_that_does_not_fire_is_found_though_its_file_is_there() {
    let ground = Ground::with_tracks();
    ground.run("hooks install");
    assert_eq!(ground.run("doctor"), "nothing is wrong\n");
    let hook = ground.shop().join(".git/hooks/pre-commit");
    fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o644)).expect("set");
    ground.git_in(&ground.track("b"), "config extensions.worktreeConfig true");
    ground.git_in(&ground.track("b"), "config --worktree core.hooksPath nowhere");
    assert_data_eq!(
        narrow(&ground, "doctor"),
        str![[r#"
error hooks in .
  pre-commit: git passes over it, since it may not be run: `tracks hooks
  install`
  cure: `tracks hooks install` in that worktree, which says what is missing
error hooks in worktrees/track-a
  pre-commit: git passes over it, since it may not be run: `tracks hooks
  install`
  cure: `tracks hooks install` in that worktree, which says what is missing
error hooks in worktrees/track-b
  pre-commit, pre-merge-commit, pre-push, post-commit and post-checkout:
  `core.hooksPath` is `nowhere`, and there is no such folder here: git runs no
  hook at all
  cure: `tracks hooks install` in that worktree, which says what is missing

3 things to look at
-- exit 1

"#]]
    );
}

#[test]
fn what_keeps_the_configuration_from_being_read_is_told_with_the_rest() {
    let ground = Ground::with_tracks();
    write(&ground.shop().join("tracks.toml"), "[trakcs.a]\n");
    ground.git("commit -qam broken");
    assert_data_eq!(
        narrow(&ground, "doctor"),
        str![[r#"
error project
  cannot be read: unknown key `trakcs`, did you mean `tracks`?
  cure: see where: `tracks list`

1 thing to look at
-- exit 1

"#]]
    );
}
