//! What bringing a checkpoint back writes and removes, and whether that would lose anything.

use anyhow::Result;

use super::super::manifest::{Item, Manifest, Why};
use super::super::take::{Place, Taken};
use super::Extent;
use crate::engine::project::Project;
use crate::git::Objects;
use crate::git::heads::Head;
use crate::git::worktree::Worktree;
use crate::host::below::{Folder, Kind};
use crate::model::{Failure, RepoPath};

/// Names in a sentence.
const NAMED: usize = 5;

/// What will be done in a worktree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Files and links to be removed.
    pub removed: Vec<RepoPath>,
    /// Folders to be removed where nothing is left in them, deepest first.
    pub folders_removed: Vec<RepoPath>,
    /// Files, links and folders to be written, or given other permissions.
    pub written: Vec<(RepoPath, Item)>,
    /// Whether index, HEAD, branch and unfinished operations are brought back.
    pub git: bool,
}

impl Plan {
    /// Fixes it; refuses what would lose something.
    pub(super) fn of(
        project: &Project,
        (place, now): (&Place, &Taken),
        then: &Manifest,
        (objects, extent): (&Objects, &Extent),
    ) -> Result<Plan> {
        let plan = Plan::between(now, then, extent);
        let blocked =
            Ground { root: Folder::open(&place.worktree.path)?, now: &now.manifest, objects }.blocked(&plan)?;
        if !blocked.is_empty() {
            return Err(in_the_way(&blocked).into());
        }
        if plan.git {
            git(project, place, &now.manifest, then)?;
        }
        Ok(plan)
    }

    pub(super) fn between(now: &Taken, then: &Manifest, extent: &Extent) -> Plan {
        let manifest = &now.manifest;
        let is_folder = |item: &Item| matches!(item, Item::Folder(_));
        let here = || manifest.files.iter().filter(|(path, _)| extent.has(path));
        let goes = |(path, item): &(&RepoPath, &Item)| match then.files.get(*path) {
            None => true,
            Some(other) => is_folder(item) != is_folder(other),
        };
        let (mut folders_removed, removed): (Vec<_>, Vec<_>) =
            here().filter(goes).partition(|(_, item)| is_folder(item));
        folders_removed.reverse();
        let written =
            then.files.iter().filter(|(path, item)| extent.has(path) && manifest.files.get(*path) != Some(item));
        let work = |manifest: &Manifest| {
            let index = manifest.index.map(|index| (index.id, index.mode));
            (
                manifest.tip,
                manifest.branch_tip,
                manifest.head.clone(),
                index,
                manifest.state.clone(),
                manifest.refs.clone(),
            )
        };
        Plan {
            removed: removed.into_iter().map(|(path, _)| path.clone()).collect(),
            folders_removed: folders_removed.into_iter().map(|(path, _)| path.clone()).collect(),
            written: written.map(|(path, item)| (path.clone(), *item)).collect(),
            git: *extent == Extent::Whole && work(manifest) != work(then),
        }
    }

    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        *self == Plan::default()
    }

    /// How many files and links are written.
    pub fn files_written(&self) -> usize {
        self.written.iter().filter(|(_, item)| !matches!(item, Item::Folder(_))).count()
    }
}

/// The worktree as it is, and what of it was saved.
struct Ground<'a> {
    root: Folder,
    now: &'a Manifest,
    objects: &'a Objects,
}

