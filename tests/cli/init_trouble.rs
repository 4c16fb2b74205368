//! `tracks init` where it must not, or cannot, go on: nothing is written, or all of it is taken back.

use std::fs;
use std::os::unix::fs::symlink;

use snapbox::{assert_data_eq, str};

use crate::support::{Ground, script, write};

#[test]
fn what_is_wrong_with_the_repository_is_said() {
    let ground = Ground::empty();
    assert_data_eq!(
        ground.refused("init a"),
        str![[r#"
-- stderr
tracks: this repository has no commit yet
  hint: make one with `git commit --allow-empty -m 'first commit'`
-- exit 2

"#]]
    );
    assert_data_eq!(
        ground.refused_in(&ground.root, "init a"),
        str![[r#"
-- stderr
tracks: this is not a git repository
  hint: run it inside one, or name one with `-C DIR`
-- exit 2

"#]]
    );
    let ground = Ground::new();
    ground.git("switch -q --detach");
    assert_data_eq!(
        ground.refused("init a"),
        str![[r#"
-- stderr
tracks: it is not known which branch the tracks land on: the main worktree has none checked out
  hint: name it with `tracks init --target BRANCH`, or check one out with `git switch BRANCH`
-- exit 2

"#]]
    );
    assert_data_eq!(
        ground.refused("init a --target main"),
        str![[r#"
-- stderr
tracks: `main`, the target, is checked out nowhere: `tracks.toml` belongs on it
  hint: check it out in the main worktree: `git switch main`
-- exit 2

"#]]
    );
    assert_data_eq!(
        ground.refused("init a --target nowhere"),
        str![[r#"
-- stderr
tracks: there is no branch `nowhere`, on which the tracks are to land
  hint: name another one as `target` in `tracks.toml`
-- exit 2

"#]]
    );
}

#[test]
fn names_that_cannot_be_are_refused() {
    let ground = Ground::new();
    assert_data_eq!(
        ground.refused("init ../x"),
        str![[r#"
-- stderr
tracks: `../x` must begin with a letter `a`–`z` or a digit
-- exit 2

"#]]
    );
    assert_data_eq!(
        ground.refused("init a CON"),
        str![[r#"
-- stderr
tracks: `CON` must begin with a letter `a`–`z` or a digit
-- exit 2

"#]]
    );
    assert_data_eq!(
        ground.refused("init a --phase P/1"),
        str![[r#"
-- stderr
tracks: `P/1` must begin with a letter `a`–`z` or a digit
-- exit 2

"#]]
    );
}

#[test]
fn a_branch_that_blocks_is_found_before_anything_is_written() {
    let ground = Ground::new();
    ground.git("branch feature");
    assert_data_eq!(
        ground.refused("init a b"),
        str![[r#"
-- stderr
tracks: the branch `feature/track-a` cannot be made beside the branch `feature`
  hint: rename it with `git branch -m feature NEW-NAME`, or name branches otherwise with `[naming] branch` in `tracks.toml`
-- exit 2

"#]]
    );
}

#[test]
fn a_folder_in_use_is_found_before_anything_is_written() {
    let ground = Ground::new();
    ground.write("worktrees/track-b/note", "mine\n");
    assert_data_eq!(
        ground.refused("init a b"),
        str![[r#"
-- stderr
tracks: no worktree can be made in `worktrees/track-b`: there is something in it
-- exit 2

"#]]
    );
    ground.git("worktree add -q worktrees/track-c -b other");
    assert_data_eq!(
        ground.refused("init c"),
        str![[r#"
-- stderr
tracks: the worktree `worktrees/track-c` has the branch `other` checked out instead of `feature/track-c`
  hint: check it out there: `git -C worktrees/track-c switch -c feature/track-c`
-- exit 2

"#]]
    );
    ground.git("worktree add -q ../inner -b inner");
    ground.write("tracks.toml", "[naming]\ndirectory = '../inner/{track}'\n[tracks.a]\n");
    assert_data_eq!(
        ground.refused("init"),
        str![[r#"
-- stderr
tracks: no worktree can be made in `[ROOT]/inner/a`: it lies in another worktree, `[ROOT]/inner`
-- exit 2

"#]]
    );
}

#[test]
fn a_link_on_the_way_is_refused() {
    let ground = Ground::new();
    fs::create_dir(ground.root.join("outside")).expect("made");
    symlink(ground.root.join("outside"), ground.shop().join("worktrees")).expect("linked");
    assert_data_eq!(
        ground.refused("init a"),
        str![[r#"
-- stderr
tracks: no worktree can be made in `worktrees/track-a`: `worktrees` is a link
-- exit 2

"#]]
    );
    fs::remove_file(ground.shop().join("worktrees")).expect("removed");
    fs::create_dir(ground.shop().join("worktrees")).expect("made");
    symlink(ground.root.join("outside"), ground.shop().join("worktrees/track-a")).expect("linked");
    assert_data_eq!(
        ground.refused("init a"),
        str![[r#"
-- stderr
tracks: no worktree can be made in `worktrees/track-a`: `worktrees/track-a` is a link
-- exit 2

"#]]
    );
    symlink("/etc/passwd", ground.shop().join("tracks.toml")).expect("linked");
    assert_data_eq!(
        ground.refused("init a"),
        str![[r#"
-- stderr
tracks: `tracks.toml` is a link: it must be a regular file
-- exit 2

"#]]
    );
}

#[test]
fn a_folder_outside_is_never_made() {
    let ground = Ground::new();
    ground.write("tracks.toml", "[tracks.b]\ndirectory = '/nowhere/b'\n");
    assert_data_eq!(
        ground.refused("init"),
        str![[r#"
-- stderr
tracks: no worktree can be made in `/nowhere/b`: it lies outside the folder that the repository is in
  hint: make it with `git worktree add FOLDER BRANCH`; a track takes the worktree that has its branch
-- exit 2

"#]]
    );
}

#[test]
fn when_one_thing_fails_everything_is_taken_back() {
    let ground = Ground::new();
    let hook = "#!/bin/sh\ncase $PWD in */track-b) echo no >&2; exit 1;; esac\n";
    script(&ground.shop().join(".git/hooks/post-checkout"), hook);
    assert_data_eq!(
        ground.refused("init a b"),
        str![[r#"
-- stderr
tracks: nothing is made: cannot make the worktree `worktrees/track-b`: `git worktree`: no
-- exit 2

"#]]
    );
    assert!(!ground.shop().join("worktrees").exists());
}

#[test]
fn what_an_interrupted_run_left_is_no_work_of_the_track() {
    let ground = Ground::with_tracks();
    // What `git worktree add` leaves when it is killed: locked by itself, with an empty index.
    let admin = ground.shop().join(".git/worktrees/track-a");
    write(&admin.join("locked"), "initializing");
    fs::remove_file(admin.join("index")).expect("removed");
    let refusal = str![[r#"
-- stderr
tracks: the worktree `worktrees/track-a` is not made to the end: git is still at it, or was interrupted
  hint: if it was interrupted: `git worktree remove -f -f worktrees/track-a`, then this again
-- exit 2

"#]];
    assert_data_eq!(ground.refused("init"), refusal);
    assert_data_eq!(
        ground.run("sync"),
        str![[r#"
main 54f5adb1f6, 2 tracks, git [GIT]

  track  state    behind  uncommitted
  a      working       1            ?
  b      working       1

Errors
  a  conflict.unknown
    cannot be judged: its worktree is not made to the end
    cure: see what is there with `git -C "$(tracks path a)" status`, or judge commits alone with `--committed`

Integration refs/tracks/integration/main 54f5adb1f6
  merged    a, b

1 error, all new; 1 of 3 pairs clean; 2 unknown; integration holds a, b
next: tracks explain conflict.unknown
-- exit 1

"#]]
    );
    assert_data_eq!(
        ground.run("prune"),
        str![[r#"
worktree  verdict  size  age  branch
[ROOT]/shop  kept  ?  [AGE]  main
[ROOT]/shop/worktrees/track-a  kept  [SIZE]  [AGE]  feature/track-a
[ROOT]/shop/worktrees/track-b  kept  [SIZE]  [AGE]  feature/track-b

[ROOT]/shop
  the main worktree
[ROOT]/shop/worktrees/track-a
  not made to the end: git is still at it, or was interrupted
[ROOT]/shop/worktrees/track-b
  track b has nothing that main lacks: `tracks remove b` takes it away

0 of 3 safe to remove, [SIZE]

"#]]
    );
    ground.git("worktree remove -f -f worktrees/track-a");
    assert_data_eq!(
        ground.run("init"),
        str![[r#"
created worktree worktrees/track-a  of the branch feature/track-a, as it is
installed hook pre-commit
installed hook pre-merge-commit
installed hook pre-push
installed hook post-commit
installed hook post-checkout
-- stderr
next: cd worktrees/track-a

"#]]
    );
    assert_eq!(ground.git_in(&ground.track("a"), "status --short"), "");
}

#[test]
fn what_somebody_else_makes_meanwhile_is_not_taken_back() {
    let ground = Ground::new();
    let other = ground.track("b");
    let path = other.display();
    // Runs while the first worktree is made, and makes the second one before its turn comes.
    let make = "git -c core.hooksPath=/dev/null worktree add -q";
    let hook = format!(
        "#!/bin/sh\nunset $(git rev-parse --local-env-vars)\ntest -e '{path}' && exit\n\
         cd '{}' && {make} -b feature/track-b '{path}' && echo precious > '{path}/new'\n",
        ground.shop().display()
    );
    script(&ground.shop().join(".git/hooks/post-checkout"), &hook);
    assert_data_eq!(
        ground.run("init a b --no-hooks"),
        str![[r#"
-- stderr
tracks: nothing is made: cannot make the worktree `worktrees/track-b`: there is something in it now
-- exit 2

"#]]
    );
    assert_eq!(fs::read_to_string(other.join("new")).expect("kept"), "precious\n");
    assert_data_eq!(
        ground.worktrees(),
        str![[r#"
[ROOT]/shop 3fc6310 [main]
[ROOT]/shop/worktrees/track-b 3fc6310 [feature/track-b]

"#]]
    );
    assert_data_eq!(
        ground.git("status --short"),
        str![[r#"
?? worktrees/

"#]]
    );
}

#[test]
fn work_that_began_meanwhile_is_not_taken_back() {
    let ground = Ground::new();
    ground.write("tracks.toml", "[tracks.a]\n[tracks.b]\n[tracks.c]\n[setup]\ncopy = ['notes']\n");
    ground.write("notes", "not ignored\n");
    let begin = format!(
        "#!/bin/sh\ncase \"$PWD\" in *track-b) echo precious > '{}/new' ;; *track-c) exit 1 ;; esac\n",
        ground.track("a").display()
    );
    script(&ground.shop().join(".git/hooks/post-checkout"), &begin);
    assert_data_eq!(
        ground.run("init --no-hooks"),
        str![[r#"
-- stderr
tracks: the worktree `worktrees/track-a`, in which somebody is at work, could not be taken back: cannot make the worktree `worktrees/track-c`: `git worktree` ended with exit status: 1
-- exit 2

"#]]
    );
    assert_eq!(fs::read_to_string(ground.track("a").join("new")).expect("kept"), "precious\n");
    assert_data_eq!(
        ground.git("for-each-ref --format=%(refname)"),
        str![[r#"
refs/heads/feature/track-a
refs/heads/main

"#]]
    );
}
