//! `tracks doctor` on what is left behind: records of interrupted runs, scratch, kept files, approvals.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use snapbox::{assert_data_eq, str};

use crate::support::{Ground, timeless, write};

#[test]
fn what_runs_left_is_listed() {
    let ground = Ground::with_tracks();
    let state = ground.shop().join(".git/tracks");
    write(&ground.track("b").join("x.log"), "precious\n");
    ground.run("remove b --keep-ignored");
    write(&state.join("journal/unread-20241001T120000Z.json"), "{\n");
    fs::create_dir_all(state.join("scratch/run-abc")).expect("made");
    write(&state.join("scratch/run-abc/claim"), "");
    let text = r#"{"command":"add c","process":1,"time":1727784000,"changes":[],"undoes":[]}"#;
    write(&state.join("journal/record.json"), text);
    assert_data_eq!(
        timeless(&ground.run("doctor")),
        str![[r#"
warning a record of changes
  is there: a command that writes is at work, or was interrupted
  cure: any command that writes finishes it or takes it back: `tracks doctor --fix`
warning a record of changes
  of an interrupted command could not be read, and was put aside: .git/tracks/journal/unread-[TIME].json
  cure: look at it, and at `git worktree list`; then `rm .git/tracks/journal/unread-[TIME].json`
note ignored files
  of 1 removed worktree lie in .git/tracks/kept: 4.0 KiB
  cure: `tracks undo` brings them back with their worktree; remove what nobody needs: `rm -r .git/tracks/kept/[TIME]-b`
note scratch
  holds 1 folder of runs that were ended
  cure: the next command that merges removes them: `tracks matrix`
note track b
  has no worktree
  cure: make it: `tracks init`

5 things to look at

"#]]
    );
    assert_data_eq!(
        timeless(&ground.run("doctor --fix")),
        str![[r#"
warning a record of changes
  of an interrupted command could not be read, and was put aside: .git/tracks/journal/unread-[TIME].json
  cure: look at it, and at `git worktree list`; then `rm .git/tracks/journal/unread-[TIME].json`
note ignored files
  of 1 removed worktree lie in .git/tracks/kept: 4.0 KiB
  cure: `tracks undo` brings them back with their worktree; remove what nobody needs: `rm -r .git/tracks/kept/[TIME]-b`
note scratch
  holds 1 folder of runs that were ended
  cure: the next command that merges removes them: `tracks matrix`
note track b
  has no worktree
  cure: make it: `tracks init`

4 things to look at
-- stderr
tracks: an earlier `tracks add c` was interrupted: it had changed nothing yet

"#]]
    );
    assert!(!state.join("journal/record.json").exists());
}

#[test]
fn approvals_that_others_could_have_written_are_named() {
    let ground = Ground::with_tracks();
    let folder = ground.root.join(".local/state/tracks/trust");
    let file = folder.join("0".repeat(64));
    write(&file, "x");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).expect("set");
    assert_data_eq!(
        ground.run("doctor"),
        str![[r#"
error approvals
  cannot be used: others may write `[ROOT]/.local/state/tracks/trust/0000000000000000000000000000000000000000000000000000000000000000`: take that away with `chmod go-w`
  cure: see what is wrong with that file, remove it, and approve again: `tracks trust`

1 thing to look at
-- exit 1

"#]]
    );
}
