//! The target, and what a track depends on, brought into it: by merges as Git would make them, or by doing its commits
//! again on top. Its uncommitted work is saved first and stays.

mod rebase;
mod whose;

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};

use super::Why;
use super::history::before_reverted;
use crate::engine::checkpoint::{self, take::Place};
use crate::engine::journal::{Change, Journal, refuse_obstacles};
use crate::engine::landed::{Landing, landing};
use crate::engine::order;
use crate::engine::premerge::{Given, Premerge, Trees};
use crate::engine::project::Project;
use crate::git::{Scratch, keep, merge_tree};
use crate::model::{CommitId, Conflict, Track, TrackId, Verdict};

pub use whose::whose;

/// By which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// By a merge commit for each.
    Merge,
    /// By doing the commits of the track again, one after another.
    Rebase,
}

/// What it comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Updating {
    /// It has everything already.
    Current,
    /// Its branch moves.
    Moves(Update),
    /// It cannot be done.
    Stopped {
        /// Why.
        why: Why,
        /// What it was to be given then: the target, or a track that it depends on, by name.
        with: String,
    },
}

/// A branch that is moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// Whose.
    pub track: TrackId,
    /// Where it is, and must still be.
    pub from: CommitId,
    /// Where it will be.
    pub to: CommitId,
    /// What it is given: the target, tracks that it depends on, by name.
    pub brings: Vec<String>,
    /// Of how many commits it was done again, by `How::Rebase`.
    pub again: Option<usize>,
    /// The last commit below `to` that is there already.
    known: CommitId,
}

/// Where tracks will be that are updated in the same run, with where they were.
pub type Moves = BTreeMap<TrackId, (CommitId, CommitId)>;

/// Something to bring in.
struct Source {
    name: String,
    branch: String,
    tip: CommitId,
}

/// What one update is planned by.
struct Look<'a> {
    project: &'a Project,
    scratch: &'a Scratch,
    premerge: &'a Premerge<'a>,
    track: &'a Track,
}

/// A merge that is not clean, and with what.
struct Stop {
    why: Why,
    with: String,
}

/// Fixes what updating a track comes to. Commits go to the scratch, nothing else is touched.
pub fn update(project: &Project, scratch: &Scratch, (id, how): (&TrackId, How), moves: &Moves) -> Result<Updating> {
    let track = project.track(id.as_str())?;
    let target = &project.target;
    let stopped = |why, with: &str| Ok(Updating::Stopped { why, with: with.to_owned() });
    let Some(tip) = track.tip else { return stopped(Why::NoBranch, &target.name) };
    if let Err(error) = scratch.objects().commit(tip) {
        return stopped(Why::Unknown(format!("{error:#}")), &target.name);
    }
    let premerge = Premerge::new(&project.repo, scratch)?;
    let look = Look { project, scratch, premerge: &premerge, track };
    if !look.reaches(tip, target.commit)? && before_reverted(&premerge, target.commit, (id, tip))?.is_some() {
        return stopped(Why::Reverted, &target.name);
    }
    let sources = look.sources(moves)?;
    let updating = match how {
        How::Merge => look.merged(tip, &sources)?,
        How::Rebase => look.rebased(tip, &sources, moves)?,
    };
    premerge.remember();
    Ok(updating.unwrap_or_else(|Stop { why, with }| Updating::Stopped { why, with }))
}

