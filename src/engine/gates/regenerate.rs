//! Files that collide and are made again: where nothing else conflicts, their commands run on the merge, and what these
//! write is what the merge has. Remembered by the tree they run on.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::trial::{Bench, Spot, Where};
use crate::engine::premerge::Mend;
use crate::git::objects::Commit;
use crate::git::{status, tree};
use crate::host::process::End;
use crate::host::{files, folders};
use crate::model::hash::sha256;
use crate::model::text::escaped;
use crate::model::{BlobId, CommitId, Conflict, Entry, Failure, Interrupted, Mode, RepoPath, TreeId};
use crate::policy::regenerate::Regenerated;
use crate::policy::trust::Place;

/// A list of files that were made.
const LARGEST: u64 = 4 << 20;

/// Who makes files again.
pub struct Regeneration<'a> {
    bench: &'a Bench<'a>,
    regenerated: Regenerated,
    /// What a tree became in this run; `None` where a command failed on it.
    known: Mutex<HashMap<TreeId, Option<TreeId>>>,
}

/// A file that was made, as it is kept: path, mode as Git prints it, id; no id where it is gone.
#[derive(Serialize, Deserialize)]
struct Made(String, String, Option<String>);

/// What files become.
type Edits = Vec<(RepoPath, Option<Entry>)>;

impl<'a> Regeneration<'a> {
    /// As the configuration says; fails on patterns that are not valid.
    pub fn new(bench: &'a Bench<'a>) -> std::result::Result<Regeneration<'a>, Failure> {
        let regenerated = Regenerated::of(&bench.project.config)?;
        Ok(Regeneration { bench, regenerated, known: Mutex::default() })
    }

    fn make(&self, carried: TreeId, parent: CommitId, conflicts: &[Conflict]) -> Result<TreeId> {
        let objects = self.bench.scratch.objects();
        let commands = self.regenerated.commands(conflicts);
        let key = sha256(format!("tracks regenerate 1\n{carried}\n{commands:?}\n").as_bytes());
        let file = self.bench.project.repo.state_dir().join("gates").join(format!("{key}.made.json"));
        if let Some(edits) = self.read(&file) {
            return tree::edit(objects, carried, &edits);
        }
        let edits = self.run(carried, parent, &commands)?;
        let form = |(path, entry): &(RepoPath, Option<Entry>)| {
            let mode = entry.map_or("", |entry| entry.mode.octal()).to_owned();
            let path = std::str::from_utf8(path.as_bstr()).ok()?.to_owned();
            Some(Made(path, mode, entry.map(|entry| entry.id.to_string())))
        };
        if let Some(made) = edits.iter().map(form).collect::<Option<Vec<Made>>>() {
            file.parent().map_or(Ok(()), folders::make)?;
            files::write_unsynced(&file, &serde_json::to_vec(&made)?)?;
        }
        tree::edit(objects, carried, &edits)
    }

    /// What was made of the same tree before, as long as all of it is there.
    fn read(&self, file: &std::path::Path) -> Option<Edits> {
        let made: Vec<Made> = serde_json::from_slice(&files::read(file, LARGEST).ok()??).ok()?;
        let objects = self.bench.scratch.objects();
        let edit = |Made(path, mode, id): &Made| {
            let path = RepoPath::try_new(path.as_str())?;
            let entry = match id {
                None => None,
                Some(id) => {
                    let id = BlobId::from_hex(id.as_bytes()).filter(|id| objects.contains(id.raw()))?;
                    Some(Entry { mode: Mode::from_octal(mode.as_bytes())?, id })
                }
            };
            Some((path, entry))
        };
        made.iter().map(edit).collect()
    }

    fn run(&self, carried: TreeId, parent: CommitId, commands: &[&str]) -> Result<Edits> {
        let scratch = self.bench.scratch;
        let time = scratch.objects().commit(parent)?.time;
        let commit = Commit { tree: carried, parents: vec![parent], time };
        let commit = scratch.objects().write_commit(&commit, "Files to be made again")?;
        let spot = Spot::new(commit, carried, String::new());
        let tree = self.bench.tree(Where::Pool, &spot)?;
        for text in commands {
            let shown = escaped(text.as_bytes());
            let permit = self.bench.approved.permit(&Place::Regenerate, text);
            let permit = permit.with_context(|| format!("`{shown}` is not what was approved"))?;
            self.bench.progress.say(&format!("tracks: made again where it collides: {shown}"));
            let ran = permit.run(self.bench.call(&tree, None), &mut |_| {})?;
            match ran.end {
                End::Exited(0) => {}
                End::Interrupted(signal) => return Err(Interrupted(signal).into()),
                end => anyhow::bail!("`{shown}` {}", end.phrase()),
            }
        }
        let mut changed = status::read(tree.folder(), &[])?.files;
        changed.retain(|file| self.regenerated.makes(&file.path));
        status::edits(scratch, tree.folder(), &changed)
    }
}

impl Mend for Regeneration<'_> {
    fn settles(&self, conflicts: &[Conflict]) -> bool {
        self.regenerated.settles(conflicts)
    }

    fn mended(&self, carried: TreeId, parent: CommitId, conflicts: &[Conflict]) -> Result<Option<TreeId>> {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known().get(&carried) {
            return Ok(*known);
        }
        let made = match self.make(carried, parent, conflicts) {
            Ok(tree) => Some(tree),
            Err(error) if error.is::<Interrupted>() => return Err(error),
            Err(error) => {
                self.bench.progress.say(&format!("tracks: it stays in conflict: {error:#}"));
                None
            }
        };
        known().insert(carried, made);
        Ok(made)
    }
}
