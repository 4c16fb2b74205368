//! What happened to one path between two trees.

use super::{BlobId, RepoPath};

/// The kinds of entry a Git tree can hold, folders apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// `100644` (and the historic `100664`).
    File,
    /// `100755`.
    Executable,
    /// `120000`, a symbolic link.
    Link,
    /// `160000`, a submodule.
    Submodule,
}

impl Mode {
    /// The mode as Git prints it.
    pub fn octal(self) -> &'static str {
        match self {
            Mode::File => "100644",
            Mode::Executable => "100755",
            Mode::Link => "120000",
            Mode::Submodule => "160000",
        }
    }

    /// Reads a mode as Git prints it; `None` for a folder (`040000`), for absence (`000000`) and for nonsense.
    pub fn from_octal(octal: &[u8]) -> Option<Mode> {
        match octal {
            b"100755" => Some(Mode::Executable),
            b"120000" => Some(Mode::Link),
            b"160000" => Some(Mode::Submodule),
            _ if octal.starts_with(b"100") && octal.len() == 6 => Some(Mode::File),
            _ => None,
        }
    }

    /// Whether the entry is a file with content, executable or not.
    pub fn is_file(self) -> bool {
        matches!(self, Mode::File | Mode::Executable)
    }
}

/// What a tree holds at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entry {
    /// Its kind.
    pub mode: Mode,
    /// Its content.
    pub id: BlobId,
}

/// One path that differs between two trees. A rename is a deletion and an addition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where.
    pub path: RepoPath,
    /// What was there; `None` for an addition.
    pub before: Option<Entry>,
    /// What is there; `None` for a deletion.
    pub after: Option<Entry>,
}
