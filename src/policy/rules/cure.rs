//! Commands that cure, written so that they can be pasted into a shell whatever the path is called.

use std::fmt::Write;

use super::OwnChange;
use crate::model::RepoPath;

/// How to take a change back: a command that destroys nothing that is not saved.
pub fn take_back(target: &str, change: &OwnChange) -> String {
    let path = pathspec(&change.change.path);
    let restore = format!("`git restore --source={} -- {path}`", word(target.as_bytes()));
    match (change.on_target.is_some(), change.uncommitted) {
        (true, false) => restore,
        (true, true) if change.change.after.is_none() => restore,
        (false, false) => format!("`git rm -- {path}`"),
        // `git restore` would write over uncommitted work; a stash keeps it.
        (_, true) => format!("`git stash push --include-untracked -- {path}`"),
    }
}

/// How to rename a file.
pub fn rename(change: &OwnChange, from: &RepoPath, to: &RepoPath) -> String {
    // An untracked file is nothing that `git mv` knows.
    let program = if change.uncommitted { "mv" } else { "git mv" };
    format!("`{program} -- {} {}`", word(from.as_bstr()), word(to.as_bstr()))
}

/// How to see what became of a file.
pub fn difference(target: &str, path: &RepoPath) -> String {
    format!("`git diff {} -- {}`", word(target.as_bytes()), pathspec(path))
}

/// A path as an argument where Git expects a pattern.
fn pathspec(path: &RepoPath) -> String {
    let bytes = path.as_bstr();
    let magic = bytes.starts_with(b":") || bytes.iter().any(|b| b"*?[\\".contains(b));
    if magic { word(&[&b":(literal)"[..], bytes].concat()) } else { word(bytes) }
}

/// Bytes as one word of a POSIX shell; bytes that cannot be shown are written `$'\x1b'`, which bash, zsh and ksh read.
pub fn word(bytes: &[u8]) -> String {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"_./@%+=,-".contains(b);
    if !bytes.is_empty() && bytes.iter().all(plain) {
        return String::from_utf8_lossy(bytes).into_owned();
    }
    if bytes.iter().all(|b| b.is_ascii_graphic() || *b == b' ') {
        return format!("'{}'", String::from_utf8_lossy(bytes).replace('\'', r"'\''"));
    }
    let mut quoted = String::from("$'");
    for byte in bytes {
        match byte {
            b'\'' | b'\\' => drop(write!(quoted, "\\{}", *byte as char)),
            b if b.is_ascii_graphic() || *b == b' ' => quoted.push(*b as char),
            b => drop(write!(quoted, "\\x{b:02x}")),
        }
    }
    quoted + "'"
}

#[cfg(test)]
mod tests {
    use super::{pathspec, word};
    use crate::model::RepoPath;

    #[test]
    fn a_shell_reads_back_what_was_meant() {
        for (bytes, expected) in [
            (&b"api/x.ts"[..], "api/x.ts"),
            (b"a b", "'a b'"),
            (b"$(rm -rf ~)", "'$(rm -rf ~)'"),
            (b"it's", r"'it'\''s'"),
            (b"a\nb'\xff", r"$'a\x0ab\'\xff'"),
            (b"", "''"),
        ] {
            assert_eq!(word(bytes), expected);
        }
    }

    #[test]
    fn git_reads_no_pattern_into_a_path() {
        assert_eq!(pathspec(&RepoPath::new("app/[id]/x.ts")), "':(literal)app/[id]/x.ts'");
        assert_eq!(pathspec(&RepoPath::new(":x")), "':(literal):x'");
        assert_eq!(pathspec(&RepoPath::new("app/x.ts")), "app/x.ts");
    }
}
