//! What is about to be committed, judged by the same rules as everything else.
//!
//! The other tracks count with their commits, and with the migrations that lie in their folders: reading all their
//! uncommitted work would take a hook longer than anybody waits for.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;
use bstr::ByteSlice;

use super::ground;
use super::project::Project;
use super::snapshot::{self, Snapshot};
use super::wrong_ground::{self, Scene};
use crate::git::staged::Staged;
use crate::git::{Graph, Objects, Trees};
use crate::host::{files, folders};
use crate::model::{Change, Checkout, Entry, Finding, RepoPath, Severity, Track, TrackId, TreeId};
use crate::policy::migrations::migration::Reading;
use crate::policy::migrations::naming::Naming;
use crate::policy::ownership::Ownership;
use crate::policy::rules::{self, Ground, MigrationFile, OwnChange, Settled, Work};

/// Judges what is staged. `says` is the track that whoever commits says to be.
pub fn judge(project: &Project, staged: &Staged, says: Option<&str>) -> Result<Settled> {
    let committer = Committer::of(project);
    let objects = &project.repo.objects()?;
    let trees = Trees::new(objects);
    let target = objects.commit(project.target.commit)?.tree;
    let snapshots: Vec<std::result::Result<Snapshot, String>> =
        project.tracks.iter().map(|track| snapshot::of_tip(objects, track.tip)).collect();
    let ground::Works { read: mut works, forks, mut unread } = ground::works((&trees, objects), project, &snapshots)?;
    let with_tip = project.tracks.iter().zip(&snapshots).filter(|(track, _)| track.tip.is_some());
    unread.extend(with_tip.filter_map(|(track, snapshot)| Some((track.id.clone(), snapshot.as_ref().err()?.clone()))));
    let committed = works.iter().position(|work| work.track == committer.id).map(|at| works.remove(at));
    let mut changes = own_changes(project, (objects, &trees), staged, target)?;
    let own = changes.clone();
    let touched: BTreeSet<&RepoPath> = staged.changes.iter().map(|change| &change.path).collect();
    let earlier = committed.into_iter().flat_map(|work| work.changes);
    changes.extend(earlier.filter(|change| !touched.contains(&change.change.path)));
    changes.sort_by(|a, b| a.change.path.cmp(&b.change.path));
    works.push(Work { track: committer.id.clone(), changes });
    let mut migrations = ground::migrations(objects, project, target, &works)?;
    migrations.extend(on_disk(project, (objects, &trees), &works, &committer)?);
    migrations.sort_by(|a, b| (&a.track, &a.path).cmp(&(&b.track, &b.path)));
    migrations.dedup();
    let ownership = Ownership::new(&project.config, &project.uncommitted)?;
    let ground = Ground {
        config: &project.config,
        ownership: &ownership,
        target: &project.target.name,
        works: &works,
        migrations: &migrations,
        blobs: &ground::Stored { objects, target, forks: &forks },
        checks: None,
    };
    let mut judged = rules::judge_track(&ground, &committer.id)?;
    // A migration may be a folder.
    let here = |path: &RepoPath| touched.contains(path) || touched.iter().any(|touched| touched.is_within(path));
    judged.findings.retain(|finding| finding.path.as_ref().is_none_or(here));
    judged.findings.extend(judged.unread.iter().map(super::collisions::unread));
    // What another track has could matter to this commit; that it cannot be read is no reason to stop it.
    judged.findings.extend(unread.iter().map(|(track, reason)| {
        let finding = super::collisions::unreadable(track, reason);
        Finding { severity: Severity::Warning, ..finding }
    }));
    if committer.standing == Standing::Nobody {
        judged.findings.retain(|finding| !finding.rule.0.starts_with("ownership."));
        judged.findings.iter_mut().for_each(|finding| disown(finding, &committer.id));
    }
    let scene = Scene {
        project,
        ownership: &ownership,
        staged,
        here: (committer.standing == Standing::Track).then_some(&committer.id),
        says,
        own: &own,
    };
    let at_tip = |track: &Track, path: &RepoPath| {
        let tree = objects.commit(track.tip?).ok()?.tree;
        trees.lookup(tree, path).ok()?.and_then(|node| node.leaf())
    };
    judged.findings.extend(wrong_ground::judge(&scene, at_tip));
    Ok(rules::settle(&project.config, ground::today(&project.config), judged.findings)?)
}

/// Who is about to commit.
struct Committer {
    id: TrackId,
    standing: Standing,
}

#[derive(PartialEq)]
enum Standing {
    /// A declared track, in its worktree.
    Track,
    /// No track: the main checkout, or some other worktree. Ownership is about tracks and not judged; other findings name
    /// nobody.
    Nobody,
}

