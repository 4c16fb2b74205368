//! Worktrees in random states, saved and brought back in another order: every byte, permission, link and empty folder,
//! the index, and what Git says about them must be what it was, and nothing else may have changed.
//!
//! The long run: `WORKTREES=1000 cargo test --test cli checkpoint_random`; `SEED=n` begins elsewhere.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use crate::merges::generator::Random;
use crate::support::{Ground, State, write};

/// States of one repository.
const STATES: usize = 8;

const NAMES: [&[u8]; 16] = [
    b"a.txt",
    b"a.txt",
    b"dir/b.txt",
    b"dir/sub/c.bin",
    b"dir/sub",
    b"dir",
    b"sp ace/x",
    b"new\nline",
    b"tab\t\"q\"\\",
    b"-dash",
    b"caf\xe9/\xff",
    "n\u{e9}/\u{202e}x".as_bytes(),
    b"crlf.txt",
    b"loud.up",
    b"tool.sh",
    b":(top)x",
];

/// Settings of one repository, some of which change what an index looks like and when Git trusts it.
const SETTINGS: [&str; 7] = [
    "core.abbrev 12",
    "core.splitIndex true",
    "core.untrackedCache true",
    "index.version 4",
    "core.checkStat minimal",
    "core.autocrlf true",
    "core.trustctime false",
];

struct World {
    ground: Ground,
    random: Random,
}

/// What must come back.
#[derive(Debug, PartialEq)]
struct Seen {
    files: BTreeMap<PathBuf, (u32, Vec<u8>)>,
    index: Vec<u8>,
    git_dir: BTreeMap<PathBuf, Vec<u8>>,
    refs: String,
    status: String,
    staged: String,
}

impl World {
    fn new(seed: u64) -> World {
        let ground = Ground::with_tracks();
        let mut random = Random::new(seed);
        for setting in [*random.one(&SETTINGS), *random.one(&SETTINGS)] {
            ground.git(&format!("config {setting}"));
        }
        ground.git("config filter.up.clean cat");
        ground.command("git", &ground.shop()).args(["config", "filter.up.smudge", "tr a-z A-Z"]).status().expect("set");
        let a = ground.track("a");
        write(&a.join(".gitattributes"), "*.txt text=auto\ncrlf.txt text eol=crlf\n*.bin -text\n*.up filter=up\n");
        write(&a.join("a.txt"), "1\n2\n3\n");
        write(&a.join("crlf.txt"), "one\r\ntwo\r\n");
        write(&a.join("loud.up"), "loud\n");
        write(&a.join("dir/b.txt"), "b\n");
        ground.git_in(&a, "add -A");
        ground.git_in(&a, "commit -q -m base");
        ground.git_in(&a, "branch side");
        let b = ground.track("b");
        ground.git_in(&b, "merge -q --ff-only side");
        ground.commit(&b, "a.txt", "1\nside\n3\n");
        ground.git_in(&b, "branch -f side");
        ground.commit(&a, "a.txt", "1\nmine\n3\n");
        ground.commit(&a, "dir/b.txt", "mine\n");
        write(&a.join("secret.log"), "ignored\n");
        write(&a.join("node_modules/x"), "ignored\n");
        World { ground, random }
    }

    fn git(&self, words: &[&OsStr]) {
        let mut command = self.ground.command("git", &self.ground.track("a"));
        // Git refuses many of them, as it should.
        command.env("GIT_EDITOR", "true").args(words).output().expect("git is installed");
    }

    fn words(&self, words: &str) {
        self.git(&words.split(' ').map(OsStr::new).collect::<Vec<_>>());
    }

    fn path(&mut self) -> OsString {
        OsStr::from_bytes(NAMES[self.random.below(NAMES.len())]).to_owned()
    }

