//! `tracks note`: what is said of a track counts until it is no longer so, and travels without loss.

use snapbox::{assert_data_eq, str};

use crate::support::{Ground, timeless, write};

fn ground() -> Ground {
    let ground = Ground::new();
    let declared = "[tracks.a]\ndelivers = ['api/*.ts', 'docs/**']\n[tracks.b]\n[tracks.c]\n\
                    [contracts.api]\ntrack = 'a'\npaths = ['api.yaml']\n";
    ground.write("tracks.toml", &format!("target = \"main\"\n{declared}"));
    ground.git("add .");
    ground.git("commit -q -m declare");
    ground.run("init --no-hooks");
    ground
}

fn states(ground: &Ground) -> Vec<String> {
    let listed: serde_json::Value = serde_json::from_str(&ground.run("list --format json")).expect("JSON");
    let state = |track: &serde_json::Value| {
        let by: Vec<String> = track["blocked_by"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|b| {
                format!(
                    " {}:{} ({})",
                    b["kind"],
                    if b["kind"] == "note" { "ID" } else { b["id"].as_str().expect("text") },
                    b["reason"]
                )
            })
            .collect();
        format!("{} {}{}", track["id"], track["state"], by.concat()).replace('"', "")
    };
    listed["tracks"].as_array().expect("a list").iter().map(state).collect()
}

