//! A repository with work of every kind in it, made the same again and again, and what must be true of it at the end.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::ends::{self, End};
use crate::support::{Ground, script, write};

/// A command, and what is done before it.
pub struct Trial {
    /// Its words.
    pub words: &'static str,
    /// What is run first: commands of ours, of Git in the main worktree, or [`prepare`]'s.
    before: &'static [&'static str],
    /// What it may say when it is run again after it was through.
    done: &'static str,
    /// What is new each time it is run: lines and names with this do not count.
    new: &'static str,
}

const UNDONE: &str = "is undone already";

pub const COMMANDS: [Trial; 28] = [
    trial("init c d", &[]),
    trial("add c", &["hooks install"]),
    trial("add landed --adopt landed", &[]),
    trial("remove b --keep-ignored --unlanded", &[]),
    trial("prune --yes --keep-ignored", &[]),
    trial("sync", &[]),
    trial("checkpoint", &[]),
    trial("checkpoint restore a@2", &["checkpoint create a", "other work", "checkpoint create a -m two"]),
    trial("checkpoint prune --keep 1 --days 0", &["checkpoint create a", "checkpoint create a -m two"]),
    trial("hooks install", &[]),
    trial("hooks uninstall", &["hooks install"]),
    Trial { done: UNDONE, ..trial("undo --of 2", &["add c"]) },
    Trial { done: UNDONE, ..trial("undo --of 2", &["remove b --keep-ignored --unlanded"]) },
    trial("land b", &["more in b"]),
    trial("land b --squash", &["more in b"]),
    trial("land b --merge", &["more in b", "git switch -q --detach"]),
    Trial { done: "no landing of track `b` stands", ..trial("land b --revert", &["more in b", "land b"]) },
    trial("land b --push other", &["more in b", "a remote"]),
    trial("update a b", &["more in b", "land b", "change main"]),
    Trial { done: UNDONE, ..trial("undo --of 2", &["more in b", "land b"]) },
    Trial { done: UNDONE, ..trial("undo --of 3", &["more in b", "land b", "update a"]) },
    trial("migration renumber b", &["migrations"]),
    Trial { done: UNDONE, ..trial("undo --of 2", &["migrations", "migration renumber b"]) },
    Trial { new: "_more.", ..trial("migration new more --track b", &["migrations"]) },
    trial("owner --give src/a.rs --to b", &["owners"]),
    trial("doctor --fix", &["moved", "cut off"]),
    trial("deinit", &["hooks install", "sync", "checkpoint"]),
    Trial { done: UNDONE, ..trial("undo --of 2", &["owners", "owner --give src/a.rs --to b"]) },
];

