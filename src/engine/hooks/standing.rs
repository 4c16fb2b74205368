//! How the hooks stand: which file Git would run in which worktree, who made it, and whether that calls us. Looks, and
//! runs nothing; whether a hook really fires is for `canary` to prove.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::event::{self, Event, Strictness};
use super::managers::{self, Manager, Snippet};
use super::{There, folder, legacy, read};
use crate::git::{Repo, hooks};
use crate::host::files;
use crate::host::folders::{self, Found};

/// How a hook stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Git would run it, and it calls this program.
    Installed,
    /// Ours is there, and was made by another version or calls another program.
    Outdated,
    /// Nothing there calls us.
    Absent,
    /// Somebody else manages the hook and does not call us.
    Foreign,
    /// A hook is meant to be there, and Git would run none.
    Dead,
}

impl State {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            State::Installed => "installed",
            State::Outdated => "outdated",
            State::Absent => "absent",
            State::Foreign => "foreign",
            State::Dead => "dead",
        }
    }
}

/// Where the hooks of a worktree lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The worktree.
    pub worktree: PathBuf,
    /// The folder Git looks in.
    pub folder: PathBuf,
    /// Why that folder is not ours to write: the end of a sentence.
    pub elsewhere: Option<String>,
}

/// One hook in one worktree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// When it runs.
    pub event: Event,
    /// The worktree.
    pub worktree: PathBuf,
    /// The file that Git would run.
    pub path: PathBuf,
    /// How it stands.
    pub state: State,
    /// Who made that file, where it is not us.
    pub manager: Option<Manager>,
    /// What to add so that it calls us, where it is somebody else's.
    pub snippet: Option<Snippet>,
    /// What else there is to know: the reason, or the cure.
    pub detail: Option<String>,
}

/// The places of the hooks in every worktree that has files; a bare repository without any has one place for itself.
pub fn places(repo: &Repo) -> Result<Vec<Place>> {
    let worktrees = repo.worktrees()?;
    let mut roots: Vec<PathBuf> =
        worktrees.into_iter().filter(|found| !found.bare && found.present).map(|found| found.path).collect();
    if roots.is_empty() {
        roots.push(repo.common_dir.clone());
    }
    let same = !repo.hooks_are_elsewhere()?;
    roots.into_iter().map(|worktree| place(repo, worktree, same)).collect()
}

fn place(repo: &Repo, worktree: PathBuf, same: bool) -> Result<Place> {
    let own = folder(repo);
    let folder = if same { own.clone() } else { hooks::folder(&worktree).unwrap_or_else(|_| own.clone()) };
    let elsewhere = match folder == own {
        true => files::is_link(&own).then(|| format!("`{}` is a link", own.display())),
        false => {
            let set = repo.hooks_path(&worktree)?;
            Some(format!(
                "`core.hooksPath` is `{}`",
                set.map_or_else(|| folder.display().to_string(), |(_, path)| path)
            ))
        }
    };
    Ok(Place { worktree, folder, elsewhere })
}

/// Every hook in every worktree, by event and then in Git's order of worktrees.
pub fn all(repo: &Repo) -> Result<Vec<Standing>> {
    let places = places(repo)?;
    let mut found = Vec::new();
    for event in Event::ALL {
        let standings = places.iter().map(|place| of(place, event)).collect::<Result<Vec<_>>>()?;
        // Only who is strict has this one.
        let is_there = |found: &Standing| match found.state {
            State::Installed | State::Outdated => true,
            State::Dead => found.manager.is_none(),
            State::Absent | State::Foreign => false,
        };
        let shown = event != Event::ReferenceTransaction || standings.iter().any(is_there);
        found.extend(standings.into_iter().filter(|_| shown));
    }
    Ok(found)
}

