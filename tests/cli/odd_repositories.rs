//! Verdicts in repositories that are cut off, incomplete, or full of attributes meant to mislead.

use snapbox::{assert_data_eq, str};

use crate::support::{Ground, write};

/// `one` and `two` change one line of a file differently; `three` changes another file.
fn with_conflict() -> Ground {
    let ground = Ground::new();
    ground.write("other.txt", "1\n");
    ground.commit(&ground.shop(), "list.txt", "1\n2\n3\n");
    ground.git("add .");
    ground.git("commit -q -m other");
    for (branch, path, content) in
        [("one", "list.txt", "1\none\n3\n"), ("two", "list.txt", "1\ntwo\n3\n"), ("three", "other.txt", "three\n")]
    {
        ground.git(&format!("switch -q -c {branch} main"));
        ground.commit(&ground.shop(), path, content);
    }
    ground.git("switch -q main");
    ground
}

/// Whether the verdict on `one` and `two` is a conflict, both by tracks and by Git.
fn conflicts(ground: &Ground) -> bool {
    let said = ground.run("matrix one two --verify");
    assert!(said.contains("git agrees on 1 pair"), "{said}");
    said.contains("1 in conflict")
}

#[test]
fn attributes_that_apply_everywhere_count_and_those_of_a_worktree_do_not() {
    let ground = with_conflict();
    assert!(conflicts(&ground));
    write(&ground.shop().join(".gitattributes"), "* merge=union\n");
    assert!(conflicts(&ground), "what is checked out is neither side");
    let everywhere = ground.shop().join(".git/everywhere");
    write(&everywhere, "* merge=union\n");
    let absolute = everywhere.to_str().expect("plain text").to_owned();
    let set = ground.command("git", &ground.shop()).args(["config", "core.attributesFile", &absolute]).status();
    assert!(set.expect("git is installed").success());
    assert!(!conflicts(&ground), "the user's own attributes are in force for every merge");
    write(&everywhere, "* -merge\n");
    assert!(conflicts(&ground));
    write(&ground.shop().join(".git/info/attributes"), "* merge=union\n");
    assert!(!conflicts(&ground), "those of the repository win");
}

