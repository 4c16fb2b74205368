//! Uncommitted work of a worktree, read by `git status` without touching its index, and turned into a tree.

mod looked;
mod proved;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::blobs::{self, OnDisk};
use super::{Git, Scratch};
use crate::model::{BlobId, CommitId, Entry, Mode, RepoPath};

/// The settings that bear on what a look at files proves, as Git takes patterns of them.
pub(super) const SETTINGS: &str = "core.*,includeif.*";

/// The uncommitted work of a worktree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// The commit that it was held against; `None` before the first one.
    pub head: Option<CommitId>,
    /// The branch that is checked out, a full name; `None` for a detached HEAD.
    pub branch: Option<String>,
    /// Every path that differs from HEAD or is untracked and not ignored.
    pub files: Vec<Dirty>,
    /// Folders with a repository of their own that HEAD knows nothing of: left out.
    pub embedded: Vec<RepoPath>,
    /// Paths with an unfinished merge: what the worktree stands for is undecided while there are any.
    pub unmerged: Vec<RepoPath>,
}

/// One uncommitted path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dirty {
    /// Where.
    pub path: RepoPath,
    /// What is there now.
    pub now: Now,
}

/// What an uncommitted path holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Now {
    /// Nothing: deleted.
    Gone,
    /// What was staged, unchanged since.
    Staged(Entry),
    /// A file or link to be read from the folder.
    OnDisk {
        /// As what it would be staged.
        mode: Mode,
        /// What is staged there now.
        staged: BlobId,
    },
    /// Untracked: mode and content to be read from the folder.
    Untracked,
    /// A submodule at another commit, to be read from its folder.
    Submodule,
}

/// Which untracked files are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ignored {
    /// Not the ignored ones.
    Skip,
    /// The ignored ones too; folders that are ignored as a whole count once.
    List,
    /// The ignored ones too; folders count once where a pattern matches them, and every file elsewhere.
    Match,
}

/// Reads what is uncommitted in `worktree`. Nested worktrees, given as absolute paths, are left out.
pub fn read(worktree: &Path, nested: &[PathBuf]) -> Result<Status> {
    let git = status_command(worktree, Ignored::Skip).arg("--branch").args(pathspecs(worktree, nested));
    parse(&everything(git)?)
}

/// The same for a worktree with `commit` checked out, sooner where [`proved`] can tell.
pub fn read_at(scratch: &Scratch, worktree: &Path, nested: &[PathBuf], commit: CommitId) -> Result<Status> {
    match proved(scratch, worktree, nested, commit)? {
        Some(status) => Ok(status),
        None => read(worktree, nested),
    }
}

/// What [`read`] gives for a worktree with `commit` checked out, found out by looking at the files: Git is only asked what
/// that does not tell. `None` where all of it takes Git.
pub fn proved(scratch: &Scratch, worktree: &Path, nested: &[PathBuf], commit: CommitId) -> Result<Option<Status>> {
    let repo = scratch.repo();
    if repo.replaces_objects()? || !proved::is_usual(&repo.settings) {
        return Ok(None);
    }
    let objects = scratch.objects();
    let tree = objects.commit(commit)?.tree;
    // HEAD may be elsewhere by now, and then nothing was held against the right tree.
    Ok(proved::read(worktree, nested, (objects, tree)).filter(|status| status.head == Some(commit)))
}

/// The ignored files of `worktree`; a folder that is ignored as a whole ends in a slash.
pub fn ignored(worktree: &Path, nested: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let git = status_command(worktree, Ignored::List).args(pathspecs(worktree, nested));
    let printed = everything(git)?;
    let fields = printed.split(|b| *b == 0).filter_map(|field| field.strip_prefix(b"! "));
    Ok(fields.map(|path| PathBuf::from(OsStr::from_bytes(path))).collect())
}

