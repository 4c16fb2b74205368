//! History as far as the tips at hand differ: which tips reach which commits, and the merge bases of every pair, in one
//! walk.
//!
//! The walk starts at all tips and goes from children to parents, newest first, handing down to every commit the set of
//! tips that reach it. It stops when everything still waiting is reached by every tip: what lies below is history that
//! all of them share. A commit is a merge base of two tips exactly if both reach it and no child of it is reached by
//! both.
//!
//! Where clocks were wrong and there is no commit graph with generation numbers, stopping early can leave a shared
//! commit looking like a merge base although another lies above it; it cannot hide one: of every path from a tip down to
//! a true base one commit is always waiting or done, and whatever waits at the end is looked at as well. A pair with more
//! than one base is never decided here but by Git, so that such a ghost costs time and no truth.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

use anyhow::Result;

use super::{Objects, Repo};
use crate::model::CommitId;

/// The part of history in which the tips differ.
pub struct Graph {
    tips: Vec<usize>,
    commits: Vec<Node>,
    places: HashMap<CommitId, usize>,
    bases: HashMap<(usize, usize), Vec<CommitId>>,
}

struct Node {
    id: CommitId,
    parents: Vec<usize>,
    reached_by: TipSet,
    age: Age,
    expanded: bool,
}

/// Larger is younger: the generation, where the commit graph has one, then the date.
type Age = (u32, i64);

/// A set of tips, by their places in the list.
#[derive(Clone, PartialEq, Eq)]
struct TipSet(Box<[u64]>);

impl TipSet {
    fn empty(tips: usize) -> Self {
        TipSet(vec![0; tips.div_ceil(64)].into())
    }

    fn insert(&mut self, tip: usize) {
        self.0[tip / 64] |= 1 << (tip % 64);
    }

    fn contains(&self, tip: usize) -> bool {
        self.0[tip / 64] & (1 << (tip % 64)) != 0
    }

    /// Adds all of `other`; whether anything was new.
    fn add(&mut self, other: &TipSet) -> bool {
        let before = self.clone();
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a |= b);
        *self != before
    }

    fn remove(&mut self, other: &TipSet) {
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a &= !b);
    }

    fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.0.len() * 64).filter(|tip| self.contains(*tip))
    }

    fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }
}

impl Graph {
    /// Walks from `tips` (equal ones are allowed) as far down as they differ.
    pub fn walk(repo: &Repo, objects: &Objects, tips: &[CommitId]) -> Result<Graph> {
        let mut walk = Walk::new(repo, objects, tips)?;
        walk.run()?;
        let mut graph = walk.graph;
        graph.find_bases(tips.len());
        Ok(graph)
    }

    /// The merge bases of two tips, named by their places in the list.
    pub fn bases(&self, a: usize, b: usize) -> &[CommitId] {
        if self.tips[a] == self.tips[b] {
            return std::slice::from_ref(&self.commits[self.tips[a]].id);
        }
        self.bases.get(&(a.min(b), a.max(b))).map_or(&[], Vec::as_slice)
    }

    /// Whether the tip reaches `commit`. A commit that the walk did not come to is history that all tips share.
    pub fn reaches(&self, tip: usize, commit: CommitId) -> bool {
        self.places.get(&commit).is_none_or(|at| self.commits[*at].reached_by.contains(tip))
    }

    /// How many commits one tip reaches and the other does not.
    pub fn count_only(&self, tip: usize, other: usize) -> usize {
        let only = |node: &&Node| node.reached_by.contains(tip) && !node.reached_by.contains(other);
        self.commits.iter().filter(only).count()
    }

    /// The first parents of a tip, itself first, as long as they are reached by none of `others`.
    pub fn first_parents_beyond(&self, tip: usize, others: &[usize]) -> Vec<CommitId> {
        let mut own = Vec::new();
        let mut next = Some(self.tips[tip]);
        while let Some(at) = next {
            let node = &self.commits[at];
            if others.iter().any(|other| node.reached_by.contains(*other)) {
                break;
            }
            own.push(node.id);
            next = node.parents.first().copied();
        }
        own
    }

