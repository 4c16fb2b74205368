//! `tracks sync`: everything about all tracks at once.

mod stalls;

use std::fs;

use snapbox::{assert_data_eq, str};

use crate::support::{Ground, write};

/// `a` and `b` change the same line of `src/a.rs`, `b` without committing it.
pub fn with_conflict() -> Ground {
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
#[allow(clippy::too_many_lines, reason = "the whole output is compared")]
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
