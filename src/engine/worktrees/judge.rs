//! Whether a worktree can go without losing anything, and if not, every reason why.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};

use super::away::Ignored;
use crate::engine::journal::locks;
use crate::engine::landed::{Landing, landing};
use crate::engine::landing::landing_of;
use crate::engine::premerge::Premerge;
use crate::engine::project::Project;
use crate::git::status::{self, Now, Status};
use crate::git::worktree::{Operation, Worktree};
use crate::git::{Git, Scratch};
use crate::host::{files, folders};
use crate::model::text::{count, escaped, list};
use crate::model::{CommitId, TrackId};

/// How many names a sentence holds.
const NAMED: usize = 5;

/// Folders that every tool makes again from what is committed.
const MADE_AGAIN: [&str; 2] = ["node_modules", "__pycache__"];

/// What a `CACHEDIR.TAG` begins with.
const TAG: &[u8] = b"Signature: 8a477f597d28d172789f06886806bc55";

/// Longer tags are none.
const LONGEST: u64 = 1 << 16;

/// Why a worktree cannot go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It is the main worktree.
    Main,
    /// It has the target checked out.
    Target(String),
    /// This process runs in it.
    Here,
    /// Its folder is gone; Git still knows of it.
    Missing,
    /// It was not the same when it was about to go.
    Changed,
    /// Something about it cannot be read.
    Unreadable(String),
    /// Its making has not ended, or was interrupted.
    Unfinished,
    /// It is locked, with this reason.
    Locked(String),
    /// Git is in the middle of something.
    Operation(Operation),
    /// Files that differ from its commit.
    Uncommitted(usize),
    /// Files that no commit has.
    Untracked(usize),
    /// Paths with an unfinished merge.
    Unmerged(usize),
    /// Files that Git was told not to look at.
    Hidden(usize),
    /// Folders with repositories of their own.
    Embedded(usize),
    /// It has submodules, whose repositories lie in its Git folder.
    Submodules,
    /// Commits of its branch whose content is not on the target.
    Unlanded(usize, String),
    /// Commits of its branch are in the target's history, and their content is not on it.
    Reverted(String),
    /// A declared track with nothing of its own: as likely not begun as landed.
    Idle(TrackId, String),
    /// Commits that no branch, no tag and no remote has.
    Adrift(usize),
    /// Ignored files that are nowhere else.
    Ignored(Vec<String>),
    /// Another worktree lies in it.
    Nested(String),
}

/// What is known of one worktree.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// Which one.
    pub worktree: Worktree,
    /// Why it cannot go; empty where it can.
    pub reasons: Vec<Reason>,
    /// Ignored files and folders that would go with it.
    pub ignored: Vec<PathBuf>,
}

impl Judgement {
    /// The same where ignored files are kept: then they are no reason any more.
    pub fn with(mut self, ignored: Ignored) -> Judgement {
        if ignored == Ignored::Keep {
            self.reasons.retain(|reason| !matches!(reason, Reason::Ignored(_)));
        }
        self
    }
}

/// What judging a worktree needs to know of all.
pub struct Judge<'a> {
    project: &'a Project,
    /// One at a time: its objects are read by one thread.
    scratch: Mutex<Scratch>,
    here: BTreeSet<PathBuf>,
}

