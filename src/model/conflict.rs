//! The answers of a merge that was tried: verdicts, conflicts and the lines they concern.

use super::{CommitId, RepoPath, TreeId};

/// What stands in the way of a merge at one path; the names are the suffixes of the `conflict.*` rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConflictKind {
    /// Both sides changed the same lines.
    Content,
    /// Both sides added a different file of one name.
    AddAdd,
    /// One side changed what the other deleted.
    ModifyDelete,
    /// Both sides renamed one file differently, or two files to one name.
    RenameRename,
    /// One side renamed what the other deleted.
    RenameDelete,
    /// One side renamed a file to a name that the other side added.
    RenameAdd,
    /// A folder was renamed on one side, and the other side's new file cannot follow it without a decision.
    DirectoryRename,
    /// One side has a folder where the other has a file.
    FileDirectory,
    /// Both sides changed the kind of entry or its mode differently.
    Mode,
    /// Both sides changed a binary file.
    Binary,
    /// Both sides moved a submodule, and neither contains the other.
    Submodule,
    /// Both sides changed a symbolic link.
    Symlink,
}

impl ConflictKind {
    /// Every kind.
    pub const ALL: [ConflictKind; 12] = [
        ConflictKind::Content,
        ConflictKind::AddAdd,
        ConflictKind::ModifyDelete,
        ConflictKind::RenameRename,
        ConflictKind::RenameDelete,
        ConflictKind::RenameAdd,
        ConflictKind::DirectoryRename,
        ConflictKind::FileDirectory,
        ConflictKind::Mode,
        ConflictKind::Binary,
        ConflictKind::Submodule,
        ConflictKind::Symlink,
    ];

    /// The kind of this name.
    pub fn named(name: &str) -> Option<ConflictKind> {
        ConflictKind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The suffix of the rule id.
    pub fn name(self) -> &'static str {
        match self {
            ConflictKind::Content => "content",
            ConflictKind::AddAdd => "add-add",
            ConflictKind::ModifyDelete => "modify-delete",
            ConflictKind::RenameRename => "rename-rename",
            ConflictKind::RenameDelete => "rename-delete",
            ConflictKind::RenameAdd => "rename-add",
            ConflictKind::DirectoryRename => "directory-rename",
            ConflictKind::FileDirectory => "file-directory",
            ConflictKind::Mode => "mode",
            ConflictKind::Binary => "binary",
            ConflictKind::Submodule => "submodule",
            ConflictKind::Symlink => "symlink",
        }
    }
}

/// Lines `first..=last` of a file, counted from 1. An empty range (nothing left on that side) has `last == first - 1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineRange {
    /// The first line.
    pub first: u32,
    /// The last line, included.
    pub last: u32,
}

/// One place where two versions of a file cannot be joined.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hunk {
    /// Where in our file.
    pub ours_lines: LineRange,
    /// Where in their file.
    pub theirs_lines: LineRange,
    /// Our lines, with their line ends; of very many only the first.
    pub ours: Vec<Vec<u8>>,
    /// Their lines, with their line ends; of very many only the first.
    pub theirs: Vec<Vec<u8>>,
}

/// One path on which a merge stops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The path, as the merged tree would have it; of a file that would be put aside, as its side has it.
    pub path: RepoPath,
    /// Why.
    pub kind: ConflictKind,
    /// The places inside the file, in order; empty where the conflict is not about lines.
    pub hunks: Vec<Hunk>,
}

impl Conflict {
    /// The same, with the sides in each other's place.
    pub fn turned(self) -> Conflict {
        let turned = |hunk: Hunk| Hunk {
            ours_lines: hunk.theirs_lines,
            theirs_lines: hunk.ours_lines,
            ours: hunk.theirs,
            theirs: hunk.ours,
        };
        Conflict { hunks: self.hunks.into_iter().map(turned).collect(), ..self }
    }
}

/// The two commits whose changes meet in a conflict; `None` where that could not be determined.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meeting {
    /// On the side that is merged into.
    pub ours: Option<Origin>,
    /// On the side that is merged.
    pub theirs: Option<Origin>,
}

/// Where a change comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A commit, and the subject of its message as it stands there, which a terminal might obey.
    Commit(CommitId, String),
    /// Work that is not committed yet.
    Uncommitted,
}

/// What Git would say to merging one side into the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Proved to merge clean, without merging.
    Disjoint,
    /// Merged, with no conflict.
    Clean,
    /// Merged, with these conflicts (at least one), ordered by path.
    Conflict(Vec<Conflict>),
    /// Could not be computed, for this reason. Never a pass.
    Unknown(String),
}

impl Verdict {
    /// The name in reports.
    pub fn name(&self) -> &'static str {
        match self {
            Verdict::Disjoint => "disjoint",
            Verdict::Clean => "clean",
            Verdict::Conflict(_) => "conflict",
            Verdict::Unknown(_) => "unknown",
        }
    }

    /// The conflicts; none unless the verdict is `Conflict`.
    pub fn conflicts(&self) -> &[Conflict] {
        match self {
            Verdict::Conflict(conflicts) => conflicts,
            _ => &[],
        }
    }
}

/// The verdict on one pair of sides, named by their places in the list of sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairVerdict {
    /// The side that is merged into.
    pub ours: usize,
    /// The side that is merged.
    pub theirs: usize,
    /// What Git would say.
    pub verdict: Verdict,
    /// The tree of the merge, where it was asked for and there is one.
    pub tree: Option<TreeId>,
}
