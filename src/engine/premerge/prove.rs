//! Decides from two diffs against one base whether a merge has to be tried at all.
//!
//! [`Proof::Disjoint`] claims that Git merges clean to the union of both changes. The argument: Git's merge looks at
//! every path on its own, except where it detects renames (of files, and from them of folders) and where a file stands
//! in the way of a folder.
//! - A path that only one side touched takes that side's version. A path that both touched must have come out the same,
//!   and still be there.
//! - A rename is seen on one side as a deletion and an addition. It concerns the other side only if that side touched
//!   the old path (then both did, and since it is gone on one it is not equal and present on both) or the new one (then
//!   both added it; if equally, nothing is left to decide), or if it added something to a folder that the rename emptied:
//!   nothing that one side adds may lie below a folder that the base has and the other side has not.
//! - Nothing that one side adds or changes may lie below what the other has as a file, link or submodule.
//!
//! The tree of such a merge is ours with their changes made. Git takes a folder that only one side touched as it is, and
//! writes anew those that both did: for trees that nobody writes any more (old modes, empty folders) that makes a
//! difference, and they are left to Git.
//!
//! [`Proof::Contents`] claims that the merge is decided by merging, one by one, the contents of files that are there
//! under one mode in the base and on both sides, everything else being disjoint: such a file is neither source nor
//! target of a rename, and its attributes, not looked at here, have to be ordinary.

use bstr::ByteSlice;

use crate::git::TreeDiff;
use crate::git::objects::Form;
use crate::model::{BlobId, Change, Entry, RepoPath};

/// What two diffs say about a merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// It is clean, and its tree the union of both changes.
    Disjoint,
    /// It is as clean as the merges of these contents.
    Contents(Vec<Common>),
    /// They do not settle it: Git has to merge.
    Open,
}

/// A regular file that both sides changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Common {
    /// Where.
    pub path: RepoPath,
    /// What the merge of the contents is about.
    pub triple: Triple,
    /// The entry that the merged content gets.
    pub entry: Entry,
}

/// Three versions of a file's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Triple {
    /// The base's.
    pub base: BlobId,
    /// Ours.
    pub ours: BlobId,
    /// Theirs.
    pub theirs: BlobId,
}

/// Says what follows from what both sides changed since their base.
pub fn prove(ours: &TreeDiff, theirs: &TreeDiff) -> Proof {
    if ours.form == Form::Odd || theirs.form == Form::Odd {
        return Proof::Open;
    }
    let mut contents = Vec::new();
    for (a, b) in common(&ours.changes, &theirs.changes) {
        if a.after == b.after && a.after.is_some() {
            continue;
        }
        match content_merge(a, b) {
            Some(merge) => contents.push(merge),
            None => return Proof::Open,
        }
    }
    if stands_in_the_way(ours, theirs) || stands_in_the_way(theirs, ours) {
        return Proof::Open;
    }
    if contents.is_empty() { Proof::Disjoint } else { Proof::Contents(contents) }
}

/// The changes at paths that both lists have; both are ordered by path.
fn common<'a>(ours: &'a [Change], theirs: &'a [Change]) -> Vec<(&'a Change, &'a Change)> {
    let (mut i, mut j) = (0, 0);
    let mut pairs = Vec::new();
    while let (Some(a), Some(b)) = (ours.get(i), theirs.get(j)) {
        match a.path.cmp(&b.path) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                pairs.push((a, b));
                i += 1;
                j += 1;
            }
        }
    }
    pairs
}

fn content_merge(ours: &Change, theirs: &Change) -> Option<Common> {
    let (base, a, b) = (ours.before?, ours.after?, theirs.after?);
    let plain = base.mode.is_file() && a.mode == base.mode && b.mode == base.mode;
    let triple = Triple { base: base.id, ours: a.id, theirs: b.id };
    plain.then(|| Common { path: ours.path.clone(), triple, entry: a })
}

