//! `tracks schedule` with cron, launchd and a workflow, and what each of them refuses.

use std::fs;

use snapbox::{IntoData, assert_data_eq, str};

use crate::schedule::{CRONTAB, SILENT, World};
use crate::support::write;

#[test]
fn lines_in_a_crontab() {
    let world = World::with(&[("crontab", CRONTAB)]);
    assert_data_eq!(
        world.run("install --every 2d"),
        str![[r#"
wrote crontab  every 2d

"#]]
        .raw()
    );
    assert_data_eq!(
        world.text("table"),
        str![[r#"
# tracks schedule [SEAL], every 2d, of [GIT] by [TRACKS]
# made by `tracks schedule install`, taken away by `tracks schedule remove`
17 4 */2 * * PATH='[ROOT]/bin' [TRACKS] -C '[ROOT]/shop' sync --scheduled
# end of tracks schedule

"#]]
        .raw()
    );
    assert_data_eq!(
        world.run("remove"),
        str![[r#"
removed lines of tracks  from your crontab

"#]]
        .raw()
    );
    assert!(!world.ground.root.join("table").exists());
    let table = "MAILTO=kim\n# mine\n0 1 * * * x 100\\%\n";
    write(&world.ground.root.join("table"), table);
    world.run("install");
    assert_data_eq!(
        world.run("install"),
        str![[r#"
nothing to do

"#]]
        .raw()
    );
    assert_data_eq!(
        world.run("install --every 1w"),
        str![[r#"
changed crontab  every 1w

"#]]
        .raw()
    );
    assert_data_eq!(
        world.run("status"),
        str![[r#"
cron  installed  every 1w  crontab

"#]]
        .raw()
    );
    assert_data_eq!(
        world.text("table"),
        str![[r#"
MAILTO=kim
# mine
0 1 * * * x 100\%
# tracks schedule [SEAL], every 1w, of [GIT] by [TRACKS]
# made by `tracks schedule install`, taken away by `tracks schedule remove`
17 4 * * 1 PATH='[ROOT]/bin' [TRACKS] -C '[ROOT]/shop' sync --scheduled
# end of tracks schedule

"#]]
        .raw()
    );
}

#[test]
fn lines_of_others_in_a_crontab() {
    let world = World::with(&[("crontab", CRONTAB)]);
    let table = "MAILTO=kim\n# mine\n0 1 * * * x 100\\%\n";
    write(&world.ground.root.join("table"), table);
    world.run("install");
    // Another repository's lines are its own.
    let other = world.ground.root.join("other");
    world.ground.git_in(&world.ground.root, "clone -q shop other");
    world.run_in(&other, "install");
    world.run("remove");
    assert_data_eq!(
        world.run_in(&other, "status"),
        str![[r#"
cron  installed  every 1d  crontab

"#]]
        .raw()
    );
    world.run_in(&other, "remove");
    assert_eq!(world.text("table"), table);
    // Edited by hand.
    world.run("install");
    let edited = fs::read_to_string(world.ground.root.join("table")).expect("text").replace("17 4", "0 0");
    write(&world.ground.root.join("table"), &edited);
    assert_data_eq!(
        world.run("install --every 1w"),
        str![[r#"
-- stderr
tracks: `crontab` was edited since it was installed, and is not overwritten
  hint: take its lines out with `crontab -e`
  hint: see what would be written: `tracks schedule print`
-- exit 2

"#]]
        .raw()
    );
    assert_data_eq!(
        world.run("remove"),
        str![[r#"
left crontab  was edited since it was installed

"#]]
        .raw()
    );
    assert_eq!(fs::read_to_string(world.ground.root.join("table")).expect("text"), edited);
}

#[test]
fn a_crontab_that_cannot_be_had() {
    let world = World::with(&[]);
    assert_data_eq!(
        world.run("install"),
        str![[r#"
-- stderr
tracks: there is no program `crontab` here
  hint: add to the table of your cron:
    # tracks schedule [SEAL], every 1d, of [GIT] by [TRACKS]
    # made by `tracks schedule install`, taken away by `tracks schedule remove`
    17 4 * * * PATH='[ROOT]/bin' [TRACKS] -C '[ROOT]/shop' sync --scheduled
    # end of tracks schedule
-- exit 2

"#]]
        .raw()
    );
    let world = World::with(&[("crontab", "#!/bin/sh\necho 'kim may not use crontab' >&2\nexit 1\n")]);
    assert_data_eq!(
        world.run("install"),
        str![[r#"
-- stderr
tracks: `crontab -l` ended with status 1: kim may not use crontab
-- exit 3

"#]]
        .raw()
    );
    assert_data_eq!(
        world.run("status"),
        str![[r#"
cron  unread  crontab
  cannot be read, so what is in it is not known

"#]]
        .raw()
    );
    assert_data_eq!(
        world.run("remove"),
        str![[r#"
left crontab  `crontab -l` ended with status 1: kim may not use crontab

"#]]
        .raw()
    );
    let refuses = CRONTAB.replace("-) cat", "-) echo 'bad minute' >&2; exit 1; cat");
    let world = World::with(&[("crontab", &refuses)]);
    assert_data_eq!(
        world.run("install"),
        str![[r#"
-- stderr
tracks: `crontab -` ended with status 1: bad minute
  hint: once that is put right, the same command again
-- exit 3

"#]]
        .raw()
    );
}

#[test]
fn an_agent_of_launchd() {
    let world = World::with(&[]);
    assert_data_eq!(
        world.run("install --kind launchd --every 5h"),
        str![[r#"
wrote '[ROOT]/Library/LaunchAgents/tracks-shop-[ID].plist'  every 5h
-- stderr
next: launchctl bootstrap gui/$(id -u) '[ROOT]/Library/LaunchAgents/tracks-shop-[ID].plist'

"#]]
        .raw()
    );
    assert_data_eq!(
        world.run("print --kind launchd --every 5h"),
        str![[r#"
<?xml version="1.0" encoding="UTF-8"?>
<!-- tracks schedule [SEAL], every 5h, of [GIT] by [TRACKS] -->
<!-- made by `tracks schedule install`, taken away by `tracks schedule remove` -->
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>tracks-shop-[ID]</string>
  <key>ProgramArguments</key>
  <array>
    <string>[TRACKS]</string>
    <string>-C</string>
    <string>[ROOT]/shop</string>
    <string>sync</string>
    <string>--scheduled</string>
  </array>
  <key>EnvironmentVariables</key>
  <dict>
    <key>PATH</key>
    <string>[ROOT]/bin</string>
  </dict>
  <key>StartInterval</key>
  <integer>18000</integer>
  <key>ProcessType</key>
  <string>Background</string>
</dict>
</plist>

"#]]
        .raw()
    );
    assert_data_eq!(
        world.run("remove"),
        str![[r#"
removed '[ROOT]/Library/LaunchAgents/tracks-shop-[ID].plist'
-- stderr
next: launchctl bootout gui/$(id -u)/tracks-shop-[ID]

"#]]
        .raw()
    );
}

#[test]
fn a_workflow() {
    let world = World::with(&[]);
    let before = world.ground.state();
    assert_data_eq!(
        world.run_in(&world.ground.track("a"), "install --kind github --every 6h"),
        str![[r#"
wrote '[ROOT]/shop/.github/workflows/tracks.yml'  every 6h
-- stderr
next: git add '[ROOT]/shop/.github/workflows/tracks.yml' && git commit -m 'sync by itself'

"#]]
        .raw()
    );
    assert_data_eq!(
        world.ground.read(".github/workflows/tracks.yml"),
        str![[r##"
# tracks schedule caeb77abe1ef1431, every 6h
# made by `tracks schedule install`, taken away by `tracks schedule remove`
name: tracks
on:
  schedule:
    - cron: '17 */6 * * *'
  workflow_dispatch:
concurrency: tracks
permissions:
  contents: read
jobs:
  sync:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          fetch-depth: 0
      - name: a branch for each on the remote
        run: |
          git for-each-ref --format='%(refname:lstrip=3)' refs/remotes/origin | grep -vx HEAD |
            while read -r branch; do
              git show-ref --quiet --verify "refs/heads/$branch" || git branch -q "$branch" "origin/$branch"
            done
      - run: cargo install --locked git-tracks
      # Gates run with `--trust` and the hash that `tracks trust --dry-run` prints.
      - run: tracks sync --scheduled

"##]]
        .raw()
    );
    assert_data_eq!(
        world.run("remove --kind github"),
        str![[r#"
removed .github/workflows/tracks.yml

"#]]
        .raw()
    );
    world.ground.assert_unchanged(&before);
    world.ground.write(".github/workflows/tracks.yml", "name: mine\n");
    assert_data_eq!(
        world.run("install --kind github"),
        str![[r#"
-- stderr
tracks: `[ROOT]/shop/.github/workflows/tracks.yml` is somebody else's, and is not overwritten
  hint: move it away: `mv .github/workflows/tracks.yml .github/workflows/tracks.yml.old`
  hint: see what would be written: `tracks schedule print`
-- exit 2

"#]]
        .raw()
    );
    fs::remove_dir_all(world.ground.shop().join(".github")).expect("removed");
    std::os::unix::fs::symlink(&world.ground.root, world.ground.shop().join(".github")).expect("linked");
    assert_data_eq!(
        world.run("install --kind github"),
        str![[r#"
-- stderr
tracks: `[ROOT]/shop/.github` is a link or no folder
  hint: see the text: `tracks schedule print --kind github`
-- exit 2

"#]]
        .raw()
    );
}

#[test]
fn what_cannot_be_had_is_refused() {
    let world = World::with(&[("systemctl", SILENT), ("crontab", CRONTAB)]);
    for words in ["--every 5h --kind cron", "--every 2w", "--every 1m --kind github", "--every 30s", "--every soon"] {
        let words = format!("install {words}");
        let before = world.ground.state();
        assert!(world.run(&words).ends_with("-- exit 2\n"), "{words}");
        world.ground.assert_unchanged(&before);
    }
    assert_data_eq!(
        world.run("install --every 5h --kind cron"),
        str![[r#"
-- stderr
tracks: `5h`: cron cannot say that evenly
  hint: the nearest is `--every 4h`
-- exit 2

"#]]
        .raw()
    );
    let mut homeless = world.command(&world.ground.shop(), "schedule install --kind systemd");
    assert_data_eq!(
        world.said(homeless.env_remove("HOME")),
        str![[r#"
-- stderr
tracks: neither `XDG_CONFIG_HOME` nor `HOME` says where your files are
  hint: set it, as in `HOME=/home/me tracks schedule install`, or see the text with `tracks schedule print`
-- exit 2

"#]]
        .raw()
    );
    let mut homeless = world.command(&world.ground.shop(), "schedule install --kind launchd");
    assert_data_eq!(
        world.said(homeless.env_remove("HOME")),
        str![[r#"
-- stderr
tracks: no `HOME` says where your files are
  hint: set it, as in `HOME=/home/me tracks schedule install`, or see the text with `tracks schedule print`
-- exit 2

"#]]
        .raw()
    );
}

#[test]
fn a_bare_repository() {
    let world = World::with(&[("systemctl", SILENT)]);
    world.ground.git_in(&world.ground.root, "clone -q --bare shop bare.git");
    let bare = world.ground.root.join("bare.git");
    let printed = world.run_in(&bare, "print");
    assert!(printed.contains(r#"" "-C" "[ROOT]/bare.git" "sync" "--scheduled""#), "{printed}");
    assert_data_eq!(
        world.run_in(&bare, "install --kind github"),
        str![[r#"
-- stderr
tracks: a bare repository has no worktree to write a workflow to
-- exit 2

"#]]
        .raw()
    );
}
