//! The texts that let a machine sync by itself: a systemd timer, a launchd agent, a line for cron, a workflow of a forge.
//! Values in, text out: where they go, and what is there already, is decided elsewhere.

pub mod cron;
mod every;
mod github;
mod launchd;
mod mark;
mod systemd;

use std::ffi::OsStr;
use std::path::Path;

use crate::model::Failure;
use crate::model::hash::sha256;
use crate::model::text::{escaped, is_hidden};

pub use every::Every;
pub use mark::Mark;

/// What begins every name, so that people see whose it is.
const PREFIX: &str = "tracks";
/// Enough of the name of a repository to know it by.
const LONGEST_NAME: usize = 64;
/// Where programs are looked for when nobody says.
const USUAL_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// Who starts the runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A timer of the user's own systemd.
    Systemd,
    /// An agent of the user's on macOS.
    Launchd,
    /// A line in the user's crontab.
    Cron,
    /// A workflow that GitHub runs.
    Github,
}

impl Kind {
    /// Every one, in the order in which they are shown.
    pub const ALL: [Kind; 4] = [Kind::Systemd, Kind::Launchd, Kind::Cron, Kind::Github];

    /// The name, as it is typed.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Systemd => "systemd",
            Kind::Launchd => "launchd",
            Kind::Cron => "cron",
            Kind::Github => "github",
        }
    }
}

/// The repository that a schedule is of, the same from each of its worktrees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whose {
    /// What its units are called: `tracks-shop-0123abcd`.
    pub name: String,
    /// The name of the repository, for people: only what every format holds unquoted.
    pub repo: String,
    /// Its Git folder.
    pub git_dir: String,
}

/// What is run, and how often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// The repository.
    pub whose: Whose,
    /// The folder that the run begins in.
    pub folder: String,
    /// This program.
    pub program: String,
    /// Where the run looks for `git`, and for what gates need: a machine's own idea of `PATH` is short.
    pub path: String,
    /// How often.
    pub every: Every,
}

/// A text, and what the file is called that it goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The file's name.
    pub file: String,
    /// All it holds.
    pub text: String,
}

impl Whose {
    /// Of the repository with this Git folder; the folder must be written the same from wherever it is looked at.
    pub fn of(git_dir: &Path, repo: &str) -> Result<Whose, Failure> {
        let git_dir = plain(git_dir)?;
        let safe = |c: char| if c.is_ascii_alphanumeric() || "_.".contains(c) { c } else { '-' };
        let repo: String = repo.chars().take(LONGEST_NAME).map(safe).collect();
        let id = sha256(git_dir.as_bytes());
        Ok(Whose { name: format!("{PREFIX}-{repo}-{}", &id[..8]), repo, git_dir })
    }

    /// The files that a schedule of this kind has, by name.
    pub fn files(&self, kind: Kind) -> Vec<String> {
        match kind {
            Kind::Systemd => vec![format!("{}.service", self.name), self.timer()],
            Kind::Launchd => vec![format!("{}.plist", self.name)],
            Kind::Cron => Vec::new(),
            Kind::Github => vec![format!("{PREFIX}.yml")],
        }
    }

    /// The unit that systemd is told to start.
    pub fn timer(&self) -> String {
        format!("{}.timer", self.name)
    }

    /// Whether a mark is on what belongs to this repository. A workflow lies in it, and is the same in each clone.
    pub fn owns(&self, kind: Kind, mark: &Mark) -> bool {
        match kind {
            Kind::Github => mark.of.is_none(),
            _ => mark.of.as_ref() == Some(&self.git_dir),
        }
    }
}

impl Job {
    /// Refuses what cannot be written in a unit.
    pub fn of(whose: Whose, (folder, program): (&Path, &Path), path: &OsStr, every: Every) -> Result<Job, Failure> {
        let (folder, program) = (plain(folder)?, plain(program)?);
        let mut found: Vec<&str> = Vec::new();
        for place in path.to_str().unwrap_or_default().split(':') {
            if place.starts_with('/') && !place.contains(char::is_control) && !found.contains(&place) {
                found.push(place);
            }
        }
        let path = if found.is_empty() { USUAL_PATH.to_owned() } else { found.join(":") };
        Ok(Job { whose, folder, program, path, every })
    }

