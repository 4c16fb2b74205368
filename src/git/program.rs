//! Starts the `git` program: the one file that does, so that all of it can be audited.
//!
//! Two runners. [`Git::here`] keeps the environment: inside a hook, Git's variables name the index and the repository
//! that the hook is about. [`Git::at`] drops all of them, since they would send work on another worktree to the wrong
//! index. Both read without optional locks, never fetch, never ask, and speak untranslated.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result, anyhow};

use super::objects::{FETCH, is_missing};
use crate::model::Failure;
use crate::model::text::escaped_lines;

/// What Git sets for its hooks and aliases (`git rev-parse --local-env-vars`), and what else would change how another
/// worktree is read. What was configured for the run (`git -c`, `GIT_CONFIG_COUNT`) names no place and holds for every
/// worktree: it stays, as Git keeps it for submodules, and so does `GIT_NO_REPLACE_OBJECTS`.
const LOCAL_VARIABLES: [&str; 21] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_ATTR_SOURCE",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_DIR",
    "GIT_GLOB_PATHSPECS",
    "GIT_GRAFT_FILE",
    "GIT_ICASE_PATHSPECS",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INDEX_VERSION",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_LITERAL_PATHSPECS",
    "GIT_NAMESPACE",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// The names of the variables that point Git at one repository, index or work tree.
pub fn local_variables() -> impl Iterator<Item = OsString> {
    LOCAL_VARIABLES.into_iter().map(OsString::from)
}

/// One call of Git, being put together.
pub struct Git {
    command: Command,
    words: Vec<OsString>,
    input: Input,
}

enum Input {
    None,
    Bytes(Vec<u8>),
    File(File),
}

/// What a call of Git gave.
pub struct Output {
    /// How it ended.
    pub status: ExitStatus,
    /// Everything on its standard output.
    pub stdout: Vec<u8>,
    /// Everything on its standard error, escaped for showing, without the last line break.
    pub stderr: String,
}

/// What Git tells of itself while it does something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Its version, as it prints it; `None` where it does not say (a Git before 2.22).
    pub version: Option<String>,
    /// How it is configured there: keys, in lower case but for what stands between their first and last dot, and values, in
    /// the order in which they give way to one another.
    pub settings: Vec<(String, String)>,
}

impl Git {
    /// Git in the current folder with the environment as it is: for reading the repository and the index that the
    /// caller is about, and for nothing else.
    pub fn here() -> Git {
        let mut command = Command::new("git");
        command
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("LC_ALL", "C")
            .env("LANGUAGE", "C")
            // Our hooks know by it that nobody is to be stopped.
            .env("TRACKS_OWN", "1");
        Git { command, words: Vec::new(), input: Input::None }
    }

    /// Git in the folder `path`, with nothing inherited that would point it elsewhere.
    pub fn at(path: &Path) -> Git {
        let mut git = Git::here();
        git.forget_variables();
        git.command.current_dir(path);
        git
    }

    /// Git on the repository whose folder is `git_dir`, running in `folder`, with no work tree of its own to speak of.
    pub fn on(git_dir: &Path, folder: &Path) -> Git {
        Git::at(folder).env("GIT_DIR", git_dir)
    }

    fn forget_variables(&mut self) {
        for name in LOCAL_VARIABLES {
            self.command.env_remove(name);
        }
    }

    /// Adds a word to the command line.
    pub fn arg(mut self, word: impl AsRef<OsStr>) -> Git {
        self.words.push(word.as_ref().to_owned());
        self.command.arg(word);
        self
    }

    /// Adds words to the command line.
    pub fn args<S: AsRef<OsStr>>(self, words: impl IntoIterator<Item = S>) -> Git {
        words.into_iter().fold(self, Git::arg)
    }

