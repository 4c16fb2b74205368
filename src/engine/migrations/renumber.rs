//! A track's migrations, put behind everybody else's: files renamed, what they say of each other followed, committed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Context, Result};
use bstr::ByteSlice;
use jiff::civil::DateTime;

use super::Survey;
use crate::engine::project::Project;
use crate::git::worktree::Operation;
use crate::git::{Git, Scratch, status, tree};
use crate::host::{files, folders};
use crate::model::{BlobId, Checkout, CommitId, Entry, Failure, RepoPath, Track};
use crate::policy::migrations::graph::{self, GraphKind};
use crate::policy::migrations::numbering::{self, Move};
use crate::policy::migrations::reparent::{self, Edit, Folder};

/// The most that is read of a file to see whether it names a migration.
const LARGEST: u64 = 1 << 20;

/// What will be written.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The track's tip, on which it stands.
    pub tip: CommitId,
    /// Each file that changes, by path.
    pub files: Vec<Change>,
}

/// One file.
#[derive(Clone, Debug)]
pub struct Change {
    /// Where it is.
    pub from: RepoPath,
    /// Where it goes; the same where only its text changes.
    pub to: RepoPath,
    /// Its text, before and after, where that changes.
    text: Option<(Vec<u8>, String)>,
    standing: Standing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// As it was committed.
    Committed,
    /// Added to the index.
    Staged,
    /// Only in the folder.
    Untracked,
}

impl Change {
    /// Whether the file gets another name.
    pub fn is_renamed(&self) -> bool {
        self.from != self.to
    }

    /// Whether the commit will hold it.
    pub fn is_committed(&self) -> bool {
        self.standing == Standing::Committed
    }
}

/// Fixes what changes. Refuses where the worktree is in the middle of something, or a file differs from what was
/// committed.
pub fn plan(project: &Project, scratch: &Scratch, survey: &Survey, track: &Track, now: DateTime) -> Result<Plan> {
    let (Some(tip), Checkout::Present) = (track.tip, &track.checkout) else {
        let failure = Failure::usage(format!("`{}` has no worktree in which files could be renamed", track.id));
        return Err(failure.hint("make one with `tracks init`").into());
    };
    let found = project.worktrees.iter().find(|worktree| worktree.path == track.worktree);
    if let Some(operation) = found.and_then(|worktree| worktree.operation) {
        let what = Operation::phrase(operation);
        return Err(Failure::usage(format!("`{}` has {what}", track.worktree.display()))
            .hint("finish that first")
            .into());
    }
    let renamed = match survey.naming.preset().and_then(|preset| preset.graph) {
        Some(kind) => by_graph(survey, scratch, track, kind)?,
        None => by_number(survey, track, now)?,
    };
    let standings = standings(project, track)?;
    let head = scratch.objects().commit(tip)?.tree;
    let mut files = Vec::new();
    for mut change in renamed {
        let known = tree::lookup(scratch.objects(), head, &change.from)?.is_some();
        change.standing = match (standings.get(&change.from), known) {
            (None, _) => Standing::Committed,
            (Some(standing), false) => *standing,
            (Some(_), true) => {
                let failure = Failure::usage(format!("`{}` holds changes that are not committed", change.from));
                return Err(failure.hint("commit them, or put them aside with `git stash`").into());
            }
        };
        files.push(change);
    }
    Ok(Plan { tip, files })
}

/// What is not as it was committed.
fn standings(project: &Project, track: &Track) -> Result<BTreeMap<RepoPath, Standing>> {
    let others = project.worktrees.iter().map(|worktree| worktree.path.clone());
    let nested: Vec<PathBuf> = others.filter(|path| *path != track.worktree).collect();
    let status = status::read(&track.worktree, &nested)?;
    if let Some(path) = status.unmerged.first() {
        return Err(Failure::usage(format!("`{path}` is still in conflict")).hint("resolve it first").into());
    }
    let standing = |now: &status::Now| match now {
        status::Now::Untracked => Standing::Untracked,
        _ => Standing::Staged,
    };
    Ok(status.files.into_iter().map(|file| (file.path, standing(&file.now))).collect())
}

