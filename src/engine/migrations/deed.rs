//! A renumbering carried out: the commit is whole before the branch moves to it with its worktree; what is not committed
//! follows, file by file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Context, Result};
use bstr::ByteSlice;

use super::renumber::{Plan, Standing, place};
use crate::engine::checkpoint::{self, take::Place};
use crate::engine::journal::{self, Content, Journal, Staged, staged};
use crate::engine::project::Project;
use crate::git::{Git, tree};
use crate::host::{files, folders};
use crate::model::{BlobId, CommitId, Entry, Failure, RepoPath, Track};

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renumbered {
    /// The new tip, where anything was committed.
    pub tip: Option<CommitId>,
    /// The checkpoint of what was there before.
    pub saved: Option<checkpoint::Name>,
}

/// Does what was planned, after saving the track.
pub fn carry_out(
    (project, journal): (&Project, &Journal),
    plan: &Plan,
    track: &Track,
    message: &str,
) -> Result<Renumbered> {
    let git = || Git::at(&track.worktree).env("GIT_LITERAL_PATHSPECS", "1");
    let saved = match Place::of(project, track)? {
        Some(place) => Some(checkpoint::save(project, &place)?),
        None => None,
    };
    let tip = commit(project, plan, message, &git).context("nothing was renumbered")?;
    let moved = tip.map(|tip| journal::Change::moved(project, &track.branch.full(), (plan.tip, tip)));
    let loose = loose(project, plan, track, &git)?;
    let mut changes: Vec<journal::Change> =
        saved.iter().map(|name| checkpoint::change(&project.repo, name)).collect::<Result<_>>()?;
    changes.extend(moved.iter().chain(&loose).cloned());
    journal.carry_out(changes, || {
        if let Some(moved) = &moved {
            journal.forward(moved, "tracks: migration renumber").context("nothing was renumbered")?;
        }
        loose.iter().try_for_each(|change| act(track, change)).context("not all of it is renumbered")
    })?;
    Ok(Renumbered { tip, saved })
}

/// Makes one of the changes to what is not committed. What fails is gone on with by whoever writes next.
fn act(track: &Track, change: &journal::Change) -> Result<()> {
    match change {
        journal::Change::File { path, after, .. } => {
            match after {
                Some(Content { bytes: Some(bytes), mode, .. }) => files::write_with(path, bytes, *mode)?,
                _ => files::remove(path)?,
            }
            folders::remove_empty(path.parent().unwrap_or(&track.worktree), &track.worktree);
            Ok(())
        }
        journal::Change::Staged(row) => staged::put(row),
        _ => Ok(()),
    }
}

/// Files and rows of the index that change beside the commit. One may take the name that another leaves.
fn loose(project: &Project, plan: &Plan, track: &Track, git: &dyn Fn() -> Git) -> Result<Vec<journal::Change>> {
    let (mut contents, mut rows) = (BTreeMap::new(), BTreeMap::new());
    let loose = || plan.files.iter().filter(|change| !change.is_committed());
    for change in loose() {
        contents.insert(&change.from, None);
        if change.standing == Standing::Staged {
            rows.insert(&change.from, None);
        }
    }
    let leave: BTreeSet<&RepoPath> = contents.keys().copied().collect();
    for change in loose() {
        let (from, to) = (place(track, &change.from), place(track, &change.to));
        if files::is_there(&to) && !leaves(plan, &leave, &change.to) {
            return Err(Failure::usage(format!("`{}` is there already", change.to)).into());
        }
        let mode = files::mode(&from).with_context(|| format!("`{}` is no file", change.from))?;
        let content = match &change.text {
            Some(text) => text.clone().into_bytes(),
            None => files::read(&from, u64::MAX - 1)?.unwrap_or_default(),
        };
        contents.insert(&change.to, Some((content, mode)));
        if change.standing == Standing::Staged {
            let row = staged::row(&track.worktree, &local(&change.from))?;
            let row = row.with_context(|| format!("`{}` is not staged any more", change.from))?;
            let row = match &change.text {
                Some(text) => {
                    row.split_once(' ').map(|(mode, _)| mode.to_owned()).unwrap_or_default()
                        + " "
                        + &stored(&change.to, text, git)?.to_string()
                }
                None => row,
            };
            rows.insert(&change.to, Some(row));
        }
    }
    let objects = project.repo.objects()?;
    let mut changes = Vec::new();
    for (path, content) in &contents {
        let after = content.as_ref().map(|(bytes, mode)| (bytes.as_slice(), Some(*mode)));
        let mut change = journal::file(&objects, &place(track, path), after)?;
        // What the commit takes away is gone by then.
        if let (journal::Change::File { before, .. }, false) = (&mut change, leave.contains(path)) {
            *before = None;
        }
        changes.push(change);
    }
    let git_dir = project.worktrees.iter().find(|worktree| worktree.path == track.worktree);
    let git_dir = git_dir.and_then(|worktree| worktree.git_dir.clone()).context("a worktree has a Git folder")?;
    for (path, after) in rows {
        let (worktree, path) = (track.worktree.clone(), local(path));
        let before = if leave.contains(&RepoPath::new(path.as_os_str().as_encoded_bytes())) {
            staged::row(&worktree, &path)?
        } else {
            None
        };
        changes.push(journal::Change::Staged(Staged { worktree, git_dir: git_dir.clone(), path, before, after }));
    }
    Ok(changes)
}

/// Whether what is at a path now makes room for what comes there.
fn leaves(plan: &Plan, leave: &BTreeSet<&RepoPath>, path: &RepoPath) -> bool {
    let committed = || plan.files.iter().filter(|change| change.is_committed());
    let gone = committed().any(|change| change.from == *path) && !committed().any(|change| change.to == *path);
    leave.contains(path) || gone
}

fn local(path: &RepoPath) -> PathBuf {
    path.as_bstr().to_path_lossy().into_owned()
}

/// The commit of what was committed before. Whatever else is staged stays so.
fn commit(project: &Project, plan: &Plan, message: &str, git: &dyn Fn() -> Git) -> Result<Option<CommitId>> {
    let objects = project.repo.objects()?;
    let head = objects.commit(plan.tip)?.tree;
    let mut edits: Vec<(RepoPath, Option<Entry>)> = Vec::new();
    for change in plan.files.iter().filter(|change| change.is_committed()) {
        let entry = tree::lookup(&objects, head, &change.from)?.and_then(|node| node.leaf());
        let entry = entry.with_context(|| format!("`{}` is not in the last commit", change.from))?;
        let id = match &change.text {
            Some(text) => stored(&change.to, text, git)?,
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
    Ok(CommitId::from_hex(made.as_bytes()))
}

/// Stores a text as `git add` would at that path.
fn stored(path: &RepoPath, text: &str, git: &dyn Fn() -> Git) -> Result<BlobId> {
    let git = git().args(["hash-object", "-w", "--stdin", "--path"]).arg(path.as_bstr().to_os_str_lossy());
    let id = git.input(text.as_bytes()).stdout()?;
    BlobId::from_hex(id.trim_ascii()).context("`git hash-object` prints no id")
}
