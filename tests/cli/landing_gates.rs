//! Gates of landings, and files that are made again where they collide.

use snapbox::{IntoData, assert_data_eq, str};

use crate::support::{Ground, unhurried};

/// A ground with the tracks `a` and `b`, and `text` at the end of `tracks.toml`; its commands are approved.
fn ground(text: &str) -> Ground {
    let ground = Ground::with_tracks();
    let before = ground.read("tracks.toml");
    ground.write("tracks.toml", &format!("{before}\n{text}"));
    ground.write("list", "0\n");
    ground.git("add .");
    ground.git("commit -qm policy");
    for id in ["a", "b"] {
        ground.git_in(&ground.track(id), "merge -q --no-edit main");
    }
    ground.run("trust --yes");
    ground
}

const LANDING: &str = "[[gates]]\nname = 'check'\nstage = 'landing'\nrun = '! test -e x || ! test -e y'\n";

#[test]
fn what_lands_has_passed() {
    let ground = ground(LANDING);
    ground.commit(&ground.track("a"), "x", "1\n");
    ground.commit(&ground.track("b"), "y", "1\n");
    assert_data_eq!(
        unhurried(&ground.run("land a b")),
        str![[r#"
Errors
  b, a  gate.combination
    `check` fails for a and b together, and passes for each alone: ended with status 1
    cure: see what it says in .git/tracks/gates/check-e54b4c011c-45ff40-2.log

Gates
  gate   stage    status  seconds  tracks
  check  landing  failed      0.0  a, b
  check (a, b): ended with status 1
    all of it: [ROOT]/shop/.git/tracks/gates/check-e54b4c011c-45ff40-2.log

1 error, all new
next: tracks explain gate.combination
-- stderr
tracks: gate check on main with a and b
  ended with status 1 after 0.0 s
tracks: gate check on main
  passed after 0.0 s
tracks: gate check on main with a
  passed after 0.0 s
tracks: gate check on main with b
  passed after 0.0 s
tracks: gate check on main with a and b, again and from nothing
  ended with status 1 after 0.0 s
nothing has landed: main stays at 95550c1b00
  hint: land the others: `tracks land a`
-- exit 1

"#]]
        .raw()
    );
    assert_data_eq!(
        unhurried(&ground.run("land a")),
        str![[r#"
landed track a  on main as 776985ed36: Merge track a

Gates
  gate   stage    status  seconds  tracks
  check  landing  passed      0.0  a

"#]]
        .raw()
    );
    assert_eq!(ground.git("log -1 --format=%(trailers:key=Gate)").trim(), "Gate: check");
    assert!(ground.run("land b").contains("nothing has landed"));
    assert!(!ground.shop().join("y").exists());
}

#[test]
fn without_approval_nothing_lands() {
    let ground = ground(LANDING);
    ground.commit(&ground.track("a"), "x", "1\n");
    ground.run("trust --revoke");
    let said = ground.run("land a");
    assert!(said.contains("nobody approved") && said.ends_with("-- exit 3\n"), "{said}");
    assert!(!ground.shop().join("x").exists());
    assert!(ground.run("land a --dry-run").contains("nobody approved"));
}

#[test]
fn what_mends_a_broken_target_lands() {
    let ground = ground("[[gates]]\nname = 'check'\nstage = 'landing'\nrun = 'test -e x'\n");
    ground.commit(&ground.track("b"), "y", "1\n");
    let said = ground.run("land b");
    assert!(said.contains("`check` fails on main alone") && said.contains("nothing has landed"), "{said}");
    ground.commit(&ground.track("a"), "x", "1\n");
    ground.run("land a");
    assert!(ground.shop().join("x").exists());
    ground.run("land b");
    assert!(ground.shop().join("y").exists());
}

#[test]
fn the_target_is_looked_at_after_each_landing() {
    let ground = ground("[[gates]]\nname = 'smoke'\nstage = 'target'\nrun = '! test -e x'\n");
    ground.commit(&ground.track("a"), "x", "1\n");
    ground.run("sync -q");
    assert_data_eq!(
        unhurried(&ground.run("land a")),
        str![[r#"
landed track a  on main as eb8be83d0a: Merge track a

Gates
  gate   stage   status  seconds
  smoke  target  failed      0.0
  smoke: ended with status 1
    all of it: [ROOT]/shop/.git/tracks/gates/smoke-b004f6f5e6-6269bd-2.log

Errors
  gate.failed
    `smoke` fails on main alone: ended with status 1; since eb8be83d0a (Merge track a)
    cure: see what it says in .git/tracks/gates/smoke-b004f6f5e6-6269bd-2.log

1 error, all new
-- stderr
tracks: gate smoke on main
  ended with status 1 after 0.0 s
tracks: gate smoke on main, again and from nothing
  ended with status 1 after 0.0 s
tracks: gate smoke on 4ec3b92b16 of main
  passed after 0.0 s
it has landed: `tracks land --revert a` takes it back
-- exit 1

"#]]
        .raw()
    );
    assert!(ground.shop().join("x").exists());
    let said = ground.run("order --preflight");
    assert!(said.contains("FAIL"), "{said}");
    ground.run("land --revert a");
    let said = ground.run("order --preflight");
    assert!(said.contains("1 gate passes on the target"), "{said}");
}

/// Both tracks add a part, and `sum`, which is made of all parts.
fn colliding(run: &str) -> Ground {
    let ground = ground(&format!("[[regenerate]]\npaths = ['sum']\nrun = '''{run}'''\n"));
    ground.write("parts/base", "1\n");
    ground.write("sum", "1\n");
    ground.git("add .");
    ground.git("commit -qm sum");
    for (id, sum) in [("a", "1\n2\n"), ("b", "1\n3\n")] {
        let track = ground.track(id);
        ground.git_in(&track, "merge -q --no-edit main");
        crate::support::write(&track.join(format!("parts/{id}")), &sum[2..]);
        ground.commit(&track, "sum", sum);
        ground.git_in(&track, "add .");
        ground.git_in(&track, "commit -q --amend --no-edit");
    }
    ground
}

#[test]
fn what_is_made_is_made_again() {
    let ground = colliding("cat parts/* > sum; touch not-mine");
    assert_data_eq!(
        unhurried(&ground.run("sync")),
        str![[r#"
main d523905d04, 2 tracks, git [GIT]

  track  state    ahead
  a      working      1
  b      working      1

Conflicts
a and b
  sum  regenerable
       a                │    b
    2  2                │ 2  3
  cure: none is needed once `tracks trust` approved the command: `sync` and `land` run it

Integration refs/tracks/integration/main 9b23932f8d
  merged    a, b

1 warning, all new; 2 of 3 pairs clean; integration holds a, b
next: tracks show a b
-- stderr
tracks: made again where it collides: cat parts/* > sum; touch not-mine

"#]]
        .raw()
    );
    assert_eq!(ground.git("show refs/tracks/integration/main:sum"), "2\n3\n1\n");
    assert!(!ground.git("ls-tree refs/tracks/integration/main").contains("not-mine"));
    // What was made is known.
    assert!(!ground.run("sync").contains("made again where"));
    ground.run("land a");
    let said = ground.run("land b");
    assert!(said.contains("landed track b"), "{said}");
    assert_eq!(ground.read("sum"), "2\n3\n1\n");
    assert_eq!(ground.git("status --porcelain"), "");
}

#[test]
fn what_cannot_be_made_again_is_a_conflict() {
    let ground = colliding("exit 3");
    assert_data_eq!(
        unhurried(&ground.run("sync")),
        str![[r#"
main 78674165af, 2 tracks, git [GIT]

  track  state    ahead
  a      working      1
  b      working      1

Conflicts
a and b
  sum  content
       a                │    b
    2  2                │ 2  3
  cure: approve the command with `tracks trust`, and see why it fails

Integration refs/tracks/integration/main e8a91cdd06
  merged    a
  held out  b: conflicts with a in sum
              meet: 0cb8be6a1c work and 1d5f31b315 work

1 error, 1 warning, all new; 2 of 3 pairs clean; integration holds a; held out: b
next: tracks show a b
-- stderr
tracks: made again where it collides: exit 3
tracks: it stays in conflict: `exit 3` ended with status 3
-- exit 1

"#]]
        .raw()
    );
    ground.run("land a");
    let said = ground.run("land b");
    assert!(said.contains("conflict.content") && said.contains("nothing has landed"), "{said}");
    ground.run("trust --revoke");
    let said = ground.run("sync -q");
    assert!(said.contains("held out  b") && said.ends_with("-- exit 3\n"), "{said}");
}
