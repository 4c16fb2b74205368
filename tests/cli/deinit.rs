//! `tracks deinit`: takes everything of ours away again, and nothing else.

use std::os::unix::fs::PermissionsExt;

use snapbox::{assert_data_eq, str};

use crate::support::{Ground, script};

#[test]
fn it_takes_away_what_init_put_there_and_nothing_else() {
    let ground = Ground::new();
    let hook = ground.shop().join(".git/hooks/pre-commit");
    script(&hook, "#!/bin/sh\nexit 0\n");
    ground.run("init a");
    ground.git("update-ref refs/tracks/integration/main HEAD");
    ground.git("update-ref refs/tracks/checkpoints/1/a HEAD");
    assert_data_eq!(
        ground.run("deinit --dry-run"),
        str![[r#"
would remove hook pre-commit  the one that was there before is back
would remove hook pre-merge-commit
would remove hook pre-push
would remove hook post-commit
would remove hook post-checkout
would delete ref refs/tracks/integration/main
would remove lines of tracks  from info/exclude
would remove state  the last result, what is remembered, the log, and the lock
would keep 1 checkpoint  they hold work: see `tracks checkpoint list`
would keep worktree worktrees/track-a  remove it with `git worktree remove worktrees/track-a`
would keep branch feature/track-a  delete it with `git branch -d feature/track-a`
would keep tracks.toml  remove it with `git rm tracks.toml`

"#]]
    );
    assert_data_eq!(
        ground.run("deinit"),
        str![[r#"
removed hook pre-commit  the one that was there before is back
removed hook pre-merge-commit
removed hook pre-push
removed hook post-commit
removed hook post-checkout
deleted ref refs/tracks/integration/main
removed lines of tracks  from info/exclude
removed state  the last result, what is remembered, the log, and the lock
kept 1 checkpoint  they hold work: see `tracks checkpoint list`
kept worktree worktrees/track-a  remove it with `git worktree remove worktrees/track-a`
kept branch feature/track-a  delete it with `git branch -d feature/track-a`
kept tracks.toml  remove it with `git rm tracks.toml`

"#]]
    );
    assert_eq!(std::fs::read_to_string(&hook).expect("is there"), "#!/bin/sh\nexit 0\n");
    assert_eq!(hook.metadata().expect("is there").permissions().mode() & 0o777, 0o750);
    assert_data_eq!(
        ground.git("for-each-ref --format=%(refname)"),
        str![[r#"
refs/heads/feature/track-a
refs/heads/main
refs/tracks/checkpoints/1/a

"#]]
    );
    assert_eq!(ground.read(".git/info/exclude"), "");
    assert!(!ground.shop().join(".git/tracks").exists());
    assert!(ground.track("a").exists());
}

#[test]
fn many_tracks_stay_in_few_words() {
    let ground = Ground::with_tracks();
    assert_data_eq!(
        ground.run("deinit"),
        str![[r#"
removed lines of tracks  from info/exclude
removed state  the last result, what is remembered, the log, and the lock
kept the worktrees of 2 tracks  see which can go with `tracks prune`
kept the branches of 2 tracks  delete one with `git branch -d BRANCH`
kept tracks.toml  remove it with `git rm tracks.toml`

"#]]
    );
}

#[test]
fn where_nothing_is_nothing_is_done() {
    let ground = Ground::new();
    assert_data_eq!(
        ground.run("deinit"),
        str![[r#"
nothing to do

"#]]
    );
}

#[test]
fn a_broken_file_keeps_nobody_from_leaving() {
    let ground = Ground::new();
    ground.run("init a");
    ground.write("tracks.toml", "no toml");
    assert_data_eq!(
        ground.run("deinit"),
        str![[r#"
removed hook pre-commit
removed hook pre-merge-commit
removed hook pre-push
removed hook post-commit
removed hook post-checkout
removed lines of tracks  from info/exclude
removed state  the last result, what is remembered, the log, and the lock
-- stderr
tracks: what stays cannot be listed: key with no value, expected `=`
 --> tracks.toml:1:4
  |
1 | no toml
  |    ^

"#]]
    );
}
