//! Whether an event can be reverted: everything must be as it left it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::Result;

use super::is_exclude;
use crate::engine::checkpoint;
use crate::engine::checkpoint::restore::{self, Extent};
use crate::engine::journal::{self, Change, Content, Event, Made, Removed, Staged};
use crate::engine::project::Project;
use crate::engine::worktrees::judge::{Judge, Judgement, Reason};
use crate::engine::worktrees::{shown, typed};
use crate::git::follow::Follow;
use crate::git::worktree::Worktree;
use crate::host::files;
use crate::host::folders::{self, Found};
use crate::model::text::list;
use crate::model::{CommitId, Failure};

/// What is different by the time an event is reverted, because later ones were before it.
#[derive(Default)]
pub(super) struct World {
    refs: BTreeMap<String, Option<CommitId>>,
    files: BTreeMap<PathBuf, Option<String>>,
    made: BTreeSet<PathBuf>,
    gone: BTreeSet<PathBuf>,
}

/// Refuses what somebody has moved on from.
pub(super) fn event(project: &Project, event: &Event, world: &mut World) -> Result<()> {
    for change in event.changes.iter().rev().filter(|change| change.can_be_undone()) {
        let refuse = |failure: Failure| {
            let message = format!("event {}, `{}`, is not undone: {failure}", event.number, event.command);
            failure.hints.into_iter().fold(Failure::usage(message), Failure::hint)
        };
        match change {
            Change::Ref { name, before, after } => reference(project, (name, *before, *after), event, world),
            Change::Moved(moved) => {
                reference(project, (&moved.name, Some(moved.before), Some(moved.after)), event, world)
            }
            Change::Staged(row) => staged(project, row),
            Change::File { path, .. } if is_exclude(&project.repo, path) => continue,
            Change::File { path, before, after } => file(project, path, (before, after), world),
            Change::Made(made) => made_one(project, made, world),
            Change::Removed(removed) => removed_one(project, removed, event, world),
            Change::Restored { name, before, paths } => restored(project, (name, before), &Extent::of(paths)),
            Change::Checkpoint { .. } => continue,
        }
        .map_err(|error| match error.downcast::<Failure>() {
            Ok(failure) => refuse(failure).into(),
            Err(error) => error,
        })?;
    }
    Ok(())
}

fn reference(
    project: &Project,
    (name, before, after): (&str, Option<CommitId>, Option<CommitId>),
    event: &Event,
    world: &mut World,
) -> Result<()> {
    let short = name.strip_prefix("refs/heads/").unwrap_or(name);
    let now = match world.refs.get(name) {
        Some(now) => *now,
        None => journal::tip(&project.repo, name)?,
    };
    if now != after {
        let is = now.map_or("is gone".to_owned(), |now| format!("is at {}", now.short()));
        let was = after.map_or("was deleted".to_owned(), |after| format!("was at {}", after.short()));
        let failure = Failure::usage(format!("`{short}` has moved on since: it {was}, and {is} now"));
        return Err(failure.hint(format!("see what was done on it with `git reflog show {short}`")).into());
    }
    if let Some(before) = before
        && project.repo.objects()?.commit(before).is_err()
    {
        return Err(Failure::usage(format!("the commit {before} is not there any more")).into());
    }
    let goes =
        |path: &PathBuf| event.changes.iter().any(|change| matches!(change, Change::Made(made) if made.path == *path));
    let held = |worktree: &&Worktree| {
        worktree.branch.as_deref() == Some(name) && !goes(&worktree.path) && !world.gone.contains(&worktree.path)
    };
    if let Some(worktree) = project.worktrees.iter().find(held) {
        if let (Some(before), Some(after)) = (before, after) {
            follows(project, worktree, (name, before, after))?;
            world.refs.insert(name.to_owned(), Some(before));
            return Ok(());
        }
        let path = shown(project, &worktree.path);
        let failure = Failure::usage(format!("`{short}` is checked out in `{path}`"));
        return Err(failure
            .hint(format!("check something else out there: `git -C {} switch BRANCH`", typed(&worktree.path)))
            .into());
    }
    world.refs.insert(name.to_owned(), before);
    Ok(())
}

/// Refuses where the files of a worktree cannot go back with its branch.
fn follows(project: &Project, worktree: &Worktree, (name, before, after): (&str, CommitId, CommitId)) -> Result<()> {
    let path = typed(&worktree.path);
    let short = name.strip_prefix("refs/heads/").unwrap_or(name);
    let shown = shown(project, &worktree.path);
    let named = format!("`{short}` is checked out in `{}`, which", if shown.is_empty() { "." } else { &shown });
    if !worktree.present {
        let failure = Failure::usage(format!("{named} is not there"));
        return Err(failure.hint(format!("forget it: `git worktree remove --force {path}`")).into());
    }
    if let Some(operation) = worktree.operation {
        let failure = Failure::usage(format!("{named} has {}", operation.phrase()));
        return Err(failure.hint(format!("see `git -C {path} status`")).into());
    }
    let follow = Follow { worktree: &worktree.path, branch: name, from: after, to: before };
    journal::refuse_obstacles(&project.repo, &follow)
}

