//! What somebody typed, resolved to sides of a merge: tracks by their ids, and any revision or pattern of refs.

use std::collections::HashMap;

use anyhow::Result;

use super::outcome::SideName;
use super::premerge::Side;
use super::progress::Progress;
use super::project::Project;
use super::snapshot::{self, Work};
use crate::git::{Repo, Scratch};
use crate::model::text::escaped;
use crate::model::{CommitId, Failure, Track, TrackId};

/// A side with its name; an `Err` says why it cannot be read.
pub type Named = (SideName, std::result::Result<Side, String>);

/// The project that some of `typed` may be tracks of; `None` where none can be, or no track is declared.
pub fn project(repo: &Repo, typed: &[String]) -> Option<Project> {
    let may_be_track = typed.iter().any(|word| TrackId::new(word).is_ok());
    may_be_track.then(|| Project::open(repo).ok()).flatten()
}

/// Resolves each of `typed`, in order: a track's id to its snapshot, a pattern (`origin/feature/*`) to every branch it
/// matches, anything else as Git would. `project` is the repository's, where it declares tracks.
///
/// Refuses what leads to no commit and a pattern that matches nothing.
pub fn resolve(
    repo: &Repo,
    scratch: &Scratch,
    project: Option<&Project>,
    typed: &[String],
    work: Work,
) -> Result<Vec<Named>> {
    let tracks = tracks(scratch, project, typed, work);
    let names: Vec<&String> = typed.iter().filter(|word| !tracks.contains_key(*word) && !is_pattern(word)).collect();
    // One question for all names: each is a process.
    let commits: HashMap<&String, Option<CommitId>> = names.iter().copied().zip(repo.commits(&names)?).collect();
    let mut named = Vec::new();
    for word in typed {
        match tracks.get(word) {
            Some(side) => named.push(side.clone()),
            None => {
                let found = commits.get(word).map(|commit| revision(word, *commit));
                for (name, commit) in found.unwrap_or_else(|| matching(repo, word))? {
                    let side = snapshot::committed(scratch, commit).map_err(|error| format!("{error:#}"));
                    named.push((SideName { name, uncommitted: false }, side));
                }
            }
        }
    }
    Ok(named)
}

/// The tracks among the words, read several at once.
fn tracks(scratch: &Scratch, project: Option<&Project>, typed: &[String], work: Work) -> HashMap<String, Named> {
    let Some(project) = project else { return HashMap::new() };
    let is_typed = |track: &&Track| typed.iter().any(|word| word == track.id.as_str());
    let tracks: Vec<Track> = project.tracks.iter().filter(is_typed).cloned().collect();
    let snapshots = snapshot::all(scratch, &tracks, &project.worktrees, (work, Progress::default()));
    let named = |(track, snapshot): (Track, std::result::Result<snapshot::Snapshot, String>)| {
        let name = track.id.to_string();
        let uncommitted = snapshot.as_ref().is_ok_and(|snapshot| !snapshot.uncommitted.is_empty());
        (name.clone(), (SideName { name, uncommitted }, snapshot.map(|snapshot| snapshot.side)))
    };
    tracks.into_iter().zip(snapshots).map(named).collect()
}

fn is_pattern(word: &str) -> bool {
    word.contains(['*', '?', '['])
}

fn revision(word: &str, commit: Option<CommitId>) -> Result<Vec<(String, CommitId)>> {
    match commit {
        Some(commit) => Ok(vec![(word.to_owned(), commit)]),
        None => {
            let failure = Failure::usage(format!("`{}` leads to no commit", escaped(word.as_bytes())));
            Err(failure.hint("name a track, a branch, a tag or a commit; `git branch --all` lists branches").into())
        }
    }
}

/// The branches, local and remote, that a pattern matches as `git for-each-ref` would, by their short names.
fn matching(repo: &Repo, pattern: &str) -> Result<Vec<(String, CommitId)>> {
    let places = ["refs/heads/", "refs/remotes/", "refs/tags/", ""];
    for place in places {
        if place.is_empty() && !pattern.starts_with("refs/") {
            continue;
        }
        let refs = repo.refs(&[format!("{place}{pattern}")])?;
        let found = refs.into_iter().filter(|found| !found.name.ends_with("/HEAD"));
        let short = |name: &str| name.strip_prefix(place).unwrap_or(name).to_owned();
        let found: Vec<(String, CommitId)> = found.filter_map(|r| Some((short(&r.name), r.commit?))).collect();
        if !found.is_empty() {
            return Ok(found);
        }
    }
    let failure = Failure::usage(format!("no branch matches `{}`", escaped(pattern.as_bytes())));
    Err(failure.hint("quote the pattern, and see `git branch --all`").into())
}
