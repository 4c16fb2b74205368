//! Hooks taken away: the one that was there before gets its name back, with its bytes and its permissions.

use std::path::PathBuf;

use anyhow::Result;

use super::{Event, There, folder, legacy, read};
use crate::engine::journal::{self, Change};
use crate::engine::worktrees::Step;
use crate::git::{Objects, Repo};
use crate::host::files;
use crate::host::folders::{self, Found};

/// The hooks that will be taken away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removal(Vec<Uninstall>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Uninstall {
    event: Event,
    /// The file of ours.
    ours: PathBuf,
    /// The file that gets its place.
    kept: Option<PathBuf>,
}

impl Removal {
    /// Every hook of ours, also where another manager moved it.
    pub fn of(repo: &Repo) -> Result<Removal> {
        let mut found = Vec::new();
        for event in Event::ALL {
            let path = folder(repo).join(event.name());
            let kept = legacy(&path);
            match (read(&path)?, read(&kept)?) {
                (There::Ours(_), There::Ours(_)) => {
                    found.push(Uninstall { event, ours: kept, kept: None });
                    found.push(Uninstall { event, ours: path, kept: None });
                }
                (There::Ours(_), _) => {
                    let kept = (folders::look(&kept)? != Found::Nothing).then_some(kept);
                    found.push(Uninstall { event, ours: path, kept });
                }
                (There::Other, There::Ours(_)) => found.push(Uninstall { event, ours: kept, kept: None }),
                _ => {}
            }
        }
        Ok(Removal(found))
    }

    /// The files that change.
    pub fn changes(&self, objects: &Objects) -> Result<Vec<Change>> {
        let mut changes = Vec::new();
        for hook in &self.0 {
            let Change::File { path, before, .. } = journal::file(objects, &hook.ours, None)? else { continue };
            let kept = match &hook.kept {
                Some(kept) => Some(journal::file(objects, kept, None)?),
                None => None,
            };
            let after = match &kept {
                Some(Change::File { before, .. }) => before.clone(),
                _ => None,
            };
            changes.push(Change::File { path, before, after });
            changes.extend(kept);
        }
        Ok(changes)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What will be done.
    pub fn steps(&self) -> Vec<Step> {
        let step = |hook: &Uninstall| {
            let step = Step::new("remove", format!("hook {}", hook.event.name()));
            if hook.kept.is_some() { step.detail("the one that was there before is back") } else { step }
        };
        self.0.iter().map(step).collect()
    }

    /// Takes them away.
    pub fn carry_out(&self) -> Result<()> {
        for hook in &self.0 {
            match &hook.kept {
                Some(kept) => files::replace_by(kept, &hook.ours)?,
                None => files::remove(&hook.ours)?,
            }
        }
        Ok(())
    }
}
