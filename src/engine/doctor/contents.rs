//! Whether what Git keeps can be read: objects, and what each worktree has staged.

use anyhow::Result;

use super::{Ailment, Remedy};
use crate::engine::project::Project;
use crate::engine::worktrees::{shown, typed};
use crate::git::objects::FETCH;
use crate::git::worktree::Worktree;
use crate::git::{Repo, alternates, index, status};
use crate::model::text::escaped;
use crate::model::{CommitId, Severity};

/// Other repositories whose objects are needed and cannot be had.
pub fn elsewhere(repo: &Repo) -> Vec<Ailment> {
    let gone = alternates::all(repo).into_iter().filter(|path| !path.is_dir());
    let ailment = |path: std::path::PathBuf| {
        let name = escaped(path.as_os_str().as_encoded_bytes());
        let detail = "is not there: objects of this repository are missing with it";
        let cure = "bring it back; if nothing of it is needed, take its line out of `objects/info/alternates`, then `git fsck`";
        Ailment::new(Severity::Error, format!("alternate {name}"), detail).cure(cure)
    };
    gone.map(ailment).collect()
}

/// The commits of the target and of tracks, and every worktree.
pub fn look(project: &Project) -> Result<Vec<Ailment>> {
    let objects = project.repo.objects()?;
    let read = |commit: CommitId| objects.commit(commit).and_then(|commit| objects.tree(commit.tree));
    let tips = project.tracks.iter().filter_map(|track| Some((format!("track {}", track.id), track.tip?)));
    let tips = tips.chain([(format!("target {}", project.target.name), project.target.commit)]);
    let unread = tips.filter_map(|(subject, tip)| Some((subject, read(tip).err()?)));
    let ailment = |(subject, error): (String, anyhow::Error)| {
        Ailment::new(Severity::Error, subject, format!("cannot be read: {error:#}")).cure(FETCH)
    };
    let mut found: Vec<Ailment> = unread.map(ailment).collect();
    let there = project.worktrees.iter().filter(|worktree| !worktree.bare && worktree.present);
    found.extend(there.filter_map(|worktree| of_worktree(project, worktree)));
    Ok(found)
}

fn of_worktree(project: &Project, worktree: &Worktree) -> Option<Ailment> {
    // What is half made or cut off is said elsewhere.
    let git_dir = worktree.git_dir.clone().filter(|folder| folder.is_dir() && !worktree.is_unfinished())?;
    let nested: Vec<_> = project.worktrees.iter().map(|other| other.path.clone()).collect();
    let error = status::read(&worktree.path, &nested).err()?;
    let name = shown(project, &worktree.path);
    let subject = format!("worktree {}", if name.is_empty() { "." } else { &name });
    let path = typed(&worktree.path);
    if index::rows(&worktree.path).is_ok() || worktree.head.is_none() {
        let ailment = Ailment::new(Severity::Error, subject, format!("cannot be read: {error:#}"));
        return Some(ailment.cure(format!("see why: `git -C {path} status`")));
    }
    let index = git_dir.join("index");
    let ailment = Ailment::new(Severity::Error, subject, format!("has an index that cannot be read: {error:#}"));
    let cure = format!("put it aside, and stage again: `mv {0} {0}.unread && git -C {path} reset`", typed(&index));
    Some(ailment.cure(cure).remedy(Remedy::Index { worktree: worktree.path.clone(), index }))
}