    /// Sets a variable for this call.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Git {
        self.command.env(name, value);
        self
    }

    /// Gives it `bytes` on standard input, from a thread of their own: a pipe that is filled before anybody reads the
    /// answers blocks both ends.
    pub fn input(mut self, bytes: impl Into<Vec<u8>>) -> Git {
        self.input = Input::Bytes(bytes.into());
        self
    }

    /// Lets it read `file` as its standard input.
    pub fn input_file(mut self, file: File) -> Git {
        self.input = Input::File(file);
        self
    }

    /// Runs it to its end and gives whatever came of it; an error only if it could not be started.
    pub fn output(mut self) -> Result<Output> {
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let bytes = match std::mem::replace(&mut self.input, Input::None) {
            Input::None => {
                self.command.stdin(Stdio::null());
                None
            }
            Input::File(file) => {
                self.command.stdin(file);
                None
            }
            Input::Bytes(bytes) => {
                self.command.stdin(Stdio::piped());
                Some(bytes)
            }
        };
        let mut child = self.command.spawn().with_context(|| "cannot start `git`: is it installed?")?;
        let stdin = child.stdin.take();
        let output = std::thread::scope(|scope| {
            if let (Some(mut stdin), Some(bytes)) = (stdin, bytes) {
                // A child that ends early closes the pipe; its status and its words say why.
                scope.spawn(move || drop(stdin.write_all(&bytes)));
            }
            child.wait_with_output()
        })
        .context("cannot read what `git` prints")?;
        let stderr = escaped_lines(output.stderr.trim_ascii_end());
        Ok(Output { status: output.status, stdout: output.stdout, stderr })
    }

    /// The same, and what Git tells of itself beside its own words (`GIT_TRACE2_EVENT`), which costs no process. `keys` are
    /// patterns of settings, with commas between them.
    pub fn output_and_told(self, keys: &str) -> Result<(Told, Output)> {
        let mut output = self.env("GIT_TRACE2_EVENT", "2").env("GIT_TRACE2_CONFIG_PARAMS", keys).output()?;
        let is_event = |line: &&str| line.starts_with(r#"{"event":""#);
        let (events, words): (Vec<&str>, Vec<&str>) = output.stderr.lines().partition(is_event);
        let of_kind = |kind: &'static str| events.iter().filter(move |line| line[10..].starts_with(kind));
        let version = of_kind("version").find_map(|line| event_value(line, "exe"));
        // A key that stands alone has no value.
        let setting = |line: &&str| Some((event_value(line, "param")?, event_value(line, "value").unwrap_or_default()));
        let told = Told { version, settings: of_kind("def_param").filter_map(setting).collect() };
        output.stderr = words.join("\n");
        Ok((told, output))
    }

    /// Runs it and gives its standard output; an error with its own words if it fails.
    pub fn stdout(self) -> Result<Vec<u8>> {
        let name = self.name();
        let output = self.output()?;
        if output.status.success() { Ok(output.stdout) } else { Err(output.error(&name)) }
    }

    /// Runs it for what it does.
    pub fn run(self) -> Result<()> {
        self.stdout().map(drop)
    }

    /// Runs it and gives its standard output as text without the final line break; `None` if it fails.
    pub fn line(self) -> Result<Option<String>> {
        let output = self.output()?;
        let text = String::from_utf8_lossy(output.stdout.trim_ascii_end()).into_owned();
        Ok(output.status.success().then_some(text))
    }

    /// The subcommand, for messages.
    pub fn name(&self) -> String {
        let mut words = self.words.iter().map(|w| w.to_string_lossy());
        while let Some(word) = words.next() {
            match &*word {
                "-c" | "-C" => drop(words.next()),
                word if word.starts_with('-') => {}
                word => return format!("git {word}"),
            }
        }
        "git".into()
    }
}

/// The text under a name in an event, a line of JSON; anything that is escaped stays so.
fn event_value(line: &str, name: &str) -> Option<String> {
    let (_, rest) = line.split_once(&format!(r#""{name}":""#))?;
    Some(rest.split_once('"')?.0.to_owned())
}

impl Output {
    /// The error that a failed call stands for.
    pub fn error(&self, name: &str) -> anyhow::Error {
        let words = self.stderr.strip_prefix("fatal: ").unwrap_or(&self.stderr);
        match words.is_empty() {
            true => anyhow!("`{name}` ended with {}", self.status),
            false if is_missing(words) => Failure::usage(format!("`{name}`: {words}")).hint(FETCH).into(),
            false => anyhow!("`{name}`: {words}"),
        }
    }
}
