//! `tracks add`: one more track, new or adopted.

use snapbox::{assert_data_eq, str};

use crate::support::Ground;

#[test]
fn one_more_is_declared_and_made() {
    let ground = Ground::with_tracks();
    let shop = ground.shop();
    let words = ["add", "c", "--owns", "web/**", "--owns", "!web/api/", "--title", "The \"web\"", "--agent", "gamma"];
    assert_data_eq!(
        ground.run_words(&shop, &words),
        str![[r#"
created branch feature/track-c  from main 54f5adb1f6
created worktree worktrees/track-c
declared track c  in tracks.toml
-- stderr
tracks: the rules count it once tracks.toml is committed on main
next: cd worktrees/track-c

"#]]
    );
    assert_data_eq!(
        ground.git("diff tracks.toml"),
        str![[r#"
diff --git a/tracks.toml b/tracks.toml
index 12c558a..f9fe6f7 100644
--- a/tracks.toml
+++ b/tracks.toml
@@ -16,6 +16,11 @@ directory = "worktrees/{phase}-track-{track}"
 # title = ""
 # owns = ["src/b/**"]
 
+[tracks.c]
+title = 'The "web"'
+agent = "gamma"
+owns = ["web/**", "!web/api/"]
+
 # [[gates]]                                 # a command that must pass on the merged tracks
 # name = "test"
 # run = "make test"

"#]]
    );
    let before = ground.state();
    assert_data_eq!(
        ground.run("add c"),
        str![[r#"
nothing to do

"#]]
    );
    ground.assert_unchanged(&before);
    assert_data_eq!(
        ground.refused("add c --agent delta"),
        str![[r#"
-- stderr
tracks: track `c` is declared already, and otherwise than asked for
  hint: change its table `[tracks.c]` in `tracks.toml`
-- exit 2

"#]]
    );
}

#[test]
fn a_plan_writes_nothing() {
    let ground = Ground::with_tracks();
    let before = ground.state();
    assert_data_eq!(
        ground.run("add c --issue #7 --depends-on a --dry-run"),
        str![[r#"
would create branch feature/track-c  from main 54f5adb1f6
would create worktree worktrees/track-c
would declare track c  in tracks.toml

"#]]
    );
    ground.assert_unchanged(&before);
}

#[test]
fn on_top_of_a_track_it_waits_for_that_track() {
    let ground = Ground::with_tracks();
    ground.commit(&ground.track("a"), "src/b.rs", "fn b() {}\n");
    assert_data_eq!(
        ground.run("add c --from a"),
        str![[r#"
created branch feature/track-c  from feature/track-a 2b44c58032
created worktree worktrees/track-c
declared track c  in tracks.toml
-- stderr
tracks: the rules count it once tracks.toml is committed on main
next: cd worktrees/track-c

"#]]
    );
    assert_data_eq!(
        ground.git("log --format=%s -1 feature/track-c"),
        str![[r#"
work

"#]]
    );
    assert_data_eq!(
        ground.git("diff tracks.toml"),
        str![[r#"
diff --git a/tracks.toml b/tracks.toml
index 12c558a..77c188e 100644
--- a/tracks.toml
+++ b/tracks.toml
@@ -16,6 +16,9 @@ directory = "worktrees/{phase}-track-{track}"
 # title = ""
 # owns = ["src/b/**"]
 
+[tracks.c]
+depends-on = ["a"]
+
 # [[gates]]                                 # a command that must pass on the merged tracks
 # name = "test"
 # run = "make test"

"#]]
    );
    assert_data_eq!(
        ground.run("add d --from HEAD~1"),
        str![[r#"
created branch feature/track-d  from HEAD~1 3fc6310244
created worktree worktrees/track-d
declared track d  in tracks.toml
-- stderr
tracks: the rules count it once tracks.toml is committed on main
next: cd worktrees/track-d

"#]]
    );
    assert_data_eq!(
        ground.refused("add e --from nowhere"),
        str![[r#"
-- stderr
tracks: there is no track and no commit `nowhere` to begin at
  hint: see the tracks with `tracks list`, the branches with `git branch --all`
-- exit 2

"#]]
    );
}

#[test]
fn branches_and_worktrees_that_exist_are_adopted() {
    let ground = Ground::with_tracks();
    ground.git("branch topic/login");
    ground.git("worktree add -q ../web -b web");
    ground.git("worktree add -q --detach ../lost");
    assert_data_eq!(
        ground.run("add login --adopt topic/login"),
        str![[r#"
created worktree worktrees/track-login  of the branch topic/login, as it is
declared track login  in tracks.toml
-- stderr
tracks: the rules count it once tracks.toml is committed on main
next: cd worktrees/track-login

"#]]
    );
    assert_data_eq!(
        ground.run("add web --adopt ../web"),
        str![[r#"
declared track web  in tracks.toml
-- stderr
tracks: the rules count it once tracks.toml is committed on main
next: cd '[ROOT]/web'

"#]]
    );
    assert_data_eq!(
        ground.git("diff tracks.toml"),
        str![[r#"
diff --git a/tracks.toml b/tracks.toml
index 12c558a..d83ee50 100644
--- a/tracks.toml
+++ b/tracks.toml
@@ -16,6 +16,12 @@ directory = "worktrees/{phase}-track-{track}"
 # title = ""
 # owns = ["src/b/**"]
 
+[tracks.login]
+branch = "topic/login"
+
+[tracks.web]
+branch = "web"
+
 # [[gates]]                                 # a command that must pass on the merged tracks
 # name = "test"
 # run = "make test"

"#]]
    );
    assert_data_eq!(
        ground.refused("add x --adopt web"),
        str![[r#"
-- stderr
tracks: `web` is the branch of track `web` already
-- exit 2

"#]]
    );
    assert_data_eq!(
        ground.refused("add x --adopt main"),
        str![[r#"
-- stderr
tracks: `main` is the target, which no track can be
-- exit 2

"#]]
    );
    assert_data_eq!(
        ground.refused("add x --adopt ."),
        str![[r#"
-- stderr
tracks: the main worktree cannot be a track
-- exit 2

"#]]
    );
    assert_data_eq!(
        ground.refused("add x --adopt ../lost"),
        str![[r#"
-- stderr
tracks: the worktree `../lost` has no branch checked out
  hint: give it one with `git -C ../lost switch -c BRANCH`
-- exit 2

"#]]
    );
    assert_data_eq!(
        ground.refused("add x --adopt nothing"),
        str![[r#"
-- stderr
tracks: there is no branch and no worktree `nothing`
  hint: see them with `git branch` and `git worktree list`
-- exit 2

"#]]
    );
}

#[test]
fn a_folder_to_adopt_is_looked_for_where_the_program_works() {
    let ground = Ground::with_tracks();
    ground.git("worktree add -q ../web -b web");
    assert_data_eq!(
        ground.run_in(&ground.root, "-C shop add web --adopt ../web --dry-run"),
        str![[r#"
would declare track web  in tracks.toml

"#]]
    );
}

#[test]
fn from_a_linked_worktree_the_main_one_is_edited() {
    let ground = Ground::with_tracks();
    assert_data_eq!(
        ground.run_in(&ground.track("a"), "add c"),
        str![[r#"
created branch feature/track-c  from main 54f5adb1f6
created worktree worktrees/track-c
declared track c  in tracks.toml
-- stderr
tracks: the rules count it once tracks.toml is committed on main
next: cd '[ROOT]/shop/worktrees/track-c'

"#]]
    );
    assert_data_eq!(
        ground.git("status --short"),
        str![[r#"
 M tracks.toml

"#]]
    );
    assert_data_eq!(ground.git_in(&ground.track("a"), "status --short"), str![[""]]);
}

#[test]
fn with_the_target_checked_out_nowhere_it_refuses() {
    let ground = Ground::with_tracks();
    ground.git("update-ref refs/remotes/origin/main main");
    ground.git("symbolic-ref refs/remotes/origin/HEAD refs/remotes/origin/main");
    ground.git("switch -q -c other");
    assert_data_eq!(
        ground.refused("add c"),
        str![[r#"
-- stderr
tracks: `main`, the target, is checked out nowhere: `tracks.toml` belongs on it
  hint: check it out in the main worktree: `git switch main`
-- exit 2

"#]]
    );
}

#[test]
fn what_cannot_be_declared_is_refused() {
    let ground = Ground::with_tracks();
    assert_data_eq!(
        ground.refused("add C"),
        str![[r#"
-- stderr
tracks: `C` must begin with a letter `a`–`z` or a digit
-- exit 2

"#]]
    );
    assert_data_eq!(
        ground.refused("add c --depends-on bb"),
        str![[r#"
-- stderr
tracks: there is no track `bb`
  hint: did you mean `b`?
-- exit 2

"#]]
    );
    assert_data_eq!(
        ground.refused("add c --owns ../x"),
        str![[r#"
-- stderr
tracks: adding track `c` would leave a file that is not valid: the pattern `../x` leads out of the repository
  --> tracks.toml:20:9
   |
20 | owns = ["../x"]
   |         ^^^^^^
-- exit 2

"#]]
    );
    assert_data_eq!(
        ground.refused("add c --from a --adopt b"),
        str![[r#"
-- stderr
error: the argument '--from <REF|TRACK>' cannot be used with '--adopt <BRANCH|DIR>'

Usage: tracks add --from <REF|TRACK> <ID>

For more information, try '--help'.
-- exit 2

"#]]
    );
}
