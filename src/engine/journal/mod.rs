//! What every command that writes says: what it is about to change, in a record that is on disk before the first effect;
//! and what it changed, in the log. A record that is still there under the lock was left by a run that was ended: it is
//! finished or taken back before anything else.
//!
//! A command that takes several steps calls [`Journal::carry_out`] with its changes; one whose single step cannot be
//! half done calls [`Journal::note`] after it.

pub mod change;
mod form;
pub mod locks;
mod log;
mod made;
mod moved;
pub mod place;
mod record;
mod recover;
pub mod removed;
mod restored;
pub mod staged;

use std::cell::{Cell, RefCell};
use std::path::Path;

use anyhow::{Context, Result};

use crate::git::Repo;
use crate::git::follow::Follow;
use crate::host::lock::{Lock, Share};
use crate::host::{files, folders};

pub use change::{Change, Content, Kept, Made, Making, Moved, Removed, Staged};
pub use log::{Event, aside, content, events, parsed};
pub use made::bring_back;
use moved::Scene;
pub use moved::refuse_obstacles;
use record::Record;
pub use record::file;
use recover::End;
pub use recover::tip;

/// Temporary files that are that old, in seconds, belong to nobody any more.
const STALE: i64 = 3600;

/// The right to write, and the duty to say what is written.
pub struct Journal<'a> {
    repo: Repo,
    lock: Lock,
    command: String,
    tell: Box<dyn Fn(&str) + 'a>,
    record: RefCell<Option<Record>>,
    undoes: RefCell<Vec<u64>>,
    last: Cell<Option<u64>>,
}

