//! What is uncommitted in worktrees in random states, found out by looking at the files, must be what `git status` says of
//! them: line by line, in its order.
//!
//! The long run: `STATES=20000 cargo test --test cli snapshots::random`; `SEED=n` begins elsewhere.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Timespec, Timestamps};
use tracks::git::{Repo, Scratch, repo::Start, status};
use tracks::model::CommitId;

use crate::merges::generator::Random;
use crate::support::Ground;

/// States of one worktree.
const STATES: usize = 12;

const NAMES: [&[u8]; 24] = [
    b"a.txt",
    b"b",
    b"dir",
    b"dir/b.txt",
    b"dir/sub/c.bin",
    b"dir/sub",
    b"dir.x",
    b"dir0/x",
    b"deep/er/and/deeper",
    b"sp ace/x",
    b"new\nline",
    b"tab\t\"q\"\\",
    b"-dash",
    b"caf\xe9/\xff",
    "n\u{e9}/\u{202e}x".as_bytes(),
    b":(top)x",
    b"*",
    b"[a].txt",
    b"crlf.txt",
    b"loud.up",
    b"tool.sh",
    b"ignored/kept",
    b"ignored/x",
    b"x.log",
];

const IGNORES: [&str; 7] = ["*.log\n", "ignored/\n", "/dir\n", "dir/*\n!dir/b.txt\n", "*\n", "sub\n!*.bin\n", "n*\n"];

const ATTRIBUTES: [&str; 4] = ["* text=auto\n", "*.txt text eol=crlf\n", "*.up filter=up\n*.bin -text\n", "* -text\n"];

/// Settings of one repository; most say what is so anyway or bears on nothing.
const SETTINGS: [&str; 16] = [
    "index.version 4",
    "index.version 3",
    "core.autocrlf true",
    "core.autocrlf input",
    "core.untrackedCache true",
    "index.skipHash true",
    "core.quotePath false",
    "status.showUntrackedFiles no",
    "status.relativePaths false",
    "core.filemode false",
    "core.trustctime false",
    "core.checkStat minimal",
    "core.ignorecase true",
    "core.symlinks false",
    "core.splitIndex true",
    "include.path nowhere",
];

struct World {
    ground: Ground,
    random: Random,
    /// The worktree that is changed.
    top: PathBuf,
}

impl World {
    fn new(seed: u64) -> World {
        let ground = Ground::with_tracks();
        let mut random = Random::new(seed);
        for _ in 0..random.below(3) {
            ground.git(&format!("config {}", random.one(&SETTINGS)));
        }
        ground.git("config filter.up.clean cat");
        let top = if random.once_in(4) { ground.shop() } else { ground.track("a") };
        let mut world = World { ground, random, top };
        for name in NAMES {
            if world.random.once_in(2) {
                world.write_something(&world.top.join(OsStr::from_bytes(name)));
            }
        }
        world.words("add -A -f");
        world.words("commit -q -m base");
        world.settle();
        world
    }

    fn git(&self, words: &[&OsStr]) {
        // Git refuses some of them, as it should.
        self.ground.command("git", &self.top).args(words).output().expect("git is installed");
    }

    fn words(&self, words: &str) {
        self.git(&words.split(' ').map(OsStr::new).collect::<Vec<_>>());
    }

    fn on(&self, words: &[&str], path: &OsStr) {
        let words = ["--literal-pathspecs"].iter().chain(words).map(OsStr::new);
        self.git(&words.chain([OsStr::new("--"), path]).collect::<Vec<_>>());
    }

    /// Lets files be as old as they mostly are, and the index know it.
    fn settle(&mut self) {
        let mut files = Vec::new();
        collect(&self.top, &mut files);
        for file in files {
            let past = 1_000_000_000 + self.random.below(1_000_000) as i64;
            set_written(&file, (past, self.random.below(1_000_000_000) as i64));
        }
        self.words("update-index -q --refresh");
    }

