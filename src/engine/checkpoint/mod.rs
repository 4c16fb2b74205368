//! Checkpoints: everything a track has that no commit has, kept byte for byte under refs of their own, and brought back.
//!
//! A checkpoint is a commit under `refs/tracks/checkpoints/<time>/<track>`. Its tree holds `manifest` (see
//! [`manifest`]), a copy of the `index`, and in `files/`, `state/` and `trees/` every object that the parents do not
//! have, each called by its id, so that no name from a worktree ever becomes one in a tree. The first parent is the tip.

mod create;
pub mod difference;
pub mod manifest;
pub mod prune;
pub mod restore;
mod state;
mod store;
pub mod take;
mod walk;

use std::cmp::Reverse;
use std::collections::HashSet;
use std::fmt;

use anyhow::{Context, Result};

use super::journal::Change;
use crate::git::objects::Node;
use crate::git::{Objects, Repo, tree};
use crate::host::clock;
use crate::model::{BlobId, CommitId, Failure, RepoPath, TrackId};

pub use create::{Plan, Saved, save};
pub use manifest::Manifest;
pub use store::Store;

/// Where checkpoints are kept.
pub const REFS: &str = "refs/tracks/checkpoints";

/// Which checkpoint: of which track, and when.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// Of which track.
    pub track: TrackId,
    /// When, in seconds since 1970; later than every one before it, whatever the clock said.
    pub time: i64,
}

impl Name {
    /// The ref that keeps it.
    pub fn reference(&self) -> String {
        format!("{REFS}/{}/{}", clock::stamp(self.time), self.track)
    }

    fn of_ref(name: &str) -> Option<Name> {
        let (time, track) = name.strip_prefix(REFS)?.strip_prefix('/')?.split_once('/')?;
        Some(Name { track: TrackId::new(track).ok()?, time: clock::of_stamp(time)? })
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.track, clock::stamp(self.time))
    }
}

/// A checkpoint that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Its name, which stays.
    pub name: Name,
    /// How many of its track are not older: 1 is the newest.
    pub number: usize,
    /// Its commit.
    pub commit: CommitId,
}

impl Checkpoint {
    /// What it holds.
    pub fn manifest(&self, objects: &Objects) -> Result<Manifest> {
        let read = || {
            let tree = objects.commit(self.commit)?.tree;
            let node = tree::lookup(objects, tree, &RepoPath::new("manifest"))?;
            let id = node.as_ref().and_then(Node::leaf).context("it has no manifest")?.id;
            let text = objects.blob(id, u64::MAX)?.context("it has no manifest")?;
            let manifest = Manifest::parse(&text)?;
            anyhow::ensure!(manifest.track == self.name.track, "it is one of the track {}", manifest.track);
            Ok(manifest)
        };
        read().with_context(|| format!("the checkpoint {} cannot be read", self.name))
    }
}

/// Every checkpoint, by track, the newest first.
pub fn all(repo: &Repo) -> Result<Vec<Checkpoint>> {
    let refs = repo.refs(&[REFS])?;
    let named = refs.into_iter().filter_map(|found| Some((Name::of_ref(&found.name)?, found.commit?)));
    let mut found: Vec<Checkpoint> = named.map(|(name, commit)| Checkpoint { name, number: 0, commit }).collect();
    found.sort_by_key(|checkpoint| (checkpoint.name.track.clone(), Reverse(checkpoint.name.time)));
    let mut number = 0;
    for at in 0..found.len() {
        number = if at > 0 && found[at - 1].name.track == found[at].name.track { number + 1 } else { 1 };
        found[at].number = number;
    }
    Ok(found)
}

/// The checkpoint that somebody named: `TRACK@N`, 1 being the newest, or `TRACK@TIME`.
pub fn find(repo: &Repo, word: &str) -> Result<Checkpoint> {
    let all = all(repo)?;
    let shown = crate::model::text::escaped(word.as_bytes());
    let (track, which) = word.split_once('@').unwrap_or((word, ""));
    let of_track: Vec<&Checkpoint> = all.iter().filter(|found| found.name.track.as_str() == track).collect();
    let is_it = |found: &Checkpoint| match which.parse::<usize>() {
        Ok(number) => found.number == number,
        Err(_) => clock::of_stamp(which) == Some(found.name.time),
    };
    if let Some(found) = of_track.iter().find(|found| is_it(found)) {
        return Ok((*found).clone());
    }
    let failure = Failure::usage(format!("there is no checkpoint `{shown}`"));
    Err(match of_track.len() {
        0 if all.is_empty() => failure.hint("save the tracks as they are with `tracks checkpoint`"),
        0 => failure.hint("see which there are with `tracks checkpoint list`"),
        _ if which.is_empty() => failure.hint(format!("say which one: `{track}@1` is the newest")),
        _ => failure.hint(format!("see which there are with `tracks checkpoint list {track}`")),
    }
    .into())
}

/// That a checkpoint was taken, for the log.
pub fn change(repo: &Repo, name: &Name) -> Result<Change> {
    let name = name.to_string();
    let commit = Some(find(repo, &name)?.commit);
    Ok(Change::Checkpoint { name, commit })
}

/// A store for the work of a track: what its newest checkpoint keeps is not written again.
pub fn store<'a>(objects: &'a Objects, all: &[Checkpoint], place: &take::Place) -> Result<Store<'a>> {
    let newest = all.iter().find(|found| found.name.track == place.track.id);
    let earlier: HashSet<BlobId> = match newest.map(|found| found.manifest(objects)) {
        Some(Ok(manifest)) => manifest.ids().filter(|id| objects.contains(id.raw())).collect(),
        _ => HashSet::new(),
    };
    Store::new(objects, place.worktree.head, earlier)
}

/// The time that new checkpoints are called by.
fn next_time(all: &[Checkpoint]) -> i64 {
    let latest = all.iter().map(|found| found.name.time + 1).max();
    latest.unwrap_or(0).max(clock::seconds())
}

#[cfg(test)]
mod tests {
    use super::Name;
    use crate::model::TrackId;

    #[test]
    fn names_are_refs_and_back() {
        let name = Name { track: TrackId::new("a").expect("valid"), time: 1_727_784_000 };
        assert_eq!(name.to_string(), "a@20241001T120000Z");
        assert_eq!(name.reference(), "refs/tracks/checkpoints/20241001T120000Z/a");
        assert_eq!(Name::of_ref(&name.reference()), Some(name));
        assert_eq!(Name::of_ref("refs/tracks/checkpoints/1/a"), None);
    }
}
