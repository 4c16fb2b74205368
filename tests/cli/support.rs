//! Repositories that depend on nothing outside them, and the program run in them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use regex::Regex;
use tempfile::TempDir;

/// Every path with its content.
pub type State = BTreeMap<PathBuf, Vec<u8>>;

/// A folder with a repository `shop` in it: no configuration of the user or the system, fixed identity and dates.
pub struct Ground {
    _home: TempDir,
    /// The folder around the repository, with every link resolved.
    pub root: PathBuf,
}

impl Ground {
    /// A repository without a commit.
    pub fn empty() -> Ground {
        let home = home();
        // With a space, so that whatever is to be typed must be quoted.
        let root = home.path().canonicalize().expect("a folder").join("the ground");
        let ground = Ground { _home: home, root };
        fs::create_dir_all(ground.shop()).expect("made");
        ground.git("init -q -b main --template=");
        ground
    }

    /// A repository with one commit on `main`.
    pub fn new() -> Ground {
        let ground = Ground::empty();
        ground.write("src/a.rs", "fn a() {}\n");
        ground.write(".gitignore", ".env\nnode_modules/\n*.log\n");
        ground.git("add .");
        ground.git("commit -q -m first");
        ground
    }

    /// The same with the tracks `a` and `b`, declared on `main`, and no hooks.
    pub fn with_tracks() -> Ground {
        let ground = Ground::new();
        ground.run("init a b --no-hooks");
        ground.git("add tracks.toml");
        ground.git("commit -q -m declare");
        ground
    }

    /// The main worktree.
    pub fn shop(&self) -> PathBuf {
        self.root.join("shop")
    }

    /// The worktree of a track.
    pub fn track(&self, id: &str) -> PathBuf {
        self.shop().join(format!("worktrees/track-{id}"))
    }

    /// Runs Git in the main worktree; the words are separated by spaces.
    pub fn git(&self, words: &str) -> String {
        self.git_in(&self.shop(), words)
    }

    /// Runs Git in a folder.
    pub fn git_in(&self, folder: &Path, words: &str) -> String {
        let output = self.try_git_in(folder, words);
        assert!(output.status.success(), "git {words}: {}", String::from_utf8_lossy(&output.stderr));
        self.redacted(&String::from_utf8_lossy(&output.stdout))
    }

    /// What `git worktree list` prints; how its columns are filled up depends on Git's version.
    pub fn worktrees(&self) -> String {
        replaced(&self.git("worktree list"), &[(" +", " ")])
    }

    /// Runs Git in a folder, which may fail.
    pub fn try_git_in(&self, folder: &Path, words: &str) -> Output {
        self.command("git", folder).args(words.split(' ')).output().expect("git is installed")
    }

    /// Writes a file of the main worktree.
    pub fn write(&self, path: &str, content: &str) {
        write(&self.shop().join(path), content);
    }

    /// Commits a file in a worktree.
    pub fn commit(&self, worktree: &Path, path: &str, content: &str) {
        write(&worktree.join(path), content);
        self.git_in(worktree, &format!("add {path}"));
        self.git_in(worktree, "commit -q -m work");
    }

    /// Runs the program in the main worktree; the words are separated by spaces.
    pub fn run(&self, words: &str) -> String {
        self.run_in(&self.shop(), words)
    }

    /// Runs the program in a folder; gives standard output, standard error where there is any, and the exit status
    /// where it is not 0.
    pub fn run_in(&self, folder: &Path, words: &str) -> String {
        let words: Vec<&str> = words.split(' ').filter(|word| !word.is_empty()).collect();
        self.run_words(folder, &words)
    }

    /// The same with words that hold spaces.
    pub fn run_words(&self, folder: &Path, words: &[&str]) -> String {
        let output = self.command(env!("CARGO_BIN_EXE_tracks"), folder).args(words).output().expect("it runs");
        self.said(&output)
    }

    /// What a program said, with everything that differs between two runs replaced.
    pub fn said(&self, output: &Output) -> String {
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.stderr.is_empty() {
            text += &format!("-- stderr\n{}", String::from_utf8_lossy(&output.stderr));
        }
        match output.status.code() {
            Some(0) => {}
            Some(code) => text += &format!("-- exit {code}\n"),
            None => text += "-- killed\n",
        }
        self.redacted(&text)
    }

