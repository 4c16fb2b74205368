//! `worktree.foreign-checkout`: work that is about to be committed where it does not belong, and the command that takes it
//! to where it does.

use std::path::Path;

use super::project::{Project, folder};
use super::worktrees::{typed, word};
use crate::git::staged::Staged;
use crate::host::files;
use crate::model::{Change, Checkout, Entry, Finding, RepoPath, Rule, Severity, Track, TrackId};
use crate::policy::naming;
use crate::policy::ownership::Ownership;
use crate::policy::rules::OwnChange;

/// More paths than this are not put into one command.
const MOST: usize = 30;

/// What is known of a commit that is about to be made.
pub struct Scene<'a> {
    /// The project.
    pub project: &'a Project,
    /// Who owns what.
    pub ownership: &'a Ownership,
    /// What is staged.
    pub staged: &'a Staged,
    /// The track whose branch is checked out here, if any.
    pub here: Option<&'a TrackId>,
    /// The track that whoever commits says to be (`TRACKS_ID`).
    pub says: Option<&'a str>,
    /// What is staged and is nobody else's work.
    pub own: &'a [OwnChange],
}

/// What is wrong with the place; `entry` is what a track's tip has at a path.
pub fn judge(scene: &Scene, entry: impl Fn(&Track, &RepoPath) -> Option<Entry>) -> Option<Finding> {
    let project = scene.project;
    let worktree = files::canonical(project.repo.worktree.as_deref()?);
    let changes = scene.own;
    // What comes out as the track has it is being landed.
    let lands = |track: &Track| changes.iter().all(|change| entry(track, &change.change.path) == change.change.after);
    let says = scene.says.and_then(|id| project.tracks.iter().find(|track| track.id.as_str() == id));
    if changes.is_empty() {
        return None;
    }
    if let Some(says) = says.filter(|says| Some(&says.id) != scene.here) {
        if scene.here.is_none() && lands(says) {
            return None;
        }
        let whose = match scene.here {
            Some(here) => format!("the worktree of `{here}`"),
            None => "no worktree of a track".to_owned(),
        };
        let message = format!("this is {whose}, and `TRACKS_ID` says `{}`", says.id);
        return Some(finding(scene, says, Severity::Error, message));
    }
    if let Some(here) = scene.here {
        let owner =
            project.tracks.iter().find(|track| track.id != *here && own_folder(project, &track.id, &worktree))?;
        let message = format!("this is the folder of `{}`, and the branch of `{here}` is checked out", owner.id);
        let track = project.tracks.iter().find(|track| track.id == *here)?;
        let branch = word(&owner.branch.to_string());
        let cure = format!(
            "commit it on its own branch: `git switch {branch}`; it goes along where nothing stands against it"
        );
        return Some(Finding { cure, ..finding(scene, track, Severity::Error, message) });
    }
    if project.main_worktree.as_deref() != Some(&worktree) || says.is_some() {
        return None;
    }
    let owner = |path: &RepoPath| match scene.ownership.owner(path) {
        found if found.zone.is_none() && found.owners.len() == 1 => Some(found.owners[0].track.clone()),
        _ => None,
    };
    let first = owner(&changes.first()?.change.path)?;
    let track = project.tracks.iter().find(|track| track.id == first)?;
    let all = changes.iter().all(|change| owner(&change.change.path).as_ref() == Some(&first));
    if !all || lands(track) {
        return None;
    }
    let message = format!("all of it belongs to `{first}`, and this is the main worktree");
    Some(finding(scene, track, Severity::Warning, message))
}

/// Whether the folder is the one that the naming template gives a track.
fn own_folder(project: &Project, id: &TrackId, worktree: &Path) -> bool {
    let named = naming::directory(&project.config, id, &project.repo_name);
    named.is_ok_and(|directory| files::canonical(&folder(&project.ground(), &directory)) == worktree)
}

fn finding(scene: &Scene, track: &Track, severity: Severity, message: String) -> Finding {
    Finding {
        rule: Rule::fixed("worktree.foreign-checkout"),
        severity,
        tracks: vec![track.id.clone()],
        path: None,
        lines: Vec::new(),
        message,
        cure: cure(scene, track),
    }
}

/// How to take what is staged to a track's worktree: with what is not staged of the same files, and untracked ones where
/// everything must go along. `git stash` keeps what it cannot put back.
fn cure(scene: &Scene, track: &Track) -> String {
    if track.checkout != Checkout::Present {
        return format!(
            "make its worktree with `tracks init {}`, then try again: the command that moves it is said then",
            track.id
        );
    }
    let to = typed(&track.worktree);
    let changes = &scene.staged.changes;
    // Git finds no path that is staged as deleted, and so everything goes.
    let by_path = changes.len() <= MOST
        && changes.iter().all(|change| change.after.is_some() && std::str::from_utf8(change.path.as_bstr()).is_ok());
    let what = match by_path {
        true => {
            let path = |change: &Change| word(&format!(":(top,literal){}", change.path.as_bstr()));
            format!("-- {}", changes.iter().map(path).collect::<Vec<_>>().join(" "))
        }
        false => "--include-untracked".to_owned(),
    };
    format!(
        "take it there with `git stash push {what} && git -C {to} stash pop --index`; where that is refused it is kept, for \
         `git -C {to} stash pop` once the same files are committed there"
    )
}