const fn trial(words: &'static str, before: &'static [&'static str]) -> Trial {
    Trial { words, before, done: "nothing is said so", new: "nothing is called so" }
}

pub struct World {
    pub ground: Ground,
    pub command: &'static Trial,
    /// Contents that must be somewhere.
    precious: BTreeMap<Vec<u8>, PathBuf>,
    /// What an undisturbed run ends with.
    wanted: BTreeMap<String, String>,
}

impl World {
    pub fn new(command: &'static Trial) -> World {
        let ground = Ground::with_tracks();
        messy(&ground);
        command.before.iter().for_each(|words| prepare(&ground, words));
        let mut world = World { ground, command, precious: BTreeMap::new(), wanted: BTreeMap::new() };
        ends::prepare(&world.folder());
        fs::create_dir_all(world.folder().join("traces")).expect("made");
        copy(&world.ground.root, &world.master());
        collect(&world.ground.root, &mut |path, content| {
            if path.components().all(|part| part.as_os_str() != ".git") {
                world.precious.insert(content.to_vec(), path.to_owned());
            }
        });
        let output = ends::end(&world, &End::None);
        assert!(output.status.success(), "{}", world.ground.said(&output));
        world.wanted = world.result();
        world
    }

    /// Beside the repository: what makes it, and what ends commands.
    pub fn folder(&self) -> PathBuf {
        self.ground.root.with_file_name("crash")
    }

    fn master(&self) -> PathBuf {
        self.ground.root.with_file_name("master")
    }

    /// Everything as it was before the command.
    pub fn reset(&self) {
        fs::remove_dir_all(&self.ground.root).expect("removed");
        copy(&self.master(), &self.ground.root);
    }

    /// Waits for what goes on: whoever has a share of the lock.
    pub fn wait(&self) {
        let lock = self.ground.shop().join(".git/tracks/lock");
        if let Ok(lock) = fs::File::open(lock) {
            lock.lock().expect("had");
        }
    }

    /// Ends the command so, looks whether anything is lost, runs it again, and looks whether all is as it should be.
    pub fn try_end(&self, end: &End) {
        self.reset();
        let first = ends::end(self, end);
        let named = || format!("`{}` ended by {end:?}, which said {}", self.command.words, self.ground.said(&first));
        self.assert_nothing_lost(&|| named());
        let second = ends::end(self, &End::None);
        let said = self.ground.said(&second);
        let through = second.status.success() || said.contains(self.command.done);
        assert!(through, "{}\nand again: {said}", named());
        self.assert_nothing_lost(&|| format!("{}\nand again: {said}", named()));
        // What did not come about was said, with the command that does it.
        let stayed = self.ground.said(&first).contains("did not take its landing in");
        let found = self.result();
        for key in self.wanted.keys().chain(found.keys()) {
            let (wanted, found) = (self.wanted.get(key), found.get(key));
            assert!(wanted == found || stayed, "{key}: {wanted:?}, not {found:?}\n{}\nand again: {said}", named());
        }
        let fsck = self.ground.try_git_in(&self.ground.shop(), "fsck --strict --no-dangling");
        assert!(fsck.status.success(), "{}: {}", named(), String::from_utf8_lossy(&fsck.stderr));
        self.assert_nothing_left(&named);
    }

    /// Every content of the beginning is in some file, or in an object that a ref leads to.
    fn assert_nothing_lost(&self, named: &dyn Fn() -> String) {
        let mut missing = self.precious.clone();
        collect(&self.ground.root, &mut |_, content| drop(missing.remove(content)));
        if missing.is_empty() {
            return;
        }
        let shop = self.ground.shop();
        let kept = self.ground.git("rev-list --objects --all --no-object-names");
        for (content, path) in missing {
            let file = self.folder().join("content");
            fs::write(&file, &content).expect("written");
            let mut command = self.ground.command("git", &shop);
            let id = command.args(["hash-object", "--no-filters"]).arg(&file).output().expect("git is installed");
            let id = String::from_utf8_lossy(&id.stdout).trim().to_owned();
            assert!(kept.contains(&id), "{} is lost: {}", path.display(), named());
        }
    }

    fn assert_nothing_left(&self, named: &dyn Fn() -> String) {
        let state = self.ground.shop().join(".git/tracks");
        for path in ["journal/record.json", "trash"] {
            assert!(!state.join(path).exists(), "{path} is left: {}", named());
        }
        collect(&self.ground.root, &mut |path, _| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            let scratch = path.starts_with(&state);
            let left = name.ends_with(".lock") || name.starts_with(".tracks-");
            assert!(!left || scratch, "{} is left: {}", path.display(), named());
        });
    }

    /// What counts: refs, worktrees, hooks, settings, and every file outside of Git's folder.
    fn result(&self) -> BTreeMap<String, String> {
        let shop = self.ground.shop();
        let mut found = BTreeMap::new();
        let lines = |text: String, skip: &dyn Fn(&str) -> bool| {
            text.lines().filter(|line| !skip(line)).map(|line| format!("{line}\n")).collect::<String>()
        };
        let is_new = |text: &str| text.contains(self.command.new);
        let refs = self.ground.git("for-each-ref");
        found.insert("refs".into(), lines(refs, &|line| line.contains("refs/tracks/checkpoints")));
        let remote = self.ground.try_git_in(&shop, "ls-remote other").stdout;
        found.insert("refs of the remote".into(), String::from_utf8_lossy(&remote).into_owned());
        found.insert("worktrees".into(), self.ground.git("worktree list --porcelain"));
        for entry in fs::read_dir(shop.join("worktrees")).expect("a folder").flatten() {
            let status = self.ground.git_in(&entry.path(), "status --porcelain --branch --ignored");
            found.insert(format!("status of {}", entry.path().display()), lines(status, &is_new));
        }
        let kept = shop.join(".git/tracks/kept");
        collect(&self.ground.root, &mut |path, content| {
            let inside = path.components().any(|part| part.as_os_str() == ".git");
            let counts = path.starts_with(shop.join(".git/hooks")) || path.starts_with(shop.join(".git/info"));
            let remote = path.starts_with(self.ground.root.join("other.git"));
            if is_new(&path.to_string_lossy()) || remote {
                return;
            }
            if !inside || counts {
                let mode = path.symlink_metadata().expect("there").permissions().mode();
                found.insert(path.display().to_string(), format!("{mode:o} {}", String::from_utf8_lossy(content)));
            } else if let Ok(below) = path.strip_prefix(&kept) {
                // Without the time.
                let below: PathBuf = below.components().skip(1).collect();
                found.insert(format!("kept {}", below.display()), String::from_utf8_lossy(content).into_owned());
            }
        });
        found
    }
}

