//! What a new worktree needs beside what is committed: files copied from the main worktree or linked to. The commands
//! of `[setup] run` are somebody's code and are only named; who runs them asks `engine::trust`.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use anyhow::Result;
use ignore::gitignore::GitignoreBuilder;

use super::project::Project;
use super::worktrees::{Step, shown};
use crate::git::Git;
use crate::host::folders::{self, Found};
use crate::host::{copy, files};
use crate::model::text::count;
use crate::model::{Failure, RepoPath};

/// Names what is copied, in the syntax of `.gitignore`; other tools read it as well.
const INCLUDE: &str = ".worktreeinclude";

/// Longer files were not written by people.
const LONGEST: u64 = 1 << 20;

/// What new worktrees are given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    from: PathBuf,
    to: Vec<PathBuf>,
    /// What `[setup]` names.
    gifts: Vec<Gift>,
    /// What `.worktreeinclude` matches: can be very many files.
    included: Vec<Gift>,
    /// Commands that the project wants run in each; nothing here runs them.
    pub commands: Vec<String>,
    /// What was named and is not given, and why; the ends of sentences that begin with it.
    pub skipped: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Gift {
    path: PathBuf,
    way: Way,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Copy,
    Link,
}

impl Plan {
    /// What the worktrees in `paths` are given.
    pub fn of(project: &Project, paths: &[PathBuf]) -> Result<Plan> {
        if paths.is_empty() {
            return Ok(Plan::default());
        }
        let setup = &project.config.setup;
        let plan = Plan { to: paths.to_vec(), commands: setup.run.clone(), ..Plan::default() };
        // A bare repository has no files to give.
        let Some(main) = project.main_worktree.clone() else { return Ok(plan) };
        let mut plan = Plan { from: main, ..plan };
        for (names, way) in [(&setup.copy, Way::Copy), (&setup.link, Way::Link)] {
            for name in names {
                plan.name(project, name, way)?;
            }
        }
        let mut paths = included(project, &plan.from)?;
        paths.retain(|path| !plan.gifts.iter().any(|gift| path.starts_with(&gift.path)));
        plan.included = paths.into_iter().map(|path| Gift { path, way: Way::Copy }).collect();
        Ok(plan)
    }

    /// What will be done.
    pub fn steps(&self, project: &Project) -> Vec<Step> {
        self.to.iter().flat_map(|to| self.steps_into(&shown(project, to))).collect()
    }

    fn steps_into(&self, to: &str) -> Vec<Step> {
        let step = |gift: &Gift| {
            let action = match gift.way {
                Way::Copy => "copy",
                Way::Link => "link",
            };
            Step::new(action, gift.path.to_string_lossy()).detail(format!("into {to}"))
        };
        let mut steps: Vec<Step> = self.gifts.iter().map(step).collect();
        if !self.included.is_empty() {
            let files = count(self.included.len(), "file");
            steps.push(Step::new("copy", files).detail(format!("that {INCLUDE} names, into {to}")));
        }
        steps
    }

    /// Gives a worktree that has just been made what it needs. What its branch brings along is left alone, and nothing
    /// is written through a link that it brings.
    pub fn carry_out(&self, worktree: &Path) -> Result<()> {
        for gift in self.gifts.iter().chain(&self.included) {
            let (from, to) = (self.from.join(&gift.path), worktree.join(&gift.path));
            let folder = to.parent().unwrap_or(worktree);
            if folders::first_not_plain(worktree, folder).is_some() || folders::look(&to)? == Found::Link {
                continue;
            }
            copy::make_room(&to)?;
            match gift.way {
                Way::Copy => copy::copy(&from, &to)?,
                Way::Link => copy::link(&from, &to)?,
            }
        }
        Ok(())
    }

    /// What each new worktree is given: files and folders, by their paths from its top.
    pub fn given(&self) -> impl Iterator<Item = &Path> {
        self.gifts.iter().chain(&self.included).map(|gift| gift.path.as_path())
    }

    /// Whether what lies at `path` in a new worktree was given to it.
    pub fn gives(&self, path: &RepoPath) -> bool {
        let path = Path::new(OsStr::from_bytes(path.as_bstr()));
        self.gifts.iter().chain(&self.included).any(|gift| path.starts_with(&gift.path))
    }

    /// Takes what `[setup]` names; a name that leads out of the tree is refused.
    fn name(&mut self, project: &Project, name: &str, way: Way) -> Result<()> {
        let path = Path::new(name.trim_end_matches('/'));
        let inside = |part: Component| matches!(part, Component::Normal(name) if !name.eq_ignore_ascii_case(".git"));
        if path.as_os_str().is_empty() || !path.components().all(inside) {
            let shown = crate::model::text::escaped(name.as_bytes());
            return Err(Failure::usage(format!("`[setup]` names `{shown}`, which is no path inside the tree")).into());
        }
        let from = self.from.join(path);
        let folder = from.parent().unwrap_or(&self.from);
        if folders::first_not_plain(&self.from, folder).is_some() {
            self.skipped.push((name.to_owned(), "lies behind a link".into()));
        } else if self.holds_worktrees(project, &from) {
            self.skipped.push((name.to_owned(), "holds a worktree or lies in one".into()));
        } else if folders::look(&from)? == Found::Nothing {
            self.skipped.push((name.to_owned(), "is not there".into()));
        } else {
            self.gifts.push(Gift { path: path.to_owned(), way });
        }
        Ok(())
    }

    /// Whether `path` has to do with a worktree: one would be copied into itself, or be two folders to Git.
    fn holds_worktrees(&self, project: &Project, path: &Path) -> bool {
        let linked = project.worktrees.iter().filter(|worktree| !worktree.main).map(|worktree| &worktree.path);
        linked.chain(&self.to).any(|worktree| worktree.starts_with(path) || path.starts_with(worktree))
    }
}

/// The ignored files of the main worktree that `.worktreeinclude` matches.
fn included(project: &Project, main: &Path) -> Result<Vec<PathBuf>> {
    let file = main.join(INCLUDE);
    if files::is_link(&file) {
        return Ok(Vec::new());
    }
    let Some(text) = files::read(&file, LONGEST)? else { return Ok(Vec::new()) };
    let mut wanted = GitignoreBuilder::new(main);
    // A slash alone names nothing to Git, and everything to the matcher.
    for line in String::from_utf8_lossy(&text).lines().filter(|line| !line.trim_matches(['/', '!', ' ']).is_empty()) {
        wanted.add_line(None, line).map_err(|error| Failure::usage(format!("`{INCLUDE}`: {error}")))?;
    }
    let wanted = wanted.build().map_err(|error| Failure::usage(format!("`{INCLUDE}`: {error}")))?;
    let words = ["ls-files", "-z", "--others", "--ignored", "--exclude-standard"];
    let printed = Git::at(main).args(words).stdout()?;
    let paths = printed.split(|byte| *byte == 0).filter(|path| !path.is_empty() && !path.ends_with(b"/"));
    let paths = paths.map(|path| PathBuf::from(OsStr::from_bytes(path)));
    let nested = |path: &PathBuf| {
        let at = main.join(path);
        project.worktrees.iter().any(|worktree| !worktree.main && at.starts_with(&worktree.path))
    };
    Ok(paths.filter(|path| wanted.matched_path_or_any_parents(path, false).is_ignore() && !nested(path)).collect())
}
