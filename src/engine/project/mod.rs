//! A repository together with its `tracks.toml`: which tracks there are, and what the repository holds of each. Only
//! reads.

mod copies;
mod place;
mod target;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::engine::outcome::Target;
use crate::git::Repo;
use crate::git::refs::Ref;
use crate::git::worktree::Worktree;
use crate::host::files;
use crate::model::{BranchName, Checkout, CommitId, Failure, Track, TrackId};
use crate::policy::config::known::nearest;
use crate::policy::config::{Config, Source};
use crate::policy::naming;

pub use copies::{Copies, FILE};
pub use place::folder;
pub use target::Upstream;

/// Where the notes on tracks are kept, one ref a track.
pub const NOTES: &str = "refs/tracks/notes";

/// What a repository declares and holds, as one command found it.
#[derive(Clone, Debug)]
pub struct Project {
    /// The repository.
    pub repo: Repo,
    /// The configuration that binds.
    pub config: Config,
    /// Declared tracks whose tables are not on the target yet.
    pub uncommitted: BTreeSet<TrackId>,
    /// Which copy of `tracks.toml` binds.
    pub source: Source,
    /// Both copies of `tracks.toml`.
    pub copies: Copies,
    /// What the tracks land on.
    pub target: Target,
    /// What the target follows, where it follows something.
    pub target_upstream: Option<Upstream>,
    /// Every declared track, ordered by id.
    pub tracks: Vec<Track>,
    /// Every registered worktree, the main one first.
    pub worktrees: Vec<Worktree>,
    /// The main worktree; `None` for a bare repository.
    pub main_worktree: Option<PathBuf>,
    /// For the `{repo}` placeholder.
    pub repo_name: String,
    /// Every branch, by its full name.
    pub branches: Vec<Ref>,
    /// Where the notes on tracks are kept, by full name.
    pub notes: Vec<Ref>,
}

impl Project {
    /// Reads the project; refuses a repository without a commit, without a target, or without any `tracks.toml`.
    pub fn open(repo: &Repo) -> Result<Project> {
        let project = Project::survey(repo)?;
        if !project.copies.any() {
            let hint =
                "declare some with `tracks init a b c`, or write a commented file to start from with `tracks init`";
            return Err(Failure::usage(format!("there is no `{FILE}`, so no track is declared")).hint(hint).into());
        }
        Ok(project)
    }

    /// The same for a repository that may have no `tracks.toml`: then no track is declared.
    pub fn survey(repo: &Repo) -> Result<Project> {
        Project::survey_for(repo, None)
    }

    /// The same with a target that is not declared yet. What a committed copy names still wins.
    pub fn survey_for(repo: &Repo, wish: Option<&str>) -> Result<Project> {
        let mut project = Project::found(repo, wish)?;
        project.target_upstream = target::upstream(repo, &project.target.name)?;
        Ok(project)
    }

    /// The same for a hook, which has no time: what the target follows is left out.
    pub fn for_hook(repo: &Repo) -> Result<Project> {
        Project::found(repo, None)
    }

    fn found(repo: &Repo, wish: Option<&str>) -> Result<Project> {
        let (worktrees, refs) = std::thread::scope(|scope| {
            let worktrees = scope.spawn(|| repo.worktrees());
            let refs = repo.refs(&["refs/heads", NOTES]);
            (worktrees.join().expect("it does not panic"), refs)
        });
        let (worktrees, refs) = (worktrees?, refs?);
        let (notes, branches): (Vec<Ref>, Vec<Ref>) = refs.into_iter().partition(|found| found.name.starts_with(NOTES));
        if branches.is_empty() {
            let hint = "make one with `git commit --allow-empty -m 'first commit'`";
            return Err(Failure::usage("this repository has no commit yet").hint(hint).into());
        }
        let main_worktree = worktrees.first().filter(|main| !main.bare).map(|main| main.path.clone());
        let in_main = main_worktree.as_deref().map(copies::in_main).transpose()?.flatten();
        let first = match wish {
            Some(wish) => Some(wish.to_owned()),
            None => target::default_branch(repo, &worktrees)?,
        };
        let (target, on_target) = target::find(repo, &branches, first, in_main.as_deref())?;
        let (on_target, read) = on_target.unzip();
        let copies = Copies { on_target, in_main };
        let binding = copies.bind(&target.name, read)?;
        let mut project = Project {
            repo: repo.clone(),
            config: binding.config,
            uncommitted: binding.uncommitted,
            source: binding.source,
            copies,
            target_upstream: None,
            target,
            tracks: Vec::new(),
            worktrees,
            repo_name: repo.name(main_worktree.as_deref()),
            main_worktree,
            branches,
            notes,
        };
        project.tracks = project.declared()?;
        Ok(project)
    }

