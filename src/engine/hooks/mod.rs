//! The Git hooks: a small script that runs the hook that was there before, then our check of the staged files. They lie
//! in the folder that all worktrees share; a folder that somebody else manages is never written to.

mod install;
mod uninstall;

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::git::Repo;
use crate::host::files;
use crate::host::folders::{self, Found};

pub use install::Plan;
pub use uninstall::Removal;

const SHIM: &str = include_str!("../../../hooks/shim.sh");

/// What the second line of every hook of ours begins with.
const MARK: &[u8] = b"# tracks hook ";

/// Hooks are scripts: what is longer is none of ours.
const LONGEST: u64 = 1 << 20;

/// A moment at which Git calls us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Before a commit.
    PreCommit,
    /// Before the commit of a merge that went clean.
    PreMergeCommit,
}

impl Event {
    /// Every event, in the order they are shown in.
    pub const ALL: [Event; 2] = [Event::PreCommit, Event::PreMergeCommit];

    /// The name of the hook.
    pub fn name(self) -> &'static str {
        match self {
            Event::PreCommit => "pre-commit",
            Event::PreMergeCommit => "pre-merge-commit",
        }
    }
}

/// How a hook stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Ours is there and calls this program.
    Installed,
    /// Ours is there, and was made by another version, calls another program or may not be run.
    Outdated,
    /// Ours is not there.
    Absent,
    /// Somebody else manages the hooks.
    Foreign,
}

impl State {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            State::Installed => "installed",
            State::Outdated => "outdated",
            State::Absent => "absent",
            State::Foreign => "foreign",
        }
    }
}

/// One hook and how it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// When it runs.
    pub event: Event,
    /// Where it lies, or would.
    pub path: PathBuf,
    /// How it stands.
    pub state: State,
    /// What else there is to know.
    pub detail: Option<String>,
}

/// Every hook and how it stands.
pub fn status(repo: &Repo) -> Result<Vec<Hook>> {
    let folder = folder(repo);
    let elsewhere = elsewhere(repo)?;
    Event::ALL.into_iter().map(|event| stands(&folder, event, elsewhere.as_deref())).collect()
}

/// What to add to a hook that somebody else manages.
pub fn snippet(event: Event) -> String {
    format!("tracks hooks run {}", event.name())
}

fn stands(folder: &Path, event: Event, elsewhere: Option<&str>) -> Result<Hook> {
    let path = folder.join(event.name());
    let hook = |state, detail: Option<String>| Hook { event, path: path.clone(), state, detail };
    if let Some(why) = elsewhere {
        return Ok(hook(State::Foreign, Some(why.to_owned())));
    }
    Ok(match read(&path)? {
        There::Nothing => hook(State::Absent, None),
        There::Ours(_) if !files::is_program(&path) => {
            hook(State::Outdated, Some("git passes over it, since it may not be run: `tracks hooks install`".into()))
        }
        There::Ours(content) if content == install::script(event) => hook(State::Installed, None),
        There::Ours(_) => hook(State::Outdated, Some("`tracks hooks install` renews it".into())),
        There::Other if matches!(read(&legacy(&path))?, There::Ours(_)) => {
            hook(State::Installed, Some("called by the hook of another manager".into()))
        }
        There::Other => hook(State::Absent, Some("another hook is there; ours would call it first".into())),
    })
}

/// The hooks of the repository itself, which count unless `core.hooksPath` says otherwise.
fn folder(repo: &Repo) -> PathBuf {
    repo.common_dir.join("hooks")
}

/// Why the hooks are not ours to write: somebody else's, or in the tree, where a script of ours would be committed.
fn elsewhere(repo: &Repo) -> Result<Option<String>> {
    let folder = folder(repo);
    if let Some(path) = repo.config("core.hooksPath")? {
        return Ok((Path::new(&path) != folder).then(|| format!("`core.hooksPath` is `{path}`")));
    }
    Ok(files::is_link(&folder).then(|| format!("`{}` is a link", folder.display())))
}

/// Where the hook goes that was there before ours.
fn legacy(hook: &Path) -> PathBuf {
    hook.with_extension("legacy")
}

/// What stands in the place of a hook.
enum There {
    Nothing,
    Ours(Vec<u8>),
    Other,
}

fn read(path: &Path) -> Result<There> {
    Ok(match folders::look(path)? {
        Found::Nothing => There::Nothing,
        Found::File => match files::read(path, LONGEST) {
            Ok(Some(content)) if is_ours(&content) => There::Ours(content),
            _ => There::Other,
        },
        _ => There::Other,
    })
}

fn is_ours(content: &[u8]) -> bool {
    content.split(|byte| *byte == b'\n').nth(1).is_some_and(|line| line.starts_with(MARK))
}
