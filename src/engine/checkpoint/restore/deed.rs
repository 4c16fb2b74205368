//! The worktree written: files first, then what Git keeps beside them.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};

use super::super::manifest::{Item, Manifest};
use super::super::state;
use super::super::take::{Place, Taken};
use super::plan::Plan;
use crate::engine::project::Project;
use crate::git::Objects;
use crate::git::heads::{self, Head, Move};
use crate::host::below::{Folder, Kind};
use crate::model::{BlobId, CommitId, RepoPath};

/// What a folder must allow whoever writes in it.
const WRITABLE: u32 = 0o300;

pub(super) fn carry_out(
    project: &Project,
    (place, now): (&Place, &Taken),
    (then, plan): (&Manifest, &Plan),
    objects: &Objects,
) -> Result<()> {
    let worktree = Worktree { root: Folder::open(&place.worktree.path)?, now: Some(now), objects };
    worktree.remove(plan)?;
    worktree.write(&plan.written)?;
    worktree.close(&plan.written)?;
    if plan.git {
        let git_dir = Folder::open(&place.git_dir)?;
        put_back_state(&git_dir, then, objects)?;
        put_back_index(&git_dir, then, objects)?;
        put_back_refs(project, place, &now.manifest, then)?;
    }
    Ok(())
}

/// A folder that files are written into.
pub(super) struct Worktree<'a> {
    pub(super) root: Folder,
    /// What was there when all of it was saved; `None` where nothing was.
    pub(super) now: Option<&'a Taken>,
    pub(super) objects: &'a Objects,
}

impl Worktree<'_> {
    fn remove(&self, plan: &Plan) -> Result<()> {
        for path in &plan.removed {
            let Some(folder) = self.root.below(path.parent().as_ref())? else { continue };
            self.still(&folder, path, None)?;
            writable(&folder)?;
            folder.remove(path.file_name()).with_context(|| format!("cannot remove `{path}`"))?;
        }
        for path in &plan.folders_removed {
            if let Some(folder) = self.root.below(path.parent().as_ref())? {
                writable(&folder)?;
                // It stays where something ignored lies in it.
                folder.remove_folder(path.file_name()).with_context(|| format!("cannot remove `{path}`"))?;
            }
        }
        Ok(())
    }

    pub(super) fn write(&self, items: &[(RepoPath, Item)]) -> Result<()> {
        items
            .iter()
            .try_for_each(|(path, item)| self.write_one(path, *item).with_context(|| format!("cannot write `{path}`")))
    }

    fn write_one(&self, path: &RepoPath, item: Item) -> Result<()> {
        if let Item::Folder(_) = item {
            if self.root.below(Some(path))?.is_none() {
                if let Some(parent) = self.root.below(path.parent().as_ref())? {
                    writable(&parent)?;
                }
                self.root.made(Some(path))?;
            }
            return Ok(());
        }
        let folder = self.root.made(path.parent().as_ref())?;
        self.still(&folder, path, item.id())?;
        let name = path.file_name();
        match (item, self.now.and_then(|now| now.manifest.files.get(path))) {
            (Item::File(mode, id), Some(Item::File(_, other))) if id == *other => folder.set_mode(name, mode),
            (Item::File(mode, id), _) => {
                writable(&folder)?;
                folder.write(name, &content(self.objects, id)?, mode)
            }
            (Item::Link(id), _) => {
                writable(&folder)?;
                folder.write_link(name, &content(self.objects, id)?)
            }
            (Item::Folder(_), _) => Ok(()),
        }
    }

    /// Folders are closed last: some do not let anybody write in them. One that is not among those written gets what
    /// it had.
    pub(super) fn close(&self, written: &[(RepoPath, Item)]) -> Result<()> {
        let before = self.now.into_iter().flat_map(|now| &now.manifest.files);
        let items = before.chain(written.iter().map(|(path, item)| (path, item)));
        let wanted: BTreeMap<&RepoPath, &Item> = items.collect();
        for (path, item) in wanted.into_iter().rev() {
            let Item::Folder(mode) = item else { continue };
            if let Some(folder) = self.root.below(Some(path))?
                && folder.itself()?.mode != *mode
            {
                folder.set_own_mode(*mode).with_context(|| format!("cannot set the permissions of `{path}`"))?;
            }
        }
        Ok(())
    }

    /// Refuses to go on where somebody wrote since all of it was saved. What is ignored was not: it must be `wanted`.
    fn still(&self, folder: &Folder, path: &RepoPath, wanted: Option<BlobId>) -> Result<()> {
        let Some(now) = self.now else { return Ok(()) };
        let Some(found) = folder.look(path.file_name())? else { return Ok(()) };
        let same = match now.looks.get(path) {
            Some(saved) => *saved == found,
            None if found.kind == Kind::File && wanted.is_some() => {
                let content = folder.file(path.file_name())?.content(found.size)?;
                Some(self.objects.blob_id(&content)?) == wanted
            }
            None => false,
        };
        if !same {
            bail!("`{path}` changed since it was saved");
        }
        Ok(())
    }
}

fn writable(folder: &Folder) -> Result<()> {
    let mode = folder.itself()?.mode;
    if mode & WRITABLE != WRITABLE {
        folder.set_own_mode(mode | WRITABLE).context("cannot make a folder writable")?;
    }
    Ok(())
}

fn content(objects: &Objects, id: BlobId) -> Result<Vec<u8>> {
    objects.blob(id, u64::MAX)?.context("the content is missing")
}

/// An operation that began since is no longer under way: its files are in the checkpoint of what was there.
fn put_back_state(git_dir: &Folder, then: &Manifest, objects: &Objects) -> Result<()> {
    state::remove(git_dir)?;
    for (path, (mode, id)) in &then.state {
        let write = || git_dir.made(path.parent().as_ref())?.write(path.file_name(), &content(objects, *id)?, *mode);
        write().with_context(|| format!("cannot write `{path}` in the Git folder"))?;
    }
    Ok(())
}

/// The copy keeps its time: Git takes a file that is not younger than the index for unchanged.
fn put_back_index(git_dir: &Folder, then: &Manifest, objects: &Objects) -> Result<()> {
    const NEW: &[u8] = b"index.tracks-new";
    let Some(index) = then.index else { return git_dir.remove(b"index") };
    let write = || {
        git_dir.remove(NEW)?;
        git_dir.new_file(NEW, &content(objects, index.id)?, index.mode)?;
        git_dir.set_written(NEW, index.written)?;
        git_dir.rename(NEW, b"index")
    };
    write().context("cannot put the index back")
}

fn put_back_refs(project: &Project, place: &Place, now: &Manifest, then: &Manifest) -> Result<()> {
    let path = place.worktree.path.as_path();
    let branch = then.branch.full();
    let mut moves = vec![Move { name: branch.clone(), to: then.branch_tip, from: now.branch_tip }];
    let own: BTreeSet<&String> = now.refs.keys().chain(then.refs.keys()).collect();
    let id = |manifest: &Manifest, name: &String| -> Option<CommitId> { manifest.refs.get(name).copied() };
    moves.extend(own.into_iter().map(|name| Move { name: name.clone(), to: id(then, name), from: id(now, name) }));
    heads::move_refs(&project.repo, path, "tracks: checkpoint restored", &moves)?;
    let is_there = match (&now.head, &then.head) {
        (Head::Branch(one), Head::Branch(other)) => one == other,
        (one, other) => one == other,
    };
    if is_there { Ok(()) } else { heads::check_out(path, &then.head) }
}
