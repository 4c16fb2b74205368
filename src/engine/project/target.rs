//! Which branch the tracks land on, and what that branch follows.

use anyhow::Result;

use super::copies;
use crate::engine::outcome::Target;
use crate::git::Repo;
use crate::git::refs::Ref;
use crate::git::worktree::Worktree;
use crate::model::text::escaped;
use crate::model::{CommitId, Failure};
use crate::policy::config::Config;

/// A branch that the target follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upstream {
    /// Its short name, such as `origin/main`.
    pub name: String,
    /// How many commits it has and the target has not.
    pub behind: usize,
}

/// The target with its `tracks.toml`, as text and read. What a committed copy names wins over what the main worktree's names,
/// and that over `first`, the branch to begin with.
pub(super) fn find(
    repo: &Repo,
    branches: &[Ref],
    first: Option<String>,
    in_main: Option<&str>,
) -> Result<(Target, Option<(String, Config)>)> {
    let named_in_main = || in_main.and_then(named_by);
    let mut name = match first {
        Some(name) => name,
        None => named_in_main().ok_or_else(undecided)?,
    };
    let mut seen: Vec<String> = Vec::new();
    loop {
        let tip = tip(branches, &name);
        let text = tip.map(|tip| copies::on_branch(repo, &name, tip)).transpose()?.flatten();
        let read = |text: String| Ok::<_, Failure>((Config::parse(&text, &copies::origin(&name))?, text));
        let copy = text.map(read).transpose()?.map(|(config, text)| (text, config));
        let named = match &copy {
            Some((_, config)) => config.target.clone(),
            None if seen.is_empty() => named_in_main(),
            None => None,
        };
        seen.push(name.clone());
        match (named.filter(|named| !seen.contains(named)), tip) {
            (Some(named), _) => name = named,
            (None, Some(commit)) => return Ok((Target { name, commit }, copy)),
            (None, None) => return Err(missing(repo, &name)?.into()),
        }
    }
}

/// What the branch follows; `None` where it follows nothing, or something that is gone.
pub(super) fn upstream(repo: &Repo, branch: &str) -> Result<Option<Upstream>> {
    let format = "--format=%(upstream:short)%00%(upstream:track,nobracket)";
    let printed = repo.git().args(["for-each-ref", format, "--", &format!("refs/heads/{branch}")]).stdout()?;
    let printed = String::from_utf8_lossy(&printed);
    let (name, track) = printed.trim_end().split_once('\0').unwrap_or_default();
    if name.is_empty() || track == "gone" {
        return Ok(None);
    }
    let behind = track.split(", ").find_map(|part| part.strip_prefix("behind ")?.parse().ok());
    Ok(Some(Upstream { name: escaped(name.as_bytes()), behind: behind.unwrap_or(0) }))
}

/// The target that a text names. What is wrong in it is said when it is bound.
fn named_by(text: &str) -> Option<String> {
    Config::parse(text, copies::FILE).ok()?.target
}

/// The branch of `origin/HEAD`, else that of the main worktree; `None` where that is detached.
pub(super) fn default_branch(repo: &Repo, worktrees: &[Worktree]) -> Result<Option<String>> {
    if let Some(head) = repo.symbolic_ref("refs/remotes/origin/HEAD")? {
        return Ok(head.strip_prefix("refs/remotes/origin/").map(str::to_owned));
    }
    let current = match worktrees.first() {
        Some(main) if !main.bare => main.branch.clone(),
        _ => repo.symbolic_ref("HEAD")?,
    };
    Ok(current.and_then(|name| name.strip_prefix("refs/heads/").map(str::to_owned)))
}

fn tip(branches: &[Ref], name: &str) -> Option<CommitId> {
    let full = format!("refs/heads/{name}");
    branches.iter().find(|branch| branch.name == full)?.commit
}

fn undecided() -> Failure {
    Failure::usage("it is not known which branch the tracks land on: the main worktree has none checked out")
        .hint("name it with `tracks init --target BRANCH`, or check one out with `git switch BRANCH`")
}

fn missing(repo: &Repo, name: &str) -> Result<Failure> {
    let shown = escaped(name.as_bytes());
    let failure = Failure::usage(format!("there is no branch `{shown}`, on which the tracks are to land"));
    let remote = format!("refs/remotes/origin/{name}");
    Ok(match repo.commits(&[remote])?.first() {
        Some(Some(_)) => failure.hint(format!("make it with `git branch {shown} origin/{shown}`")),
        _ => failure.hint("name another one as `target` in `tracks.toml`"),
    })
}
