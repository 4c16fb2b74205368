//! What was said of tracks: kept as commits under `refs/tracks/notes/<track>`, so that it travels as refs do.

mod share;

use std::collections::BTreeMap;

use anyhow::{Context, Result};

use crate::engine::journal::{Change, Journal};
use crate::engine::project::{NOTES, Project};
use crate::git::{Objects, notes, tree};
use crate::host;
use crate::model::text::{count, escaped, list};
use crate::model::{CommitId, Failure, Note, NoteKind, Obstacle, Track, TrackId};
use crate::policy::config::known::nearest;
use crate::policy::contracts::fixed_part;
use crate::policy::notes::{JOINED, LONGEST, Standing, in_order, is_part, message, one_line, standing};
use crate::policy::ownership::globs::Globs;

pub use share::{Shared, share};

/// All that was said.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    lines: BTreeMap<TrackId, Vec<Note>>,
    /// The tracks whose notes cannot be read, and why.
    pub unread: Vec<(TrackId, String)>,
}

/// What somebody wants to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// The track is ready.
    Ready,
    /// This stands in its way: a track, `contract:NAME`, or words.
    Blocked(String),
    /// This no longer does: the same, or the beginning of the id of the note that said so.
    Unblocked(String),
    /// This was decided.
    Decision(String),
    /// Nothing but the text.
    Plain,
}

/// A note that will be written.
#[derive(Clone, Debug)]
pub struct Plan {
    /// On which track.
    pub track: TrackId,
    /// To what end.
    pub kind: NoteKind,
    text: String,
    before: Option<CommitId>,
}

/// The ref that keeps the notes on a track.
pub fn reference(track: &TrackId) -> String {
    format!("{NOTES}/{track}")
}

impl Notes {
    /// Reads all notes of a project.
    pub fn load(project: &Project, objects: &Objects) -> Notes {
        let mut found = Notes::default();
        for place in &project.notes {
            let Some(id) = place.name.strip_prefix(NOTES).and_then(|name| TrackId::new(&name[1..]).ok()) else {
                continue;
            };
            let line = place.commit.context("its ref leads to no commit");
            match line.and_then(|tip| notes::line(objects, tip, is_part)) {
                Ok(line) => drop(found.lines.insert(id, in_order(&line))),
                Err(error) => found.unread.push((id, format!("{error:#}"))),
            }
        }
        found
    }

    /// The notes on a track, the oldest first.
    pub fn of(&self, track: &TrackId) -> &[Note] {
        self.lines.get(track).map_or(&[], Vec::as_slice)
    }

    /// The tracks with notes.
    pub fn tracks(&self) -> impl Iterator<Item = &TrackId> {
        self.lines.keys()
    }

    /// What of them stands.
    pub fn standing(&self, track: &TrackId) -> Standing {
        standing(self.of(track))
    }

    /// The tracks that are said to wait for others: who, and whom.
    pub fn needs(&self) -> Vec<(TrackId, TrackId)> {
        let blocks = |id: &TrackId| self.standing(id).blocks.into_iter().map(|block| block.by).collect::<Vec<_>>();
        let pairs = self.lines.keys().flat_map(|id| blocks(id).into_iter().map(|by| (id.clone(), by)));
        let track =
            |(id, by): (TrackId, Obstacle)| if let Obstacle::Track(whom) = by { Some((id, whom)) } else { None };
        pairs.filter_map(track).collect()
    }

    /// When a track was said to be ready as it is, in seconds since 1970; `None` where it was not, or has moved since.
    pub fn ready_since(&self, track: &Track) -> Option<i64> {
        let (tip, since) = self.standing(&track.id).ready?;
        (Some(tip) == track.tip).then_some(since)
    }
}

/// The patterns that a track declares to deliver and that match nothing in a tree.
pub fn undelivered(objects: &Objects, globs: &[String], tree: crate::model::TreeId) -> Result<Vec<String>> {
    let mut missing = Vec::new();
    for glob in globs {
        let entries = tree::entries(objects, tree, fixed_part(glob).as_ref())?;
        let matcher = Globs::new("delivers", std::slice::from_ref(glob))?;
        if !entries.iter().any(|(path, _)| matcher.contains(path)) {
            missing.push(glob.clone());
        }
    }
    Ok(missing)
}

impl Plan {
    /// Fixes what will be written; refuses what is not so, such as that a track is ready whose deliverables are missing.
    pub fn of(project: &Project, notes: &Notes, track: &Track, (wish, text): (&Wish, &str)) -> Result<Plan> {
        if let Some((_, why)) = notes.unread.iter().find(|(id, _)| *id == track.id) {
            return Err(Failure::not_run(format!("the notes on track `{}` cannot be read: {why}", track.id)).into());
        }
        let kind = match wish {
            Wish::Ready => NoteKind::Ready(ready(project, track)?),
            Wish::Blocked(word) => NoteKind::Blocked(obstacle(project, track, word)?),
            Wish::Unblocked(word) => NoteKind::Unblocked(standing_obstacle(notes, track, word)?),
            Wish::Decision(what) if one_line(what).is_empty() => return Err(nothing_said().into()),
            Wish::Decision(what) => NoteKind::Decision(one_line(what)),
            Wish::Plain if text.trim().is_empty() => return Err(nothing_said().into()),
            Wish::Plain => NoteKind::Plain,
        };
        if message(&kind, text, None).len() > LONGEST {
            return Err(Failure::usage(format!("a note has at most {LONGEST} bytes")).into());
        }
        let name = reference(&track.id);
        let before = project.notes.iter().find(|found| found.name == name).and_then(|found| found.commit);
        Ok(Plan { track: track.id.clone(), kind, text: text.to_owned(), before })
    }

