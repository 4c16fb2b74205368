//! Trees looked into by path, listed, and written anew with some paths changed.

use std::collections::BTreeMap;

use anyhow::Result;
use bstr::ByteSlice;

use super::Objects;
use super::objects::{Node, Row};
use crate::model::{Entry, RepoPath, TreeId};

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
    if rows.is_empty() { Ok(None) } else { objects.write_tree(&rows).map(Some) }
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