impl<'a> Journal<'a> {
    /// Opens the journal of `command`, which has the lock; `tell` hears what had to be put right first.
    pub fn open(repo: &Repo, lock: Lock, command: &str, tell: impl Fn(&str) + 'a) -> Result<Journal<'a>> {
        let journal = Journal {
            repo: repo.clone(),
            lock,
            command: command.to_owned(),
            tell: Box::new(tell),
            record: RefCell::default(),
            undoes: RefCell::default(),
            last: Cell::default(),
        };
        journal.recover()?;
        locks::remove_below_own(repo)?;
        files::sweep(&repo.state_dir(), STALE);
        // Under the lock nobody else is deleting anything.
        folders::remove(&place::trash(repo))?;
        Ok(journal)
    }

    /// Writes down `changes`, then lets `deed` do them, and notes them in the log. Where that fails, what it began is
    /// taken back or finished, as it would be after a crash.
    pub fn carry_out<T>(&self, changes: Vec<Change>, deed: impl FnOnce() -> Result<T>) -> Result<T> {
        if changes.is_empty() {
            return deed();
        }
        let record = Record::new(&self.repo, &self.command, changes, &self.undoes.borrow())?;
        record.write(&self.repo)?;
        self.record.replace(Some(record));
        let done = deed();
        let record = self.record.take().context("the record went while it was in use")?;
        match done {
            Ok(done) => {
                // What could not be noted is noted by the next command, as long as the record is there.
                if self.log(&record.changes) {
                    Record::remove(&self.repo)?;
                }
                Ok(done)
            }
            Err(error) => {
                // The first error says more.
                if let Err(second) = self.recover() {
                    (self.tell)(&format!("tracks: {second:#}"));
                }
                Err(locks::named(&self.repo, &record.changes, error))
            }
        }
    }

    /// Notes changes that one step made, which cannot be half done.
    pub fn note(&self, changes: &[Change]) {
        if !changes.is_empty() {
            self.log(changes);
        }
    }

    /// Says that what is done from now on reverts these events.
    pub fn undoing(&self, numbers: &[u64]) {
        self.undoes.replace(numbers.to_vec());
    }

    /// The number of the last event that was noted.
    pub fn last(&self) -> Option<u64> {
        self.last.get()
    }

    /// Says in the record that the worktree in `path` is about to be made, and all before it are made to the end; with no
    /// path, that all are that were begun.
    pub fn making(&self, path: Option<&Path>) -> Result<()> {
        self.amend(|changes| {
            let mades = changes.iter_mut().filter_map(|change| match change {
                Change::Made(made) => Some(made),
                _ => None,
            });
            for made in mades {
                if path == Some(made.path.as_path()) {
                    made.state = Making::Begun;
                } else if made.state == Making::Begun {
                    made.state = Making::Whole;
                }
            }
        })
    }

    /// Lets files follow a branch, as the record says it; what a step that failed left half done is taken back.
    pub fn follow(
        &self,
        moved: &Moved,
        how: impl FnOnce(&Follow, &dyn Fn() -> Result<Share>) -> Result<()>,
    ) -> Result<()> {
        let moved = Moved { begun: true, ..moved.clone() };
        self.amend(|changes| {
            for change in changes {
                if matches!(change, Change::Moved(found) if found.name == moved.name) {
                    *change = Change::Moved(moved.clone());
                }
            }
        })?;
        how(&moved.follow(), &|| self.share()).inspect_err(|_| {
            let mut remarks = Vec::new();
            let taken_back = self.take_back(&moved, &mut remarks);
            remarks.extend(taken_back.err().map(|error| format!("{error:#}")));
            remarks.iter().for_each(|remark| (self.tell)(&format!("tracks: {remark}")));
        })
    }

    fn take_back(&self, moved: &Moved, remarks: &mut Vec<String>) -> Result<()> {
        let scene = Scene { repo: &self.repo, lock: &self.lock };
        let record = self.record.borrow();
        let record = record.as_ref().context("what is followed is in the record")?;
        if locks::is_free_or_ours(&moved.lock(), record, &self.repo) {
            scene.mend(moved, remarks)?;
        }
        locks::remove_ours(&self.repo, record)?;
        scene.back(moved, remarks)
    }

    /// Moves a branch on, where it is checked out with its files: as Git does it, which overwrites nothing that is not
    /// committed, and here nothing that is ignored either.
    pub fn forward(&self, change: &Change, why: &str) -> Result<()> {
        match change {
            Change::Moved(moved) => {
                moved::refuse_moved_on(moved)?;
                refuse_obstacles(&self.repo, &moved.follow())?;
                self.follow(moved, |follow, share| follow.forward(why, share))
            }
            Change::Ref { name, before, after: Some(after) } => self.repo.move_ref(name, (*before, *after), why),
            _ => anyhow::bail!("only a branch moves on"),
        }
    }

    /// Takes changes out of the record: they are not made.
    pub fn forget(&self, which: impl Fn(&Change) -> bool) -> Result<()> {
        self.amend(|changes| changes.retain(|change| !which(change)))
    }

    fn amend(&self, change: impl FnOnce(&mut Vec<Change>)) -> Result<()> {
        let mut record = self.record.borrow_mut();
        let Some(record) = record.as_mut() else { return Ok(()) };
        change(&mut record.changes);
        record.write(&self.repo)
    }

    /// What a child that writes gets as standard input: a share of the lock, so that nobody puts right what it is still
    /// at.
    pub fn share(&self) -> Result<Share> {
        self.lock.share()
    }

    /// What was done was done, whether the log has room for it or not; says whether it has.
    fn log(&self, changes: &[Change]) -> bool {
        match log::append(&self.repo, &self.command, changes, &self.undoes.borrow()) {
            Ok(event) => self.last.set(Some(event.number)),
            Err(error) => {
                (self.tell)(&format!("tracks: this is not in the log: {error:#}"));
                return false;
            }
        }
        true
    }

    fn recover(&self) -> Result<()> {
        let Some(record) = Record::load(&self.repo, &self.tell)? else { return Ok(()) };
        let mine = record.process == std::process::id();
        let command = record.command.clone();
        let scene = Scene { repo: &self.repo, lock: &self.lock };
        let recovered = recover::recover(&scene, &record)
            .with_context(|| format!("what an interrupted `tracks {command}` left cannot be put right"))?;
        if !recovered.done.is_empty() && !record.is_logged(&self.repo)? {
            let name = format!("{command} (interrupted)");
            let undoes = if recovered.end == End::Finished { record.undoes.as_slice() } else { &[] };
            if let Err(error) = log::append(&self.repo, &name, &recovered.done, undoes) {
                (self.tell)(&format!("tracks: this is not in the log: {error:#}"));
                // The next command notes it: all is done by then.
                return Ok(());
            }
        }
        Record::remove(&self.repo)?;
        // Whoever fails says so itself.
        if !mine {
            (self.tell)(&format!("tracks: an earlier `tracks {command}` was interrupted: {}", recovered.end.phrase()));
        }
        recovered.remarks.iter().for_each(|remark| (self.tell)(&format!("tracks: {remark}")));
        Ok(())
    }
}