    /// Something that somebody could do to a worktree.
    fn change(&mut self) {
        let a = self.ground.track("a");
        let path = self.path();
        let at = a.join(&path);
        // A link that leads out of the worktree would lead us there as well.
        if at.parent().and_then(|folder| folder.canonicalize().ok()).is_some_and(|folder| !folder.starts_with(&a)) {
            return;
        }
        let literal = [OsStr::new("--literal-pathspecs")];
        let on = |words: &[&str], world: &World| {
            let words = words.iter().map(OsStr::new).chain([OsStr::new("--"), path.as_os_str()]);
            world.git(&literal.into_iter().chain(words).collect::<Vec<_>>());
        };
        match self.random.below(27) {
            0..=4 => self.write_something(&at),
            5 => same_size(&at),
            6 => drop(fs::remove_file(&at)),
            7 => drop(fs::remove_dir_all(&at)),
            8 => {
                let mode = *self.random.one(&[0o644, 0o755, 0o600, 0o640, 0o777, 0o444]);
                if at.is_file() && !at.is_symlink() {
                    fs::set_permissions(&at, fs::Permissions::from_mode(mode)).expect("set");
                }
            }
            9 => {
                let _ = fs::remove_file(&at);
                let target = *self.random.one(&["a.txt", "/nowhere", "../..", "dir", "caf\u{e9}"]);
                let _ = symlink(target, &at);
            }
            10 => {
                let folder = a.join(format!("empty{}/x/y", self.random.below(3)));
                let _ = fs::create_dir_all(&folder);
                let mode = *self.random.one(&[0o755, 0o700, 0o775]);
                let _ = fs::set_permissions(&folder, fs::Permissions::from_mode(mode));
            }
            11 | 12 => on(&["add"], self),
            13 => self.words("add -A"),
            14 => on(&["add", "-N"], self),
            15 => self.words("commit -q -m work"),
            16 => on(&["update-index", "--skip-worktree"], self),
            17 => on(&["update-index", "--assume-unchanged"], self),
            18 => on(&["rm", "-q", "--cached", "-r"], self),
            19 => self.words("merge -q --no-edit side"),
            20 => self.words("rebase side"),
            21 => self.words("cherry-pick side"),
            22 => self.words("revert --no-edit HEAD"),
            23 => {
                let ends = ["merge --abort", "rebase --abort", "cherry-pick --abort", "reset -q --hard"];
                let words = *self.random.one(&ends);
                self.words(words);
            }
            24 => {
                let moves = ["bisect start HEAD HEAD~2", "bisect reset", "commit -q -am all", "reset -q --soft HEAD~1"];
                let words = *self.random.one(&moves);
                self.words(words);
            }
            25 => {
                let _ = fs::remove_file(&at);
                let _ = fs::remove_dir_all(&at);
                let _ = fs::create_dir_all(&at);
                let _ = fs::write(at.join("inner"), "inner\n");
            }
            _ => on(&["checkout", "-q", "HEAD"], self),
        }
    }

    fn write_something(&mut self, at: &Path) {
        let number = self.random.below(10);
        let text = match self.random.below(5) {
            0 => format!("one\r\ntwo {number}\r\n").into_bytes(),
            1 => (0..=255).collect(),
            2 => vec![b'x'; 100_000 + number],
            3 => Vec::new(),
            _ => format!("1\n{number}\n3\n").into_bytes(),
        };
        let folder = at.parent().expect("has a folder");
        if fs::create_dir_all(folder).is_ok() && !at.is_symlink() {
            let _ = fs::write(at, text);
        }
    }

    fn git_dir(&self) -> PathBuf {
        self.ground.shop().join(".git/worktrees/track-a")
    }

