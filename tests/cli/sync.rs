//! `tracks sync`: everything about all tracks at once.

use std::fs;

use snapbox::{IntoData, assert_data_eq, str};

use crate::support::{Ground, write};

/// `a` and `b` change the same line of `src/a.rs`, `b` without committing it.
fn with_conflict() -> Ground {
    let ground = Ground::with_tracks();
    ground.commit(&ground.track("a"), "src/a.rs", "fn a() { one() }\n");
    write(&ground.track("b").join("src/a.rs"), "fn a() { two() }\n");
    write(&ground.track("b").join("src/b.rs"), "fn b() {}\n");
    ground
}

#[test]
fn a_conflict_with_uncommitted_work_is_found() {
    let ground = with_conflict();
    assert_data_eq!(
        ground.run("sync"),
        str![[r#"
main 54f5adb1f6, 2 tracks, git [GIT]

  track  state       ahead  behind  uncommitted  conflicts with
  a      conflicted      1       1               b
  b      conflicted              1            2  a

Conflicts
a and b  with uncommitted work of b
  src/a.rs  content
       a                │    b
    1  fn a() { one() } │ 1  fn a() { two() }
  cure: agree who changes it; look at both sides with `tracks show a b`

Integration refs/tracks/integration/main 0389ceb61c
  merged    a, b

1 error, all new; 2 of 3 pairs clean; integration holds a, b
next: tracks show a b
-- exit 1

"#]]
    );
    assert_data_eq!(
        ground.run("sync --committed"),
        str![[r#"
main 54f5adb1f6, 2 tracks, git [GIT]

  track  state    ahead  behind
  a      working      1       1
  b      working              1

Integration refs/tracks/integration/main 0389ceb61c
  merged    a, b

no findings; 3 of 3 pairs clean; integration holds a, b
next: git log --oneline main..refs/tracks/integration/main

"#]]
    );
}

#[test]
fn what_it_found_as_json() {
    let ground = with_conflict();
    assert_data_eq!(
        ground.run("sync --format json"),
        str![[r#"
{
  "schema": 1,
  "command": "sync",
  "git": "[GIT]",
  "target": {
    "name": "main",
    "commit": "54f5adb1f6d1f686d2b0c1ba2d240557c3ffca4c"
  },
  "tracks": [
    {
      "id": "a",
      "branch": "feature/track-a",
      "commit": "cb03683e85b873b8061eb36d599e571a9f2eb5f5",
      "tree": "416938934c2f4c7f89e3e8541fa69f920ef61c89",
      "worktree": "[ROOT]/shop/worktrees/track-a",
      "dirty": 0,
      "ahead": 1,
      "behind": 1,
      "depends_on": [],
      "state": "conflicted",
      "blocked_by": [],
      "conflicts_with": [
        "b"
      ],
      "findings": 1,
      "last_activity": "2024-10-01T12:00:00Z"
    },
    {
      "id": "b",
      "branch": "feature/track-b",
      "commit": "3fc63102449becd51aa1eadcec7439c56961ed1f",
      "tree": "aff2fea8a7f2e3a9485c5fe11bdadf132257e7ec",
      "worktree": "[ROOT]/shop/worktrees/track-b",
      "dirty": 2,
      "ahead": 0,
      "behind": 1,
      "depends_on": [],
      "state": "conflicted",
      "blocked_by": [],
      "conflicts_with": [
        "a"
      ],
      "findings": 1,
      "last_activity": "2024-10-01T12:00:00Z"
    }
  ],
  "pairs": [
    {
      "ours": "main",
      "theirs": "a",
      "verdict": "disjoint",
      "conflicts": [],
      "uncommitted": []
    },
    {
      "ours": "main",
      "theirs": "b",
      "verdict": "disjoint",
      "conflicts": [],
      "uncommitted": [
        "b"
      ]
    },
    {
      "ours": "a",
      "theirs": "b",
      "verdict": "conflict",
      "conflicts": [
        {
          "path": "src/a.rs",
          "kind": "content",
          "ours_lines": [
            [
              1,
              1
            ]
          ],
          "theirs_lines": [
            [
              1,
              1
            ]
          ]
        }
      ],
      "uncommitted": [
        "b"
      ]
    }
  ],
  "integration": {
    "ref": "refs/tracks/integration/main",
    "commit": "0389ceb61c4b0310a1206dc570cc9d004a650a46",
    "tree": "d4fcccbb79c63a3032055887671df3df63b4b906",
    "merged": [
      "a",
      "b"
    ],
    "held_out": []
  },
  "findings": [
    {
      "rule": "conflict.content",
      "severity": "error",
      "tracks": [
        "b",
        "a"
      ],
      "path": "src/a.rs",
      "lines": [
        [
          1,
          1
        ]
      ],
      "message": "`a` and `b`: both changed the same lines (lines 1 against 1)",
      "cure": "agree who changes it; look at both sides with `tracks show a b`",
      "fingerprint": "88baf9875dfd4dc2",
      "first_seen": "[NOW]",
      "state": "new"
    }
  ],
  "summary": {
    "errors": 1,
    "warnings": 0,
    "infos": 0,
    "disjoint": 2,
    "clean": 0,
    "conflict": 1,
    "unknown": 0,
    "readiness": "partial",
    "critical_issues": [
      "`a` and `b`: both changed the same lines (lines 1 against 1)"
    ],
    "recommendations": [
      "agree who changes it; look at both sides with `tracks show a b`"
    ]
  }
}
-- exit 1

"#]]
    );
}

#[test]
fn nothing_of_the_users_is_touched() {
    let ground = with_conflict();
    let index = ground.shop().join(".git/worktrees/track-b/index");
    let before = (ground.state(), fs::read(&index).expect("an index"));
    ground.run("sync --dry-run");
    ground.assert_unchanged(&before.0);
    assert_eq!(fs::read(&index).expect("an index"), before.1);
    ground.run("sync");
    let refs = ground.git("for-each-ref --format=%(refname) refs/tracks refs/stash");
    assert_eq!(refs, "refs/tracks/integration/main\n");
    assert_eq!(fs::read(&index).expect("an index"), before.1);
    assert_eq!(ground.git("fsck --no-dangling"), "");
}

#[test]
fn the_integration_is_what_merging_in_order_gives() {
    let ground = with_conflict();
    ground.commit(&ground.track("b"), "src/c.rs", "fn c() {}\n");
    ground.run("sync --committed");
    ground.git("switch -q --detach main");
    ground.git("merge -q --no-ff --no-edit feature/track-a");
    ground.git("merge -q --no-ff --no-edit feature/track-b");
    assert_eq!(ground.git("rev-parse HEAD^{tree}"), ground.git("rev-parse refs/tracks/integration/main^{tree}"));
}

#[test]
fn only_what_is_new_counts_with_new() {
    let ground = with_conflict();
    let ends = |words| ground.run(words).lines().last().map(str::to_owned);
    assert_eq!(ends("sync --new").as_deref(), Some("-- exit 1"));
    assert_eq!(ends("sync --new").as_deref(), Some("next: tracks show a b"));
    assert_eq!(ends("sync").as_deref(), Some("-- exit 1"));
}

#[test]
fn the_answer_is_the_same_from_everywhere() {
    let ground = with_conflict();
    let expected = ground.run("sync --format json --dry-run");
    let from = |folder: &std::path::Path| ground.run_in(folder, "sync --format json --dry-run");
    assert_eq!(from(&ground.track("a")), expected);
    assert_eq!(from(&ground.track("b").join("src")), expected);
    ground.git("switch -q --detach");
    assert_eq!(from(&ground.shop()), expected);
}

#[test]
fn the_variables_of_a_hook_lead_nowhere_else() {
    let ground = with_conflict();
    let expected = ground.run("sync --format json --dry-run");
    let admin = ground.shop().join(".git/worktrees/track-a");
    let mut command = ground.command(env!("CARGO_BIN_EXE_tracks"), &ground.track("a"));
    command.env("GIT_DIR", &admin).env("GIT_INDEX_FILE", admin.join("index")).env("GIT_PREFIX", "src/");
    command.env("GIT_WORK_TREE", ground.track("a"));
    let output = command.args(["sync", "--format", "json", "--dry-run"]).output().expect("it runs");
    assert_eq!(ground.said(&output), expected);
}

#[test]
fn worktrees_outside_and_a_bare_repository() {
    let ground = with_conflict();
    let bare = ground.root.join("bare.git");
    ground.git("clone -q --bare . ../bare.git");
    for id in ["a", "b"] {
        let outside = ground.root.join(format!("outside-{id}"));
        let words =
            ["worktree", "add", "-q", &outside.to_string_lossy(), &format!("feature/track-{id}")].map(str::to_owned);
        let output = ground.command("git", &bare).args(words).output().expect("git is installed");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    write(&ground.root.join("outside-b/src/a.rs"), "fn a() { two() }\n");
    assert_data_eq!(
        ground.run_in(&bare, "sync"),
        str![[r#"
main 54f5adb1f6, 2 tracks, git [GIT]

  track  state       ahead  behind  uncommitted  conflicts with
  a      conflicted      1       1               b
  b      conflicted              1            1  a

Conflicts
a and b  with uncommitted work of b
  src/a.rs  content
       a                │    b
    1  fn a() { one() } │ 1  fn a() { two() }
  cure: agree who changes it; look at both sides with `tracks show a b`

Integration refs/tracks/integration/main 0389ceb61c
  merged    a, b

1 error, all new; 2 of 3 pairs clean; integration holds a, b
next: tracks show a b
-- exit 1

"#]]
    );
}

#[test]
fn a_track_that_cannot_be_read_is_unknown_and_the_rest_is_judged() {
    let ground = with_conflict();
    ground.run("add c");
    ground.commit(&ground.track("b"), "src/a.rs", "fn a() { two() }\n");
    let merge = ground.try_git_in(&ground.track("b"), "merge feature/track-a");
    assert!(!merge.status.success(), "it conflicts");
    assert_data_eq!(
        ground.run("sync"),
        str![[r#"
main 54f5adb1f6, 3 tracks, git [GIT]

  track  state    ahead  behind  uncommitted
  a      working      1       1
  b      working      1       1            ?
  c      working

Errors
  b  conflict.unknown
    cannot be judged: an unfinished merge: `src/a.rs` is still in conflict in `[ROOT]/shop/worktrees/track-b`
    cure: see what is there with `git -C "$(tracks path b)" status`, or judge commits alone with `--committed`

Notes
  c  ownership.policy  tracks.toml
    the entry of `c` is not on `main` yet: what it owns yields to every track that is
    cure: commit `tracks.toml` on `main`

Integration refs/tracks/integration/main 0389ceb61c
  merged    a, c
  held out  b: conflicts with a in src/a.rs

1 error, 1 note, all new; 3 of 6 pairs clean; 3 unknown; integration holds a, c; held out: b
next: tracks explain conflict.unknown
-- exit 1

"#]]
    );
}

#[test]
fn a_branch_or_a_folder_that_is_gone_is_said() {
    let ground = with_conflict();
    fs::remove_dir_all(ground.track("a")).expect("removed");
    ground.git("worktree remove --force worktrees/track-b");
    ground.git("branch -q -D feature/track-b");
    assert_data_eq!(
        ground.run("sync"),
        str![[r#"
main 54f5adb1f6, 2 tracks, git [GIT]

  track  state    ahead  behind  uncommitted
  a      missing      1       1
  b      missing      ?       ?            ?

Warnings
  a  track.missing
    the folder of its worktree, `[ROOT]/shop/worktrees/track-a`, is gone
    cure: `tracks init` says how to bring it back
  b  track.missing
    its branch `feature/track-b` does not exist
    cure: make it with `tracks init`

Integration refs/tracks/integration/main 0389ceb61c
  merged    a

2 warnings, all new; 1 of 1 pair clean; integration holds a
next: git log --oneline main..refs/tracks/integration/main

"#]]
    );
}

#[test]
fn an_object_that_cannot_be_read_makes_it_unknown() {
    let ground = with_conflict();
    let id = ground.git("rev-parse feature/track-a:src").trim().to_owned();
    let object = ground.shop().join(format!(".git/objects/{}/{}", &id[..2], &id[2..]));
    fs::remove_file(&object).expect("it is loose");
    assert_data_eq!(
        ground.run("sync --committed"),
        str![[r#"
main 54f5adb1f6, 2 tracks, git [GIT]

  track  state    ahead  behind
  a      working      1       1
  b      working              1

Errors
  a  conflict.unknown
    cannot be judged: object 163391b5beb25cd21f526415174995f0b17eb7f4 is missing
    cure: see what is there with `git -C "$(tracks path a)" status`, or judge commits alone with `--committed`

Integration refs/tracks/integration/main 0389ceb61c
  merged    a
  held out  b: object 163391b5beb25cd21f526415174995f0b17eb7f4 is missing

1 error, all new; 3 of 3 pairs clean; integration holds a; held out: b
next: tracks explain conflict.unknown
-- stderr
the result could not be kept: object 163391b5beb25cd21f526415174995f0b17eb7f4 is missing
-- exit 1

"#]]
    );
}

#[test]
fn names_that_a_terminal_would_obey_are_shown_escaped() {
    let ground = Ground::with_tracks();
    for (id, content) in [("a", "1\n"), ("b", "2\n")] {
        let track = ground.track(id);
        let name = std::ffi::OsStr::new("odd\nname \u{1b}[31m\u{202e}.txt");
        fs::write(track.join(name), content).expect("written");
        write_bytes(&track, b"not \xff UTF-8", content);
    }
    assert_data_eq!(
        ground.run("sync"),
        str![[r#"
main 54f5adb1f6, 2 tracks, git [GIT]

  track  state       behind  uncommitted  conflicts with
  a      conflicted       1            2  b
  b      conflicted       1            2  a

Conflicts
a and b  with uncommitted work of a and b
  not \xff UTF-8  add-add
       a                │    b
    1  1                │ 1  2
  odd\nname \x1b[31m\u{202e}.txt  add-add
       a                │    b
    1  1                │ 1  2
  cure: agree who changes it; look at both sides with `tracks show a b`

Integration refs/tracks/integration/main 54f5adb1f6
  merged    a, b

2 errors, all new; 2 of 3 pairs clean; integration holds a, b
next: tracks show a b
-- exit 1

"#]]
        .raw()
    );
}

fn write_bytes(folder: &std::path::Path, name: &[u8], content: &str) {
    use std::os::unix::ffi::OsStrExt;
    fs::write(folder.join(std::ffi::OsStr::from_bytes(name)), content).expect("written");
}

#[test]
fn refusals() {
    let ground = Ground::new();
    assert_data_eq!(
        ground.refused("sync"),
        str![[r#"
-- stderr
tracks: there is no `tracks.toml`, so no track is declared
  hint: declare some with `tracks init a b c`, or write a commented file to start from with `tracks init`
-- exit 2

"#]]
    );
    ground.write("tracks.toml", "[tracks.a]\nown = []\n");
    assert_data_eq!(
        ground.refused("sync"),
        str![[r#"
-- stderr
tracks: unknown key `own`, did you mean `owns`?
 --> tracks.toml:2:1
  |
2 | own = []
  | ^^^
-- exit 2

"#]]
    );
    ground.write("tracks.toml", "target = 'gone'\n[tracks.a]\n");
    assert_data_eq!(
        ground.refused("sync"),
        str![[r#"
-- stderr
tracks: there is no branch `gone`, on which the tracks are to land
  hint: name another one as `target` in `tracks.toml`
-- exit 2

"#]]
    );
    let empty = Ground::empty();
    assert_data_eq!(
        empty.refused("sync"),
        str![[r#"
-- stderr
tracks: this repository has no commit yet
  hint: make one with `git commit --allow-empty -m 'first commit'`
-- exit 2

"#]]
    );
    assert_data_eq!(
        empty.run_in(&empty.root, "sync"),
        str![[r#"
-- stderr
tracks: this is not a git repository
  hint: run it inside one, or name one with `-C DIR`
-- exit 2

"#]]
    );
}

#[test]
fn a_worktree_that_lost_its_link_is_unknown_and_can_be_mended() {
    let ground = with_conflict();
    fs::write(ground.track("a").join(".git"), "garbage\n").expect("written");
    assert_data_eq!(
        ground.run("sync"),
        str![[r#"
main 54f5adb1f6, 2 tracks, git [GIT]

  track  state    ahead  behind  uncommitted
  a      working      1       1            ?
  b      working              1            2

Errors
  a  conflict.unknown
    cannot be judged: has lost its link to the repository
    cure: mend it with `git worktree repair worktrees/track-a`

Integration refs/tracks/integration/main 0389ceb61c
  merged    a, b

1 error, all new; 1 of 3 pairs clean; 2 unknown; integration holds a, b
next: tracks explain conflict.unknown
-- exit 1

"#]]
    );
    assert_data_eq!(
        ground.refused("-C /nowhere/at/all sync"),
        str![[r#"
-- stderr
tracks: `/nowhere/at/all` is no folder
-- exit 2

"#]]
    );
}
