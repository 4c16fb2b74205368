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
    assert_data_eq!(ground.run_in(&clone, "matrix one two"), str![[r#"
     one  two
one    -
two    ?    -

. clean   ? unknown

one and two
  refusing to merge unrelated histories

0 of 1 pair clean, 1 unknown
-- exit 1

"#]]);
}

#[test]
fn what_a_partial_clone_lacks_is_unknown_and_never_fetched() {
    let ground = with_conflict();
    ground.git("config uploadpack.allowFilter true");
    let clone = ground.root.join("partial");
    ground.git("clone -q --filter=blob:none --no-local --bare . ../partial");
    let said = ground.run_in(&clone, "matrix one two three");
    assert_data_eq!(said, str![[r#"
       one  two  three
one      -
two      ?    -
three    .    .      -

. clean   ? unknown

one and two
  could not fetch 01e79c32a8c99c557f0757da7cb6d65b3414466d from promisor remote

2 of 3 pairs clean, 1 unknown
-- exit 1

"#]]);
    let missing = ground.git_in(&clone, "rev-list --objects --all --missing=print");
    assert!(missing.lines().any(|line| line.starts_with('?')), "something was fetched: {missing}");
}