#[test]
fn in_a_shallow_clone_git_decides_what_history_there_is() {
    let ground = with_conflict();
    let clone = ground.root.join("shallow");
    ground.git("clone -q --depth 1 --no-single-branch --no-local --bare . ../shallow");
    assert_data_eq!(
        ground.run_in(&clone, "matrix one two"),
        str![[r#"
     one  two
one    -
two    ?    -

. clean   ? unknown

one and two
  refusing to merge unrelated histories

0 of 1 pair clean, 1 unknown
-- exit 1

"#]]
    );
}

#[test]
fn what_a_partial_clone_lacks_is_unknown_and_never_fetched() {
    let ground = with_conflict();
    ground.git("config uploadpack.allowFilter true");
    let clone = ground.root.join("partial");
    ground.git("clone -q --filter=blob:none --no-local --bare . ../partial");
    let said = ground.run_in(&clone, "matrix one two three");
    assert_data_eq!(
        said,
        str![[r#"
       one  two  three
one      -
two      ?    -
three    .    .      -

. clean   ? unknown

one and two
  could not fetch 01e79c32a8c99c557f0757da7cb6d65b3414466d from promisor remote

2 of 3 pairs clean, 1 unknown
-- exit 1

"#]]
    );
    let missing = ground.git_in(&clone, "rev-list --objects --all --missing=print");
    assert!(missing.lines().any(|line| line.starts_with('?')), "something was fetched: {missing}");
}

/// `one` and `two` change lines of a file that lie far apart: clean, unless attributes say otherwise.
fn with_distant_changes(prepare: impl Fn(&Ground)) -> Ground {
    let ground = Ground::new();
    ground.write("list.txt", "1\n2\n3\n4\n5\n6\n7\n8\n9\n");
    prepare(&ground);
    ground.git("add -A");
    ground.git("commit -q -m list");
    for (branch, content) in [("one", "one\n2\n3\n4\n5\n6\n7\n8\n9\n"), ("two", "1\n2\n3\n4\n5\n6\n7\n8\ntwo\n")] {
        ground.git(&format!("switch -q -c {branch} main"));
        ground.commit(&ground.shop(), "list.txt", content);
    }
    ground.git("switch -q one");
    ground
}

/// Whether the two conflict, as a real merge in a checkout of `one` says and so does `tracks`.
fn stops(ground: &Ground) -> bool {
    let said = ground.run("matrix one two");
    let merged = ground.try_git_in(&ground.shop(), "merge --no-commit two");
    ground.try_git_in(&ground.shop(), "reset -q --hard");
    assert_eq!(said.contains("1 in conflict"), !merged.status.success(), "{said}");
    said.contains("1 in conflict")
}

#[test]
fn attributes_are_read_as_in_a_checkout() {
    let bytes = |content: &'static [u8]| {
        move |ground: &Ground| std::fs::write(ground.shop().join(".gitattributes"), content).expect("it can be written")
    };
    assert!(stops(&with_distant_changes(bytes(b"list.txt -merge\n"))));
    assert!(stops(&with_distant_changes(bytes(b"\xef\xbb\xbflist.txt -merge\n"))), "a byte-order mark is skipped");
    assert!(stops(&with_distant_changes(bytes(b"x\0y\nlist.txt -merge\n"))), "a NUL ends a line, not the file");
    assert!(!stops(&with_distant_changes(bytes(b"list.txt\0 -merge\n"))));
    let link = |ground: &Ground| {
        std::os::unix::fs::symlink("list.txt -merge", ground.shop().join(".gitattributes")).expect("it can be made");
    };
    assert!(!stops(&with_distant_changes(link)), "a link is not followed");
    let written = |ground: &Ground| {
        ground.git("config core.symlinks false");
        ground.write("text", "list.txt -merge");
        let id = ground.try_git_in(&ground.shop(), "hash-object -w text").stdout;
        let id = String::from_utf8(id).expect("an id");
        ground.git(&format!("update-index --add --cacheinfo 120000,{},.gitattributes", id.trim()));
        ground.write(".gitattributes", "list.txt -merge");
    };
    assert!(stops(&with_distant_changes(written)), "a link that is checked out as a file is one");
}

#[test]
fn attributes_named_by_any_revision_count() {
    let ground = with_distant_changes(|_| {});
    ground.git("switch -q -c attributes main");
    ground.commit(&ground.shop(), ".gitattributes", "list.txt -merge\n");
    ground.git("switch -q one");
    for name in ["attributes", "attributes:", "attributes^{tree}", "attributes~0"] {
        ground.git(&format!("config attr.tree {name}"));
        assert!(stops(&ground), "{name}");
    }
    ground.git("config attr.tree nothing-of-this-name");
    assert!(!stops(&ground));
}

#[test]
fn a_submodule_that_both_sides_move_is_nothing_to_be_sure_of() {
    let ground = Ground::new();
    let inner = ground.root.join("inner");
    ground.git("init -q -b main ../inner");
    let commits: Vec<String> = (1..=3)
        .map(|number| {
            ground.commit(&inner, "file.txt", &format!("{number}\n"));
            let id = ground.try_git_in(&inner, "rev-parse HEAD").stdout;
            String::from_utf8(id).expect("an id").trim().to_owned()
        })
        .collect();
    let address = inner.to_str().expect("plain text").to_owned();
    let add = ["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &address, "inner"];
    assert!(ground.command("git", &ground.shop()).args(add).status().expect("git is installed").success());
    let move_to = |commit: &str| {
        ground.git(&format!("update-index --cacheinfo 160000,{commit},inner"));
        ground.git("commit -q -m moved");
    };
    move_to(&commits[0]);
    for (branch, commit) in [("one", &commits[1]), ("two", &commits[2])] {
        ground.git(&format!("switch -q -c {branch} main"));
        move_to(commit);
    }
    ground.git("switch -q -c three main");
    ground.commit(&ground.shop(), "other.txt", "3\n");
    assert_data_eq!(
        ground.run("matrix one two three"),
        str![[r#"
       one  two  three
one      -
two      ?    -
three    .    .      -

. clean   ? unknown

one and two
  both sides move a submodule, and what is checked out of it decides

2 of 3 pairs clean, 1 unknown
-- exit 1

"#]]
    );
}

#[test]
fn a_repository_of_somebody_else_is_git_s_to_refuse() {
    let ground = Ground::with_tracks();
    let mut command = ground.command(env!("CARGO_BIN_EXE_tracks"), &ground.shop());
    // As Git's own tests do it: as if every folder belonged to another user.
    let output = command.arg("list").env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1").output().expect("it runs");
    assert_data_eq!(
        ground.said(&output),
        str![[r#"
-- stderr
tracks: git refuses this repository: detected dubious ownership in repository at '[ROOT]/shop'
  hint: only if you trust whoever owns it: `git config --global --add safe.directory '[ROOT]/shop'`
-- exit 2

"#]]
    );
    let mut command = ground.command(env!("CARGO_BIN_EXE_tracks"), &ground.shop());
    let output = command.args(["-C", ".", "trust", "--yes"]).env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1").output();
    assert_eq!(output.expect("it runs").status.code(), Some(2));
}
