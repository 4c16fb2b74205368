//! Where a repository is and of which kind it is, as Git itself sees it.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use anyhow::{Context, Result};

use super::{Git, Objects, status};
use crate::model::text::escaped;
use crate::model::{Failure, TreeId};

/// The oldest Git whose answers are right. Before it, `git merge-tree` takes a tree that it cannot read for an empty one
/// and calls the merge clean, takes no trees with a base of their own, and prints advice among its answers.
pub const OLDEST_GIT: (u32, u32) = (2, 45);

/// A repository, from the point of view of one folder in it.
#[derive(Clone, Debug)]
pub struct Repo {
    /// What all worktrees share: objects, refs, hooks, configuration.
    pub common_dir: PathBuf,
    /// The Git folder of this worktree; the common one for the main worktree.
    pub git_dir: PathBuf,
    /// The top of this worktree; `None` inside a bare repository or a Git folder.
    pub worktree: Option<PathBuf>,
    /// Which hash names objects.
    pub hash: gix_hash::Kind,
    /// Whether history was cut off.
    pub shallow: bool,
    /// Git's version, as it prints it.
    pub git_version: String,
    /// Settings that bear on how files are compared, as they are here; another worktree may have others.
    pub(super) settings: Vec<(String, String)>,
    /// Whether any object is replaced: asked once for a run, and shared by all copies.
    replaced: Arc<OnceLock<bool>>,
}

/// Which folder a repository is looked for from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// The current one, with the variables that Git gives its hooks.
    Here,
    /// A named one, with no variable of Git's in force.
    At(PathBuf),
}

impl Start {
    /// Git from that folder.
    pub fn git(&self) -> Git {
        match self {
            Start::Here => Git::here(),
            Start::At(path) => Git::at(path),
        }
    }
}

const QUESTIONS: [&str; 9] = [
    "rev-parse",
    "--path-format=absolute",
    "--git-common-dir",
    "--git-dir",
    "--show-object-format",
    "--is-shallow-repository",
    "--is-bare-repository",
    "--is-inside-work-tree",
    // Last: outside a work tree Git answers all the others and then fails on this one.
    "--show-toplevel",
];

impl Repo {
    /// Finds the repository; refuses a folder outside any, a Git that is too old, and whatever Git itself refuses
    /// (`safe.directory`, unknown extensions).
    pub fn discover(start: &Start) -> Result<Repo> {
        if let Start::At(folder) = start
            && !folder.is_dir()
        {
            return Err(Failure::usage(format!("`{}` is no folder", escaped(folder.as_os_str().as_bytes()))).into());
        }
        let (told, output) = start.git().args(QUESTIONS).output_and_told(status::SETTINGS)?;
        let git_version = match told.version {
            Some(version) => version,
            None => version(start)?,
        };
        check_version(&git_version)?;
        let lines: Vec<&[u8]> = output.stdout.split(|b| *b == b'\n').collect();
        let inside = lines.get(5) == Some(&&b"true"[..]);
        if !output.status.success() && (inside || lines.len() < 6) {
            return Err(refusal(&output.stderr).into());
        }
        let path = |line: &[u8]| PathBuf::from(OsString::from_vec(line.to_vec()));
        let expected = if inside { 8 } else { 7 };
        if lines.len() != expected {
            return Err(Failure::usage("the path of this repository holds a line break").into());
        }
        Ok(Repo {
            common_dir: path(lines[0]),
            git_dir: path(lines[1]),
            worktree: inside.then(|| path(lines[6])),
            hash: if lines[2] == b"sha256" { gix_hash::Kind::Sha256 } else { gix_hash::Kind::Sha1 },
            shallow: lines[3] == b"true",
            git_version,
            settings: told.settings,
            replaced: Arc::default(),
        })
    }

    /// Where `tracks` keeps what can be lost: the last result, its lock, scratch objects.
    pub fn state_dir(&self) -> PathBuf {
        self.common_dir.join("tracks")
    }

    /// The objects of the repository.
    pub fn objects(&self) -> Result<Objects> {
        Objects::open(&self.common_dir.join("objects"), self.hash)
    }

    /// Waits until the disk has these objects, as far as they are files of their own: Git does not by itself.
    pub fn sync_objects(&self, ids: impl Iterator<Item = gix_hash::ObjectId>) -> Result<()> {
        use rayon::prelude::*;
        let objects = self.common_dir.join("objects");
        let sync = |id: gix_hash::ObjectId| {
            let hex = id.to_string();
            let folder = objects.join(&hex[..2]);
            for path in [folder.join(&hex[2..]), folder] {
                if let Ok(file) = std::fs::File::open(&path) {
                    file.sync_all().with_context(|| format!("cannot write `{}` to the disk", path.display()))?;
                }
            }
            Ok(())
        };
        ids.collect::<Vec<_>>().into_par_iter().try_for_each(sync)
    }