fn by_number(survey: &Survey, track: &Track, now: DateTime) -> Result<Vec<Change>> {
    let all: Vec<_> = survey.files.iter().map(|file| (file.track.clone(), file.migration.clone())).collect();
    let mut seen = BTreeSet::new();
    let all: Vec<_> = all.into_iter().filter(|(track, m)| seen.insert((track.clone(), m.path.clone()))).collect();
    let moves = numbering::renumber(&survey.naming, &all, &track.id, now)?;
    if moves.is_empty() {
        return Ok(Vec::new());
    }
    let own = survey.files.iter().filter(|file| file.track.as_ref() == Some(&track.id));
    let mut changes = Vec::new();
    for file in own {
        let moved = moves.iter().find(|change| file.path.is_within(&change.from));
        let to = moved.map_or(file.path.clone(), |change| moved_to(&file.path, change));
        let text = rewritten(track, &file.path, &moves, moved.is_some())?;
        if to != file.path || text.is_some() {
            changes.push(Change { from: file.path.clone(), to, text, standing: Standing::Committed });
        }
    }
    Ok(changes)
}

fn moved_to(path: &RepoPath, change: &Move) -> RepoPath {
    match path.as_bstr().strip_prefix(change.from.as_bstr().as_bytes()) {
        Some(rest) if !rest.is_empty() => change.to.join(rest.trim_start_with(|c| c == '/')),
        _ => change.to.clone(),
    }
}

/// The text of a file before and after, where it names what moves.
fn rewritten(track: &Track, path: &RepoPath, moves: &[Move], is_moved: bool) -> Result<Option<(Vec<u8>, String)>> {
    let content = files::read(&place(track, path), LARGEST).ok().flatten().unwrap_or_default();
    let text = String::from_utf8(content.clone()).ok();
    Ok(text.and_then(|text| numbering::rewritten(&text, moves, is_moved)).map(|after| (content, after)))
}

fn by_graph(survey: &Survey, scratch: &Scratch, track: &Track, kind: GraphKind) -> Result<Vec<Change>> {
    let mut changes = Vec::new();
    for set in survey.sets() {
        let there = || survey.files.iter().filter(|file| file.migration.set == *set);
        let node = |file: &super::File| {
            let content = file.blob.and_then(|blob| scratch.objects().blob(blob, LARGEST).ok().flatten());
            (file.path.clone(), graph::read(kind, &file.path, content.as_deref()))
        };
        let own = there().filter(|file| file.track.as_ref() == Some(&track.id)).map(|file| {
            let content = files::read(&place(track, &file.path), LARGEST)?.unwrap_or_default();
            let text = String::from_utf8(content).with_context(|| format!("`{}` is no text", file.path))?;
            Ok((file.path.clone(), text))
        });
        let own: BTreeMap<RepoPath, String> = own.collect::<Result<_>>()?;
        let others = there().filter(|file| file.track.as_ref() != Some(&track.id));
        let folder = Folder {
            path: set,
            kind,
            target: there().filter(|file| file.track.is_none()).map(node).collect(),
            names: others.map(|file| file.path.file_name().to_string()).collect(),
            own,
        };
        let edits = reparent::reparent(&folder)?;
        missing_parent(&folder, &edits, track)?;
        changes.extend(edits.into_iter().map(|Edit { change, text }| {
            let before = folder.own[&change.from].clone();
            let text = (before != text).then(|| (before.into_bytes(), text));
            Change { from: change.from, to: change.to, text, standing: Standing::Committed }
        }));
    }
    Ok(changes)
}

/// What a migration is to follow must be there, or the track could not run its own migrations.
fn missing_parent(folder: &Folder, edits: &[Edit], track: &Track) -> Result<()> {
    let head = graph::heads(folder.path, &folder.target).paths.into_iter().next();
    match head.filter(|head| !edits.is_empty() && !files::is_there(&place(track, head))) {
        None => Ok(()),
        Some(head) => {
            let failure = Failure::usage(format!("`{}` has not got `{head}`, which it must follow", track.id));
            Err(failure.hint("merge the target into it first").into())
        }
    }
}

fn place(track: &Track, path: &RepoPath) -> PathBuf {
    track.worktree.join(path.as_bstr().to_path_lossy())
}

/// Does what was planned; gives the new tip, where anything was committed. The commit is made whole before Git moves the
/// worktree to it; what is not committed follows, and is named back where a step fails.
pub fn carry_out(project: &Project, plan: &Plan, track: &Track, message: &str) -> Result<Option<CommitId>> {
    let git = || Git::at(&track.worktree).env("GIT_LITERAL_PATHSPECS", "1");
    let tip = commit(project, plan, message, &git).context("nothing was renumbered")?;
    let loose: Vec<&Change> = plan.files.iter().filter(|change| !change.is_committed()).collect();
    let mut done = 0;
    let acted = loose.iter().try_for_each(|change| {
        // Counted first: a step may fail half way.
        done += 1;
        forth(change, track, &git)
    });
    if let Err(error) = acted {
        let back = loose[..done].iter().rev().try_for_each(|change| back(change, track, &git));
        return Err(match back {
            Ok(()) => error.context("what is not committed was not renumbered"),
            Err(worse) => error.context(format!("the files could not all be named back: {worse:#}")),
        });
    }
    Ok(tip)
}