impl<'a> Judge<'a> {
    /// A judge for the worktrees of a project.
    pub fn new(project: &'a Project) -> Result<Judge<'a>> {
        let here = files::current_folder().into_iter().chain(project.repo.worktree.clone());
        let scratch = Mutex::new(Scratch::new(&project.repo)?);
        Ok(Judge { project, scratch, here: here.collect() })
    }

    /// Judges one worktree. What cannot be found out is a reason to keep it.
    pub fn judge(&self, worktree: &Worktree) -> Judgement {
        let mut judgement = Judgement { worktree: worktree.clone(), reasons: Vec::new(), ignored: Vec::new() };
        if worktree.main {
            judgement.reasons.push(Reason::Main);
            return judgement;
        }
        if worktree.is_unfinished() {
            judgement.reasons.push(Reason::Unfinished);
            return judgement;
        }
        if let Some(reason) = &worktree.locked {
            judgement.reasons.push(Reason::Locked(escaped(reason.as_bytes())));
        }
        if !worktree.present {
            judgement.reasons.push(Reason::Missing);
            return judgement;
        }
        if let Err(error) = self.look(&mut judgement) {
            judgement.reasons.push(Reason::Unreadable(format!("{error:#}")));
        }
        judgement
    }

    /// Every worktree that lies in this one.
    pub fn nested(&self, worktree: &Worktree) -> Vec<PathBuf> {
        let below = |other: &&Worktree| other.path != worktree.path && other.path.starts_with(&worktree.path);
        self.project.worktrees.iter().filter(below).map(|other| other.path.clone()).collect()
    }

    fn look(&self, judgement: &mut Judgement) -> Result<()> {
        let worktree = judgement.worktree.clone();
        let reasons = &mut judgement.reasons;
        if self.here.iter().any(|here| here.starts_with(&worktree.path)) {
            reasons.push(Reason::Here);
        }
        let nested = self.nested(&worktree);
        reasons.extend(nested.iter().map(|path| Reason::Nested(super::shown(self.project, path))));
        let git_dir = self.linked(&worktree)?;
        reasons.extend(worktree.operation.map(Reason::Operation));
        reasons.extend(locks::described(&git_dir.join("index.lock")).map(Reason::Unreadable));
        if folders::look(&git_dir.join("modules"))? != folders::Found::Nothing {
            reasons.push(Reason::Submodules);
        }
        self.uncommitted(&worktree.path, &nested, reasons)?;
        self.commits(&worktree, reasons)?;
        judgement.ignored = status::ignored(&worktree.path, &nested)?;
        let lost: Vec<String> = judgement
            .ignored
            .iter()
            .filter(|path| !self.is_elsewhere(&worktree.path, path))
            .map(|path| path.to_string_lossy().into_owned())
            .collect();
        if !lost.is_empty() {
            judgement.reasons.push(Reason::Ignored(lost));
        }
        Ok(())
    }

    /// The Git folder behind a worktree. Whoever can write one file could have it lead elsewhere.
    fn linked(&self, worktree: &Worktree) -> Result<PathBuf> {
        let git_dir = worktree.git_dir.as_deref().context("it has lost its link to the repository")?;
        let home = files::canonical(&self.project.repo.common_dir.join("worktrees"));
        let git_dir = files::canonical(git_dir);
        anyhow::ensure!(git_dir.parent() == Some(home.as_path()), "its `.git` leads to another repository");
        Ok(git_dir)
    }

    fn uncommitted(&self, path: &Path, nested: &[PathBuf], reasons: &mut Vec<Reason>) -> Result<()> {
        let Status { files, embedded, unmerged, .. } = status::read(path, nested)?;
        let untracked = files.iter().filter(|file| file.now == Now::Untracked).count();
        let hidden = hidden(path)?;
        let counted = [
            (unmerged.len(), Reason::Unmerged as fn(usize) -> Reason),
            (files.len() - untracked, Reason::Uncommitted),
            (untracked, Reason::Untracked),
            (hidden, Reason::Hidden),
            (embedded.len(), Reason::Embedded),
        ];
        reasons.extend(counted.into_iter().filter(|(number, _)| *number > 0).map(|(number, reason)| reason(number)));
        Ok(())
    }

    fn commits(&self, worktree: &Worktree, reasons: &mut Vec<Reason>) -> Result<()> {
        let Some(head) = worktree.head else { return Ok(()) };
        let target = &self.project.target;
        match &worktree.branch {
            Some(branch) if *branch == format!("refs/heads/{}", target.name) => {
                reasons.push(Reason::Target(target.name.clone()));
            }
            Some(branch) => {
                let tip = self.project.branches.iter().find(|found| found.name == *branch).and_then(|b| b.commit);
                let tip = tip.unwrap_or(head);
                reasons.extend(self.unlanded(tip)?);
                if let Some(track) = self.project.tracks.iter().find(|track| track.branch.full() == *branch)
                    && self.landing(tip)? == Landing::Nothing
                {
                    reasons.push(Reason::Idle(track.id.clone(), target.name.clone()));
                }
            }
            None => {}
        }
        // A branch that is being rebased has its own tip; what is checked out meanwhile may be nowhere else.
        let adrift = self.adrift(&worktree.path, head)?;
        if adrift > 0 {
            reasons.push(Reason::Adrift(adrift));
        }
        Ok(())
    }

    /// How many commits go with the worktree: of its HEAD, of its own refs, and of what it left behind.
    fn adrift(&self, path: &Path, head: CommitId) -> Result<usize> {
        let mut tips = left_behind(path)?;
        tips.insert(head.to_string());
        let own = Git::at(path).args(["for-each-ref", "--format=%(objectname)", "refs/worktree"]).stdout()?;
        tips.extend(String::from_utf8_lossy(&own).lines().map(str::to_owned));
        let kept = ["--not", "--branches", "--remotes", "--tags"];
        let words = ["--ignore-missing"].into_iter().chain(tips.iter().map(String::as_str)).chain(kept);
        self.count(&words.collect::<Vec<_>>())
    }

    /// What the target lacks of the content of `tip`; `None` where that has landed, or there is nothing.
    pub fn unlanded(&self, tip: CommitId) -> Result<Option<Reason>> {
        let target = &self.project.target;
        if self.landing(tip)? != Landing::Open {
            return Ok(None);
        }
        let beyond = self.count(&[&tip.to_string(), &format!("^{}", target.commit)])?;
        Ok(Some(match beyond {
            0 => Reason::Reverted(target.name.clone()),
            number => Reason::Unlanded(number, target.name.clone()),
        }))
    }

    fn landing(&self, tip: CommitId) -> Result<Landing> {
        let scratch = self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        let (premerge, target) = (Premerge::new(&self.project.repo, &scratch)?, self.project.target.commit);
        let found = landing(&premerge, target, tip)?;
        let track = self.project.tracks.iter().find(|track| track.tip == Some(tip));
        // Only what is on the target may have been taken back.
        let track = track.filter(|_| found == Landing::Landed);
        track.map_or(Ok(found), |track| landing_of(&premerge, target, track, found))
    }

    fn count(&self, words: &[&str]) -> Result<usize> {
        let printed = self.project.repo.git().args(["rev-list", "--count"]).args(words).arg("--").stdout()?;
        let number = String::from_utf8_lossy(&printed).trim().parse();
        number.context("`git rev-list --count` prints no number")
    }

    /// Whether an ignored file is the same in the main worktree, or can be made again: a link, or a folder that says so
    /// itself (<https://bford.info/cachedir/>) or that every tool makes again from what is committed.
    fn is_elsewhere(&self, worktree: &Path, path: &Path) -> bool {
        let at = worktree.join(path);
        let name = path.file_name().unwrap_or_default();
        let is_cache =
            || matches!(files::read(&at.join("CACHEDIR.TAG"), LONGEST), Ok(Some(tag)) if tag.starts_with(TAG));
        if files::is_link(&at) || files::is_folder(&at) && (MADE_AGAIN.iter().any(|made| name == *made) || is_cache()) {
            return true;
        }
        let main = self.project.main_worktree.as_deref();
        main.is_some_and(|main| files::equal(&at, &main.join(path)))
    }
}

/// The commits that were checked out with no branch when something else was: after that only the worktree's own log
/// knows of them.
fn left_behind(worktree: &Path) -> Result<BTreeSet<String>> {
    let log = Git::at(worktree).args(["reflog", "show", "--format=%gs", "HEAD", "--"]).output()?;
    let moves = String::from_utf8_lossy(&log.stdout).into_owned();
    let from = moves.lines().filter_map(|line| line.strip_prefix("checkout: moving from ")?.split(' ').next());
    let ids = from.filter(|from| CommitId::from_hex(from.as_bytes()).is_some());
    Ok(ids.map(str::to_owned).collect())
}

/// Files whose changes Git was told not to look at: they are there, and `git status` is silent about them.
fn hidden(worktree: &Path) -> Result<usize> {
    let printed = Git::at(worktree).args(["ls-files", "-v", "-z"]).stdout()?;
    let there = |path: &[u8]| files::is_there(&worktree.join(OsStr::from_bytes(path)));
    let marked = printed.split(|byte| *byte == 0).filter(|line| match line {
        [mark, b' ', path @ ..] => (mark.is_ascii_lowercase() || *mark == b'S') && there(path),
        _ => false,
    });
    Ok(marked.count())
}

impl Reason {
    /// The reason for people, without a subject: what the worktree is, has or lacks.
    pub fn sentence(&self) -> String {
        match self {
            Reason::Main => "the main worktree".into(),
            Reason::Target(name) => format!("has {name}, the target, checked out"),
            Reason::Here => "you are in it".into(),
            Reason::Missing => {
                "its folder is gone (a moved one is found again with `git worktree repair FOLDER`)".into()
            }
            Reason::Changed => "changed while it was judged".into(),
            Reason::Unreadable(why) => format!("cannot be judged: {why}"),
            Reason::Unfinished => "not made to the end: git is still at it, or was interrupted".into(),
            Reason::Locked(why) if why.is_empty() => "locked".into(),
            Reason::Locked(why) => format!("locked: {why}"),
            Reason::Operation(operation) => format!("in the middle of a {}", operation.name()),
            Reason::Uncommitted(number) => format!("{} not committed", count(*number, "changed file")),
            Reason::Untracked(number) => count(*number, "untracked file"),
            Reason::Unmerged(number) => format!("{} not merged to the end", count(*number, "file")),
            Reason::Hidden(number) => format!("{} that git was told not to look at", count(*number, "file")),
            Reason::Embedded(number) => format!("{} in it", count(*number, "other repository")),
            Reason::Submodules => "has submodules with repositories of their own".into(),
            Reason::Unlanded(number, target) => format!("{} not on {target}", count(*number, "commit")),
            Reason::Reverted(target) => {
                format!("its commits are in the history of {target}, and what they brought is not on it any more")
            }
            Reason::Idle(id, target) => {
                format!("track {id} has nothing that {target} lacks: `tracks remove {id}` takes it away")
            }
            Reason::Adrift(number) => format!("{} on no branch", count(*number, "commit")),
            Reason::Ignored(paths) => format!("{}: {}", count(paths.len(), "ignored file"), named(paths)),
            Reason::Nested(path) => format!("the worktree `{path}` lies in it"),
        }
    }
}

fn named(paths: &[String]) -> String {
    if paths.len() <= NAMED {
        return list(paths);
    }
    format!("{} and {} more", paths[..NAMED].join(", "), paths.len() - NAMED)
}
