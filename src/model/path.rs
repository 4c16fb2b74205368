//! Paths inside a repository: bytes with `/` between the parts, as Git stores them, not necessarily UTF-8.

use std::fmt;

use bstr::{BStr, BString, ByteSlice};

use super::text::escaped;

/// A path from the root of the repository: never empty, never with a leading or trailing slash. Displays with control
/// characters, bidirectional marks and bytes that are not UTF-8 made visible.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepoPath(BString);

impl RepoPath {
    /// Takes the bytes of a path as Git prints them with `-z`; slashes at either end are dropped.
    ///
    /// Panics when nothing is left, which Git never prints.
    pub fn new(bytes: impl AsRef<[u8]>) -> Self {
        Self::try_new(bytes).expect("git prints no empty path")
    }

    /// Takes a path that somebody typed; `None` when it is empty.
    pub fn try_new(bytes: impl AsRef<[u8]>) -> Option<Self> {
        let trimmed = bytes.as_ref().trim_with(|c| c == '/');
        (!trimmed.is_empty()).then(|| Self(trimmed.into()))
    }

    /// The bytes, as Git stores them.
    pub fn as_bstr(&self) -> &BStr {
        self.0.as_bstr()
    }

    /// The last part.
    pub fn file_name(&self) -> &BStr {
        self.0.rsplit_str("/").next().unwrap_or(&self.0).as_bstr()
    }

    /// Everything before the last slash, `None` at the root.
    pub fn parent(&self) -> Option<RepoPath> {
        self.0.rfind_byte(b'/').map(|at| Self(self.0[..at].into()))
    }

    /// Whether this path is `folder` itself or lies below it.
    pub fn is_within(&self, folder: &RepoPath) -> bool {
        self.0.strip_prefix(folder.0.as_slice()).is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
    }

    /// The path `name` below this one.
    pub fn join(&self, name: &[u8]) -> RepoPath {
        let mut joined = self.0.clone();
        joined.push(b'/');
        joined.extend_from_slice(name);
        Self(joined)
    }
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&escaped(&self.0))
    }
}

impl fmt::Debug for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::RepoPath;

    #[test]
    fn within_respects_the_slash() {
        let folder = RepoPath::new("api/agents");
        assert!(RepoPath::new("api/agents/a.ts").is_within(&folder));
        assert!(RepoPath::new("api/agents").is_within(&folder));
        assert!(!RepoPath::new("api/agents2/a.ts").is_within(&folder));
    }

    #[test]
    fn display_shows_what_a_terminal_would_obey() {
        assert_eq!(RepoPath::new(b"a\x1b[31m\n\xff.txt").to_string(), "a\\x1b[31m\\n\\xff.txt");
    }
}
