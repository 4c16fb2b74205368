//! `tracks schedule`: what is written for each kind, and taken away to the byte; with programs that stand in for those of
//! the machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use regex::Regex;
use snapbox::{IntoData, assert_data_eq, str};

use crate::support::{Ground, script};

/// Keeps a crontab in a file, as the real one does, and refuses what that refuses.
pub const CRONTAB: &str = r#"#!/bin/sh
table=$HOME/table
case $1 in
-l) [ -e "$table" ] || { echo "no crontab for kim" >&2; exit 1; }; cat "$table" ;;
-r) rm "$table" ;;
-) cat >"$table" ;;
esac
"#;

/// Notes what it is told, and does with links what the real one does.
const SYSTEMCTL: &str = r#"#!/bin/sh
[ "$2" = show-environment ] || echo "$*" >>"$HOME/told"
wants=$HOME/.config/systemd/user/timers.target.wants
case $2 in
enable) mkdir -p "$wants" && ln -sf "../$4" "$wants/$4" ;;
disable) rm "$wants/$4" && rmdir "$wants" ;;
esac
"#;

/// A systemd that no manager of this user's belongs to.
pub const SILENT: &str = "#!/bin/sh\necho 'Failed to connect to bus: No medium found' >&2\nexit 1\n";

pub struct World {
    pub ground: Ground,
}

impl World {
    /// A machine with these programs, and none else but those that scripts need.
    pub fn with(programs: &[(&str, &str)]) -> World {
        let world = World { ground: Ground::with_tracks() };
        let bin = world.bin();
        fs::create_dir_all(&bin).expect("made");
        for name in ["git", "sh", "cat", "mkdir", "ln", "rm", "rmdir"] {
            std::os::unix::fs::symlink(on_path(name), bin.join(name)).expect("linked");
        }
        for (name, text) in programs {
            script(&bin.join(name), text);
        }
        world
    }

    fn bin(&self) -> PathBuf {
        self.ground.root.join("bin")
    }

    pub fn command(&self, folder: &Path, words: &str) -> Command {
        let mut command = self.ground.command(env!("CARGO_BIN_EXE_tracks"), folder);
        command.args(words.split(' ')).env("PATH", self.bin());
        command
    }

    pub fn run_in(&self, folder: &Path, words: &str) -> String {
        self.said(&mut self.command(folder, &format!("schedule {words}")))
    }

    pub fn run(&self, words: &str) -> String {
        self.run_in(&self.ground.shop(), words)
    }

    pub fn said(&self, command: &mut Command) -> String {
        nameless(&self.ground.said(&command.output().expect("it runs")))
    }

    pub fn text(&self, path: &str) -> String {
        let text = fs::read_to_string(self.ground.root.join(path)).expect("is there");
        nameless(&text.replace(&*self.ground.root.to_string_lossy(), "[ROOT]"))
    }

    fn units(&self) -> Vec<PathBuf> {
        let folder = self.ground.root.join(".config/systemd/user");
        let mut found: Vec<PathBuf> =
            fs::read_dir(folder).into_iter().flatten().flatten().map(|it| it.path()).collect();
        found.retain(|path| path.is_file());
        found.sort();
        found
    }
}

fn on_path(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|it| it.is_file()).expect("is installed")
}

/// Without what differs between two runs and two machines.
pub fn nameless(text: &str) -> String {
    let program = fs::canonicalize(env!("CARGO_BIN_EXE_tracks")).expect("is there");
    let text = text.replace(&*program.to_string_lossy(), "[TRACKS]");
    let text =
        Regex::new("tracks-shop-[0-9a-f]{8}").expect("valid").replace_all(&text, "tracks-shop-[ID]").into_owned();
    let text = Regex::new("schedule [0-9a-f]{16},").expect("valid").replace_all(&text, "schedule [SEAL],").into_owned();
    let text = Regex::new(r"of \S+%20ground/shop/\.git\b").expect("valid").replace_all(&text, "of [GIT]").into_owned();
    Regex::new(r"of \[GIT\] by \S+").expect("valid").replace_all(&text, "of [GIT] by [TRACKS]").into_owned()
}

