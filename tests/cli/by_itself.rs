//! `sync` by itself: whenever something moves, from a timer, and with somebody told of what is new.

use std::fs;
use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStderr, ChildStdout, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::{Ground, write};

/// A run of `sync --watch`.
struct Watching {
    child: Child,
    stdout: Lines<BufReader<ChildStdout>>,
    stderr: Lines<BufReader<ChildStderr>>,
}

impl Watching {
    fn begin(ground: &Ground) -> Watching {
        let mut command = ground.command(env!("CARGO_BIN_EXE_tracks"), &ground.shop());
        let command = command.args(["sync", "--watch"]).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let stdout = BufReader::new(child.stdout.take().expect("piped")).lines();
        let stderr = BufReader::new(child.stderr.take().expect("piped")).lines();
        let mut watching = Watching { child, stdout, stderr };
        watching.hears("tracks: watching");
        watching.says("next:");
        watching
    }

    /// Waits for a line of the answer.
    fn says(&mut self, text: &str) -> String {
        let line = self.stdout.by_ref().map_while(Result::ok).find(|line| line.contains(text));
        line.unwrap_or_else(|| panic!("it ended without `{text}`"))
    }

    /// Waits for a line of the narration.
    fn hears(&mut self, text: &str) -> String {
        let line = self.stderr.by_ref().map_while(Result::ok).find(|line| line.contains(text));
        line.unwrap_or_else(|| panic!("it ended without `{text}`"))
    }

    fn end(mut self) -> Option<i32> {
        kill_process(Pid::from_child(&self.child), Signal::INT).expect("it runs");
        self.child.wait().expect("it ends").code()
    }
}

#[test]
fn what_moves_is_looked_at_again() {
    let ground = Ground::with_tracks();
    ground.commit(&ground.track("a"), "src/a.rs", "fn a() { one() }\n");
    let mut watching = Watching::begin(&ground);
    write(&ground.track("b").join("src/a.rs"), "fn a() { two() }\n");
    assert_eq!(watching.says("conflict.content").trim(), "b, a  conflict.content  src/a.rs:1");
    ground.git_in(&ground.track("b"), "restore src/a.rs");
    assert_eq!(watching.hears("gone"), "tracks: gone: conflict.content b, a src/a.rs");
    // A track that is new is watched, too; the branch of one moves without its files.
    ground.run("add c");
    watching.says("ownership.policy");
    ground.commit(&ground.track("c"), "src/a.rs", "fn a() { three() }\n");
    watching.says("conflict.content");
    assert_eq!(watching.end(), Some(130));
    assert!(ground.run("report").contains("c, a") || ground.run("report").contains("a and c"));
}

/// A ground where each finding adds a line to `told`, and its JSON to `json`.
fn told() -> Ground {
    let ground = Ground::with_tracks();
    let text = ground.read("tracks.toml");
    let command = "echo \"$TRACKS_SUMMARY\" >> \"$TRACKS_MAIN/told\"; cat >> \"$TRACKS_MAIN/json\"";
    ground.write("tracks.toml", &format!("{text}\n[sync]\non-finding = ['{command}']\n"));
    ground.git("commit -qam told");
    ground.commit(&ground.track("a"), "src/a.rs", "fn a() { one() }\n");
    ground.commit(&ground.track("b"), "src/a.rs", "fn a() { two() }\n");
    ground
}

#[test]
fn somebody_is_told_once_of_what_is_new() {
    let ground = told();
    let said = ground.run("sync -q");
    assert!(said.ends_with("-- exit 3\n") && !ground.shop().join("told").exists(), "{said}");
    ground.run("trust --yes");
    ground.run("sync -q");
    assert!(!ground.shop().join("told").exists(), "it is not new any more");
    fs::remove_file(ground.shop().join(".git/tracks/last.json")).expect("it was kept");
    ground.run("sync --dry-run");
    assert!(!ground.shop().join("told").exists());
    ground.run("sync");
    ground.run("sync");
    let expected =
        "error conflict.content b, a: src/a.rs: `a` and `b`: both changed the same lines (lines 1 against 1)\n";
    assert_eq!(ground.read("told"), expected);
    let json: serde_json::Value = serde_json::from_str(&ground.read("json")).expect("one value");
    assert_eq!((&json["rule"], &json["state"]), (&"conflict.content".into(), &"new".into()));
}

#[test]
fn a_scheduled_run_is_quiet_and_alone() {
    let ground = Ground::with_tracks();
    assert_eq!(ground.run("sync --scheduled"), "");
    ground.commit(&ground.track("a"), "src/a.rs", "fn a() { one() }\n");
    ground.commit(&ground.track("b"), "src/a.rs", "fn a() { two() }\n");
    let said = ground.run("sync --scheduled");
    assert!(said.contains("a and b") && said.ends_with("-- exit 1\n"), "{said}");
    assert_eq!(ground.run("sync --scheduled"), "");
    ground.commit(&ground.track("b"), "src/b.rs", "fn b() {}\n");
    ground.git_in(&ground.track("b"), "mv src/a.rs src/c.rs");
    ground.git_in(&ground.track("b"), "commit -qm move");
    let file = fs::File::create(ground.shop().join(".git/tracks/schedule.lock")).expect("made");
    file.lock().expect("nobody has it");
    assert_eq!(ground.run("sync --scheduled"), "", "somebody else is at it");
    drop(file);
}