    /// Without the place of the repository, sizes and ages; columns that are as wide as these stand closer.
    fn redacted(&self, text: &str) -> String {
        let text = text.replace(&*self.root.to_string_lossy(), "[ROOT]");
        let columns = [
            (r"(\S)   +", "$1  "),
            (r" +[0-9][0-9.]* [KM]?i?B ", "  [SIZE] "),
            (r"  (now|[0-9]+ [a-z]+)  ", "  [AGE]  "),
        ];
        let line = |line: &str| match line.contains("[ROOT]") || line.starts_with("worktree  ") {
            true => replaced(line, &columns),
            false => line.to_owned(),
        };
        let text: String = text.split_inclusive('\n').map(line).collect();
        let values = [
            (r", [0-9][0-9.]* [KM]?i?B\b", ", [SIZE]"),
            (r#""(size_bytes|age_seconds)": [0-9]+"#, "\"$1\": 0"),
            (r#""(first_seen|since)": "[^"]+""#, "\"$1\": \"[NOW]\""),
            (r#""git": "[^"]+""#, "\"git\": \"[GIT]\""),
            (r"\bgit [0-9]+\.[0-9][0-9A-Za-z.-]*( \(Apple Git-[0-9.]+\))?", "git [GIT]"),
        ];
        replaced(&text, &values)
    }

    /// Runs the program; it must refuse, and nothing may be written.
    pub fn refused(&self, words: &str) -> String {
        self.refused_in(&self.shop(), words)
    }

    /// Runs the program in a folder; it must refuse, and nothing may be written.
    pub fn refused_in(&self, folder: &Path, words: &str) -> String {
        let before = self.state();
        let said = self.run_in(folder, words);
        assert!(said.contains("-- exit "), "not refused: {said}");
        self.assert_unchanged(&before);
        said
    }

    /// Nothing may differ from `before`.
    pub fn assert_unchanged(&self, before: &State) {
        let after = self.state();
        let changed = before.keys().chain(after.keys()).find(|path| before.get(*path) != after.get(*path));
        let shown = |state: &State, path| state.get(path).map(|content| String::from_utf8_lossy(content).into_owned());
        if let Some(path) = changed {
            panic!("{}: {:?} became {:?}", path.display(), shown(before, path), shown(&after, path));
        }
    }

    /// Everything that a command could change: refs, worktrees, and every file but objects and what may be lost.
    pub fn state(&self) -> State {
        let mut state = State::new();
        collect(&self.root, &mut state);
        if self.shop().join(".git").exists() {
            state.insert("refs".into(), self.git("for-each-ref").into_bytes());
            state.insert("worktrees".into(), self.git("worktree list --porcelain").into_bytes());
        }
        state
    }

    /// A file of the main worktree.
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.shop().join(path)).expect("is there")
    }

    /// A program in a folder, with an environment that holds nothing of the machine.
    pub fn command(&self, program: &str, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(folder).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        let root = self.root.to_string_lossy();
        let variables = [
            ("HOME", &*root),
            ("GIT_CEILING_DIRECTORIES", &*root),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_AUTHOR_NAME", "Kim"),
            ("GIT_AUTHOR_EMAIL", "kim@example.com"),
            ("GIT_AUTHOR_DATE", "2024-10-01T12:00:00Z"),
            ("GIT_COMMITTER_NAME", "Kim"),
            ("GIT_COMMITTER_EMAIL", "kim@example.com"),
            ("GIT_COMMITTER_DATE", "2024-10-01T12:00:00Z"),
            ("LC_ALL", "C"),
            ("TZ", "UTC"),
            ("COLUMNS", "200"),
        ];
        command.envs(variables);
        command
    }
}

/// A new folder, in memory where the system has a place for that with room to spare: what is worth saving is synced,
/// which takes a disk longer than all the rest.
fn home() -> TempDir {
    let memory = Path::new("/dev/shm");
    let room = rustix::fs::statvfs(memory).map_or(0, |found| found.f_bavail.saturating_mul(found.f_frsize));
    let made = if room > 1 << 30 { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.or_else(|_| tempfile::tempdir()).expect("a folder")
}

/// What was said, with the times of checkpoints replaced.
pub fn timeless(said: &str) -> String {
    let replaced_by =
        [(r"[0-9]{8}T[0-9]{6}Z", "[TIME]"), (r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", "[WHEN]")];
    replaced(said, &replaced_by)
}

/// What was said, with the seconds that gates took replaced by none.
pub fn unhurried(said: &str) -> String {
    replaced(said, &[(r" [0-9]\.[0-9]( |\n)", " 0.0$1")])
}

/// Writes a file and the folders it lies in.
pub fn write(path: &Path, content: &str) {
    fs::create_dir_all(path.parent().expect("has a folder")).expect("made");
    fs::write(path, content).expect("written");
}

/// Writes a script that can be run.
pub fn script(path: &Path, content: &str) {
    use std::os::unix::fs::PermissionsExt;
    write(path, content);
    fs::set_permissions(path, fs::Permissions::from_mode(0o750)).expect("set");
}

fn replaced(text: &str, patterns: &[(&str, &str)]) -> String {
    let replace = |text: String, (pattern, to): &(&str, &str)| {
        Regex::new(pattern).expect("valid").replace_all(&text, *to).into_owned()
    };
    patterns.iter().fold(text.to_owned(), replace)
}

fn collect(folder: &Path, state: &mut State) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        let kind = entry.file_type().expect("is there");
        let lost = ["/.git/objects", "/.git/tracks", "/bare.git/tracks"];
        match () {
            () if lost.iter().any(|end| path.to_string_lossy().ends_with(end)) => {}
            () if kind.is_dir() => {
                state.insert(path.clone(), b"folder".to_vec());
                collect(&path, state);
            }
            () if kind.is_symlink() => {
                let target = fs::read_link(&path).expect("a link");
                state.insert(path, target.to_string_lossy().into_owned().into_bytes());
            }
            () => {
                let content = fs::read(&path).expect("a file");
                state.insert(path, content);
            }
        }
    }
}