fn forth(change: &Change, track: &Track, git: &dyn Fn() -> Git) -> Result<()> {
    if change.is_renamed() {
        rename((&change.from, &change.to), change.standing, track, git)?;
    }
    if let Some((_, after)) = &change.text {
        put(&change.to, after.as_bytes(), change.standing, track, git)?;
    }
    Ok(())
}

fn back(change: &Change, track: &Track, git: &dyn Fn() -> Git) -> Result<()> {
    let now = if files::is_there(&place(track, &change.to)) { &change.to } else { &change.from };
    if let Some((before, _)) = &change.text {
        put(now, before, change.standing, track, git)?;
    }
    if change.is_renamed() && *now == change.to {
        rename((&change.to, &change.from), change.standing, track, git)?;
    }
    Ok(())
}

fn rename((from, to): (&RepoPath, &RepoPath), standing: Standing, track: &Track, git: &dyn Fn() -> Git) -> Result<()> {
    let target = place(track, to);
    if files::is_there(&target) {
        return Err(Failure::usage(format!("`{to}` is there already")).into());
    }
    folders::make(target.parent().context("a path in a worktree has a folder")?)?;
    if standing == Standing::Untracked {
        files::rename(&place(track, from), &target)?;
    } else {
        git().args(["mv", "--"]).arg(from.as_bstr().to_os_str_lossy()).arg(to.as_bstr().to_os_str_lossy()).run()?;
    }
    folders::remove_empty(place(track, from).parent().unwrap_or(&track.worktree), &track.worktree);
    Ok(())
}

fn put(path: &RepoPath, text: &[u8], standing: Standing, track: &Track, git: &dyn Fn() -> Git) -> Result<()> {
    files::write(&place(track, path), text)?;
    match standing {
        Standing::Untracked => Ok(()),
        _ => git().args(["add", "--"]).arg(path.as_bstr().to_os_str_lossy()).run(),
    }
}

/// Commits what was committed before, and moves the branch and its worktree there. Whatever else is staged stays so.
fn commit(project: &Project, plan: &Plan, message: &str, git: &dyn Fn() -> Git) -> Result<Option<CommitId>> {
    let objects = project.repo.objects()?;
    let head = objects.commit(plan.tip)?.tree;
    let mut edits: Vec<(RepoPath, Option<Entry>)> = Vec::new();
    for change in plan.files.iter().filter(|change| change.is_committed()) {
        let entry = tree::lookup(&objects, head, &change.from)?.and_then(|node| node.leaf());
        let entry = entry.with_context(|| format!("`{}` is not in the last commit", change.from))?;
        let id = match &change.text {
            Some((_, after)) => stored(&change.to, after, git)?,
            None => entry.id,
        };
        edits.push((change.from.clone(), None));
        edits.push((change.to.clone(), Some(Entry { id, ..entry })));
    }
    if edits.is_empty() {
        return Ok(None);
    }
    // Where one file takes the name that another one leaves, it must be there in the end.
    let gone = |path: &RepoPath| edits.iter().any(|(other, entry)| other == path && entry.is_some());
    let edits: Vec<_> = edits.iter().filter(|(path, entry)| entry.is_some() || !gone(path)).cloned().collect();
    let tree = tree::edit(&objects, head, &edits)?.to_string();
    let made = git().args(["commit-tree", "-p", &plan.tip.to_string(), "-m", message, &tree]).stdout()?;
    let made = String::from_utf8_lossy(&made).trim().to_owned();
    git().args(["merge", "--quiet", "--ff-only", &made]).run()?;
    Ok(CommitId::from_hex(made.as_bytes()))
}

/// Stores a text as `git add` would at that path.
fn stored(path: &RepoPath, text: &str, git: &dyn Fn() -> Git) -> Result<BlobId> {
    let git = git().args(["hash-object", "-w", "--stdin", "--path"]).arg(path.as_bstr().to_os_str_lossy());
    let id = git.input(text.as_bytes()).stdout()?;
    BlobId::from_hex(id.trim_ascii()).context("`git hash-object` prints no id")
}
