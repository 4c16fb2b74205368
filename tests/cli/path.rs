//! `tracks path`: the folder of a track, for a shell.

use std::fs;

use snapbox::{assert_data_eq, str};

use crate::support::Ground;

#[test]
fn just_the_folder() {
    let ground = Ground::with_tracks();
    assert_data_eq!(
        ground.run("path a"),
        str![[r#"
[ROOT]/shop/worktrees/track-a

"#]]
    );
    assert_data_eq!(
        ground.run_in(&ground.track("b"), "path a"),
        str![[r#"
[ROOT]/shop/worktrees/track-a

"#]]
    );
}

#[test]
fn a_folder_that_is_not_there_is_no_answer() {
    let ground = Ground::new();
    assert_data_eq!(
        ground.refused("path a"),
        str![[r#"
-- stderr
tracks: there is no `tracks.toml`, so no track is declared
  hint: declare some with `tracks init a b c`, or write a commented file to start from with `tracks init`
-- exit 2

"#]]
    );
    let ground = Ground::with_tracks();
    assert_data_eq!(
        ground.refused("path x"),
        str![[r#"
-- stderr
tracks: there is no track `x`
  hint: declared are `a` and `b`
-- exit 2

"#]]
    );
    assert_data_eq!(
        ground.refused("path aa"),
        str![[r#"
-- stderr
tracks: there is no track `aa`
  hint: did you mean `a`?
-- exit 2

"#]]
    );
    fs::remove_dir_all(ground.track("a")).expect("removed");
    assert_data_eq!(
        ground.refused("path a"),
        str![[r#"
-- stderr
tracks: the folder of track `a`, `[ROOT]/shop/worktrees/track-a`, is gone
  hint: if it was moved: `git worktree repair NEW-FOLDER`
-- exit 2

"#]]
    );
    ground.git("worktree remove worktrees/track-b");
    assert_data_eq!(
        ground.refused("path b"),
        str![[r#"
-- stderr
tracks: track `b` has no worktree
  hint: make it with `tracks init b`
-- exit 2

"#]]
    );
}