    /// Git on the repository as a whole, whatever worktree this is.
    pub fn git(&self) -> Git {
        Git::on(&self.common_dir, &self.common_dir)
    }

    /// Whether history is not what the commits say: replaced objects, grafts, or a shallow boundary.
    pub fn history_is_edited(&self) -> Result<bool> {
        if self.shallow || self.common_dir.join("info/grafts").exists() {
            return Ok(true);
        }
        self.replaces_objects()
    }

    /// Whether any object stands for another one.
    pub fn replaces_objects(&self) -> Result<bool> {
        if self.replaced.get().is_none() {
            self.refs::<&str>(&["refs/tracks/"])?;
        }
        Ok(self.replaced.get().is_none_or(|replaced| *replaced))
    }

    /// Notes whether any object is replaced, which is asked once for a run.
    pub(super) fn note_replaced(&self, replaced: bool) {
        // A run goes on with the first answer.
        let _ = self.replaced.set(replaced);
    }

    /// One value of Git's configuration, from every scope; `None` when it is not set.
    pub fn config(&self, key: &str) -> Result<Option<String>> {
        self.git().args(["config", "--get", key]).line()
    }

    /// One value of the configuration file that all worktrees share; `None` when it is not set there.
    pub fn shared_config(&self, key: &str) -> Result<Option<String>> {
        let file = self.common_dir.join("config");
        self.git().args(["config", "--file"]).arg(file).args(["--get", key]).line()
    }

    /// The remotes that a push makes a mirror of this repository, every ref of it included.
    pub fn mirrors(&self) -> Result<Vec<String>> {
        let words = ["config", "--type=bool", "--get-regexp", r"^remote\..*\.mirror$"];
        let printed = self.git().args(words).line()?.unwrap_or_default();
        let name = |line: &str| line.strip_prefix("remote.")?.strip_suffix(".mirror true").map(str::to_owned);
        Ok(printed.lines().filter_map(name).collect())
    }

    /// The tree that a name stands for, of whatever form (`REV:PATH`, `:/TEXT`); `None` where it stands for none.
    pub fn tree(&self, name: &str) -> Result<Option<TreeId>> {
        let parse = |name: &str| {
            let words = ["rev-parse", "--verify", "--quiet", "--end-of-options", name];
            Git::on(&self.git_dir, &self.git_dir).args(words).line()
        };
        let Some(object) = parse(name)? else { return Ok(None) };
        Ok(parse(&format!("{object}^{{tree}}"))?.and_then(|id| TreeId::from_hex(id.as_bytes())))
    }

    /// The name of the repository, for the `{repo}` placeholder: its folder's, without `.git`.
    pub fn name(&self, main_worktree: Option<&Path>) -> String {
        let folder = main_worktree.unwrap_or(&self.common_dir);
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        name.strip_suffix(".git").unwrap_or(&name).to_owned()
    }
}

fn version(start: &Start) -> Result<String> {
    let printed = start.git().arg("version").stdout()?;
    let printed = String::from_utf8_lossy(&printed);
    let version = printed.trim().strip_prefix("git version ").context("`git version` prints no version")?;
    Ok(version.to_owned())
}

fn check_version(version: &str) -> Result<()> {
    let mut numbers = version.split('.').map(|n| n.parse::<u32>().unwrap_or(0));
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if found < OLDEST_GIT {
        let (major, minor) = OLDEST_GIT;
        let failure = Failure::not_run(format!("git {version} is too old: tracks needs {major}.{minor} or later"))
            .hint("install a newer git, and see that it comes first in `PATH`");
        return Err(failure.into());
    }
    Ok(())
}

fn refusal(stderr: &str) -> Failure {
    let words = stderr.strip_prefix("fatal: ").unwrap_or(stderr);
    if words.starts_with("not a git repository") {
        return Failure::usage("this is not a git repository").hint("run it inside one, or name one with `-C DIR`");
    }
    // Git says how to let it pass, which is for the user to decide: a repository runs what its owner configured.
    let (first, cure) = words.split_once('\n').unwrap_or((words, ""));
    let cure = cure.lines().map(str::trim).find(|line| line.starts_with("git config"));
    let failure = Failure::usage(format!("git refuses this repository: {}", cure.map_or(words, |_| first)));
    match cure {
        Some(cure) => failure.hint(format!("only if you trust whoever owns it: `{cure}`")),
        None => failure,
    }
}
