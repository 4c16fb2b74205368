//! A bench for the rules' own tests: a policy as text, files as text, findings out.

use std::collections::{BTreeMap, BTreeSet};

use bstr::BString;

use super::{Blobs, Ground, Judgement, MigrationFile, OwnChange, Tree, Work, judge, judge_track, settle};
use crate::model::{BlobId, Change, Entry, Finding, Mode, RepoPath, TrackId};
use crate::policy::config::Config;
use crate::policy::contracts::Checks;
use crate::policy::ownership::Ownership;

/// Tracks, what they changed, and what the target has.
pub struct Bench {
    config: Config,
    uncommitted: BTreeSet<TrackId>,
    works: Vec<Work>,
    migrations: Vec<MigrationFile>,
    store: Store,
    /// What the checks of contracts say.
    pub checks: Option<Checks>,
}

#[derive(Default)]
struct Store {
    contents: Vec<Option<Vec<u8>>>,
    target: BTreeMap<Option<RepoPath>, BTreeSet<BString>>,
    files: Vec<(RepoPath, Entry)>,
    /// What the forks had otherwise than the target.
    forks: Vec<(TrackId, RepoPath, Entry)>,
    /// The tracks whose forks are known: all others left the target as it is.
    left: BTreeSet<TrackId>,
}

impl Blobs for Store {
    fn size(&self, id: BlobId) -> Option<u64> {
        self.content(id).map(|content| content.len() as u64)
    }

    fn content(&self, id: BlobId) -> Option<Vec<u8>> {
        let number = id.raw().as_slice()[..4].iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        self.contents[number].clone()
    }

    fn names_on_target(&self, folder: Option<&RepoPath>) -> Vec<BString> {
        self.target.get(&folder.cloned()).into_iter().flatten().cloned().collect()
    }

    fn files(&self, tree: Tree, below: Option<&RepoPath>) -> Option<Vec<(RepoPath, Entry)>> {
        let inside = |path: &RepoPath| below.is_none_or(|below| path.is_within(below));
        let forked = |track: &TrackId| {
            let files = self.forks.iter().filter(move |(id, ..)| id == track);
            files.map(|(_, path, entry)| (path.clone(), *entry)).collect::<Vec<_>>()
        };
        let all = match tree {
            Tree::Fork(track) if !self.left.is_empty() => forked(track),
            _ => self.files.clone(),
        };
        Some(all.into_iter().filter(|(path, _)| inside(path)).collect())
    }
}

impl Store {
    /// Equal contents have one id.
    fn entry(&mut self, content: Option<Vec<u8>>) -> Entry {
        let number = self.contents.iter().position(|known| content.is_some() && *known == content);
        let number = number.unwrap_or_else(|| {
            self.contents.push(content);
            self.contents.len() - 1
        });
        let id = BlobId::from_hex(format!("{number:08x}{:032x}", 0).as_bytes()).expect("forty digits");
        Entry { mode: Mode::File, id }
    }
}

pub fn track(id: &str) -> TrackId {
    TrackId::new(id).expect("valid")
}

impl Bench {
    pub fn new(policy: &str) -> Bench {
        Bench {
            config: toml::from_str(policy).expect("valid"),
            uncommitted: BTreeSet::new(),
            works: Vec::new(),
            migrations: Vec::new(),
            store: Store::default(),
            checks: None,
        }
    }

    /// `id` has its entry in the main worktree only.
    pub fn uncommitted(&mut self, id: &str) {
        self.uncommitted.insert(track(id));
    }

    /// A track makes of the first text the second; the target still has the first.
    pub fn change(&mut self, id: &str, path: &str, (before, after): (Option<&str>, Option<&str>)) {
        let mut entry = |text: Option<&str>| text.map(|text| self.store.entry(Some(text.into())));
        let (before, after) = (entry(before), entry(after));
        if before.is_some() {
            self.target(path);
        }
        self.push(
            id,
            OwnChange {
                change: Change { path: RepoPath::new(path), before, after },
                on_target: before,
                uncommitted: false,
            },
        );
    }

