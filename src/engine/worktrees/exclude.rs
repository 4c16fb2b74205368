//! Worktrees inside the main one are kept out of its status through `info/exclude`, which all worktrees share and nobody
//! commits.

use std::collections::BTreeSet;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use anyhow::Result;
use bstr::ByteSlice;

use crate::engine::project::Project;
use crate::git::Repo;
use crate::host::{files, folders};

/// Stands above each line of ours, so that exactly those can be taken away.
const MARK: &[u8] = b"# tracks";

/// Longer files were not written by people.
const LONGEST: u64 = 1 << 20;

/// `info/exclude` as it will be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exclude {
    /// Where it lies.
    pub path: PathBuf,
    /// What it holds now; `None` where it is not there.
    pub before: Option<Vec<u8>>,
    /// What it will hold.
    pub after: Vec<u8>,
    lines: Vec<Vec<u8>>,
}

impl Exclude {
    /// The lines that new worktrees in `paths` need; `None` where they need none.
    pub fn of(project: &Project, paths: &[PathBuf]) -> Result<Option<Exclude>> {
        let Some(main) = &project.main_worktree else { return Ok(None) };
        let path = file(&project.repo);
        let before = files::read(&path, LONGEST)?;
        let known: BTreeSet<Vec<u8>> = before.iter().flat_map(|text| text.lines()).map(<[u8]>::to_vec).collect();
        let mut lines: Vec<Vec<u8>> = Vec::new();
        for below in paths.iter().filter_map(|path| path.strip_prefix(main).ok()) {
            let covered = below.ancestors().filter(|part| !part.as_os_str().is_empty()).map(pattern);
            if covered.into_iter().all(|line| !known.contains(&line) && !lines.contains(&line)) {
                lines.push(pattern(&widest(project, main, below)?));
            }
        }
        if lines.is_empty() {
            return Ok(None);
        }
        let after = with_lines(before.as_deref().unwrap_or_default(), &lines);
        Ok(Some(Exclude { path, before, after, lines }))
    }

    /// The new lines, for people.
    pub fn patterns(&self) -> impl Iterator<Item = String> + '_ {
        self.lines.iter().map(|line| String::from_utf8_lossy(line).into_owned())
    }
}

/// What `info/exclude` holds without our lines; `None` where it has none.
pub fn without_ours(repo: &Repo) -> Result<Option<(PathBuf, Vec<u8>)>> {
    let path = file(repo);
    let Some(before) = files::read(&path, LONGEST)? else { return Ok(None) };
    let after = without_lines(&before);
    Ok((after != before).then_some((path, after)))
}

fn file(repo: &Repo) -> PathBuf {
    repo.common_dir.join("info/exclude")
}

/// The folder that holds the worktrees, where it holds nothing else; else the worktree alone.
fn widest(project: &Project, main: &Path, below: &Path) -> Result<PathBuf> {
    let around = below.parent().filter(|around| !around.as_os_str().is_empty());
    let Some(around) = around else { return Ok(below.to_owned()) };
    let folder = main.join(around);
    let ours = |path: PathBuf| project.worktrees.iter().any(|worktree| worktree.path.starts_with(&path));
    let names = folders::names(&folder)?;
    let only_ours = names.iter().all(|name| folder.join(name) == main.join(below) || ours(folder.join(name)));
    Ok(if only_ours { around.to_owned() } else { below.to_owned() })
}

/// A line that names exactly this folder: what gitignore gives a meaning is escaped.
fn pattern(below: &Path) -> Vec<u8> {
    let mut line = vec![b'/'];
    for byte in below.as_os_str().as_bytes() {
        if matches!(byte, b'*' | b'?' | b'[' | b'\\') {
            line.push(b'\\');
        }
        line.push(*byte);
    }
    line.push(b'/');
    line
}

fn with_lines(text: &[u8], lines: &[Vec<u8>]) -> Vec<u8> {
    let mut text = text.to_vec();
    if !text.is_empty() && !text.ends_with(b"\n") {
        text.push(b'\n');
    }
    for line in lines {
        text.extend_from_slice(&[MARK, b"\n", line.as_slice(), b"\n"].concat());
    }
    text
}

fn without_lines(text: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(text.len());
    let mut lines = text.lines_with_terminator();
    while let Some(line) = lines.next() {
        match line.trim_end() == MARK {
            true => drop(lines.next()),
            false => kept.extend_from_slice(line),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{pattern, with_lines, without_lines};

    #[test]
    fn our_lines_come_and_go() {
        let text = b"# git ls-files\n*.log\n";
        let with = with_lines(text, &[pattern(Path::new("work trees/[a]*"))]);
        assert_eq!(String::from_utf8_lossy(&with), "# git ls-files\n*.log\n# tracks\n/work trees/\\[a]\\*/\n");
        assert_eq!(without_lines(&with), text);
        assert_eq!(without_lines(&with_lines(b"", &[b"/a/".to_vec(), b"/b/".to_vec()])), b"");
    }
}
