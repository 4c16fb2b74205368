//! `tracks undo` of what moved branches: their files follow where they are checked out, and nobody's work is in the way.

use snapbox::{assert_data_eq, str};

use crate::support::{Ground, timeless, write};

/// Track `b` has a commit that `main` has not.
fn ground() -> Ground {
    let ground = Ground::with_tracks();
    ground.commit(&ground.track("b"), "src/b.rs", "fn b() {}\n");
    ground
}

fn tips(ground: &Ground) -> String {
    ground.git("for-each-ref --format=%(refname:short):%(objectname) refs/heads")
}

#[test]
fn a_landing_goes_back_with_its_files() {
    let ground = ground();
    let before = tips(&ground);
    ground.run("land b --squash");
    let after = tips(&ground);
    write(&ground.shop().join("notes"), "mine\n");
    ground.write("src/a.rs", "mine, too\n");
    assert_data_eq!(
        timeless(&ground.run("undo")),
        str![[r#"
undid event 2, `land b`  of [WHEN] by Kim
moved branch feature/track-b  back to 2b44c580326a5d45816c31f695fbf94304890a82
moved branch main  back to 54f5adb1f6d1f686d2b0c1ba2d240557c3ffca4c
-- stderr
back again with `tracks undo --of 3`

"#]]
    );
    assert_eq!(tips(&ground), before);
    assert_eq!(ground.git("status --short"), " M src/a.rs\n?? notes\n");
    assert_eq!(ground.git_in(&ground.track("b"), "status --short"), "");
    ground.run("undo --of 3");
    assert_eq!(tips(&ground), after);
    assert_eq!(ground.git("status --short"), " M src/a.rs\n?? notes\n");
}

#[test]
fn what_is_in_the_way_of_going_back_is_named() {
    let ground = ground();
    ground.run("land b");
    ground.write("src/b.rs", "mine\n");
    assert_data_eq!(
        ground.refused("undo"),
        str![[r#"
-- stderr
tracks: event 2, `land b`, is not undone: what is not committed is in the way in `.`: `src/b.rs`
  hint: commit it, or put it aside, such as with `git -C . stash -u`
-- exit 2

"#]]
    );
    ground.git("checkout -q src/b.rs");
    ground.git("switch -q --detach");
    ground.run("undo");
    assert_eq!(ground.read("src/b.rs"), "fn b() {}\n", "the branch is checked out nowhere, and no files follow");
    ground.git("switch -q main");
    ground.git("bisect start");
    ground.run("land b");
    assert_data_eq!(
        ground.run("undo --of 3"),
        str![[r#"
-- stderr
tracks: event 3, `undo`, is not undone: `main` is checked out in `[ROOT]/shop`, which has a bisect in progress
  hint: see `git -C . status`
-- exit 2

"#]]
    );
}

#[test]
fn a_file_that_was_deleted_and_is_ignored_now_stays() {
    let ground = ground();
    ground.git_in(&ground.track("b"), "rm -q src/a.rs");
    ground.git_in(&ground.track("b"), "commit -q -m gone");
    ground.run("land b");
    ground.write(".gitignore", "src/a.rs\n");
    ground.git("commit -q -a -m ignore");
    ground.write("src/a.rs", "precious\n");
    ground.git("reset -q --soft HEAD~1");
    assert_data_eq!(
        ground.refused("undo"),
        str![[r#"
-- stderr
tracks: event 2, `land b`, is not undone: what is not committed is in the way in `.`: `src/a.rs`
  hint: commit it, or put it aside, such as with `git -C . stash -u`
-- exit 2

"#]]
    );
    assert_eq!(ground.read("src/a.rs"), "precious\n");
}

#[test]
fn an_update_goes_back_under_work_that_is_not_committed() {
    let ground = ground();
    ground.run("land b");
    write(&ground.track("a").join("src/a.rs"), "mine\n");
    let before = tips(&ground);
    ground.run("update a");
    assert_ne!(tips(&ground), before);
    ground.run("undo");
    assert_eq!(tips(&ground), before);
    assert_eq!(ground.git_in(&ground.track("a"), "status --short"), " M src/a.rs\n");
    assert_data_eq!(
        timeless(&ground.run("log --track a")),
        str![[r#"
1  [WHEN]  Kim  init a b
   wrote .git/info/exclude  new
   created ref refs/heads/feature/track-a  3fc6310244
   created worktree worktrees/track-a  3fc6310244
   created ref refs/heads/feature/track-b  3fc6310244
   created worktree worktrees/track-b  3fc6310244
   wrote tracks.toml  new
3  [WHEN]  Kim  update a  undone
   saved a@[TIME]
   moved ref refs/heads/feature/track-a  3fc6310244 to 39a1cf2f16
4  [WHEN]  Kim  undo  of 3
   moved ref refs/heads/feature/track-a  39a1cf2f16 to 3fc6310244

"#]]
    );
}

#[test]
fn a_renumbering_goes_back_in_one() {
    let ground = Ground::with_tracks();
    ground.write("tracks.toml", &(ground.read("tracks.toml") + "[rules.migrations]\npreset = 'goose'\n"));
    ground.git("add tracks.toml");
    ground.commit(&ground.shop(), "db/migrations/00002_theirs.sql", "theirs\n");
    let b = ground.track("b");
    ground.commit(&b, "db/migrations/00002_mine.sql", "mine\n");
    write(&b.join("db/migrations/00003_staged.sql"), "staged\n");
    ground.git_in(&b, "add db");
    write(&b.join("db/migrations/00003_staged.sql"), "staged, and more\n");
    write(&b.join("db/migrations/00004_loose.sql"), "loose\n");
    let (tips_before, before) = (tips(&ground), ground.git_in(&b, "status --short"));
    let diff = ground.git_in(&b, "diff HEAD --stat");
    assert_data_eq!(
        timeless(&ground.run("migration renumber b")),
        str![[r#"
renamed db/migrations/00002_mine.sql  to db/migrations/00005_mine.sql
renamed db/migrations/00003_staged.sql  to db/migrations/00006_staged.sql
renamed db/migrations/00004_loose.sql  to db/migrations/00007_loose.sql
committed 9e04609c76 on feature/track-b
saved b@[TIME]  what was there before: `tracks checkpoint restore b@[TIME]`

"#]]
    );
    assert_data_eq!(
        ground.git_in(&b, "status --short"),
        str![[r#"
AM db/migrations/00006_staged.sql
?? db/migrations/00007_loose.sql

"#]]
    );
    assert_data_eq!(
        timeless(&ground.run("log")),
        str![[r#"
1  [WHEN]  Kim  init a b
   wrote .git/info/exclude  new
   created ref refs/heads/feature/track-a  3fc6310244
   created worktree worktrees/track-a  3fc6310244
   created ref refs/heads/feature/track-b  3fc6310244
   created worktree worktrees/track-b  3fc6310244
   wrote tracks.toml  new
2  [WHEN]  Kim  migration renumber b
   saved b@[TIME]
   moved ref refs/heads/feature/track-b  5ff45b7c18 to 9e04609c76
   removed worktrees/track-b/db/migrations/00003_staged.sql  was ffafa63b07
   removed worktrees/track-b/db/migrations/00004_loose.sql  was b6586661e7
   wrote worktrees/track-b/db/migrations/00006_staged.sql  new
   wrote worktrees/track-b/db/migrations/00007_loose.sql  new

"#]]
    );
    ground.run("undo");
    assert_eq!((tips(&ground), ground.git_in(&b, "status --short")), (tips_before, before));
    assert_eq!(ground.git_in(&b, "diff HEAD --stat"), diff);
}

#[test]
fn what_was_written_for_somebody_goes_again() {
    let ground = Ground::with_tracks();
    let text = ground.read("tracks.toml") + "[rules.migrations]\npreset = 'goose'\ndirectories = ['db']\n";
    ground.write("tracks.toml", &text);
    ground.git("commit -q -a -m rules");
    ground.run("owner --give src/** --to b");
    ground.run("migration new one --track a");
    assert_data_eq!(
        ground.git_in(&ground.track("a"), "status --short"),
        str![[r#"
?? db/

"#]]
    );
    ground.run("undo 2");
    assert_eq!(ground.read("tracks.toml"), text);
    assert_eq!(ground.git_in(&ground.track("a"), "status --short"), "");
}
