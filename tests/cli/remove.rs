//! `tracks remove`: refuses what would lose or forget work.

use std::fs;

use snapbox::{assert_data_eq, str};

use crate::support::{Ground, timeless, write};

#[test]
fn the_worktree_goes_and_the_branch_stays() {
    let ground = Ground::with_tracks();
    ground.commit(&ground.track("a"), "src/b.rs", "fn b() {}\n");
    let before = ground.state();
    assert_data_eq!(
        timeless(&ground.run("remove a --unlanded --dry-run")),
        str![[r#"
would save track a
would remove worktree worktrees/track-a
would remove track a  from tracks.toml
would keep branch feature/track-a  1 commit not on main
would keep declaration on main  until `tracks.toml` is committed there without it

"#]]
    );
    ground.assert_unchanged(&before);
    assert_data_eq!(
        timeless(&ground.run("remove a --unlanded")),
        str![[r#"
saved track a  as a@[TIME]; back with `tracks checkpoint restore a@[TIME] --to worktrees/track-a`
removed worktree worktrees/track-a
removed track a  from tracks.toml
kept branch feature/track-a  1 commit not on main
kept declaration on main  until `tracks.toml` is committed there without it
-- stderr
next: git add tracks.toml && git commit -m 'Remove the track a'

"#]]
    );
    assert_data_eq!(
        ground.git("diff tracks.toml"),
        str![[r#"
diff --git a/tracks.toml b/tracks.toml
index 12c558a..d74fef8 100644
--- a/tracks.toml
+++ b/tracks.toml
@@ -8,10 +8,6 @@ target = "main"
 branch = "feature/{phase}-track-{track}"    # without a phase, `{phase}-` is left out
 directory = "worktrees/{phase}-track-{track}"
 
-[tracks.a]
-# title = ""
-# owns = ["src/a/**"]
-
 [tracks.b]
 # title = ""
 # owns = ["src/b/**"]

"#]]
    );
    assert_data_eq!(
        ground.git("for-each-ref --format=%(refname) refs/heads"),
        str![[r#"
refs/heads/feature/track-a
refs/heads/feature/track-b
refs/heads/main

"#]]
    );
    assert!(!ground.track("a").exists());
    assert!(ground.track("b").exists());
}

#[test]
fn the_branch_goes_only_when_it_has_landed() {
    let ground = Ground::with_tracks();
    ground.commit(&ground.track("a"), "src/b.rs", "fn b() {}\n");
    assert_data_eq!(
        ground.refused("remove a --branch"),
        str![[r#"
-- stderr
tracks: track `a` is not removed: 1 commit not on main
  hint: land it; or keep the branch `feature/track-a`: `--unlanded` without `--branch`
-- exit 2

"#]]
    );
    ground.git("merge -q --no-ff --no-edit feature/track-a");
    assert_data_eq!(
        timeless(&ground.run("remove a --branch")),
        str![[r#"
saved track a  as a@[TIME]; back with `tracks checkpoint restore a@[TIME] --to worktrees/track-a`
removed worktree worktrees/track-a
deleted branch feature/track-a  it was at 2b44c580326a5d45816c31f695fbf94304890a82
removed track a  from tracks.toml
kept declaration on main  until `tracks.toml` is committed there without it
-- stderr
next: git add tracks.toml && git commit -m 'Remove the track a'

"#]]
    );
    assert_data_eq!(
        ground.git("for-each-ref --format=%(refname) refs/heads"),
        str![[r#"
refs/heads/feature/track-b
refs/heads/main

"#]]
    );
}

#[test]
fn landed_is_what_is_on_the_target_now() {
    let ground = Ground::with_tracks();
    ground.commit(&ground.track("a"), "src/b.rs", "fn b() {}\n");
    ground.commit(&ground.track("a"), "src/b.rs", "fn b() { 1 }\n");
    ground.commit(&ground.track("b"), "src/c.rs", "fn c() {}\n");
    ground.git("merge -q --squash feature/track-a");
    ground.git("commit -q -m squashed");
    ground.git("merge -q --no-ff --no-edit feature/track-b");
    // Both are on the target: by other commits, and by their own.
    let safe = |track: &str| {
        let listed = ground.run("prune --format json");
        let found: serde_json::Value = serde_json::from_str(&listed).expect("JSON");
        let worktrees = found["worktrees"].as_array().expect("a list").clone();
        let found = worktrees.into_iter().find(|w| w["path"].as_str().is_some_and(|path| path.ends_with(track)));
        found.expect("listed")["verdict"] == "safe"
    };
    assert!(safe("track-a") && safe("track-b"));
    // What was landed and reverted is not, though its commits are in the target's history.
    ground.git("revert --no-edit -m 1 HEAD");
    assert!(safe("track-a") && !safe("track-b"));
    assert_data_eq!(
        ground.refused("remove b"),
        str![[r#"
-- stderr
tracks: track `b` is not removed: its commits are in the history of main, and what they brought is not on it any more
  hint: land it; or say `--unlanded`: the branch `feature/track-b` stays
-- exit 2

"#]]
    );
    ground.git("revert --no-edit HEAD~2");
    assert!(!safe("track-a"));
    assert_data_eq!(
        ground.refused("remove a --branch"),
        str![[r#"
-- stderr
tracks: track `a` is not removed: 2 commits not on main
  hint: land it; or keep the branch `feature/track-a`: `--unlanded` without `--branch`
-- exit 2

"#]]
    );
    ground.git("revert --no-edit HEAD");
    assert_data_eq!(
        timeless(&ground.run("remove a --branch")),
        str![[r#"
saved track a  as a@[TIME]; back with `tracks checkpoint restore a@[TIME] --to worktrees/track-a`
removed worktree worktrees/track-a
deleted branch feature/track-a  it was at fcaef58660d2067befc1c779600aeb4bb0c2e318
removed track a  from tracks.toml
kept declaration on main  until `tracks.toml` is committed there without it
-- stderr
next: git add tracks.toml && git commit -m 'Remove the track a'

"#]]
    );
}

#[test]
fn what_is_removed_comes_back_by_the_command_that_was_printed() {
    let ground = Ground::with_tracks();
    let a = ground.track("a");
    ground.commit(&a, "src/b.rs", "fn b() {}\n");
    fs::create_dir(a.join("empty")).expect("made");
    let said = ground.run("remove a --unlanded");
    ground.git("add tracks.toml");
    ground.git("commit -q -m without");
    ground.git("branch -q -D feature/track-a");
    let command = said.split_once("back with `tracks ").expect("a command").1.split_once('`').expect("its end").0;
    assert_data_eq!(
        timeless(&ground.run(command)),
        str![[r#"
wrote 3 files  of a@[TIME] into worktrees/track-a

"#]]
    );
    assert_eq!(fs::read_to_string(a.join("src/b.rs")).expect("there"), "fn b() {}\n");
    assert!(a.join("empty").is_dir());
}

#[test]
fn somebody_elses_lock_is_named_and_left() {
    let ground = Ground::with_tracks();
    let age = |said: String| {
        let pattern = regex::Regex::new("[0-9]+ s old, of user [0-9]+").expect("valid");
        timeless(&pattern.replace_all(&said, "[AGE]"))
    };
    let lock = ground.shop().join(".git/worktrees/track-a/index.lock");
    write(&lock, "");
    assert_data_eq!(
        age(ground.refused("remove a")),
        str![[r#"
-- stderr
tracks: track `a` is not removed: cannot be judged: `[ROOT]/shop/.git/worktrees/track-a/index.lock` is there, [AGE]: wait for that git to end; if none runs any more, remove it
  hint: see what is wrong there with `tracks doctor`
-- exit 2

"#]]
    );
    fs::remove_file(&lock).expect("there");
    let lock = ground.shop().join(".git/packed-refs.lock");
    write(&lock, "");
    assert_data_eq!(
        age(ground.run("remove a --branch")),
        str![[r#"
-- stderr
tracks: `refs/heads/feature/track-a` stays as it is: cannot move the branch back: `git update-ref`: prepare: Unable to create '[ROOT]/shop/.git/./packed-refs.lock': File exists.
tracks: the worktree is gone, the branch `feature/track-a` stays: `git update-ref`: prepare: Unable to create '[ROOT]/shop/.git/packed-refs.lock': File exists.

Another git process seems to be running in this repository, e.g.
an editor opened by 'git commit'. Please make sure all processes
are terminated then try again. If it still fails, a git process
may have crashed in this repository earlier:
remove the file manually to continue.
  hint: `[ROOT]/shop/.git/packed-refs.lock` is there, [AGE]: wait for that git to end; if none runs any more, remove it
-- exit 2

"#]]
    );
    assert!(lock.exists());
    fs::remove_file(&lock).expect("there");
    assert_data_eq!(
        age(ground.run("remove a --branch")),
        str![[r#"
deleted branch feature/track-a  it was at 3fc63102449becd51aa1eadcec7439c56961ed1f
kept declaration on main  until `tracks.toml` is committed there without it

"#]]
    );
}

#[test]
fn every_reason_is_named() {
    let ground = Ground::with_tracks();
    let a = ground.track("a");
    write(&a.join("src/a.rs"), "changed\n");
    write(&a.join("new"), "new\n");
    write(&a.join(".env"), "SECRET=1\n");
    write(&a.join("node_modules/x"), "x\n");
    ground.git_in(&a, "worktree add -q nested -b nested");
    ground.git("worktree lock --reason why worktrees/track-a");
    assert_data_eq!(
        ground.refused_in(&a, "remove a"),
        str![[r#"
-- stderr
tracks: track `a` is not removed: locked: why, you are in it, the worktree `worktrees/track-a/nested` lies in it, 1 changed file not committed, 1 untracked file and 1 ignored file: .env
  hint: unlock it: `git worktree unlock .`
  hint: leave it first: `cd` to another worktree
  hint: commit it: `git -C . add --all && git -C . commit`
  hint: have them kept elsewhere: `--keep-ignored`
-- exit 2

"#]]
    );
}

#[test]
fn in_the_middle_of_a_rebase_it_refuses() {
    let ground = Ground::with_tracks();
    ground.commit(&ground.track("a"), "src/a.rs", "ours\n");
    ground.commit(&ground.shop(), "src/a.rs", "theirs\n");
    assert!(!ground.try_git_in(&ground.track("a"), "rebase -q main").status.success());
    assert_data_eq!(
        ground.refused("remove a"),
        str![[r#"
-- stderr
tracks: track `a` is not removed: in the middle of a rebase, 1 file not merged to the end and 1 commit not on main
  hint: end it: `git -C worktrees/track-a rebase --continue`
  hint: land it; or say `--unlanded`: the branch `feature/track-a` stays
-- exit 2

"#]]
    );
}

#[test]
fn commits_on_no_branch_are_found() {
    let ground = Ground::with_tracks();
    ground.git_in(&ground.track("a"), "switch -q --detach");
    ground.commit(&ground.track("a"), "src/b.rs", "fn b() {}\n");
    assert_data_eq!(
        ground.refused("remove a"),
        str![[r#"
-- stderr
tracks: track `a` is not removed: 1 commit on no branch
  hint: keep them: `git -C worktrees/track-a branch NEW-NAME`
-- exit 2

"#]]
    );
}

#[test]
fn a_track_that_others_need_is_not_removed() {
    let ground = Ground::with_tracks();
    ground.run("add c --depends-on a");
    ground.git("commit -q -a -m more");
    assert_data_eq!(
        ground.refused("remove a"),
        str![[r#"
-- stderr
tracks: removing track `a` would leave a file that is not valid: no track `a` is declared
  --> tracks.toml:16:15
   |
16 | depends-on = ["a"]
   |               ^^^
-- exit 2

"#]]
    );
    assert_data_eq!(
        ground.refused("remove aa"),
        str![[r#"
-- stderr
tracks: there is no track `aa`
  hint: did you mean `a`?
-- exit 2

"#]]
    );
}

#[test]
fn a_folder_that_is_gone_is_no_reason_to_forget_it() {
    let ground = Ground::with_tracks();
    fs::remove_dir_all(ground.track("a")).expect("removed");
    assert_data_eq!(
        ground.refused("remove a"),
        str![[r#"
-- stderr
tracks: track `a` is not removed: its folder is gone (a moved one is found again with `git worktree repair FOLDER`)
  hint: forget it: `git worktree remove worktrees/track-a`
-- exit 2

"#]]
    );
}

#[test]
fn ignored_files_that_go_are_named() {
    let ground = Ground::with_tracks();
    let a = ground.track("a");
    write(&a.join("node_modules/x"), "x\n");
    ground.write(".env", "KEY=1\n");
    write(&a.join(".env"), "KEY=1\n");
    assert_data_eq!(
        timeless(&ground.run("remove a")),
        str![[r#"
saved track a  as a@[TIME]; back with `tracks checkpoint restore a@[TIME] --to worktrees/track-a`
removed worktree worktrees/track-a
deleted .env  ignored; made again from what is committed, or in the main worktree too
deleted node_modules/  ignored; made again from what is committed, or in the main worktree too
removed track a  from tracks.toml
kept branch feature/track-a  delete it with `git branch -d feature/track-a`
kept declaration on main  until `tracks.toml` is committed there without it
-- stderr
next: git add tracks.toml && git commit -m 'Remove the track a'

"#]]
    );
}
