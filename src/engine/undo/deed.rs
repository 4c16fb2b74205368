//! An event reverted: what it changed last goes back first.

use anyhow::{Context, Result};

use super::{check, is_exclude};
use crate::engine::checkpoint;
use crate::engine::checkpoint::restore::{self, Extent};
use crate::engine::journal::{self, Change, Event, Journal, Made, Making, Moved, Removed, removed, staged};
use crate::engine::project::Project;
use crate::engine::worktrees::away::{self, Away, Ignored};
use crate::engine::worktrees::create;
use crate::git::Repo;
use crate::git::heads::{self, Move};
use crate::host::files;

/// What the reflog gets.
const WHY: &str = "tracks: undo";

/// Reverts an event.
pub(super) fn revert(project: &Project, event: &Event, journal: &Journal) -> Result<()> {
    check::event(project, event, &mut check::World::default())?;
    journal.undoing(&[event.number]);
    let mut changes = Vec::new();
    for change in event.changes.iter().rev().filter(|change| change.can_be_undone()) {
        match change {
            Change::File { path, .. } if is_exclude(&project.repo, path) => {}
            Change::Restored { name: _, before, paths } => {
                let found = checkpoint::find(&project.repo, before)?;
                restore::restore(project, &found, &Extent::of(paths), journal)?;
            }
            other => changes.extend(reverse(project, other)?),
        }
    }
    journal.carry_out(changes.clone(), || changes.iter().try_for_each(|change| carry_out(project, change, journal)))
}

/// The changes that revert one.
fn reverse(project: &Project, change: &Change) -> Result<Vec<Change>> {
    Ok(match change {
        Change::Ref { name, before: Some(before), after: Some(after) }
        | Change::Moved(Moved { name, before, after, .. }) => vec![Change::moved(project, name, (*after, *before))],
        Change::Ref { name, before, after } => {
            vec![Change::Ref { name: name.clone(), before: *after, after: *before }]
        }
        Change::Staged(row) => vec![Change::Staged(row.reversed())],
        Change::File { path, before, .. } => {
            let content = match before {
                Some(content) => Some((journal::content(&project.repo, content)?, content.mode)),
                None => None,
            };
            let after = match &content {
                Some((bytes, mode)) => Some((bytes.as_deref().context("it is not kept any more")?, Some(*mode))),
                None => None,
            };
            vec![journal::file(&project.repo.objects()?, path, after)?]
        }
        Change::Made(made) => Away::saved(project, &check::judged(project, made)?, Ignored::Judge)?.changes(project),
        Change::Removed(removed) => vec![Change::Made(Made {
            track: removed.track.clone(),
            path: removed.path.clone(),
            branch: removed.branch.clone().unwrap_or_default(),
            commit: removed.commit,
            given: removed.kept.iter().flat_map(|kept| kept.paths.clone()).collect(),
            from: removed.kept.as_ref().map(|kept| kept.folder.clone()).unwrap_or_default(),
            state: Making::Planned,
        })],
        Change::Checkpoint { .. } | Change::Restored { .. } => Vec::new(),
    })
}

fn carry_out(project: &Project, change: &Change, journal: &Journal) -> Result<()> {
    let repo = &project.repo;
    match change {
        Change::Ref { name, before, after } => {
            let change = Move { name: name.clone(), to: *after, from: *before };
            heads::move_refs(repo, &repo.common_dir, WHY, &[change])
        }
        Change::Moved(moved) => journal.follow(moved, |follow, share| follow.carry_out(WHY, share)),
        Change::Staged(row) => staged::put(row),
        Change::File { path, after, .. } => match after {
            Some(content) => {
                let bytes = journal::content(repo, content)?.context("it is not kept any more")?;
                files::write_with(path, &bytes, content.mode)
            }
            None => files::remove(path),
        },
        Change::Removed(gone) => remove(project, repo, gone),
        Change::Made(made) => {
            journal.making(Some(&made.path))?;
            create::again(project, journal, made)?;
            journal::bring_back(repo, made)?;
            journal.making(None)
        }
        Change::Checkpoint { .. } | Change::Restored { .. } => Ok(()),
    }
}

fn remove(project: &Project, repo: &Repo, gone: &Removed) -> Result<()> {
    removed::remove(repo, gone)?;
    away::tidy(project, gone);
    Ok(())
}