    /// The commits that a tip reaches and none of `others` does: each after its parents, otherwise older ones first.
    pub fn own(&self, tip: usize, others: &[usize]) -> Vec<CommitId> {
        let is_own = |at: &usize| {
            let reached_by = &self.commits[*at].reached_by;
            reached_by.contains(tip) && !others.iter().any(|other| reached_by.contains(*other))
        };
        let mut missing: HashMap<usize, usize> = HashMap::new();
        let mut children: HashMap<usize, Vec<usize>> = HashMap::new();
        let mut ready = BinaryHeap::new();
        for at in (0..self.commits.len()).filter(is_own) {
            let parents = || self.commits[at].parents.iter().filter(|parent| is_own(parent));
            parents().for_each(|parent| children.entry(*parent).or_default().push(at));
            match parents().count() {
                0 => ready.push(Reverse((self.commits[at].age, at))),
                count => drop(missing.insert(at, count)),
            }
        }
        let mut own = Vec::new();
        while let Some(Reverse((_, at))) = ready.pop() {
            own.push(self.commits[at].id);
            for child in children.remove(&at).unwrap_or_default() {
                let missing = missing.get_mut(&child).expect("a child was counted with its parents");
                *missing -= 1;
                if *missing == 0 {
                    ready.push(Reverse((self.commits[child].age, child)));
                }
            }
        }
        own
    }

    /// All commits that the walk came to from `commits` downwards, themselves included.
    pub fn down_from(&self, commits: &[CommitId]) -> HashSet<CommitId> {
        let mut waiting: Vec<usize> = commits.iter().filter_map(|id| self.places.get(id)).copied().collect();
        let mut found = HashSet::new();
        while let Some(at) = waiting.pop() {
            if found.insert(self.commits[at].id) {
                waiting.extend(&self.commits[at].parents);
            }
        }
        found
    }

    /// Whether `ancestor` is known to lie below `descendant`; `None` where the walk did not go far enough to say no.
    pub fn is_below(&self, ancestor: CommitId, descendant: CommitId) -> Option<bool> {
        let (Some(ancestor), Some(descendant)) = (self.places.get(&ancestor), self.places.get(&descendant)) else {
            return None;
        };
        let mut seen = vec![false; self.commits.len()];
        let mut waiting = vec![*descendant];
        let mut open_end = false;
        while let Some(at) = waiting.pop() {
            if at == *ancestor {
                return Some(true);
            }
            open_end |= !self.commits[at].expanded;
            for parent in &self.commits[at].parents {
                if !std::mem::replace(&mut seen[*parent], true) {
                    waiting.push(*parent);
                }
            }
        }
        (!open_end).then_some(false)
    }

    fn find_bases(&mut self, tips: usize) {
        let mut children: Vec<Vec<usize>> = vec![Vec::new(); self.commits.len()];
        for (at, node) in self.commits.iter().enumerate() {
            node.parents.iter().for_each(|parent| children[*parent].push(at));
        }
        let mut bases: HashMap<(usize, usize), Vec<CommitId>> = HashMap::new();
        for (node, children) in self.commits.iter().zip(&children) {
            let below: Vec<&TipSet> = children.iter().map(|child| &self.commits[*child].reached_by).collect();
            if below.contains(&&node.reached_by) {
                continue;
            }
            for a in node.reached_by.iter() {
                let mut partners = node.reached_by.clone();
                below.iter().filter(|set| set.contains(a)).for_each(|set| partners.remove(set));
                for b in partners.iter().filter(|b| *b > a && *b < tips) {
                    bases.entry((a, b)).or_default().push(node.id);
                }
            }
        }
        self.bases = bases;
    }
}

struct Walk<'a> {
    objects: &'a Objects,
    commit_graph: Option<gix_commitgraph::Graph>,
    tip_count: usize,
    queue: BinaryHeap<(Age, Reverse<usize>)>,
    /// How many commits in the queue are not reached by every tip.
    partial: usize,
    queued: Vec<bool>,
    graph: Graph,
}