    /// Something that somebody could do to a worktree.
    fn change(&mut self) {
        let path = OsStr::from_bytes(NAMES[self.random.below(NAMES.len())]).to_owned();
        let at = self.top.join(&path);
        // A link that leads out of the worktree would lead us there as well.
        if at.parent().and_then(|folder| folder.canonicalize().ok()).is_some_and(|it| !it.starts_with(&self.top)) {
            return;
        }
        match self.random.below(40) {
            0..=4 => self.write_something(&at),
            5 => same_size(&at),
            6 => {
                let written = written(&at);
                same_size(&at);
                written.into_iter().for_each(|time| set_written(&at, time));
            }
            7 => set_written(&at, (1_600_000_000, 0)),
            8 | 9 => drop(fs::remove_file(&at)),
            10 => drop(fs::remove_dir_all(&at)),
            11 => {
                let mode = *self.random.one(&[0o644, 0o755, 0o600, 0o654, 0o744]);
                if at.is_file() && !at.is_symlink() {
                    fs::set_permissions(&at, fs::Permissions::from_mode(mode)).expect("set");
                }
            }
            12 | 13 => {
                let _ = fs::remove_file(&at);
                if self.random.once_in(3) {
                    let _ = fs::remove_dir_all(&at);
                }
                let _ = symlink(self.random.one(&["a.txt", "/nowhere", "dir", "caf\u{e9}"]), &at);
            }
            14 => drop(fs::create_dir_all(self.top.join(format!("empty{}/x/y", self.random.below(3))))),
            15 => {
                let _ = fs::remove_file(&at);
                let _ = fs::create_dir_all(&at);
                let _ = fs::write(at.join("inner"), "inner\n");
            }
            16 => drop(fs::rename(&at, self.top.join("moved"))),
            17 => drop(fs::rename(self.top.join("moved"), &at)),
            18 => self.pattern(),
            19 => {
                let folder = *self.random.one(&["", "dir/", "ignored/"]);
                let text = *self.random.one(&ATTRIBUTES);
                write_anyway(&self.top.join(folder).join(".gitattributes"), text);
            }
            20 => self.embedded(&at),
            21..=23 => self.on(&["add", "-f"], &path),
            24 => self.words("add -A"),
            25 => self.on(&["add", "-N"], &path),
            26 => self.on(&["rm", "-q", "-r", "--cached"], &path),
            27 => self.words("commit -q -m work"),
            28 => self.words("commit -q -a -m all"),
            29 => self.on(&["checkout", "-q", "HEAD"], &path),
            30 => self.words("checkout -q --detach"),
            31 => self.words("reset -q --hard"),
            32 => self.words("reset -q HEAD~1"),
            33 => self.words("update-index -q --refresh"),
            34 | 35 => self.settle(),
            36 => self.seldom(&path),
            37 => drop(std::process::Command::new("mkfifo").arg(&at).stderr(std::process::Stdio::null()).status()),
            _ => self.words("read-tree HEAD"),
        }
    }

    /// What makes an index one that Git reads for us.
    fn seldom(&mut self, path: &OsStr) {
        match self.random.below(6) {
            0 => self.on(&["update-index", "--skip-worktree"], path),
            1 => self.on(&["update-index", "--assume-unchanged"], path),
            2 => {
                let id = self.ground.git_in(&self.top, "rev-parse HEAD");
                self.words(&format!("update-index --add --cacheinfo 160000,{},sub", id.trim()));
            }
            3 => self.words("update-index --split-index"),
            4 => self.words("replace HEAD HEAD~1"),
            _ => {
                self.words("update-index --no-split-index --really-refresh");
                self.words("rm -q --cached sub");
                self.words("replace -d HEAD");
            }
        }
    }

    fn pattern(&mut self) {
        let text = *self.random.one(&IGNORES);
        match self.random.below(4) {
            0 => write_anyway(&self.ground.shop().join(".git/info/exclude"), text),
            1 => {
                write_anyway(&self.ground.root.join("excluded"), text);
                self.words(&format!("config core.excludesFile {}", "../excluded"));
            }
            2 => write_anyway(&self.top.join("dir/.gitignore"), text),
            _ => write_anyway(&self.top.join(".gitignore"), text),
        }
    }

    fn embedded(&mut self, at: &Path) {
        if fs::create_dir_all(at).is_ok() {
            self.git(&[OsStr::new("init"), OsStr::new("-q"), at.as_os_str()]);
            if self.random.once_in(2) {
                let words = ["commit", "-q", "--allow-empty", "-m", "inner"].map(OsStr::new);
                self.git(&[&[OsStr::new("-C"), at.as_os_str()], &words[..]].concat());
            }
        }
    }

    fn write_something(&mut self, at: &Path) {
        let number = self.random.below(10);
        let text = match self.random.below(6) {
            0 => format!("one\r\ntwo {number}\r\n").into_bytes(),
            1 => (0..=255).collect(),
            2 => vec![b'x'; 10_000 + number],
            3 => Vec::new(),
            _ => format!("1\n{number}\n3\n").into_bytes(),
        };
        if fs::create_dir_all(at.parent().expect("has a folder")).is_ok() && is_plain(at) {
            let _ = fs::write(at, text);
        }
    }

