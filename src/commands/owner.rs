//! `tracks owner`: who owns a path, and which line says so.

use std::ffi::OsString;
use std::io::Read;

use anyhow::{Context, Result};
use bstr::ByteSlice;
use clap::{Args, ValueEnum};

use super::session::{FailOn, Session};
use super::steps::Mode;
use super::typed_path;
use super::{Ending, ownership};
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
    #[arg(value_name = "PATH", required_unless_present_any = ["stdin", "lint", "import", "give"])]
    paths: Vec<OsString>,
    /// Read the paths from standard input, a line each
    #[arg(long, conflicts_with = "paths")]
    stdin: bool,
    /// Separate by NUL: the paths that are read, and the fields that are printed
    #[arg(short = 'z')]
    nul: bool,
    /// Say which patterns match nothing, which files have several owners, and how many have none
    #[arg(long, conflicts_with_all = ["paths", "stdin"])]
    lint: bool,
    /// With --lint, the least severity that makes the exit status 1: what it finds is a warning
    #[arg(long, value_enum, default_value_t, requires = "lint")]
    fail_on: FailOn,
    /// Print tables for tracks.toml that say what the target's CODEOWNERS says, and what of it cannot be said
    #[arg(long, value_name = "FORMAT", value_enum, conflicts_with_all = ["paths", "stdin", "lint"])]
    import: Option<Import>,
    /// Give what this pattern matches to a track, in the main worktree's tracks.toml
    #[arg(long, value_name = "GLOB", requires = "to", conflicts_with_all = ["paths", "stdin", "lint", "import"])]
    give: Option<String>,
    /// The track that gets it
    #[arg(long, value_name = "T", requires = "give")]
    to: Option<String>,
    /// Say what would be written, and write nothing
    #[arg(long, requires = "give")]
    dry_run: bool,
}

/// What can be read in.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Import {
    /// CODEOWNERS of GitHub or GitLab.
    Codeowners,
}

/// Runs it.
pub fn run(session: &Session, args: &OwnerArgs) -> Result<Ending> {
    if args.lint {
        return ownership::look(session, args.fail_on);
    }
    if let Some(Import::Codeowners) = args.import {
        return ownership::read_in(session);
    }
    if let (Some(glob), Some(to)) = (&args.give, &args.to) {
        return ownership::hand_over(session, glob, to, Mode::of(args.dry_run));
    }
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
pub struct Sources<'a> {
    name: String,
    text: Option<&'a str>,
}

impl<'a> Sources<'a> {
    /// The copy that binds.
    pub fn new(project: &'a Project) -> Sources<'a> {
        let copies = &project.copies;
        match (&copies.on_target, &copies.in_main) {
            (Some(text), _) => Sources { name: format!("{}:{}", project.target.name, project::FILE), text: Some(text) },
            (None, text) => Sources { name: project::FILE.into(), text: text.as_deref() },
        }
    }

    /// The same for a key such as `tracks.a.owns[1]`.
    pub fn of_key(&self, key: &str) -> String {
        let parts = key.strip_suffix(']').and_then(|key| key.rsplit_once('['));
        let index = parts.and_then(|(_, index)| index.parse().ok());
        let names: Option<Vec<&str>> = parts.map(|(names, _)| names.split('.').collect());
        match (names.as_deref(), index) {
            (Some(&[family, name, list]), Some(index)) => self.of([family, name, list], index),
            _ => format!("{}:{key}", project::FILE),
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
