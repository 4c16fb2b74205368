//! Carries a plan out. When one thing fails, everything that was made before it is taken back.

use anyhow::{Context, Error, Result, ensure};

use super::plan::{New, Plan, Policy};
use super::shown;
use crate::engine::journal::{self, Journal};
use crate::engine::project::Project;
use crate::git::Git;
use crate::git::status::{self, Dirty, Now};
use crate::git::worktree::Worktree;
use crate::host::files;
use crate::host::folders::{self, Found};
use crate::model::CommitId;
use crate::model::text::list;

/// What was made and can be taken back.
enum Made<'a> {
    Exclude,
    /// One that may be there in part.
    Begun(&'a New),
    Worktree(&'a New),
    Policy(&'a Policy),
}

impl Plan {
    /// Makes everything; `tell` hears what comes next, since a large worktree takes a while.
    pub fn carry_out(&self, project: &Project, journal: &Journal, tell: &dyn Fn(&str)) -> Result<()> {
        journal.carry_out(self.changes(project)?, || {
            let mut made = Vec::new();
            let all = self.make_all((project, journal), &mut made, tell);
            all.map_err(|error| self.take_back(project, &made, error))
        })
    }

    fn make_all<'a>(
        &'a self,
        (project, journal): (&Project, &Journal),
        made: &mut Vec<Made<'a>>,
        tell: &dyn Fn(&str),
    ) -> Result<()> {
        if let Some(exclude) = &self.exclude {
            made.push(Made::Exclude);
            files::write(&exclude.path, &exclude.after)?;
        }
        for (at, new) in self.worktrees.iter().enumerate() {
            let path = shown(project, &new.path);
            tell(&format!("making worktree {} of {}, {path}", at + 1, self.worktrees.len()));
            let named = || format!("cannot make the worktree `{path}`");
            still_free(project, new).with_context(named)?;
            journal.making(Some(&new.path))?;
            made.push(Made::Begun(new));
            add(project, journal, new).with_context(named)?;
            self.setup.carry_out(&new.path).with_context(named)?;
            made.pop();
            made.push(Made::Worktree(new));
        }
        if !self.worktrees.is_empty() {
            journal.making(None)?;
        }
        if let Some(policy) = &self.policy {
            made.push(Made::Policy(policy));
            files::write(&policy.path, policy.after.as_bytes())?;
        }
        self.hooks.carry_out()
    }

    fn take_back(&self, project: &Project, made: &[Made], error: Error) -> Error {
        let mut stays: Vec<String> = Vec::new();
        for made in made.iter().rev() {
            if let Err(what) = self.take_one_back(project, made) {
                stays.push(what);
            }
        }
        match stays.as_slice() {
            [] if made.is_empty() => error,
            [] => error.context("nothing is made"),
            stays => error.context(format!("{} could not be taken back", list(stays))),
        }
    }

    fn take_one_back(&self, project: &Project, made: &Made) -> Result<(), String> {
        match made {
            Made::Exclude => {
                let Some(exclude) = &self.exclude else { return Ok(()) };
                let back = match &exclude.before {
                    Some(before) => files::write(&exclude.path, before),
                    None => files::remove(&exclude.path),
                };
                let folder = exclude.path.parent().unwrap_or(&exclude.path);
                folders::remove_empty(folder, &project.repo.common_dir);
                back.map_err(|_| format!("`{}`", exclude.path.display()))
            }
            Made::Policy(policy) => {
                let back = match &policy.before {
                    Some(before) => files::write(&policy.path, before.as_bytes()),
                    None => files::remove(&policy.path),
                };
                back.map_err(|_| format!("`{}`", policy.path.display()))
            }
            Made::Begun(new) => remove(project, new),
            // Somebody may have begun to work there.
            Made::Worktree(new) => match self.holds_work(new) {
                Ok(false) => remove(project, new),
                _ => Err(format!("the worktree `{}`, in which somebody is at work,", shown(project, &new.path))),
            },
        }
    }
}

impl Plan {
    /// Whether there is more in a worktree than its commit and what it was given.
    fn holds_work(&self, new: &New) -> Result<bool> {
        let status = status::read(&new.path, &[])?;
        let is_work = |file: &Dirty| !(file.now == Now::Untracked && self.setup.gives(&file.path));
        Ok(status.files.iter().any(is_work) || !status.embedded.is_empty() || !status.unmerged.is_empty())
    }
}

/// Git in the main worktree, with no collection of garbage beside what is being made.
pub(super) fn git(project: &Project) -> Git {
    let git = match &project.main_worktree {
        Some(main) => Git::at(main),
        None => project.repo.git(),
    };
    git.args(["-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "checkout.guess=false"])
}

/// Making the others may have taken minutes: what somebody else has put there since must not be taken back as ours.
fn still_free(project: &Project, new: &New) -> Result<()> {
    ensure!(matches!(folders::look(&new.path)?, Found::Nothing | Found::EmptyFolder), "there is something in it now");
    if new.start.is_some() {
        let full = new.branch.full();
        let found = project.repo.refs(&[&full])?.iter().any(|found| found.name == full);
        ensure!(!found, "somebody has made the branch `{}` meanwhile", new.branch);
    }
    Ok(())
}

/// Makes a worktree again that was removed.
pub fn again(project: &Project, journal: &Journal, made: &journal::Made) -> Result<()> {
    let git = adding(project, journal)?;
    match (made.branch.as_str(), made.commit) {
        ("", Some(commit)) => git.args(["--detach", "--"]).arg(&made.path).arg(commit.to_string()).run(),
        (branch, _) => git.arg("--").arg(&made.path).arg(branch).run(),
    }
}

fn adding(project: &Project, journal: &Journal) -> Result<Git> {
    Ok(git(project).args(["worktree", "add", "--quiet"]).input_file(journal.share()?))
}

fn add(project: &Project, journal: &Journal, new: &New) -> Result<()> {
    let git = adding(project, journal)?;
    match &new.start {
        Some(start) => {
            let git = git.args(["--no-track", "-b", new.branch.as_str()]).arg("--").arg(&new.path);
            git.arg(start.commit.to_string()).run()
        }
        None => git.arg("--").arg(&new.path).arg(new.branch.as_str()).run(),
    }
}

/// Takes a worktree back that this run made: before, nothing was there, so that nothing of anybody's is in it.
fn remove(project: &Project, new: &New) -> Result<(), String> {
    let path = format!("the worktree `{}`", shown(project, &new.path));
    let registered = project.repo.worktrees().map_err(|_| path.clone())?;
    let is_ours = |worktree: &&Worktree| {
        let branch = worktree.branch.as_deref();
        worktree.path == new.path && branch.is_none_or(|branch| branch == new.branch.full())
    };
    if registered.iter().any(|worktree| is_ours(&worktree)) {
        git(project).args(["worktree", "remove", "--force", "--"]).arg(&new.path).run().map_err(|_| path)?;
    }
    folders::remove_empty(new.path.parent().unwrap_or(&new.path), &project.ground());
    match &new.start {
        Some(start) => remove_branch(project, new, start.commit),
        None => Ok(()),
    }
}

fn remove_branch(project: &Project, new: &New, commit: CommitId) -> Result<(), String> {
    let name = format!("the branch `{}`", new.branch);
    let full = new.branch.full();
    let found = project.repo.refs(&[&full]).map_err(|_| name.clone())?;
    match found.iter().any(|found| found.name == full) {
        true => project.repo.delete_refs(&[(full, commit)]).map_err(|_| name),
        false => Ok(()),
    }
}
