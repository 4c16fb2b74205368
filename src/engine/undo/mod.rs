//! What `tracks` changed, reverted from its log: refs, worktrees, its own files, and what checkpoints brought back. What
//! somebody has gone on from since is refused, before anything is touched.

mod check;
mod deed;

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;

use super::journal::{self, Change, Event};
use super::project::Project;
use super::worktrees::{Step, shown};
use crate::git::Repo;
use crate::model::Failure;

/// Which events are reverted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// This many of the last ones that changed refs, worktrees or files and were not reverted yet.
    Last(usize),
    /// The one of this number, which may be a reversal itself.
    One(u64),
}

/// The events that will be reverted, the newest first.
#[derive(Clone, Debug)]
pub struct Plan {
    events: Vec<Event>,
}

impl Plan {
    /// Fixes it; refuses where somebody has moved on since.
    pub fn of(project: &Project, which: Which) -> Result<Plan> {
        let events = journal::events(&project.repo)?;
        let reverted = reverted(&events);
        let plan = Plan { events: chosen(&events, &reverted, which)? };
        let mut world = check::World::default();
        for event in &plan.events {
            check::event(project, event, &mut world)?;
        }
        Ok(plan)
    }

    /// What will be done, in order.
    pub fn steps(&self, project: &Project) -> Vec<Step> {
        self.events.iter().flat_map(|event| steps_of(project, event)).collect()
    }

    /// Reverts them one after another; each is an event of its own.
    pub fn carry_out(&self, project: &Project, journal: &journal::Journal) -> Result<()> {
        for event in &self.events {
            // Each finds what the one before it left.
            let project = Project::survey(&project.repo)?;
            deed::revert(&project, event, journal)?;
        }
        Ok(())
    }
}

/// The numbers of the events that were reverted, and not made again by reverting that.
pub fn reverted(events: &[Event]) -> BTreeSet<u64> {
    let mut reverted = BTreeSet::new();
    for event in events.iter().rev().filter(|event| !event.undoes.is_empty()) {
        if !reverted.contains(&event.number) {
            reverted.extend(event.undoes.iter().copied());
        }
    }
    reverted
}

/// Whether `info/exclude` is meant: a line too many there does no harm, and others may need it.
fn is_exclude(repo: &Repo, path: &Path) -> bool {
    path == crate::host::files::canonical(&repo.common_dir.join("info/exclude"))
}

fn chosen(events: &[Event], reverted: &BTreeSet<u64>, which: Which) -> Result<Vec<Event>> {
    let can = |event: &&Event| event.changes.iter().any(Change::can_be_undone);
    match which {
        Which::One(number) => {
            let found = events.iter().find(|event| event.number == number);
            let found = found.ok_or_else(|| {
                Failure::usage(format!("the log has no event {number}")).hint("see which there are with `tracks log`")
            })?;
            if reverted.contains(&number) {
                let failure = Failure::usage(format!("the event {number}, `{}`, is undone already", found.command));
                return Err(failure.hint("see by which one with `tracks log`").into());
            }
            if !can(&found) {
                let failure = format!("the event {number}, `{}`, changed nothing that can be undone", found.command);
                return Err(Failure::usage(failure).hint("drop checkpoints with `tracks checkpoint prune`").into());
            }
            Ok(vec![found.clone()])
        }
        Which::Last(number) => {
            let open = |event: &&Event| event.undoes.is_empty() && !reverted.contains(&event.number);
            let found: Vec<Event> = events.iter().rev().filter(can).filter(open).take(number).cloned().collect();
            if found.len() < number {
                let failure = match found.len() {
                    0 => "the log has nothing to undo".to_owned(),
                    some => format!("the log has no more than {some} to undo"),
                };
                return Err(Failure::usage(failure).hint("see what was done with `tracks log`").into());
            }
            Ok(found)
        }
    }
}

fn steps_of(project: &Project, event: &Event) -> Vec<Step> {
    let what = Step::new("undo", format!("event {}, `{}`", event.number, event.command));
    let what = what.detail(format!("of {} by {}", event.time, event.actor));
    let steps = event.changes.iter().rev().filter_map(|change| step(project, change));
    std::iter::once(what).chain(steps).collect()
}

fn step(project: &Project, change: &Change) -> Option<Step> {
    Some(match change {
        Change::Moved(moved) => {
            let name = moved.name.strip_prefix("refs/heads/").unwrap_or(&moved.name);
            Step::new("move", format!("branch {name}")).detail(format!("back to {}", moved.before))
        }
        Change::Ref { .. } if !change.can_be_undone() => return None,
        Change::Ref { name, before, after } => {
            let name = name.strip_prefix("refs/heads/").map_or(name.clone(), |name| format!("branch {name}"));
            match (before, after) {
                (None, Some(after)) => Step::new("delete", name).detail(format!("it was at {after}")),
                (Some(before), None) => Step::new("create", name).detail(format!("at {before}")),
                (Some(before), _) => Step::new("move", name).detail(format!("back to {before}")),
                (None, None) => return None,
            }
        }
        Change::File { path, .. } if is_exclude(&project.repo, path) => return None,
        Change::File { path, before, .. } => match before {
            Some(_) => Step::new("write", shown(project, path)).detail("as it was before"),
            None => Step::new("remove", shown(project, path)),
        },
        Change::Made(made) => {
            Step::new("remove", format!("worktree {}", shown(project, &made.path))).detail("after a checkpoint")
        }
        Change::Removed(removed) => {
            let step = Step::new("create", format!("worktree {}", shown(project, &removed.path)));
            match &removed.kept {
                Some(_) => step.detail("with the ignored files that were kept"),
                None => step,
            }
        }
        Change::Restored { name, before, .. } => {
            Step::new("restore", before.clone()).detail(format!("what was there before {name} was brought back"))
        }
        Change::Checkpoint { .. } | Change::Staged(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{Event, Which, chosen, reverted};
    use crate::engine::journal::Change;

    fn event(number: u64, undoes: &[u64]) -> Event {
        Event {
            number,
            time: String::new(),
            version: String::new(),
            actor: String::new(),
            command: "add".into(),
            changes: vec![Change::Ref { name: "refs/heads/a".into(), before: None, after: None }],
            undoes: undoes.to_vec(),
        }
    }

    #[test]
    fn what_was_undone_and_redone_counts_again() {
        let numbers = |events: &[Event], which| -> Vec<u64> {
            let chosen = chosen(events, &reverted(events), which).expect("some");
            chosen.iter().map(|event| event.number).collect()
        };
        let mut events = vec![event(1, &[]), event(2, &[]), event(3, &[2])];
        assert_eq!(numbers(&events, Which::Last(1)), [1]);
        assert!(chosen(&events, &reverted(&events), Which::Last(2)).is_err());
        assert!(chosen(&events, &reverted(&events), Which::One(2)).is_err());
        assert_eq!(numbers(&events, Which::One(3)), [3]);
        events.push(event(4, &[3]));
        assert_eq!(numbers(&events, Which::Last(2)), [2, 1]);
    }
}
