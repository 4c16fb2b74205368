//! Tracks that stand still, and branches that part from what they follow.

use snapbox::{assert_data_eq, str};

use crate::support::{Ground, write};

fn with(declared: &str) -> Ground {
    let ground = Ground::new();
    ground.write("tracks.toml", &format!("target = \"main\"\n[sync]\nstalled-after = '4h'\n{declared}"));
    ground.git("add .");
    ground.git("commit -q -m declare");
    ground.run("init --no-hooks");
    ground
}

fn states(ground: &Ground) -> String {
    let listed: serde_json::Value = serde_json::from_str(&ground.run("list --format json")).expect("JSON");
    let state = |track: &serde_json::Value| format!("{} {}\n", track["id"], track["state"]).replace('"', "");
    listed["tracks"].as_array().expect("a list").iter().map(state).collect()
}

fn findings(ground: &Ground) -> String {
    let judged: serde_json::Value = serde_json::from_str(&ground.run("sync --format json")).expect("JSON");
    let all = judged["findings"].as_array().expect("a list").clone();
    // How long ago the tests were given their date.
    let days = regex::Regex::new("[0-9]+ days").expect("valid");
    let line = |it: &serde_json::Value| format!("{} {}: {}; {}\n", it["rule"], it["tracks"], it["message"], it["cure"]);
    days.replace_all(&all.iter().map(line).collect::<String>(), "[N] days").replace('"', "")
}

#[test]
fn who_stands_still_is_named_and_who_waits_is_not() {
    let ground = with(
        "[tracks.a]\nagent = 'alpha'\n[tracks.b]\n[tracks.c]\ndepends-on = ['a']\n[tracks.d]\n[tracks.e]\n\
         stalled-after = '52w'\n[tracks.f]\nstalled-after = '500w'\n",
    );
    for id in ["a", "b", "c", "d", "e", "f"] {
        ground.commit(&ground.track(id), &format!("{id}.txt"), "new\n");
    }
    write(&ground.track("b").join("loose.txt"), "just written\n");
    ground.run("note d --ready");
    assert_data_eq!(
        states(&ground),
        str![[r#"
a stalled
b working
c blocked
d ready
e stalled
f working

"#]]
    );
    assert_data_eq!(
        findings(&ground),
        str![[r#"
track.stalled [a]: neither a commit nor a file has moved for [N] days, where `4h` is allowed; ask `alpha`, or say what it waits for: `tracks note a --blocked-by WHAT`
track.stalled [e]: neither a commit nor a file has moved for [N] days, where `52w` is allowed; ask whoever works on it, or say what it waits for: `tracks note e --blocked-by WHAT`

"#]]
    );
    ground.run("land a");
    assert_data_eq!(
        states(&ground),
        str![[r#"
a landed
b working
c stalled
d ready
e stalled
f working

"#]]
    );
    assert!(ground.run("order").contains("b      working"), "files count there, too");
    let first = ground.run("sync --format json");
    assert!(first.contains("track.stalled"));
    assert_data_eq!(
        ground.run("sync").lines().filter(|line| line.contains("track.stalled")).collect::<Vec<_>>().join("\n"),
        str![[r#"
  c  track.stalled
  e  track.stalled
"#]]
    );
}

#[test]
fn branches_that_parted_from_what_they_follow() {
    let ground = Ground::with_tracks();
    ground.git("clone -q --bare . ../origin.git");
    ground.git("remote add origin ../origin.git");
    ground.commit(&ground.track("a"), "a.txt", "theirs\n");
    ground.git("push -q origin feature/track-a");
    ground.git_in(&ground.track("a"), "reset -q --hard HEAD~1");
    ground.git("fetch -q origin");
    ground.git("branch -q -u origin/feature/track-a feature/track-a");
    assert_data_eq!(findings(&ground), "");
    ground.commit(&ground.track("a"), "a.txt", "ours\n");
    assert_data_eq!(
        findings(&ground),
        str![[r#"
track.diverged [a]: `feature/track-a` and `origin/feature/track-a` have parted: 1 commit only here, 1 commit only there; join them: `git -C /$(tracks path a)/ pull --rebase`

"#]]
    );
}

#[test]
fn a_time_that_is_none_is_refused() {
    let ground = with("[tracks.a]\nstalled-after = 'soon'\n");
    let said = ground.run("list");
    assert!(said.contains("no length of time such as"), "{said}");
}