fn staged(project: &Project, row: &Staged) -> Result<()> {
    if journal::staged::row(&row.worktree, &row.path)? == row.after {
        return Ok(());
    }
    let path = shown(project, &row.worktree.join(&row.path));
    let failure = Failure::usage(format!("something else is staged at `{path}` now"));
    Err(failure.hint(format!("see `git -C {} diff --staged`", typed(&row.worktree))).into())
}

fn file(
    project: &Project,
    path: &std::path::Path,
    (before, after): (&Option<Content>, &Option<Content>),
    world: &mut World,
) -> Result<()> {
    let name = shown(project, path);
    let now = match world.files.get(path) {
        Some(now) => now.clone(),
        None => match files::read(path, 1 << 30)? {
            Some(bytes) => Some(project.repo.objects()?.blob_id(&bytes)?.to_string()),
            None => None,
        },
    };
    if now != after.as_ref().map(|content| content.id.clone()) {
        let failure = Failure::usage(format!("`{name}` has changed since"));
        return Err(failure.hint(format!("see how with `git diff {}`, and edit it by hand", typed(path))).into());
    }
    if let Some(content) = before
        && journal::content(&project.repo, content)?.is_none()
    {
        return Err(Failure::usage(format!("what `{name}` held before is not kept any more")).into());
    }
    world.files.insert(path.to_owned(), before.as_ref().map(|content| content.id.clone()));
    Ok(())
}

fn made_one(project: &Project, made: &Made, world: &mut World) -> Result<()> {
    if !world.made.remove(&made.path) {
        judged(project, made)?;
    }
    world.gone.insert(made.path.clone());
    Ok(())
}

/// The worktree that was made, if nothing is lost by removing it.
pub(super) fn judged(project: &Project, made: &Made) -> Result<Judgement> {
    let name = shown(project, &made.path);
    let Some(worktree) = project.worktrees.iter().find(|worktree| worktree.path == made.path) else {
        let failure = Failure::usage(format!("the worktree `{name}` is gone already"));
        return Err(failure.hint("see what is there with `tracks prune`").into());
    };
    let mut judgement = Judge::new(project)?.judge(worktree);
    judgement.reasons.retain(|reason| !matches!(reason, Reason::Unlanded(..) | Reason::Reverted(_) | Reason::Idle(..)));
    if judgement.reasons.is_empty() {
        return Ok(judgement);
    }
    let reasons: Vec<String> = judgement.reasons.iter().map(Reason::sentence).collect();
    let failure = Failure::usage(format!("somebody works in the worktree `{name}`: {}", list(&reasons)));
    let hint =
        format!("commit it or take it out; or keep the track, and remove it later: `tracks remove {}`", made.track);
    Err(failure.hint(hint).into())
}

fn removed_one(project: &Project, removed: &Removed, event: &Event, world: &mut World) -> Result<()> {
    let name = shown(project, &removed.path);
    let is_free = matches!(folders::look(&removed.path)?, Found::Nothing | Found::EmptyFolder);
    if !is_free && !world.gone.remove(&removed.path) {
        let failure = Failure::usage(format!("there is something in `{name}` now"));
        return Err(failure.hint(format!("move it away: `mv {0} {0}.old`", typed(&removed.path))).into());
    }
    if let Some(branch) = &removed.branch {
        let full = format!("refs/heads/{branch}");
        let comes_back = event.changes.iter().any(|change| matches!(change, Change::Ref { name, .. } if *name == full));
        let tip = match world.refs.get(&full) {
            Some(tip) => *tip,
            None => journal::tip(&project.repo, &full)?,
        };
        if !comes_back && tip != removed.commit {
            let failure = Failure::usage(format!("the branch `{branch}` has moved on since the worktree went"));
            let again = format!("git worktree add {} {branch}", typed(&removed.path));
            return Err(failure.hint(format!("make the worktree of what is on it now: `{again}`")).into());
        }
        let held =
            |worktree: &&Worktree| worktree.branch.as_ref() == Some(&full) && !world.gone.contains(&worktree.path);
        if let Some(other) = project.worktrees.iter().find(held) {
            let path = shown(project, &other.path);
            return Err(Failure::usage(format!("`{branch}` is checked out in `{path}`")).into());
        }
    }
    world.made.insert(removed.path.clone());
    Ok(())
}

fn restored(project: &Project, (name, before): (&str, &str), extent: &Extent) -> Result<()> {
    let (then, earlier) = (checkpoint::find(&project.repo, name)?, checkpoint::find(&project.repo, before)?);
    match restore::stands(project, &then, &earlier, extent)? {
        Some(true) => Ok(()),
        _ => {
            let failure = Failure::usage(format!("the track {} has changed since", then.name.track));
            let hint = format!(
                "bring back what was there, after saving what is there now: `tracks checkpoint restore {before}`"
            );
            Err(failure.hint(hint).into())
        }
    }
}
