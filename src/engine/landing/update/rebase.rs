//! The commits of a track done again, one after another, on top of the target and of what it depends on. It has to come
//! to what a merge comes to: else something that only a merge commit says would be lost.

use anyhow::{Context, Result};
use bstr::ByteSlice;

use super::{Look, Moves, Source, Stop, Update, Updating};
use crate::engine::landing::Why;
use crate::engine::premerge::{Given, Trees};
use crate::git::replay;
use crate::model::{CommitId, Conflict, Verdict};

impl Look<'_> {
    pub(super) fn rebased(
        &self,
        tip: CommitId,
        sources: &[Source],
        moves: &Moves,
    ) -> Result<std::result::Result<Updating, Stop>> {
        let [target, others @ ..] = sources else { return Ok(Ok(Updating::Current)) };
        // What the commits come to stand on.
        let (mut ground, mut known, mut brings) = (target.tip, target.tip, vec![target.name.clone()]);
        for source in others {
            match self.with(ground, source)? {
                Err(stop) => return Ok(Err(stop)),
                Ok(next) if next == ground => continue,
                Ok(next) if next == source.tip => (ground, known) = (next, next),
                Ok(next) => ground = next,
            }
            brings.push(source.name.clone());
        }
        if self.reaches(tip, ground)? {
            return Ok(Ok(Updating::Current));
        }
        let own = self.own(tip, sources, moves)?;
        let mut now = ground;
        for commit in &own {
            match self.again(now, *commit)? {
                Ok(next) => now = next,
                Err(why) => return Ok(Err(Stop { why, with: target.name.clone() })),
            }
        }
        if self.loses(tip, (ground, now))? {
            return Ok(Err(Stop { why: Why::Apart, with: target.name.clone() }));
        }
        let again = Some(own.len());
        let track = self.track.id.clone();
        Ok(Ok(Updating::Moves(Update { track, from: tip, to: now, brings, again, known })))
    }

    /// The commits of the track alone, oldest first, merges apart.
    fn own(&self, tip: CommitId, sources: &[Source], moves: &Moves) -> Result<Vec<CommitId>> {
        let git = self.scratch.git().args(["rev-list", "--reverse", "--topo-order", "--no-merges"]);
        let git = git.arg(tip.to_string()).arg("--not").args(sources.iter().map(|source| source.tip.to_string()));
        // What another track was before it was done again is none of this one's.
        let printed = git.args(moves.values().map(|(from, _)| from.to_string())).stdout()?;
        Ok(printed.lines().filter_map(CommitId::from_hex).collect())
    }

    /// One commit done again; the same as before where what it brings is there already.
    fn again(&self, now: CommitId, commit: CommitId) -> Result<std::result::Result<CommitId, Why>> {
        let objects = self.scratch.objects();
        let Some(parent) = objects.commit(commit)?.parents.first().copied() else {
            return Ok(Err(Why::Unknown(format!("{} has no commit before it", commit.short()))));
        };
        let (base, ours) = (Some(self.premerge.end(parent)?), self.premerge.end(now)?);
        let merge = Given { base, ours, theirs: self.premerge.end(commit)? };
        let merged = self.premerge.given(&[merge], Trees::Compose)?.0.remove(0);
        Ok(match merged.verdict {
            Verdict::Conflict(conflicts) => Err(Why::Conflict(conflicts.into_iter().map(Conflict::turned).collect())),
            Verdict::Unknown(reason) => Err(Why::Unknown(reason)),
            Verdict::Disjoint | Verdict::Clean => {
                let tree = merged.tree.context("a clean merge has a tree")?;
                Ok(if tree == ours.tree { now } else { replay::again(self.scratch, commit, (tree, now))? })
            }
        })
    }

    /// Whether doing commits again comes to something else than merging them.
    fn loses(&self, tip: CommitId, (ground, now): (CommitId, CommitId)) -> Result<bool> {
        let merge = Given { base: None, ours: self.premerge.end(ground)?, theirs: self.premerge.end(tip)? };
        let merged = self.premerge.given(&[merge], Trees::Compose)?.0.remove(0);
        Ok(merged.tree != Some(self.scratch.objects().commit(now)?.tree))
    }
}
