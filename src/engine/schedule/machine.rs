//! What is asked of the machine's own programs: `crontab`, and `systemctl` of the user. Nothing but fixed words and names
//! made here is ever on their command lines.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::host::places;
use crate::host::process::{self, Call, Ran, variable};
use crate::model::Failure;
use crate::model::text::escaped;

/// A crontab that is longer is left alone.
const LONGEST: usize = 4 << 20;
const LIMIT: Duration = Duration::from_secs(60);

/// Whether there is a `crontab` to ask.
pub(super) fn has_cron() -> bool {
    places::has_program("crontab")
}

/// The user's crontab; `None` where there is none, or no such program.
pub(super) fn crontab() -> Result<Option<String>> {
    if !has_cron() {
        return Ok(None);
    }
    let read = run("crontab -l 2>/dev/null", Vec::new())?;
    if !read.end.is_success() {
        // What says that there is none is an error like any other, but for its words.
        let told = run("crontab -l", Vec::new())?;
        return match words(&told) {
            told if told.to_ascii_lowercase().contains("no crontab") => Ok(None),
            told => Err(Failure::not_run(format!("`crontab -l` {}: {told}", read.end.phrase())).into()),
        };
    }
    if read.left_out > 0 {
        bail!("your crontab is longer than {LONGEST} bytes");
    }
    match String::from_utf8(read.output) {
        Ok(text) => Ok(Some(text)),
        Err(_) => Err(Failure::usage("your crontab is not UTF-8, and is left alone").into()),
    }
}

/// Gives the user this crontab, or none.
pub(super) fn set_crontab(table: Option<&str>) -> Result<()> {
    let (line, input) = match table {
        Some(table) => ("crontab -", table.as_bytes().to_vec()),
        None => ("crontab -r", Vec::new()),
    };
    done(line, &run(line, input)?)
}

/// Whether a systemd of this user's answers.
pub(super) fn has_manager() -> Result<bool> {
    Ok(places::has_program("systemctl") && run("systemctl --user show-environment", Vec::new())?.end.is_success())
}

/// What makes a timer run, or not any more, or its changed text count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Reload,
    Enable,
    Disable,
}

impl Order {
    /// The command.
    pub(super) fn line(self, timer: &str) -> String {
        let reload = "systemctl --user daemon-reload";
        match self {
            Order::Reload => reload.to_owned(),
            Order::Enable => format!("{reload} && systemctl --user enable --now {timer}"),
            Order::Disable => format!("systemctl --user disable --now {timer}"),
        }
    }

    /// Gives it.
    pub(super) fn carry_out(self, timer: &str) -> Result<()> {
        let line = self.line(timer);
        done(&line, &run(&line, Vec::new())?)
    }
}

fn done(line: &str, ran: &Ran) -> Result<()> {
    match ran.end.is_success() {
        true => Ok(()),
        false => {
            let failure = Failure::not_run(format!("`{line}` {}: {}", ran.end.phrase(), words(ran)));
            Err(failure.hint("once that is put right, the same command again").into())
        }
    }
}

fn words(ran: &Ran) -> String {
    escaped(String::from_utf8_lossy(&ran.output).trim().as_bytes())
}

fn run(line: &str, input: Vec<u8>) -> Result<Ran> {
    let variables = vec![variable("LC_ALL", "C")];
    let folder = PathBuf::from("/");
    process::run(
        &Call { line: line.into(), folder, variables, input, limit: Some(LIMIT), kept: LONGEST, ..Call::default() },
        &mut |_| {},
    )
}
