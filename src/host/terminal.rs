//! The one place that prints: answers to standard output, narration to standard error, colour and width decided once.

use std::io::{ErrorKind, IsTerminal, Write};
use std::path::Path;

use anstream::stream::{AsLockedWrite, RawStream};
use anstream::{AutoStream, ColorChoice};

use crate::model::text::{escaped, escaped_lines};

/// Whether to colour what is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How much is narrated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loudness {
    /// Errors alone.
    Quiet,
    /// What a person wants to know.
    #[default]
    Normal,
    /// How it was found out, too.
    Verbose,
}

/// Where everything is printed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terminal {
    /// Whether to colour.
    pub color: Color,
    /// How much to narrate.
    pub loudness: Loudness,
}

impl Terminal {
    /// The width to lay text out for: the terminal's, else `COLUMNS`, else 80; never under 40.
    pub fn width(&self) -> usize {
        let asked = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let terminal = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        asked.or(terminal).unwrap_or(80).max(40)
    }

    /// Prints the answer. A reader who has heard enough (`tracks list | head`) ends it quietly.
    pub fn answer(&self, text: &str) -> std::io::Result<()> {
        self.print(std::io::stdout(), text)
    }

    /// Prints an answer for programs, byte for byte.
    pub fn answer_bytes(&self, bytes: &[u8]) -> std::io::Result<()> {
        let mut stream = std::io::stdout().lock();
        quietly(stream.write_all(bytes).and_then(|()| stream.flush()))
    }

    /// Prints a path as the answer: its exact bytes, so that a shell can use it; escaped where a terminal would obey it.
    pub fn answer_path(&self, path: &Path) -> std::io::Result<()> {
        let bytes = path.as_os_str().as_encoded_bytes();
        let mut line = match std::io::stdout().is_terminal() {
            true => escaped(bytes).into_bytes(),
            false => bytes.to_vec(),
        };
        line.push(b'\n');
        self.answer_bytes(&line)
    }

    /// Tells what is being done.
    pub fn narrate(&self, text: &str) {
        if self.loudness > Loudness::Quiet {
            self.complain(text);
        }
    }

    /// Tells somebody who is watching what takes so long; a log needs none of it.
    pub fn progress(&self, text: &str) {
        if std::io::stderr().is_terminal() {
            self.narrate(&escaped(text.as_bytes()));
        }
    }

    /// Tells how something was found out.
    pub fn detail(&self, text: &str) {
        if self.loudness == Loudness::Verbose {
            self.complain(text);
        }
    }

    /// For passing on what a command prints.
    pub fn passing(&self) -> Passing<'_> {
        Passing { terminal: self, line: Vec::new(), left: Passing::MOST }
    }

    /// Asks a question that can be answered with yes or no; `None` where nobody is there to answer. Nothing, and
    /// whatever is not plainly yes, is no.
    pub fn ask(&self, question: &str) -> Option<bool> {
        if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
            return None;
        }
        let _ = self.print(std::io::stderr(), &format!("{question} [y/N] "));
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer).ok()?;
        Some(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
    }

    /// Tells what went wrong. Whatever a terminal would obey is spelled out, wherever the text comes from.
    pub fn complain(&self, text: &str) {
        self.show(&escaped_lines(text.as_bytes()));
    }

    /// Shows text with ANSI styles, in which everything from outside is escaped, beside the answer.
    pub fn show(&self, text: &str) {
        let ended = if text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") };
        // With standard error gone there is nobody left to tell.
        let _ = self.print(std::io::stderr(), &ended);
    }

    fn print<S: RawStream + AsLockedWrite>(&self, stream: S, text: &str) -> std::io::Result<()> {
        let choice = match self.color {
            Color::Auto => AutoStream::choice(&stream),
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        let mut stream = AutoStream::new(stream, choice);
        quietly(stream.write_all(text.as_bytes()).and_then(|()| stream.flush()))
    }
}

/// What a command of somebody's prints, passed on line by line: no more of it than people read, and nothing in it that
/// a terminal obeys.
pub struct Passing<'a> {
    terminal: &'a Terminal,
    line: Vec<u8>,
    left: usize,
}

impl Passing<'_> {
    /// Bytes that are passed on, and of one line.
    const MOST: usize = 1 << 20;
    const LONGEST: usize = 4 << 10;

    /// Takes the next piece, which may end anywhere.
    pub fn hear(&mut self, piece: &[u8]) {
        for &byte in piece {
            match byte {
                b'\n' | b'\r' => self.tell(),
                // The rest of a line that is no text.
                _ if self.line.len() >= Self::LONGEST => {}
                _ => self.line.push(byte),
            }
        }
    }

    /// Passes on what is left of the last line.
    pub fn end(mut self) {
        self.tell();
    }

    fn tell(&mut self) {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() || self.left == 0 {
            return;
        }
        self.left = self.left.saturating_sub(line.len());
        let text = String::from_utf8_lossy(&line);
        let plain = anstream::adapter::strip_str(&text).to_string();
        self.terminal.narrate(&format!("  {}", escaped(plain.trim_end().as_bytes())));
        if self.left == 0 {
            self.terminal.narrate("  … and more, which is not shown");
        }
    }
}

/// A reader who has heard enough is no error.
fn quietly(result: std::io::Result<()>) -> std::io::Result<()> {
    match result {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}