impl Look<'_> {
    /// Whether a commit, be it in the scratch, is another one or reaches it.
    fn reaches(&self, commit: CommitId, other: CommitId) -> Result<bool> {
        Ok(merge_tree::bases(self.scratch, commit.raw(), other.raw())?.contains(&other))
    }

    /// The target, then every open track that this one depends on, be it through others, in landing order.
    fn sources(&self, moves: &Moves) -> Result<Vec<Source>> {
        let target = &self.project.target;
        let mut sources = vec![Source { name: target.name.clone(), branch: target.name.clone(), tip: target.commit }];
        let needed = order::all_dependencies(&self.project.config, &self.track.id);
        for id in order::landing_order(&self.project.config).into_iter().filter(|id| needed.contains(id)) {
            let track = self.project.track(id.as_str())?;
            let Some(tip) = track.tip else { continue };
            if landing(self.premerge, target.commit, tip)? == Landing::Open {
                let tip = moves.get(&id).map_or(tip, |(_, to)| *to);
                sources.push(Source { name: id.to_string(), branch: track.branch.to_string(), tip });
            }
        }
        Ok(sources)
    }

    /// Each source merged in, one after another.
    fn merged(&self, tip: CommitId, sources: &[Source]) -> Result<std::result::Result<Updating, Stop>> {
        let (mut now, mut brings) = (tip, Vec::new());
        for source in sources {
            match self.with(now, source)? {
                Err(stop) => return Ok(Err(stop)),
                Ok(next) if next == now => continue,
                Ok(next) => now = next,
            }
            brings.push(source.name.clone());
        }
        let track = self.track.id.clone();
        let update = Update { track, from: tip, to: now, brings, again: None, known: tip };
        Ok(Ok(if now == tip { Updating::Current } else { Updating::Moves(update) }))
    }

    /// A commit that has another one and a source: one of the two where it has the other.
    fn with(&self, now: CommitId, source: &Source) -> Result<std::result::Result<CommitId, Stop>> {
        if self.reaches(now, source.tip)? {
            return Ok(Ok(now));
        }
        if self.reaches(source.tip, now)? {
            return Ok(Ok(source.tip));
        }
        let merge = Given { base: None, ours: self.premerge.end(now)?, theirs: self.premerge.end(source.tip)? };
        let merged = self.premerge.given(&[merge], Trees::Compose)?.0.remove(0);
        let why = match merged.verdict {
            // Told as of every track: the source is ours.
            Verdict::Conflict(conflicts) => Why::Conflict(conflicts.into_iter().map(Conflict::turned).collect()),
            Verdict::Unknown(reason) => Why::Unknown(reason),
            Verdict::Disjoint | Verdict::Clean => {
                let tree = merged.tree.context("a clean merge has a tree")?;
                let message = format!("Merge branch '{}' into {}\n", source.branch, self.track.branch);
                return Ok(Ok(self.scratch.commit(tree, &[now, source.tip], &message)?));
            }
        };
        Ok(Err(Stop { why, with: source.name.clone() }))
    }
}

impl Update {
    /// Moves the branch, and the files of its worktree with it, after saving what is uncommitted there; gives the name of
    /// that checkpoint. Files that would overwrite what is not committed stop it.
    pub fn carry_out(
        &self,
        (project, journal): (&Project, &Journal),
        scratch: &Scratch,
    ) -> Result<Option<checkpoint::Name>> {
        let track = project.track(self.track.as_str())?;
        keep::keep(&project.repo, scratch, self.to, (self.known, None))?;
        let change = Change::moved(project, &track.branch.full(), (self.from, self.to));
        if let Some(operation) = project.worktree_of(&track.branch).and_then(|worktree| worktree.operation) {
            bail!("its worktree has {}", operation.phrase());
        }
        let saved = match Place::of(project, track)? {
            Some(place) => Some(checkpoint::save(project, &place)?),
            None => None,
        };
        let mut changes =
            saved.iter().map(|name| checkpoint::change(&project.repo, name)).collect::<Result<Vec<_>>>()?;
        changes.push(change.clone());
        let why = format!("tracks: update {}", self.track);
        journal.carry_out(changes, || match (&change, self.again) {
            (Change::Moved(moved), Some(_)) => {
                refuse_obstacles(&project.repo, &moved.follow())?;
                journal.follow(moved, |follow, share| follow.carry_out(&why, share))
            }
            _ => journal.forward(&change, &why),
        })?;
        Ok(saved)
    }
}
