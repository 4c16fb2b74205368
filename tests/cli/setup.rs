//! What `[setup]` and `.worktreeinclude` bring into new worktrees.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use snapbox::{assert_data_eq, str};

use crate::support::{Ground, script};

const SETUP: &str =
    "[tracks.a]\n[setup]\ncopy = ['.env', 'cache/', 'missing', 'link/x']\nlink = ['node_modules']\nrun = ['npm ci']\n";

#[test]
fn new_worktrees_get_what_they_need() {
    let ground = Ground::new();
    ground.write("tracks.toml", SETUP);
    ground.write(".env", "A=1\n");
    script(&ground.shop().join("cache/bin/tool"), "#!/bin/sh\n");
    symlink("/etc", ground.shop().join("cache/out")).expect("linked");
    symlink("/etc", ground.shop().join("link")).expect("linked");
    ground.write("node_modules/x.js", "x\n");
    ground.write(".worktreeinclude", "# logs\n*.log\n!secret.log\n/src/\n");
    ground.write("deep/build.log", "log\n");
    ground.write("secret.log", "log\n");
    assert_data_eq!(
        ground.run("init --no-hooks"),
        str![[r#"
excluded /worktrees/  in info/exclude
created branch feature/track-a  from main 3fc6310244
created worktree worktrees/track-a
copied .env  into worktrees/track-a
copied cache  into worktrees/track-a
linked node_modules  into worktrees/track-a
copied 1 file  that .worktreeinclude names, into worktrees/track-a
-- stderr
tracks: `[setup]` names `missing`, which is not there
tracks: `[setup]` names `link/x`, which lies behind a link
tracks: these commands of `[setup]` were not run; run them in each new worktree:
  npm ci
  hint: `tracks trust` lets them run in those that come
tracks: until tracks.toml is committed on main, this copy is the one that binds
next: git add tracks.toml && git commit -m 'Declare the tracks'

"#]]
    );
    let a = ground.track("a");
    assert_eq!(fs::read_to_string(a.join(".env")).expect("copied"), "A=1\n");
    assert_eq!(a.join("cache/bin/tool").metadata().expect("copied").permissions().mode() & 0o777, 0o750);
    assert!(a.join("cache/out").is_symlink());
    assert_eq!(fs::read_link(a.join("node_modules")).expect("linked"), ground.shop().join("node_modules"));
    assert!(a.join("deep/build.log").is_file());
    assert!(!a.join("secret.log").exists());
}

#[test]
fn what_the_branch_brings_is_never_overwritten_or_followed() {
    let ground = Ground::new();
    ground.git("switch -q -c feature/track-a");
    fs::create_dir(ground.root.join("outside")).expect("made");
    symlink(ground.root.join("outside"), ground.shop().join("cache")).expect("linked");
    ground.write(".env", "committed\n");
    ground.git("add -f cache .env");
    ground.git("commit -q -m planted");
    ground.git("switch -q main");
    ground.write("tracks.toml", "[tracks.a]\n[setup]\ncopy = ['.env', 'cache/file']\n");
    ground.write(".env", "A=1\n");
    ground.write("cache/file", "x\n");
    ground.run("init --no-hooks");
    assert_eq!(fs::read_to_string(ground.track("a").join(".env")).expect("is there"), "committed\n");
    assert_eq!(fs::read_dir(ground.root.join("outside")).expect("a folder").count(), 0);
}

#[test]
fn paths_that_lead_out_are_refused() {
    let ground = Ground::new();
    for name in ["../x", "/etc/passwd", ".git/config", ""] {
        ground.write("tracks.toml", &format!("[tracks.a]\n[setup]\ncopy = ['{name}']\n"));
        ground.refused("init");
    }
    ground.write("tracks.toml", "[tracks.a]\n[setup]\nlink = ['a/../../x']\n");
    assert_data_eq!(
        ground.refused("init"),
        str![[r#"
-- stderr
tracks: the path `a/../../x` leads out of the repository
 --> tracks.toml:3:9
  |
3 | link = ['a/../../x']
  |         ^^^^^^^^^^^
-- exit 2

"#]]
    );
}

#[test]
fn worktrees_are_never_copied_into_themselves() {
    let ground = Ground::new();
    ground.git("worktree add -q worktrees/track-b -b feature/track-b");
    ground.write("tracks.toml", "[tracks.a]\n[setup]\ncopy = ['worktrees']\nlink = ['worktrees/track-b/src']\n");
    // Git reads the slash as nothing at all.
    ground.write(".worktreeinclude", "/\n");
    ground.write("build.log", "x\n");
    assert_data_eq!(
        ground.run("init --no-hooks"),
        str![[r#"
excluded /worktrees/  in info/exclude
created branch feature/track-a  from main 3fc6310244
created worktree worktrees/track-a
-- stderr
tracks: `[setup]` names `worktrees`, which holds a worktree or lies in one
tracks: `[setup]` names `worktrees/track-b/src`, which holds a worktree or lies in one
tracks: until tracks.toml is committed on main, this copy is the one that binds
next: git add tracks.toml && git commit -m 'Declare the tracks'

"#]]
    );
    assert!(!ground.track("a").join("worktrees").exists());
    assert!(!ground.track("a").join("build.log").exists());
}
