//! `tracks list`: how every track stands.

use snapbox::{assert_data_eq, str};

use crate::support::{Ground, write};

#[test]
fn every_column_that_has_something_to_say() {
    let ground = Ground::with_tracks();
    ground.commit(&ground.track("a"), "src/a.rs", "fn a() { one() }\n");
    write(&ground.track("b").join("src/a.rs"), "fn a() { two() }\n");
    ground.commit(&ground.shop(), "README.md", "moved on\n");
    ground.run("add c --depends-on a");
    assert_data_eq!(
        ground.run("list"),
        str![[r#"
track  state       ahead  behind  uncommitted  findings  conflicts with  last  branch           folder
a  conflicted  1  2  1  b  [AGE]  feature/track-a  [ROOT]/shop/worktrees/track-a
b  conflicted  2  1  1  a  [AGE]  feature/track-b  [ROOT]/shop/worktrees/track-b
c  blocked  1  [AGE]  feature/track-c  [ROOT]/shop/worktrees/track-c

"#]]
    );
    assert_data_eq!(
        ground.run("status --exit-code"),
        str![[r#"
track  state       ahead  behind  uncommitted  findings  conflicts with  last  branch           folder
a  conflicted  1  2  1  b  [AGE]  feature/track-a  [ROOT]/shop/worktrees/track-a
b  conflicted  2  1  1  a  [AGE]  feature/track-b  [ROOT]/shop/worktrees/track-b
c  blocked  1  [AGE]  feature/track-c  [ROOT]/shop/worktrees/track-c
-- exit 1

"#]]
    );
}

#[test]
fn landed_is_what_is_on_the_target_now() {
    let ground = Ground::with_tracks();
    let state = |words: &str| {
        let json = ground.run(words);
        let report: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        report["tracks"][0]["state"].as_str().expect("a state").to_owned()
    };
    assert_eq!(state("list --format json"), "working");
    ground.commit(&ground.track("a"), "src/new.rs", "fn new() {}\n");
    ground.commit(&ground.track("a"), "src/new.rs", "fn new() { more() }\n");
    assert_eq!(state("list --format json"), "working");
    ground.git("merge -q --squash feature/track-a");
    ground.git("commit -q -m squashed");
    assert_eq!(state("list --format json"), "landed");
    ground.git("revert --no-edit HEAD");
    assert_eq!(state("list --format json"), "working");
    ground.git("reset -q --hard HEAD~2");
    ground.git("merge -q --no-ff --no-edit feature/track-a");
    assert_eq!(state("list --format json"), "landed");
    ground.git("revert --no-edit -m 1 HEAD");
    assert_eq!(state("list --format json"), "reverted");
}
