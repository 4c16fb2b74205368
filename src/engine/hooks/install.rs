//! Hooks put in place: the one that was there is kept byte for byte beside ours, and what another manager made is left to
//! it. There a few lines in its own file call us, written only on request.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::event::{self, Event, Strictness};
use super::managers::{Manager, Snippet};
use super::standing::{self, Place, Standing, State};
use super::{LONGEST, There, legacy, read};
use crate::engine::journal::{self, Change};
use crate::engine::worktrees::{Step, typed};
use crate::git::{Objects, Repo};
use crate::host::files;
use crate::host::folders::{self, Found};
use crate::model::Failure;
use crate::model::text::{escaped, list};

/// Everybody may run a hook.
const PROGRAM: u32 = 0o755;

/// The hooks that will be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    installs: Vec<Install>,
    edits: Vec<Edit>,
}

/// How hooks are wished for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// How strict; `None`: as those that are there.
    pub strictness: Option<Strictness>,
    /// What to do with files of other managers.
    pub managers: Managers,
}

/// What to do with the files of other hook managers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Managers {
    /// Say what to add.
    #[default]
    Tell,
    /// Add it, in this repository.
    Write,
    /// Add it, wherever the file lies.
    WriteAnywhere,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Install {
    event: Event,
    path: PathBuf,
    kind: Kind,
    strictness: Strictness,
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

/// Lines added to a file of another manager's.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Edit {
    file: PathBuf,
    before: Option<Vec<u8>>,
    after: String,
    events: Vec<Event>,
    /// Whether the system starts the file.
    program: bool,
}

impl Plan {
    /// What is missing; refuses where another manager must be told of us, naming what to add there.
    pub fn of(repo: &Repo, wish: Wish) -> Result<Plan> {
        let strictness = wish.strictness.unwrap_or_else(|| standing::strictness(repo));
        let place = here(repo)?;
        let (mut plan, mut missing) = (Plan::default(), Vec::new());
        for event in strictness.events() {
            let standing = standing::of(&place, *event)?;
            match (&standing.snippet, standing.state) {
                (Some(_), State::Installed) => {}
                (Some(_), State::Dead) => return Err(dead(&standing).into()),
                (Some(_), _) => missing.push(standing),
                (None, _) => plan.installs.extend(planned(&standing.path, *event, strictness)?),
            }
        }
        if !missing.is_empty() {
            match wish.managers {
                Managers::Tell => return Err(told(&missing).into()),
                reach => plan.edits = edits(repo, &place, &missing, reach)?,
            }
        }
        Ok(plan)
    }

    /// The files that change.
    pub fn changes(&self, objects: &Objects) -> Result<Vec<Change>> {
        let mut changes = Vec::new();
        for install in &self.installs {
            if let Kind::Beside(kept) = &install.kind {
                let hook = journal::file(objects, &install.path, None)?;
                if let Change::File { before, .. } = hook {
                    changes.push(Change::File { path: kept.clone(), before: None, after: before });
                }
            }
            let script = event::script(install.event, install.strictness);
            changes.push(journal::file(objects, &install.path, Some((&script, Some(PROGRAM))))?);
        }
        for edit in &self.edits {
            let mode = (edit.before.is_none() && edit.program).then_some(PROGRAM);
            changes.push(journal::file(objects, &edit.file, Some((edit.after.as_bytes(), mode)))?);
        }
        Ok(changes)
    }

    /// Whether nothing is missing.
    pub fn is_empty(&self) -> bool {
        self.installs.is_empty() && self.edits.is_empty()
    }

