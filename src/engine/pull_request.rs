//! What there is to say about a branch before it becomes a pull request: where it goes, what it brings, whom it meets.

use anyhow::{Context, Result};
use bstr::ByteSlice;

use super::outcome::SideName;
use super::premerge::{Premerge, Trees};
use super::project::Project;
use super::sides::{self, Named};
use super::snapshot::{self, Work};
use crate::git::objects::Node;
use crate::git::{Repo, Scratch, tree};
use crate::model::{CommitId, Conflict, Failure, RepoPath, TreeId, Verdict};

/// A branch that is to land, and what it is to land on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branches {
    /// The branch that lands, without `refs/heads/`.
    pub head: String,
    /// Its tip.
    pub head_commit: CommitId,
    /// The branch it lands on.
    pub base: String,
    /// Its tip: where a remote has it, the remote's, since that is what the pull request meets.
    pub base_commit: CommitId,
}

/// Lines that a branch adds to a file and takes out of it; `None` for a binary file.
pub type Counted = (RepoPath, Option<(usize, usize)>);

/// The places that GitHub and GitLab look for owners in, in their order.
const CODEOWNERS: [&str; 4] = [".github/CODEOWNERS", ".gitlab/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];

/// Finds head and base: `head` as typed (a branch, or `HEAD` for the current one), the base by `project`'s target, else
/// the remote's default branch, else `main` or `master`.
pub fn branches(repo: &Repo, project: Option<&Project>, here: &str, head: &str) -> Result<Branches> {
    let name = match head {
        "HEAD" => here.strip_prefix("refs/heads/").unwrap_or(here).to_owned(),
        typed => typed.strip_prefix("refs/heads/").unwrap_or(typed).to_owned(),
    };
    let head_commit = repo.commits(&[name.as_str()])?[0].with_context(|| format!("`{name}` leads to no commit"))?;
    let declared = project.map(|project| project.target.name.clone());
    let remote = repo.symbolic_ref("refs/remotes/origin/HEAD")?;
    let remote = remote.and_then(|full| Some(full.strip_prefix("refs/remotes/origin/")?.to_owned()));
    let usual = ["main", "master", "trunk", "develop"].map(|name| Some(name.to_owned()));
    for base in [declared, remote].into_iter().chain(usual).flatten().filter(|base| *base != name) {
        let places = [format!("refs/remotes/origin/{base}"), format!("refs/heads/{base}")];
        if let Some(base_commit) = repo.commits(&places)?.into_iter().flatten().next() {
            return Ok(Branches { head: name, head_commit, base, base_commit });
        }
    }
    let failure = Failure::usage(format!("there is no branch that `{name}` could land on"));
    Err(failure.hint("name it as `target` in tracks.toml, or run it on the branch that is to land").into())
}

/// What a branch is held against.
pub fn others(
    repo: &Repo,
    scratch: &Scratch,
    project: Option<&Project>,
    branches: &Branches,
    against: &[String],
) -> Result<Vec<Named>> {
    let named = match (against, project) {
        ([_, ..], _) => sides::resolve(repo, scratch, project, against, Work::Committed)?,
        ([], Some(project)) => {
            let ids: Vec<String> =
                project.tracks.iter().filter(|track| track.tip.is_some()).map(|track| track.id.to_string()).collect();
            sides::resolve(repo, scratch, Some(project), &ids, Work::Committed)?
        }
        ([], None) => open_branches(repo, scratch, branches)?,
    };
    let is_other = |(_, side): &Named| !side.as_ref().is_ok_and(|side| side.tip == branches.head_commit);
    Ok(named.into_iter().filter(is_other).collect())
}

/// The remote branches that hold something the base does not have.
fn open_branches(repo: &Repo, scratch: &Scratch, branches: &Branches) -> Result<Vec<Named>> {
    let no_merged = format!("--no-merged={}", branches.base_commit);
    let printed =
        repo.git().args(["for-each-ref", "--format=%(refname:lstrip=2)", &no_merged, "refs/remotes"]).stdout()?;
    let mine = format!("/{}", branches.head);
    let names: Vec<String> = printed.lines().map(|line| line.to_str_lossy().into_owned()).collect();
    let open: Vec<String> =
        names.into_iter().filter(|name| !name.ends_with("/HEAD") && !name.ends_with(&mine)).collect();
    let full: Vec<String> = open.iter().map(|name| format!("refs/remotes/{name}")).collect();
    let commits = repo.commits(&full)?;
    let named = open.into_iter().zip(commits).filter_map(|(name, commit)| {
        let side = snapshot::committed(scratch, commit?).map_err(|error| format!("{error:#}"));
        Some((SideName { name, uncommitted: false }, side))
    });
    Ok(named.collect())
}

/// What a merge with something else comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meeting {
    /// It merges.
    Clean,
    /// It conflicts; in the hunks the head comes first.
    Collision(Vec<Conflict>),
    /// It could not be computed.
    Unknown(String),
}

