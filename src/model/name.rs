//! Names that become refs, folders and lock files: checked once, here, for all of them.

use std::fmt;

/// A track's id: `[a-z0-9][a-z0-9_-]{0,62}`, and no device name of Windows. Safe as a ref component, a folder name and
/// a word on a command line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrackId(String);

/// Names that Windows reserves in every folder, whatever their ending.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

impl TrackId {
    /// Checks `id`; the error says what is wrong with it, as the end of a sentence that begins with the id.
    pub fn new(id: &str) -> Result<Self, String> {
        let first = id.chars().next().ok_or("is empty")?;
        if id.len() > 63 {
            return Err("is longer than 63 characters".into());
        }
        if !(first.is_ascii_lowercase() || first.is_ascii_digit()) {
            return Err("must begin with a letter `a`–`z` or a digit".into());
        }
        if !id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-')) {
            return Err("may hold only `a`–`z`, digits, `_` and `-`".into());
        }
        let numbered = |prefix| id.strip_prefix(prefix).is_some_and(|n: &str| n.len() == 1 && n != "0");
        let device = DEVICES.contains(&id)
            || ["com", "lpt"].into_iter().any(|p| numbered(p) && id.ends_with(|c: char| c.is_ascii_digit()));
        if device {
            return Err("is a device name on Windows".into());
        }
        Ok(Self(id.to_owned()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TrackId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for TrackId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// A branch's name without `refs/heads/`, such as Git's `check-ref-format --branch` accepts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BranchName(String);

impl BranchName {
    /// Checks `name` by the rules of `git help check-ref-format`; the error ends a sentence that begins with the name.
    pub fn new(name: &str) -> Result<Self, String> {
        if name.is_empty() {
            return Err("is empty".into());
        }
        if name.len() > 230 {
            return Err("is longer than 230 bytes, which leaves no room for a lock file's name".into());
        }
        if let Some(c) = name.chars().find(|c| c.is_control() || " ~^:?*[\\".contains(*c)) {
            return Err(format!("holds {c:?}, which no branch name may"));
        }
        if name.contains("..") || name.contains("@{") || name.contains("//") || name == "@" {
            return Err("holds `..`, `//` or `@{`, which no branch name may".into());
        }
        if name.starts_with('-') || name == "HEAD" {
            return Err("would be read as something else by git".into());
        }
        let bad_part = |p: &str| p.starts_with('.') || p.ends_with(".lock");
        if name.starts_with('/') || name.ends_with(['/', '.']) || name.split('/').any(bad_part) {
            return Err("has a part that begins with `.`, or ends in `.`, `/` or `.lock`".into());
        }
        Ok(Self(name.to_owned()))
    }

    /// The name without `refs/heads/`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The full name of the ref.
    pub fn full(&self) -> String {
        format!("refs/heads/{}", self.0)
    }

    /// Whether one of two names is a folder of the other (`feature` and `feature/x`), so that both cannot exist.
    pub fn blocks(&self, other: &BranchName) -> bool {
        let below = |a: &str, b: &str| b.strip_prefix(a).is_some_and(|rest| rest.starts_with('/'));
        below(&self.0, &other.0) || below(&other.0, &self.0)
    }
}

impl fmt::Display for BranchName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{BranchName, TrackId};

    #[test]
    fn ids_that_would_escape_are_refused() {
        for bad in ["", "A", "-x", "a/b", "a.b", "..", "a b", "con", "com1", "ä", &"x".repeat(64)] {
            assert!(TrackId::new(bad).is_err(), "{bad}");
        }
        for good in ["a", "auth-2", "0", "com", "console", "com10", &"x".repeat(63)] {
            assert!(TrackId::new(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn branches_follow_check_ref_format() {
        for bad in ["", "a..b", "/a", "a/", "a.lock", "a/.b", "a b", "a~", "@", "-a", "HEAD", "a@{b", "a//b", "a\u{1b}"]
        {
            assert!(BranchName::new(bad).is_err(), "{bad}");
        }
        let feature = BranchName::new("feature").expect("valid");
        assert!(feature.blocks(&BranchName::new("feature/x").expect("valid")));
        assert!(!feature.blocks(&BranchName::new("feature-x").expect("valid")));
    }
}
