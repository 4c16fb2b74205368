//! `tracks.toml` edited: tracks declared and taken out again, and a first file written. Only texts; a plan writes them.

use std::path::{Path, PathBuf};

use anyhow::Result;
use toml_edit::DocumentMut;

use super::plan::Policy;
use crate::engine::project::{FILE, Project};
use crate::git::worktree::Worktree;
use crate::host::files;
use crate::model::{BranchName, Failure, TrackId};
use crate::policy::config::model::TrackTable;
use crate::policy::config::{Adopted, Starter, add_track, remove_track, starter};

/// What is set at the top of a new file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The target.
    pub target: Option<String>,
    /// The phase.
    pub phase: Option<TrackId>,
}

/// Where a reader of pull requests may already have been named.
const CODE_OWNERS: [&str; 3] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];

/// Folders that only one framework keeps its migrations in, with its preset.
const MIGRATIONS: [(&str, &str, &str); 5] = [
    ("supabase/migrations", "supabase", ""),
    ("prisma/migrations", "prisma", ""),
    ("db/migrate", "rails", ""),
    ("alembic/versions", "alembic", ""),
    ("migrations", "diesel", "diesel.toml"),
];

/// The file with those of `ids` declared that are not yet; `None` where all are.
pub fn tracks(project: &Project, ids: &[TrackId], head: &Head) -> Result<Option<Policy>> {
    let new: Vec<TrackId> = ids.iter().filter(|id| !project.config.tracks.contains_key(id.as_str())).cloned().collect();
    if project.copies.any() {
        agrees(project, head)?;
        if new.is_empty() {
            return Ok(None);
        }
    }
    let path = home(project)?;
    let after = match basis(project) {
        None => first(project, &new, &[], head)?,
        Some(text) => {
            new.iter().try_fold(text.to_owned(), |text, id| add_track(Some(&text), id, &TrackTable::default()))?
        }
    };
    Ok(Some(policy(project, path, after, new)))
}

/// The file with one more track.
pub fn one(project: &Project, id: &TrackId, table: &TrackTable) -> Result<Policy> {
    let path = home(project)?;
    let after = match basis(project) {
        Some(text) => add_track(Some(text), id, table)?,
        None => add_track(Some(&first(project, &[], &[], &Head::default())?), id, table)?,
    };
    Ok(policy(project, path, after, vec![id.clone()]))
}

/// The file without a track; `None` where the main worktree's copy does not declare it.
pub fn without(project: &Project, id: &TrackId) -> Result<Option<Policy>> {
    let (Some(main), Some(text)) = (&project.main_worktree, &project.copies.in_main) else { return Ok(None) };
    let declared = crate::policy::config::Config::parse(text, FILE)?.tracks.contains_key(id.as_str());
    if !declared {
        return Ok(None);
    }
    let after = remove_track(text, id)?;
    Ok(Some(policy(project, main.join(FILE), after, Vec::new())))
}

/// A first file, commented, from what the repository holds. A worktree that cannot be declared beside the others is left
/// out.
pub fn from_what_is_there(project: &Project, head: &Head) -> Result<Policy> {
    let path = home(project)?;
    let mut adopted: Vec<Adopted> = Vec::new();
    let mut after = first(project, &[], &adopted, head)?;
    let (near, far): (Vec<Adopted>, Vec<Adopted>) = project
        .worktrees
        .iter()
        .filter_map(|worktree| adoptable(project, worktree))
        .partition(|track| !Path::new(&track.directory).is_absolute());
    for track in near {
        adopted.push(track);
        match first(project, &[], &adopted, head) {
            Ok(text) => after = text,
            Err(_) => drop(adopted.pop()),
        }
    }
    for track in far {
        // Where it lies is true of this machine alone, and a worktree is found by its branch.
        let table = TrackTable { branch: Some(track.branch.to_string()), ..TrackTable::default() };
        after = add_track(Some(&after), &track.id, &table).unwrap_or(after);
    }
    Ok(policy(project, path, after, Vec::new()))
}