/// What merging the head with its base and with each of `others` comes to, the base first.
pub fn meetings(
    repo: &Repo,
    scratch: &Scratch,
    branches: &Branches,
    others: &[Named],
) -> Result<Vec<(String, Meeting)>> {
    let mut names = vec![branches.base.clone()];
    let mut sides = vec![Ok(snapshot::committed(scratch, branches.base_commit)?)];
    for (name, side) in others {
        names.push(name.name.clone());
        sides.push(side.clone());
    }
    sides.push(Ok(snapshot::committed(scratch, branches.head_commit)?));
    let head = sides.len() - 1;
    let pairs: Vec<(usize, usize)> = (0..head).map(|other| (other, head)).collect();
    let premerge = Premerge::new(repo, scratch)?;
    let (verdicts, _) = premerge.pairs(&sides, &pairs, Trees::Skip)?;
    premerge.remember();
    let meeting = |verdict| match verdict {
        Verdict::Disjoint | Verdict::Clean => Meeting::Clean,
        Verdict::Conflict(conflicts) => Meeting::Collision(conflicts.into_iter().map(seen_from_head).collect()),
        Verdict::Unknown(reason) => Meeting::Unknown(reason),
    };
    Ok(names.into_iter().zip(verdicts.into_iter().map(|pair| meeting(pair.verdict))).collect())
}

/// A conflict with the head as the side that comes first.
fn seen_from_head(mut conflict: Conflict) -> Conflict {
    for hunk in &mut conflict.hunks {
        std::mem::swap(&mut hunk.ours_lines, &mut hunk.theirs_lines);
        std::mem::swap(&mut hunk.ours, &mut hunk.theirs);
    }
    conflict
}

/// The subjects of the commits that the head brings, oldest first.
pub fn subjects(repo: &Repo, branches: &Branches) -> Result<Vec<String>> {
    let range = format!("{}..{}", branches.base_commit, branches.head_commit);
    let git = repo.git().args(["log", "-z", "--format=%s", "--reverse", "--no-merges", &range]);
    let printed = git.stdout()?;
    let subjects = printed.split(|b| *b == 0).filter(|subject| !subject.is_empty());
    Ok(subjects.map(|subject| subject.to_str_lossy().into_owned()).collect())
}

/// What the head changes since it left the base, with lines counted.
pub fn files(repo: &Repo, branches: &Branches) -> Result<Vec<Counted>> {
    let range = format!("{}...{}", branches.base_commit, branches.head_commit);
    let printed = repo.git().args(["diff", "--numstat", "-z", "--no-renames", "--no-ext-diff", &range]).stdout()?;
    let read = |line: &[u8]| {
        let mut fields = line.splitn(3, |b| *b == b'\t');
        let mut number = || fields.next().and_then(|field| field.to_str().ok()?.parse::<usize>().ok());
        let counts = number().zip(number());
        Some((RepoPath::try_new(fields.next()?)?, counts))
    };
    Ok(printed.split(|b| *b == 0).filter(|line| !line.is_empty()).filter_map(read).collect())
}

/// The text of CODEOWNERS as the base has it, where it has one.
pub fn codeowners(scratch: &Scratch, branches: &Branches) -> Result<Option<String>> {
    let objects = scratch.objects();
    let tree: TreeId = objects.commit(branches.base_commit)?.tree;
    for place in CODEOWNERS {
        if let Some(Node::Leaf(entry)) = tree::lookup(objects, tree, &RepoPath::new(place))? {
            let content = objects.blob(entry.id, 3 << 20)?.unwrap_or_default();
            return Ok(Some(content.to_str_lossy().into_owned()));
        }
    }
    Ok(None)
}

/// The address of the remote that a pull request goes to.
pub fn remote_address(repo: &Repo) -> Result<Option<String>> {
    repo.config("remote.origin.url")
}
