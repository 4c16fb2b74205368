//! How a ref moved here, as the file of its log has it: what Git expires is not there, and neither are refs in tables.

use std::path::Path;

use bstr::ByteSlice;

use super::Repo;
use crate::host::files;
use crate::model::CommitId;

/// The end of a log that is read.
const END: u64 = 1 << 16;

/// One move of a ref.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Where it led since.
    pub to: CommitId,
    /// When, in seconds since 1970.
    pub time: i64,
    /// Why, as Git or whoever moved it says.
    pub why: String,
}

/// The last moves of a branch, the oldest first.
pub fn of_branch(repo: &Repo, full: &str) -> Vec<Moved> {
    read(&repo.common_dir.join("logs").join(full))
}

/// The last moves of what a worktree has checked out, the oldest first; `git_dir` is the Git folder behind it.
pub fn of_head(git_dir: &Path) -> Vec<Moved> {
    read(&git_dir.join("logs/HEAD"))
}

fn read(path: &Path) -> Vec<Moved> {
    // What cannot be read is not known, like what was expired.
    let end = files::read_end(path, END).unwrap_or_default();
    end.lines().filter_map(parse).collect()
}

/// Reads `<old> <new> <name> <email> <seconds> <zone>\t<why>`.
fn parse(line: &[u8]) -> Option<Moved> {
    let (head, why) = line.split_once_str("\t").unwrap_or((line, b""));
    let to = CommitId::from_hex(head.split_once_str(" ")?.1.split_once_str(" ")?.0)?;
    let time = head.rsplit_once_str(" ")?.0.rsplit_once_str(" ")?.1;
    Some(Moved { to, time: time.to_str().ok()?.parse().ok()?, why: why.to_str_lossy().into_owned() })
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_line_is_read() {
        let id = "1".repeat(40);
        let line = format!("{} {id} Kim Lee <kim@example.com> 1727784000 +0200\tcommit: add x", "0".repeat(40));
        let moved = parse(line.as_bytes()).expect("whole");
        assert_eq!((moved.to.to_string(), moved.time, moved.why.as_str()), (id, 1_727_784_000, "commit: add x"));
        assert_eq!(parse(b"torn"), None);
    }
}