    /// The project as it would be with `text` as the main worktree's copy of `tracks.toml`.
    pub fn with_main_copy(&self, text: String) -> Result<Project> {
        let mut project = self.clone();
        project.copies.in_main = Some(text);
        let binding = project.copies.bind(&self.target.name, None)?;
        project.config = binding.config;
        project.uncommitted = binding.uncommitted;
        project.source = binding.source;
        project.tracks = project.declared()?;
        Ok(project)
    }

    /// The track with this id; the error names the nearest spelling.
    pub fn track(&self, id: &str) -> Result<&Track> {
        if let Some(track) = self.tracks.iter().find(|track| track.id.as_str() == id) {
            return Ok(track);
        }
        let shown = crate::model::text::escaped(id.as_bytes());
        let failure = Failure::usage(format!("there is no track `{shown}`"));
        let known: Vec<&str> = self.tracks.iter().map(|track| track.id.as_str()).collect();
        let hint = match nearest(id, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => "declare it with `tracks add ID`".into(),
            None => format!("declared are {}", crate::model::text::list(&quoted(&known))),
        };
        Err(failure.hint(hint).into())
    }

    /// The track whose worktree `path` lies in. A worktree inside another one is the nearer.
    pub fn track_at(&self, path: &Path) -> Option<&Track> {
        let path = files::canonical(path);
        let holds = |worktree: &&Worktree| !worktree.bare && path.starts_with(&worktree.path);
        let nearest = self.worktrees.iter().filter(holds).max_by_key(|worktree| worktree.path.as_os_str().len())?;
        let checked_out = |track: &&Track| track.checkout != Checkout::None && track.worktree == nearest.path;
        self.tracks.iter().find(checked_out)
    }

    /// The tip of a branch; `None` when there is no such branch.
    pub fn tip(&self, branch: &BranchName) -> Option<CommitId> {
        let full = branch.full();
        self.branches.iter().find(|found| found.name == full)?.commit
    }

    /// The registered worktree that has a branch checked out, or is rebasing it.
    pub fn worktree_of(&self, branch: &BranchName) -> Option<&Worktree> {
        let full = branch.full();
        self.worktrees.iter().find(|worktree| worktree.branch.as_deref() == Some(full.as_str()))
    }

    /// The worktree that a track's work is in: the one that has its branch, else the one in its folder, unless that has
    /// another track's branch; and how it stands.
    pub fn workplace(&self, track: &Track) -> Option<(&Worktree, Checkout)> {
        let branches: Vec<String> = self.tracks.iter().map(|track| track.branch.full()).collect();
        let is_free = |worktree: &&Worktree| worktree.branch.as_ref().is_none_or(|branch| !branches.contains(branch));
        let in_folder = || self.worktrees.iter().find(|found| found.path == track.worktree && !found.bare);
        let found = self.worktree_of(&track.branch).or_else(|| in_folder().filter(is_free))?;
        Some((found, checkout(found)))
    }

    /// What folders in `tracks.toml` are relative to: the main worktree; for a bare repository the folder it lies in,
    /// as if a main worktree with its name lay there.
    pub fn ground(&self) -> PathBuf {
        match &self.main_worktree {
            Some(main) => main.clone(),
            None => self.repo.common_dir.parent().unwrap_or(&self.repo.common_dir).to_owned(),
        }
    }

    fn declared(&self) -> Result<Vec<Track>> {
        if self.config.tracks.contains_key(&self.target.name) {
            let failure =
                Failure::usage(format!("the track `{0}` is called like the target branch `{0}`", self.target.name));
            return Err(failure
                .hint(format!("rename the track in `{FILE}`: reports could not tell the two apart"))
                .into());
        }
        let ids = self.config.tracks.keys();
        ids.map(|id| self.declared_track(TrackId::new(id).map_err(|why| bad_id(id, &why))?)).collect()
    }

    fn declared_track(&self, id: TrackId) -> Result<Track> {
        let branch = naming::branch(&self.config, &id)?;
        let tip = self.tip(&branch);
        let (worktree, checkout) = match self.worktree_of(&branch) {
            Some(found) => (found.path.clone(), checkout(found)),
            None => (folder(&self.ground(), &naming::directory(&self.config, &id, &self.repo_name)?), Checkout::None),
        };
        Ok(Track { id, branch, worktree, tip, checkout })
    }
}

/// The refusal of a name that cannot be a track's id.
pub fn bad_id(id: &str, why: &str) -> Failure {
    Failure::usage(format!("`{}` {why}", crate::model::text::escaped(id.as_bytes())))
}

fn quoted(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| format!("`{name}`")).collect()
}

fn checkout(worktree: &Worktree) -> Checkout {
    match &worktree.git_dir {
        _ if worktree.is_unfinished() => Checkout::Unfinished,
        _ if !worktree.present => Checkout::Missing,
        None => Checkout::Unusable("has lost its link to the repository".into()),
        Some(git_dir) if !files::is_folder(git_dir) => {
            Checkout::Unusable("is linked to a repository that is not there".into())
        }
        Some(_) => Checkout::Present,
    }
}
