//! Folders in which something may change: whoever waits hears of it once it is quiet again, and of signals that ask us to
//! end.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::signals::Signals;

/// How long it has to be quiet, and how long at most is waited for that.
const QUIET: Duration = Duration::from_millis(300);
const LONGEST: Duration = Duration::from_secs(3);
/// How often is looked where the system has no room to watch a folder.
const POLL: Duration = Duration::from_secs(10);
/// More paths are not named.
const NAMED: usize = 500;

/// A folder to watch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// It alone.
    Folder(PathBuf),
    /// It and all below it.
    Tree(PathBuf),
}

/// What there is to hear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Something changed at these paths.
    Paths(BTreeSet<PathBuf>),
    /// Something changed at very many paths, or may have where nobody watches.
    Much,
    /// We are asked to end by this signal.
    Signal(i32),
}

/// Somebody who watches, until dropped.
pub struct Watch {
    watcher: RecommendedWatcher,
    places: BTreeSet<Place>,
    unwatched: BTreeSet<PathBuf>,
    events: Receiver<Event>,
    _signals: Signals,
}

enum Event {
    Path(PathBuf),
    /// The system lost count.
    Lost,
    Signal(i32),
}

impl Watch {
    /// Watches nothing yet; `matters` says which paths are told of.
    pub fn new(matters: impl Fn(&Path) -> bool + Send + 'static) -> Result<Watch> {
        let (sender, events) = channel();
        let to_us = sender.clone();
        let signals = Signals::listen(move |signal| drop(to_us.send(Event::Signal(signal))))?;
        let watcher = notify::recommended_watcher(move |event| pass(event, &matters, &sender));
        let watcher = watcher.context("cannot watch folders")?;
        let (places, unwatched) = (BTreeSet::new(), BTreeSet::new());
        Ok(Watch { watcher, places, unwatched, events, _signals: signals })
    }

    /// Watches these places from now on, and no others.
    pub fn set(&mut self, places: BTreeSet<Place>) {
        for gone in self.places.difference(&places) {
            let (Place::Folder(path) | Place::Tree(path)) = gone;
            // It may be gone itself.
            let _ = self.watcher.unwatch(path);
            self.unwatched.remove(path);
        }
        for new in places.difference(&self.places) {
            let (path, mode) = match new {
                Place::Folder(path) => (path, RecursiveMode::NonRecursive),
                Place::Tree(path) => (path, RecursiveMode::Recursive),
            };
            if self.watcher.watch(path, mode).is_err() {
                self.unwatched.insert(path.clone());
            }
        }
        self.places = places;
    }

    /// The folders that cannot be watched: they are looked at from time to time.
    pub fn unwatched(&self) -> &BTreeSet<PathBuf> {
        &self.unwatched
    }

    /// Waits until something changed and it is quiet again.
    pub fn next(&self) -> Heard {
        let first = match self.unwatched.is_empty() {
            true => self.events.recv().map_err(|_| RecvTimeoutError::Disconnected),
            false => self.events.recv_timeout(POLL),
        };
        let begun = Instant::now();
        let (mut paths, mut much) = (BTreeSet::new(), false);
        let mut event = first;
        loop {
            match event {
                Ok(Event::Signal(signal)) => return Heard::Signal(signal),
                Ok(Event::Path(path)) if paths.len() < NAMED => drop(paths.insert(path)),
                Ok(Event::Path(_) | Event::Lost) | Err(RecvTimeoutError::Disconnected) => much = true,
                Err(RecvTimeoutError::Timeout) => {
                    return if much || paths.is_empty() { Heard::Much } else { Heard::Paths(paths) };
                }
            }
            let left = LONGEST.saturating_sub(begun.elapsed()).min(QUIET);
            event = if left.is_zero() { Err(RecvTimeoutError::Timeout) } else { self.events.recv_timeout(left) };
        }
    }
}

fn pass(event: notify::Result<notify::Event>, matters: &impl Fn(&Path) -> bool, to: &Sender<Event>) {
    let Ok(event) = event else { return drop(to.send(Event::Lost)) };
    if event.need_rescan() {
        return drop(to.send(Event::Lost));
    }
    if matches!(event.kind, EventKind::Access(_)) {
        return;
    }
    for path in event.paths.into_iter().filter(|path| matters(path)) {
        // Nobody listens any more once we end.
        let _ = to.send(Event::Path(path));
    }
}