impl<'a> Walk<'a> {
    fn new(repo: &Repo, objects: &'a Objects, tips: &[CommitId]) -> Result<Walk<'a>> {
        // Git leaves the commit graph alone where history is edited; so do we.
        let usable = !repo.history_is_edited()?;
        let info = repo.common_dir.join("objects/info");
        let commit_graph = usable.then(|| gix_commitgraph::at(info, repo.hash, None).ok()).flatten();
        let graph = Graph { tips: Vec::new(), commits: Vec::new(), places: HashMap::new(), bases: HashMap::new() };
        let mut walk = Walk {
            objects,
            commit_graph,
            tip_count: tips.len(),
            queue: BinaryHeap::new(),
            partial: 0,
            queued: Vec::new(),
            graph,
        };
        for (place, tip) in tips.iter().enumerate() {
            let at = walk.place_of(*tip)?;
            walk.graph.tips.push(at);
            let mut only = TipSet::empty(tips.len());
            only.insert(place);
            walk.reach(at, &only);
        }
        Ok(walk)
    }

    fn run(&mut self) -> Result<()> {
        let mut oldest_partial = None;
        while let Some((age, Reverse(at))) = self.queue.pop() {
            // Where all that waits is shared, go on only as long as it may be younger than something that is not: that
            // settles histories whose clocks were wrong by a little.
            match self.partial {
                0 => {
                    let oldest = *oldest_partial.get_or_insert_with(|| self.oldest_partial());
                    if oldest.is_none_or(|oldest| age < oldest) {
                        break;
                    }
                }
                _ => oldest_partial = None,
            }
            self.queued[at] = false;
            if self.graph.commits[at].reached_by.len() < self.tip_count {
                self.partial -= 1;
            }
            self.expand(at)?;
        }
        Ok(())
    }

    fn oldest_partial(&self) -> Option<Age> {
        let partial = self.graph.commits.iter().filter(|node| node.reached_by.len() < self.tip_count);
        partial.map(|node| node.age).min()
    }

    fn expand(&mut self, at: usize) -> Result<()> {
        if !self.graph.commits[at].expanded {
            let parents = self.parents_of(self.graph.commits[at].id)?;
            let parents = parents.into_iter().map(|id| self.place_of(id)).collect::<Result<Vec<usize>>>()?;
            self.graph.commits[at].parents = parents;
            self.graph.commits[at].expanded = true;
        }
        let tips = self.graph.commits[at].reached_by.clone();
        for parent in self.graph.commits[at].parents.clone() {
            self.reach(parent, &tips);
        }
        Ok(())
    }

    /// Notes that `tips` reach a commit, and queues it if that is news.
    fn reach(&mut self, at: usize, tips: &TipSet) {
        let node = &mut self.graph.commits[at];
        let was_partial = node.reached_by.len() < self.tip_count;
        if !node.reached_by.add(tips) {
            return;
        }
        let is_partial = node.reached_by.len() < self.tip_count;
        match std::mem::replace(&mut self.queued[at], true) {
            true => self.partial -= usize::from(was_partial && !is_partial),
            false => {
                self.queue.push((node.age, Reverse(at)));
                self.partial += usize::from(is_partial);
            }
        }
    }

    fn place_of(&mut self, id: CommitId) -> Result<usize> {
        if let Some(at) = self.graph.places.get(&id) {
            return Ok(*at);
        }
        let age = match self.known(id) {
            Some(commit) => (commit.generation(), commit.committer_timestamp() as i64),
            None => (u32::MAX, self.objects.commit(id)?.time),
        };
        let at = self.graph.commits.len();
        let reached_by = TipSet::empty(self.tip_count);
        self.graph.commits.push(Node { id, parents: Vec::new(), reached_by, age, expanded: false });
        self.graph.places.insert(id, at);
        self.queued.push(false);
        Ok(at)
    }

    fn known(&self, id: CommitId) -> Option<gix_commitgraph::file::Commit<'_>> {
        self.commit_graph.as_ref()?.commit_by_id(id.raw())
    }

    fn parents_of(&self, id: CommitId) -> Result<Vec<CommitId>> {
        let (Some(graph), Some(commit)) = (&self.commit_graph, self.known(id)) else {
            return Ok(self.objects.commit(id)?.parents);
        };
        let positions: Option<Vec<_>> = commit.iter_parents().map(|parent| parent.ok()).collect();
        match positions {
            Some(positions) => Ok(positions.iter().map(|at| CommitId::new(graph.id_at(*at).to_owned())).collect()),
            None => Ok(self.objects.commit(id)?.parents),
        }
    }
}
