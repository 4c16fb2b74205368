//! The two copies of `tracks.toml`: the one on the target, and the one in the main worktree.

use std::path::Path;

use anyhow::{Context, Result};

use crate::git::objects::Node;
use crate::git::{Repo, tree};
use crate::host::files;
use crate::model::{CommitId, Failure, Mode, RepoPath};
use crate::policy::config::{Binding, Config, bind};

pub use crate::policy::ownership::POLICY_FILE as FILE;

/// Longer files are refused unread.
const LONGEST: u64 = 1 << 20;

/// What the copies of `tracks.toml` hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Copies {
    /// The text at the target's tip; `None` where there is no such file.
    pub on_target: Option<String>,
    /// The text in the main worktree; `None` where there is no such file, or no main worktree.
    pub in_main: Option<String>,
}

impl Copies {
    /// Whether there is any copy.
    pub fn any(&self) -> bool {
        self.on_target.is_some() || self.in_main.is_some()
    }

    /// Reads both and decides what binds. `on_target` is the target's copy where that was read already.
    pub(super) fn bind(&self, target: &str, on_target: Option<Config>) -> Result<Binding> {
        let on_target = match (on_target, &self.on_target) {
            (None, Some(text)) => Some(Config::parse(text, &origin(target))?),
            (read, _) => read,
        };
        // The same text again says nothing more.
        let in_main = self.in_main.as_ref().filter(|text| Some(*text) != self.on_target.as_ref());
        let in_main = in_main.map(|text| Config::parse(text, FILE)).transpose()?;
        Ok(bind(on_target, in_main)?)
    }
}

/// What to call the copy on a branch.
pub(super) fn origin(branch: &str) -> String {
    format!("{branch}:{FILE}")
}

/// The copy at `tip`, the tip of `branch`.
pub(super) fn on_branch(repo: &Repo, branch: &str, tip: CommitId) -> Result<Option<String>> {
    let origin = origin(branch);
    let objects = repo.objects()?;
    let tree = objects.commit(tip)?.tree;
    let Some(node) = tree::lookup(&objects, tree, &RepoPath::new(FILE))? else { return Ok(None) };
    let entry = match node {
        Node::Leaf(entry) if matches!(entry.mode, Mode::File | Mode::Executable) => entry,
        _ => return Err(Failure::usage(format!("`{origin}` is no regular file")).into()),
    };
    let content = objects.blob(entry.id, LONGEST).with_context(|| format!("cannot read `{origin}`"))?;
    let content = content.ok_or_else(|| Failure::usage(format!("`{origin}` is larger than 1 MiB")))?;
    text(content, &origin).map(Some)
}

/// The copy in the main worktree.
pub(super) fn in_main(main: &Path) -> Result<Option<String>> {
    let path = main.join(FILE);
    if files::is_link(&path) {
        // Whoever can write to the repository could let it lead to any file of the user's.
        return Err(Failure::usage(format!("`{FILE}` is a link: it must be a regular file")).into());
    }
    let content = files::read(&path, LONGEST).map_err(|error| Failure::usage(format!("{error:#}")))?;
    content.map(|content| text(content, FILE)).transpose()
}

fn text(content: Vec<u8>, origin: &str) -> Result<String> {
    String::from_utf8(content).map_err(|_| Failure::usage(format!("`{origin}` is not UTF-8")).into())
}
