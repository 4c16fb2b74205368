//! The signals that ask us to end: while somebody listens they are events, else they end us as they always do.

use std::fs;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;

use anyhow::{Context, Result};
use rustix::process::Signal;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;
use signal_hook::iterator::{self, Handle};

const OURS: [i32; 3] = [SIGHUP, SIGINT, SIGTERM];

static STANDING: OnceLock<Standing> = OnceLock::new();

struct Standing {
    /// Whether a signal ends us: always but while somebody listens.
    deadly: Arc<AtomicBool>,
    /// The signals that do.
    ours: Vec<i32>,
    listeners: Mutex<usize>,
}

impl Standing {
    fn count(&self, change: impl Fn(usize) -> usize) {
        let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        *listeners = change(*listeners);
        self.deadly.store(*listeners == 0, Ordering::SeqCst);
    }
}

/// Somebody who listens, until dropped.
pub struct Signals {
    handle: Handle,
}

impl Signals {
    /// Lets `tell` hear of each signal from now on, on a thread of its own.
    pub fn listen(tell: impl Fn(i32) + Send + 'static) -> Result<Signals> {
        let named = "cannot listen for signals";
        let standing = standing().context(named)?;
        let mut signals = iterator::Signals::new(&standing.ours).context(named)?;
        standing.count(|listeners| listeners + 1);
        let handle = signals.handle();
        thread::spawn(move || signals.forever().for_each(tell));
        Ok(Signals { handle })
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        if let Some(standing) = STANDING.get() {
            standing.count(|listeners| listeners - 1);
        }
        self.handle.close();
    }
}

/// A handler that was installed once stays: the flag lets it do what happens without any. What we were started with to
/// ignore (`nohup`) stays ignored.
fn standing() -> io::Result<&'static Standing> {
    if let Some(standing) = STANDING.get() {
        return Ok(standing);
    }
    let ignored = ignored();
    let ours: Vec<i32> = OURS.into_iter().filter(|signal| ignored & (1 << (signal - 1)) == 0).collect();
    let deadly = Arc::new(AtomicBool::new(true));
    for &signal in &ours {
        flag::register_conditional_default(signal, Arc::clone(&deadly))?;
    }
    Ok(STANDING.get_or_init(|| Standing { deadly, ours, listeners: Mutex::new(0) }))
}

/// The signals that this process ignores, a bit each, where the system tells.
fn ignored() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

/// The signal of this number, to be sent on.
pub fn named(signal: i32) -> Signal {
    match signal {
        SIGHUP => Signal::HUP,
        SIGINT => Signal::INT,
        _ => Signal::TERM,
    }
}