/// Where the file is edited: the main worktree. Refuses where there is none, or where the target is checked out
/// nowhere, so that nobody could commit the edit to it.
pub fn home(project: &Project) -> Result<PathBuf> {
    let target = &project.target.name;
    let Some(main) = &project.main_worktree else {
        let failure = Failure::usage(format!("this repository is bare: there is no main worktree to edit `{FILE}` in"));
        let hint = format!("declare the tracks in `{FILE}` on `{target}`, commit it, and run `tracks init`");
        return Err(failure.hint(hint).into());
    };
    let full = format!("refs/heads/{target}");
    if !project.worktrees.iter().any(|worktree| worktree.branch.as_deref() == Some(full.as_str())) {
        let failure = Failure::usage(format!("`{target}`, the target, is checked out nowhere: `{FILE}` belongs on it"));
        return Err(failure.hint(format!("check it out in the main worktree: `git switch {target}`")).into());
    }
    Ok(main.join(FILE))
}

/// The text an edit begins with: where the main worktree has none, the target's is the one that would be lost.
fn basis(project: &Project) -> Option<&str> {
    project.copies.in_main.as_deref().or(project.copies.on_target.as_deref())
}

fn policy(project: &Project, path: PathBuf, after: String, declared: Vec<TrackId>) -> Policy {
    Policy { path, before: project.copies.in_main.clone(), after, declared }
}

/// What was asked for at the top of the file must be what it says: it binds from the target.
fn agrees(project: &Project, head: &Head) -> Result<()> {
    let phase = head.phase.as_ref().map(TrackId::as_str);
    let differs = |asked: Option<&str>, set: Option<&str>| asked.is_some() && asked != set;
    let (key, asked) = match head {
        _ if differs(phase, project.config.phase.as_deref()) => ("phase", phase),
        _ if differs(head.target.as_deref(), Some(&project.target.name)) => ("target", head.target.as_deref()),
        _ => return Ok(()),
    };
    let asked = asked.unwrap_or_default();
    let failure = Failure::usage(format!("`{FILE}` is there and says otherwise than `--{key} {asked}`"));
    Err(failure.hint(format!("set `{key}` in `{FILE}`, and commit it on `{}`", project.target.name)).into())
}

fn first(project: &Project, tracks: &[TrackId], adopted: &[Adopted], head: &Head) -> Result<String> {
    let target = BranchName::new(&project.target.name)
        .map_err(|why| Failure::usage(format!("the branch `{}` {why}", project.target.name)))?;
    let holds = |path: &str| project.main_worktree.as_deref().is_some_and(|main| is_there(main, path));
    let code_owners = CODE_OWNERS.into_iter().find(|path| holds(path));
    let migrations = MIGRATIONS.into_iter().find(|(folder, _, proof)| holds(folder) && holds(proof));
    let folders = migrations.map(|(folder, ..)| vec![folder.to_owned()]).unwrap_or_default();
    let migrations = migrations.map(|(_, preset, _)| (preset, folders.as_slice()));
    let text = starter(&Starter { target: &target, tracks, adopted, migrations, code_owners })?;
    let Some(phase) = &head.phase else { return Ok(text) };
    let mut document: DocumentMut = text.parse()?;
    document.insert("phase", toml_edit::value(phase.as_str()));
    Ok(document.to_string())
}

fn is_there(main: &Path, path: &str) -> bool {
    path.is_empty() || files::is_there(&main.join(path))
}

/// A worktree that can become a track: with a branch other than the target, and a folder whose name can be an id.
fn adoptable(project: &Project, worktree: &Worktree) -> Option<Adopted> {
    let branch = worktree.branch.as_deref()?.strip_prefix("refs/heads/")?;
    if worktree.main || !worktree.present || branch == project.target.name {
        return None;
    }
    let last = branch.rsplit('/').next()?.to_lowercase();
    let id: String = last.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).collect();
    let id = TrackId::new(id.trim_matches('-')).ok()?;
    let directory = directory(project, &worktree.path)?;
    Some(Adopted { id, branch: BranchName::new(branch).ok()?, directory })
}

/// A folder as `tracks.toml` writes it: from the main worktree, with at most one `../`, else absolute.
fn directory(project: &Project, path: &Path) -> Option<String> {
    let main = files::canonical(project.main_worktree.as_deref()?);
    let path = files::canonical(path);
    let beside = || path.strip_prefix(main.parent()?).ok().map(|below| Path::new("..").join(below));
    let below = path.strip_prefix(&main).ok().map(Path::to_owned).or_else(beside).unwrap_or(path.clone());
    below.to_str().map(str::to_owned)
}
