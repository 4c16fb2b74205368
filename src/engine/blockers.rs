//! What keeps a track from landing: tracks that it depends on, contracts that it builds on, and what notes say.

use anyhow::Result;

use super::notes::Notes;
use super::order;
use super::outcome::Blocker;
use super::project::Project;
use crate::git::{Objects, tree};
use crate::model::{Obstacle, RepoPath, TrackId, TreeId};
use crate::policy::contracts::{Interface, Standing};

/// What there is to keep tracks from landing.
pub struct Blockers<'a> {
    project: &'a Project,
    notes: &'a Notes,
    contracts: Vec<Interface>,
}

/// What has landed, as far as that decides who is blocked.
pub struct Landed<'a> {
    /// Whether a track has.
    pub track: &'a dyn Fn(&TrackId) -> bool,
    /// The contracts that are not on the target.
    pub promised: &'a [Interface],
}

impl<'a> Blockers<'a> {
    /// Reads what is declared and said.
    pub fn new(project: &'a Project, notes: &'a Notes) -> Result<Blockers<'a>> {
        Ok(Blockers { project, notes, contracts: Interface::all(&project.config)? })
    }

    /// The contracts that are not, or not as a whole, in a tree.
    pub fn promised(&self, objects: &Objects, target: TreeId) -> Vec<Interface> {
        let files = |below: Option<&RepoPath>| tree::entries(objects, target, below).ok();
        self.contracts.iter().filter(|contract| contract.standing(&files) == Standing::Promised).cloned().collect()
    }

    /// The tracks that may keep a track from landing.
    pub fn tracks(&self, id: &TrackId) -> Vec<TrackId> {
        let mut found = order::dependencies(&self.project.config, id);
        let noted = self.notes.standing(id).blocks.into_iter().filter_map(|block| match block.by {
            Obstacle::Track(id) => Some(id),
            _ => None,
        });
        found.extend(noted);
        found
    }

    /// What keeps a track from landing: declared dependencies first, then contracts, then what notes say.
    pub fn of(&self, id: &TrackId, landed: &Landed) -> Vec<Blocker> {
        let target = &self.project.target.name;
        let needed = order::dependencies(&self.project.config, id);
        let mut found: Vec<Blocker> = needed.iter().filter(|id| !(landed.track)(id)).map(not_landed).collect();
        let built_on = landed.promised.iter().filter(|contract| contract.consumers.contains(id));
        found.extend(built_on.map(|contract| promise(target, contract)));
        for block in self.notes.standing(id).blocks {
            let mut blocker = match &block.by {
                Obstacle::Track(other) if (landed.track)(other) => continue,
                Obstacle::Track(other) => not_landed(other),
                Obstacle::Contract(name) => match self.contracts.iter().find(|contract| contract.name == *name) {
                    None => undeclared(name),
                    Some(_) if !landed.promised.iter().any(|it| it.name == *name) => continue,
                    Some(contract) => promise(target, contract),
                },
                Obstacle::Words(words) => {
                    Blocker { kind: "note", id: block.note.short(), since: None, reason: words.clone() }
                }
            };
            if !block.text.is_empty() {
                blocker.reason = format!("{}: {}", blocker.reason, crate::policy::notes::one_line(&block.text));
            }
            blocker.since = Some(block.since);
            // Said as well as declared it is one and the same.
            found.retain(|other| (other.kind, &other.id) != (blocker.kind, &blocker.id));
            found.push(blocker);
        }
        found
    }
}

fn not_landed(id: &TrackId) -> Blocker {
    Blocker { kind: "track", id: id.to_string(), since: None, reason: format!("`{id}` has not landed") }
}

fn promise(target: &str, contract: &Interface) -> Blocker {
    let reason = format!("`{}` of `{}` is promised, and not on `{target}`", contract.name, contract.owner);
    Blocker { kind: "contract", id: contract.name.clone(), since: None, reason }
}

fn undeclared(name: &str) -> Blocker {
    let reason = format!("`{name}` is no contract any more");
    Blocker { kind: "contract", id: name.to_owned(), since: None, reason }
}