    /// What is to be written for a schedule of this kind, in the order of [`Whose::files`]; for cron the one block of
    /// lines.
    pub fn texts(&self, kind: Kind) -> Result<Vec<Text>, Failure> {
        let texts = match kind {
            Kind::Systemd => systemd::texts(self)?,
            Kind::Launchd => vec![launchd::text(self)],
            Kind::Cron => return Ok(vec![Text { file: "crontab".into(), text: mark::sealed(cron::block(self)?) }]),
            Kind::Github => vec![github::text(self)?],
        };
        let files = self.whose.files(kind).into_iter();
        Ok(files.zip(texts).map(|(file, text)| Text { file, text: mark::sealed(text) }).collect())
    }

    /// What the program is given.
    fn arguments(&self) -> [&str; 4] {
        ["-C", &self.folder, "sync", "--scheduled"]
    }
}

/// A path that can stand in a unit: no format can hold every byte.
fn plain(path: &Path) -> Result<String, Failure> {
    let bytes = path.as_os_str().as_encoded_bytes();
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains(|c: char| c.is_control() || is_hidden(c)) => Ok(text.to_owned()),
        _ => {
            let shown = escaped(bytes);
            let failure = Failure::usage(format!("`{shown}` cannot be written in a schedule"));
            Err(failure.hint("only in names without line breaks, control characters and bytes that are not UTF-8"))
        }
    }
}

#[cfg(test)]
pub(crate) mod testing {
    use std::path::Path;

    use super::{Every, Job, Whose};

    /// Paths that break whatever is not quoted.
    pub const HOSTILE: [&str; 9] = [
        "/a b/shop",
        "/it's/\"shop\"",
        "/100%/%h %%n",
        "/$HOME/${x}/$(id)/`id`",
        r"/back\slash\",
        r"/back\%cent\\%",
        "/<a>&amp;--></a>--",
        "/#hash;semi&and|or*?[x]",
        "/grün/工房 ",
    ];

    /// A job in a folder.
    pub fn job(folder: &str, every: &str) -> Job {
        let whose = Whose::of(Path::new(&format!("{folder}/.git")), "my shop").expect("plain");
        let every = Every::parse(every).expect("a time");
        Job::of(whose, (Path::new(folder), Path::new("/opt/tracks")), "/usr/bin:/bin".as_ref(), every).expect("plain")
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::testing::{HOSTILE, job};
    use super::{Kind, Mark, Whose};

    #[test]
    fn names_hold_what_every_machine_takes() {
        let whose = Whose::of(Path::new("/x/.git"), "my @shöp/2").expect("plain");
        assert_eq!(whose.name, format!("tracks-my--sh-p-2-{}", &crate::model::hash::sha256(b"/x/.git")[..8]));
        assert_ne!(whose.name, Whose::of(Path::new("/y/.git"), "my @shöp/2").expect("plain").name);
        for path in ["/a\nb", "/a\rb", "/a\tb", "/a\u{85}b", "/a\u{202e}b"] {
            assert!(Whose::of(Path::new(path), "x").is_err(), "{path:?}");
        }
    }

    #[test]
    fn every_text_is_known_again_and_an_edit_is_seen() {
        for (folder, kind) in HOSTILE.iter().flat_map(|folder| Kind::ALL.map(|kind| (folder, kind))) {
            let job = job(folder, "1d");
            for text in job.texts(kind).expect("a text") {
                let mark = Mark::read(&text.text).expect("a mark");
                assert!(mark.is_intact && job.whose.owns(kind, &mark), "{}", text.text);
                assert_eq!(mark.every, "1d");
                assert_eq!(mark.program.as_deref(), text.text.contains("/opt/tracks").then_some("/opt/tracks"));
                let edited = format!("{}# more\n", text.text);
                assert!(!Mark::read(&edited).expect("a mark").is_intact);
            }
        }
    }

    #[test]
    fn where_programs_are_looked_for() {
        let of = |path: &str| {
            let known = job("/x", "1d");
            let places = (Path::new("/x"), Path::new("/y"));
            super::Job::of(known.whose, places, path.as_ref(), known.every).expect("plain").path
        };
        assert_eq!(of("/a:b::/c d:/a:./x:/e\nf"), "/a:/c d");
        assert_eq!(of(""), super::USUAL_PATH);
    }
}
