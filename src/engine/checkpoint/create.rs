//! Checkpoints made: which places are read is fixed first; then all of them are kept at once, or none.

use anyhow::Result;

use super::take::{Place, Taken};
use super::{Checkpoint, Manifest, Name, all, next_time, store};
use crate::engine::project::Project;
use crate::git::Objects;
use crate::model::{CommitId, Track, TrackId};

/// Whose work will be saved.
#[derive(Clone, Debug)]
pub struct Plan {
    places: Vec<Place>,
    /// Tracks whose commits are all there is of them.
    pub bare: Vec<TrackId>,
    /// Tracks that cannot be saved, and why not, as the end of a sentence.
    pub failed: Vec<(TrackId, String)>,
    message: String,
}

/// A checkpoint that was made, or that held the same already.
#[derive(Clone, Debug)]
pub struct Saved {
    /// Its name.
    pub name: Name,
    /// Its commit, where it was made now.
    pub made: Option<CommitId>,
    /// What it holds.
    pub manifest: Manifest,
}

impl Plan {
    /// The places of `tracks`.
    pub fn of(project: &Project, tracks: &[&Track], message: &str) -> Plan {
        let mut plan = Plan { places: Vec::new(), bare: Vec::new(), failed: Vec::new(), message: message.to_owned() };
        for track in tracks {
            match Place::of(project, track) {
                Ok(Some(place)) => plan.places.push(place),
                Ok(None) => plan.bare.push(track.id.clone()),
                Err(error) => plan.failed.push((track.id.clone(), format!("{error:#}"))),
            }
        }
        plan
    }

    /// The tracks that will be saved.
    pub fn tracks(&self) -> impl Iterator<Item = &TrackId> {
        self.places.iter().map(|place| &place.track.id)
    }

    /// Reads the places and keeps what was read, unless the newest checkpoint of a track holds the same. Who could not be read keeps nobody else from being saved.
    pub fn carry_out(&mut self, project: &Project) -> Result<Vec<Saved>> {
        let objects = project.repo.objects()?;
        let all = all(&project.repo)?;
        let time = next_time(&all);
        let mut saved = Vec::new();
        for place in &self.places {
            let take = || {
                let store = store(&objects, &all, place)?;
                let mut taken = place.take(&store)?;
                if self.message.is_empty()
                    && let Some(name) = same(&objects, &all, &taken)
                {
                    return Ok(Saved { name, made: None, manifest: taken.manifest });
                }
                taken.manifest.message = self.message.clone().into_bytes();
                let made = Some(taken.keep(&project.repo, &store)?);
                let name = Name { track: place.track.id.clone(), time };
                Ok(Saved { name, made, manifest: taken.manifest })
            };
            match take() {
                Ok(one) => saved.push(one),
                Err::<_, anyhow::Error>(error) => self.failed.push((place.track.id.clone(), format!("{error:#}"))),
            }
        }
        let refs: Vec<_> = saved.iter().filter_map(|one| Some((one.name.reference(), one.made?))).collect();
        if !refs.is_empty() {
            project.repo.create_refs(&refs)?;
        }
        Ok(saved)
    }
}

/// Saves one place, unless the newest checkpoint of its track holds the same; gives the name of the one that does.
pub fn save(project: &Project, place: &Place) -> Result<Name> {
    let objects = project.repo.objects()?;
    let all = all(&project.repo)?;
    let store = store(&objects, &all, place)?;
    let taken = place.take(&store)?;
    keep(project, (place, &taken), &store, &all)
}

/// Keeps what was read of one place; `all` is what there is already. What the newest checkpoint holds is not kept twice.
pub(super) fn keep(
    project: &Project,
    (place, taken): (&Place, &Taken),
    store: &super::Store,
    all: &[Checkpoint],
) -> Result<Name> {
    if let Some(name) = same(store.objects(), all, taken) {
        return Ok(name);
    }
    let name = Name { track: place.track.id.clone(), time: next_time(all) };
    let commit = taken.keep(&project.repo, store)?;
    project.repo.create_refs(&[(name.reference(), commit)])?;
    Ok(name)
}

/// The newest checkpoint of the track, if it holds what was read.
fn same(objects: &Objects, all: &[Checkpoint], taken: &Taken) -> Option<Name> {
    let newest = all.iter().find(|found| found.name.track == taken.manifest.track)?;
    let manifest = newest.manifest(objects).ok()?;
    manifest.same_work(&taken.manifest).then(|| newest.name.clone())
}