/// Whether something that `mover` adds or changes lies below a file of `other`, below what was a file, or below a
/// folder that `other` has taken away.
fn stands_in_the_way(mover: &TreeDiff, other: &TreeDiff) -> bool {
    let present = mover.changes.iter().filter(|change| change.after.is_some());
    present.into_iter().any(|change| {
        folders(&change.path).any(|folder| {
            let touched =
                |diff: &TreeDiff| diff.changes.binary_search_by(|c| c.path.as_bstr().cmp(folder.into())).is_ok();
            let gone = || change.before.is_none() && other.removed_folders.iter().any(|f| f.as_bstr() == folder);
            touched(other) || touched(mover) || gone()
        })
    })
}

/// The folders that a path lies in, outermost first.
fn folders(path: &RepoPath) -> impl Iterator<Item = &[u8]> {
    let bytes = path.as_bstr().as_bytes();
    bytes.find_iter(b"/").map(move |at| &bytes[..at])
}

#[cfg(test)]
mod tests {
    use super::{Proof, prove};
    use crate::git::TreeDiff;
    use crate::git::objects::Form;
    use crate::model::{BlobId, Change, Entry, Mode, RepoPath};

    fn entry(version: u8) -> Option<Entry> {
        let id = BlobId::from_hex(format!("{version:040x}").as_bytes()).expect("forty digits");
        (version > 0).then_some(Entry { mode: Mode::File, id })
    }

    /// Version 0 stands for absence.
    fn diff(changes: &[(&str, u8, u8)], removed: &[&str]) -> TreeDiff {
        let change = |(path, before, after): &(&str, u8, u8)| Change {
            path: RepoPath::new(path),
            before: entry(*before),
            after: entry(*after),
        };
        TreeDiff {
            changes: changes.iter().map(change).collect(),
            removed_folders: removed.iter().map(RepoPath::new).collect(),
            form: Form::Ordinary,
        }
    }

    #[test]
    fn what_each_rule_lets_through() {
        let edit = diff(&[("d/a", 1, 2)], &[]);
        assert_eq!(prove(&edit, &diff(&[("d/b", 1, 2)], &[])), Proof::Disjoint);
        assert_eq!(prove(&edit, &edit), Proof::Disjoint);
        assert!(matches!(prove(&edit, &diff(&[("d/a", 1, 3)], &[])), Proof::Contents(c) if c.len() == 1));
        assert_eq!(prove(&edit, &diff(&[("d/a", 1, 0)], &["d"])), Proof::Open);
    }

    #[test]
    fn a_tree_that_git_would_write_otherwise_is_left_to_git() {
        let edit = diff(&[("a", 1, 2)], &[]);
        let odd = TreeDiff { form: Form::Odd, ..diff(&[("b", 1, 2)], &[]) };
        assert_eq!((prove(&edit, &odd), prove(&odd, &edit)), (Proof::Open, Proof::Open));
    }

    #[test]
    fn a_file_deleted_by_both_may_be_renamed_by_either() {
        let gone = diff(&[("a", 1, 0)], &[]);
        assert_eq!(prove(&gone, &gone), Proof::Open);
    }

    #[test]
    fn an_addition_below_a_folder_that_went_away_may_have_to_follow_it() {
        let moved = diff(&[("new/a", 0, 1), ("old/a", 1, 0)], &["old"]);
        assert_eq!(prove(&moved, &diff(&[("old/sub/b", 0, 2)], &[])), Proof::Open);
        assert_eq!(prove(&diff(&[("old/sub/b", 0, 2)], &[]), &moved), Proof::Open);
        assert_eq!(prove(&moved, &diff(&[("other/b", 0, 2)], &[])), Proof::Disjoint);
    }

    #[test]
    fn a_file_in_the_place_of_a_folder_stands_in_the_way() {
        assert_eq!(prove(&diff(&[("d", 0, 1)], &[]), &diff(&[("d/a", 0, 2)], &[])), Proof::Open);
        assert_eq!(prove(&diff(&[("d", 1, 0), ("d/a", 0, 2)], &[]), &diff(&[("e", 0, 1)], &[])), Proof::Open);
    }
}
