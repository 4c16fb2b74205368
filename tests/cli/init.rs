//! `tracks init`: tracks declared, and what is declared made.

use std::fs;

use snapbox::{assert_data_eq, str};

use crate::support::{Ground, write};

#[test]
fn with_names_it_declares_and_makes_them() {
    let ground = Ground::new();
    assert_data_eq!(
        ground.run("init a b --phase p1"),
        str![[r#"
excluded /worktrees/  in info/exclude
created branch feature/p1-track-a  from main 3fc6310244
created worktree worktrees/p1-track-a
created branch feature/p1-track-b  from main 3fc6310244
created worktree worktrees/p1-track-b
declared track a  in tracks.toml
declared track b  in tracks.toml
installed hook pre-commit
installed hook pre-merge-commit
installed hook pre-push
installed hook post-commit
installed hook post-checkout
-- stderr
tracks: until tracks.toml is committed on main, this copy is the one that binds
next: git add tracks.toml && git commit -m 'Declare the tracks'

"#]]
    );
    assert_data_eq!(
        ground.read("tracks.toml"),
        str![[r##"
# Which tracks there are, what each of them may change, and what has to hold before it lands.
# Rules bind from the copy of this file on the target branch.
# Every key: `tracks schema config`. What a rule means: `tracks explain RULE`.

target = "main"
phase = "p1"

[naming]                                    # {track}, {phase}, {agent} and, in a directory, {repo}
branch = "feature/{phase}-track-{track}"    # without a phase, `{phase}-` is left out
directory = "worktrees/{phase}-track-{track}"

[tracks.a]
# title = ""
# owns = ["src/a/**"]

[tracks.b]
# title = ""
# owns = ["src/b/**"]

# [[gates]]                                 # a command that must pass on the merged tracks
# name = "test"
# run = "make test"

"##]]
    );
    assert_data_eq!(
        ground.git("status --short"),
        str![[r#"
?? tracks.toml

"#]]
    );
    assert_data_eq!(
        ground.git("for-each-ref --format=%(refname)"),
        str![[r#"
refs/heads/feature/p1-track-a
refs/heads/feature/p1-track-b
refs/heads/main

"#]]
    );
    assert_data_eq!(
        ground.read(".git/info/exclude"),
        str![[r#"
# tracks
/worktrees/

"#]]
    );
}

#[test]
fn a_second_run_changes_nothing_and_says_so() {
    let ground = Ground::new();
    ground.run("init a b");
    let before = ground.state();
    assert_data_eq!(
        ground.run("init a b"),
        str![[r#"
nothing to do
-- stderr
tracks: until tracks.toml is committed on main, this copy is the one that binds
next: git add tracks.toml && git commit -m 'Declare the tracks'

"#]]
    );
    assert_data_eq!(
        ground.run("init"),
        str![[r#"
nothing to do
-- stderr
tracks: until tracks.toml is committed on main, this copy is the one that binds
next: git add tracks.toml && git commit -m 'Declare the tracks'

"#]]
    );
    ground.assert_unchanged(&before);
}

#[test]
fn a_plan_writes_nothing() {
    let ground = Ground::new();
    let before = ground.state();
    assert_data_eq!(
        ground.run("init a --dry-run"),
        str![[r#"
would exclude /worktrees/  in info/exclude
would create branch feature/track-a  from main 3fc6310244
would create worktree worktrees/track-a
would declare track a  in tracks.toml
would install hook pre-commit
would install hook pre-merge-commit
would install hook pre-push
would install hook post-commit
would install hook post-checkout

"#]]
    );
    assert_data_eq!(
        ground.run("init --dry-run"),
        str![[r#"
would write tracks.toml
would install hook pre-commit
would install hook pre-merge-commit
would install hook pre-push
would install hook post-commit
would install hook post-checkout

"#]]
    );
    ground.assert_unchanged(&before);
}

#[test]
fn without_names_it_writes_a_file_to_start_from() {
    let ground = Ground::new();
    ground.write("CODEOWNERS", "* @kim\n");
    ground.write("supabase/migrations/1_a.sql", "\n");
    ground.git("worktree add -q ../login -b feature/login");
    assert_data_eq!(
        ground.run("init --no-hooks"),
        str![[r#"
wrote tracks.toml
-- stderr
next: declare your tracks in tracks.toml, then `tracks init`

"#]]
    );
    assert_data_eq!(
        ground.read("tracks.toml"),
        str![[r##"
# Which tracks there are, what each of them may change, and what has to hold before it lands.
# Rules bind from the copy of this file on the target branch.
# Every key: `tracks schema config`. What a rule means: `tracks explain RULE`.

target = "main"

[naming]                                    # {track}, {phase}, {agent} and, in a directory, {repo}
branch = "feature/{phase}-track-{track}"    # without a phase, `{phase}-` is left out
directory = "worktrees/{phase}-track-{track}"

# `CODEOWNERS` says who reviews a path; `owns` below says which track may change it.

[tracks.login]
branch = "feature/login"
directory = "../login"
# owns = []

[rules.migrations]
preset = "supabase"
directories = ["supabase/migrations"]
# token = "{track}"                         # what names the track, right after the version

# [[gates]]                                 # a command that must pass on the merged tracks
# name = "test"
# run = "make test"

"##]]
    );
    assert_data_eq!(
        ground.run("init --no-hooks"),
        str![[r#"
nothing to do
-- stderr
tracks: until tracks.toml is committed on main, this copy is the one that binds
next: git add tracks.toml && git commit -m 'Declare the tracks'

"#]]
    );
}

#[test]
fn worktrees_that_cannot_be_tracks_together_are_left_out() {
    let ground = Ground::new();
    let paths = ["../one", "../one/inner", "worktrees/x", "../../far"];
    let branches = ["feature/a", "feature/b", "fix/a", "far"];
    for (path, branch) in paths.iter().zip(branches) {
        ground.git(&format!("worktree add -q {path} -b {branch}"));
    }
    ground.git("worktree add -q --detach ../none");
    ground.run("init --no-hooks");
    let text = ground.read("tracks.toml");
    let declared: Vec<&str> = text.lines().filter(|line| line.starts_with(['[', 'b', 'd'])).collect();
    assert_data_eq!(
        declared.join("\n"),
        str![[r#"
[naming]                                    # {track}, {phase}, {agent} and, in a directory, {repo}
branch = "feature/{phase}-track-{track}"    # without a phase, `{phase}-` is left out
directory = "worktrees/{phase}-track-{track}"
[tracks.a]
branch = "feature/a"
directory = "../one"
[tracks.far]
branch = "far"
"#]]
    );
}

#[test]
fn without_names_it_makes_what_is_declared() {
    let ground = Ground::new();
    ground.write("tracks.toml", "[naming]\ndirectory = '../{repo}.{track}'\n[tracks.a]\n[tracks.b]\nbranch='b'\n");
    ground.git("branch b");
    assert_data_eq!(
        ground.run("init --no-hooks"),
        str![[r#"
created branch feature/track-a  from main 3fc6310244
created worktree [ROOT]/shop.a
created worktree [ROOT]/shop.b  of the branch b, as it is
-- stderr
tracks: until tracks.toml is committed on main, this copy is the one that binds
next: git add tracks.toml && git commit -m 'Declare the tracks'

"#]]
    );
    assert!(ground.root.join("shop.b/src/a.rs").is_file());
}

#[test]
fn a_bare_repository_gets_the_worktrees_it_declares_and_no_declarations() {
    let ground = Ground::new();
    ground.write("tracks.toml", "[naming]\ndirectory = 'shop.{track}'\n[tracks.a]\n");
    ground.git("add .");
    ground.git("commit -q -m declare");
    ground.git_in(&ground.root, "clone -q --bare shop bare.git");
    let bare = ground.root.join("bare.git");
    assert_data_eq!(
        ground.refused_in(&bare, "init b"),
        str![[r#"
-- stderr
tracks: this repository is bare: there is no main worktree to edit `tracks.toml` in
  hint: declare the tracks in `tracks.toml` on `main`, commit it, and run `tracks init`
-- exit 2

"#]]
    );
    assert_data_eq!(
        ground.run_in(&bare, "init --no-hooks"),
        str![[r#"
created branch feature/track-a  from main 9cb435b471
created worktree [ROOT]/shop.a
-- stderr
next: cd '[ROOT]/shop.a'

"#]]
    );
    assert!(ground.root.join("shop.a/src/a.rs").is_file());
}

#[test]
fn a_folder_that_is_gone_is_named_with_both_cures() {
    let ground = Ground::with_tracks();
    fs::remove_dir_all(ground.track("a")).expect("removed");
    assert_data_eq!(
        ground.refused("init"),
        str![[r#"
-- stderr
tracks: the folder of track `a`, `worktrees/track-a`, is gone
  hint: if it was moved: `git worktree repair NEW-FOLDER`; else make it again with `git worktree add -f worktrees/track-a feature/track-a`
-- exit 2

"#]]
    );
    assert_data_eq!(
        ground.run("init b"),
        str![[r#"
installed hook pre-commit
installed hook pre-merge-commit
installed hook pre-push
installed hook post-commit
installed hook post-checkout
-- stderr
next: tracks list

"#]]
    );
}

#[test]
fn the_target_s_copy_binds() {
    let ground = Ground::with_tracks();
    ground.write("tracks.toml", &ground.read("tracks.toml").replace("worktrees/", "elsewhere/"));
    assert_data_eq!(
        ground.run("init c --no-hooks"),
        str![[r#"
created branch feature/track-c  from main 54f5adb1f6
created worktree worktrees/track-c
declared track c  in tracks.toml
-- stderr
next: git add tracks.toml && git commit -m 'Declare the tracks'

"#]]
    );
    assert_data_eq!(
        ground.refused("init --target other"),
        str![[r#"
-- stderr
tracks: `tracks.toml` is there and says otherwise than `--target other`
  hint: set `target` in `tracks.toml`, and commit it on `main`
-- exit 2

"#]]
    );
}

#[test]
fn hooks_of_another_manager_are_left_alone() {
    let ground = Ground::new();
    ground.git("config core.hooksPath .husky");
    assert_data_eq!(
        ground.run("init a"),
        str![[r#"
excluded /worktrees/  in info/exclude
created branch feature/track-a  from main 3fc6310244
created worktree worktrees/track-a
declared track a  in tracks.toml
-- stderr
tracks: the hooks are not installed: no pre-commit hook can be had: `core.hooksPath` is `.husky`, and there is no such folder here: git runs no hook at all
  hint: run `npx husky` here, then `tracks hooks install`
tracks: until tracks.toml is committed on main, this copy is the one that binds
next: git add tracks.toml && git commit -m 'Declare the tracks'

"#]]
    );
    assert!(!ground.shop().join(".husky").exists());
}

#[test]
fn an_old_exclude_file_keeps_every_byte() {
    let ground = Ground::new();
    write(&ground.shop().join(".git/info/exclude"), "*.swp");
    ground.write("worktrees/readme", "mine\n");
    ground.run("init a --no-hooks");
    assert_data_eq!(
        ground.read(".git/info/exclude"),
        str![[r#"
*.swp
# tracks
/worktrees/track-a/

"#]]
    );
}

#[test]
fn programs_read_json() {
    let ground = Ground::new();
    assert_data_eq!(
        ground.run("init a --no-hooks --format json"),
        str![[r#"
{
  "schema": 1,
  "command": "init",
  "steps": [
    {
      "action": "exclude",
      "subject": "/worktrees/",
      "detail": "in info/exclude",
      "done": true
    },
    {
      "action": "create",
      "subject": "branch feature/track-a",
      "detail": "from main 3fc6310244",
      "done": true
    },
    {
      "action": "create",
      "subject": "worktree worktrees/track-a",
      "done": true
    },
    {
      "action": "declare",
      "subject": "track a",
      "detail": "in tracks.toml",
      "done": true
    }
  ]
}
-- stderr
tracks: until tracks.toml is committed on main, this copy is the one that binds
next: git add tracks.toml && git commit -m 'Declare the tracks'

"#]]
    );
}
