//! Branches of tracks that are about to move, or to be sent away: what the rules say of where they go.

use std::io::Read;

use anyhow::Result;

use super::ground;
use super::project::Project;
use super::snapshot;
use crate::git::{Scratch, Trees};
use crate::model::{CommitId, Finding, Severity, TrackId};
use crate::policy::ownership::Ownership;
use crate::policy::rules::{self, Ground};

/// One branch and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Its full names: here and, where it is sent away, there.
    pub names: Vec<String>,
    /// What it leads to there now, where that is known.
    pub from: Option<CommitId>,
    /// What it will lead to.
    pub to: CommitId,
    /// Where that is.
    pub place: Place,
}

/// In which repository a branch moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// This one.
    Here,
    /// Another one, which it is sent to.
    Away,
}

/// Lines about refs are short; more than this many bytes are not read.
const LONGEST: u64 = 64 << 20;

/// Reads what Git tells a pre-push hook: `<local ref> <local id> <remote ref> <remote id>`. Deletions are left out.
pub fn pushed(input: &mut dyn Read) -> Result<Vec<Moved>> {
    Ok(lines(input)?.iter().filter_map(|line| push(&line.split(' ').collect::<Vec<_>>())).collect())
}

/// The same from the words that pre-commit and prek put into variables instead: local and remote name, both ids.
pub fn push(words: &[&str]) -> Option<Moved> {
    let [local, to, remote, from] = words else { return None };
    // Where the branch goes says whose it is; where that is nobody's, what it is here.
    Some(Moved {
        names: vec![(*remote).to_owned(), (*local).to_owned()],
        from: id(from),
        to: id(to)?,
        place: Place::Away,
    })
}

/// Reads what Git tells a reference-transaction hook: `<old id> <new id> <ref>`. Only branches that get a commit.
pub fn updated(input: &mut dyn Read) -> Result<Vec<Moved>> {
    let read = |line: &String| {
        let [from, to, name] = line.splitn(3, ' ').collect::<Vec<_>>()[..] else { return None };
        name.starts_with("refs/heads/").then_some(())?;
        Some(Moved { names: vec![name.to_owned()], from: id(from), to: id(to)?, place: Place::Here })
    };
    Ok(lines(input)?.iter().filter_map(read).collect())
}

fn lines(input: &mut dyn Read) -> Result<Vec<String>> {
    let mut text = Vec::new();
    input.take(LONGEST).read_to_end(&mut text)?;
    Ok(String::from_utf8_lossy(&text).lines().map(str::to_owned).collect())
}

/// An id; `None` for the one that stands for nothing.
fn id(hex: &str) -> Option<CommitId> {
    CommitId::from_hex(hex.as_bytes()).filter(|id| !id.raw().is_null())
}

/// What the rules find in the tracks whose branches move that they did not find where these branches were: nobody is
/// held up for what is there already.
pub fn judge(project: &Project, scratch: &Scratch, moved: &[Moved]) -> Result<Vec<Finding>> {
    let mut concerned: Vec<(TrackId, &Moved)> = Vec::new();
    for moved in moved {
        let track =
            moved.names.iter().find_map(|name| project.tracks.iter().find(|track| track.branch.full() == *name));
        let Some(track) = track else { continue };
        if track.tip != Some(moved.to) || moved.place == Place::Away {
            concerned.push((track.id.clone(), moved));
        }
    }
    if concerned.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<&TrackId> = concerned.iter().map(|(id, _)| id).collect();
    let found = findings(&with_tips(project, concerned.iter().map(|(id, moved)| (id, Some(moved.to)))), scratch, &ids)?;
    if found.iter().all(|finding| finding.severity != Severity::Error) {
        return Ok(found);
    }
    let before = |(id, moved): &(TrackId, &Moved)| {
        let track = project.tracks.iter().find(|track| track.id == *id)?;
        let known = moved.from.filter(|from| scratch.objects().contains(from.raw()));
        let known = if moved.place == Place::Here { known.or(track.tip) } else { known };
        known.map(|tip| (id.clone(), tip))
    };
    let before: Vec<(TrackId, CommitId)> = concerned.iter().filter_map(before).collect();
    if before.is_empty() {
        return Ok(found);
    }
    let ids: Vec<&TrackId> = before.iter().map(|(id, _)| id).collect();
    let known = findings(&with_tips(project, before.iter().map(|(id, tip)| (id, Some(*tip)))), scratch, &ids)?;
    let is_new = |finding: &Finding| {
        !known.iter().any(|old| (&old.rule, &old.path, &old.tracks) == (&finding.rule, &finding.path, &finding.tracks))
    };
    Ok(found.into_iter().filter(is_new).collect())
}

fn with_tips<'a>(project: &Project, tips: impl Iterator<Item = (&'a TrackId, Option<CommitId>)>) -> Project {
    let mut project = project.clone();
    for (id, tip) in tips {
        project.tracks.iter_mut().filter(|track| track.id == *id).for_each(|track| track.tip = tip);
    }
    project
}

/// What the rules find in these tracks, by commits alone.
fn findings(project: &Project, scratch: &Scratch, ids: &[&TrackId]) -> Result<Vec<Finding>> {
    let objects = scratch.objects();
    let trees = Trees::new(objects);
    let target = objects.commit(project.target.commit)?.tree;
    let snapshots: Vec<_> = project.tracks.iter().map(|track| snapshot::of_tip(objects, track.tip)).collect();
    let works = ground::works((&trees, objects), project, &snapshots)?;
    let migrations = ground::migrations(objects, project, target, &works.read)?;
    let ownership = Ownership::new(&project.config, &project.uncommitted)?;
    let ground = Ground {
        config: &project.config,
        ownership: &ownership,
        target: &project.target.name,
        works: &works.read,
        migrations: &migrations,
        blobs: &ground::Stored { objects, target, forks: &works.forks },
        checks: None,
    };
    let mut found = Vec::new();
    for id in ids {
        found.extend(rules::judge_track(&ground, id)?.findings);
    }
    Ok(rules::settle(&project.config, ground::today(&project.config), found)?.findings)
}

#[cfg(test)]
mod tests {
    use super::{push, pushed, updated};

    const A: &str = "b4785957bc986dc39c629de9fac9df46972c00fc";
    const ZERO: &str = "0000000000000000000000000000000000000000";

    #[test]
    fn deletions_and_other_refs_are_no_moves() {
        let text = format!(
            "{A} {ZERO} refs/heads/x\n{ZERO} {A} refs/tags/x\n{ZERO} ref:refs/heads/x HEAD\n{ZERO} {A} refs/heads/y\n"
        );
        let found = updated(&mut text.as_bytes()).expect("it can be read");
        assert_eq!(found.iter().map(|moved| &moved.names[0]).collect::<Vec<_>>(), ["refs/heads/y"]);
        let text = format!("(delete) {ZERO} refs/heads/x {A}\nHEAD {A} refs/heads/y {ZERO}\n");
        let found = pushed(&mut text.as_bytes()).expect("it can be read");
        assert_eq!(found, [push(&["HEAD", A, "refs/heads/y", ZERO]).expect("a push")]);
        assert_eq!(found[0].from, None);
    }
}