impl Ground<'_> {
    /// What stands where something is to be written, and is not saved.
    fn blocked(&self, plan: &Plan) -> Result<Vec<RepoPath>> {
        let mut blocked = Vec::new();
        for (path, item) in &plan.written {
            let found = match self.unsaved_above(path, &plan.removed)? {
                None => self.unsaved_at(path, item)?,
                above => above,
            };
            blocked.extend(found.filter(|path| !blocked.contains(path)));
        }
        Ok(blocked)
    }

    /// A part of the way that is no folder, or another repository.
    fn unsaved_above(&self, path: &RepoPath, removed: &[RepoPath]) -> Result<Option<RepoPath>> {
        let mut at = path.parent();
        while let Some(above) = at {
            let repository = self.now.left_out.iter().any(|(path, why)| *why == Why::Repository && *path == above);
            if repository {
                return Ok(Some(above));
            }
            if removed.binary_search(&above).is_err()
                && let Some(folder) = self.root.below(above.parent().as_ref())?
                && folder.look(above.file_name())?.is_some_and(|look| look.kind != Kind::Folder)
            {
                return Ok(Some(above));
            }
            at = above.parent();
        }
        Ok(None)
    }

    fn unsaved_at(&self, path: &RepoPath, item: &Item) -> Result<Option<RepoPath>> {
        let Some(folder) = self.root.below(path.parent().as_ref())? else { return Ok(None) };
        let Some(look) = folder.look(path.file_name())? else { return Ok(None) };
        match (look.kind, item) {
            (Kind::Folder, Item::Folder(_)) => Ok(None),
            (Kind::Folder, _) => self.unsaved_below(path),
            _ if self.now.files.contains_key(path) => Ok(None),
            (Kind::File, Item::File(_, id)) if look.size < 1 << 25 => {
                let content = folder.file(path.file_name())?.content(look.size)?;
                Ok((self.objects.blob_id(&content)? != *id).then(|| path.clone()))
            }
            _ => Ok(Some(path.clone())),
        }
    }

    /// Something in a folder that is to go.
    fn unsaved_below(&self, path: &RepoPath) -> Result<Option<RepoPath>> {
        if !matches!(self.now.files.get(path), Some(Item::Folder(_))) {
            return Ok(Some(path.clone()));
        }
        let Some(folder) = self.root.below(Some(path))? else { return Ok(None) };
        for name in folder.names()? {
            let below = path.join(&name);
            let found = match self.now.files.get(&below) {
                None => Some(below),
                Some(Item::Folder(_)) => self.unsaved_below(&below)?,
                Some(_) => None,
            };
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }
}

fn in_the_way(blocked: &[RepoPath]) -> Failure {
    let mut names: Vec<String> = blocked.iter().take(NAMED).map(|path| format!("`{path}`")).collect();
    if blocked.len() > NAMED {
        names.push(format!("{} more", blocked.len() - NAMED));
    }
    let (stands, it) = if blocked.len() == 1 { ("stands", "it") } else { ("stand", "them") };
    let names = crate::model::text::list(&names);
    Failure::usage(format!("{names} {stands} in the way, ignored or no plain file, and would be lost"))
        .hint(format!("move {it} away, or bring the files back elsewhere with `--to DIR`"))
}

/// Refuses where branch, HEAD or index cannot be set back without harm to somebody else.
fn git(project: &Project, place: &Place, now: &Manifest, then: &Manifest) -> Result<()> {
    if now.branch != then.branch {
        let words =
            format!("the track {} was on the branch `{}` then, and is on `{}` now", now.track, then.branch, now.branch);
        let hint = "bring the files back alone with `-- PATH`, or elsewhere with `--to DIR`";
        return Err(Failure::usage(words).hint(hint).into());
    }
    let branch = then.branch.full();
    let mut held = vec![branch.clone()];
    if let Head::Branch(name) = &then.head
        && *name != branch
    {
        // Not the track's: it is checked out again and not moved.
        let tip = project.branches.iter().find(|found| found.name == *name).and_then(|found| found.commit);
        if tip != then.tip {
            let words = format!("the branch `{name}`, which was checked out then, has another tip now");
            return Err(Failure::usage(words).hint("bring the files back alone with `-- PATH`").into());
        }
        held.push(name.clone());
    }
    let elsewhere = |other: &&Worktree| {
        other.path != place.worktree.path && other.branch.as_ref().is_some_and(|branch| held.contains(branch))
    };
    if let Some(other) = project.worktrees.iter().find(elsewhere) {
        let words = format!("the branch `{}` is checked out in `{}` too", then.branch, other.path.display());
        return Err(Failure::usage(words).hint("bring the files back alone with `-- PATH`").into());
    }
    if now.branch_tip.is_some() && then.branch_tip.is_none() {
        let words = format!("the branch `{}` had no commit then, and has some now", then.branch);
        return Err(Failure::usage(words).hint("bring the files back alone with `-- PATH`").into());
    }
    Ok(())
}
