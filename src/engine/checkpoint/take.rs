//! One worktree read as it stands, without touching it: files, index, what Git is in the middle of.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use bstr::ByteSlice;

use super::manifest::{Index, Item, Manifest, Why};
use super::state;
use super::store::{Kept, Store};
use super::walk::{self, Known, Walk};
use crate::engine::project::Project;
use crate::git::heads::{self, Head};
use crate::git::worktree::Worktree;
use crate::git::{Repo, index, status};
use crate::host::below::{Folder, Look};
use crate::host::{clock, files};
use crate::model::{BlobId, Checkout, CommitId, RepoPath, Track, TreeId};

/// How often a worktree is read in which somebody is at work.
const TRIES: usize = 3;

/// The place that a checkpoint is taken of.
#[derive(Clone, Debug)]
pub struct Place {
    /// Which track.
    pub track: Track,
    /// Its worktree.
    pub worktree: Worktree,
    /// The Git folder behind it.
    pub git_dir: PathBuf,
    nested: Vec<PathBuf>,
    repo: Repo,
}

/// What was read of a place.
#[derive(Clone, Debug)]
pub struct Taken {
    /// What is written down.
    pub manifest: Manifest,
    /// How the file system described each file.
    pub looks: BTreeMap<RepoPath, Look>,
    staged: Vec<BlobId>,
    trees: BTreeSet<TreeId>,
    commits: Vec<CommitId>,
}

impl Place {
    /// The place of a track, `None` where it has no worktree; an `Err` says why it cannot be used, as the end of a
    /// sentence.
    pub fn of(project: &Project, track: &Track) -> Result<Option<Place>> {
        let Some((worktree, checkout)) = project.workplace(track) else { return Ok(None) };
        match checkout {
            Checkout::Present | Checkout::None => {}
            Checkout::Missing => bail!("cannot be read: its folder `{}` is gone", worktree.path.display()),
            Checkout::Unfinished => bail!("cannot be read: its worktree is not made to the end"),
            Checkout::Unusable(why) => bail!("cannot be read: its worktree {why}"),
        }
        Place::at(project, track, worktree).map(Some)
    }

    /// The place of a worktree, whatever is checked out in it; what is read of it is called by `track`.
    pub fn at(project: &Project, track: &Track, worktree: &Worktree) -> Result<Place> {
        let git_dir = files::canonical(worktree.git_dir.as_deref().context("has lost its link to the repository")?);
        let home = files::canonical(&project.repo.common_dir.join("worktrees"));
        let own = worktree.main || git_dir.parent() == Some(home.as_path());
        anyhow::ensure!(own, "cannot be read: its `.git` leads to another repository");
        let below = |other: &&Worktree| other.path != worktree.path && other.path.starts_with(&worktree.path);
        let mut nested: Vec<PathBuf> = project.worktrees.iter().filter(below).map(|other| other.path.clone()).collect();
        // A repository whose Git folder lies among the files under another name.
        nested.extend(git_dir.starts_with(&worktree.path).then(|| git_dir.clone()));
        let (worktree, repo) = (worktree.clone(), project.repo.clone());
        Ok(Place { track: track.clone(), git_dir, nested, worktree, repo })
    }

    /// Reads it, and again while somebody is at work in it. What never holds still is named in the manifest.
    pub fn take(&self, store: &Store) -> Result<Taken> {
        for _ in 1..TRIES {
            let (taken, steady) = self.attempt(store)?;
            let changing = taken.manifest.left_out.iter().any(|(_, why)| *why == Why::Changing);
            if steady && !changing {
                return Ok(taken);
            }
        }
        match self.attempt(store)? {
            (taken, true) => Ok(taken),
            _ => bail!("cannot be read: its index or its HEAD changed each time"),
        }
    }

