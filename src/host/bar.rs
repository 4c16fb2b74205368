//! A line on standard error that says how far a long run is: nothing in the first half second, and gone at the end.

use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Work that takes less is not talked about.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often a terminal is drawn on, and how often a log gets a line.
const DRAWN: Duration = Duration::from_millis(100);
const LOGGED: Duration = Duration::from_secs(1);
/// How wide the bar itself is.
const CELLS: usize = 24;

/// When a bar is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Show {
    /// Never.
    Never,
    /// To somebody who watches a terminal.
    Terminal,
    /// To a log, too, as lines.
    Always,
}

/// The bar.
pub struct Bar {
    begun: Instant,
    state: Mutex<State>,
    show: Show,
    is_terminal: bool,
}

#[derive(Default)]
struct State {
    last: Option<(Instant, &'static str)>,
}

impl Bar {
    /// Begins to measure time; shows nothing yet.
    pub fn begin(show: Show) -> Bar {
        Bar { begun: Instant::now(), state: Mutex::default(), show, is_terminal: std::io::stderr().is_terminal() }
    }

    /// Shows how far it is, unless it was shown a moment ago.
    pub fn show(&self, what: &'static str, done: usize, total: usize) {
        let shown = match self.show {
            Show::Never => false,
            Show::Terminal => self.is_terminal,
            Show::Always => true,
        };
        if !shown || self.begun.elapsed() < PATIENCE {
            return;
        }
        let mut state = self.state.lock().expect("no thread panics while it holds this");
        let pause = if self.is_terminal { DRAWN } else { LOGGED };
        let now = Instant::now();
        if state.last.is_some_and(|(last, before)| before == what && now - last < pause) {
            return;
        }
        state.last = Some((now, what));
        let line = line(what, done, total);
        // Whoever watched may be gone.
        let _ = match self.is_terminal {
            true => write!(std::io::stderr(), "\r\x1b[K{line}"),
            false => writeln!(std::io::stderr(), "{line}"),
        };
    }
}

impl Bar {
    /// Does something that prints a line of its own.
    pub fn hidden(&self, print: impl FnOnce()) {
        let mut state = self.state.lock().expect("no thread panics while it holds this");
        if state.last.take().is_some() {
            self.wipe();
        }
        print();
    }

    fn wipe(&self) {
        if self.is_terminal {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if self.state.lock().is_ok_and(|state| state.last.is_some()) {
            self.wipe();
        }
    }
}

fn line(what: &str, done: usize, total: usize) -> String {
    let filled = (done * CELLS).checked_div(total).unwrap_or(0).min(CELLS);
    format!("{what:<18} [{}{}] {done}/{total}", "=".repeat(filled), " ".repeat(CELLS - filled))
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn a_line_says_what_and_how_far() {
        assert_eq!(line("comparing pairs", 30, 60), "comparing pairs    [============            ] 30/60");
        assert_eq!(line("integrating tracks", 0, 0), "integrating tracks [                        ] 0/0");
        assert_eq!(line("reading tracks", 3, 3), "reading tracks     [========================] 3/3");
    }
}
