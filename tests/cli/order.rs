//! `tracks order`: waves, the order of least cost, and what can land now.

use snapbox::{assert_data_eq, str};

use crate::support::{Ground, write};

const LINES: &str = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n";

/// Tracks as declared, on a repository whose `f.txt` and `g.txt` have ten lines.
fn with(declared: &str) -> Ground {
    let ground = Ground::new();
    ground.write("f.txt", LINES);
    ground.write("g.txt", LINES);
    ground.write("tracks.toml", &format!("target = \"main\"\n{declared}"));
    ground.git("add .");
    ground.git("commit -q -m declare");
    ground.run("init --no-hooks");
    ground
}

/// Commits `path` of a track with some of the ten lines replaced by its id.
fn change(ground: &Ground, track: &str, path: &str, lines: &[usize]) {
    let line = |at: usize| if lines.contains(&at) { format!("{at} {track}\n") } else { format!("{at}\n") };
    ground.commit(&ground.track(track), path, &(1..=10).map(line).collect::<String>());
}

/// Runs the program with 80 columns.
fn narrow(ground: &Ground, words: &str) -> String {
    let mut command = ground.command(env!("CARGO_BIN_EXE_tracks"), &ground.shop());
    ground.said(&command.env("COLUMNS", "80").args(words.split(' ')).output().expect("it runs"))
}

/// `b` conflicts with both of its neighbours, which do not conflict with each other.
fn with_one_in_the_middle() -> Ground {
    let ground = with("[tracks.a]\n[tracks.b]\n[tracks.c]\n[tracks.d]\ndepends-on = ['b']\n");
    change(&ground, "a", "f.txt", &[1]);
    change(&ground, "b", "f.txt", &[1, 9]);
    change(&ground, "c", "f.txt", &[9]);
    ground.commit(&ground.track("d"), "d.txt", "d\n");
    ground
}

