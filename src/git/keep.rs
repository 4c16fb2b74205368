//! What a run wrote into its scratch and wants to keep, brought into the repository's own objects.

use std::collections::HashSet;

use anyhow::{Context, Result};
use gix_hash::ObjectId;

use super::objects::Node;
use super::{Objects, Repo, Scratch};
use crate::model::{CommitId, Mode, TreeId};

/// More objects than this go into one pack: as files of their own they take longer than all the merging.
const LOOSE: usize = 100;

/// Copies what `commit` needs and the repository does not have.
pub fn keep(repo: &Repo, scratch: &Scratch, commit: CommitId) -> Result<()> {
    let own = repo.objects()?;
    let mut missing = Missing { own: &own, scratch: scratch.objects(), found: Vec::new(), seen: HashSet::new() };
    missing.commits(commit)?;
    let missing = missing.found;
    if missing.len() <= LOOSE {
        return missing.iter().try_for_each(|id| own.copy(scratch.objects(), *id));
    }
    let ids: String = missing.iter().map(|id| format!("{id}\n")).collect();
    let packed = scratch.git().args(["pack-objects", "--quiet", "--stdout"]).input(ids).stdout();
    let packed = packed.context("cannot pack the merged commits")?;
    repo.git().args(["index-pack", "--stdin"]).input(packed).run().context("cannot keep the merged commits")
}

/// The objects that a database lacks, each after all that it needs: whoever sees one must be able to read everything
/// below it.
struct Missing<'a> {
    own: &'a Objects,
    scratch: &'a Objects,
    found: Vec<ObjectId>,
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
        while let Some(id) = waiting.pop() {
            if self.lacks(id.raw()) {
                let commit = self.scratch.commit(id)?;
                waiting.extend(commit.parents);
                lacking.push((id, commit.tree));
            }
        }
        for (id, tree) in lacking.into_iter().rev() {
            self.tree(tree)?;
            self.found.push(id.raw());
        }
        Ok(())
    }

    fn tree(&mut self, id: TreeId) -> Result<()> {
        if !self.lacks(id.raw()) {
            return Ok(());
        }
        for row in self.scratch.tree(id)? {
            match row.node {
                Node::Tree(below) => self.tree(below)?,
                // A submodule's commit is in a repository of its own.
                Node::Leaf(entry) if entry.mode == Mode::Submodule => {}
                Node::Leaf(entry) => {
                    if self.lacks(entry.id.raw()) {
                        self.found.push(entry.id.raw());
                    }
                }
            }
        }
        self.found.push(id.raw());
        Ok(())
    }
}
