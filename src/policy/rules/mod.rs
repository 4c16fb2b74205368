//! The rules, one file each: every rule is a pure function of what a track changed, what the target and the other
//! tracks hold, and the configuration.

mod append;
mod case;
pub mod catalogue;
mod conflict_marker;
mod content;
mod contract;
mod cure;
mod duplicate;
mod forbidden;
mod heads;
mod migration;
mod names;
mod ownership;
#[cfg(test)]
mod presets;
mod settle;
mod sidecar;
mod size;
mod table;
#[cfg(test)]
mod testing;

use bstr::BString;
use rayon::prelude::*;

use self::case::Case;
pub use self::settle::{Settled, settle};
pub use self::size::{Limits, stands_over};
use super::config::Config;
use super::contracts::Checks;
use super::ownership::Ownership;
use crate::model::{BlobId, Change, Entry, Failure, Finding, RepoPath, TrackId};

/// One of a track's own changes, and what the target's tip has at that path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnChange {
    /// The path, what the fork point had there, and what the track has there now.
    pub change: Change,
    /// What the target's tip has there.
    pub on_target: Option<Entry>,
    /// Whether the path differs from the track's last commit.
    pub uncommitted: bool,
}

impl OwnChange {
    /// Whether the track brings a path that neither the fork point nor the target has.
    pub fn is_new(&self) -> bool {
        self.change.before.is_none() && self.on_target.is_none() && self.change.after.is_some()
    }
}

/// What one track changed itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// Which track.
    pub track: TrackId,
    /// Its own changes, ordered by path.
    pub changes: Vec<OwnChange>,
}

/// A migration file that exists somewhere: on the target, or in a track that added it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationFile {
    /// The track that has it and not the target; `None` for the target's own.
    pub track: Option<TrackId>,
    /// Where it lies.
    pub path: RepoPath,
    /// What it holds; `None` where it is no file, or could not be read.
    pub blob: Option<BlobId>,
}

/// A tree that rules look into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tree<'a> {
    /// That of the target's tip.
    Target,
    /// That of the commit at which a track left the target.
    Fork(&'a TrackId),
}

/// Access to what is stored, for rules that look inside. Asked from several threads at once.
pub trait Blobs: Sync {
    /// The size in bytes of a blob; `None` when it cannot be read.
    fn size(&self, id: BlobId) -> Option<u64>;
    /// The content of a blob; `None` when it cannot be read, or is larger than 8 MiB.
    fn content(&self, id: BlobId) -> Option<Vec<u8>>;
    /// The names of what the target's tip has directly in a folder (`None`: at the root), folders included; nothing
    /// where it has no such folder.
    fn names_on_target(&self, folder: Option<&RepoPath>) -> Vec<BString>;
    /// Every file of a tree at a path and below it (`None`: all of them); `None` where that could not be read.
    fn files(&self, tree: Tree, below: Option<&RepoPath>) -> Option<Vec<(RepoPath, Entry)>>;
}

/// Everything the rules judge by.
pub struct Ground<'a> {
    /// The policy that binds.
    pub config: &'a Config,
    /// Its `owns` and shared zones, compiled.
    pub ownership: &'a Ownership,
    /// The name of the branch that all tracks land on, for messages and commands.
    pub target: &'a str,
    /// What each track changed.
    pub works: &'a [Work],
    /// The migrations of the target and of every track; files that are none are passed over.
    pub migrations: &'a [MigrationFile],
    /// What is stored.
    pub blobs: &'a dyn Blobs,
    /// What the checks of contracts say about what is committed; `None` where nobody runs them.
    pub checks: Option<&'a Checks>,
}

/// What the rules found, before [`settle`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// What somebody may have to act on, in no order.
    pub findings: Vec<Finding>,
    /// What could not be judged, by track and path: for these files, no finding does not mean that all is well.
    pub unread: Vec<Unread>,
}

/// A file that a rule had to look into and could not: unreadable, or too large.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unread {
    /// Whose change it is.
    pub track: TrackId,
    /// The file.
    pub path: RepoPath,
}

/// Judges all tracks.
///
/// Fails on a pattern, a limit or a date in the configuration that is not valid.
pub fn judge(ground: &Ground) -> Result<Judgement, Failure> {
    let case = Case::new(ground)?;
    let each: Vec<(Vec<Finding>, Vec<Unread>)> = ground.works.par_iter().map(|work| of_work(&case, work)).collect();
    let (mut findings, mut unread) = (across(&case, Whose::All), Vec::new());
    for (found, missed) in each {
        findings.extend(found);
        unread.extend(missed);
    }
    Ok(judgement(findings, unread))
}

/// The part of [`judge`] in which `track` must act first, about what it changed; what else it looks at are names, not
/// contents.
///
/// Fails as [`judge`] does.
pub fn judge_track(ground: &Ground, track: &TrackId) -> Result<Judgement, Failure> {
    let case = Case::new(ground)?;
    let (mut findings, mut unread) = (across(&case, Whose::Of(track)), Vec::new());
    findings.retain(|finding| finding.tracks.first() == Some(track));
    for work in ground.works.iter().filter(|work| work.track == *track) {
        let (found, missed) = of_work(&case, work);
        findings.extend(found);
        unread.extend(missed);
    }
    Ok(judgement(findings, unread))
}

/// The rules in which the track that made a change is always the first to act.
fn of_work(case: &Case, work: &Work) -> (Vec<Finding>, Vec<Unread>) {
    let mut findings = migration::judge(case, work);
    findings.extend(contract::judge(case, work));
    let mut unread = Vec::new();
    for change in &work.changes {
        let content = content::Content::new(change, case.ground.blobs);
        findings.extend(ownership::judge(case, work, &content));
        findings.extend(size::judge(case, work, &content));
        findings.extend(conflict_marker::judge(work, &content));
        findings.extend(forbidden::judge(case, work, &content));
        findings.extend(table::judge(case, work, &content));
        if content.is_unread() {
            unread.push(Unread { track: work.track.clone(), path: change.change.path.clone() });
        }
    }
    (findings, unread)
}

/// Whose changes are judged, among those of all tracks.
#[derive(Clone, Copy)]
enum Whose<'a> {
    All,
    Of(&'a TrackId),
}

impl Whose<'_> {
    fn works<'c>(self, case: &Case<'c>) -> impl Iterator<Item = &'c Work> {
        case.ground.works.iter().filter(move |work| match self {
            Whose::All => true,
            Whose::Of(track) => work.track == *track,
        })
    }
}

/// The rules that look at all tracks at once.
fn across(case: &Case, whose: Whose) -> Vec<Finding> {
    [
        ownership::overlaps(case, whose),
        ownership::uncommitted(case),
        contract::undelivered(case),
        duplicate::judge(case),
        heads::judge(case),
        sidecar::judge(case),
        names::judge(case, whose),
    ]
    .concat()
}

fn judgement(findings: Vec<Finding>, mut unread: Vec<Unread>) -> Judgement {
    unread.sort();
    Judgement { findings, unread }
}
