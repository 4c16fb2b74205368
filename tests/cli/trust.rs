//! `tracks trust`: no command of a `tracks.toml` runs before this user approved its exact text, and nothing outlives us.

use std::fs::{self, File, Permissions};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Child, Stdio};

use snapbox::{IntoData, assert_data_eq, str};

use crate::support::Ground;

const RUN: &str = "[tracks.a]\n[setup]\nrun = ['echo $TRACKS_ID > made']\n";

/// A repository whose committed `tracks.toml` is `text`.
fn ground(text: &str) -> Ground {
    let ground = Ground::new();
    commit(&ground, text);
    ground
}

fn commit(ground: &Ground, text: &str) {
    ground.write("tracks.toml", text);
    ground.git("add tracks.toml");
    ground.git("commit -q -m policy");
}

fn made(ground: &Ground, id: &str) -> Option<String> {
    fs::read_to_string(ground.track(id).join("made")).ok()
}

#[test]
fn nothing_runs_before_it_is_approved() {
    let ground = ground(RUN);
    assert_data_eq!(
        ground.run("init --no-hooks"),
        str![[r#"
excluded /worktrees/  in info/exclude
created branch feature/track-a  from main 4c12b9a169
created worktree worktrees/track-a
-- stderr
tracks: these commands of `[setup]` were not run; run them in each new worktree:
  echo $TRACKS_ID > made
  hint: `tracks trust` lets them run in those that come
next: cd worktrees/track-a

"#]]
    );
    assert_eq!(made(&ground, "a"), None);
    assert_data_eq!(
        ground.refused("trust"),
        str![[r#"
-- stderr
new setup.run
  | echo $TRACKS_ID > made
not approved: 1 command of main:tracks.toml, hash e73591ed38f4c6918c1c872d8d7b534b5f29c98c95829a19d39a7f7cb8c84a92
tracks: there is no terminal to ask on, so nothing is approved
  hint: once you have read them: `tracks trust --yes`, or `--trust HASH` for one run
-- exit 3

"#]]
    );
    assert_data_eq!(
        ground.run("trust --yes"),
        str![[r#"
setup.run
  | echo $TRACKS_ID > made
approved: 1 command of main:tracks.toml, hash e73591ed38f4c6918c1c872d8d7b534b5f29c98c95829a19d39a7f7cb8c84a92

"#]]
    );
    assert_data_eq!(
        ground.run("add b"),
        str![[r#"
created branch feature/track-b  from main 4c12b9a169
created worktree worktrees/track-b
declared track b  in tracks.toml
-- stderr
tracks: in worktrees/track-b: echo $TRACKS_ID > made
tracks: the rules count it once tracks.toml is committed on main
next: cd worktrees/track-b

"#]]
    );
    assert_eq!(made(&ground, "b").as_deref(), Some("b\n"));
}

#[test]
fn a_change_is_asked_about_again() {
    let ground = ground(RUN);
    ground.run("trust --yes");
    commit(&ground, &RUN.replace("made'", "made', \"touch x\\u001b[31m\\nrm \\u202ey\""));
    assert_data_eq!(
        ground.run("trust --dry-run"),
        str![[r#"
setup.run
  | echo $TRACKS_ID > made
new setup.run
  | touch x\x1b[31m
  | rm \u{202e}y
not approved: 2 commands of main:tracks.toml, hash 2af0eb4e4b6acef1764690d65f79eedf8a31f1237fd2df5f923458241302a365

"#]]
        .raw()
    );
    ground.run("init --no-hooks");
    assert_eq!(made(&ground, "a"), None);
    ground.run("trust --yes");
    commit(&ground, RUN);
    assert_data_eq!(
        ground.run("trust --dry-run"),
        str![[r#"
setup.run
  | echo $TRACKS_ID > made
gone setup.run
  | touch x\x1b[31m
  | rm \u{202e}y
not approved: 1 command of main:tracks.toml, hash e73591ed38f4c6918c1c872d8d7b534b5f29c98c95829a19d39a7f7cb8c84a92

"#]]
        .raw()
    );
    ground.run("trust --yes");
    assert_data_eq!(
        ground.run("trust --revoke"),
        str![[r#"
new setup.run
  | echo $TRACKS_ID > made
not approved: 1 command of main:tracks.toml, hash e73591ed38f4c6918c1c872d8d7b534b5f29c98c95829a19d39a7f7cb8c84a92
-- stderr
tracks: the approval is taken back

"#]]
    );
    ground.run("add b");
    assert_eq!(made(&ground, "b"), None);
}

#[test]
fn no_track_and_no_uncommitted_copy_brings_commands_in() {
    let ground = ground("[tracks.a]\n");
    ground.run("init --no-hooks");
    ground.commit(&ground.track("a"), "tracks.toml", RUN);
    ground.write("tracks.toml", RUN);
    for place in [ground.shop(), ground.track("a")] {
        assert_data_eq!(
            ground.run_in(&place, "trust --yes"),
            str![[r#"
main:tracks.toml names no command

"#]]
        );
    }
    ground.run("add b");
    assert_eq!(made(&ground, "b"), None);
}

#[test]
fn an_approval_is_for_one_repository_and_user() {
    let ground = ground(RUN);
    ground.run("trust --yes");
    assert_data_eq!(
        ground.run("trust --list"),
        str![[r#"
[ROOT]/shop/.git  1 command
  e73591ed38f4c6918c1c872d8d7b534b5f29c98c95829a19d39a7f7cb8c84a92

"#]]
    );
    let folder = ground.root.join(".local/state/tracks/trust");
    let mode = |path: &std::path::Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    let file = fs::read_dir(&folder).expect("a folder").next().expect("one").expect("one").path();
    assert_eq!((mode(&folder), mode(&file)), (0o700, 0o600));
    // Another repository in the same place.
    fs::rename(ground.shop(), ground.root.join("away")).expect("moved");
    ground.git_in(&ground.root, "clone -q away shop");
    assert!(ground.run("trust --dry-run").contains("not approved"));
    // The file of one repository in the place of another's.
    ground.run("trust --yes");
    let other = fs::read_dir(&folder).expect("a folder").map(|it| it.expect("one").path()).find(|it| *it != file);
    ground.run("trust --revoke");
    fs::copy(&file, other.expect("another")).expect("copied");
    assert!(ground.run("trust --dry-run").contains("not approved"));
}

#[test]
fn approvals_that_others_could_have_written_count_for_nothing() {
    let ground = ground(RUN);
    ground.run("trust --yes");
    let folder = ground.root.join(".local/state/tracks/trust");
    fs::set_permissions(&folder, Permissions::from_mode(0o777)).expect("set");
    assert_data_eq!(
        ground.refused("trust --dry-run"),
        str![[r#"
-- stderr
tracks: the approvals cannot be trusted: others may write `[ROOT]/.local/state/tracks/trust`: take that away with `chmod go-w`
-- exit 2

"#]]
    );
    fs::set_permissions(&folder, Permissions::from_mode(0o700)).expect("set");
    fs::rename(&folder, ground.root.join("elsewhere")).expect("moved");
    symlink(ground.root.join("elsewhere"), &folder).expect("linked");
    ground.refused("trust --yes");
    assert!(ground.run("init --no-hooks").contains("-- exit 3"));
    assert_eq!(made(&ground, "a"), None);
}

#[test]
fn a_hash_approves_for_one_run() {
    let ground = ground(RUN);
    let report: serde_json::Value = serde_json::from_str(&ground.run("trust --dry-run --format json")).expect("JSON");
    let hash = report["trust"]["hash"].as_str().expect("a hash").to_owned();
    ground.run(&format!("init --no-hooks --trust {hash}"));
    assert_eq!(made(&ground, "a").as_deref(), Some("a\n"));
    let add = |id: &str, variable: &str| {
        let mut command = ground.command(env!("CARGO_BIN_EXE_tracks"), &ground.shop());
        command.args(["add", id]).env("TRACKS_TRUST", variable).output().expect("it runs");
        made(&ground, id)
    };
    assert_eq!(add("b", &format!("x,{hash}")).as_deref(), Some("b\n"));
    assert_eq!(add("c", &hash[..63]), None);
    assert_eq!(add("d", ""), None);
    assert!(ground.run("trust --dry-run").contains("not approved"));
}

#[test]
fn a_command_that_fails_leaves_the_worktree_and_says_so() {
    let ground = ground(
        "[tracks.a]\n[tracks.b]\n[setup]\nrun = ['echo out; echo \"$1\" >&2; test $TRACKS_ID = b', 'echo ok > made']\n",
    );
    ground.run("trust --yes");
    assert_data_eq!(
        ground.run("init --no-hooks"),
        str![[r#"
excluded /worktrees/  in info/exclude
created branch feature/track-a  from main eff1de2af6
created worktree worktrees/track-a
created branch feature/track-b  from main eff1de2af6
created worktree worktrees/track-b
-- stderr
tracks: in worktrees/track-a: echo out; echo "$1" >&2; test $TRACKS_ID = b
  out
tracks: `echo out; echo "$1" >&2; test $TRACKS_ID = b` ended with status 1; worktrees/track-a is there, and not set up
  hint: once it is mended: `tracks exec a -- sh -c 'echo out; echo "$1" >&2; test $TRACKS_ID = b'`
tracks: in worktrees/track-b: echo out; echo "$1" >&2; test $TRACKS_ID = b
  out
tracks: in worktrees/track-b: echo ok > made
next: tracks list
-- exit 3

"#]]
    );
    assert_eq!((made(&ground, "a"), made(&ground, "b").as_deref()), (None, Some("ok\n")));
}

#[test]
fn git_s_variables_and_ours_reach_no_command() {
    let ground =
        ground("[tracks.a]\n[setup]\nrun = ['env | grep -e ^GIT_DIR -e ^GIT_INDEX -e ^TRACKS_ | sort > made']\n");
    ground.run("trust --yes");
    let mut command = ground.command(env!("CARGO_BIN_EXE_tracks"), &ground.shop());
    let variables = [("TRACKS_TRUST", "x"), ("TRACKS_MAIN", "spoofed"), ("GIT_INDEX_FILE", ".git/index")];
    let output = command.args(["init", "--no-hooks"]).envs(variables).output().expect("it runs");
    assert!(output.status.success(), "{}", ground.said(&output));
    let found = made(&ground, "a").expect("made").replace(&*ground.root.to_string_lossy(), "[ROOT]");
    assert_data_eq!(
        found,
        str![[r#"
TRACKS_BRANCH=feature/track-a
TRACKS_GIT_DIR=[ROOT]/shop/.git
TRACKS_ID=a
TRACKS_MAIN=[ROOT]/shop
TRACKS_TARGET=main
TRACKS_WORKTREE=[ROOT]/shop/worktrees/track-a

"#]]
    );
}

/// Begins `tracks init`, whose setup says when it has begun and holds the pipe at `fifo` as long as it lives.
fn begun(ground: &Ground) -> (Child, File) {
    let fifo = ground.root.join("fifo");
    assert!(ground.command("mkfifo", &ground.root).arg(&fifo).status().expect("runs").success());
    ground.run("trust --yes");
    let mut command = ground.command(env!("CARGO_BIN_EXE_tracks"), &ground.shop());
    let child =
        command.args(["init", "--no-hooks"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("runs");
    let fifo = File::open(fifo).expect("opened by the command");
    (child, fifo)
}

const LONG: &str =
    "[tracks.a]\n[setup]\nrun = ['exec 9> ../../../fifo; sleep 600 & sleep 600; echo survived > made']\n";

#[test]
fn commands_end_with_us() {
    for (signal, code) in [("INT", Some(130)), ("TERM", Some(143)), ("HUP", Some(129)), ("KILL", None)] {
        let ground = ground(LONG);
        let (mut child, mut fifo) = begun(&ground);
        let kill = ground.command("kill", &ground.root).args([&format!("-{signal}"), &child.id().to_string()]).status();
        assert!(kill.expect("runs").success());
        // Ends when the last process that has it open is gone.
        assert_eq!(fifo.read_to_end(&mut Vec::new()).expect("read"), 0, "{signal}");
        let said: Vec<String> =
            BufReader::new(child.stderr.take().expect("piped")).lines().map_while(Result::ok).collect();
        assert_eq!(child.wait().expect("ended").code(), code, "{signal}: {said:?}");
        assert_eq!(made(&ground, "a"), None);
        assert!(ground.track("a").join("src/a.rs").is_file());
    }
}

#[test]
fn a_bare_repository_has_approvals_too() {
    let ground = ground(RUN);
    ground.git("clone -q --bare . ../bare.git");
    let bare = ground.root.join("bare.git");
    ground.run_in(&bare, "trust --yes");
    ground.run_in(&bare, "init a --no-hooks");
    assert_eq!(fs::read_to_string(ground.root.join("worktrees/track-a/made")).expect("made"), "a\n");
}
