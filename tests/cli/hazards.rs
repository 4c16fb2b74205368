//! What goes wrong with one track leaves the others judged: the one concerned is `unknown` or `missing`, with its cure.
//!
//! | hazard | stands in |
//! | --- | --- |
//! | a branch that leads to a missing object; operations with `reftable`; locks of Git's | here |
//! | worktree gone, unlinked, with another branch, half-made; another object missing | `sync_trouble.rs`, `init_trouble.rs` |
//! | conflicted index, unfinished operations, racy entries, filters, nested repositories | `snapshots.rs`, `checkpoint.rs` |
//! | cut-off, partial and misleading repositories, attributes, submodules, another owner | `odd_repositories.rs` |
//! | trees that are malformed | `odd_trees.rs` |
//! | split index, untracked cache, fsmonitor, alternates, broken index, missing objects, no write access | `hazards/kept.rs` |
//! | target moved, clock set back, long paths, names that clash, `git gc` at work, files that change | `hazards/kept.rs` |
//! | bare repository, target behind or gone, which copy binds | `project.rs` |
//! | names, paths, forged entries, links | `hostile.rs`, `setup.rs`, `init_trouble.rs` |

mod kept;

use std::fs;

use snapbox::{assert_data_eq, str};

use crate::support::{Ground, write};

#[test]
fn a_branch_that_leads_to_nothing_stops_nobody_else() {
    let ground = Ground::with_tracks();
    for id in ["a", "b"] {
        ground.commit(&ground.track(id), &format!("{id}.txt"), "x\n");
    }
    let tip = ground.git("rev-parse feature/track-a");
    fs::remove_file(ground.shop().join(".git/objects").join(&tip[..2]).join(tip[2..].trim())).expect("removed");
    assert_data_eq!(
        ground.run("sync"),
        str![[r#"
main 54f5adb1f6, 2 tracks, git [GIT]

  track  state    ahead  behind  uncommitted
  a      working      ?       ?            ?
  b      working      ?       ?

Errors
  a  conflict.unknown
    cannot be judged: object 2077bde3c6602adbbc600a09e8e69f9ff9ac7e8f is missing
    cure: it may come back with `git fetch --refetch`; see what else is missing: `git fsck`

Integration refs/tracks/integration/main 27b8ba9a99
  merged    b
  held out  a: object 2077bde3c6602adbbc600a09e8e69f9ff9ac7e8f is missing

1 error, all new; 1 of 3 pairs clean; 2 unknown; integration holds b; held out: a
next: tracks explain conflict.unknown
-- exit 1

"#]]
    );
    for command in ["list", "matrix", "check --all", "order", "prune", "path b", "owner a.txt", "add c"] {
        let said = ground.run(command);
        assert!(!said.contains("-- exit 2"), "{command}: {said}");
    }
}

#[test]
fn what_is_unfinished_is_seen_in_any_ref_storage() {
    for (command, name) in [("cherry-pick", "in the middle of a cherry-pick"), ("revert", "in the middle of a revert")]
    {
        let ground = Ground::empty();
        fs::remove_dir_all(ground.shop().join(".git")).expect("removed");
        ground.git("init -q -b main --template= --ref-format=reftable");
        ground.commit(&ground.shop(), "f.txt", "1\n");
        ground.commit(&ground.shop(), "f.txt", "2\n");
        ground.commit(&ground.shop(), "f.txt", "3\n");
        ground.run("init a b --no-hooks");
        ground.git("add tracks.toml");
        ground.git("commit -q -m declare");
        let stopped = ground.try_git_in(&ground.track("a"), &format!("{command} main~2"));
        assert!(!stopped.status.success());
        // With the conflict settled only the mark is left.
        ground.git_in(&ground.track("a"), "checkout -q HEAD -- f.txt");
        let said = ground.run("prune");
        assert!(said.contains(name), "{command}: {said}");
    }
}

#[test]
fn locks_of_git_s_stop_no_look() {
    let ground = Ground::with_tracks();
    write(&ground.track("a").join("new.txt"), "x\n");
    let before = ground.run("sync");
    for lock in ["index.lock", "packed-refs.lock", "config.lock", "HEAD.lock", "worktrees/track-a/index.lock"] {
        write(&ground.shop().join(".git").join(lock), "");
    }
    for command in ["list", "matrix", "check --all", "report"] {
        assert!(!ground.run(command).contains("-- exit 2"), "{command}");
    }
    assert_eq!(ground.run("sync"), before);
}
