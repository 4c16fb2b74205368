//! What differs between two trees, read once: a pair of subtrees that was compared before is not read again.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use anyhow::Result;
use bstr::{BStr, BString, ByteSlice};

use super::Objects;
use super::objects::{Form, Node, Row};
use crate::model::{Change, Entry, RepoPath, TreeId};

/// The difference of two trees, without renames.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TreeDiff {
    /// Every path whose entry differs, ordered by path bytes.
    pub changes: Vec<Change>,
    /// Folders that the old tree has and the new one has not; of nested ones at least the outermost.
    pub removed_folders: Vec<RepoPath>,
    /// `Odd` if any tree that was compared is.
    pub form: Form,
}

impl TreeDiff {
    /// What happened at `path`.
    pub fn at(&self, path: &RepoPath) -> Option<&Change> {
        let found = self.changes.binary_search_by(|change| change.path.cmp(path));
        found.ok().map(|at| &self.changes[at])
    }
}

/// Compares trees, remembering every pair of subtrees it has seen. Shared between threads.
#[derive(Default)]
pub struct Differ {
    seen: Mutex<HashMap<(TreeId, TreeId), Arc<Level>>>,
}

/// The difference of two subtrees, with paths relative to them.
#[derive(Default)]
struct Level {
    changes: Vec<(BString, Option<Entry>, Option<Entry>)>,
    removed: Vec<BString>,
    form: Form,
}

impl Differ {
    /// What `new` changed against `old`.
    pub fn diff(&self, objects: &Objects, old: TreeId, new: TreeId) -> Result<TreeDiff> {
        let level = self.level(objects, old, new)?;
        let change = |(path, before, after): &(BString, Option<Entry>, Option<Entry>)| Change {
            path: RepoPath::new(path),
            before: *before,
            after: *after,
        };
        let mut changes: Vec<Change> = level.changes.iter().map(change).collect();
        changes.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        let removed_folders = level.removed.iter().map(RepoPath::new).collect();
        Ok(TreeDiff { changes, removed_folders, form: level.form })
    }

    fn level(&self, objects: &Objects, old: TreeId, new: TreeId) -> Result<Arc<Level>> {
        if old == new {
            return Ok(Arc::default());
        }
        if let Some(level) = self.seen.lock().expect("no thread panics while it holds this").get(&(old, new)) {
            return Ok(level.clone());
        }
        let level = Arc::new(self.compare(objects, old, new)?);
        self.seen.lock().expect("no thread panics while it holds this").insert((old, new), level.clone());
        Ok(level)
    }

    fn compare(&self, objects: &Objects, old: TreeId, new: TreeId) -> Result<Level> {
        let ((old, old_form), (new, new_form)) = (objects.tree_and_form(old)?, objects.tree_and_form(new)?);
        let mut level = Level { form: old_form.max(new_form), ..Level::default() };
        for (name, before, after) in side_by_side(&old, &new) {
            self.compare_nodes(objects, &mut level, name, (before, after))?;
        }
        Ok(level)
    }

    fn compare_nodes(
        &self,
        objects: &Objects,
        level: &mut Level,
        name: &BStr,
        (before, after): (Option<Node>, Option<Node>),
    ) -> Result<()> {
        if before == after {
            return Ok(());
        }
        let leaf = |node: Option<Node>| node.and_then(|n| n.leaf());
        let folder = |node: Option<Node>| match node {
            Some(Node::Tree(id)) => Some(id),
            _ => None,
        };
        if leaf(before).is_some() || leaf(after).is_some() {
            level.changes.push((name.into(), leaf(before), leaf(after)));
        }
        let (old, new) = (folder(before), folder(after));
        if old.is_some() && new.is_none() {
            level.removed.push(name.into());
        }
        if old.is_some() || new.is_some() {
            let empty = objects.empty_tree();
            let below = self.level(objects, old.unwrap_or(empty), new.unwrap_or(empty))?;
            let joined = |path: &BString| BString::from([name.as_bytes(), b"/", path.as_slice()].concat());
            level.changes.extend(below.changes.iter().map(|(path, b, a)| (joined(path), *b, *a)));
            level.removed.extend(below.removed.iter().map(joined));
            level.form = level.form.max(below.form);
        }
        Ok(())
    }
}

/// Pairs the rows of two trees by name. Git orders a folder as if its name ended in `/`, so that a file and a folder of
/// one name stand apart: rows are ordered by plain name first.
fn side_by_side<'a>(old: &'a [Row], new: &'a [Row]) -> Vec<(&'a BStr, Option<Node>, Option<Node>)> {
    let by_name = |rows: &'a [Row]| {
        let mut rows: Vec<&Row> = rows.iter().collect();
        if !rows.is_sorted_by(|a, b| a.name <= b.name) {
            rows.sort_by(|a, b| a.name.cmp(&b.name));
        }
        rows
    };
    let (old, new) = (by_name(old), by_name(new));
    let (mut i, mut j) = (0, 0);
    let mut pairs = Vec::new();
    while i < old.len() || j < new.len() {
        let order = match (old.get(i), new.get(j)) {
            (Some(a), Some(b)) => a.name.cmp(&b.name),
            (Some(_), None) => Ordering::Less,
            _ => Ordering::Greater,
        };
        let before = (order != Ordering::Greater).then(|| old[i]);
        let after = (order != Ordering::Less).then(|| new[j]);
        let row = before.or(after).expect("one of the two lists has a row left");
        if before.map(|r| r.node) != after.map(|r| r.node) {
            pairs.push((row.name.as_bstr(), before.map(|r| r.node), after.map(|r| r.node)));
        }
        i += usize::from(before.is_some());
        j += usize::from(after.is_some());
    }
    pairs
}

