//! What the rules judge by, read from the repository: own changes, migrations, contents.

use std::collections::BTreeSet;

use anyhow::Result;
use bstr::BString;
use rayon::prelude::*;

use super::own_changes::{Place, own_changes};
use super::project::Project;
use super::snapshot::Snapshot;
use crate::git::objects::Node;
use crate::git::{Graph, Objects, Trees, tree};
use crate::model::{BlobId, CommitId, Entry, RepoPath, TrackId, TreeId};
use crate::policy::migrations::migration::Reading;
use crate::policy::migrations::naming::Naming;
use crate::policy::rules::{Blobs, MigrationFile, OwnChange, Tree, Work};

/// Contents and names as the objects have them.
pub struct Stored<'a> {
    /// Where contents are read.
    pub objects: &'a Objects,
    /// The tree of the target's tip.
    pub target: TreeId,
    /// The trees at which the tracks left the target.
    pub forks: &'a [(TrackId, TreeId)],
}

impl Blobs for Stored<'_> {
    fn size(&self, id: BlobId) -> Option<u64> {
        self.objects.blob_size(id).ok()
    }

    fn content(&self, id: BlobId) -> Option<Vec<u8>> {
        self.objects.blob(id, 8 << 20).ok().flatten()
    }

    fn names_on_target(&self, folder: Option<&RepoPath>) -> Vec<BString> {
        let tree = match folder {
            None => Some(self.target),
            Some(path) => match tree::lookup(self.objects, self.target, path) {
                Ok(Some(Node::Tree(id))) => Some(id),
                _ => None,
            },
        };
        let rows = tree.and_then(|id| self.objects.tree(id).ok()).unwrap_or_default();
        rows.into_iter().map(|row| row.name).collect()
    }

    fn files(&self, tree: Tree, below: Option<&RepoPath>) -> Option<Vec<(RepoPath, Entry)>> {
        let id = match tree {
            Tree::Target => self.target,
            Tree::Fork(track) => self.forks.iter().find(|(id, _)| id == track)?.1,
        };
        tree::entries(self.objects, id, below).ok()
    }
}

/// What tracks changed themselves, ordered by track.
#[derive(Default)]
pub struct Works {
    /// Of each track that could be read.
    pub read: Vec<Work>,
    /// Where they left the target.
    pub forks: Vec<(TrackId, TreeId)>,
    /// The tracks whose changes could not be read although their snapshots could, and why.
    pub unread: Vec<(TrackId, String)>,
}

/// Reads what each track changed itself. Tracks without a snapshot are left out.
pub fn works(
    trees: &Trees,
    objects: &Objects,
    project: &Project,
    snapshots: &[std::result::Result<Snapshot, String>],
) -> Result<Works> {
    let readable: Vec<(&TrackId, &Snapshot)> = project
        .tracks
        .iter()
        .zip(snapshots)
        .filter_map(|(track, snapshot)| Some((&track.id, snapshot.as_ref().ok()?)))
        .collect();
    let mut tips: Vec<CommitId> = vec![project.target.commit];
    tips.extend(readable.iter().map(|(_, snapshot)| snapshot.side.tip));
    // Where the history of one cannot be read, each is walked alone, so that the others do not suffer.
    let together = Graph::walk(&project.repo, objects, &tips).ok();
    let target = objects.commit(project.target.commit)?.tree;
    let place_of = |id: &TrackId| readable.iter().position(|(track, _)| *track == id).map(|at| at + 1);
    let work = |(at, (track, snapshot)): (usize, &(&TrackId, &Snapshot))| {
        let depends_on = super::order::dependencies(&project.config, track);
        let depends_on: Vec<usize> = depends_on.iter().filter_map(place_of).collect();
        let read = || match &together {
            Some(graph) => {
                let place = Place { graph, target: 0, track: at + 1, depends_on };
                Ok((own_changes(trees, objects, &place, target, snapshot)?, place.fork(objects)?))
            }
            None => {
                let mut own: Vec<CommitId> = vec![tips[0], tips[at + 1]];
                own.extend(depends_on.iter().map(|at| tips[*at]));
                let graph = Graph::walk(&project.repo, objects, &own)?;
                let place = Place { graph: &graph, target: 0, track: 1, depends_on: (2..own.len()).collect() };
                Ok((own_changes(trees, objects, &place, target, snapshot)?, place.fork(objects)?))
            }
        };
        let read: Result<(Vec<OwnChange>, Option<TreeId>)> = read();
        match read {
            Ok((changes, fork)) => Ok((Work { track: (*track).clone(), changes }, fork)),
            Err(error) => Err(((*track).clone(), format!("{error:#}"))),
        }
    };
    let mut works = Works::default();
    for work in readable.par_iter().enumerate().map(work).collect::<Vec<_>>() {
        match work {
            Ok((work, fork)) => {
                works.forks.extend(fork.map(|fork| (work.track.clone(), fork)));
                works.read.push(work);
            }
            Err(unread) => works.unread.push(unread),
        }
    }
    Ok(works)
}

/// The migrations that stand beside those that a track touched: the target's, and every track's. Work grows with what
/// was changed, not with the repository.
pub fn migrations(objects: &Objects, project: &Project, target: TreeId, works: &[Work]) -> Result<Vec<MigrationFile>> {
    let Some(rules) = &project.config.rules.migrations else { return Ok(Vec::new()) };
    let naming = Naming::new(rules, project.tracks.iter().map(|track| &track.id))?;
    let mut sets: BTreeSet<RepoPath> = BTreeSet::new();
    let mut found: Vec<MigrationFile> = Vec::new();
    for work in works {
        for change in &work.changes {
            let path = &change.change.path;
            let Reading::Migration(migration) = naming.read(path) else { continue };
            sets.insert(migration.set);
            if let (Some(after), None) = (change.change.after, change.on_target) {
                let blob = Some(after.id).filter(|_| after.mode.is_file());
                found.push(MigrationFile { track: Some(work.track.clone()), path: path.clone(), blob });
            }
        }
    }
    for set in sets {
        let there = tree::entries(objects, target, Some(&set))?.into_iter();
        let there = there.filter(|(path, _)| naming.covers(path));
        let blob = |entry: Entry| Some(entry.id).filter(|_| entry.mode.is_file());
        found.extend(there.map(|(path, entry)| MigrationFile { track: None, path, blob: blob(entry) }));
    }
    Ok(found)
}
