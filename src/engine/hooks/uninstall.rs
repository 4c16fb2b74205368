//! Hooks taken away: the one that was there before gets its name back, with its bytes and its permissions, and the files
//! of other managers lose the lines that were added to them.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::Result;

use super::block::{Without, without};
use super::install::{here, is_inside};
use super::managers::Manager;
use super::{Event, LONGEST, There, folder, legacy, read};
use crate::engine::journal::{self, Change};
use crate::engine::worktrees::{Step, typed};
use crate::git::{Objects, Repo};
use crate::host::files;
use crate::host::folders::{self, Found};

/// The hooks that will be taken away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removal {
    hooks: Vec<Uninstall>,
    edits: Vec<Edit>,
}

/// How far a removal goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The repository.
    Repository,
    /// Files of other managers outside it, too.
    Anywhere,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Uninstall {
    event: Event,
    /// The file of ours.
    ours: PathBuf,
    /// The file that gets its place.
    kept: Option<PathBuf>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Edit {
    file: PathBuf,
    deed: Deed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Deed {
    Write(String),
    Remove,
    /// It lies outside the repository.
    Leave,
}

impl Removal {
    /// Every hook of ours, also where another manager moved it, and what was written for other managers.
    pub fn of(repo: &Repo, reach: Reach) -> Result<Removal> {
        let mut hooks = Vec::new();
        for event in Event::ALL {
            let path = folder(repo).join(event.name());
            let kept = legacy(&path);
            match (read(&path)?, read(&kept)?) {
                (There::Ours(_), There::Ours(_)) => {
                    hooks.push(Uninstall { event, ours: kept, kept: None });
                    hooks.push(Uninstall { event, ours: path, kept: None });
                }
                (There::Ours(_), _) => {
                    let kept = (folders::look(&kept)? != Found::Nothing).then_some(kept);
                    hooks.push(Uninstall { event, ours: path, kept });
                }
                (There::Other(_), There::Ours(_)) => hooks.push(Uninstall { event, ours: kept, kept: None }),
                _ => {}
            }
        }
        Ok(Removal { hooks, edits: edits(repo, reach)? })
    }

    /// The files that change.
    pub fn changes(&self, objects: &Objects) -> Result<Vec<Change>> {
        let mut changes = Vec::new();
        for hook in &self.hooks {
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
        for edit in &self.edits {
            match &edit.deed {
                Deed::Write(text) => changes.push(journal::file(objects, &edit.file, Some((text.as_bytes(), None)))?),
                Deed::Remove => changes.push(journal::file(objects, &edit.file, None)?),
                Deed::Leave => {}
            }
        }
        Ok(changes)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.hooks.is_empty() && self.edits.is_empty()
    }

    /// What will be done.
    pub fn steps(&self) -> Vec<Step> {
        let hook = |hook: &Uninstall| {
            let step = Step::new("remove", format!("hook {}", hook.event.name()));
            if hook.kept.is_some() { step.detail("the one that was there before is back") } else { step }
        };
        let edit = |edit: &Edit| match edit.deed {
            Deed::Write(_) => Step::new("remove", "lines of tracks").detail(format!("from {}", typed(&edit.file))),
            Deed::Remove => Step::new("remove", typed(&edit.file)).detail("nothing else was in it"),
            Deed::Leave => {
                let why = "it lies outside this repository: `tracks hooks uninstall --global`";
                Step::new("leave", typed(&edit.file)).detail(why)
            }
        };
        self.hooks.iter().map(hook).chain(self.edits.iter().map(edit)).collect()
    }

    /// Takes them away.
    pub fn carry_out(&self) -> Result<()> {
        for hook in &self.hooks {
            match &hook.kept {
                Some(kept) => files::replace_by(kept, &hook.ours)?,
                None => files::remove(&hook.ours)?,
            }
        }
        self.edits.iter().try_for_each(|edit| match &edit.deed {
            Deed::Write(text) => files::write(&edit.file, text.as_bytes()),
            Deed::Remove => files::remove(&edit.file),
            Deed::Leave => Ok(()),
        })
    }
}

/// The files of other managers that hold lines of ours, as this worktree has them.
fn edits(repo: &Repo, reach: Reach) -> Result<Vec<Edit>> {
    let place = here(repo)?;
    let managers = [Manager::PreCommit, Manager::Prek, Manager::Lefthook];
    let mut files: BTreeSet<PathBuf> = BTreeSet::new();
    for event in Event::ALL {
        let path = place.folder.join(event.name());
        let by_folder = place.elsewhere.as_ref().map(|_| Manager::of_folder(&place.folder));
        let managers = managers.into_iter().chain(by_folder);
        files.extend(managers.map(|manager| manager.snippet(&place.worktree, &path, event).file));
    }
    let mut edits = Vec::new();
    for file in files {
        let Ok(Some(content)) = files::read(&file, LONGEST) else { continue };
        let Ok(text) = String::from_utf8(content) else { continue };
        let deed = match without(&text) {
            Without::Same => continue,
            _ if reach == Reach::Repository && !is_inside(repo, &place, &file) => Deed::Leave,
            Without::Text(text) => Deed::Write(text),
            Without::Nothing => Deed::Remove,
        };
        edits.push(Edit { file, deed });
    }
    Ok(edits)
}
