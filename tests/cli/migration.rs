//! `tracks migration`: versions that nobody else has.

use snapbox::{assert_data_eq, str};

use crate::support::{Ground, timeless, write};

/// Two tracks, and a policy for one framework.
fn ground(rules: &str, landed: &[(&str, &str)]) -> Ground {
    let ground = Ground::new();
    ground.write(
        "tracks.toml",
        &format!("[tracks.a]\npriority = 2\n[tracks.b]\npriority = 1\n[rules.migrations]\n{rules}"),
    );
    landed.iter().for_each(|(path, text)| ground.write(path, text));
    ground.git("add .");
    ground.git("commit -q -m policy");
    ground.run("init --no-hooks");
    ground
}

#[test]
fn a_new_one_has_the_next_number_of_all_tracks() {
    let ground = ground("preset = 'goose'\ntoken = '{track}'", &[("db/migrations/00001_first.sql", "")]);
    write(&ground.track("b").join("db/migrations/00002_b_mine.sql"), "");
    assert_data_eq!(
        ground.run_in(&ground.track("a"), "migration new Add-users --dry-run"),
        str![[r#"
would create migration db/migrations/00003_a_add_users.sql  in worktrees/track-a

"#]]
    );
    assert_data_eq!(
        ground.run_in(&ground.track("a"), "migration new Add-users"),
        str![[r#"
created migration db/migrations/00003_a_add_users.sql  in worktrees/track-a

"#]]
    );
    assert_data_eq!(
        ground.run("migration new more --track b"),
        str![[r#"
created migration db/migrations/00004_b_more.sql  in worktrees/track-b

"#]]
    );
    let text = std::fs::read_to_string(ground.track("b").join("db/migrations/00004_b_more.sql")).expect("written");
    assert_eq!(text, "-- +goose Up\n\n-- +goose Down\n");
    assert_data_eq!(
        ground.run("migration list"),
        str![[r#"
version  track  state        path
00001    -                   db/migrations/00001_first.sql
00003    a      uncommitted  db/migrations/00003_a_add_users.sql
00002    b      uncommitted  db/migrations/00002_b_mine.sql
00004    b      uncommitted  db/migrations/00004_b_more.sql

"#]]
    );
}

#[test]
fn a_track_is_renumbered_in_one_commit() {
    let landed = [("migrations/000001_first.up.sql", ""), ("migrations/000001_first.down.sql", "")];
    let ground = ground("preset = 'golang-migrate'", &landed);
    let (a, b) = (ground.track("a"), ground.track("b"));
    for (track, name) in [(&a, "mine"), (&b, "theirs")] {
        ground.commit(track, &format!("migrations/000002_{name}.up.sql"), "create table x (y int);\n");
        ground.commit(track, &format!("migrations/000002_{name}.down.sql"), &format!("-- undoes 000002_{name}\n"));
    }
    write(&a.join("notes"), "not to be committed\n");
    ground.git_in(&a, "add notes");
    write(&a.join("migrations/000003_more.up.sql"), "");
    write(&a.join("migrations/000003_more.down.sql"), "");
    assert_data_eq!(
        ground.run("migration list"),
        str![[r#"
version  track  state                path
000001   -                           migrations/000001_first.down.sql
000001   -                           migrations/000001_first.up.sql
000002   a      migration.duplicate  migrations/000002_mine.down.sql
000002   a      migration.duplicate  migrations/000002_mine.up.sql
000003   a      uncommitted          migrations/000003_more.down.sql
000003   a      uncommitted          migrations/000003_more.up.sql
000002   b                           migrations/000002_theirs.down.sql
000002   b                           migrations/000002_theirs.up.sql

"#]]
    );
    let before = ground.state();
    assert_data_eq!(
        ground.run("migration renumber a --dry-run"),
        str![[r#"
would rename migrations/000002_mine.down.sql  to migrations/000004_mine.down.sql
would rename migrations/000002_mine.up.sql  to migrations/000004_mine.up.sql
would rename migrations/000003_more.down.sql  to migrations/000005_more.down.sql
would rename migrations/000003_more.up.sql  to migrations/000005_more.up.sql
would commit on feature/track-a

"#]]
    );
    ground.assert_unchanged(&before);
    assert_data_eq!(
        timeless(&ground.run("migration renumber a")),
        str![[r#"
renamed migrations/000002_mine.down.sql  to migrations/000004_mine.down.sql
renamed migrations/000002_mine.up.sql  to migrations/000004_mine.up.sql
renamed migrations/000003_more.down.sql  to migrations/000005_more.down.sql
renamed migrations/000003_more.up.sql  to migrations/000005_more.up.sql
committed 8233063a61 on feature/track-a
saved a@[TIME]  what was there before: `tracks checkpoint restore a@[TIME]`

"#]]
    );
    assert_data_eq!(
        ground.git_in(&a, "show --format=%s --name-status HEAD"),
        str![[r#"
Renumber the migrations of a

D	migrations/000002_mine.down.sql
A	migrations/000004_mine.down.sql
R100	migrations/000002_mine.up.sql	migrations/000004_mine.up.sql

"#]]
    );
    assert_data_eq!(
        ground.git_in(&a, "status --short"),
        str![[r#"
A  notes
?? migrations/000005_more.down.sql
?? migrations/000005_more.up.sql

"#]]
    );
    let down = std::fs::read_to_string(a.join("migrations/000004_mine.down.sql")).expect("there");
    assert_eq!(down, "-- undoes 000004_mine\n");
    assert_data_eq!(
        ground.run("migration renumber a"),
        str![[r#"
nothing to do

"#]]
    );
}

#[test]
fn django_follows_the_head_of_the_target() {
    let first = [("shop/migrations/0001_first.py", "dependencies = []\n")];
    let ground = ground("preset = 'django'", &first);
    let after = |id: &str| format!("class Migration:\n    dependencies = [('shop', '{id}')]\n");
    let a = ground.track("a");
    ground.commit(&a, "shop/migrations/0002_mine.py", &after("0001_first"));
    ground.commit(&a, "shop/migrations/0003_next.py", &after("0002_mine"));
    ground.commit(&ground.shop(), "shop/migrations/0002_theirs.py", &after("0001_first"));
    assert_data_eq!(
        ground.refused("migration renumber a"),
        str![[r#"
-- stderr
tracks: `a` has not got `shop/migrations/0002_theirs.py`, which it must follow
  hint: merge the target into it first
-- exit 2

"#]]
    );
    ground.git_in(&a, "merge -q main");
    assert_data_eq!(
        ground.run("check --track a"),
        str![[r#"
Errors
  a  migration.heads  shop/migrations/0003_next.py
    nothing follows this migration, and nothing follows `shop/migrations/0002_theirs.py` on `main`: django refuses to run with two heads
    cure: `tracks migration renumber a`, or python manage.py makemigrations --merge

1 error, all new
-- exit 1

"#]]
    );
    assert_data_eq!(
        timeless(&ground.run("migration renumber a")),
        str![[r#"
renamed shop/migrations/0002_mine.py  to shop/migrations/0003_mine.py
renamed shop/migrations/0003_next.py  to shop/migrations/0004_next.py
committed 882bdca987 on feature/track-a
saved a@[TIME]  what was there before: `tracks checkpoint restore a@[TIME]`

"#]]
    );
    assert_eq!(std::fs::read_to_string(a.join("shop/migrations/0003_mine.py")).expect("there"), after("0002_theirs"));
    assert_eq!(std::fs::read_to_string(a.join("shop/migrations/0004_next.py")).expect("there"), after("0003_mine"));
    assert_data_eq!(
        ground.run("check --track a"),
        str![[r#"
no findings

"#]]
    );
}

#[test]
fn refusals() {
    let ground = ground("preset = 'rails'", &[("db/migrate/20240101000000_first.rb", "")]);
    assert_data_eq!(
        ground.refused("migration new x"),
        str![[r#"
-- stderr
tracks: this is the worktree of no track
  hint: name one: `tracks migration new NAME --track T`
-- exit 2

"#]]
    );
    assert_data_eq!(
        ground.refused("migration new ../x --track a"),
        str![[r#"
-- stderr
tracks: `../x` is no name for a migration
  hint: use letters, digits and `_`
-- exit 2

"#]]
    );
    let said = ground.refused("migration new add_users --track a");
    assert_data_eq!(
        said,
        str![[r#"
-- stderr
tracks: rails writes migrations itself
  hint: in `[ROOT]/shop/worktrees/track-a`: `bin/rails generate migration add_users`
  hint: the next version that no track has is `[..]`
-- exit 2

"#]]
    );
    ground.commit(&ground.track("a"), "db/migrate/20230101000000_old.rb", "class Old\n");
    write(&ground.track("a").join("db/migrate/20230101000000_old.rb"), "class Older\n");
    assert_data_eq!(
        ground.refused("migration renumber a"),
        str![[r#"
-- stderr
tracks: `db/migrate/20230101000000_old.rb` holds changes that are not committed
  hint: commit them, or put them aside with `git stash`
-- exit 2

"#]]
    );
    let plain = Ground::with_tracks();
    assert_data_eq!(
        plain.refused("migration list"),
        str![[r#"
-- stderr
tracks: `tracks.toml` does not say how migrations are named
  hint: add `[rules.migrations]` with a `preset`
-- exit 2

"#]]
    );
}
