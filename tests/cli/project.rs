//! Which copy of `tracks.toml` binds, and what a broken one says.

use snapbox::{assert_data_eq, str};
use tracks::engine::project::Project;
use tracks::git::Repo;
use tracks::git::repo::Start;
use tracks::model::Checkout;
use tracks::policy::config::Source;

use crate::support::{Ground, write};

fn project(ground: &Ground) -> Project {
    let repo = Repo::discover(&Start::At(ground.shop())).expect("a repository");
    Project::open(&repo).expect("a project")
}

#[test]
fn a_folder_belongs_to_the_nearest_worktree() {
    let ground = Ground::with_tracks();
    ground.git_in(&ground.track("a"), "worktree add -q inner -b inner");
    let project = project(&ground);
    let at = |path: &str| project.track_at(&ground.shop().join(path)).map(|track| track.id.to_string());
    assert_eq!(at("worktrees/track-a/src"), Some("a".into()));
    assert_eq!(at("worktrees/track-a/inner"), None);
    assert_eq!(at("src"), None);
}

#[test]
fn a_branch_keeps_its_worktree_while_it_is_rebased() {
    let ground = Ground::with_tracks();
    ground.commit(&ground.track("a"), "src/a.rs", "ours\n");
    ground.commit(&ground.shop(), "src/a.rs", "theirs\n");
    assert!(!ground.try_git_in(&ground.track("a"), "rebase -q main").status.success());
    let project = project(&ground);
    let a = project.track("a").expect("declared");
    assert_eq!((a.checkout.clone(), a.worktree.clone()), (Checkout::Present, ground.track("a")));
    assert_eq!(project.source, Source::Target);
}

#[test]
fn a_worktree_that_lost_its_repository_is_unusable() {
    let ground = Ground::with_tracks();
    write(&ground.track("a").join(".git"), "gitdir: /nowhere\n");
    let project = project(&ground);
    let a = project.track("a").expect("declared");
    assert_eq!(a.checkout, Checkout::Unusable("is linked to a repository that is not there".into()));
    assert_eq!(project.track("b").expect("declared").checkout, Checkout::Present);
}

#[test]
fn the_target_follows_a_remote() {
    let ground = Ground::with_tracks();
    ground.git_in(&ground.root, "clone -q shop clone");
    let clone = ground.root.join("clone");
    ground.commit(&ground.shop(), "new", "x\n");
    ground.git_in(&clone, "fetch -q");
    let repo = Repo::discover(&Start::At(clone.clone())).expect("a repository");
    let upstream = Project::open(&repo).expect("a project").target_upstream.expect("follows one");
    assert_eq!((upstream.name.as_str(), upstream.behind), ("origin/main", 1));
    ground.git_in(&clone, "switch -q -c other");
    ground.git_in(&clone, "branch -q -D main");
    assert_data_eq!(
        ground.refused_in(&clone, "path a"),
        str![[r#"
-- stderr
tracks: there is no branch `main`, on which the tracks are to land
  hint: make it with `git branch main origin/main`
-- exit 2

"#]]
    );
}

#[test]
fn the_target_is_what_a_committed_copy_names() {
    let ground = Ground::new();
    ground.git("branch develop");
    ground.write("tracks.toml", "target = 'develop'\n[tracks.a]\n");
    assert_eq!(project(&ground).target.name, "develop");
    ground.git("add tracks.toml");
    ground.git("commit -q -m declare");
    ground.write("tracks.toml", "target = 'main'\n[tracks.a]\n[tracks.b]\n");
    assert_eq!(project(&ground).target.name, "develop");
}

#[test]
fn new_tracks_count_before_they_are_committed() {
    let ground = Ground::with_tracks();
    ground.run("add c");
    let project = project(&ground);
    let uncommitted: Vec<String> = project.uncommitted.iter().map(ToString::to_string).collect();
    assert_eq!(uncommitted, ["c"]);
    assert_eq!(project.tracks.len(), 3);
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let ground = Ground::new();
    assert_data_eq!(
        ground.refused("-C no\u{1b}where list"),
        str![[r#"
-- stderr
tracks: `no/x1bwhere` is no folder
-- exit 2

"#]]
    );
}
