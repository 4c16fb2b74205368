//! `tracks undo` and `tracks log`: what was done is known, and can be reverted as long as nobody went on from it.

use std::fs;

use snapbox::{assert_data_eq, str};

use crate::support::{Ground, timeless, write};

#[test]
#[allow(clippy::too_many_lines, reason = "the whole output is compared")]
fn what_was_added_goes_again_and_comes_back() {
    let ground = Ground::with_tracks();
    let before = ground.state();
    ground.run("add c");
    let with = ground.state();
    let planned = ground.run("undo --dry-run");
    ground.assert_unchanged(&with);
    assert_data_eq!(
        timeless(&planned),
        str![[r#"
would undo event 2, `add c`  of [WHEN] by Kim
would write tracks.toml  as it was before
would remove worktree worktrees/track-c  after a checkpoint
would delete branch feature/track-c  it was at 54f5adb1f6d1f686d2b0c1ba2d240557c3ffca4c

"#]]
    );
    assert_data_eq!(
        timeless(&ground.run("undo")),
        str![[r#"
undid event 2, `add c`  of [WHEN] by Kim
wrote tracks.toml  as it was before
removed worktree worktrees/track-c  after a checkpoint
deleted branch feature/track-c  it was at 54f5adb1f6d1f686d2b0c1ba2d240557c3ffca4c
-- stderr
back again with `tracks undo --of 3`

"#]]
    );
    let mut after = ground.state();
    // The checkpoint stays.
    after.retain(|path, _| !path.to_string_lossy().contains("/refs/tracks"));
    after.insert("refs".into(), before[std::path::Path::new("refs")].clone());
    for path in before.keys().chain(after.keys()) {
        let logs = path.to_string_lossy().contains("/logs/");
        assert!(logs || before.get(path) == after.get(path), "{}", path.display());
    }
    assert_data_eq!(
        timeless(&ground.run("undo --of 3")),
        str![[r#"
undid event 3, `undo`  of [WHEN] by Kim
created branch feature/track-c  at 54f5adb1f6d1f686d2b0c1ba2d240557c3ffca4c
created worktree worktrees/track-c
wrote tracks.toml  as it was before
-- stderr
back again with `tracks undo --of 4`

"#]]
    );
    assert!(ground.track("c").join("src/a.rs").exists());
    assert_data_eq!(
        timeless(&ground.run_in(&ground.shop(), "log")),
        str![[r#"
1  [WHEN]  Kim  init a b
   wrote .git/info/exclude  new
   created ref refs/heads/feature/track-a  3fc6310244
   created worktree worktrees/track-a  3fc6310244
   created ref refs/heads/feature/track-b  3fc6310244
   created worktree worktrees/track-b  3fc6310244
   wrote tracks.toml  new
2  [WHEN]  Kim  add c
   created ref refs/heads/feature/track-c  54f5adb1f6
   created worktree worktrees/track-c  54f5adb1f6
   wrote tracks.toml
3  [WHEN]  Kim  undo  undone
   wrote tracks.toml
   saved c@[TIME]
   removed worktree worktrees/track-c  was 54f5adb1f6
   removed ref refs/heads/feature/track-c  was 54f5adb1f6
4  [WHEN]  Kim  undo  of 3
   created ref refs/heads/feature/track-c  54f5adb1f6
   created worktree worktrees/track-c  54f5adb1f6
   wrote tracks.toml

"#]]
    );
    assert_data_eq!(
        timeless(&ground.run("log --track c --since 1h")),
        str![[r#"
2  [WHEN]  Kim  add c
   created ref refs/heads/feature/track-c  54f5adb1f6
   created worktree worktrees/track-c  54f5adb1f6
   wrote tracks.toml
3  [WHEN]  Kim  undo  undone
   wrote tracks.toml
   saved c@[TIME]
   removed worktree worktrees/track-c  was 54f5adb1f6
   removed ref refs/heads/feature/track-c  was 54f5adb1f6
4  [WHEN]  Kim  undo  of 3
   created ref refs/heads/feature/track-c  54f5adb1f6
   created worktree worktrees/track-c  54f5adb1f6
   wrote tracks.toml

"#]]
    );
}

#[test]
fn what_somebody_went_on_from_stays() {
    let ground = Ground::with_tracks();
    ground.run("add c");
    ground.commit(&ground.track("c"), "src/c.rs", "fn c() {}\n");
    assert_data_eq!(
        ground.refused("undo"),
        str![[r#"
-- stderr
tracks: event 2, `add c`, is not undone: `feature/track-c` has moved on since: it was at 54f5adb1f6, and is at fc0a3b4e2a now
  hint: see what was done on it with `git reflog show feature/track-c`
-- exit 2

"#]]
    );
    ground.git_in(&ground.track("c"), "reset -q --hard HEAD~1");
    write(&ground.track("c").join("new"), "x\n");
    assert_data_eq!(
        ground.refused("undo"),
        str![[r#"
-- stderr
tracks: event 2, `add c`, is not undone: somebody works in the worktree `worktrees/track-c`: 1 untracked file
  hint: commit it or take it out; or keep the track, and remove it later: `tracks remove c`
-- exit 2

"#]]
    );
    fs::remove_file(ground.track("c").join("new")).expect("removed");
    ground.write("tracks.toml", &(ground.read("tracks.toml") + "# mine\n"));
    assert_data_eq!(
        ground.refused("undo"),
        str![[r#"
-- stderr
tracks: event 2, `add c`, is not undone: `tracks.toml` has changed since
  hint: see how with `git diff tracks.toml`, and edit it by hand
-- exit 2

"#]]
    );
    assert_data_eq!(
        ground.refused("undo 5"),
        str![[r#"
-- stderr
tracks: the log has no more than 2 to undo
  hint: see what was done with `tracks log`
-- exit 2

"#]]
    );
    assert_data_eq!(
        ground.refused("undo --of 77"),
        str![[r#"
-- stderr
tracks: the log has no event 77
  hint: see which there are with `tracks log`
-- exit 2

"#]]
    );
}

#[test]
fn a_track_that_was_removed_comes_back_with_its_ignored_files() {
    let ground = Ground::with_tracks();
    let a = ground.track("a");
    write(&a.join(".env"), "SECRET=1\n");
    write(&a.join("deep/x.log"), "log\n");
    ground.commit(&a, "src/b.rs", "fn b() {}\n");
    assert_data_eq!(
        timeless(&ground.run("remove a --unlanded --keep-ignored")),
        str![[r#"
saved track a  as a@[TIME]; back with `tracks checkpoint restore a@[TIME] --to worktrees/track-a`
removed worktree worktrees/track-a
kept .env  ignored; in .git/tracks/kept/[TIME]-a
kept deep/  ignored; in .git/tracks/kept/[TIME]-a
removed track a  from tracks.toml
kept branch feature/track-a  1 commit not on main
kept declaration on main  until `tracks.toml` is committed there without it
-- stderr
next: git add tracks.toml && git commit -m 'Remove the track a'

"#]]
    );
    assert!(!a.exists());
    // Whatever was done since.
    ground.run("add d");
    assert_data_eq!(
        timeless(&ground.run("undo --of 2")),
        str![[r#"
-- stderr
tracks: event 2, `remove a`, is not undone: `tracks.toml` has changed since
  hint: see how with `git diff tracks.toml`, and edit it by hand
-- exit 2

"#]]
    );
    ground.run("undo");
    assert_data_eq!(
        timeless(&ground.run("undo --of 2")),
        str![[r#"
undid event 2, `remove a`  of [WHEN] by Kim
wrote tracks.toml  as it was before
created worktree worktrees/track-a  with the ignored files that were kept
-- stderr
back again with `tracks undo --of 5`

"#]]
    );
    assert_eq!(fs::read_to_string(a.join(".env")).expect("there"), "SECRET=1\n");
    assert_eq!(fs::read_to_string(a.join("deep/x.log")).expect("there"), "log\n");
    assert_eq!(fs::read_to_string(a.join("src/b.rs")).expect("there"), "fn b() {}\n");
    assert_data_eq!(
        ground.git_in(&a, "status --porcelain --branch"),
        str![[r#"
## feature/track-a

"#]]
    );
}

#[test]
fn a_checkpoint_that_was_brought_back_is_taken_back() {
    let ground = Ground::with_tracks();
    let a = ground.track("a");
    write(&a.join("src/a.rs"), "one\n");
    ground.run("checkpoint create a");
    write(&a.join("src/a.rs"), "two\n");
    ground.run("checkpoint restore a@1");
    write(&a.join("src/a.rs"), "three\n");
    assert_data_eq!(
        timeless(&ground.refused("undo")),
        str![[r#"
-- stderr
tracks: event 3, `checkpoint restore a@1`, is not undone: the track a has changed since
  hint: bring back what was there, after saving what is there now: `tracks checkpoint restore a@[TIME]`
-- exit 2

"#]]
    );
    write(&a.join("src/a.rs"), "one\n");
    assert_data_eq!(
        timeless(&ground.run("undo")),
        str![[r#"
undid event 3, `checkpoint restore a@1`  of [WHEN] by Kim
restored a@[TIME]  what was there before a@[TIME] was brought back
-- stderr
back again with `tracks undo --of 4`

"#]]
    );
    assert_eq!(fs::read_to_string(a.join("src/a.rs")).expect("there"), "two\n");
}

#[test]
fn the_log_says_who_and_a_torn_line_does_no_harm() {
    let ground = Ground::new();
    let words = ["init", "a", "--no-hooks"];
    let mut command = ground.command(env!("CARGO_BIN_EXE_tracks"), &ground.shop());
    command.env("TRACKS_ID", "agent 7\u{1b}[31m").args(words).output().expect("it runs");
    let log = ground.shop().join(".git/tracks/log.jsonl");
    let text = fs::read_to_string(&log).expect("a log");
    fs::write(&log, format!("{text}{}", &text[..40])).expect("written");
    ground.run("add b");
    assert_data_eq!(
        timeless(&ground.run("log")),
        str![[r#"
1  [WHEN]  agent 7/x1b[31m  init a
   wrote .git/info/exclude  new
   created ref refs/heads/feature/track-a  3fc6310244
   created worktree worktrees/track-a  3fc6310244
   wrote tracks.toml  new
2  [WHEN]  Kim  add b
   created ref refs/heads/feature/track-b  3fc6310244
   created worktree worktrees/track-b  3fc6310244
   wrote tracks.toml

"#]]
    );
    assert_data_eq!(
        ground.refused("log --since yesterday"),
        str![[r#"
-- stderr
tracks: `yesterday` is no time
  hint: write a length of time such as `4h` or `2d`, or a day as `2026-12-01`
-- exit 2

"#]]
    );
    assert_data_eq!(
        Ground::new().run("log"),
        str![[r#"
nothing was changed

"#]]
    );
}
