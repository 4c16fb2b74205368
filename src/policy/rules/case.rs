//! What all rules share: the configuration compiled, the migrations read, and how a finding begins.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use bstr::BString;

use super::forbidden::Pattern;
use super::size::Limits;
use super::table::Tables;
use super::{Ground, catalogue};
use crate::model::{Failure, Finding, RepoPath, Rule, Severity, TrackId};
use crate::policy::contracts::Interface;
use crate::policy::migrations::migration::{Migration, Reading};
use crate::policy::migrations::naming::Naming;

/// The ground, prepared for judging.
pub struct Case<'a> {
    /// What is judged.
    pub ground: &'a Ground<'a>,
    /// The limits on sizes.
    pub limits: Limits,
    /// The forbidden patterns.
    pub patterns: Vec<Pattern>,
    /// The contracts.
    pub contracts: Vec<Interface>,
    /// Whose tables are whose.
    pub tables: Tables,
    /// The migrations; `None` where `tracks.toml` does not speak of them.
    pub migrations: Option<Migrations<'a>>,
}

/// All migrations, read.
pub struct Migrations<'a> {
    /// How they are named.
    pub naming: Naming,
    /// Those of the target (`None`) and of the tracks that add some, by path.
    pub all: Vec<(Option<&'a TrackId>, Migration)>,
    /// The paths of the target's migrations.
    pub on_target: BTreeSet<RepoPath>,
}

impl<'a> Case<'a> {
    /// Compiles the configuration; fails on what is not valid in it.
    pub fn new(ground: &'a Ground<'a>) -> Result<Case<'a>, Failure> {
        let rules = &ground.config.rules;
        let ids: Vec<TrackId> = ground.config.tracks.keys().filter_map(|id| TrackId::new(id).ok()).collect();
        let naming = rules.migrations.as_ref().map(|rules| Naming::new(rules, ids.iter())).transpose()?;
        Ok(Case {
            limits: Limits::new(&rules.file_size)?,
            patterns: Pattern::all(&rules.forbidden)?,
            contracts: Interface::all(ground.config)?,
            tables: Tables::new(ground),
            migrations: naming.map(|naming| Migrations::read(naming, ground)),
            ground,
        })
    }

    /// The tracks in the order in which they must give way: the least priority first, of two equals the later id.
    pub fn by_yielding(&self, mut tracks: Vec<TrackId>) -> Vec<TrackId> {
        tracks.sort_by_key(|track| Reverse(self.rank(track)));
        tracks.dedup();
        tracks
    }

    /// The track's place among all: the first wins.
    pub fn rank(&self, track: &TrackId) -> (u32, TrackId) {
        let table = self.ground.config.tracks.get(track.as_str());
        (table.and_then(|table| table.priority).unwrap_or(u32::MAX), track.clone())
    }

    /// Whether `track` deletes what the target has at `path`: the file, or everything in the folder.
    pub fn is_gone(&self, track: &TrackId, path: &RepoPath) -> bool {
        let changes = self.ground.works.iter().filter(|work| work.track == *track).flat_map(|work| &work.changes);
        let deleted = changes.filter(|change| change.change.after.is_none());
        let deleted: BTreeSet<&RepoPath> = deleted.map(|change| &change.change.path).collect();
        !deleted.is_empty() && self.is_among(&deleted, path)
    }

    fn is_among(&self, deleted: &BTreeSet<&RepoPath>, path: &RepoPath) -> bool {
        let names = || self.ground.blobs.names_on_target(Some(path));
        let all = |names: &[BString]| names.iter().all(|name| self.is_among(deleted, &path.join(name)));
        deleted.contains(path) || Some(names()).filter(|names| !names.is_empty()).is_some_and(|names| all(&names))
    }
}

impl<'a> Migrations<'a> {
    fn read(naming: Naming, ground: &'a Ground<'a>) -> Migrations<'a> {
        let listed = ground.migrations.iter().map(|file| (file.track.as_ref(), &file.path));
        // Whoever judges a single track need not list what it brings itself.
        let brought = ground.works.iter().flat_map(|work| {
            let new = work.changes.iter().filter(|change| change.is_new());
            new.map(|change| (Some(&work.track), &change.change.path))
        });
        let mut all = BTreeMap::new();
        for (track, path) in listed.chain(brought) {
            if let Reading::Migration(migration) = naming.read(path) {
                all.insert((migration.path.clone(), track), migration);
            }
        }
        let on_target = all.keys().filter(|(_, track)| track.is_none()).map(|(path, _)| path.clone()).collect();
        let all = all.into_iter().map(|((_, track), migration)| (track, migration)).collect();
        Migrations { naming, all, on_target }
    }

    /// The newest migration of the target in a set, where versions have an order.
    pub fn newest(&self, set: &RepoPath) -> Option<&Migration> {
        if !self.naming.preset().is_none_or(|preset| preset.version.is_ordered()) {
            return None;
        }
        let target = self.all.iter().filter(|(track, migration)| track.is_none() && migration.set == *set);
        target.map(|(_, migration)| migration).max_by(|a, b| a.version.cmp(&b.version))
    }
}

/// A finding with the severity that its rule has, and nothing said yet.
pub fn finding(rule: &'static str, tracks: Vec<TrackId>, path: &RepoPath) -> Finding {
    Finding {
        rule: Rule::fixed(rule),
        severity: catalogue::info(rule).map_or(Severity::Error, |info| info.severity),
        tracks,
        path: Some(path.clone()),
        lines: Vec::new(),
        message: String::new(),
        cure: String::new(),
    }
}

/// Text from the configuration in backticks, safe to show.
pub fn quoted(text: &str) -> String {
    format!("`{}`", crate::model::text::escaped(text.as_bytes()))
}
