//! Many at once: each gets what it asked for, and nothing is lost between them.

use std::process::{Child, Stdio};

use super::number;
use crate::merges::generator::Random;
use crate::support::{Ground, write};

/// How many processes run at once in a usual run; `TOGETHER=100` is the long one.
const PROCESSES: usize = 12;

fn start(ground: &Ground, words: &str) -> Child {
    let mut command = ground.command(env!("CARGO_BIN_EXE_tracks"), &ground.shop());
    command.args(words.split(' ')).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("it runs")
}

#[test]
fn all_that_add_at_once_succeed() {
    let ground = Ground::with_tracks();
    let processes = number("TOGETHER", PROCESSES);
    let children: Vec<Child> = (0..processes).map(|at| start(&ground, &format!("add t{at}"))).collect();
    for child in children {
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{}", ground.said(&output));
    }
    let text = ground.read("tracks.toml");
    let worktrees = ground.git("worktree list --porcelain");
    for at in 0..processes {
        assert!(text.contains(&format!("[tracks.t{at}]\n")), "{at}");
        assert!(worktrees.contains(&format!("branch refs/heads/feature/track-t{at}\n")), "{at}");
    }
    assert_eq!(ground.run("log").matches("  add t").count(), processes);
    assert!(ground.try_git_in(&ground.shop(), "fsck --strict").status.success());
}

#[test]
fn whatever_many_do_at_once_nothing_is_lost() {
    let ground = Ground::with_tracks();
    let processes = number("TOGETHER", PROCESSES);
    for at in 0..6 {
        ground.run(&format!("add w{at}"));
        ground.commit(&ground.track(&format!("w{at}")), &format!("src/w{at}.rs"), &format!("fn w{at}() {{}}\n"));
        write(&ground.track(&format!("w{at}")).join("notes.txt"), &format!("notes of {at}\n"));
    }
    let commits: Vec<String> =
        (0..6).map(|at| ground.git(&format!("rev-parse feature/track-w{at}")).trim().to_owned()).collect();
    std::thread::scope(|scope| {
        for process in 0..processes {
            let ground = &ground;
            scope.spawn(move || {
                let mut random = Random::new(process as u64);
                for step in 0..number("STEPS", 4) {
                    let new = format!("p{process}s{step}");
                    let which = random.below(6);
                    let words = match random.below(10) {
                        0 | 1 => format!("add {new}"),
                        2 => format!("remove w{which} --unlanded"),
                        3 => "prune --yes".to_owned(),
                        4 => format!("checkpoint create w{which}"),
                        5 => format!("checkpoint restore w{which}@1"),
                        6 => "sync".to_owned(),
                        7 => "hooks install".to_owned(),
                        8 => "hooks uninstall".to_owned(),
                        _ => "log".to_owned(),
                    };
                    let output = start(ground, &words).wait_with_output().expect("it ends");
                    // Refused is as good as done, and so is having waited for 30 s behind so many; it may not break.
                    let (code, said) = (output.status.code(), ground.said(&output));
                    let waited = code == Some(3) && said.contains(" is still writing after 30 s");
                    assert!(waited || matches!(code, Some(0..=2)), "{words}: {said}");
                }
            });
        }
    });
    for (at, commit) in commits.iter().enumerate() {
        assert_eq!(ground.git(&format!("rev-parse feature/track-w{at}")).trim(), commit);
        let notes = std::fs::read_to_string(ground.track(&format!("w{at}")).join("notes.txt"));
        assert_eq!(notes.expect("there"), format!("notes of {at}\n"));
    }
    assert!(!ground.shop().join(".git/tracks/journal/record.json").exists());
    let fsck = ground.try_git_in(&ground.shop(), "fsck --strict --no-dangling");
    assert!(fsck.status.success(), "{}", String::from_utf8_lossy(&fsck.stderr));
    let said = ground.run("sync --committed");
    assert!(!said.contains("-- exit 2") && !said.contains("-- exit 3"), "{said}");
}