/// How the hook of an event stands in a place.
pub fn of(place: &Place, event: Event) -> Result<Standing> {
    let path = place.folder.join(event.name());
    let standing = |state, detail: Option<String>| Standing {
        event,
        worktree: place.worktree.clone(),
        path: path.clone(),
        state,
        manager: None,
        snippet: None,
        detail,
    };
    let by_folder = place.elsewhere.as_ref().map(|_| Manager::of_folder(&place.folder));
    if let (Some(why), false) = (&place.elsewhere, files::is_folder(&place.folder)) {
        let detail = format!("{why}, and there is no such folder here: git runs no hook at all");
        let snippet = by_folder.map(|manager| manager.snippet(&place.worktree, &path, event));
        return Ok(Standing { manager: by_folder, snippet, ..standing(State::Dead, Some(detail)) });
    }
    let there = read(&path)?;
    if let Some(why) = broken(&path, &there) {
        let cure = if matches!(there, There::Ours(_)) { ": `tracks hooks install`" } else { "" };
        return Ok(standing(State::Dead, Some(format!("{why}{cure}"))));
    }
    let content = match &there {
        There::Nothing | There::Odd => &[][..],
        There::Ours(content) | There::Other(content) => content,
    };
    let manager = match there {
        There::Other(_) => Manager::of(&path, content).or(by_folder),
        There::Nothing | There::Odd => by_folder,
        There::Ours(_) => None,
    };
    if let (Some(Manager::Husky), There::Nothing, true) = (manager, &there, place.folder.ends_with("_")) {
        let detail = Some("husky runs no hook of this name".to_owned());
        let snippet = manager.map(|manager| manager.snippet(&place.worktree, &path, event));
        return Ok(Standing { manager, snippet, ..standing(State::Dead, detail) });
    }
    if let Some(manager) = manager {
        return Ok(managed(standing(State::Foreign, place.elsewhere.clone()), manager, place));
    }
    let moved = matches!(read(&legacy(&path))?, There::Ours(_));
    Ok(match there {
        There::Nothing | There::Odd => standing(State::Absent, None),
        There::Ours(content) if content == event::script(event, event::strictness(&content)) => {
            standing(State::Installed, None)
        }
        There::Ours(_) => standing(State::Outdated, Some("`tracks hooks install` renews it".into())),
        There::Other(_) if moved => standing(State::Installed, Some("called by the hook of another manager".into())),
        There::Other(content) if managers::calls(&content, event) => {
            standing(State::Installed, Some("called by a script of your own".into()))
        }
        There::Other(_) => standing(State::Absent, Some("another hook is there; ours would call it first".into())),
    })
}

/// The same where somebody manages the hook.
fn managed(standing: Standing, manager: Manager, place: &Place) -> Standing {
    let snippet = manager.snippet(&place.worktree, &standing.path, standing.event);
    let moved = matches!(read(&legacy(&standing.path)), Ok(There::Ours(_)));
    let (state, detail) = match () {
        () if moved => (State::Installed, Some("called by the hook of another manager".into())),
        () if snippet.is_there() => (State::Installed, None),
        () => (State::Foreign, standing.detail),
    };
    Standing { state, detail, manager: Some(manager), snippet: Some(snippet), ..standing }
}

/// Why Git would pass over a hook, or the system fail to start it.
fn broken(path: &Path, there: &There) -> Option<String> {
    let content = match there {
        There::Ours(content) | There::Other(content) => content,
        There::Odd => return Some("it is no regular file".into()),
        There::Nothing => {
            let link = folders::look(path).is_ok_and(|found| found == Found::Link);
            return link.then(|| "it is a link that leads nowhere".into());
        }
    };
    if !files::is_program(path) {
        return Some("git passes over it, since it may not be run".into());
    }
    let first = content.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let ends_in_return = first.starts_with(b"#!") && first.ends_with(b"\r");
    ends_in_return.then(|| "its first line ends in a carriage return, so that no system finds its interpreter".into())
}

/// How strict the hooks are that are there now.
pub fn strictness(repo: &Repo) -> Strictness {
    let is_strict = |event: &Event| match read(&folder(repo).join(event.name())) {
        Ok(There::Ours(content)) => event::strictness(&content) == Strictness::Strict,
        _ => false,
    };
    if Event::ALL.iter().any(is_strict) { Strictness::Strict } else { Strictness::Lenient }
}