impl Committer {
    fn of(project: &Project) -> Committer {
        let here = project.repo.worktree.as_deref().and_then(|path| project.track_at(path));
        match here {
            Some(track) => Committer { id: track.id.clone(), standing: Standing::Track },
            None => {
                let taken = |id: &TrackId| project.tracks.iter().any(|track| track.id == *id);
                let mut ids = (0..).map(|n| TrackId::new(&format!("checkout-{n}")).expect("a valid id"));
                let id = ids.find(|id| !taken(id)).expect("there are more numbers than tracks");
                Committer { id, standing: Standing::Nobody }
            }
        }
    }
}

fn disown(finding: &mut Finding, nobody: &TrackId) {
    finding.tracks.retain(|track| track != nobody);
    let name = format!("`{nobody}`");
    finding.message = finding.message.replace(&name, "this checkout");
    finding.cure = finding.cure.replace(&name, "this checkout");
}

/// The staged changes that are the committer's own: of a merge, those that differ from everything it merges; never those
/// that come out as the target has them, or as the fork point had them.
fn own_changes(
    project: &Project,
    (objects, trees): (&Objects, &Trees),
    staged: &Staged,
    target: TreeId,
) -> Result<Vec<OwnChange>> {
    let merging: Vec<TreeId> = staged.merging.iter().map(|id| Ok(objects.commit(*id)?.tree)).collect::<Result<_>>()?;
    let fork = fork_point(project, objects, staged)?;
    let entry =
        |tree, path: &RepoPath| -> Result<Option<Entry>> { Ok(trees.lookup(tree, path)?.and_then(|node| node.leaf())) };
    let mut own = Vec::new();
    for change in &staged.changes {
        let (path, after) = (&change.path, change.after);
        let mut merged = merging.iter().map(|tree| entry(*tree, path));
        let is_merged = merged.any(|there| there.is_ok_and(|there| there == after));
        let (before, on_target) = (entry(fork, path)?, entry(target, path)?);
        if !is_merged && after != on_target && after != before {
            let change = Change { path: path.clone(), before, after };
            own.push(OwnChange { change, on_target, uncommitted: true });
        }
    }
    Ok(own)
}

/// The tree that the committer's line left the target at.
fn fork_point(project: &Project, objects: &Objects, staged: &Staged) -> Result<TreeId> {
    let Some(head) = staged.head else { return Ok(objects.empty_tree()) };
    let graph = Graph::walk(&project.repo, objects, &[project.target.commit, head])?;
    match graph.bases(0, 1) {
        [base, ..] => Ok(objects.commit(*base)?.tree),
        [] => Ok(objects.empty_tree()),
    }
}

/// The migrations that lie in the folders of the other tracks beside those that are staged.
fn on_disk(
    project: &Project,
    (objects, trees): (&Objects, &Trees),
    works: &[Work],
    committer: &Committer,
) -> Result<Vec<MigrationFile>> {
    let Some(rules) = &project.config.rules.migrations else { return Ok(Vec::new()) };
    let naming = Naming::new(rules, project.tracks.iter().map(|track| &track.id))?;
    let staged = works.iter().filter(|work| work.track == committer.id).flat_map(|work| &work.changes);
    let set = |change: &OwnChange| match naming.read(&change.change.path) {
        Reading::Migration(migration) => Some(migration.set),
        _ => None,
    };
    let sets: BTreeSet<RepoPath> = staged.filter_map(set).collect();
    let mut found = Vec::new();
    let others = project.tracks.iter().filter(|track| track.id != committer.id && track.checkout == Checkout::Present);
    for (track, set) in others.flat_map(|track| sets.iter().map(move |set| (track, set))) {
        let tip = track.tip.map(|tip| objects.commit(tip)).transpose()?;
        for path in two_levels(&track.worktree, set)?.into_iter().filter(|path| naming.covers(path)) {
            let is_committed = match &tip {
                Some(tip) => trees.lookup(tip.tree, &path)?.is_some(),
                None => false,
            };
            if !is_committed {
                let content = files::read(&track.worktree.join(path.as_bstr().to_path_lossy()), 8 << 20).ok().flatten();
                let blob = content.map(|content| objects.write_blob(&content)).transpose()?;
                found.push(MigrationFile { track: Some(track.id.clone()), path, blob });
            }
        }
    }
    Ok(found)
}

/// What lies in a folder of a worktree and in the folders there: migrations are files, or folders of files.
fn two_levels(worktree: &Path, folder: &RepoPath) -> Result<Vec<RepoPath>> {
    let below = |folder: &RepoPath| -> Result<Vec<RepoPath>> {
        let names = folders::names(&worktree.join(folder.as_bstr().to_path_lossy()))?;
        Ok(names.into_iter().map(|name| folder.join(name.as_encoded_bytes())).collect())
    };
    let mut paths = below(folder)?;
    for path in paths.clone() {
        paths.extend(below(&path)?);
    }
    Ok(paths)
}