    /// Reads it once; says whether index and HEAD were the same before and after.
    fn attempt(&self, store: &Store) -> Result<(Taken, bool)> {
        let path = self.worktree.path.as_path();
        let git_dir = Folder::open(&self.git_dir)?;
        let before = steadiness(&git_dir)?;
        let (index, raw) = match before.0 {
            Some(look) => {
                let raw = git_dir.file(b"index").and_then(|mut file| file.content(look.size));
                let raw = raw.context("cannot read the index")?;
                (Some(Index { id: store.keep(&raw)?, mode: look.mode, written: look.written }), raw)
            }
            None => (None, Vec::new()),
        };
        let (status, ignored) = status::with_ignored(path, &self.nested)?;
        let rows = index::rows(path)?;
        let known = Known::new(path, &self.nested, (&status, &ignored), &rows);
        let Walk { files, looks, left_out } = walk::read(&Folder::open(path)?, &known, store)?;
        let mut staged: Vec<BlobId> = rows.iter().filter(|row| !row.submodule).map(|row| row.id).collect();
        if raw.contains_str("REUC") {
            staged.extend(index::undo(path)?);
        }
        let state = state::read(&git_dir, &raw)?;
        let refs: BTreeMap<String, CommitId> = heads::own_refs(&self.repo, path)?.into_iter().collect();
        let (trees, mut commits) = named(store, &state);
        commits.extend(refs.values());
        let head = match (&status.branch, status.head) {
            (Some(name), _) => Head::Branch(name.clone()),
            (None, Some(id)) => Head::Detached(id),
            (None, None) => bail!("cannot be read: it has nothing checked out"),
        };
        let on_branch = head == Head::Branch(self.track.branch.full());
        let uncommitted = status.files.iter().map(|file| file.path.clone()).chain(status.unmerged);
        let saved = |(path, (mode, content)): (RepoPath, state::Saved)| Ok((path, (mode, store.keep(&content)?)));
        let manifest = Manifest {
            track: self.track.id.clone(),
            message: Vec::new(),
            time: clock::seconds(),
            branch: self.track.branch.clone(),
            branch_tip: if on_branch { status.head } else { self.track.tip },
            head,
            tip: status.head,
            operation: self.worktree.operation.map(|operation| operation.name().to_owned()),
            index,
            files,
            uncommitted: uncommitted.collect::<BTreeSet<_>>().into_iter().collect(),
            left_out,
            state: state.into_iter().map(saved).collect::<Result<_>>()?,
            refs,
        };
        let steady = before == steadiness(&git_dir)?;
        Ok((Taken { manifest, looks, staged, trees, commits }, steady))
    }
}

impl Taken {
    /// Writes the commit that keeps all of it.
    pub fn keep(&self, repo: &Repo, store: &Store) -> Result<CommitId> {
        let manifest = &self.manifest;
        let text = manifest.text();
        let mut parents: Vec<CommitId> = Vec::new();
        let tips = manifest.tip.into_iter().chain(manifest.branch_tip).chain(store.tip());
        let candidates = tips.chain(self.commits.iter().copied());
        for id in candidates.filter(|id| store.objects().commit(*id).is_ok()) {
            if !parents.contains(&id) {
                parents.push(id);
            }
        }
        let kept = Kept {
            manifest: &text,
            index: manifest.index.map(|index| index.id),
            contents: manifest.contents().chain(self.staged.iter().copied()).collect(),
            state: manifest.state.values().map(|(_, id)| *id).collect(),
            trees: self.trees.clone(),
            parents,
            time: manifest.time,
        };
        store.commit(repo, kept, &format!("Checkpoint of the track {}", manifest.track))
    }

    /// How many files and links it holds.
    pub fn count(&self) -> usize {
        self.manifest.files.values().filter(|item| !matches!(item, Item::Folder(_))).count()
    }
}

/// What shows that somebody wrote to the index, or moved HEAD.
fn steadiness(git_dir: &Folder) -> Result<(Option<Look>, Option<Look>)> {
    Ok((git_dir.look(b"index")?, git_dir.look(b"HEAD")?))
}

/// The trees and commits that files of an unfinished operation name: nothing else may lead to them.
fn named(store: &Store, state: &BTreeMap<RepoPath, state::Saved>) -> (BTreeSet<TreeId>, Vec<CommitId>) {
    let (mut trees, mut commits) = (BTreeSet::new(), Vec::new());
    for (path, (_, content)) in state.iter().filter(|(path, _)| !path.as_bstr().starts_with(b"sharedindex.")) {
        let words = content.fields().filter(|word| matches!(word.len(), 40 | 64));
        for id in words.filter_map(CommitId::from_hex) {
            let tree = TreeId::new(id.raw());
            if path.as_bstr() == "AUTO_MERGE" && store.objects().tree(tree).is_ok() {
                trees.insert(tree);
            } else if !commits.contains(&id) {
                commits.push(id);
            }
        }
    }
    (trees, commits)
}