    /// What will be done.
    pub fn steps(&self) -> Vec<Step> {
        let install = |install: &Install| {
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
        let edit = |edit: &Edit| {
            let events: Vec<&str> = edit.events.iter().map(|event| event.name()).collect();
            let step = Step::new("write", typed(&edit.file));
            step.detail(format!("calls tracks for {}", list(&events)))
        };
        self.installs.iter().map(install).chain(self.edits.iter().map(edit)).collect()
    }

    /// Writes them; what was written is taken back when one cannot be.
    pub fn carry_out(&self) -> Result<()> {
        let installs = self.installs.iter().try_for_each(Install::carry_out);
        installs.and_then(|()| self.edits.iter().try_for_each(Edit::carry_out)).inspect_err(|_| self.undo())
    }

    /// Takes them back.
    pub fn undo(&self) {
        self.edits.iter().rev().for_each(Edit::undo);
        self.installs.iter().rev().for_each(Install::undo);
    }
}

impl Install {
    fn carry_out(&self) -> Result<()> {
        if let Kind::Beside(kept) = &self.kind
            && !files::is_same(&self.path, kept)
        {
            // Under both names at once: whoever kills us here leaves a hook that works.
            files::name_too(&self.path, kept)?;
        }
        files::write_with(&self.path, &event::script(self.event, self.strictness), PROGRAM)
    }

    /// As far as it can: whoever calls this reports the error that made it necessary.
    fn undo(&self) {
        let ours = matches!(read(&self.path), Ok(There::Ours(_)));
        let _ = match &self.kind {
            Kind::Renew(before) => files::write_with(&self.path, before, PROGRAM),
            Kind::New if ours => files::remove(&self.path),
            Kind::New => Ok(()),
            Kind::Beside(kept) if ours => files::replace_by(kept, &self.path),
            Kind::Beside(kept) => files::remove(kept),
        };
    }
}

impl Edit {
    fn carry_out(&self) -> Result<()> {
        if files::read(&self.file, LONGEST)? != self.before {
            bail!("`{}` was changed meanwhile", self.file.display());
        }
        match (&self.before, self.program) {
            (None, true) => files::write_with(&self.file, self.after.as_bytes(), PROGRAM),
            _ => files::write(&self.file, self.after.as_bytes()),
        }
    }

