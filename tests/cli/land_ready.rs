//! `tracks land --ready` and `--finish`: what is ready lands, as much of it as goes; what has landed is cleared away and
//! holds nobody up.

use snapbox::{assert_data_eq, str};

use crate::support::{Ground, timeless, write};

/// Tracks as declared; each commits what it is given.
fn with(declared: &str, changes: &[(&str, &str, &str)]) -> Ground {
    let ground = Ground::new();
    ground.write("f.txt", "1\n2\n3\n");
    ground.write("tracks.toml", &format!("target = \"main\"\n{declared}"));
    ground.git("add .");
    ground.git("commit -q -m declare");
    ground.run("init --no-hooks");
    for (track, path, content) in changes {
        ground.commit(&ground.track(track), path, content);
    }
    ground
}

fn ready(ground: &Ground, tracks: &[&str]) {
    for track in tracks {
        ground.run(&format!("note {track} --ready"));
    }
}

fn state(ground: &Ground, id: &str) -> String {
    let listed: serde_json::Value = serde_json::from_str(&ground.run("list --format json")).expect("JSON");
    let found = listed["tracks"].as_array().expect("a list").iter().find(|track| track["id"] == id);
    found.expect("declared")["state"].as_str().expect("text").to_owned()
}

#[test]
fn the_most_that_go_together_land() {
    let declared = "[tracks.a]\n[tracks.b]\n[tracks.c]\n[tracks.d]\ndepends-on = ['e']\n[tracks.e]\n\
                    owns = ['src/**']\n[tracks.f]\nowns = ['f/**']\n[tracks.g]\ndepends-on = ['c']\n[tracks.h]\n";
    let ground = with(
        declared,
        &[
            ("a", "f.txt", "a\n2\nc\n"),
            ("b", "f.txt", "b\n2\n3\n"),
            ("c", "f.txt", "1\n2\nC\n"),
            ("d", "d.txt", "d\n"),
            ("e", "e.txt", "e\n"),
            ("f", "src/f.rs", "f\n"),
            ("g", "g.txt", "g\n"),
            ("h", "h.txt", "h\n"),
        ],
    );
    assert_data_eq!(
        ground.run("land --ready"),
        str![[r#"
nothing to do
-- stderr
no track is ready: `tracks note TRACK --ready` says that one is

"#]]
    );
    ready(&ground, &["a", "b", "c", "d", "f", "g", "h"]);
    ground.run_words(&ground.shop(), &["note", "h", "--blocked-by", "the key is missing"]);
    let before = ground.git("rev-parse main");
    assert_data_eq!(
        ground.run("land --ready --dry-run"),
        str![[r#"
would land track b  on main as 3ac5316b93: Merge track b
would land track c  on main as 7df715545d: Merge track c
would land track g  on main as 2a84ac86c0: Merge track g
would leave track a  it conflicts with b and c
would leave track d  it waits: e has not landed
would leave track f  1 error of ownership.foreign: `tracks check` says more
would leave track h  it waits: the key is missing
-- stderr
track a conflicts with main now, on 1 path: tracks show main a

"#]]
    );
    assert_eq!(ground.git("rev-parse main"), before);
    assert_data_eq!(
        ground.run("land --ready"),
        str![[r#"
landed track b  on main as 3ac5316b93: Merge track b
landed track c  on main as 7df715545d: Merge track c
landed track g  on main as 2a84ac86c0: Merge track g
left track a  it conflicts with b and c
left track d  it waits: e has not landed
left track f  1 error of ownership.foreign: `tracks check` says more
left track h  it waits: the key is missing
-- stderr
track a conflicts with main now, on 1 path: tracks show main a

"#]]
    );
    assert_eq!(ground.read("f.txt"), "b\n2\nC\n");
    assert_data_eq!(
        ground.run("land --ready"),
        str![[r#"
left track a  it conflicts with main
left track d  it waits: e has not landed
left track f  1 error of ownership.foreign: `tracks check` says more
left track h  it waits: the key is missing
-- exit 1

"#]]
    );
    assert_data_eq!(
        ground.run("land h e"),
        str![[r#"
-- stderr
tracks: nothing lands: track `h` waits: the key is missing
  hint: when that is out of the way: `tracks note h --unblock 9475210188`
-- exit 2

"#]]
    );
}

#[test]
fn contracts_hold_back_until_they_land() {
    let declared = "[tracks.a]\n[tracks.b]\n[contracts.api]\ntrack = 'b'\npaths = ['api.yaml']\nconsumers = ['a']\n";
    let ground = with(declared, &[("a", "a.txt", "a\n"), ("b", "b.txt", "b\n")]);
    assert_data_eq!(
        ground.refused("land a"),
        str![[r#"
-- stderr
tracks: nothing lands: track `a` waits: `api` of `b` is promised, and not on `main`
  hint: land `api` first: `tracks order` says who has written it
-- exit 2

"#]]
    );
    ground.commit(&ground.track("b"), "api.yaml", "x\n");
    ready(&ground, &["a", "b"]);
    assert_data_eq!(
        ground.run("land --ready"),
        str![[r#"
landed track b  on main as fc40887669: Merge track b
landed track a  on main as 6ace82f321: Merge track a

"#]]
    );
}

#[test]
fn what_has_landed_is_cleared_away_and_holds_nobody_up() {
    for style in ["", "--squash", "--ff"] {
        let ground =
            with("[tracks.a]\n[tracks.b]\ndepends-on = ['a']\n", &[("a", "a.txt", "a\n"), ("b", "b.txt", "b\n")]);
        let said = ground.run(&format!("land a {style} --finish"));
        assert!(said.contains("deleted branch feature/track-a"), "{said}");
        assert!(!ground.track("a").exists() && ground.git("branch --list feature/track-a").is_empty());
        assert!(ground.git("status --porcelain --untracked-files=no").is_empty(), "it stays declared");
        if style != "--ff" {
            assert_eq!(state(&ground, "a"), "landed");
            assert!(!ground.run("sync").contains("track.missing"));
            assert!(ground.run("sync").contains("merged    b"), "{}", ground.run("sync"));
            assert_data_eq!(ground.run("land a"), "skipped track a  it has nothing that main lacks\n");
            assert!(ground.run("init --no-hooks").starts_with("nothing to do"));
            let said = ground.run("land b");
            assert!(said.starts_with("landed track b"), "{said}");
        }
    }
}

#[test]
fn what_would_be_lost_stays_and_is_said() {
    let ground = with("[tracks.a]\n[tracks.b]\n", &[("a", "a.txt", "a\n"), ("b", "b.txt", "b\n")]);
    write(&ground.track("a").join("loose.txt"), "mine\n");
    assert_data_eq!(
        ground.run("land a b --finish --dry-run"),
        str![[r#"
would land track a  on main as a924d73967: Merge track a
would land track b  on main as b2f0644cc7: Merge track b
would remove track a  worktree and branch, where nothing in them is nowhere else
would remove track b  worktree and branch, where nothing in them is nowhere else

"#]]
    );
    assert_data_eq!(
        timeless(&ground.run("land a b --finish")),
        str![[r#"
landed track a  on main as a924d73967: Merge track a
landed track b  on main as b2f0644cc7: Merge track b
saved track b  as b@[TIME]; back with `tracks checkpoint restore b@[TIME] --to worktrees/track-b`
removed worktree worktrees/track-b
deleted branch feature/track-b  it was at 3c0ca9c5ff72f4835987a055d0d92ec687710e21
-- stderr
tracks: track `a` stays as it is: track `a` is not removed: 1 untracked file
  hint: commit it: `git -C worktrees/track-a add --all && git -C worktrees/track-a commit`
-- exit 3

"#]]
    );
    assert!(ground.track("a").join("loose.txt").exists() && !ground.track("b").exists());
    std::fs::remove_file(ground.track("a").join("loose.txt")).expect("removed");
    assert_data_eq!(
        timeless(&ground.run("land a --finish")),
        str![[r#"
skipped track a  it has nothing that main lacks
saved track a  as a@[TIME]; back with `tracks checkpoint restore a@[TIME] --to worktrees/track-a`
removed worktree worktrees/track-a
deleted branch feature/track-a  it was at e2f6711001247418aae4e0986d309c07b1b034c9

"#]]
    );
    assert_data_eq!(
        timeless(&ground.run("undo 2")),
        str![[r#"
undid event 4, `land a`  of [WHEN] by Kim
created branch feature/track-a  at e2f6711001247418aae4e0986d309c07b1b034c9
created worktree worktrees/track-a
undid event 3, `land a b`  of [WHEN] by Kim
created branch feature/track-b  at 3c0ca9c5ff72f4835987a055d0d92ec687710e21
created worktree worktrees/track-b
-- stderr
back again with `tracks undo --of 6`

"#]]
    );
}

#[test]
fn nothing_to_land_needs_no_clean_target() {
    let ground = with("[tracks.a]\n", &[("a", "a.txt", "a\n")]);
    ground.run("land a");
    ground.write("f.txt", "mine\n");
    assert_data_eq!(ground.run("land a"), "skipped track a  it has nothing that main lacks\n");
}

#[test]
fn a_track_that_landed_by_moving_the_target_holds_nobody_up() {
    let ground = with("[tracks.a]\n[tracks.b]\ndepends-on = ['a']\n", &[("b", "b.txt", "b\n")]);
    assert!(ground.refused("land b").contains("`a` has not landed"), "nothing was done on it");
    ground.commit(&ground.track("a"), "a.txt", "a\n");
    ground.run("land a --ff");
    assert_eq!(state(&ground, "a"), "landed");
    assert!(ground.run("land b").starts_with("landed track b"));
}

#[test]
fn a_track_that_went_on_is_known_to_be_reverted() {
    for style in ["--merge", "--squash"] {
        let ground = with("[tracks.a]\n", &[("a", "a.txt", "a\n")]);
        let state = || state(&ground, "a");
        ground.run(&format!("land a {style}"));
        ground.run("land a --revert");
        assert_eq!(state(), "reverted", "{style}");
        ground.commit(&ground.track("a"), "more.txt", "a\n");
        assert_eq!(state(), "reverted", "{style}");
        ground.run(&format!("land a {style}"));
        assert_eq!(state(), "landed", "{style}");
        ground.commit(&ground.track("a"), "more.txt", "b\n");
        assert_eq!(state(), "working", "{style}");
        let said = ground.run(&format!("land a {style}"));
        assert!(said.starts_with("landed track a") && !said.contains("reverted"), "{said}");
        ground.run("land a --revert");
        assert_eq!((state().as_str(), ground.read("more.txt").as_str()), ("reverted", "a\n"), "{style}");
        ground.run(&format!("land a {style}"));
        assert_eq!((state().as_str(), ground.read("more.txt").as_str()), ("landed", "b\n"), "{style}");
    }
}
