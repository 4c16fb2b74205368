//! Beside real hook managers, as `.ci/run` installs them: both hooks fire, in the main worktree and in a linked one.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::{Ground, write};

/// A hook manager, and a repository in which it runs `echo own >> ran` before a commit.
struct Manager {
    name: &'static str,
    /// The file that says what it runs, and what that says.
    file: &'static str,
    text: &'static str,
    /// What puts its hooks in place.
    install: &'static [&'static str],
    /// Whether it has to be installed in every worktree.
    everywhere: bool,
}

const OWN: &str = "repos:\n  - repo: local\n    hooks:\n      - id: own\n        name: own\n        language: system\n        \
                   entry: sh -c 'echo own >> \"$RAN\"'\n        always_run: true\n        pass_filenames: false\n";

const PRE_COMMIT: Manager = Manager {
    name: "pre-commit",
    file: ".pre-commit-config.yaml",
    text: OWN,
    install: &["pre-commit", "install"],
    everywhere: false,
};
const PREK: Manager = Manager { name: "prek", install: &["prek", "install"], ..PRE_COMMIT };
const LEFTHOOK: Manager = Manager {
    name: "lefthook",
    file: "lefthook.yml",
    text: "pre-commit:\n  commands:\n    own:\n      run: echo own >> \"$RAN\"\n",
    install: &["lefthook", "install"],
    everywhere: false,
};
const HUSKY: Manager = Manager {
    name: "husky",
    file: ".husky/pre-commit",
    text: "echo own >> \"$RAN\"\n",
    install: &["husky"],
    everywhere: true,
};

/// A repository with a manager, and what runs in it.
struct Field {
    ground: Ground,
    manager: &'static Manager,
}

impl Field {
    fn new(manager: &'static Manager) -> Field {
        let field = Field { ground: Ground::with_tracks(), manager };
        let policy = "target = \"main\"\n[tracks.a]\n[tracks.b]\n[rules.file-size]\nmax-lines = 5\n";
        field.ground.write("tracks.toml", policy);
        field.ground.write(manager.file, manager.text);
        field.ground.write(".gitignore", "node_modules/\n/worktrees/\n");
        field.ground.git("add .");
        field.ground.git("commit -q -m policy");
        field.update();
        field
    }

    /// Everything committed on the target, and taken over by the track.
    fn update(&self) {
        let a = self.ground.track("a");
        self.said(&self.ground.shop(), &["git", "commit", "-q", "-a", "--no-verify", "--allow-empty", "-m", "x"]);
        self.said(&a, &["git", "merge", "-q", "--ff-only", "main"]);
    }

    fn install_manager(&self) {
        let mut worktrees = vec![self.ground.shop()];
        worktrees.extend(
            self.manager.everywhere.then(|| [self.ground.track("a"), self.ground.track("b")]).into_iter().flatten(),
        );
        worktrees.iter().for_each(|worktree| self.said(worktree, self.manager.install));
    }

    fn run(&self, folder: &Path, words: &[&str]) -> Output {
        let home = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/hook-managers");
        assert!(home.exists(), ".ci/run installs the managers");
        let own = Path::new(env!("CARGO_BIN_EXE_tracks")).parent().expect("a folder").to_owned();
        let path = std::env::var_os("PATH").expect("set");
        let folders = [own, home.join("python/bin"), home.join("node/node_modules/.bin")];
        let path: OsString =
            std::env::join_paths(folders.into_iter().chain(std::env::split_paths(&path))).expect("joined");
        let mut command: Command = self.ground.command("env", folder);
        command.args(words).env("PATH", path).env("RAN", self.ground.root.join("ran")).output().expect("it runs")
    }

    /// Runs what must succeed.
    fn said(&self, folder: &Path, words: &[&str]) {
        let output = self.run(folder, words);
        assert!(output.status.success(), "{}: {words:?}: {}", self.manager.name, self.ground.said(&output));
    }

