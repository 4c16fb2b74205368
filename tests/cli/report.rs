//! `tracks report`: the last result again, and the text of a pull request.

use snapbox::{assert_data_eq, str};

use crate::support::{Ground, write};

fn with_conflict() -> Ground {
    let ground = Ground::with_tracks();
    ground.commit(&ground.track("a"), "src/a.rs", "fn a() { one() }\n");
    write(&ground.track("b").join("src/a.rs"), "fn a() { two() }\n");
    ground
}

#[test]
fn the_last_result_in_every_format() {
    let ground = with_conflict();
    ground.run("sync");
    assert_data_eq!(
        ground.run("report"),
        str![[r#"
main 54f5adb1f6, 2 tracks, git [GIT]

  track  state       ahead  behind  uncommitted  conflicts with
  a      conflicted      1       1               b
  b      conflicted              1            1  a

Conflicts
a and b  with uncommitted work of b
  src/a.rs  content
    lines 1 in a; 1 in b
  cure: agree who changes it; look at both sides with `tracks show a b`

Integration refs/tracks/integration/main 0389ceb61c
  merged    a, b

1 error, all new; 2 of 3 pairs clean; integration holds a, b
next: tracks show a b

"#]]
    );
    assert_data_eq!(
        ground.run("report --format markdown"),
        str![[r#"
## tracks on `main` at `54f5adb1f6`

**1 error; 2 of 3 pairs clean**

### Tracks

| track | state | ahead / behind | uncommitted | conflicts with |
| --- | --- | --- | --- | --- |
| a | conflicted | 1 / 1 | 0 | b |
| b | conflicted | 0 / 1 | 1 | a |

### Conflicts

| pair | path | kind | lines |
| --- | --- | --- | --- |
| a and b | `src/a.rs` | content | 1 / 1 |

### Findings

| severity | rule | tracks | where | what | cure |
| --- | --- | --- | --- | --- | --- |
| **error** | `conflict.content` | b, a | `src/a.rs` 1 | `a` and `b`: both changed the same lines (lines 1 against 1) | `` agree who changes it; look at both sides with `tracks show a b` `` |

### Integration

- merged: a, b

"#]]
    );
    let kept = ground.run("report --format json");
    ground.commit(&ground.track("b"), "src/a.rs", "fn b() {}\n");
    assert_eq!(ground.run("report --format json"), kept);
    assert_ne!(ground.run("report --format json --fresh"), kept);
}

#[test]
fn it_is_computed_where_there_is_none() {
    let ground = with_conflict();
    assert_data_eq!(
        ground.run("report --exit-code"),
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
fn a_pull_request_of_a_track() {
    let ground = with_conflict();
    ground.commit(&ground.track("b"), "src/a.rs", "fn a() { two() }\n");
    ground.git("remote add origin git@github.com:shop/shop.git");
    assert_data_eq!(
        ground.run_in(&ground.track("b"), "report --pr"),
        str![[r#"
work
feature/track-b into main
labels: track:b, conflict

## Changes

- work

## 1 file, +1 −1

- `src/a.rs` +1 −1

## Collides with

- `a`: `src/a.rs` (content, lines 1 here, 1 there)

## Landing

- place 2 of 2 in the landing order

## Checked

- [x] merges clean into `main`
- [x] keeps every rule of `tracks.toml`

tracks report --pr feature/track-b --format markdown | gh pr create --title work --base main --head feature/track-b --body-file -

"#]]
    );
}

#[test]
fn a_pull_request_with_no_tracks_at_all() {
    let ground = Ground::new();
    ground.write("CODEOWNERS", "src/ @shop/core\n");
    ground.git("add .");
    ground.git("commit -q -m owners");
    ground.git("clone -q --bare . ../origin.git");
    ground.git("remote add origin ../origin.git");
    for (branch, content) in [("theirs", "fn a() { theirs() }\n"), ("mine", "fn a() { mine() }\n")] {
        ground.git(&format!("switch -q -c {branch} main"));
        ground.commit(&ground.shop(), "src/a.rs", content);
        ground.git(&format!("push -q origin {branch}"));
    }
    ground.git("fetch -q origin");
    assert_data_eq!(
        ground.run("report --pr"),
        str![[r#"
work
mine into main
labels: conflict

## Changes

- work

## 1 file, +1 −1

- `src/a.rs` +1 −1

## Collides with

- `origin/theirs`: `src/a.rs` (content, lines 1 here, 1 there)

## Concerns

- `@shop/core`: `src/a.rs`

## Checked

- [x] merges clean into `main`

tracks report --pr mine --format markdown | gh pr create --title work --base main --head mine --body-file -

"#]]
    );
    assert_data_eq!(
        ground.run("report --pr --against origin/th* --format json"),
        str![[r###"
{
  "schema": 1,
  "command": "report",
  "pull_request": {
    "title": "work",
    "body": "## Changes/n/n- work/n/n## 1 file, +1 −1/n/n- `src/a.rs` +1 −1/n/n## Collides with/n/n- `origin/theirs`: `src/a.rs` (content, lines 1 here, 1 there)/n/n## Concerns/n/n- `@shop/core`: `src/a.rs`/n/n## Checked/n/n- [x] merges clean into `main`/n",
    "labels": [
      "conflict"
    ],
    "base": "main",
    "head": "mine",
    "open": "tracks report --pr mine --format markdown | gh pr create --title work --base main --head mine --body-file -"
  }
}

"###]]
    );
    ground.git("switch -q --detach");
    assert_data_eq!(
        ground.refused("report --pr"),
        str![[r#"
-- stderr
tracks: no branch is checked out here, so there is none to propose
  hint: name one: `tracks report --pr BRANCH`
-- exit 2

"#]]
    );
}
