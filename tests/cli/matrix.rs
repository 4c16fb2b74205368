//! `tracks matrix` and `tracks show`: pairs, of tracks or of any refs.

use snapbox::{assert_data_eq, str};

use crate::support::{Ground, write};

/// Three branches and no `tracks.toml`: `one` and `two` conflict on a line, `three` deletes what `two` changes.
fn with_branches() -> Ground {
    let ground = Ground::new();
    ground.write("src/list.rs", "1\n2\n3\n4\n5\n6\n7\n8\n9\n");
    ground.git("add .");
    ground.git("commit -q -m list");
    for (branch, path, content) in [
        ("one", "src/list.rs", "1\n2\n3\nfour\n5\n6\n7\n8\n9\n"),
        ("two", "src/list.rs", "1\n2\n3\nFOUR\nFOUR AND A HALF\n5\n6\n7\n8\nnine\n"),
    ] {
        ground.git(&format!("switch -q -c team/{branch} main"));
        ground.commit(&ground.shop(), path, content);
    }
    ground.git("switch -q -c team/three main");
    ground.git("rm -q src/list.rs");
    ground.git("commit -q -m gone");
    ground.git("switch -q main");
    ground
}

#[test]
fn any_refs_without_any_set_up() {
    let ground = with_branches();
    assert_data_eq!(
        ground.run("matrix team/*"),
        str![[r#"
            team/one  team/three  team/two
team/one           -
team/three         1           -
team/two           1           1         -

. clean   n paths conflict

team/one and team/three
  src/list.rs  modify-delete

team/one and team/two
  src/list.rs  content  4 | 4-5

team/three and team/two
  src/list.rs  modify-delete

0 of 3 pairs clean, 3 in conflict
next: tracks show team/one team/three
-- exit 1

"#]]
    );
    assert_data_eq!(
        ground.run("matrix main team/one"),
        str![[r#"
          main  team/one
main         -
team/one     .         -

. clean

1 of 1 pair clean

"#]]
    );
    assert_data_eq!(
        ground.run("matrix team/one team/two --format json"),
        str![[r#"
{
  "schema": 1,
  "command": "matrix",
  "git": "[GIT]",
  "pairs": [
    {
      "ours": "team/one",
      "theirs": "team/two",
      "verdict": "conflict",
      "conflicts": [
        {
          "path": "src/list.rs",
          "kind": "content",
          "ours_lines": [
            [
              4,
              4
            ]
          ],
          "theirs_lines": [
            [
              4,
              5
            ]
          ]
        }
      ],
      "uncommitted": []
    }
  ],
  "summary": {
    "errors": 0,
    "warnings": 0,
    "infos": 0,
    "disjoint": 0,
    "clean": 0,
    "conflict": 1,
    "unknown": 0,
    "readiness": "ready",
    "critical_issues": [],
    "recommendations": []
  }
}
-- exit 1

"#]]
    );
}

#[test]
fn trees_are_those_that_git_writes() {
    let ground = with_branches();
    let json = ground.run("matrix main team/one team/three --trees --format json");
    let report: serde_json::Value = serde_json::from_str(json.split("\n-- ").next().expect("JSON")).expect("JSON");
    let mut clean = 0;
    for pair in report["pairs"].as_array().expect("pairs") {
        let side = |name: &str| pair[name].as_str().expect("a name").to_owned();
        let merged =
            ground.try_git_in(&ground.shop(), &format!("merge-tree --write-tree {} {}", side("ours"), side("theirs")));
        if merged.status.success() {
            clean += 1;
            assert_eq!(pair["tree"].as_str(), Some(String::from_utf8_lossy(&merged.stdout).trim()));
        }
    }
    assert_eq!(clean, 2);
}

#[test]
fn tracks_and_what_is_uncommitted_in_them() {
    let ground = Ground::with_tracks();
    ground.commit(&ground.track("a"), "src/a.rs", "fn a() { one() }\n");
    write(&ground.track("b").join("src/a.rs"), "fn a() { two() }\n");
    assert_data_eq!(
        ground.run("matrix"),
        str![[r#"
   a  b
a  -
b  1  -

. clean   n paths conflict

a and b  with uncommitted work of b
  src/a.rs  content  1 | 1

0 of 1 pair clean, 1 in conflict
next: tracks show a b
-- exit 1

"#]]
    );
    assert_data_eq!(
        ground.run("matrix --committed"),
        str![[r#"
   a  b
a  -
b  .  -

. clean

1 of 1 pair clean

"#]]
    );
    assert_data_eq!(
        ground.run("show a b"),
        str![[r#"
a and b  with uncommitted work of b
  src/a.rs  content
       a                │    b
    1  fn a() { one() } │ 1  fn a() { two() }
    meet: cb03683e85 work (a) and uncommitted work (b)

merging b into a conflicts in 1 path
-- exit 1

"#]]
    );
    assert_data_eq!(
        ground.run("show b main"),
        str![[r#"
b and main  with uncommitted work of b
  merges clean: nothing that both changed differs

"#]]
    );
}

#[test]
fn both_sides_of_every_place() {
    let ground = with_branches();
    assert_data_eq!(
        ground.run("show team/one team/two"),
        str![[r#"
team/one and team/two
  src/list.rs  content
       team/one         │    team/two
    4  four             │ 4  FOUR
                        │ 5  FOUR AND A HALF
    meet: 353a746623 work (team/one) and 73b76ff9d3 work (team/two)

merging team/two into team/one conflicts in 1 path
-- exit 1

"#]]
    );
    assert_data_eq!(
        ground.run("show team/three team/two"),
        str![[r#"
team/three and team/two
  src/list.rs  modify-delete
    meet: 9d73f941c8 gone (team/three) and 73b76ff9d3 work (team/two)

merging team/two into team/three conflicts in 1 path
-- exit 1

"#]]
    );
}

#[test]
fn a_target_behind_its_upstream_is_said() {
    let ground = Ground::with_tracks();
    ground.git("clone -q --bare . ../origin.git");
    ground.git("remote add origin ../origin.git");
    ground.git("commit -q --allow-empty -m ahead");
    ground.git("push -q -u origin main");
    ground.git("reset -q --hard HEAD^");
    assert_data_eq!(
        ground.run("matrix"),
        str![[r#"
   a  b
a  -
b  .  -

. clean

1 of 1 pair clean
-- stderr
`main` is 1 commit behind `origin/main`

"#]]
    );
    assert_data_eq!(
        ground.run("sync"),
        str![[r#"
main 54f5adb1f6, 2 tracks, git [GIT]

  track  state    behind
  a      working       1
  b      working       1

Warnings
  target.behind
    `main` is 1 commit behind `origin/main`: verdicts are against the local one
    cure: bring it up to date: `git fetch`, then `git merge --ff-only origin/main` on `main`

Integration refs/tracks/integration/main 54f5adb1f6
  merged    a, b

1 warning, all new; 3 of 3 pairs clean; integration holds a, b
next: git log --oneline main..refs/tracks/integration/main

"#]]
    );
}

#[test]
fn git_is_asked_about_each_pair_again() {
    let ground = with_branches();
    ground.commit(&ground.shop(), "README.md", "moved on\n");
    assert_data_eq!(
        ground.run("matrix main team/one --verify"),
        str![[r#"
          main  team/one
main         -
team/one     .         -

. clean

1 of 1 pair clean
-- stderr
git agrees on 1 pair

"#]]
    );
    assert_data_eq!(
        ground.run("matrix main team/one team/two --verify -q"),
        str![[r#"
          main  team/one  team/two
main         -
team/one     .         -
team/two     .         1         -

. clean   n paths conflict

team/one and team/two
  src/list.rs  content  4 | 4-5

2 of 3 pairs clean, 1 in conflict
next: tracks show team/one team/two
-- exit 1

"#]]
    );
    let said = ground.run("matrix main team/* --verbose --format json --verify");
    assert_data_eq!(
        said.split("-- stderr").last().unwrap_or_default().to_owned(),
        str![[r#"

3 pairs proved without merging, 1 pair decided by merging contents, 2 pairs merged whole, 0 pairs remembered, 0 pairs unknown
git agrees on 6 pairs
-- exit 1

"#]]
    );
}

#[test]
fn refusals() {
    let ground = with_branches();
    assert_data_eq!(
        ground.refused("matrix"),
        str![[r#"
-- stderr
tracks: there is no `tracks.toml`, so no track is declared
  hint: declare some with `tracks init a b c`, or write a commented file to start from with `tracks init`
-- exit 2

"#]]
    );
    assert_data_eq!(
        ground.refused("matrix main"),
        str![[r#"
-- stderr
tracks: there is nothing to hold against one another: only one ref was found
  hint: name at least two, or a pattern such as 'origin/feature/*'
-- exit 2

"#]]
    );
    assert_data_eq!(
        ground.refused("matrix main nowhere"),
        str![[r#"
-- stderr
tracks: `nowhere` leads to no commit
  hint: name a track, a branch, a tag or a commit; `git branch --all` lists branches
-- exit 2

"#]]
    );
    assert_data_eq!(
        ground.refused("matrix nothing/*"),
        str![[r#"
-- stderr
tracks: no branch matches `nothing/*`
  hint: quote the pattern, and see `git branch --all`
-- exit 2

"#]]
    );
    assert_data_eq!(
        ground.refused("matrix -- --output=x main"),
        str![[r#"
-- stderr
tracks: `--output=x` leads to no commit
  hint: name a track, a branch, a tag or a commit; `git branch --all` lists branches
-- exit 2

"#]]
    );
    assert_data_eq!(
        ground.refused("show team/* main"),
        str![[r#"
-- stderr
tracks: `show` takes one pair, and a pattern gives more
  hint: see all of them with `tracks matrix`
-- exit 2

"#]]
    );
}

#[test]
fn what_git_merge_obeys_and_no_merge_in_memory_does_is_said() {
    let ground = with_branches();
    ground.git("config branch.team/one.mergeOptions -Xours");
    ground.git("config pull.twohead resolve");
    assert_data_eq!(
        ground.run("matrix main team/one"),
        str![[r#"
          main  team/one
main         -
team/one     .         -

. clean

1 of 1 pair clean
-- stderr
`branch.team/one.mergeoptions` is set, which `git merge` obeys and the verdicts do not
`pull.twohead` is set, which `git merge` obeys and the verdicts do not

"#]]
    );
}
