//! What is different between two times of a track, path by path.

use std::collections::BTreeSet;

use super::manifest::{Item, Manifest};
use crate::model::RepoPath;

/// How a path differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It is only there later.
    Added,
    /// It is only there earlier.
    Deleted,
    /// Its content.
    Changed,
    /// Its permissions alone.
    Mode,
    /// It is a file, a link or a folder, and was another of these.
    Kind,
}

impl Kind {
    /// The name for reports.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Added => "added",
            Kind::Deleted => "deleted",
            Kind::Changed => "changed",
            Kind::Mode => "mode",
            Kind::Kind => "kind",
        }
    }
}

/// What became of each path from `before` to `after`, in order of paths. A folder counts where it is all there is: where
/// nothing lies in it.
pub fn paths(before: &Manifest, after: &Manifest) -> Vec<(RepoPath, Kind)> {
    let all: BTreeSet<&RepoPath> = before.files.keys().chain(after.files.keys()).collect();
    let found = all.into_iter().filter_map(|path| {
        let kind = kind(before.files.get(path), after.files.get(path))?;
        let with = if kind == Kind::Deleted { before } else { after };
        let folder = matches!(with.files.get(path), Some(Item::Folder(_)));
        let counts = !folder || matches!(kind, Kind::Mode | Kind::Kind) || is_empty(with, path);
        counts.then(|| (path.clone(), kind))
    });
    found.collect()
}

fn kind(before: Option<&Item>, after: Option<&Item>) -> Option<Kind> {
    let before = match before {
        None => return after.map(|_| Kind::Added),
        Some(before) => before,
    };
    match (before, after) {
        (_, None) => Some(Kind::Deleted),
        (one, Some(other)) if one == other => None,
        (Item::File(_, one), Some(Item::File(_, other))) if one == other => Some(Kind::Mode),
        (Item::File(..), Some(Item::File(..))) | (Item::Link(_), Some(Item::Link(_))) => Some(Kind::Changed),
        (Item::Folder(_), Some(Item::Folder(_))) => Some(Kind::Mode),
        _ => Some(Kind::Kind),
    }
}

fn is_empty(manifest: &Manifest, folder: &RepoPath) -> bool {
    !manifest.files.range(folder.join(b"")..).next().is_some_and(|(path, _)| path.is_within(folder))
}

/// What else differs, each as the end of a sentence that begins with the track.
pub fn rest(before: &Manifest, after: &Manifest) -> Vec<&'static str> {
    let table = [
        (before.tip != after.tip || before.branch_tip != after.branch_tip, "has another tip"),
        (before.head != after.head, "has something else checked out"),
        (before.index.map(|index| index.id) != after.index.map(|index| index.id), "has another index"),
        (
            before.state != after.state || before.refs != after.refs,
            "is at another point of a merge, rebase or bisection",
        ),
    ];
    table.into_iter().filter(|(differs, _)| *differs).map(|(_, words)| words).collect()
}