/// Reads what is uncommitted in `worktree`, and which files and folders a pattern ignores; the latter end in a slash.
pub fn with_ignored(worktree: &Path, nested: &[PathBuf]) -> Result<(Status, Vec<Vec<u8>>)> {
    let git = status_command(worktree, Ignored::Match).arg("--branch").args(pathspecs(worktree, nested));
    let printed = everything(git)?;
    let fields = printed.split(|b| *b == 0).filter_map(|field| field.strip_prefix(b"! "));
    Ok((parse(&printed)?, fields.map(<[u8]>::to_vec).collect()))
}

/// What `git status` prints. It ends well when it could not look everywhere, and only complains: then part of the work is
/// not in what it prints.
fn everything(git: Git) -> Result<Vec<u8>> {
    const COMPLAINTS: [&str; 3] = ["Permission denied", "could not open directory", "Input/output error"];
    let name = git.name();
    let output = git.output()?;
    if !output.status.success() {
        return Err(output.error(&name));
    }
    match output.stderr.lines().find(|line| COMPLAINTS.iter().any(|complaint| line.contains(complaint))) {
        Some(line) => bail!("not all of it could be read: {line}"),
        None => Ok(output.stdout),
    }
}

fn status_command(worktree: &Path, ignored: Ignored) -> Git {
    let git = Git::at(worktree).args(["-c", "core.fsmonitor=false", "-c", "status.relativePaths=false", "status"]);
    let git = git.args(["--porcelain=v2", "-z", "--no-renames", "--ignore-submodules=none"]);
    match ignored {
        Ignored::Skip => git.args(["--untracked-files=all", "--ignored=no"]),
        Ignored::List => git.args(["--untracked-files=normal", "--ignored=traditional"]),
        Ignored::Match => git.args(["--untracked-files=all", "--ignored=matching"]),
    }
}

/// What leaves nested worktrees out.
fn pathspecs(worktree: &Path, nested: &[PathBuf]) -> Vec<OsString> {
    let nested: Vec<Vec<u8>> = nested_below(worktree, nested).collect();
    if nested.is_empty() {
        return Vec::new();
    }
    let excluded = nested.iter().map(|path| [b":(exclude,top,literal)", path.as_slice()].concat());
    ["--", ":/"].into_iter().map(OsString::from).chain(excluded.map(OsString::from_vec)).collect()
}

/// The nested worktrees, as paths below `worktree`.
fn nested_below(worktree: &Path, nested: &[PathBuf]) -> impl Iterator<Item = Vec<u8>> {
    let below = move |path: &PathBuf| Some(path.strip_prefix(worktree).ok()?.as_os_str().as_bytes().to_vec());
    nested.iter().filter_map(below).filter(|path| !path.is_empty())
}

/// Reads the porcelain format, version 2 (`git help status`).
pub fn parse(printed: &[u8]) -> Result<Status> {
    const UNREADABLE: &str = "`git status` prints a line that cannot be read";
    let path = |words: usize, line: &[u8]| {
        let path = line.splitn(words, |b| *b == b' ').nth(words - 1).and_then(RepoPath::try_new);
        path.context(UNREADABLE)
    };
    let mut status = Status::default();
    for line in printed.split(|b| *b == 0).filter(|line| !line.is_empty()) {
        match line[0] {
            b'1' => status.files.push(tracked(line).context(UNREADABLE)?),
            b'u' => status.unmerged.push(path(11, line)?),
            b'?' if line.ends_with(b"/") => status.embedded.push(path(2, line)?),
            b'?' => status.files.push(Dirty { path: path(2, line)?, now: Now::Untracked }),
            b'#' => {
                if let Some(id) = line.strip_prefix(b"# branch.oid ") {
                    status.head = CommitId::from_hex(id);
                }
                if let Some(name) = line.strip_prefix(b"# branch.head ").filter(|name| *name != b"(detached)") {
                    status.branch = Some(format!("refs/heads/{}", String::from_utf8_lossy(name)));
                }
            }
            b'!' => {}
            _ => bail!(UNREADABLE),
        }
    }
    Ok(status)
}

