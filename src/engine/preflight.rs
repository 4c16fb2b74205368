//! The check before a wave: whether what has landed works, whether no file on the target is over the limit, and whether
//! every track is saved. Only looks.

use anyhow::Result;
use rayon::prelude::*;

use super::checkpoint::take::Place;
use super::checkpoint::{self, Checkpoint};
use super::ground::Stored;
use super::project::Project;
use crate::git::{Scratch, tree};
use crate::host::clock;
use crate::model::text::{count, list};
use crate::model::{Entry, Finding, RepoPath, Severity, Track};
use crate::policy::rules::{self, Limits};

/// More names than this are counted.
const NAMES: usize = 3;

/// One line of the check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What was looked at.
    pub name: &'static str,
    /// What came of it.
    pub verdict: Verdict,
    /// What there is to know, as a short sentence.
    pub detail: String,
    /// What to do about it.
    pub cure: Option<String>,
}

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All is well.
    Pass,
    /// Something is not.
    Fail,
    /// Nobody looked, or it could not be told.
    NotChecked,
}

/// What is known of the gates on the target as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gates {
    /// Nobody ran them; the reason is a short sentence.
    NotRun(String),
    /// All ran. Those that failed, by name.
    Ran {
        /// How many there are.
        all: usize,
        /// Those that did not pass.
        failed: Vec<String>,
    },
}

/// All checks, in order.
pub fn preflight(project: &Project, scratch: &Scratch, gates: &Gates) -> Result<Vec<Check>> {
    Ok(vec![of_gates(gates), sizes(project, scratch)?, checkpoints(project, scratch)?])
}

fn of_gates(gates: &Gates) -> Check {
    let (verdict, detail) = match gates {
        Gates::NotRun(why) => (Verdict::NotChecked, why.clone()),
        Gates::Ran { all, failed } if failed.is_empty() => {
            (Verdict::Pass, format!("{} on the target", plural(*all, "gate", "passes", "pass")))
        }
        Gates::Ran { failed, .. } => (Verdict::Fail, format!("on the target {} not pass", does(failed))),
    };
    Check { name: "gates", verdict, detail, cure: None }
}

fn does(names: &[String]) -> String {
    format!("{} {}", some(names), if names.len() == 1 { "does" } else { "do" })
}

fn plural(number: usize, noun: &str, one: &str, several: &str) -> String {
    format!("{} {}", count(number, noun), if number == 1 { one } else { several })
}

/// The names, or the first ones and how many more there are.
fn some(names: &[String]) -> String {
    if names.len() <= NAMES + 1 {
        return list(names);
    }
    let more = format!("{} more", names.len() - NAMES);
    list(&[&names[..NAMES], &[more]].concat())
}

/// Every file on the target against `max-lines` and `max-bytes`.
fn sizes(project: &Project, scratch: &Scratch) -> Result<Check> {
    let check = |verdict, detail| Check { name: "sizes", verdict, detail, cure: None };
    let rules = &project.config.rules.file_size;
    if rules.max_lines.is_none() && rules.max_bytes.is_none() {
        return Ok(check(Verdict::Pass, "no limit is set".to_owned()));
    }
    let limits = Limits::new(rules)?;
    let objects = scratch.objects();
    let target = objects.commit(project.target.commit)?.tree;
    let stored = Stored { objects, target, forks: &[] };
    let judge =
        |file: &(RepoPath, Entry)| rules::stands_over(&limits, (&file.0, file.1), &stored).ok_or(file.0.clone());
    let judged: Vec<_> = tree::entries(objects, target, None)?.par_iter().map(judge).collect();
    let files = judged.len();
    let (found, unread): (Vec<_>, Vec<_>) = judged.into_iter().partition(|judged| judged.is_ok());
    let found: Vec<Finding> = found.into_iter().flatten().flatten().collect();
    let settled = rules::settle(&project.config, clock::today(), found)?;
    let over = settled.findings.iter().filter(|finding| finding.severity == Severity::Error);
    let mut over: Vec<String> =
        over.map(|finding| format!("{} ({})", shown(finding.path.as_ref()), finding.message)).collect();
    over.dedup();
    let unread: Vec<String> = unread.into_iter().filter_map(|path| Some(format!("{}", path.err()?))).collect();
    let target = &project.target.name;
    Ok(match (over.as_slice(), unread.as_slice()) {
        ([], []) => check(Verdict::Pass, format!("no file of {} on {target} is over the limit", count(files, "file"))),
        ([], unread) => check(Verdict::NotChecked, format!("could not be read on {target}: {}", some(unread))),
        (over, _) => check(Verdict::Fail, format!("over the limit on {target}: {}", some(over))),
    })
}

fn shown(path: Option<&RepoPath>) -> String {
    path.map(ToString::to_string).unwrap_or_default()
}

/// Whether the newest checkpoint of every track that has a worktree holds what is there now.
fn checkpoints(project: &Project, scratch: &Scratch) -> Result<Check> {
    let all = checkpoint::all(&project.repo)?;
    let standing = |track: &Track| (track.id.to_string(), saved(project, scratch, &all, track));
    let standing: Vec<(String, Result<Saved>)> =
        project.tracks.iter().filter(|track| track.tip.is_some()).map(standing).collect();
    let named = |wanted: Saved| -> Vec<String> {
        let is_it = |(_, found): &&(String, Result<Saved>)| found.as_ref().is_ok_and(|found| *found == wanted);
        standing.iter().filter(is_it).map(|(id, _)| id.clone()).collect()
    };
    let unread = standing.iter().filter_map(|(id, found)| Some(format!("{id} ({:#})", found.as_ref().err()?)));
    let (never, moved, unread) = (named(Saved::Never), named(Saved::Earlier), unread.collect::<Vec<String>>());
    let check = |verdict, detail, cure| Ok(Check { name: "checkpoints", verdict, detail, cure });
    if never.is_empty() && moved.is_empty() && unread.is_empty() {
        return check(
            Verdict::Pass,
            format!("of {}", plural(standing.len(), "track", "as it is", "as they are")),
            None,
        );
    }
    let cure = "`tracks checkpoint` takes them".to_owned();
    let part = |words: &str, names: &[String]| (!names.is_empty()).then(|| format!("{words} {}", some(names)));
    let parts = [part("none of", &never), part("an older state of", &moved), part("cannot be compared:", &unread)];
    let detail = parts.into_iter().flatten().collect::<Vec<_>>().join("; ");
    match never.is_empty() && moved.is_empty() {
        true => check(Verdict::NotChecked, detail, None),
        false => check(Verdict::Fail, detail, Some(cure)),
    }
}

/// What the newest checkpoint of a track holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Saved {
    /// What is there now, or there is no worktree, and commits are all there is.
    Now,
    /// Something else.
    Earlier,
    /// There is none.
    Never,
}

fn saved(project: &Project, scratch: &Scratch, all: &[Checkpoint], track: &Track) -> Result<Saved> {
    let Some(place) = Place::of(project, track)? else { return Ok(Saved::Now) };
    let Some(newest) = all.iter().find(|found| found.name.track == track.id) else { return Ok(Saved::Never) };
    let store = checkpoint::store(scratch.objects(), all, &place)?;
    let now = place.take(&store)?;
    let same = newest.manifest(scratch.objects())?.same_work(&now.manifest);
    Ok(if same { Saved::Now } else { Saved::Earlier })
}