#[test]
fn who_conflicts_with_many_lands_after_them() {
    let ground = with_one_in_the_middle();
    assert_data_eq!(
        narrow(&ground, "order"),
        str![[r#"
wave  place  track  state       cost  because
   1      1  a      conflicted        lands before what it conflicts with
   1      2  c      conflicted        lands before what it conflicts with
   1      3  b      conflicted     1  1 path against a and c
   2      4  d      blocked           depends on b

cost: 1 path; 2 paths in the order that priorities give
can land now without a conflict: a, c
critical path: b, then d
blocked: d: `b` has not landed
conflicted: a with b; c with b; b with a and c
what a landing costs those after it: a: b 1 path; c: b 1 path

"#]]
    );
    assert_data_eq!(
        narrow(&ground, "order --exit-code --format markdown"),
        str![[r#"
## tracks on `main` at `f0a8006082`

### Order

| wave | place | track | state | cost | because |
| --- | --- | --- | --- | --- | --- |
| 1 | 1 | a | conflicted | 0 | lands before what it conflicts with |
| 1 | 2 | c | conflicted | 0 | lands before what it conflicts with |
| 1 | 3 | b | conflicted | 1 | 1 path against a and c |
| 2 | 4 | d | blocked | 0 | depends on b |

- cost: 1 path; 2 paths in the order that priorities give
- can land now without a conflict: a, c
- critical path: b, then d
- blocked: d: `b` has not landed
- conflicted: a with b; c with b; b with a and c
- what a landing costs those after it: a: b 1 path; c: b 1 path
-- exit 1

"#]]
    );
}

#[test]
fn the_order_as_json() {
    let ground = with("[tracks.a]\n[tracks.b]\ndepends-on = ['a']\n");
    change(&ground, "a", "f.txt", &[1]);
    change(&ground, "b", "f.txt", &[1]);
    assert_data_eq!(
        narrow(&ground, "order --format json"),
        str![[r#"
{
  "schema": 1,
  "command": "order",
  "git": "[GIT]",
  "target": {
    "name": "main",
    "commit": "4bc23198611d508a1ba4eda38ccc88a24850cfe8"
  },
  "order": [
    {
      "track": "a",
      "wave": 1,
      "place": 1,
      "state": "conflicted",
      "because": "lands before what it conflicts with",
      "cost": 0,
      "then_costs": [
        {
          "track": "b",
          "paths": 1
        }
      ],
      "ready": false,
      "blocked_by": [],
      "conflicts_with": [
        "b"
      ]
    },
    {
      "track": "b",
      "wave": 2,
      "place": 2,
      "state": "conflicted",
      "because": "1 path against a; depends on a",
      "cost": 1,
      "then_costs": [],
      "ready": false,
      "blocked_by": [
        {
          "kind": "track",
          "id": "a",
          "since": "[NOW]",
          "reason": "`a` has not landed"
        }
      ],
      "conflicts_with": [
        "a"
      ]
    }
  ],
  "landable": {
    "tracks": [
      "a"
    ],
    "exact": true
  },
  "order_cost": {
    "proposed": 1,
    "given": 1,
    "exact": true
  },
  "critical_path": [
    "a",
    "b"
  ]
}

"#]]
    );
}

#[test]
fn uncommitted_work_does_not_count_and_what_needs_it_waits() {
    let ground = with("[tracks.a]\n[tracks.b]\npriority = 1\n[tracks.c]\ndepends-on = ['b']\n");
    change(&ground, "a", "f.txt", &[1]);
    change(&ground, "c", "f.txt", &[9]);
    write(&ground.track("b").join("f.txt"), "all of it\n");
    assert_data_eq!(
        narrow(&ground, "order --exit-code"),
        str![[r#"
wave  place  track  state    because
   1      1  b      working  nothing to land yet
   1      2  a      working  no conflict when it lands
   2      3  c      blocked  depends on b

cost: 0 paths, as many as in the order that priorities give
can land now without a conflict: a
critical path: b, then c
blocked: c: `b` has not landed
-- exit 1

"#]]
    );
}

/// Twenty lines, some of them by somebody else.
fn rewritten(who: &str, first: usize, last: usize) -> String {
    let who = |at: usize| if (first..=last).contains(&at) { who } else { "line" };
    (1..=20).map(|at| format!("{} {at:02}\n", who(at))).collect()
}

/// Puts a file on the target of which `a` and `b` rewrite a third each, and `a` moves it; `c` changes one line. Each two
/// of them merge clean. With `a` and `b` on it the file is another one, and what `c` changed is gone.
fn rewrite_together(ground: &Ground, [a, b, c]: [&str; 3], file: &str) {
    let moved = format!("moved-{file}");
    ground.commit(&ground.shop(), file, &rewritten("line", 1, 20));
    for id in [a, b, c] {
        ground.git_in(&ground.track(id), "merge -q --no-edit main");
    }
    ground.git_in(&ground.track(a), &format!("mv {file} {moved}"));
    ground.commit(&ground.track(a), &moved, &rewritten("aaaa", 1, 6));
    ground.commit(&ground.track(b), file, &rewritten("bbbb", 9, 14));
    ground.commit(&ground.track(c), file, &rewritten("cccc", 20, 20));
}

#[test]
fn what_only_conflicts_jointly_cannot_land_together() {
    let ground = with("[tracks.a]\n[tracks.b]\n[tracks.c]\n[tracks.d]\npriority = 1\ndepends-on = ['a']\n");
    rewrite_together(&ground, ["a", "b", "c"], "long.txt");
    ground.commit(&ground.track("d"), "d.txt", "d\n");
    assert_data_eq!(
        narrow(&ground, "order"),
        str![[r#"
wave  place  track  state    cost  because
   1      1  a      working        no conflict when it lands
   2      2  d      blocked        depends on a
   1      3  b      working        no conflict when it lands
   1      4  c      working     1  1 path against what lands before it, take…

cost: 1 path, as many as in the order that priorities give
can land now without a conflict: a, d, b
critical path: a, then d
blocked: d: `a` has not landed

"#]]
    );
}

#[test]
fn an_order_that_merging_shows_to_cost_more_is_not_proposed() {
    let ground = with_one_in_the_middle();
    rewrite_together(&ground, ["a", "c", "b"], "long.txt");
    rewrite_together(&ground, ["a", "c", "b"], "longer.txt");
    assert_data_eq!(
        narrow(&ground, "order"),
        str![[r#"
wave  place  track  state       cost  because
   1      1  a      conflicted        lands before what it conflicts with
   1      2  b      conflicted     1  1 path against a
   1      3  c      conflicted     1  1 path against b
   2      4  d      blocked           depends on b

cost: 2 paths; this is the order that priorities give, since the one that looked
better costs 3 paths when merged
can land now without a conflict: a, c
critical path: b, then d
blocked: d: `b` has not landed
conflicted: a with b; b with a and c; c with b
what a landing costs those after it: a: b 1 path; b: c 1 path

"#]]
    );
}

#[test]
fn what_cannot_land_says_why() {
    let ground = with(
        "[tracks.a]\n[tracks.b]\n[tracks.c]\n[tracks.d]\ndepends-on = ['a']\n[tracks.e]\ndepends-on = ['b']\n\
         [tracks.f]\n[tracks.g]\n[tracks.h]\n",
    );
    for (id, path) in [("a", "a.txt"), ("b", "b.txt"), ("d", "d.txt"), ("e", "e.txt"), ("f", "f2.txt")] {
        ground.commit(&ground.track(id), path, "new\n");
    }
    change(&ground, "h", "f.txt", &[3]);
    // Landed; gone; with no common history; detached; with its folder gone; in conflict with the target.
    ground.git("merge -q --no-ff --no-edit feature/track-a");
    ground.git("worktree remove --force worktrees/track-b");
    ground.git("branch -q -D feature/track-b");
    ground.git_in(&ground.track("c"), "checkout -q --orphan other");
    ground.git_in(&ground.track("c"), "commit -q -m alone");
    ground.git_in(&ground.track("c"), "branch -f feature/track-c");
    ground.git_in(&ground.track("d"), "checkout -q --detach main");
    std::fs::remove_dir_all(ground.track("f")).expect("removed");
    ground.commit(&ground.shop(), "f.txt", &LINES.replace("3\n", "three\n"));
    assert_data_eq!(
        narrow(&ground, "order"),
        str![[r#"
wave  place  track  state       cost  because
   1      1  d      working           no conflict when it lands
   1      2  f      missing           no conflict when it lands
   1      3  g      working           nothing to land yet
   1      4  h      conflicted     1  1 path against main
   1      -  b      missing           its branch does not exist
   1      -  c      working           not known against main: the two have no c…
   2      -  e      blocked           depends on b, which cannot land

cost: 1 path, as many as in the order that priorities give
can land now without a conflict: d, f
critical path: b, then e
blocked: e: `b` has not landed
conflicted: h with main

"#]]
    );
}

#[test]
fn what_is_not_known_counts_as_a_conflict() {
    let ground = with("[tracks.a]\n[tracks.b]\n[tracks.c]\n[tracks.d]\ndepends-on = ['b']\n");
    // Git gives up where a merge driver is killed.
    ground.commit(&ground.shop(), ".gitattributes", "g.txt merge=broken\n");
    ground.git("config merge.broken.driver exit\t130");
    for (id, line) in [("a", 1), ("b", 9)] {
        ground.git_in(&ground.track(id), "merge -q main");
        change(&ground, id, "g.txt", &[line]);
    }
    change(&ground, "c", "f.txt", &[1]);
    ground.commit(&ground.track("d"), "d.txt", "d\n");
    assert_data_eq!(
        narrow(&ground, "order --exit-code"),
        str![[r#"
wave  place  track  state    because
   1      1  a      working  no conflict when it lands
   1      2  c      working  no conflict when it lands
   1      -  b      working  not known when it lands: failure to merge
   2      -  d      blocked  depends on b, which cannot land

cost: not known, since a merge could not be computed
can land now without a conflict: b, c, d
critical path: b, then d
blocked: d: `b` has not landed
-- exit 1

"#]]
    );
}

#[test]
fn contracts_and_notes_make_waves() {
    let ground = with(
        "[tracks.a]\npriority = 1\n[tracks.b]\n[tracks.c]\n[tracks.d]\n[tracks.e]\n[tracks.f]\n[tracks.g]\n\
         [contracts.api]\ntrack = 'b'\npaths = ['api.yaml']\nconsumers = ['a']\n\
         [contracts.bus]\ntrack = 'c'\npaths = ['bus.yaml']\nconsumers = ['d']\n",
    );
    for id in ["a", "c", "d", "e", "f", "g"] {
        ground.commit(&ground.track(id), &format!("{id}.txt"), "new\n");
    }
    ground.commit(&ground.track("b"), "api.yaml", "x\n");
    for words in ["note b --ready", "note e --blocked-by a", "note f --blocked-by e", "note e --ready"] {
        ground.run(words);
    }
    ground.run_words(&ground.shop(), &["note", "g", "--blocked-by", "the key is missing"]);
    assert_data_eq!(
        narrow(&ground, "order"),
        str![[r#"
wave  place  track  state    because
   1      1  b      ready    no conflict when it lands
   2      2  a      blocked  depends on api of b
   1      3  c      working  no conflict when it lands
   3      4  e      blocked  depends on a
   4      5  f      blocked  depends on e
   1      -  d      blocked  waits for the contract bus, which nobody …
   1      -  g      blocked  the key is missing

cost: 0 paths, as many as in the order that priorities give
can land now without a conflict: b, a, c, e, f
critical path: b, then a, then e, then f
ready: b
blocked: a: `api` of `b` is promised, and not on `main`; e: `a` has not landed;
f: `e` has not landed; d: `bus` of `c` is promised, and not on `main`; g: the
key is missing

"#]]
    );
    ground.run("note a --blocked-by f");
    assert_data_eq!(
        narrow(&ground, "order"),
        str![[r#"
wave  place  track  state    because
   1      1  b      ready    no conflict when it lands
   1      2  c      working  no conflict when it lands
   2      -  a      blocked  depends on f, which cannot land
   1      -  d      blocked  waits for the contract bus, which nobody …
   3      -  e      blocked  depends on a, which cannot land
   1      -  f      blocked  waits for e, and e for it
   1      -  g      blocked  the key is missing

cost: 0 paths, as many as in the order that priorities give
can land now without a conflict: b, c
critical path: b, then a, then e
ready: b
blocked: a: `api` of `b` is promised, and not on `main` and `f` has not landed;
d: `bus` of `c` is promised, and not on `main`; e: `a` has not landed; f: `e`
has not landed; g: the key is missing

"#]]
    );
}

#[test]
fn the_check_before_a_wave() {
    let ground = with("[tracks.a]\n[tracks.b]\n[rules.file-size]\nmax-lines = 9\nexclude = ['g.txt']\n");
    change(&ground, "a", "f.txt", &[1]);
    assert_data_eq!(
        narrow(&ground, "order --preflight"),
        str![[r#"
not checked  gates: none is declared
FAIL         sizes: over the limit on main: f.txt (10 lines where 9 are allowed)
FAIL         checkpoints: none of a and b; `tracks checkpoint` takes them
-- exit 1

"#]]
    );
    ground.commit(&ground.shop(), "f.txt", "short\n");
    ground.run("checkpoint");
    assert_data_eq!(
        narrow(&ground, "order --preflight"),
        str![[r#"
not checked  gates: none is declared
PASS         sizes: no file of 5 files on main is over the limit
PASS         checkpoints: of 2 tracks as they are

"#]]
    );
    write(&ground.track("b").join("new.txt"), "new\n");
    assert_data_eq!(
        narrow(&ground, "order --preflight --format markdown"),
        str![[r#"
### Before the wave

- not checked: gates: none is declared
- PASS: sizes: no file of 5 files on main is over the limit
- FAIL: checkpoints: an older state of b; `tracks checkpoint` takes them
-- exit 1

"#]]
    );
    ground.run("checkpoint");
    let policy = ground.read("tracks.toml") + "[[gates]]\nname = 'types'\nrun = 'true'\n";
    ground.commit(&ground.shop(), "tracks.toml", &policy);
    assert_data_eq!(
        narrow(&ground, "order --preflight"),
        str![[r#"
not checked  gates: 1 gate declared, which nobody approved: see `tracks trust`
PASS         sizes: no file of 5 files on main is over the limit
PASS         checkpoints: of 2 tracks as they are
-- exit 3

"#]]
    );
    assert_data_eq!(
        narrow(&ground, "order --preflight --format json"),
        str![[r#"
{
  "schema": 1,
  "command": "order",
  "preflight": [
    {
      "check": "gates",
      "verdict": "not-checked",
      "detail": "1 gate declared, which nobody approved: see `tracks trust`"
    },
    {
      "check": "sizes",
      "verdict": "pass",
      "detail": "no file of 5 files on main is over the limit"
    },
    {
      "check": "checkpoints",
      "verdict": "pass",
      "detail": "of 2 tracks as they are"
    }
  ]
}
-- exit 3

"#]]
    );
}

#[test]
fn nothing_declared() {
    assert_data_eq!(
        Ground::new().run("order"),
        str![[r#"
-- stderr
tracks: there is no `tracks.toml`, so no track is declared
  hint: declare some with `tracks init a b c`, or write a commented file to start from with `tracks init`
-- exit 2

"#]]
    );
}
