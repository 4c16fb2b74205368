//! What a run wrote into its scratch and wants to keep, brought into the repository's own objects.

use std::collections::{HashMap, HashSet};

use anyhow::{Context, Result};
use gix_hash::ObjectId;

use super::objects::Node;
use super::pack::{self, Item};
use super::{Objects, Repo, Scratch, Trees};
use crate::model::{CommitId, Mode, TreeId};

/// More objects than this go into one pack: as files of their own they take longer than all the merging.
const LOOSE: usize = 100;

/// Copies what `commit` needs and the repository does not have.
pub fn keep(repo: &Repo, scratch: &Scratch, commit: CommitId) -> Result<()> {
    let own = repo.objects()?;
    let (objects, trees) = (scratch.objects(), Trees::new(scratch.objects()));
    let mut missing = Missing { own: &own, objects, trees, found: Vec::new(), seen: HashSet::new() };
    missing.commits(commit)?;
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
    fn lacks(&mut self, id: ObjectId) -> bool {
        self.seen.insert(id) && !self.own.contains(id)
    }

    /// A chain of merges can be long: it is walked with a list, not by recursion.
    fn commits(&mut self, tip: CommitId) -> Result<()> {
        let mut waiting = vec![tip];
        let mut lacking = Vec::new();
        let mut trees: HashMap<CommitId, TreeId> = HashMap::new();
        while let Some(id) = waiting.pop() {
            if self.lacks(id.raw()) {
                let commit = self.objects.commit(id)?;
                trees.insert(id, commit.tree);
                lacking.push((id, commit.tree, commit.parents.first().copied()));
                // The first parent is the chain itself: it comes last, and so is written first.
                waiting.extend(commit.parents);
            }
        }
        for (id, tree, parent) in lacking.into_iter().rev() {
            let before = match parent {
                Some(parent) => Some(trees.get(&parent).copied().map_or_else(|| self.tree_of(parent), Ok)?),
                None => None,
            };
            self.tree(tree, before)?;
            self.found.push(Item { id: id.raw(), like: None });
        }
        Ok(())
    }

    fn tree_of(&self, commit: CommitId) -> Result<TreeId> {
        Ok(self.objects.commit(commit)?.tree)
    }

    /// What is missing of a tree. All of `before` is there, or among what was found.
    fn tree(&mut self, id: TreeId, before: Option<TreeId>) -> Result<()> {
        if !self.lacks(id.raw()) {
            return Ok(());
        }
        let delta = self.trees.delta(before.unwrap_or(self.trees.empty()), id)?;
        for changed in delta.iter() {
            match (changed.before, changed.after) {
                (_, None) => {}
                (Some(Node::Tree(before)), Some(Node::Tree(below))) => self.tree(below, Some(before))?,
                (_, Some(Node::Tree(below))) => self.tree(below, None)?,
                // A submodule's commit is in a repository of its own.
                (_, Some(Node::Leaf(entry))) if entry.mode == Mode::Submodule => {}
                (_, Some(Node::Leaf(entry))) => {
                    if self.lacks(entry.id.raw()) {
                        self.found.push(Item { id: entry.id.raw(), like: None });
                    }
                }
            }
        }
        // Git knows the empty tree without storing it.
        let like = before.filter(|before| *before != self.trees.empty());
        self.found.push(Item { id: id.raw(), like: like.map(|before| before.raw()) });
        Ok(())
    }
}
