//! What an integration wrote is kept as one pack that Git finds nothing wrong with.

use crate::support::{Ground, write};

/// Twelve tracks, each with files of its own in every one of thirty folders: far more trees than are kept as files.
fn with_many_trees() -> Ground {
    let ground = Ground::new();
    for folder in 0..30 {
        for file in 0..8 {
            write(&ground.shop().join(format!("f{folder}/sub/{file}.txt")), &format!("{file} in {folder}\n"));
        }
    }
    ground.git("add .");
    ground.git("commit -q -m files");
    let ids: Vec<String> = (0..12).map(|track| format!("t{track}")).collect();
    ground.run(&format!("init {} --no-hooks", ids.join(" ")));
    ground.git("add tracks.toml");
    ground.git("commit -q -m declare");
    for (number, id) in ids.iter().enumerate() {
        for folder in 0..30 {
            let path = format!("f{folder}/sub/{number}.txt");
            write(&ground.track(id).join(path), &format!("{id} in {folder}\n"));
        }
        ground.git_in(&ground.track(id), "add .");
        ground.git_in(&ground.track(id), "commit -q -m work");
    }
    ground
}

#[test]
fn a_long_integration_is_kept_whole() {
    let ground = with_many_trees();
    let before = ground.git("count-objects -v");
    let said = ground.run("sync --committed");
    let packs = |text: &str| text.lines().find_map(|line| line.strip_prefix("packs: ")).map(str::to_owned);
    assert_eq!(packs(&before).as_deref(), Some("0"));
    assert_eq!(packs(&ground.git("count-objects -v")).as_deref(), Some("1"), "{said}");
    assert_eq!(ground.git("fsck --full --strict --no-dangling"), "");
    // Every object below the ref can be read, and the last tree is what Git's own merges give.
    ground.git("rev-list --objects refs/tracks/integration/main --not --branches");
    ground.git("switch -q --detach main");
    for track in 0..12 {
        ground.git(&format!("merge -q --no-edit feature/track-t{track}"));
    }
    assert_eq!(ground.git("diff --stat HEAD refs/tracks/integration/main"), "");
    // Nothing is missing any more, so nothing is kept again.
    ground.git("update-ref -d refs/tracks/integration/main");
    ground.run("sync --committed");
    assert_eq!(packs(&ground.git("count-objects -v")).as_deref(), Some("1"));
}
