//! `tracks check`, and what a track is never blamed for.

use std::fs;

use snapbox::{assert_data_eq, str};

use crate::support::{Ground, write};

const POLICY: &str = r#"
[tracks.a]
owns = ["api/**"]

[tracks.b]
owns = ["web/**"]

[tracks.c]
owns = ["docs/**"]
depends-on = ["a"]

[shared.log]
paths = ["CHANGELOG.md"]
mode = "append-only"

[rules.file-size]
max-lines = 5
max-bytes = 100

[rules.migrations]
preset = "supabase"
"#;

/// Three tracks that own a folder each, with hooks.
fn owned() -> Ground {
    let ground = Ground::new();
    ground.write("tracks.toml", POLICY);
    ground.write("api/x", "1\n2\n3\n");
    ground.write("web/x", "1\n2\n3\n");
    ground.write("CHANGELOG.md", "first\n");
    ground.write("supabase/migrations/20240101000000_init.sql", "select 1;\n");
    ground.git("add .");
    ground.git("commit -q -m declare");
    ground.run("init");
    ground
}

#[test]
fn what_each_rule_says() {
    let ground = owned();
    let b = ground.track("b");
    write(&b.join("api/x"), "1\n2\nthree\n");
    write(&b.join("web/long"), "1\n2\n3\n4\n5\n6\n");
    write(&b.join("web/marked"), "<<<<<<< ours\n1\n=======\n2\n>>>>>>> theirs\n");
    write(&b.join("elsewhere"), "nobody's\n");
    write(&b.join("CHANGELOG.md"), "rewritten\n");
    write(&b.join("supabase/migrations/no_version.sql"), "select 1;\n");
    write(&b.join("supabase/migrations/20240101000000_again.sql"), "select 1;\n");
    fs::remove_file(b.join("supabase/migrations/20240101000000_init.sql")).expect("removed");
    assert_data_eq!(
        ground.run_in(&b, "check"),
        str![[r#"
Errors
  b  migration.edited  supabase/migrations/20240101000000_init.sql
    is on `main` already and was deleted: where it has run, that will never happen
    cure: `git restore --source=main -- supabase/migrations/20240101000000_init.sql`, and write a new migration
  b  migration.name  supabase/migrations/no_version.sql
    is not a name that supabase reads: it should look like `20241001120000_a.sql`
    cure: rename it
  b, a  ownership.foreign  api/x
    belongs to `a` (`api/**`, `tracks.a.owns[0]`); `b` changed it
    cure: ask `a` to make the change, or `git stash push --include-untracked -- api/x`
  b  pattern.conflict-marker  web/marked:1-5
    a conflict is not resolved: its markers stand in lines 1 to 5
    cure: join the two sides by hand and take the markers out
  b  size.lines  web/long:6
    6 lines where 5 are allowed
    cure: split the file

Warnings
  b  ownership.shared  CHANGELOG.md
    lies in `CHANGELOG.md` of the shared zone `log`, where lines may only be added at the end; `b` changed it
    cure: put the new lines at the end, or `git stash push --include-untracked -- CHANGELOG.md`
  b  ownership.unowned  elsewhere
    belongs to nobody: no `owns` and no shared zone matches it; `b` added it
    cure: add it to `tracks.b.owns` in `tracks.toml` on `main`, or `git stash push --include-untracked -- elsewhere`
  b  ownership.unowned  supabase/migrations/20240101000000_again.sql
    belongs to nobody: no `owns` and no shared zone matches it; `b` added it
    cure: add it to `tracks.b.owns` in `tracks.toml` on `main`, or `git stash push --include-untracked -- supabase/migrations/20240101000000_again.sql`
  b  ownership.unowned  supabase/migrations/20240101000000_init.sql
    belongs to nobody: no `owns` and no shared zone matches it; `b` deleted it
    cure: add it to `tracks.b.owns` in `tracks.toml` on `main`, or `git restore --source=main -- supabase/migrations/20240101000000_init.sql`
  b  ownership.unowned  supabase/migrations/no_version.sql
    belongs to nobody: no `owns` and no shared zone matches it; `b` added it
    cure: add it to `tracks.b.owns` in `tracks.toml` on `main`, or `git stash push --include-untracked -- supabase/migrations/no_version.sql`

5 errors, 5 warnings, all new
-- exit 1

"#]]
    );
    assert_data_eq!(
        ground.run("check --track b web"),
        str![[r#"
Errors
  b  pattern.conflict-marker  web/marked:1-5
    a conflict is not resolved: its markers stand in lines 1 to 5
    cure: join the two sides by hand and take the markers out
  b  size.lines  web/long:6
    6 lines where 5 are allowed
    cure: split the file

2 errors, all new
-- exit 1

"#]]
    );
    assert_data_eq!(
        ground.run("check --track a"),
        str![[r#"
no findings

"#]]
    );
}

#[test]
fn the_hook_judges_what_is_staged() {
    let ground = owned();
    let b = ground.track("b");
    write(&b.join("api/x"), "staged\n");
    ground.git_in(&b, "add api/x");
    write(&b.join("api/x"), "1\n2\n3\n");
    write(&b.join("web/long"), "1\n2\n3\n4\n5\n6\n");
    let commit = ground.try_git_in(&b, "commit -q -m foreign");
    assert_data_eq!(
        ground.said(&commit),
        str![[r#"
-- stderr
Errors
  b, a  ownership.foreign  api/x
    belongs to `a` (`api/**`, `tracks.a.owns[0]`); `b` changed it
    cure: ask `a` to make the change, or `git stash push --include-untracked -- api/x`

1 error, all new
-- exit 1

"#]]
    );
    assert_eq!(ground.git("rev-parse feature/track-b"), ground.git("rev-parse main"));
    let escaped = ground.command("git", &b).env("TRACKS", "0").args(["commit", "-q", "-m", "x"]).output();
    assert!(escaped.expect("git is installed").status.success());
}

#[test]
fn the_hook_reads_the_index_of_the_commit_and_no_other() {
    let ground = owned();
    let b = ground.track("b");
    write(&b.join("api/x"), "foreign\n");
    ground.git_in(&b, "add api/x");
    write(&b.join("web/x"), "fine\n");
    // `git commit FILE` commits that file alone, by an index of its own.
    let commit = ground.try_git_in(&b, "commit -q -m fine web/x");
    assert_data_eq!(ground.said(&commit), str![[r#""#]]);
}

#[test]
fn two_tracks_with_one_version_are_told_before_the_commit() {
    let ground = owned();
    write(&ground.track("a").join("supabase/migrations/20240202000000_a.sql"), "select 1;\n");
    let b = ground.track("b");
    write(&b.join("supabase/migrations/20240202000000_b.sql"), "select 1;\n");
    ground.git_in(&b, "add .");
    let commit = ground.try_git_in(&b, "commit -q -m collides");
    assert_data_eq!(
        ground.said(&commit),
        str![[r#"
-- stderr
Errors
  b, a  migration.duplicate  supabase/migrations/20240202000000_b.sql
    version `20240202000000` is also that of `supabase/migrations/20240202000000_a.sql` of `a`: supabase refuses to run (the version is a primary key, and the second insert fails)
    cure: `tracks migration renumber b` (rename to a later timestamp; --include-all only by decision)

Warnings
  b  ownership.unowned  supabase/migrations/20240202000000_b.sql
    belongs to nobody: no `owns` and no shared zone matches it; `b` added it
    cure: add it to `tracks.b.owns` in `tracks.toml` on `main`, or `git stash push --include-untracked -- supabase/migrations/20240202000000_b.sql`

1 error, 1 warning, all new
-- exit 1

"#]]
    );
}

#[test]
fn the_main_checkout_may_change_the_policy() {
    let ground = owned();
    ground.write("tracks.toml", &POLICY.replace("max-lines = 5", "max-lines = 6"));
    ground.git("add .");
    let commit = ground.try_git_in(&ground.shop(), "commit -q -m policy");
    assert_data_eq!(ground.said(&commit), str![[r#""#]]);
}

#[test]
fn nobody_is_blamed_for_what_the_target_did() {
    let ground = owned();
    ground.commit(&ground.track("b"), "web/x", "1\n2\nthree\n");
    ground.commit(&ground.shop(), "api/x", "moved on\n");
    ground.git_in(&ground.track("b"), "merge -q --no-edit main");
    assert_data_eq!(
        ground.run("check --all"),
        str![[r#"
no findings

"#]]
    );
}

#[test]
fn nobody_is_blamed_for_the_track_they_build_on() {
    let ground = owned();
    ground.commit(&ground.track("a"), "api/x", "1\ntwo\n3\n");
    let c = ground.track("c");
    ground.git_in(&c, "reset -q --hard feature/track-a");
    ground.commit(&c, "docs/x", "how to\n");
    assert_data_eq!(
        ground.run("check --all"),
        str![[r#"
no findings

"#]]
    );
}

#[test]
fn nobody_is_blamed_for_a_sibling_that_was_merged_in() {
    let ground = owned();
    ground.commit(&ground.track("a"), "api/x", "1\ntwo\n3\n");
    ground.commit(&ground.track("b"), "web/x", "1\ntwo\n3\n");
    ground.git_in(&ground.track("b"), "merge -q --no-edit feature/track-a");
    assert_data_eq!(
        ground.run("check --all"),
        str![[r#"
no findings

"#]]
    );
}

#[test]
fn nobody_is_blamed_for_a_sibling_that_landed_by_squash() {
    let ground = owned();
    ground.commit(&ground.track("a"), "api/x", "1\ntwo\n3\n");
    let c = ground.track("c");
    ground.git_in(&c, "reset -q --hard feature/track-a");
    ground.commit(&c, "docs/x", "how to\n");
    ground.git("merge -q --squash feature/track-a");
    ground.git("commit -q -m squashed");
    ground.git("worktree remove --force worktrees/track-a");
    ground.git("branch -q -D feature/track-a");
    assert_data_eq!(
        ground.run("check --all"),
        str![[r#"
Warnings
  a  track.missing
    its branch `feature/track-a` does not exist
    cure: make it with `tracks init`

1 warning, all new

"#]]
    );
}

#[test]
fn a_rename_counts_on_both_paths() {
    let ground = owned();
    let b = ground.track("b");
    ground.git_in(&b, "mv api/x web/taken");
    assert_data_eq!(
        ground.run_in(&b, "check"),
        str![[r#"
Errors
  b, a  ownership.foreign  api/x
    belongs to `a` (`api/**`, `tracks.a.owns[0]`); `b` deleted it
    cure: ask `a` to make the change, or `git restore --source=main -- api/x`

1 error, all new
-- exit 1

"#]]
    );
}

#[test]
fn paths_to_check_are_from_the_folder_one_is_in() {
    let ground = Ground::with_tracks();
    let a = ground.track("a");
    write(&a.join("src/left"), "<<<<<<< ours\n=======\n>>>>>>> theirs\n");
    let all = ground.run_in(&a, "check");
    assert_data_eq!(
        all.as_str(),
        str![[r#"
Errors
  a  pattern.conflict-marker  src/left:1-3
    a conflict is not resolved: its markers stand in lines 1 to 3
    cure: join the two sides by hand and take the markers out

1 error, all new
-- exit 1

"#]]
    );
    assert_eq!(ground.run_in(&a, "check ."), all);
    assert_eq!(ground.run_in(&a, "check src"), all);
    assert_eq!(ground.run_in(&a.join("src"), "check left"), all);
    assert_eq!(ground.run_in(&a.join("src"), "check ../src/./left"), all);
    assert_eq!(ground.run_in(&a.join("src"), "check .."), all);
    assert_eq!(ground.run_in(&a.join("src"), "check src"), "no findings\n");
    // Where the track could not be read, no path of it is clean.
    fs::remove_file(a.join(".git")).expect("removed");
    assert_data_eq!(
        ground.run("check src"),
        str![[r#"
Errors
  a  conflict.unknown
    cannot be judged: has lost its link to the repository
    cure: mend it with `git worktree repair worktrees/track-a`

1 error, all new
-- exit 1

"#]]
    );
}