/// `1 XY sub mH mI mW hH hI path`
fn tracked(line: &[u8]) -> Option<Dirty> {
    let fields: Vec<&[u8]> = line.splitn(9, |b| *b == b' ').collect();
    let [_, xy, sub, _, staged_mode, mode, _, staged, path] = fields[..] else { return None };
    let path = RepoPath::try_new(path)?;
    let now = match (xy, sub.first()) {
        ([_, b'D'], _) | ([b'D', b'.'], _) => Now::Gone,
        ([_, b'.'], _) => Now::Staged(Entry { mode: Mode::from_octal(staged_mode)?, id: BlobId::from_hex(staged)? }),
        (_, Some(b'S')) => Now::Submodule,
        _ => Now::OnDisk { mode: Mode::from_octal(mode)?, staged: BlobId::from_hex(staged)? },
    };
    Some(Dirty { path, now })
}

/// Turns what is uncommitted into edits of HEAD's tree, writing the contents into the scratch: filters and line ends as
/// `git add` would apply them.
pub fn edits(scratch: &Scratch, worktree: &Path, files: &[Dirty]) -> Result<Vec<(RepoPath, Option<Entry>)>> {
    let file_mode = files.iter().any(|f| f.now == Now::Untracked) && keeps_file_mode(worktree)?;
    let mut edits: Vec<(RepoPath, Option<Entry>)> = Vec::with_capacity(files.len());
    let mut to_read: Vec<OnDisk> = Vec::new();
    for Dirty { path, now } in files {
        let on_disk = worktree.join(OsStr::from_bytes(path.as_bstr()));
        let (mode, staged) = match now {
            Now::Gone => {
                edits.push((path.clone(), None));
                continue;
            }
            Now::Staged(entry) => {
                edits.push((path.clone(), Some(*entry)));
                continue;
            }
            Now::Submodule => {
                let head = Git::at(&on_disk).args(["rev-parse", "--verify", "HEAD^{commit}"]).stdout()?;
                let id = BlobId::from_hex(head.trim_ascii_end()).context("a submodule has no commit checked out")?;
                edits.push((path.clone(), Some(Entry { mode: Mode::Submodule, id })));
                continue;
            }
            Now::OnDisk { mode, staged } => (*mode, Some(*staged)),
            Now::Untracked => (mode_on_disk(&on_disk, file_mode)?, None),
        };
        let found = on_disk.symlink_metadata().with_context(|| format!("`{path}` cannot be read"))?.file_type();
        match mode {
            Mode::Link if found.is_symlink() => {
                let target = fs::read_link(&on_disk).with_context(|| format!("cannot read the link `{path}`"))?;
                let id = scratch.objects().write_blob(target.as_os_str().as_bytes())?;
                edits.push((path.clone(), Some(Entry { mode, id })));
            }
            // With `core.symlinks=false` a link is a file that holds where it leads.
            mode if found.is_file() => to_read.push(OnDisk { path: path.clone(), mode, staged }),
            // Git would wait for somebody to write into a pipe.
            _ => bail!("`{path}` is no regular file, link or folder"),
        }
    }
    edits.extend(blobs::read(scratch, worktree, &to_read)?);
    Ok(edits)
}

fn keeps_file_mode(worktree: &Path) -> Result<bool> {
    let value = Git::at(worktree).args(["config", "--type=bool", "--get", "core.fileMode"]).line()?;
    Ok(value.as_deref() != Some("false"))
}

fn mode_on_disk(path: &Path, file_mode: bool) -> Result<Mode> {
    let found = path.symlink_metadata().with_context(|| format!("cannot read `{}`", path.display()))?;
    match (found.file_type().is_symlink(), found.is_file()) {
        (true, _) => Ok(Mode::Link),
        (_, true) if file_mode && found.mode() & 0o100 != 0 => Ok(Mode::Executable),
        (_, true) => Ok(Mode::File),
        _ => bail!("`{}` changed while it was read", path.display()),
    }
}
