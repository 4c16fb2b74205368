//! Whether the repository and its worktrees know of one another.

use std::path::{Path, PathBuf};

use super::{Ailment, Remedy};
use crate::engine::project::Project;
use crate::engine::worktrees::{shown, typed};
use crate::git::worktree::Worktree;
use crate::git::{Repo, admin};
use crate::host::folders;
use crate::model::text::escaped;
use crate::model::{Checkout, Severity};

/// What stops Git in every worktree: a link that is gone.
pub fn cut_off(repo: &Repo) -> Vec<Ailment> {
    let cut_off = admin::all(repo).into_iter().filter(|admin| admin.is_cut_off);
    let ailment = |admin: admin::Admin| {
        let name = admin.folder.file_name().unwrap_or_default().as_encoded_bytes();
        let path = typed(&admin.folder.join("commondir"));
        let detail = "has lost its link to the repository, and git fails in every worktree for it";
        Ailment::new(Severity::Error, format!("worktree {}", escaped(name)), detail)
            .cure(format!("write it again: `echo ../.. > {path}`"))
            .remedy(Remedy::LinkAgain(admin))
    };
    cut_off.map(ailment).collect()
}

/// Worktrees whose folder is not where Git thinks it is, or that were not made to the end; tracks without a branch.
pub fn look(project: &Project) -> Vec<Ailment> {
    let linked = project.worktrees.iter().filter(|worktree| !worktree.main && !worktree.bare);
    let mut found: Vec<Ailment> = linked.filter_map(|worktree| of_worktree(project, worktree)).collect();
    for track in project.tracks.iter().filter(|track| track.tip.is_none()) {
        let ailment = Ailment::new(Severity::Warning, format!("track {}", track.id), "has no branch");
        found.push(ailment.cure(format!("make it: `tracks init`; or forget it: `tracks remove {}`", track.id)));
    }
    for track in project.tracks.iter().filter(|track| track.tip.is_some() && track.checkout == Checkout::None) {
        let ailment = Ailment::new(Severity::Info, format!("track {}", track.id), "has no worktree");
        found.push(ailment.cure("make it: `tracks init`"));
    }
    found
}

fn of_worktree(project: &Project, worktree: &Worktree) -> Option<Ailment> {
    let (subject, path) = (format!("worktree {}", shown(project, &worktree.path)), typed(&worktree.path));
    if worktree.is_unfinished() {
        let ailment =
            Ailment::new(Severity::Error, subject, "was not made to the end: git is still at it, or was ended");
        return Some(
            ailment.cure(format!("if no git is at it: `git worktree remove -f -f {path}`, then `tracks init`")),
        );
    }
    let admin =
        admin::all(&project.repo).into_iter().find(|admin| admin.worktree.as_deref() == Some(&*worktree.path))?;
    if worktree.present {
        return (!admin.is_linked).then(|| {
            Ailment::new(Severity::Error, subject, "is there and does not lead back to the repository")
                .cure(format!("`git worktree repair {path}`"))
                .remedy(Remedy::Repair { worktree: worktree.path.clone(), admin: admin.folder.clone() })
        });
    }
    let ailment = Ailment::new(Severity::Error, subject, "is not there; git still knows of it");
    Some(match moved(project, &worktree.path, &admin.folder) {
        Some(place) => {
            let ailment = Ailment { detail: format!("was moved to {}", shown(project, &place)), ..ailment };
            ailment
                .cure(format!("`git worktree repair {}`", typed(&place)))
                .remedy(Remedy::Repair { worktree: place, admin: admin.folder.clone() })
        }
        None if worktree.locked.is_some() => {
            let detail = "is not there, and locked: it may be on a disk that is not".into();
            let cure =
                format!("bring it back; if it is gone: `git worktree unlock {path} && git worktree remove {path}`");
            Ailment { detail, ..ailment }.cure(cure)
        }
        None => {
            ailment.cure(format!("forget it: `git worktree remove {path}`; a track's is made again by `tracks init`"))
        }
    })
}

/// Where a worktree was moved to: looked for beside where it was, and beside the other worktrees.
fn moved(project: &Project, was: &Path, admin: &Path) -> Option<PathBuf> {
    let mut near: Vec<PathBuf> = std::iter::once(was).filter_map(Path::parent).map(Path::to_owned).collect();
    let others = project.worktrees.iter().filter_map(|worktree| worktree.path.parent());
    near.extend(others.map(Path::to_owned));
    near.extend(project.main_worktree.clone());
    near.sort();
    near.dedup();
    let candidates = near.iter().flat_map(|folder| {
        folders::names(folder).unwrap_or_default().into_iter().map(|name| folder.join(name)).collect::<Vec<_>>()
    });
    candidates.into_iter().find(|place| admin::is_moved_to(place, admin))
}
