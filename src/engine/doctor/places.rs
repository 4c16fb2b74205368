//! What is going on in worktrees, and whether they lie where they do no harm.

use anyhow::Result;

use super::{Ailment, Remedy};
use crate::engine::project::Project;
use crate::engine::worktrees::exclude::Exclude;
use crate::engine::worktrees::{shown, typed};
use crate::git::worktree::Worktree;
use crate::model::Severity;

/// Looks at every worktree.
pub fn look(project: &Project) -> Result<Vec<Ailment>> {
    let mut found: Vec<Ailment> = project.worktrees.iter().filter_map(|worktree| busy(project, worktree)).collect();
    let tracks = project.tracks.iter().map(|track| track.worktree.clone());
    let there = tracks.filter(|path| project.worktrees.iter().any(|worktree| worktree.path == *path));
    if let Some(exclude) = Exclude::of(project, &there.collect::<Vec<_>>())? {
        let patterns: Vec<String> = exclude.patterns().collect();
        let detail = format!("does not leave out {}: `git add -A` would commit worktrees", patterns.join(" "));
        found.push(
            Ailment::new(Severity::Warning, "info/exclude", detail)
                .cure("write it there: `tracks init`")
                .remedy(Remedy::Exclude(exclude)),
        );
    }
    Ok(found)
}

/// What Git is in the middle of: such a track is unknown until it ends.
fn busy(project: &Project, worktree: &Worktree) -> Option<Ailment> {
    let operation = worktree.operation?;
    let name = shown(project, &worktree.path);
    let subject = format!("worktree {}", if name.is_empty() { "." } else { &name });
    let path = typed(&worktree.path);
    let end = match operation.name() {
        "bisect" => "bisect reset".to_owned(),
        name => format!("{name} --continue` or `git -C {path} {name} --abort"),
    };
    Some(
        Ailment::new(Severity::Info, subject, format!("has {}", operation.phrase()))
            .cure(format!("`git -C {path} {end}`")),
    )
}
