//! A track's migrations, put behind everybody else's: files renamed, what they say of each other followed, committed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Context, Result};
use bstr::ByteSlice;
use jiff::civil::DateTime;

use super::Survey;
use crate::engine::project::Project;
use crate::git::worktree::Operation;
use crate::git::{Scratch, status, tree};
use crate::host::files;
use crate::model::{Checkout, CommitId, Failure, RepoPath, Track};
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
    /// Its text from then on, where that changes.
    pub(super) text: Option<String>,
    pub(super) standing: Standing,
}

/// What Git knows of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
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
        let text = rewritten(track, &file.path, &moves, moved.is_some());
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

/// The text of a file from then on, where it names what moves.
fn rewritten(track: &Track, path: &RepoPath, moves: &[Move], is_moved: bool) -> Option<String> {
    let content = files::read(&place(track, path), LARGEST).ok().flatten().unwrap_or_default();
    numbering::rewritten(&String::from_utf8(content).ok()?, moves, is_moved)
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
            let text = (folder.own[&change.from] != text).then_some(text);
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

/// Where a path lies.
pub(super) fn place(track: &Track, path: &RepoPath) -> PathBuf {
    track.worktree.join(path.as_bstr().to_path_lossy())
}