#[test]
fn ready_needs_what_is_to_be_delivered_and_lapses() {
    let ground = ground();
    let a = ground.track("a");
    ground.commit(&a, "api/x.ts", "x\n");
    let before = ground.git("for-each-ref");
    assert_data_eq!(
        ground.run_in(&a, "note --ready"),
        str![[r#"
-- stderr
tracks: track `a` is not ready: 1 pattern of its `delivers` matches nothing that is committed: `docs/**`
  hint: commit what is missing, or change `delivers` in `tracks.toml` on the target
-- exit 2

"#]]
    );
    assert_eq!(ground.git("for-each-ref"), before);
    ground.commit(&a, "docs/x.md", "x\n");
    write(&a.join("loose.txt"), "x\n");
    assert_data_eq!(
        ground.run_in(&a, "note --ready --dry-run"),
        str![[r#"
would note track a  ready at cf1aba37e6
-- stderr
not committed, and so no part of it: 1 file of track a

"#]]
    );
    assert_data_eq!(
        ground.run_words(&a, &["note", "--ready", "-m", "all of it\nreviewed by Kim"]),
        str![[r#"
noted track a  ready at cf1aba37e6
-- stderr
not committed, and so no part of it: 1 file of track a

"#]]
    );
    assert_eq!(states(&ground)[0], "a ready");
    assert_data_eq!(
        ground.run("note a"),
        str![[r#"
a  2024-10-01T12:00:00Z  Kim  ready at cf1aba37e6
  all of it
  reviewed by Kim

"#]]
    );
    assert_data_eq!(
        ground.run("note --format markdown"),
        str![[r#"
### Notes

| track | time | author | note | what |
| --- | --- | --- | --- | --- |
| a | 2024-10-01T12:00:00Z | Kim | ready | cf1aba37e65a47cfe5115758291d2b8d30380e6e; all of it//nreviewed by Kim |

"#]]
    );
    ground.commit(&a, "docs/y.md", "y\n");
    assert_eq!(states(&ground)[0], "a working");
    assert_data_eq!(
        ground.run("note a --format json"),
        str![[r#"
{
  "schema": 1,
  "command": "note",
  "notes": [
    {
      "id": "32663e9a14ac529f1b52691cb90bcb04ba983a2a",
      "track": "a",
      "kind": "ready",
      "time": "2024-10-01T12:00:00Z",
      "author": "Kim",
      "commit": "cf1aba37e65a47cfe5115758291d2b8d30380e6e",
      "text": "all of it/nreviewed by Kim",
      "stands": false
    }
  ]
}

"#]]
    );
}

#[test]
fn what_blocks_a_track_is_said_and_taken_away() {
    let ground = ground();
    let note = |words: &[&str]| ground.run_words(&ground.track("b"), &[&["note"], words].concat());
    ground.commit(&ground.track("a"), "a.txt", "a\n");
    let said = [
        note(&["--blocked-by", "a", "-m", "needs its\nschema"]),
        note(&["--blocked-by", "contract:api"]),
        note(&["--blocked-by", "the key of the\nstaging host"]),
        note(&["--decision", "a goes first", "-m", "it is smaller"]),
        note(&["-m", "see #12"]),
    ];
    assert_data_eq!(
        said.concat(),
        str![[r#"
noted track b  blocked by track a
noted track b  blocked by contract api
noted track b  blocked by the key of the staging host
noted track b  decided: a goes first
noted track b  see #12

"#]]
    );
    assert_eq!(
        states(&ground)[1..],
        [
            "b blocked track:a (`a` has not landed: needs its schema) contract:api (`api` of `a` is promised, and not on `main`) note:ID (the key of the staging host)",
            "c working"
        ]
    );
    ground.git("merge -q --no-ff --no-edit feature/track-a");
    ground.commit(&ground.shop(), "api.yaml", "x\n");
    assert_eq!(states(&ground)[1], "b blocked note:ID (the key of the staging host)");
    assert_data_eq!(
        note(&["--unblock", "the key of the staging host", "-m", "came by mail"]),
        str![[r#"
noted track b  no longer blocked by the key of the staging host

"#]]
    );
    assert_eq!(states(&ground)[1], "b working");
    assert_data_eq!(
        ground.run("note"),
        str![[r#"
b  2024-10-01T12:00:00Z  Kim  blocked by track a
  needs its
  schema
b  2024-10-01T12:00:00Z  Kim  blocked by contract api
b  2024-10-01T12:00:00Z  Kim  was blocked by the key of the staging host
b  2024-10-01T12:00:00Z  Kim  decided: a goes first
  it is smaller
b  2024-10-01T12:00:00Z  Kim
  see #12
b  2024-10-01T12:00:00Z  Kim  no longer blocked by the key of the staging host
  came by mail

"#]]
    );
    assert_data_eq!(
        timeless(&ground.run("undo")),
        str![[r#"
undid event 7, `note`  of [WHEN] by Kim
moved refs/tracks/notes/b  back to 4b9ba3c34ff28beb0e8a3595a4b5bfaa539dd4fd
-- stderr
back again with `tracks undo --of 8`

"#]]
    );
    assert_eq!(states(&ground)[1], "b blocked note:ID (the key of the staging host)");
    assert_data_eq!(
        ground.run("deinit --dry-run"),
        str![[r#"
would remove lines of tracks  from info/exclude
would remove state  the last result, what is remembered, the log, and the lock
would keep notes on 1 track  in refs/tracks/notes: see `tracks note`
would keep the worktrees of 3 tracks  see which can go with `tracks prune`
would keep the branches of 3 tracks  delete one with `git branch -d BRANCH`
would keep tracks.toml  remove it with `git rm tracks.toml`

"#]]
    );
}

#[test]
fn what_makes_no_sense_is_refused() {
    let ground = ground();
    ground.run_words(&ground.shop(), &["note", "c", "--blocked-by", "the key of the host"]);
    let words: [&[&str]; 10] = [
        &["note", "c", "--unblock", "the key"],
        &["note", "--ready"],
        &["note", "x", "--ready"],
        &["note", "b", "--blocked-by", "b"],
        &["note", "b", "--blocked-by", "cc"],
        &["note", "b", "--blocked-by", "contract:apj"],
        &["note", "b", "--blocked-by", " "],
        &["note", "b", "-m", "\n"],
        &["note", "b", "--unblock", "a"],
        &["note", "b", "--ready", "--decision", "x"],
    ];
    let said: Vec<String> = words.iter().map(|words| ground.run_words(&ground.shop(), words)).collect();
    assert_data_eq!(
        said.concat(),
        str![[r#"
-- stderr
tracks: no note says that track `c` is blocked by `the key`
  hint: notes name `the key of the host`
-- exit 2
-- stderr
tracks: this is no worktree of a track, and none is named
  hint: name it: `tracks note TRACK …`
-- exit 2
-- stderr
tracks: there is no track `x`
  hint: declared are `a`, `b` and `c`
-- exit 2
-- stderr
tracks: track `b` cannot stand in its own way
-- exit 2
-- stderr
tracks: there is no track `cc`
  hint: did you mean `c`? Anything else takes more than one word
-- exit 2
-- stderr
tracks: there is no contract `apj`
  hint: did you mean `api`?
-- exit 2
-- stderr
tracks: there is nothing to note
  hint: say it: `tracks note -m TEXT`
-- exit 2
-- stderr
tracks: there is nothing to note
  hint: say it: `tracks note -m TEXT`
-- exit 2
-- stderr
tracks: no note says that track `b` is blocked by `a`
  hint: see what else keeps it: `tracks list`, `depends-on` in `tracks.toml`
-- exit 2
-- stderr
error: the argument '--ready' cannot be used with '--decision <TEXT>'

Usage: tracks note --ready <TRACK>

For more information, try '--help'.
-- exit 2

"#]]
    );
    assert!(ground.git("for-each-ref refs/tracks/notes/b").is_empty());
}

#[test]
fn two_machines_lose_nothing() {
    let ground = ground();
    ground.git("init -q --bare -b main ../far.git");
    ground.git("push -q ../far.git main feature/track-a feature/track-b feature/track-c");
    ground.git("clone -q ../far.git ../other");
    let other = ground.root.join("other");
    ground.git_in(&other, "branch -q feature/track-a origin/feature/track-a");
    ground.git_in(&other, "branch -q feature/track-b origin/feature/track-b");
    let far = ground.root.join("far.git");
    let far = far.to_str().expect("UTF-8");
    let here = |words: &[&str]| ground.run_words(&ground.shop(), words);
    let there = |words: &[&str]| ground.run_words(&other, words);
    here(&["note", "a", "-m", "first, here"]);
    there(&["note", "a", "-m", "first, there"]);
    there(&["note", "b", "-m", "only there"]);
    assert_data_eq!(
        here(&["note", "--share", far]),
        str![[r#"
pushed notes on track a  to [ROOT]/far.git

"#]]
    );
    assert_data_eq!(
        there(&["note", "--share", far]),
        str![[r#"
took notes on track a  1 new note from [ROOT]/far.git
pushed notes on track a  to [ROOT]/far.git
pushed notes on track b  to [ROOT]/far.git

"#]]
    );
    here(&["note", "a", "-m", "second, here"]);
    there(&["note", "a", "-m", "second, there"]);
    assert_data_eq!(
        there(&["note", "--share", far]),
        str![[r#"
pushed notes on track a  to [ROOT]/far.git

"#]]
    );
    assert_data_eq!(
        here(&["note", "--share", far]),
        str![[r#"
took notes on track a  2 new notes from [ROOT]/far.git
took notes on track b  1 new note from [ROOT]/far.git
pushed notes on track a  to [ROOT]/far.git

"#]]
    );
    assert_data_eq!(
        there(&["note", "--share", far]),
        str![[r#"
took notes on track a  1 new note from [ROOT]/far.git

"#]]
    );
    assert_eq!(here(&["note"]), there(&["note"]));
    assert_data_eq!(
        here(&["note", "a"]),
        str![[r#"
a  2024-10-01T12:00:00Z  Kim
  first, there
a  2024-10-01T12:00:00Z  Kim
  first, here
a  2024-10-01T12:00:00Z  Kim
  second, there
a  2024-10-01T12:00:00Z  Kim
  second, here

"#]]
    );
    assert!(ground.git("for-each-ref refs/tracks/fetched").is_empty());
}
