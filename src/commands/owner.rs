//! `tracks owner`: who owns a path, and which line says so.

use std::ffi::OsString;
use std::io::Read;

use anyhow::{Context, Result};
use bstr::ByteSlice;
use clap::Args;

use super::Ending;
use super::session::Session;
use super::typed_path;
use crate::engine::project::{self, Project};
use crate::git::Repo;
use crate::model::text::escaped;
use crate::model::{Failure, RepoPath};
use crate::policy::config::locate;
use crate::policy::ownership::{Owner, Ownership};
use crate::report::model::{Owner as Row, repo_path};
use crate::report::{Details, Report, text};

/// Say which track owns a path
///
/// Prints, as `git check-ignore -v` does, the line of tracks.toml that decides, its pattern, the owner and the path.
/// Paths need not exist; those from standard input are from the root of the repository.
#[derive(Args)]
pub struct OwnerArgs {
    /// The paths to ask about
    #[arg(value_name = "PATH", required_unless_present = "stdin")]
    paths: Vec<OsString>,
    /// Read the paths from standard input, a line each
    #[arg(long, conflicts_with = "paths")]
    stdin: bool,
    /// Separate by NUL: the paths that are read, and the fields that are printed
    #[arg(short = 'z')]
    nul: bool,
}

/// Runs it.
pub fn run(session: &Session, args: &OwnerArgs) -> Result<Ending> {
    let repo = session.repo()?;
    let paths = if args.stdin { from_stdin(args.nul)? } else { typed(session, &repo, &args.paths)? };
    let project = Project::open(&repo)?;
    let ownership = Ownership::new(&project.config, &project.uncommitted)?;
    let sources = Sources::new(&project);
    let of_path = |path| rows(path, &ownership.owner(path), &sources).into_iter().map(move |row| (row, path));
    let rows: Vec<(Row, &RepoPath)> = paths.iter().flat_map(of_path).collect();
    if args.nul {
        session.terminal.answer_bytes(&text::owner::separated(&rows))?;
    } else {
        let rows = rows.into_iter().map(|(row, _)| row).collect();
        let report = Report { owners: Some(rows), ..Report::new("owner") };
        session.print(&report, &Details::default())?;
    }
    Ok(Ending::Clean)
}

fn typed(session: &Session, repo: &Repo, paths: &[OsString]) -> Result<Vec<RepoPath>> {
    let root = || Failure::usage("who owns the root depends on what is in it").hint("name a file or a folder below it");
    let parse = |path: &OsString| Ok(typed_path::resolve(repo, &session.start, path)?.ok_or_else(root)?);
    paths.iter().map(parse).collect()
}

fn from_stdin(nul: bool) -> Result<Vec<RepoPath>> {
    let mut input = Vec::new();
    std::io::stdin().lock().read_to_end(&mut input).context("cannot read standard input")?;
    let separator = if nul { 0 } else { b'\n' };
    input.split(|byte| *byte == separator).filter(|path| !path.is_empty()).map(parse).collect()
}

fn parse(path: &[u8]) -> Result<RepoPath> {
    if path.starts_with(b"/") || path.split_str("/").any(|part| part == b"..") {
        let failure = Failure::usage(format!("`{}` is no path from the root of the repository", escaped(path)));
        return Err(failure.hint("name paths as `git ls-files --full-name` prints them").into());
    }
    RepoPath::try_new(path).ok_or_else(|| Failure::usage("a path cannot be empty").into())
}

/// Where each pattern stands.
struct Sources<'a> {
    name: String,
    text: Option<&'a str>,
}

impl<'a> Sources<'a> {
    /// The copy that binds.
    fn new(project: &'a Project) -> Sources<'a> {
        let copies = &project.copies;
        match (&copies.on_target, &copies.in_main) {
            (Some(text), _) => Sources { name: format!("{}:{}", project.target.name, project::FILE), text: Some(text) },
            (None, text) => Sources { name: project::FILE.into(), text: text.as_deref() },
        }
    }

    /// `main:tracks.toml:12`; an entry that only the other copy has is named by its key.
    fn of(&self, keys: [&str; 3], index: usize) -> String {
        match self.text.and_then(|text| locate::line_of(text, keys, index)) {
            Some(line) => format!("{}:{line}", self.name),
            None => format!("{}:{}[{index}]", project::FILE, keys.join(".")),
        }
    }
}

/// A row for each owner; one that names nobody where there is none.
fn rows(path: &RepoPath, owner: &Owner, sources: &Sources) -> Vec<Row> {
    let (shown, path_bytes) = repo_path(path);
    let nobody = Row { path: shown, path_bytes, track: None, zone: None, pattern: None, source: None };
    if let Some(zone) = &owner.zone {
        let row = Row {
            track: zone.steward.map(ToString::to_string),
            zone: Some(zone.name.to_owned()),
            pattern: Some(zone.pattern.to_owned()),
            source: Some(sources.of(["shared", zone.name, "paths"], zone.index)),
            ..nobody
        };
        return vec![row];
    }
    if owner.owners.is_empty() {
        return vec![nobody];
    }
    let row = |found: &crate::policy::ownership::Match| Row {
        track: Some(found.track.to_string()),
        pattern: Some(found.pattern.to_owned()),
        source: Some(sources.of(["tracks", found.track.as_str(), "owns"], found.index)),
        ..nobody.clone()
    };
    owner.owners.iter().map(row).collect()
}
