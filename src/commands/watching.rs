//! `tracks sync --watch`: a look at all tracks whenever something moves, and what is new of it.

use std::collections::BTreeSet;

use anyhow::Result;

use super::session::Session;
use super::sync::{Looked, SyncArgs, look};
use super::{Ending, FormatName};
use crate::engine::watch;
use crate::git::Repo;
use crate::host::watch::{Heard, Watch};
use crate::model::Interrupted;
use crate::report::model::{Finding, FindingState};
use crate::report::{Details, Report};

/// Looks, waits, and looks again, until a signal ends it.
pub fn run(session: &Session, repo: &Repo, args: &SyncArgs) -> Result<Ending> {
    let mut watch = Watch::new(watch::matters(repo))?;
    let mut last: Option<Looked> = None;
    loop {
        if let Some(looked) = once(session, repo, args, last.as_ref())? {
            watch.set(watch::places(&looked.project));
            if last.is_none() {
                begin(session, &watch);
            }
            last = Some(looked);
        }
        loop {
            match watch.next() {
                Heard::Signal(signal) => return Ok(Ending::Interrupted(u8::try_from(signal).unwrap_or(0))),
                Heard::Much => break,
                Heard::Paths(paths) => {
                    let ignored = last.as_ref().map(|last| watch::is_ignored(&last.project, &paths));
                    if !matches!(ignored, Some(Ok(true))) {
                        break;
                    }
                }
            }
        }
    }
}

fn begin(session: &Session, watch: &Watch) {
    session.terminal.narrate("tracks: watching; to end it, interrupt it");
    let unwatched = watch.unwatched();
    if !unwatched.is_empty() {
        let first = unwatched.iter().next().map(|path| path.display().to_string()).unwrap_or_default();
        session.terminal.narrate(&format!(
            "tracks: the system has no room to watch {} folders (`{first}`): they are looked at every 10 s",
            unwatched.len()
        ));
    }
}

/// One look, of which what is new is said. What goes wrong may be mended a moment later: it is said, and waited for; but
/// not the first time.
fn once(session: &Session, repo: &Repo, args: &SyncArgs, last: Option<&Looked>) -> Result<Option<Looked>> {
    let looked = look(session, repo, args).and_then(|mut looked| looked.tell_trouble(session).map(|()| looked));
    match (looked, last) {
        (Err(error), Some(_)) if !error.is::<Interrupted>() => {
            session.terminal.complain(&format!("tracks: {error:#}"));
            Ok(None)
        }
        (Err(error), _) => Err(error),
        (Ok(looked), None) => {
            session.print(&looked.report, &Details::of(&looked.outcome))?;
            Ok(Some(looked))
        }
        (Ok(looked), Some(last)) => {
            say_what_is_new(session, &looked, last)?;
            Ok(Some(looked))
        }
    }
}

fn say_what_is_new(session: &Session, looked: &Looked, last: &Looked) -> Result<()> {
    let known: BTreeSet<&str> = fingerprints(&last.report);
    let now: BTreeSet<&str> = fingerprints(&looked.report);
    let gone: Vec<&Finding> =
        last.report.findings.iter().flatten().filter(|it| !now.contains(it.fingerprint.as_str())).collect();
    let is_new =
        |finding: &&Finding| finding.state != FindingState::Waived && !known.contains(finding.fingerprint.as_str());
    let new: Vec<Finding> = looked.report.findings.iter().flatten().filter(is_new).cloned().collect();
    for finding in &gone {
        let path = finding.path.as_ref().map_or_else(String::new, |path| format!(" {path}"));
        session.terminal.narrate(&format!("tracks: gone: {} {}{path}", finding.rule, finding.tracks.join(", ")));
    }
    if session.format != FormatName::Text {
        let is_same = new.is_empty() && gone.is_empty();
        return if is_same { Ok(()) } else { session.print(&looked.report, &Details::of(&looked.outcome)) };
    }
    if new.is_empty() {
        return Ok(());
    }
    // The view of `check`: findings, and how many they are.
    session.print(&Report { findings: Some(new), ..Report::new("check") }, &Details::default())
}

fn fingerprints(report: &Report) -> BTreeSet<&str> {
    report.findings.iter().flatten().map(|finding| finding.fingerprint.as_str()).collect()
}
