//! Runs that start by themselves: what is written for it, where, and how it is taken away again. What was edited since,
//! or is somebody else's, is named and left alone.

mod install;
mod machine;
mod place;
mod remove;
mod status;

use anyhow::{Context, Result};

use super::project::Project;
use crate::git::Repo;
use crate::host::{files, places};
use crate::policy::schedule::{Every, Job, Kind, Whose};

pub use install::Plan;
pub use remove::Removal;
pub use status::{Standing, State, status};

/// What this machine starts runs by.
pub fn usual() -> Kind {
    match () {
        () if cfg!(target_os = "macos") => Kind::Launchd,
        () if places::has_program("systemctl") => Kind::Systemd,
        () => Kind::Cron,
    }
}

/// The run of this repository, as often as asked, else as `[sync] every` says, else daily.
pub fn job(repo: &Repo, every: Option<&str>) -> Result<Job> {
    let every = match every {
        Some(every) => Every::parse(every)?,
        None => match &Project::survey(repo)?.config.sync.every {
            Some(every) => Every::parse(every)?,
            None => Every::DAY,
        },
    };
    let folder = files::canonical(&main_worktree(repo)?.unwrap_or_else(|| repo.common_dir.clone()));
    let program = files::this_program().context("the system does not say where this program is")?;
    Ok(Job::of(whose(repo)?, (&folder, &program), &places::search_path(), every)?)
}

/// The texts of a schedule: of several files each is named in a comment above it.
pub fn print(job: &Job, kind: Kind) -> Result<String> {
    let texts = job.texts(kind)?;
    Ok(match texts.as_slice() {
        [only] => only.text.clone(),
        several => several.iter().map(|it| format!("# {}\n{}", it.file, it.text)).collect::<Vec<_>>().join("\n"),
    })
}

fn whose(repo: &Repo) -> Result<Whose> {
    let name = repo.name(main_worktree(repo)?.as_deref());
    Ok(Whose::of(&files::canonical(&repo.common_dir), &name)?)
}

/// `None` for a bare repository.
fn main_worktree(repo: &Repo) -> Result<Option<std::path::PathBuf>> {
    Ok(repo.worktrees()?.first().filter(|main| !main.bare).map(|main| main.path.clone()))
}
