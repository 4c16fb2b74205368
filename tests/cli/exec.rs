//! `tracks exec`: the user's own command in a track's worktree.

use std::fs;

use snapbox::{assert_data_eq, str};

use crate::support::Ground;

#[test]
fn it_runs_there_and_its_status_is_ours() {
    let ground = Ground::with_tracks();
    assert_data_eq!(
        ground.run_words(&ground.shop(), &["exec", "a", "--", "sh", "-c", "pwd; env | grep ^TRACKS_ | sort; exit 7"]),
        str![[r#"
[ROOT]/shop/worktrees/track-a
TRACKS_BRANCH=feature/track-a
TRACKS_GIT_DIR=[ROOT]/shop/.git
TRACKS_ID=a
TRACKS_MAIN=[ROOT]/shop
TRACKS_TARGET=main
TRACKS_WORKTREE=[ROOT]/shop/worktrees/track-a
-- exit 7

"#]]
    );
    // Git's variables, as a hook has them, would send Git to the wrong index.
    let mut command = ground.command(env!("CARGO_BIN_EXE_tracks"), &ground.shop());
    let words = ["exec", "b", "--", "git", "rev-parse", "--abbrev-ref", "HEAD"];
    let output = command.args(words).env("GIT_DIR", ".git").env("GIT_INDEX_FILE", ".git/index").output();
    assert_data_eq!(
        ground.said(&output.expect("it runs")),
        str![[r#"
feature/track-b

"#]]
    );
}

#[test]
fn what_cannot_run_is_said() {
    let ground = Ground::with_tracks();
    assert_data_eq!(
        ground.refused("exec a -- no\u{1b}thing"),
        str![[r#"
-- stderr
tracks: `no/x1bthing` cannot be started in the worktree of `a`: No such file or directory (os error 2)
-- exit 3

"#]]
    );
    ground.refused("exec x -- true");
    ground.refused("exec a");
    ground.refused("exec a true");
    fs::remove_dir_all(ground.track("a")).expect("removed");
    assert_data_eq!(
        ground.refused("exec a -- true"),
        str![[r#"
-- stderr
tracks: the folder of track `a`, `[ROOT]/shop/worktrees/track-a`, is gone
  hint: if it was moved: `git worktree repair NEW-FOLDER`
-- exit 2

"#]]
    );
}