    /// Whether a look told it, which then is what Git says.
    fn is_told(&self, scene: &str) -> bool {
        let repo = Repo::discover(&Start::At(self.top.clone())).expect("git made it");
        let scratch = Scratch::new(&repo).expect("made");
        let head = self.ground.try_git_in(&self.top, "rev-parse HEAD").stdout;
        let commit = CommitId::from_hex(head.trim_ascii_end()).expect("a commit");
        let nested: Vec<PathBuf> = ["a", "b"].map(|id| self.ground.track(id)).into_iter().collect();
        let nested: Vec<PathBuf> = nested.into_iter().filter(|folder| *folder != self.top).collect();
        let Some(told) = status::proved(&scratch, &self.top, &nested, commit).expect("it was read") else {
            return false;
        };
        let said = status::read(&self.top, &nested).expect("git was asked");
        assert_eq!(told, said, "{scene}: {}", self.top.display());
        true
    }
}

/// Whether a file can be written there: nobody reads what is written into a pipe.
fn is_plain(at: &Path) -> bool {
    at.symlink_metadata().map_or(true, |found| found.is_file())
}

fn write_anyway(path: &Path, text: &str) {
    if path.parent().is_some_and(|folder| folder.is_dir() && !folder.is_symlink()) && is_plain(path) {
        let _ = fs::write(path, text);
    }
}

/// Other content of the same size.
fn same_size(at: &Path) {
    if is_plain(at)
        && let Ok(text) = fs::read(at)
    {
        let _ = fs::write(at, text.iter().map(|byte| byte ^ 1).collect::<Vec<u8>>());
    }
}

fn written(at: &Path) -> Option<(i64, i64)> {
    use std::os::unix::fs::MetadataExt;
    at.symlink_metadata().ok().map(|found| (found.mtime(), found.mtime_nsec()))
}

fn set_written(at: &Path, (seconds, part): (i64, i64)) {
    let time = Timespec { tv_sec: seconds, tv_nsec: part };
    let times = Timestamps { last_access: time, last_modification: time };
    let _ = rustix::fs::utimensat(CWD, at, &times, AtFlags::SYMLINK_NOFOLLOW);
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match path.symlink_metadata() {
            _ if entry.file_name() == ".git" || entry.file_name() == "worktrees" => {}
            Ok(look) if look.is_dir() => collect(&path, found),
            _ => found.push(path),
        }
    }
}

/// How many states there were, and how many of them were told by a look.
fn walk(seed: u64) -> (usize, usize) {
    let mut world = World::new(seed);
    let mut told = 0;
    for state in 0..STATES {
        for _ in 0..world.random.below(6) {
            world.change();
        }
        // Git tells files that were written before its index from those that were written with it by whole seconds.
        if world.random.once_in(2) {
            let index = world.ground.git_in(&world.top, "rev-parse --git-path index");
            let index = index.trim().replace("[ROOT]", &world.ground.root.to_string_lossy());
            let later = written(Path::new(&index)).map_or(0, |(seconds, _)| seconds) + 2;
            set_written(&world.top.join(index), (later, 0));
        }
        told += usize::from(world.is_told(&format!("seed {seed}, state {state}")));
    }
    (STATES, told)
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[test]
fn a_look_tells_what_git_says() {
    let (first, states) = (number("SEED", 1), number("STATES", 240));
    let seeds: Vec<u64> = (first..first + states.div_ceil(STATES as u64)).collect();
    let threads: Vec<Vec<u64>> = (0..2).map(|part| seeds.iter().copied().skip(part).step_by(2).collect()).collect();
    let counts = std::thread::scope(|scope| {
        let walk_all = |seeds: Vec<u64>| seeds.into_iter().map(walk).collect::<Vec<_>>();
        let walks: Vec<_> = threads.into_iter().map(|seeds| scope.spawn(move || walk_all(seeds))).collect();
        walks.into_iter().flat_map(|thread| thread.join().expect("no difference")).collect::<Vec<_>>()
    });
    let (all, told) = counts.into_iter().fold((0, 0), |sum: (usize, usize), one| (sum.0 + one.0, sum.1 + one.1));
    assert!(told * 3 > all, "only {told} of {all} states were told by a look");
}
