//! `tracks prune`: every worktree, and exactly why it cannot go.

use std::fs;

use snapbox::{assert_data_eq, str};

use crate::support::{Ground, timeless, write};

/// Every kind of worktree beside the two tracks.
fn messy() -> Ground {
    let ground = Ground::with_tracks();
    write(&ground.shop().join(".env"), "A=1\n");
    for name in ["clean", "dirty", "gone", "same-env", "stuck", "unseen"] {
        ground.git(&format!("worktree add -q ../{name} -b {name}"));
    }
    let at = |name: &str| ground.root.join(name);
    write(&at("dirty").join("src/a.rs"), "changed\n");
    write(&at("dirty").join("new"), "new\n");
    write(&at("dirty").join(".env"), "B=2\n");
    write(&at("same-env").join(".env"), "A=1\n");
    write(&at("same-env").join("node_modules/x/index.js"), "x\n");
    fs::remove_dir_all(at("gone")).expect("removed");
    ground.git("worktree lock ../stuck --reason usb\u{1b}[31m");
    write(&at("unseen").join("src/a.rs"), "changed\n");
    ground.git_in(&at("unseen"), "update-index --assume-unchanged src/a.rs");
    ground.git("worktree add -q --detach ../adrift");
    ground.commit(&at("adrift"), "x", "x\n");
    ground.commit(&ground.track("a"), "src/b.rs", "fn b() {}\n");
    ground.run("add landed");
    ground.commit(&ground.track("landed"), "src/c.rs", "fn c() {}\n");
    ground.git("merge -q --no-ff --no-edit feature/track-landed");
    ground
}

