//! What the rules judge by, read from the repository: own changes, migrations, contents.

use std::collections::BTreeSet;

use anyhow::Result;
use bstr::BString;
use jiff::civil::Date;
use rayon::prelude::*;

use super::own_changes::{Place, own_changes};
use super::own_memory::{Key, Own, OwnMemory};
use super::project::Project;
use super::snapshot::Snapshot;
use crate::git::objects::Node;
use crate::git::{Graph, Objects, Trees, tree};
use crate::host::clock;
use crate::model::{BlobId, CommitId, Entry, RepoPath, TrackId, TreeId};
use crate::policy::config::Config;
use crate::policy::migrations::migration::Reading;
use crate::policy::migrations::naming::Naming;
use crate::policy::rules::{Blobs, MigrationFile, Tree, Work};

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

/// The day that waivers are held to. Finding out which it is here takes a hook a millisecond, and without a waiver it
/// decides nothing.
pub fn today(config: &Config) -> Date {
    if config.waivers.is_empty() { Date::default() } else { clock::today() }
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
    (trees, objects): (&Trees, &Objects),
    project: &Project,
    snapshots: &[std::result::Result<Snapshot, String>],
) -> Result<Works> {
    let readable: Vec<(&TrackId, &Snapshot)> = project
        .tracks
        .iter()
        .zip(snapshots)
        .filter_map(|(track, snapshot)| Some((&track.id, snapshot.as_ref().ok()?)))
        .collect();
    let field = Field { trees, objects, project, readable };
    let memory = OwnMemory::open(&project.repo)?;
    let keys: Vec<Option<Key>> = (0..field.readable.len()).map(|at| field.key(at)).collect();
    let known = |at: usize| memory.as_ref()?.get(keys[at].as_ref()?);
    let (there, missing): (Vec<usize>, Vec<usize>) = (0..keys.len()).partition(|at| known(*at).is_some());
    let mut works = Works::default();
    for at in there {
        works.take(field.readable[at].0, known(at).cloned().unwrap_or_default());
    }
    let mut new = Vec::new();
    for (at, read) in field.read(&missing)? {
        let track = field.readable[at].0;
        match read {
            Ok((own, bases)) => {
                new.extend(keys[at].clone().filter(|_| bases == Bases::One).map(|key| (key, own.clone())));
                works.take(track, own);
            }
            Err(error) => works.unread.push((track.clone(), format!("{error:#}"))),
        }
    }
    works.read.sort_by(|a, b| a.track.cmp(&b.track));
    works.forks.sort_by(|a, b| a.0.cmp(&b.0));
    if let Some(memory) = memory {
        memory.keep(new, &keys.into_iter().flatten().collect());
    }
    Ok(works)
}

impl Works {
    fn take(&mut self, track: &TrackId, own: Own) {
        self.forks.extend(own.fork.map(|fork| (track.clone(), fork)));
        self.read.push(Work { track: track.clone(), changes: own.changes });
    }
}

/// The tracks that can be read, by their places.
struct Field<'a> {
    trees: &'a Trees<'a>,
    objects: &'a Objects,
    project: &'a Project,
    readable: Vec<(&'a TrackId, &'a Snapshot)>,
}

/// How many merge bases a track has with the target. Of several one is taken, and which follows from what else is looked
/// at.
#[derive(Clone, Copy, PartialEq)]
enum Bases {
    One,
    Several,
}

type Read = Result<(Own, Bases)>;

impl Field<'_> {
    fn depends_on(&self, at: usize) -> Vec<usize> {
        let place_of = |id: &TrackId| self.readable.iter().position(|(track, _)| *track == id);
        let depends_on = super::order::dependencies(&self.project.config, self.readable[at].0);
        depends_on.iter().filter_map(place_of).collect()
    }

    /// What the own changes of a track follow from; `None` where uncommitted work is part of them.
    fn key(&self, at: usize) -> Option<Key> {
        let snapshot = self.readable[at].1;
        let is_commit = snapshot.side.commit == snapshot.side.tip && snapshot.uncommitted.is_empty();
        let depends_on = self.depends_on(at).into_iter().map(|at| self.readable[at].1.side.tip);
        is_commit.then(|| Key::of(snapshot.side.tip, self.project.target.commit, depends_on))
    }

    /// Reads the own changes of tracks.
    fn read(&self, wanted: &[usize]) -> Result<Vec<(usize, Read)>> {
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let mut involved: Vec<usize> =
            wanted.iter().flat_map(|at| self.depends_on(*at)).chain(wanted.iter().copied()).collect();
        involved.sort_unstable();
        involved.dedup();
        // Where the history of one cannot be read, each is walked alone, so that the others do not suffer.
        let together = self.walk(&involved).ok();
        let target = self.objects.commit(self.project.target.commit)?.tree;
        let read = |at: &usize| {
            let alone = || {
                let own = [self.depends_on(*at), vec![*at]].concat();
                self.changes((&self.walk(&own)?, &own), *at, target)
            };
            let read = match &together {
                Some(graph) => self.changes((graph, &involved), *at, target),
                None => alone(),
            };
            (*at, read)
        };
        Ok(wanted.par_iter().map(read).collect())
    }

    /// The history of the target and of tracks, in this order.
    fn walk(&self, tracks: &[usize]) -> Result<Graph> {
        let tips = tracks.iter().map(|at| self.readable[*at].1.side.tip);
        let tips: Vec<CommitId> = std::iter::once(self.project.target.commit).chain(tips).collect();
        Graph::walk(&self.project.repo, self.objects, &tips)
    }

    fn changes(&self, (graph, walked): (&Graph, &[usize]), at: usize, target: TreeId) -> Read {
        let place_of = |track: usize| walked.iter().position(|walked| *walked == track).map(|place| place + 1);
        let depends_on = self.depends_on(at).into_iter().filter_map(place_of).collect();
        let track = place_of(at).expect("it was walked");
        let place = Place { graph, target: 0, track, depends_on };
        let changes = own_changes(self.trees, self.objects, &place, target, self.readable[at].1)?;
        let bases = if graph.bases(0, track).len() <= 1 { Bases::One } else { Bases::Several };
        Ok((Own { fork: place.fork(self.objects)?, changes }, bases))
    }
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
