//! Hooks put in place: the one that was there is kept byte for byte beside ours.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::{Event, SHIM, State, There, elsewhere, folder, legacy, read, snippet, stands};
use crate::engine::journal::{self, Change};
use crate::engine::worktrees::Step;
use crate::git::{Objects, Repo};
use crate::host::files;
use crate::host::folders::{self, Found};
use crate::model::Failure;

/// Everybody may run a hook.
const PROGRAM: u32 = 0o755;

/// The hooks that will be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan(Vec<Install>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Install {
    event: Event,
    path: PathBuf,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// Nothing is there.
    New,
    /// Another hook is there, which gets this name.
    Beside(PathBuf),
    /// An older one of ours is there, with this content.
    Renew(Vec<u8>),
}

impl Plan {
    /// What is missing; refuses where the hooks are somebody else's, naming what to add there.
    pub fn of(repo: &Repo) -> Result<Plan> {
        if let Some(why) = elsewhere(repo)? {
            let failure = Failure::usage(format!("the hooks of this repository are managed by somebody else: {why}"));
            let add = |event: Event| format!("add to the {} hook there: `{}`", event.name(), snippet(event));
            return Err(Event::ALL.into_iter().fold(failure, |failure, event| failure.hint(add(event))).into());
        }
        let folder = folder(repo);
        let installs = Event::ALL.into_iter().map(|event| planned(&folder, event)).collect::<Result<Vec<_>>>()?;
        Ok(Plan(installs.into_iter().flatten().collect()))
    }

    /// The files that change.
    pub fn changes(&self, objects: &Objects) -> Result<Vec<Change>> {
        let mut changes = Vec::new();
        for install in &self.0 {
            if let Kind::Beside(kept) = &install.kind {
                let hook = journal::file(objects, &install.path, None)?;
                if let Change::File { before, .. } = hook {
                    changes.push(Change::File { path: kept.clone(), before: None, after: before });
                }
            }
            changes.push(journal::file(objects, &install.path, Some((&script(install.event), Some(PROGRAM))))?);
        }
        Ok(changes)
    }

    /// Whether nothing is missing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What will be done.
    pub fn steps(&self) -> Vec<Step> {
        let step = |install: &Install| {
            let step = Step::new("install", format!("hook {}", install.event.name()));
            match &install.kind {
                Kind::New => step,
                Kind::Renew(_) => step.detail("in the place of an older one"),
                Kind::Beside(kept) => {
                    let kept = kept.file_name().unwrap_or_default().to_string_lossy();
                    step.detail(format!("calls the one that was there, kept as {kept}"))
                }
            }
        };
        self.0.iter().map(step).collect()
    }

    /// Writes them; what was written is taken back when one cannot be.
    pub fn carry_out(&self) -> Result<()> {
        for (at, install) in self.0.iter().enumerate() {
            if let Err(error) = install.carry_out() {
                self.0[..=at].iter().rev().for_each(Install::undo);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Takes them back.
    pub fn undo(&self) {
        self.0.iter().rev().for_each(Install::undo);
    }
}

impl Install {
    fn carry_out(&self) -> Result<()> {
        // The hook that is there runs until ours has taken its place.
        if let Kind::Beside(kept) = &self.kind {
            files::name_too(&self.path, kept)?;
        }
        files::write_with(&self.path, &script(self.event), PROGRAM)
    }

    /// As far as it can: whoever calls this reports the error that made it necessary.
    fn undo(&self) {
        let ours = matches!(read(&self.path), Ok(There::Ours(_)));
        let _ = match &self.kind {
            Kind::Renew(before) => files::write_with(&self.path, before, PROGRAM),
            Kind::Beside(kept) if ours || !files::is_there(&self.path) => files::replace_by(kept, &self.path),
            Kind::New if ours => files::remove(&self.path),
            _ => Ok(()),
        };
        if let Kind::Beside(kept) = &self.kind
            && files::equal(kept, &self.path)
        {
            let _ = files::remove(kept);
        }
    }
}

fn planned(folder: &Path, event: Event) -> Result<Option<Install>> {
    let path = folder.join(event.name());
    if stands(folder, event, None)?.state == State::Installed {
        return Ok(None);
    }
    let kind = match read(&path)? {
        There::Ours(before) => Kind::Renew(before),
        There::Nothing => Kind::New,
        There::Other => Kind::Beside(legacy(&path)),
    };
    let kept = legacy(&path);
    if !matches!(kind, Kind::Renew(_)) && folders::look(&kept)? != Found::Nothing {
        let shown = kept.display();
        let failure =
            Failure::usage(format!("`{shown}` is in the way: the hook that is there now would get this name"));
        return Err(failure.hint(format!("move it away: `mv {shown} {shown}.old`")).into());
    }
    Ok(Some(Install { event, path, kind }))
}

/// The text of a hook.
pub(super) fn script(event: Event) -> Vec<u8> {
    let program = files::this_program().unwrap_or_default();
    let program = program.to_string_lossy().replace('\'', r"'\''");
    SHIM.replace("@EVENT@", event.name()).replace("@PROGRAM@", &format!("'{program}'")).into_bytes()
}
