//! How far a run is, told to whoever watches.

use std::sync::atomic::{AtomicUsize, Ordering};

/// What a run is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Reading what each track stands for.
    Snapshots,
    /// Deciding pairs by their trees.
    Pairs,
    /// Merging contents that both sides of a pair changed.
    Contents,
    /// Letting Git merge pairs as a whole.
    Whole,
    /// Judging what each track changed.
    Rules,
    /// Merging the tracks one after another.
    Integration,
}

impl Stage {
    /// What is being done, as the beginning of a sentence that a number of things ends.
    pub fn phrase(self) -> &'static str {
        match self {
            Stage::Snapshots => "reading tracks",
            Stage::Pairs => "comparing pairs",
            Stage::Contents => "merging contents",
            Stage::Whole => "merging pairs",
            Stage::Rules => "judging tracks",
            Stage::Integration => "integrating tracks",
        }
    }
}

/// How far a stage is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Which stage.
    pub stage: Stage,
    /// How many things are done.
    pub done: usize,
    /// Of how many.
    pub total: usize,
}

/// Somebody who may be watching.
#[derive(Clone, Copy, Default)]
pub struct Progress<'a> {
    watcher: Option<&'a (dyn Fn(Step) + Sync)>,
    listener: Option<&'a (dyn Fn(&str) + Sync)>,
}

impl<'a> Progress<'a> {
    /// Tells `watcher` every step, from whatever thread takes it.
    pub fn told(watcher: &'a (dyn Fn(Step) + Sync)) -> Progress<'a> {
        Progress { watcher: Some(watcher), listener: None }
    }

    /// The same, with somebody who hears of single things that take long.
    pub fn heard(self, listener: &'a (dyn Fn(&str) + Sync)) -> Progress<'a> {
        Progress { listener: Some(listener), ..self }
    }

    /// Says what is being done, as a line.
    pub fn say(&self, text: &str) {
        if let Some(listener) = self.listener {
            listener(text);
        }
    }

    /// Begins a stage of `total` things; of none there is nothing to tell.
    pub fn begin(&self, stage: Stage, total: usize) -> Counter<'a> {
        let counter = Counter { watcher: self.watcher, stage, total, done: AtomicUsize::new(0) };
        counter.tell(0);
        counter
    }
}

/// What is done of a stage.
pub struct Counter<'a> {
    watcher: Option<&'a (dyn Fn(Step) + Sync)>,
    stage: Stage,
    total: usize,
    done: AtomicUsize,
}

impl Counter<'_> {
    /// One more thing is done.
    pub fn advance(&self) {
        self.tell(self.done.fetch_add(1, Ordering::Relaxed) + 1);
    }

    /// All of it is done.
    pub fn end(&self) {
        self.tell(self.total);
    }

    fn tell(&self, done: usize) {
        if let Some(watcher) = self.watcher.filter(|_| self.total > 0) {
            watcher(Step { stage: self.stage, done, total: self.total });
        }
    }
}
