//! The last result, kept for `report` and for telling what is new.

use anyhow::{Context, Result};

use crate::git::Repo;
use crate::host::files;
use crate::report::{Report, json};

/// Far more than a report of hundreds of tracks with thousands of conflicts takes.
const LARGEST: u64 = 256 << 20;

/// The last result; `None` where there is none, or none that this version can read.
pub fn load(repo: &Repo) -> Option<Report> {
    let content = files::read(&path(repo), LARGEST).ok()??;
    json::parse(&content)
}

/// Keeps a result as the last one.
pub fn save(repo: &Repo, report: &Report) -> Result<()> {
    files::write(&path(repo), json::render(report).as_bytes()).context("cannot keep the result")
}

fn path(repo: &Repo) -> std::path::PathBuf {
    repo.state_dir().join("last.json")
}
