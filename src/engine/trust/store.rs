//! Where approvals are kept: a file for each repository and user, outside of every repository, that the user alone can
//! read. What is in it counts only for the folder that it was made for.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::git::Repo;
use crate::host::{files, folders, private};
use crate::model::Failure;
use crate::model::hash::sha256;
use crate::policy::trust::Commands;

/// A `tracks.toml` is at most 1 MiB, and so are its commands, but for the words around them.
const LONGEST: u64 = 4 << 20;

/// Where the approvals of one repository lie.
#[derive(Debug)]
pub(super) struct Store {
    folder: Result<PathBuf, &'static str>,
    name: String,
    head: String,
}

/// One approval of this user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The Git folder of the repository. Not escaped.
    pub repository: String,
    /// The hash of what was approved.
    pub hash: String,
    /// How many commands that are.
    pub commands: usize,
    /// Whether that folder is there.
    pub present: bool,
}

impl Store {
    /// The place for `repo`: named by where its Git folder lies, links resolved, and by what that folder is, so that
    /// another repository in its place has no approval.
    pub(super) fn of(repo: &Repo) -> Result<Store> {
        let git_dir = files::canonical(&repo.common_dir);
        let (device, number) = private::identity(&git_dir)?;
        let path = git_dir.as_os_str().as_bytes();
        let key = [format!("tracks trust 1 {device} {number} ").as_bytes(), path].concat();
        let head = format!("{device} {number} {}", String::from_utf8_lossy(path));
        Ok(Store { folder: place(), name: sha256(&key), head })
    }

    /// What was approved; `None` where nothing was, or where the file says something else than it should.
    pub(super) fn approved(&self) -> Result<Option<Commands>> {
        let Ok(folder) = &self.folder else { return Ok(None) };
        let record = private::read(folder, &self.name, LONGEST).context("the approvals cannot be trusted")?;
        let read = record.and_then(|record| Commands::read(&record));
        Ok(read.filter(|(head, _)| *head == self.head).map(|(_, commands)| commands))
    }

    pub(super) fn approve(&self, commands: &Commands) -> Result<()> {
        private::write(self.folder()?, &self.name, &commands.record(&self.head)).context("nothing is approved")
    }

    pub(super) fn revoke(&self) -> Result<bool> {
        private::remove(self.folder()?, &self.name)
    }

    fn folder(&self) -> Result<&Path> {
        match &self.folder {
            Ok(folder) => Ok(folder),
            Err(why) => Err(Failure::not_run(*why).hint("set `HOME`, or `XDG_STATE_HOME`").into()),
        }
    }
}

/// Every approval of this user, by repository.
pub fn approvals() -> Result<Vec<Approval>> {
    let Ok(folder) = place() else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for name in folders::names(&folder)?.iter().filter_map(|name| name.to_str()).filter(|name| name.len() == 64) {
        let record = private::read(&folder, name, LONGEST)?;
        let Some((head, commands)) = record.and_then(|record| Commands::read(&record)) else { continue };
        let repository = head.splitn(3, ' ').nth(2).unwrap_or_default().to_owned();
        let present = files::is_folder(Path::new(&repository));
        found.push(Approval { repository, hash: commands.hash(), commands: commands.iter().count(), present });
    }
    found.sort_by(|a, b| (&a.repository, &a.hash).cmp(&(&b.repository, &b.hash)));
    Ok(found)
}

fn place() -> Result<PathBuf, &'static str> {
    let home =
        private::state_home().ok_or("there is no place for approvals: neither `XDG_STATE_HOME` nor `HOME` is set")?;
    Ok(home.join("tracks").join("trust"))
}
