//! The places that texts of schedules go to, and what is there. Reads, and makes one change at a time, only where it is
//! still what was planned upon.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::{machine, main_worktree};
use crate::engine::journal::{self, Change};
use crate::engine::worktrees::typed;
use crate::git::{Objects, Repo};
use crate::host::folders::{self, Found};
use crate::host::{files, places};
use crate::model::Failure;
use crate::policy::schedule::{Kind, Mark, Whose, cron};

/// What is longer is none of ours.
const LONGEST: u64 = 1 << 20;

/// Where a text goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A file of its own; empty folders above it, as far as the second one, are not kept for nothing.
    File(PathBuf, PathBuf),
    /// Among the lines of the user's crontab.
    Crontab,
}

/// What is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum There {
    /// Nothing of ours; in a crontab there may be other lines.
    Nothing,
    /// Ours, and this text.
    Ours(Mark, String),
    /// Somebody else's.
    Other,
}

/// One change of one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    pub place: Place,
    before: Option<String>,
    after: Option<String>,
}

impl Place {
    /// Where a schedule of this kind is, in the order of its texts.
    pub(super) fn all(repo: &Repo, whose: &Whose, kind: Kind) -> Result<Vec<Place>> {
        let (folder, root) = match kind {
            Kind::Cron => return Ok(vec![Place::Crontab]),
            Kind::Systemd => {
                let root = places::config_home().ok_or_else(|| homeless("XDG_CONFIG_HOME` nor `HOME"))?;
                (root.join("systemd/user"), root)
            }
            Kind::Launchd => {
                let root = places::home().ok_or_else(|| homeless("HOME"))?.join("Library");
                (root.join("LaunchAgents"), root)
            }
            Kind::Github => {
                let Some(main) = main_worktree(repo)? else {
                    return Err(Failure::usage("a bare repository has no worktree to write a workflow to").into());
                };
                let folder = main.join(".github/workflows");
                // A link in a repository leads where whoever committed it likes.
                if let Some(odd) = folders::first_not_plain(&main, &folder) {
                    let failure = Failure::usage(format!("`{}` is a link or no folder", odd.display()));
                    return Err(failure.hint("see the text: `tracks schedule print --kind github`").into());
                }
                (folder, main)
            }
        };
        Ok(whose.files(kind).iter().map(|file| Place::File(folder.join(file), root.clone())).collect())
    }

    /// Its name.
    pub(super) fn name(&self) -> String {
        match self {
            Place::File(path, _) => path.to_string_lossy().into_owned(),
            Place::Crontab => "crontab".to_owned(),
        }
    }

    /// As it is typed.
    pub(super) fn shown(&self) -> String {
        match self {
            Place::File(path, _) => typed(path),
            Place::Crontab => "crontab".to_owned(),
        }
    }

    /// What is there of this repository's.
    pub(super) fn look(&self, whose: &Whose, kind: Kind) -> Result<There> {
        let Some(text) = self.read()? else { return Ok(There::Nothing) };
        let text = match self {
            Place::File(..) => text,
            Place::Crontab => match cron::find(&text, whose) {
                Some(lines) => text[lines].to_owned(),
                None => return Ok(There::Nothing),
            },
        };
        Ok(match Mark::read(&text) {
            Some(mark) if whose.owns(kind, &mark) => There::Ours(mark, text),
            _ => There::Other,
        })
    }

    /// The change that puts `text` here, or takes away what is here.
    pub(super) fn edit(&self, whose: &Whose, text: Option<&str>) -> Result<Edit> {
        let before = self.read()?;
        let after = match self {
            Place::File(..) => text.map(str::to_owned),
            Place::Crontab => {
                let table = cron::with(before.as_deref().unwrap_or_default(), whose, text);
                Some(table).filter(|table| !table.is_empty())
            }
        };
        Ok(Edit { place: self.clone(), before, after })
    }

    /// All that is there; what is no text of somebody's reads as one that is not ours.
    fn read(&self) -> Result<Option<String>> {
        let Place::File(path, _) = self else { return machine::crontab() };
        match folders::look(path)? {
            Found::Nothing => Ok(None),
            // What cannot be read, or is too long, is somebody's all the same.
            Found::File => {
                let text = files::read(path, LONGEST).ok().flatten().and_then(|text| String::from_utf8(text).ok());
                Ok(Some(text.unwrap_or_default()))
            }
            _ => Ok(Some(String::new())),
        }
    }
}

impl Edit {
    /// Whether nothing is there before.
    pub(super) fn is_new(&self) -> bool {
        self.before.is_none()
    }

    /// As the journal notes it; it knows nothing of crontabs.
    pub(super) fn change(&self, objects: &Objects) -> Result<Option<Change>> {
        let Place::File(path, _) = &self.place else { return Ok(None) };
        let after = self.after.as_ref().map(|text| (text.as_bytes(), None));
        journal::file(objects, path, after).map(Some)
    }

    /// Makes it.
    pub(super) fn carry_out(&self) -> Result<()> {
        if self.place.read()? != self.before {
            bail!("`{}` was changed meanwhile", self.place.name());
        }
        match (&self.place, &self.after) {
            (Place::File(path, _), Some(text)) => files::write(path, text.as_bytes()),
            (Place::File(path, root), None) => {
                files::remove(path)?;
                folders::remove_empty(path.parent().unwrap_or(Path::new("/")), root);
                Ok(())
            }
            (Place::Crontab, table) => machine::set_crontab(table.as_deref()),
        }
    }
}

fn homeless(names: &str) -> Failure {
    let whose = if names.contains("nor") { "neither `" } else { "no `" };
    Failure::usage(format!("{whose}{names}` says where your files are"))
        .hint("set it, as in `HOME=/home/me tracks schedule install`, or see the text with `tracks schedule print`")
}