    fn undo(&self) {
        let _ = match &self.before {
            Some(before) => files::write(&self.file, before),
            None => files::remove(&self.file),
        };
    }
}

/// The place of the hooks for the worktree that somebody is in, else the first one.
pub(super) fn here(repo: &Repo) -> Result<Place> {
    let mut places = standing::places(repo)?;
    let at = repo.worktree.as_deref().map(files::canonical);
    let at = places.iter().position(|place| Some(&place.worktree) == at.as_ref()).unwrap_or(0);
    Ok(places.swap_remove(at))
}

/// `None` where it is there as it should be.
fn planned(path: &Path, event: Event, strictness: Strictness) -> Result<Option<Install>> {
    let there = read(path)?;
    let kind = match there {
        There::Ours(content) if content == event::script(event, strictness) && files::is_program(path) => {
            return Ok(None);
        }
        There::Ours(before) => Kind::Renew(before),
        There::Nothing => Kind::New,
        There::Other(_) if matches!(read(&legacy(path))?, There::Ours(_)) => return Ok(None),
        There::Other(content) if super::managers::calls(&content, event) => return Ok(None),
        There::Other(_) => Kind::Beside(legacy(path)),
        There::Odd => return Err(Failure::usage(format!("`{}` is no regular file", path.display())).into()),
    };
    let kept = legacy(path);
    // An installation that was killed leaves the same file under both names.
    let in_the_way = folders::look(&kept)? != Found::Nothing && !files::is_same(path, &kept);
    if !matches!(kind, Kind::Renew(_)) && in_the_way {
        let shown = typed(&kept);
        let failure = Failure::usage(format!(
            "`{}` is in the way: the hook that is there now would get this name",
            kept.display()
        ));
        return Err(failure.hint(format!("move it away: `mv {shown} {shown}.old`")).into());
    }
    Ok(Some(Install { event, path: path.to_owned(), kind, strictness }))
}

fn dead(standing: &Standing) -> Failure {
    let why = standing.detail.clone().unwrap_or_default();
    let failure = Failure::usage(format!("no {} hook can be had: {why}", standing.event.name()));
    match standing.manager {
        Some(Manager::Husky) if standing.event == Event::ReferenceTransaction => {
            failure.hint("use `tracks hooks install` without `--strict`, or another hook manager")
        }
        Some(Manager::Husky) => failure.hint("run `npx husky` here, then `tracks hooks install`"),
        _ => failure.hint("make that folder, or `git config --unset core.hooksPath`, then `tracks hooks install`"),
    }
}

/// What to add where, for people.
fn told(missing: &[Standing]) -> Failure {
    let events: Vec<String> = missing.iter().map(|standing| format!("`{}`", standing.event.name())).collect();
    let why = missing[0].detail.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
    let whose = match missing[0].manager {
        None | Some(Manager::Folder) => "other scripts".to_owned(),
        Some(manager) => manager.name().to_owned(),
    };
    let message = format!("{} belong to {whose}{why}, and nothing of that is overwritten", list(&events));
    let message = if events.len() == 1 { message.replace(" belong to ", " belongs to ") } else { message };
    let add = |failure: Failure, snippet: &Snippet| {
        let text = snippet.kind.text(snippet.event);
        let text: String = text.trim_end().lines().map(|line| format!("\n    {line}")).collect();
        failure.hint(format!("add to `{}`:{text}", escaped(typed(&snippet.file).as_bytes())))
    };
    let snippets = missing.iter().filter_map(|standing| standing.snippet.as_ref());
    let failure = snippets.fold(Failure::usage(message), add);
    match missing[0].manager {
        Some(Manager::Hk) => failure.hint("then `tracks hooks install`"),
        _ => failure.hint("or let `tracks hooks install --write` add it; then commit it"),
    }
}

fn edits(repo: &Repo, place: &Place, missing: &[Standing], reach: Managers) -> Result<Vec<Edit>> {
    let mut edits: BTreeMap<PathBuf, Edit> = BTreeMap::new();
    for standing in missing {
        let Some(snippet) = &standing.snippet else { continue };
        let unclear = |why: &str| -> anyhow::Error {
            let text = snippet.kind.text(snippet.event);
            let text: String = text.trim_end().lines().map(|line| format!("\n    {line}")).collect();
            let failure = Failure::usage(format!("`{}` {why}", snippet.file.display()));
            failure.hint(format!("add to it by hand:{text}")).into()
        };
        if !is_inside(repo, place, &snippet.file) && reach != Managers::WriteAnywhere {
            let failure = Failure::usage(format!("`{}` lies outside this repository", snippet.file.display()));
            return Err(failure.hint("write there all the same with `tracks hooks install --write --global`").into());
        }
        if files::is_link(&snippet.file) {
            return Err(unclear("is a link, and what it leads to is not touched"));
        }
        let edit = match edits.remove(&snippet.file) {
            Some(edit) => edit,
            None => {
                let before = files::read(&snippet.file, LONGEST)?;
                let Ok(after) = String::from_utf8(before.clone().unwrap_or_default()) else {
                    return Err(unclear("is not UTF-8"));
                };
                let program = snippet.kind == super::block::Kind::Script;
                Edit { file: snippet.file.clone(), before, after, events: Vec::new(), program }
            }
        };
        let Some(after) = snippet.kind.insert(&edit.after, snippet.event) else {
            return Err(unclear("has no clear place for these lines"));
        };
        let events = [&edit.events[..], &[snippet.event]].concat();
        edits.insert(snippet.file.clone(), Edit { after, events, ..edit });
    }
    Ok(edits.into_values().collect())
}

/// Whether a file is the repository's own.
pub(super) fn is_inside(repo: &Repo, place: &Place, file: &Path) -> bool {
    let file = files::canonical(file.parent().unwrap_or(file));
    [&place.worktree, &repo.common_dir].iter().any(|root| file.starts_with(files::canonical(root)))
}