    /// Both fire: the manager's own hook at a commit that passes, ours at one that must not.
    fn assert_both_fire(&self, worktree: &Path) {
        let ran = self.ground.root.join("ran");
        let _ = fs::remove_file(&ran);
        write(&worktree.join("new.txt"), "1\n");
        self.said(worktree, &["git", "add", "new.txt"]);
        self.said(worktree, &["git", "commit", "-q", "-m", "short"]);
        assert_eq!(fs::read_to_string(&ran).expect("the manager's hook ran"), "own\n", "{}", self.manager.name);
        write(&worktree.join("new.txt"), "1\n2\n3\n4\n5\n6\n");
        self.said(worktree, &["git", "add", "new.txt"]);
        let output = self.run(worktree, &["git", "commit", "-q", "-m", "long"]);
        let said = self.ground.said(&output);
        assert!(!output.status.success() && said.contains("size.lines"), "{}: {said}", self.manager.name);
        self.said(worktree, &["git", "reset", "-q", "--hard", "HEAD~1"]);
    }

    fn assert_all_fire(&self) {
        self.assert_both_fire(&self.ground.shop());
        self.assert_both_fire(&self.ground.track("a"));
        let ran = self.ground.root.join("ran");
        let _ = fs::remove_file(&ran);
        let output = self.run(&self.ground.shop(), &["tracks", "hooks", "status", "--prove", "--format", "json"]);
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let hooks = report["hooks"].as_array().expect("hooks");
        for worktree in [".", "worktrees/track-a"] {
            let is_here = |hook: &&serde_json::Value| {
                hook["name"] == "pre-commit" && hook["worktrees"].as_array().expect("a list").contains(&worktree.into())
            };
            let here: Vec<_> = hooks.iter().filter(is_here).collect();
            assert_eq!(here.len(), 1, "{hooks:?}");
            assert_eq!(here[0]["fires"], 1, "{}: {here:?}", self.manager.name);
        }
        assert!(!ran.exists(), "{}: its own hook was run for the proof", self.manager.name);
    }
}

#[test]
fn the_manager_came_first() {
    for manager in [&PRE_COMMIT, &PREK, &LEFTHOOK, &HUSKY] {
        let field = Field::new(manager);
        field.install_manager();
        let before = field.ground.read(manager.file);
        field.said(&field.ground.shop(), &["tracks", "hooks", "install", "--write"]);
        assert_ne!(field.ground.read(manager.file), before);
        field.said(&field.ground.shop(), &["git", "add", "-A"]);
        field.update();
        field.assert_all_fire();
        field.said(&field.ground.shop(), &["tracks", "hooks", "uninstall"]);
        assert_eq!(field.ground.read(manager.file), before, "{}", manager.name);
    }
}

#[test]
fn we_came_first() {
    // Husky takes the whole folder of hooks away, and lefthook the hook, without a word: found, and said.
    for manager in [&PRE_COMMIT, &PREK] {
        let field = Field::new(manager);
        field.said(&field.ground.shop(), &["tracks", "hooks", "install"]);
        field.install_manager();
        field.assert_all_fire();
        field.said(&field.ground.shop(), &["tracks", "hooks", "install"]);
        field.assert_all_fire();
    }
    for manager in [&LEFTHOOK, &HUSKY] {
        let field = Field::new(manager);
        field.said(&field.ground.shop(), &["tracks", "hooks", "install"]);
        field.install_manager();
        let output = field.run(&field.ground.shop(), &["tracks", "hooks", "status", "--prove"]);
        assert_eq!(output.status.code(), Some(1), "{}", manager.name);
        field.said(&field.ground.shop(), &["tracks", "hooks", "install", "--write"]);
        field.said(&field.ground.shop(), &["git", "add", "-A"]);
        field.update();
        field.assert_all_fire();
    }
}

#[test]
fn a_worktree_without_husky_is_found() {
    let field = Field::new(&HUSKY);
    field.said(&field.ground.shop(), HUSKY.install);
    field.said(&field.ground.shop(), &["tracks", "hooks", "install", "--write"]);
    let output = field.run(&field.ground.track("a"), &["tracks", "hooks", "status"]);
    let said = field.ground.said(&output);
    assert!(said.contains("pre-commit        installed  husky  main worktree"), "{said}");
    assert!(said.contains("pre-commit        dead       husky  worktrees/track-a, worktrees/track-b"), "{said}");
}
