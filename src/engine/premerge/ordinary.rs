//! Which contents are merged in the ordinary way: those that no attribute says otherwise about.
//!
//! The attributes of a path come from the `.gitattributes` of the folders above it, and from files outside the trees. Where
//! there are none of either, nobody has to be asked; else Git is, for many paths at once, with a tree in force that holds
//! just these files.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Mutex;

use anyhow::Result;
use bstr::ByteSlice;

use super::Premerge;
use super::attributes::{FILE, Linked, Reading};
use crate::git::objects::Node;
use crate::git::{attributes, tree};
use crate::model::{Entry, RepoPath, TreeId};

/// The places of the `.gitattributes` that apply to one path, and what stands there: one for every folder above it.
type Way = Vec<(RepoPath, Option<Entry>)>;

/// A path, with the files that speak of it.
type Asked = (Way, RepoPath);

/// What was found out in this run.
#[derive(Default)]
pub struct Ordinary {
    known: Mutex<HashMap<Asked, bool>>,
}

impl Ordinary {
    /// For each question (our tree, paths in it): whether the contents at all the paths are merged in the ordinary way.
    pub fn are(&self, premerge: &Premerge, questions: &[(TreeId, Vec<RepoPath>)]) -> Result<Vec<bool>> {
        let asked = |(tree, paths): &(TreeId, Vec<RepoPath>)| match premerge.attributes.reading(*tree) {
            Reading::Never => None,
            Reading::From(tree, linked, names) => {
                let paths = if names.len() > 1 { with_files(paths) } else { paths.clone() };
                // What cannot be read here Git will meet as well.
                let ways = paths.into_iter().map(|path| Some((way(premerge, tree, &path, linked).ok()??, path)));
                Some((names, ways.collect::<Option<Vec<Asked>>>()?))
            }
        };
        let asked: Vec<Option<(_, Vec<Asked>)>> = questions.iter().map(asked).collect();
        let outside = premerge.attributes.apply_everywhere();
        let mut groups: Vec<Group> = Vec::new();
        for (names, ways) in asked.iter().flatten() {
            let known = self.known.lock().expect("no thread panics while it holds this");
            for one in ways.iter().filter(|one| (outside || has_any(&one.0)) && !known.contains_key(*one)) {
                if !groups.iter_mut().any(|group| group.takes(one)) {
                    groups.push(Group::of(one, names));
                }
            }
        }
        for group in groups {
            let answers = group.ask(premerge)?;
            self.known
                .lock()
                .expect("no thread panics while it holds this")
                .extend(group.asked.into_iter().zip(answers));
        }
        let known = self.known.lock().expect("no thread panics while it holds this");
        let is_ordinary = |one: &Asked| known.get(one).copied().unwrap_or(!outside && !has_any(&one.0));
        Ok(asked.iter().map(|asked| asked.as_ref().is_some_and(|(_, ways)| ways.iter().all(is_ordinary))).collect())
    }
}

/// The paths whose attributes decide how `paths` are merged where contents are normalised: the `.gitattributes` are checked
/// out then, and those on the way to a path must not come out changed.
fn with_files(paths: &[RepoPath]) -> Vec<RepoPath> {
    let files: BTreeSet<RepoPath> = paths.iter().flat_map(files_above).collect();
    paths.iter().cloned().chain(files).collect()
}

/// The places of the `.gitattributes` in the folders above a path.
fn files_above(path: &RepoPath) -> impl Iterator<Item = RepoPath> {
    let path: &[u8] = path.as_bstr();
    let ends = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at + 1);
    std::iter::once(0).chain(ends).map(move |end| RepoPath::new([&path[..end], FILE.as_bytes()].concat()))
}

fn has_any(way: &Way) -> bool {
    way.iter().any(|(_, entry)| entry.is_some())
}

/// What stands as `.gitattributes` in the folders above a path; `None` where something does that only Git can deal with.
fn way(premerge: &Premerge, tree: TreeId, path: &RepoPath, linked: Linked) -> Result<Option<Way>> {
    let mut way = Way::new();
    let mut folder = Some(tree);
    for (place, part) in files_above(path).zip(path.as_bstr().split_str("/")) {
        let Some(id) = folder else { break };
        let rows = premerge.trees.rows(id)?;
        let entry = rows.named(FILE.into()).and_then(|node| node.leaf());
        let entry = match entry {
            Some(entry) if linked != Linked::AreFiles && premerge.attributes.is_odd(premerge, entry)? => {
                if linked == Linked::Matter || entry.mode.is_file() {
                    return Ok(None);
                }
                None
            }
            entry => entry,
        };
        way.push((place, entry));
        folder = if let Some(Node::Tree(below)) = rows.named(part.as_bstr()) { Some(below) } else { None };
    }
    Ok(Some(way))
}

/// Paths that one call of Git can be asked about: no two of them need different files in one place.
struct Group<'a> {
    files: BTreeMap<RepoPath, Option<Entry>>,
    names: &'a [&'a str],
    asked: Vec<Asked>,
}

impl<'a> Group<'a> {
    fn of(asked: &Asked, names: &'a [&'a str]) -> Group<'a> {
        Group { files: asked.0.iter().cloned().collect(), names, asked: vec![asked.clone()] }
    }

    /// Takes one more, if it fits.
    fn takes(&mut self, asked: &Asked) -> bool {
        let fits = asked.0.iter().all(|(place, entry)| self.files.get(place).is_none_or(|known| known == entry));
        if fits {
            self.files.extend(asked.0.iter().cloned());
            self.asked.push(asked.clone());
        }
        fits
    }

    /// Whether each path is free of these attributes, asked with a tree in force that holds nothing but these files.
    fn ask(&self, premerge: &Premerge) -> Result<Vec<bool>> {
        let objects = premerge.scratch.objects();
        let files: Vec<(RepoPath, Option<Entry>)> = self.files.clone().into_iter().collect();
        let tree = tree::edit(objects, objects.empty_tree(), &files)?;
        let paths: Vec<RepoPath> = self.asked.iter().map(|(_, path)| path.clone()).collect();
        // Git refuses to answer for a path such as `../a`, which a tree can hold: then it has to do the merge, too.
        let values = attributes::check(premerge.scratch, tree, self.names, &paths).ok();
        let is_ordinary = |at: usize| values.as_ref().is_some_and(|values| values[at].is_empty());
        Ok((0..paths.len()).map(is_ordinary).collect())
    }
}