/// What `tree` holds at `path`.
pub fn lookup(objects: &Objects, tree: TreeId, path: &RepoPath) -> Result<Option<Node>> {
    let mut node = Node::Tree(tree);
    for part in path.as_bstr().split_str("/") {
        let Node::Tree(id) = node else { return Ok(None) };
        match objects.tree(id)?.into_iter().find(|row| row.name == part) {
            Some(row) => node = row.node,
            None => return Ok(None),
        }
    }
    Ok(Some(node))
}

/// Every entry below `folder` of `tree` (the whole tree where it is `None`), ordered as Git orders trees.
pub fn entries(objects: &Objects, tree: TreeId, folder: Option<&RepoPath>) -> Result<Vec<(RepoPath, Entry)>> {
    let start = match folder {
        None => Some(Node::Tree(tree)),
        Some(path) => lookup(objects, tree, path)?,
    };
    let mut found = Vec::new();
    match (start, folder) {
        (Some(Node::Tree(id)), _) => collect(objects, id, folder, &mut found)?,
        (Some(Node::Leaf(entry)), Some(path)) => found.push((path.clone(), entry)),
        _ => {}
    }
    Ok(found)
}

fn collect(
    objects: &Objects,
    tree: TreeId,
    folder: Option<&RepoPath>,
    found: &mut Vec<(RepoPath, Entry)>,
) -> Result<()> {
    for row in objects.tree(tree)? {
        let path = folder.map_or_else(|| RepoPath::new(&row.name), |folder| folder.join(&row.name));
        match row.node {
            Node::Leaf(entry) => found.push((path, entry)),
            Node::Tree(id) => collect(objects, id, Some(&path), found)?,
        }
    }
    Ok(())
}

/// Writes the tree that `tree` becomes with `edits` made: each path of a file to its new entry, `None` to take it out.
/// A folder that is left empty goes, as in Git; a file takes the place of a folder.
pub fn edit(objects: &Objects, tree: TreeId, edits: &[(RepoPath, Option<Entry>)]) -> Result<TreeId> {
    let edits = edits.iter().map(|(path, entry)| (path.as_bstr().as_bytes(), *entry)).collect();
    Ok(edit_level(objects, tree, edits)?.unwrap_or_else(|| objects.empty_tree()))
}

/// What is to be done to one row of a tree: to a file of that name, and below a folder of that name.
#[derive(Default)]
struct RowEdit<'a> {
    file: Option<Option<Entry>>,
    below: Vec<(&'a [u8], Option<Entry>)>,
}

fn edit_level(objects: &Objects, tree: TreeId, edits: Vec<(&[u8], Option<Entry>)>) -> Result<Option<TreeId>> {
    let mut by_name: BTreeMap<&[u8], RowEdit> = BTreeMap::new();
    for (path, entry) in edits {
        match path.split_once_str(b"/") {
            Some((name, rest)) => by_name.entry(name).or_default().below.push((rest, entry)),
            None => by_name.entry(path).or_default().file = Some(entry),
        }
    }
    let mut rows = Vec::new();
    for row in objects.tree(tree)? {
        match by_name.remove(row.name.as_slice()) {
            None => rows.push(row),
            Some(edit) => rows.extend(edit_row(objects, Some(row.node), edit)?.map(|node| Row { node, ..row })),
        }
    }
    for (name, edit) in by_name {
        rows.extend(edit_row(objects, None, edit)?.map(|node| Row { name: name.into(), node }));
    }
    if rows.is_empty() { Ok(None) } else { objects.write_tree(rows).map(Some) }
}

fn edit_row(objects: &Objects, node: Option<Node>, edit: RowEdit) -> Result<Option<Node>> {
    let kept = match (edit.file, node) {
        (Some(Some(entry)), _) => return Ok(Some(Node::Leaf(entry))),
        (Some(None), Some(Node::Leaf(_))) => None,
        _ => node,
    };
    match (kept, edit.below.is_empty()) {
        (_, true) => Ok(kept),
        (Some(Node::Tree(id)), false) => Ok(edit_level(objects, id, edit.below)?.map(Node::Tree)),
        (Some(Node::Leaf(_)), false) if edit.below.iter().all(|(_, entry)| entry.is_none()) => Ok(kept),
        (_, false) => Ok(edit_level(objects, objects.empty_tree(), edit.below)?.map(Node::Tree)),
    }
}
