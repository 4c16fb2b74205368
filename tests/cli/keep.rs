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

/// Git drops what no ref leads to piece by piece: that a tree is there does not mean that all below it is.
#[test]
fn what_is_half_gone_is_kept_again() {
    let ground = with_many_trees();
    ground.run("sync --committed");
    // What is written now are files of their own; the pack goes, and with it most of the trees.
    ground.commit(&ground.track("t0"), "more.txt", "more\n");
    ground.run("sync --committed");
    let drop_pack = || {
        ground.git("update-ref -d refs/tracks/integration/main");
        ground.git("repack -a -d -q");
    };
    drop_pack();
    let said = ground.run("sync --committed");
    assert!(said.contains("what earlier runs left is damaged, and forgotten now: run it again"), "{said}");
    assert!(!ground.try_git_in(&ground.shop(), "rev-parse --verify refs/tracks/integration/main").status.success());
    ground.run("sync --committed");
    assert_eq!(ground.git("fsck --full --strict --no-dangling"), "");
    ground.git("rev-list --objects refs/tracks/integration/main");
    drop_pack();
    std::fs::remove_file(ground.shop().join(".git/tracks/memory")).expect("it was written");
    ground.run("sync --committed");
    assert_eq!(ground.git("fsck --full --strict --no-dangling"), "");
    ground.git("rev-list --objects refs/tracks/integration/main");
}