/// Does what comes before a command.
fn prepare(ground: &Ground, words: &str) {
    let (a, b) = (ground.track("a"), ground.track("b"));
    match words {
        "other work" => write(&a.join("src/a.rs"), "other work\n"),
        // Of every kind: new, changed, gone, a link, a file for a folder.
        "more in b" => {
            ground.commit(&ground.shop(), "README.md", "# Shop\n");
            ground.commit(&ground.shop(), "src/lib.rs", "fn lib() {}\n");
            ground.git_in(&b, "merge -q main");
            ground.commit(&b, "deep/er/new.txt", "new\n");
            ground.commit(&b, "README.md", "# Shop, in b\n");
            std::os::unix::fs::symlink("README.md", b.join("link")).expect("made");
            fs::remove_file(b.join("src/lib.rs")).expect("removed");
            fs::create_dir(b.join("src/lib.rs")).expect("made");
            write(&b.join("src/lib.rs/mod.rs"), "fn lib() {}\n");
            ground.git_in(&b, "add -A");
            ground.git_in(&b, "commit -q -m more");
            write(&b.join("loose.txt"), "untracked in b\n");
        }
        "change main" => ground.commit(&ground.shop(), "main.txt", "of main\n"),
        "a remote" => {
            ground.git("init -q --bare ../other.git");
            ground.git("remote add other ../other.git");
            ground.git("push -q other main");
        }
        "migrations" => {
            ground.write("tracks.toml", &(ground.read("tracks.toml") + "[rules.migrations]\npreset = 'goose'\n"));
            ground.git("add tracks.toml");
            ground.commit(&ground.shop(), "db/migrations/00002_theirs.sql", "theirs\n");
            ground.commit(&b, "db/migrations/00001_mine.sql", "mine\n");
            ground.commit(&b, "db/migrations/00002_mine.sql", "mine, too\n");
            write(&b.join("db/migrations/00003_staged.sql"), "staged\n");
            ground.git_in(&b, "add db");
            write(&b.join("db/migrations/00004_loose.sql"), "loose\n");
        }
        "owners" => {
            ground.write(
                "tracks.toml",
                &(ground.read("tracks.toml")).replace("[tracks.a]\n", "[tracks.a]\nowns = ['src/**']\n"),
            );
            ground.git("commit -q -m owners tracks.toml");
        }
        "moved" => fs::rename(&b, b.with_file_name("elsewhere")).expect("moved"),
        "cut off" => fs::write(ground.shop().join(".git/worktrees/landed/commondir"), "").expect("written"),
        words => match words.strip_prefix("git ") {
            Some(words) => drop(ground.git(words)),
            None => assert!(!ground.run(words).contains("-- exit"), "{words}: {}", ground.run(words)),
        },
    }
}

/// Work of every kind.
fn messy(ground: &Ground) {
    let (a, b) = (ground.track("a"), ground.track("b"));
    ground.write(".worktreeinclude", ".env\n");
    ground.git("add .worktreeinclude");
    ground.git("commit -q -m include");
    ground.write(".env", "KEY=main\n");
    ground.write("notes.txt", "untracked in main\n");
    script(&ground.shop().join(".git/hooks/pre-commit"), "#!/bin/sh\n# mine\nexit 0\n");
    write(&a.join("src/a.rs"), "fn staged() {}\n");
    ground.git_in(&a, "add src/a.rs");
    write(&a.join("src/a.rs"), "fn changed() {}\n");
    write(&a.join("deep/new.txt"), "untracked in a\n");
    write(&a.join(".env"), "KEY=a\n");
    write(&a.join("build.log"), "ignored in a\n");
    ground.commit(&b, "src/b.rs", "fn b() {}\n");
    write(&b.join(".env"), "KEY=b\n");
    write(&b.join("logs/x.log"), "ignored in b\n");
    ground.git("worktree add -q worktrees/landed -b landed");
    write(&ground.shop().join("worktrees/landed/only.log"), "ignored in landed\n");
}

fn copy(from: &Path, to: &Path) {
    let done = std::process::Command::new("cp").arg("-a").arg(from).arg(to).status().expect("there is cp");
    assert!(done.success());
}

/// Every file and link, with what is in it.
fn collect(folder: &Path, see: &mut dyn FnMut(&Path, &[u8])) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        let kind = entry.file_type().expect("there");
        match () {
            () if kind.is_dir() => collect(&path, see),
            () if kind.is_symlink() => see(&path, fs::read_link(&path).expect("a link").to_string_lossy().as_bytes()),
            () => see(&path, &fs::read(&path).expect("a file")),
        }
    }
}