#[test]
fn every_worktree_is_judged() {
    let ground = messy();
    let before = ground.state();
    assert_data_eq!(
        ground.run("prune"),
        str![[r#"
worktree  verdict  size  age  branch
[ROOT]/shop  kept  ?  [AGE]  main
[ROOT]/adrift  kept  [SIZE]  [AGE]  (detached)
[ROOT]/clean  safe  [SIZE]  [AGE]  clean
[ROOT]/dirty  kept  [SIZE]  [AGE]  dirty
[ROOT]/gone  kept  ?  [AGE]  gone
[ROOT]/same-env  safe  [SIZE]  [AGE]  same-env
[ROOT]/shop/worktrees/track-a  kept  [SIZE]  [AGE]  feature/track-a
[ROOT]/shop/worktrees/track-b  kept  [SIZE]  [AGE]  feature/track-b
[ROOT]/shop/worktrees/track-landed  safe  [SIZE]  [AGE]  feature/track-landed
[ROOT]/stuck  kept  [SIZE]  [AGE]  stuck
[ROOT]/unseen  kept  [SIZE]  [AGE]  unseen

[ROOT]/shop
  the main worktree
[ROOT]/adrift
  1 commit on no branch
[ROOT]/dirty
  1 changed file not committed
  1 untracked file
  1 ignored file: .env
  ignored: .env
[ROOT]/gone
  its folder is gone (a moved one is found again with `git worktree repair FOLDER`)
[ROOT]/same-env
  ignored: .env, node_modules/
[ROOT]/shop/worktrees/track-a
  1 commit not on main
[ROOT]/shop/worktrees/track-b
  track b has nothing that main lacks: `tracks remove b` takes it away
[ROOT]/stuck
  locked: usb/x1b[31m
[ROOT]/unseen
  1 file that git was told not to look at

3 of 11 safe to remove, [SIZE]
next: tracks prune --yes

"#]]
    );
    ground.assert_unchanged(&before);
}

#[test]
fn only_the_safe_ones_are_removed() {
    let ground = messy();
    assert_data_eq!(
        timeless(&ground.run("prune --yes")),
        str![[r#"
worktree  verdict  size  age  branch
[ROOT]/shop  kept  ?  [AGE]  main
[ROOT]/adrift  kept  [SIZE]  [AGE]  (detached)
[ROOT]/clean  removed  [SIZE]  [AGE]  clean
[ROOT]/dirty  kept  [SIZE]  [AGE]  dirty
[ROOT]/gone  kept  ?  [AGE]  gone
[ROOT]/same-env  removed  [SIZE]  [AGE]  same-env
[ROOT]/shop/worktrees/track-a  kept  [SIZE]  [AGE]  feature/track-a
[ROOT]/shop/worktrees/track-b  kept  [SIZE]  [AGE]  feature/track-b
[ROOT]/shop/worktrees/track-landed  removed  [SIZE]  [AGE]  feature/track-landed
[ROOT]/stuck  kept  [SIZE]  [AGE]  stuck
[ROOT]/unseen  kept  [SIZE]  [AGE]  unseen

[ROOT]/shop
  the main worktree
[ROOT]/adrift
  1 commit on no branch
[ROOT]/clean
  saved as clean@[TIME]; back with `tracks checkpoint restore clean@[TIME] --to '[ROOT]/clean'`
[ROOT]/dirty
  1 changed file not committed
  1 untracked file
  1 ignored file: .env
  ignored: .env
[ROOT]/gone
  its folder is gone (a moved one is found again with `git worktree repair FOLDER`)
[ROOT]/same-env
  ignored: .env, node_modules/
  saved as same-env@[TIME]; back with `tracks checkpoint restore same-env@[TIME] --to '[ROOT]/same-env'`
[ROOT]/shop/worktrees/track-a
  1 commit not on main
[ROOT]/shop/worktrees/track-b
  track b has nothing that main lacks: `tracks remove b` takes it away
[ROOT]/shop/worktrees/track-landed
  saved as landed@[TIME]; back with `tracks checkpoint restore landed@[TIME] --to worktrees/track-landed`
[ROOT]/stuck
  locked: usb/x1b[31m
[ROOT]/unseen
  1 file that git was told not to look at

removed 3 worktrees, [SIZE]

"#]]
    );
    assert_data_eq!(
        ground.worktrees(),
        str![[r#"
[ROOT]/shop 2e78c1a [main]
[ROOT]/adrift b7d49b0 (detached HEAD)
[ROOT]/dirty 54f5adb [dirty]
[ROOT]/gone 54f5adb [gone] prunable
[ROOT]/shop/worktrees/track-a 2b44c58 [feature/track-a]
[ROOT]/shop/worktrees/track-b 3fc6310 [feature/track-b]
[ROOT]/stuck 54f5adb [stuck] locked
[ROOT]/unseen 54f5adb [unseen]

"#]]
    );
}

#[test]
fn programs_read_json() {
    let ground = Ground::new();
    ground.git("worktree add -q ../clean -b clean");
    assert_data_eq!(
        ground.run("prune --format json"),
        str![[r#"
{
  "schema": 1,
  "command": "prune",
  "worktrees": [
    {
      "path": "[ROOT]/shop",
      "branch": "main",
      "verdict": "kept",
      "reasons": [
        "the main worktree"
      ],
      "size_bytes": null,
      "age_seconds": 0,
      "ignored": [],
      "removed": false
    },
    {
      "path": "[ROOT]/clean",
      "branch": "clean",
      "verdict": "safe",
      "reasons": [],
      "size_bytes": 0,
      "age_seconds": 0,
      "ignored": [],
      "removed": false
    }
  ]
}

"#]]
    );
}

#[test]
fn what_only_the_worktree_knows_of_keeps_it() {
    let ground = Ground::with_tracks();
    let at = |name: &str| ground.root.join(name);
    for name in ["behind", "own-ref", "picking", "file"] {
        ground.git(&format!("worktree add -q ../{name} -b {name}"));
    }
    for name in ["behind", "own-ref"] {
        ground.git_in(&at(name), "switch -q --detach");
        ground.commit(&at(name), "x", name);
        if name == "own-ref" {
            ground.git_in(&at(name), "update-ref refs/worktree/mine HEAD");
            ground.git_in(&at(name), "reset -q --hard HEAD~1");
        }
        ground.git_in(&at(name), &format!("switch -q {name}"));
    }
    // Two commits to pick: the first is taken by hand, the second is still to come.
    ground.git("switch -q -c others");
    ground.commit(&ground.shop(), "src/a.rs", "one\n");
    ground.commit(&ground.shop(), "src/a.rs", "two\n");
    ground.git("switch -q main");
    ground.commit(&at("picking"), "src/a.rs", "mine\n");
    assert!(!ground.try_git_in(&at("picking"), "cherry-pick main..others").status.success());
    ground.commit(&at("picking"), "src/a.rs", "both\n");
    ground.git("merge -q --no-ff --no-edit picking");
    // Its name says folder, and it is none.
    write(&ground.shop().join(".git/info/exclude"), "node_modules\n");
    write(&at("file").join("node_modules"), "precious\n");
    assert_data_eq!(
        ground.run("prune"),
        str![[r#"
worktree  verdict  size  age  branch
[ROOT]/shop  kept  ?  [AGE]  main
[ROOT]/behind  kept  [SIZE]  [AGE]  behind
[ROOT]/file  kept  [SIZE]  [AGE]  file
[ROOT]/own-ref  kept  [SIZE]  [AGE]  own-ref
[ROOT]/picking  kept  [SIZE]  [AGE]  picking
[ROOT]/shop/worktrees/track-a  kept  [SIZE]  [AGE]  feature/track-a
[ROOT]/shop/worktrees/track-b  kept  [SIZE]  [AGE]  feature/track-b

[ROOT]/shop
  the main worktree
[ROOT]/behind
  1 commit on no branch
[ROOT]/file
  1 ignored file: node_modules
  ignored: node_modules
[ROOT]/own-ref
  1 commit on no branch
[ROOT]/picking
  in the middle of a cherry-pick
[ROOT]/shop/worktrees/track-a
  track a has nothing that main lacks: `tracks remove a` takes it away
[ROOT]/shop/worktrees/track-b
  track b has nothing that main lacks: `tracks remove b` takes it away

0 of 7 safe to remove, [SIZE]

"#]]
    );
}