    /// The target has a file with this content, which may be a migration.
    pub fn target_file(&mut self, path: &str, text: &str) {
        self.target(path);
        let entry = self.store.entry(Some(text.into()));
        self.migrations.last_mut().expect("just added").blob = Some(entry.id);
        self.store.files.push((RepoPath::new(path), entry));
    }

    /// A track left the target when it had this file so. Every other track then left an empty one.
    pub fn fork(&mut self, id: &str, path: &str, text: &str) {
        let entry = self.store.entry(Some(text.into()));
        self.store.forks.push((track(id), RepoPath::new(path), entry));
        self.store.left.insert(track(id));
    }

    /// A track adds files, each with its name as content.
    pub fn adds(&mut self, id: &str, paths: &[&str]) {
        for path in paths {
            self.change(id, path, (None, Some(path)));
        }
    }

    /// A track adds a file that cannot be read.
    pub fn unreadable(&mut self, id: &str, path: &str) {
        let after = Some(self.store.entry(None));
        let change = Change { path: RepoPath::new(path), before: None, after };
        self.push(id, OwnChange { change, on_target: None, uncommitted: false });
    }

    /// What the target has now where the track's last change was.
    pub fn on_target(&mut self, id: &str, path: &str, text: Option<&str>) {
        let entry = text.map(|text| self.store.entry(Some(text.into())));
        let work = self.works.iter_mut().find(|work| work.track == track(id)).expect("changed");
        let change = work.changes.iter_mut().find(|change| change.change.path == RepoPath::new(path));
        change.expect("changed").on_target = entry;
    }

    /// The target has a file, which may be a migration.
    pub fn target(&mut self, path: &str) {
        let path = RepoPath::new(path);
        self.migrations.push(MigrationFile { track: None, path: path.clone(), blob: None });
        let mut at = Some(path);
        while let Some(path) = at {
            self.store.target.entry(path.parent()).or_default().insert(path.file_name().into());
            at = path.parent();
        }
    }

    /// The last change of the track is not committed.
    pub fn edited(&mut self, id: &str) {
        let work = self.works.iter_mut().find(|work| work.track == track(id)).expect("changed");
        work.changes.last_mut().expect("changed").uncommitted = true;
    }

    pub fn judgement(&self) -> Judgement {
        self.with_ground(|ground| judge(ground).expect("a valid policy"))
    }

    pub fn findings(&self) -> Vec<Finding> {
        let findings = self.settled(self.judgement());
        for work in &self.works {
            let own =
                self.settled(self.with_ground(|ground| judge_track(ground, &work.track).expect("a valid policy")));
            let first = findings.iter().filter(|finding| finding.tracks.first() == Some(&work.track));
            assert_eq!(own, first.cloned().collect::<Vec<_>>(), "the hook and sync agree");
        }
        findings
    }

    fn settled(&self, judgement: Judgement) -> Vec<Finding> {
        let today = jiff::civil::date(2027, 1, 1);
        settle(&self.config, today, judgement.findings).expect("a valid policy").findings
    }

    /// `error rule a+b path`, each.
    pub fn shown(&self) -> Vec<String> {
        let show = |f: &Finding| {
            let tracks: Vec<&str> = f.tracks.iter().map(TrackId::as_str).collect();
            let path = f.path.as_ref().map_or(String::new(), ToString::to_string);
            format!("{} {} {} {path}", f.severity.name(), f.rule, tracks.join("+"))
        };
        self.findings().iter().map(show).collect()
    }

    fn push(&mut self, id: &str, change: OwnChange) {
        let id = track(id);
        match self.works.iter_mut().find(|work| work.track == id) {
            Some(work) => work.changes.push(change),
            None => self.works.push(Work { track: id, changes: vec![change] }),
        }
    }

    fn with_ground<T>(&self, judge: impl Fn(&Ground) -> T) -> T {
        let ownership = Ownership::new(&self.config, &self.uncommitted).expect("a valid policy");
        judge(&Ground {
            config: &self.config,
            ownership: &ownership,
            target: "main",
            works: &self.works,
            migrations: &self.migrations,
            blobs: &self.store,
            checks: self.checks.as_ref(),
        })
    }
}