    fn git_says(&self, words: &[&str]) -> String {
        let mut command = self.ground.command("git", &self.ground.track("a"));
        let output = command.env("GIT_OPTIONAL_LOCKS", "0").args(words).output().expect("git is installed");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn see(&self) -> Seen {
        let mut git_dir = BTreeMap::new();
        collect(&self.git_dir(), &self.git_dir(), &mut git_dir);
        let kept = |path: &Path| {
            let name = path.to_string_lossy();
            !(name.starts_with("logs/")
                || name.starts_with("sharedindex.")
                || name == "COMMIT_EDITMSG"
                || name == "index")
        };
        let git_dir = git_dir
            .into_iter()
            .filter(|(path, (mode, _))| kept(path) && mode & 0o170_000 != 0o040_000)
            .map(|(path, (_, content))| (path, content));
        let mut files = BTreeMap::new();
        collect(&self.ground.track("a"), &self.ground.track("a"), &mut files);
        files.remove(Path::new(".git"));
        Seen {
            files,
            index: fs::read(self.git_dir().join("index")).unwrap_or_default(),
            git_dir: git_dir.collect(),
            refs: self.git_says(&["for-each-ref", "refs/heads", "refs/tags", "refs/bisect"]),
            status: self.git_says(&["status", "--porcelain=v2", "--branch", "-z", "--untracked-files=all"]),
            staged: self.git_says(&["ls-files", "-s", "-t", "-v", "-z"]),
        }
    }

    /// Everything that is none of the track's business.
    fn rest(&self) -> State {
        let mut state = self.ground.state();
        let own = [self.ground.track("a"), self.git_dir()];
        let ours = |path: &Path| {
            let name = path.to_string_lossy();
            own.iter().any(|own| path.starts_with(own)) || name.contains("refs/tracks") || name.contains("track-a")
        };
        state.retain(|path, _| !ours(path));
        state.remove(Path::new("refs"));
        state.remove(Path::new("worktrees"));
        state
    }
}

/// Other content of the same size, written at once: what a racy index does not see.
fn same_size(at: &Path) {
    if let Ok(text) = fs::read(at)
        && !at.is_symlink()
    {
        let _ = fs::write(at, text.iter().map(|byte| byte ^ 1).collect::<Vec<u8>>());
    }
}

fn collect(top: &Path, folder: &Path, found: &mut BTreeMap<PathBuf, (u32, Vec<u8>)>) {
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry")) {
        let path = entry.path();
        let look = path.symlink_metadata().expect("is there");
        let mode = if look.is_symlink() { 0 } else { look.permissions().mode() };
        let content = match () {
            () if look.is_symlink() => fs::read_link(&path).expect("a link").as_os_str().as_bytes().to_vec(),
            () if look.is_dir() => Vec::new(),
            () => fs::read(&path).expect("a file"),
        };
        found.insert(path.strip_prefix(top).expect("below").to_owned(), (mode, content));
        if look.is_dir() {
            collect(top, &path, found);
        }
    }
}

fn assert_same(seed: u64, state: usize, then: &Seen, now: &Seen) {
    for path in then.files.keys().chain(now.files.keys()) {
        assert_eq!(then.files.get(path), now.files.get(path), "seed {seed}, state {state}, {}", path.display());
    }
    assert_eq!(then.git_dir, now.git_dir, "seed {seed}, state {state}");
    assert_eq!(then.status, now.status, "seed {seed}, state {state}");
    assert!(then == now, "seed {seed}, state {state}: {} and {}", then.refs, now.refs);
}

fn walk(seed: u64) {
    let mut world = World::new(seed);
    let rest = world.rest();
    let mut states: Vec<(String, Seen)> = Vec::new();
    for state in 0..STATES {
        for _ in 0..2 + world.random.below(8) {
            world.change();
        }
        let seen = world.see();
        let said = world.ground.run("checkpoint create a");
        assert_same(seed, state, &seen, &world.see());
        let name = said.split_once("checkpoint restore ").and_then(|(_, rest)| rest.split_once('`'));
        let name = name.unwrap_or_else(|| panic!("seed {seed}, state {state}: {said}")).0.to_owned();
        states.push((name, seen));
    }
    while !states.is_empty() {
        // Something else is there by now, and must be found again too.
        if world.random.once_in(3) {
            world.change();
            same_size(&world.ground.track("a").join("a.txt"));
        }
        let at = world.random.below(states.len());
        let (name, then) = states.swap_remove(at);
        let before = world.see();
        let said = world.ground.run(&format!("checkpoint restore {name}"));
        assert!(!said.contains("-- exit"), "seed {seed}, {name}: {said}");
        assert_same(seed, at, &then, &world.see());
        if let Some((_, rest)) = said.split_once("checkpoint restore ") {
            let saved = rest.split_once('`').expect("a command").0;
            if world.random.once_in(2) {
                world.ground.run(&format!("checkpoint restore {saved}"));
                assert_same(seed, at, &before, &world.see());
            }
        }
    }
    let after = world.rest();
    for path in rest.keys().chain(after.keys()) {
        assert_eq!(rest.get(path), after.get(path), "seed {seed}: {}", path.display());
    }
    let fsck = world.ground.try_git_in(&world.ground.shop(), "fsck --strict --no-dangling");
    assert!(fsck.status.success(), "seed {seed}: {}", String::from_utf8_lossy(&fsck.stderr));
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[test]
fn worktrees_in_any_state_come_back() {
    let (first, worktrees) = (number("SEED", 1), number("WORKTREES", 40));
    let seeds: Vec<u64> = (first..first + worktrees.div_ceil(STATES as u64)).collect();
    let threads: Vec<Vec<u64>> = (0..2).map(|part| seeds.iter().copied().skip(part).step_by(2).collect()).collect();
    std::thread::scope(|scope| {
        for seeds in threads {
            scope.spawn(move || seeds.into_iter().for_each(walk));
        }
    });
}
