//! A Git that would not give right answers is refused before anything else.

use std::process::Output;

use snapbox::{assert_data_eq, str};

use crate::support::{Ground, script};

/// Runs the program with a `git` that says of itself that it is `version`, and of all else nothing.
fn with_git(ground: &Ground, version: &str) -> Output {
    let folder = ground.root.join("bin");
    script(&folder.join("git"), &format!("#!/bin/sh\n[ \"$1\" = version ] && echo 'git version {version}'\n"));
    let mut command = ground.command(env!("CARGO_BIN_EXE_tracks"), &ground.shop());
    command
        .env("PATH", format!("{}:/bin:/usr/bin", folder.display()))
        .args(["matrix", "main"])
        .output()
        .expect("it runs")
}

#[test]
fn an_old_git_is_refused_with_the_cure() {
    let ground = Ground::new();
    assert_data_eq!(
        ground.said(&with_git(&ground, "2.44.9.windows.1")),
        str![[r#"
-- stderr
tracks: git [GIT] is too old: tracks needs 2.45 or later
  hint: install a newer git, and see that it comes first in `PATH`
-- exit 3

"#]]
    );
    assert_data_eq!(
        ground.said(&with_git(&ground, "2.39.5 (Apple Git-154)")),
        str![[r#"
-- stderr
tracks: git [GIT] is too old: tracks needs 2.45 or later
  hint: install a newer git, and see that it comes first in `PATH`
-- exit 3

"#]]
    );
    assert_data_eq!(
        ground.said(&with_git(&ground, "1.99")),
        str![[r#"
-- stderr
tracks: git [GIT] is too old: tracks needs 2.45 or later
  hint: install a newer git, and see that it comes first in `PATH`
-- exit 3

"#]]
    );
}

#[test]
fn the_oldest_that_works_is_not_refused_for_its_age() {
    let ground = Ground::new();
    for version in ["2.45.0", "2.45.GIT", "2.100", "3.0"] {
        let said = ground.said(&with_git(&ground, version));
        assert!(said.contains("-- exit") && !said.contains("too old"), "{version}: {said}");
    }
}
