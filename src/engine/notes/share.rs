//! Notes exchanged with a remote: what both have said is joined, and nothing of it is lost, whoever else does the same
//! at that time.

use anyhow::Result;

use super::{JOINED, is_part};
use crate::engine::journal::{Change, Journal};
use crate::engine::project::{NOTES, Project};
use crate::git::heads::{self, Move};
use crate::git::refs::Ref;
use crate::git::{Objects, Repo, notes};
use crate::model::{CommitId, Failure, TrackId};

/// Where the remote's notes are put while they are looked at.
const FETCHED: &str = "refs/tracks/fetched/notes";

/// How often somebody else may be faster.
const TRIES: usize = 5;

/// What came of an exchange.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shared {
    /// The tracks on which there are new notes here, and how many.
    pub taken: Vec<(TrackId, usize)>,
    /// The tracks whose notes the remote has as they are here since.
    pub pushed: Vec<TrackId>,
}

/// Takes in what a remote has, and lets it have what is here. The caller holds the lock.
pub fn share(project: &Project, journal: &Journal, remote: &str) -> Result<Shared> {
    let (repo, ground) = (&project.repo, project.ground());
    let mut shared = Shared::default();
    let mut push = Vec::new();
    for _ in 0..TRIES {
        notes::fetch(repo, &ground, remote, (NOTES, FETCHED))?;
        let theirs = lines(repo, FETCHED)?;
        let taken = take_in(repo, journal, &theirs)?;
        shared.taken.extend(taken);
        let ours = lines(repo, NOTES)?;
        let differs = |line: &&(TrackId, CommitId)| !theirs.contains(line);
        push = ours.iter().filter(differs).map(|(id, _)| id.clone()).collect();
        let names: Vec<String> = push.iter().map(super::reference).collect();
        let behind = if names.is_empty() { Vec::new() } else { notes::push(repo, &ground, remote, &names)? };
        let (left, done): (Vec<_>, Vec<_>) =
            std::mem::take(&mut push).into_iter().partition(|id| behind.contains(&super::reference(id)));
        shared.pushed.extend(done);
        push = left;
        if push.is_empty() {
            break;
        }
    }
    let fetched = repo.refs(&[FETCHED])?;
    repo.delete_refs(&fetched.into_iter().filter_map(|it| Some((it.name, it.commit?))).collect::<Vec<_>>())?;
    match push.is_empty() {
        true => Ok(shared),
        false => {
            let failure = Failure::not_run(format!("others keep changing the notes on `{remote}`"));
            Err(failure.hint("what they said is here; try again").into())
        }
    }
}

/// The notes below `folder`, by track.
fn lines(repo: &Repo, folder: &str) -> Result<Vec<(TrackId, CommitId)>> {
    let line = |found: Ref| {
        let name = found.name.strip_prefix(folder)?.strip_prefix('/')?;
        Some((TrackId::new(name).ok()?, found.commit?))
    };
    Ok(repo.refs(&[folder])?.into_iter().filter_map(line).collect())
}

/// Lets our lines have what theirs have.
fn take_in(repo: &Repo, journal: &Journal, theirs: &[(TrackId, CommitId)]) -> Result<Vec<(TrackId, usize)>> {
    let ours = lines(repo, NOTES)?;
    let objects = repo.objects()?;
    let (mut moves, mut taken) = (Vec::new(), Vec::new());
    for (id, their) in theirs {
        let before = ours.iter().find(|(our, _)| our == id).map(|(_, tip)| *tip);
        let after = match before {
            None => *their,
            Some(our) if repo.is_ancestor(*their, our)? => continue,
            Some(our) if repo.is_ancestor(our, *their)? => *their,
            Some(our) => notes::join(repo, our, *their, JOINED)?,
        };
        let known = before.map_or(Ok(0), |our| said(&objects, our))?;
        taken.push((id.clone(), said(&objects, after)?.saturating_sub(known)));
        moves.push(Move { name: super::reference(id), from: before, to: Some(after) });
    }
    let change = |it: &Move| Change::Ref { name: it.name.clone(), before: it.from, after: it.to };
    let changes = moves.iter().map(change).collect();
    journal.carry_out(changes, || heads::move_refs(repo, &repo.common_dir, "tracks: notes of others", &moves))?;
    Ok(taken)
}

/// How many notes a line has.
fn said(objects: &Objects, tip: CommitId) -> Result<usize> {
    let line = notes::line(objects, tip, is_part)?;
    Ok(super::in_order(&line).len())
}