#[test]
fn a_timer_of_systemd() {
    let world = World::with(&[("systemctl", SYSTEMCTL)]);
    let before = world.ground.state();
    assert_data_eq!(
        world.run("install --every 2d --dry-run"),
        str![[r#"
would write '[ROOT]/.config/systemd/user/tracks-shop-[ID].service'  every 2d
would write '[ROOT]/.config/systemd/user/tracks-shop-[ID].timer'  every 2d
would run systemctl --user daemon-reload && systemctl --user enable --now tracks-shop-[ID].timer

"#]]
        .raw()
    );
    world.ground.assert_unchanged(&before);
    assert_data_eq!(
        world.run("install --every 2d"),
        str![[r#"
wrote '[ROOT]/.config/systemd/user/tracks-shop-[ID].service'  every 2d
wrote '[ROOT]/.config/systemd/user/tracks-shop-[ID].timer'  every 2d
ran systemctl --user daemon-reload && systemctl --user enable --now tracks-shop-[ID].timer

"#]]
        .raw()
    );
    assert_data_eq!(
        world.text("told"),
        str![[r#"
--user daemon-reload
--user enable --now tracks-shop-[ID].timer

"#]]
        .raw()
    );
    assert_data_eq!(
        world.run("status"),
        str![[r#"
systemd  installed  every 2d  [ROOT]/.config/systemd/user/tracks-shop-[ID].service
systemd  installed  every 2d  [ROOT]/.config/systemd/user/tracks-shop-[ID].timer

"#]]
        .raw()
    );
    // The same from everywhere, and nothing is done twice.
    assert_data_eq!(
        world.run("install --every 2d"),
        str![[r#"
nothing to do

"#]]
        .raw()
    );
    assert_data_eq!(
        world.run_in(&world.ground.track("a"), "install --every 48h"),
        str![[r#"
nothing to do

"#]]
        .raw()
    );
}

#[test]
fn the_text_of_a_timer() {
    let world = World::with(&[("systemctl", SYSTEMCTL)]);
    world.run("install --every 2d");
    let [service, timer] = <[PathBuf; 2]>::try_from(world.units()).expect("a service and a timer");
    let [service, timer] = [service, timer].map(|path| fs::read_to_string(path).expect("text"));
    assert_data_eq!(
        nameless(&service.replace(&*world.ground.root.to_string_lossy(), "[ROOT]")),
        str![[r##"
# tracks schedule [SEAL], every 2d, of [GIT] by [TRACKS]
# made by `tracks schedule install`, taken away by `tracks schedule remove`

[Unit]
Description=tracks sync of shop

[Service]
Type=oneshot
Environment="PATH=[ROOT]/bin"
ExecStart="[TRACKS]" "-C" "[ROOT]/shop" "sync" "--scheduled"
SuccessExitStatus=1
Nice=10

"##]]
        .raw()
    );
    assert_data_eq!(
        nameless(&timer),
        str![[r#"
# tracks schedule [SEAL], every 2d, of [GIT]
# made by `tracks schedule install`, taken away by `tracks schedule remove`

[Unit]
Description=tracks sync of shop, every 2d

[Timer]
OnCalendar=*-*-1/2 04:17
Persistent=true

[Install]
WantedBy=timers.target

"#]]
        .raw()
    );
}

#[test]
fn a_timer_is_changed_and_taken_away() {
    let world = World::with(&[("systemctl", SYSTEMCTL)]);
    let before = world.ground.state();
    world.run("install --every 2d");
    assert_data_eq!(
        world.run("install --every 5h"),
        str![[r#"
changed '[ROOT]/.config/systemd/user/tracks-shop-[ID].service'  every 5h
changed '[ROOT]/.config/systemd/user/tracks-shop-[ID].timer'  every 5h
ran systemctl --user daemon-reload && systemctl --user enable --now tracks-shop-[ID].timer

"#]]
        .raw()
    );
    assert_data_eq!(
        world.run("remove --dry-run"),
        str![[r#"
would run systemctl --user disable --now tracks-shop-[ID].timer
would remove '[ROOT]/.config/systemd/user/tracks-shop-[ID].service'
would remove '[ROOT]/.config/systemd/user/tracks-shop-[ID].timer'
would run systemctl --user daemon-reload

"#]]
        .raw()
    );
    assert_data_eq!(
        world.run("remove"),
        str![[r#"
ran systemctl --user disable --now tracks-shop-[ID].timer
removed '[ROOT]/.config/systemd/user/tracks-shop-[ID].service'
removed '[ROOT]/.config/systemd/user/tracks-shop-[ID].timer'
ran systemctl --user daemon-reload

"#]]
        .raw()
    );
    fs::remove_file(world.ground.root.join("told")).expect("removed");
    fs::remove_dir(world.ground.root.join(".config")).expect("empty");
    world.ground.assert_unchanged(&before);
    assert_data_eq!(
        world.run("remove"),
        str![[r#"
nothing to do

"#]]
        .raw()
    );
    assert_data_eq!(
        world.run("status"),
        str![[r#"
nothing is scheduled

"#]]
        .raw()
    );
}

#[test]
fn with_no_manager_it_says_what_to_type() {
    let world = World::with(&[("systemctl", SILENT)]);
    assert_data_eq!(
        world.run("install"),
        str![[r#"
wrote '[ROOT]/.config/systemd/user/tracks-shop-[ID].service'  every 1d
wrote '[ROOT]/.config/systemd/user/tracks-shop-[ID].timer'  every 1d
-- stderr
next: systemctl --user daemon-reload && systemctl --user enable --now tracks-shop-[ID].timer

"#]]
        .raw()
    );
    assert_data_eq!(
        world.run("install"),
        str![[r#"
nothing to do
-- stderr
next: systemctl --user daemon-reload && systemctl --user enable --now tracks-shop-[ID].timer

"#]]
        .raw()
    );
    // Somebody enabled it, and then the manager went.
    let folder = world.ground.root.join(".config/systemd/user/timers.target.wants");
    fs::create_dir_all(&folder).expect("made");
    let timer = world.units().remove(1);
    std::os::unix::fs::symlink(&timer, folder.join(timer.file_name().expect("a name"))).expect("linked");
    assert_data_eq!(
        world.run("install"),
        str![[r#"
nothing to do

"#]]
        .raw()
    );
    assert_data_eq!(
        world.run("remove"),
        str![[r#"
removed '[ROOT]/.config/systemd/user/timers.target.wants/tracks-shop-[ID].timer'
removed '[ROOT]/.config/systemd/user/tracks-shop-[ID].service'
removed '[ROOT]/.config/systemd/user/tracks-shop-[ID].timer'

"#]]
        .raw()
    );
    assert!(!folder.exists());
}

#[test]
fn what_is_edited_or_of_others_stays() {
    let world = World::with(&[("systemctl", SILENT)]);
    world.run("install --every 1d");
    let [service, timer] = <[PathBuf; 2]>::try_from(world.units()).expect("a service and a timer");
    let edited = fs::read_to_string(&timer).expect("text").replace("04:17", "05:00");
    fs::write(&timer, &edited).expect("written");
    assert_data_eq!(
        world.run("status"),
        str![[r#"
systemd  installed  every 1d  [ROOT]/.config/systemd/user/tracks-shop-[ID].service
systemd  edited  every 1d  [ROOT]/.config/systemd/user/tracks-shop-[ID].timer
  was edited since it was installed: neither replaced nor removed

"#]]
        .raw()
    );
    assert_data_eq!(world.run("install --every 1w"), str![[r#"
-- stderr
tracks: `[ROOT]/.config/systemd/user/tracks-shop-[ID].timer` was edited since it was installed, and is not overwritten
  hint: move it away: `mv '[ROOT]/.config/systemd/user/tracks-shop-[ID].timer' '[ROOT]/.config/systemd/user/tracks-shop-[ID].timer'.old`
  hint: see what would be written: `tracks schedule print`
-- exit 2

"#]].raw());
    assert_data_eq!(
        world.run("remove"),
        str![[r#"
left '[ROOT]/.config/systemd/user/tracks-shop-[ID].service'  what was edited needs it
left '[ROOT]/.config/systemd/user/tracks-shop-[ID].timer'  was edited since it was installed

"#]]
        .raw()
    );
    fs::write(&service, "[Service]\nExecStart=/bin/true\n").expect("written");
    assert_data_eq!(
        world.run("remove"),
        str![[r#"
left '[ROOT]/.config/systemd/user/tracks-shop-[ID].service'  is somebody else's
left '[ROOT]/.config/systemd/user/tracks-shop-[ID].timer'  was edited since it was installed

"#]]
        .raw()
    );
    assert_data_eq!(
        world.run("status"),
        str![[r#"
systemd  foreign  [ROOT]/.config/systemd/user/tracks-shop-[ID].service
  is somebody else's
systemd  edited  every 1d  [ROOT]/.config/systemd/user/tracks-shop-[ID].timer
  was edited since it was installed: neither replaced nor removed

"#]]
        .raw()
    );
    assert_eq!(fs::read_to_string(&timer).expect("text"), edited);
}

#[test]
fn how_often_is_configured() {
    let world = World::with(&[("systemctl", SILENT)]);
    world.ground.write("tracks.toml", "target = 'main'\n[sync]\nevery = '3d'\n[tracks.a]\n");
    world.ground.git("commit -q -a -m every");
    assert!(world.run("print").contains("OnCalendar=*-*-1/3 04:17\n"));
    assert!(world.run("print --every 1w").contains("OnCalendar=Mon 04:17\n"));
}

#[test]
fn a_program_that_is_gone() {
    let world = World::with(&[("systemctl", SILENT)]);
    let program = world.ground.root.join("tracks");
    fs::copy(env!("CARGO_BIN_EXE_tracks"), &program).expect("copied");
    let mut install = world.ground.command(&program.to_string_lossy(), &world.ground.shop());
    install.args(["schedule", "install"]).env("PATH", world.bin()).output().expect("it runs");
    fs::remove_file(&program).expect("removed");
    assert_data_eq!(
        world.run("status"),
        str![[r#"
systemd  gone  every 1d  [ROOT]/.config/systemd/user/tracks-shop-[ID].service
  `[ROOT]/tracks` is gone: `tracks schedule install` names the one that you type
systemd  installed  every 1d  [ROOT]/.config/systemd/user/tracks-shop-[ID].timer
-- exit 1

"#]]
        .raw()
    );
    // Who types another one means it.
    assert_data_eq!(
        world.run("install"),
        str![[r#"
changed '[ROOT]/.config/systemd/user/tracks-shop-[ID].service'  every 1d
-- stderr
next: systemctl --user daemon-reload && systemctl --user enable --now tracks-shop-[ID].timer

"#]]
        .raw()
    );
    assert_data_eq!(
        world.run("status --format json"),
        str![[r#"
{
  "schema": 1,
  "command": "schedule",
  "schedules": [
    {
      "kind": "systemd",
      "place": "[ROOT]/.config/systemd/user/tracks-shop-[ID].service",
      "every": "1d",
      "state": "installed",
      "program": "[TRACKS]"
    },
    {
      "kind": "systemd",
      "place": "[ROOT]/.config/systemd/user/tracks-shop-[ID].timer",
      "every": "1d",
      "state": "installed"
    }
  ]
}

"#]]
        .raw()
    );
}