    /// Writes it. The caller holds the lock.
    pub fn carry_out(&self, project: &Project, journal: &Journal) -> Result<()> {
        let by = host::variable("TRACKS_ID").filter(|by| !by.trim().is_empty());
        let after = notes::write(&project.repo, self.before, &message(&self.kind, &self.text, by.as_deref()))?;
        let name = reference(&self.track);
        let change = Change::Ref { name: name.clone(), before: self.before, after: Some(after) };
        journal.carry_out(vec![change], || project.repo.move_ref(&name, (self.before, after), "tracks: note"))
    }
}

fn nothing_said() -> Failure {
    Failure::usage("there is nothing to note").hint("say it: `tracks note -m TEXT`")
}

/// The commit as of which a track is ready.
fn ready(project: &Project, track: &Track) -> Result<CommitId> {
    let id = &track.id;
    let tip =
        track.tip.ok_or_else(|| Failure::usage(format!("track `{id}` has no branch, so nothing of it is ready")))?;
    let globs = project.config.tracks.get(id.as_str()).map_or(&[][..], |table| &table.delivers);
    let objects = project.repo.objects()?;
    let missing = undelivered(&objects, globs, objects.commit(tip)?.tree)?;
    if missing.is_empty() {
        return Ok(tip);
    }
    let missing: Vec<String> = missing.iter().map(|glob| format!("`{}`", escaped(glob.as_bytes()))).collect();
    let failure = Failure::usage(format!(
        "track `{id}` is not ready: {} of its `delivers` {} nothing that is committed: {}",
        count(missing.len(), "pattern"),
        if missing.len() == 1 { "matches" } else { "match" },
        list(&missing)
    ));
    Err(failure.hint("commit what is missing, or change `delivers` in `tracks.toml` on the target").into())
}

/// What a word names: a track, a contract as `contract:NAME`, or just what it says.
fn obstacle(project: &Project, track: &Track, word: &str) -> Result<Obstacle> {
    let word = one_line(word);
    if word.is_empty() {
        return Err(nothing_said().into());
    }
    if word == track.id.as_str() {
        return Err(Failure::usage(format!("track `{word}` cannot stand in its own way")).into());
    }
    if let Some(name) = word.strip_prefix("contract:") {
        let known = project.config.contracts.keys().map(String::as_str);
        if known.clone().any(|known| known == name) {
            return Ok(Obstacle::Contract(name.to_owned()));
        }
        let failure = Failure::usage(format!("there is no contract `{}`", escaped(name.as_bytes())));
        let hint =
            nearest(name, known).map_or("see `contracts` in `tracks.toml`".into(), |n| format!("did you mean `{n}`?"));
        return Err(failure.hint(hint).into());
    }
    let known = || project.tracks.iter().map(|track| track.id.as_str());
    match known().find(|id| *id == word) {
        Some(id) => Ok(Obstacle::Track(TrackId::new(id).expect("declared ids are valid"))),
        None => match nearest(&word, known()).filter(|_| !word.contains(' ')) {
            Some(near) => {
                let failure = Failure::usage(format!("there is no track `{}`", escaped(word.as_bytes())));
                Err(failure.hint(format!("did you mean `{near}`? Anything else takes more than one word")).into())
            }
            None => Ok(Obstacle::Words(word)),
        },
    }
}

/// What was said to stand in the way, named as it was then, or by its note.
fn standing_obstacle(notes: &Notes, track: &Track, word: &str) -> Result<Obstacle> {
    let word = one_line(word);
    let blocks = notes.standing(&track.id).blocks;
    let is_id = |note: CommitId| word.len() >= 4 && note.to_string().starts_with(&word);
    let found = blocks.iter().find(|block| block.by.to_string() == word).or(blocks.iter().find(|b| is_id(b.note)));
    if let Some(block) = found {
        return Ok(block.by.clone());
    }
    let id = &track.id;
    let failure =
        Failure::usage(format!("no note says that track `{id}` is blocked by `{}`", escaped(word.as_bytes())));
    let known: Vec<String> =
        blocks.iter().map(|block| format!("`{}`", escaped(block.by.to_string().as_bytes()))).collect();
    Err(match known.as_slice() {
        [] => failure.hint("see what else keeps it: `tracks list`, `depends-on` in `tracks.toml`"),
        known => failure.hint(format!("notes name {}", list(known))),
    }
    .into())
}
