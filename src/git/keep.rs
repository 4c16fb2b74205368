//! What a run wrote into its scratch and wants to keep, brought into the repository's own objects.

use std::collections::HashSet;

use anyhow::{Context, Result};
use gix_hash::ObjectId;

use super::objects::{Commit, Node};
use super::pack::{self, Item};
use super::trees::{Names, SideBySide};
use super::{Objects, Repo, Scratch, Trees};
use crate::model::{CommitId, Mode, TreeId};

/// More objects than this go into one pack: as files of their own they take longer than all the merging.
const LOOSE: usize = 100;

/// Copies what the merges from `target` on to `commit` need and the repository does not have. `before` is what the ref that
/// is to hold them holds now.
///
/// That an object is there says nothing about what it needs: what an earlier run kept may be half gone, since Git drops
/// what no ref leads to piece by piece. Only what refs lead to is complete: the target, the sides that were merged, and
/// `before`.
pub fn keep(
    repo: &Repo,
    scratch: &Scratch,
    commit: CommitId,
    (target, before): (CommitId, Option<CommitId>),
) -> Result<()> {
    let own = repo.objects()?;
    let (objects, trees) = (scratch.objects(), Trees::new(scratch.objects()));
    let mut missing = Missing { own: &own, objects, trees, found: Vec::new(), seen: HashSet::new() };
    let chain = chain(objects, commit, target, usize::MAX)?;
    let kept = before.map_or(Ok(Vec::new()), |before| self::chain(objects, before, target, 2 * chain.len()))?;
    let kept: HashSet<CommitId> = kept.into_iter().map(|(id, _)| id).collect();
    for (id, commit) in chain.iter().take_while(|(id, _)| !kept.contains(id)).collect::<Vec<_>>().into_iter().rev() {
        missing.commit(*id, commit)?;
    }
    let missing = missing.found;
    if missing.len() <= LOOSE {
        return missing.iter().try_for_each(|item| own.copy(objects, item.id));
    }
    let packed = pack::write(objects, &missing)?;
    repo.git()
        .args(["index-pack", "--stdin", "--fix-thin"])
        .input(packed)
        .run()
        .context("cannot keep the merged commits")
}

/// The merges from `tip` down their first parents to `target`, which is none of them; at most so many.
fn chain(objects: &Objects, tip: CommitId, target: CommitId, most: usize) -> Result<Vec<(CommitId, Commit)>> {
    let mut chain = Vec::new();
    let mut next = Some(tip).filter(|tip| *tip != target);
    while let Some(id) = next.filter(|_| chain.len() < most) {
        let commit = objects.commit(id)?;
        next = commit.parents.first().copied().filter(|parent| *parent != target);
        chain.push((id, commit));
    }
    Ok(chain)
}

/// The objects that a database lacks, each after all that it needs: whoever sees one must be able to read everything
/// below it.
struct Missing<'a> {
    own: &'a Objects,
    objects: &'a Objects,
    trees: Trees<'a>,
    found: Vec<Item>,
    seen: HashSet<ObjectId>,
}

impl Missing<'_> {
    /// Notes an object, unless the repository has it.
    fn note(&mut self, id: ObjectId, like: Option<ObjectId>) {
        if !self.own.contains(id) {
            self.found.push(Item { id, like });
        }
    }

    /// What is missing of a merge, whose parents are complete.
    fn commit(&mut self, id: CommitId, commit: &Commit) -> Result<()> {
        let tree_of = |id: &CommitId| Ok(self.objects.commit(*id)?.tree);
        let parents = commit.parents.iter().map(tree_of).collect::<Result<Vec<TreeId>>>()?;
        let [ours, theirs] = [0, 1].map(|at| parents.get(at).copied().unwrap_or(self.trees.empty()));
        self.tree(commit.tree, [ours, theirs])?;
        self.note(id.raw(), None);
        Ok(())
    }

    /// What is missing of a tree. What it shares with the same folder of one of the `sides`, which are complete, is there.
    fn tree(&mut self, id: TreeId, sides: [TreeId; 2]) -> Result<()> {
        if sides.contains(&id) || !self.seen.insert(id.raw()) {
            return Ok(());
        }
        let [ours, theirs] = sides;
        let (ours, theirs, rows) = (self.trees.rows(ours)?, self.trees.rows(theirs)?, self.trees.rows(id)?);
        for Names { nodes: [ours, theirs, node], .. } in SideBySide::new([&ours, &theirs, &rows]) {
            let Some(node) = node.filter(|_| node != ours && node != theirs) else { continue };
            match node {
                Node::Tree(below) => {
                    let folder = |node| if let Some(Node::Tree(id)) = node { id } else { self.trees.empty() };
                    self.tree(below, [folder(ours), folder(theirs)])?;
                }
                // A submodule's commit is in a repository of its own.
                Node::Leaf(entry) if entry.mode == Mode::Submodule => {}
                Node::Leaf(entry) if self.seen.insert(entry.id.raw()) => self.note(entry.id.raw(), None),
                Node::Leaf(_) => {}
            }
        }
        // Git knows the empty tree without storing it.
        let like = Some(sides[0]).filter(|like| *like != self.trees.empty());
        self.note(id.raw(), like.map(|like| like.raw()));
        Ok(())
    }
}
