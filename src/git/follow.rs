//! The files of a worktree that follow its branch: whether they can, how they do, and how they are put in order where Git
//! was ended in the middle. What is in no commit is never touched.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use bstr::ByteSlice;

use super::objects::Node;
use super::{Git, Objects, Repo, Trees, index, status};
use crate::host::folders::{self, Found};
use crate::host::lock::Share;
use crate::model::{BlobId, CommitId, Entry, Mode, RepoPath};

/// A larger file that was written in part is left where it is, and named.
const LARGEST: u64 = 1 << 28;
/// How many words Git is given at once.
const WORDS: usize = 500;

/// A branch that moves in the worktree where it is checked out.
#[derive(Clone, Copy, Debug)]
pub struct Follow<'a> {
    /// The worktree.
    pub worktree: &'a Path,
    /// The branch, by its full name.
    pub branch: &'a str,
    /// Where it is.
    pub from: CommitId,
    /// Where it will be.
    pub to: CommitId,
}

/// Which of the two commits the index stands for, on the paths where they differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Index {
    /// Where it was; a path that was staged since counts for neither.
    From,
    /// Where it will be.
    To,
}

/// What the two commits hold at a path.
struct Both {
    path: RepoPath,
    from: Option<Entry>,
    to: Option<Entry>,
}

impl Follow<'_> {
    /// What is in the way of the files: paths with something that is not committed.
    pub fn obstacles(&self, repo: &Repo) -> Result<Vec<RepoPath>> {
        let differ = self.differ(repo)?;
        let status = status::read(self.worktree, &[])?;
        let dirty: BTreeSet<&RepoPath> = status.files.iter().map(|file| &file.path).chain(&status.unmerged).collect();
        let comes = |path: &Both| status.head == Some(self.from) && path.from.is_none() && path.to.is_some();
        // What is ignored is in no status.
        let is_taken =
            |path: &Both| self.place(&path.path).symlink_metadata().is_ok() && !self.gives_way(path, &differ);
        let stands = |path: &&Both| dirty.contains(&path.path) || comes(path) && is_taken(path);
        Ok(differ.iter().filter(stands).map(|path| path.path.clone()).collect())
    }

    /// Whether a folder in the place of a file to come is made of files that go.
    fn gives_way(&self, comes: &Both, differ: &[Both]) -> bool {
        let is_folder = folders::look(&self.place(&comes.path)).is_ok_and(|found| found == Found::Folder);
        is_folder && differ.iter().any(|path| path.path.is_within(&comes.path) && path.from.is_some())
    }

    /// Moves the branch to a commit that comes after it, with index and files.
    pub fn forward(&self, why: &str, share: &dyn Fn() -> Result<Share>) -> Result<()> {
        let git = self.git().env("GIT_REFLOG_ACTION", why).args(["merge", "--ff-only", "--quiet"]);
        let git = git.args(["--no-overwrite-ignore", "--no-verify-signatures", "--end-of-options"]);
        git.arg(self.to.to_string()).input_file(share()?).run()
    }

    /// Moves index and files, then the branch, only from where it is. Git overwrites nothing that is not committed. The
    /// child has `share` for as long as it writes.
    pub fn carry_out(&self, why: &str, share: &dyn Fn() -> Result<Share>) -> Result<()> {
        self.files(Index::From, share)?;
        self.branch(why, share)
    }

    /// Moves index and files alone, from where `now` says to the other.
    pub fn files(&self, now: Index, share: &dyn Fn() -> Result<Share>) -> Result<()> {
        let (from, to) = match now {
            Index::From => (self.from, self.to),
            Index::To => (self.to, self.from),
        };
        // Files whose times alone have changed would count as changed. It fails where others did change.
        let _ = self.git().args(["update-index", "-q", "--refresh"]).input_file(share()?).output()?;
        let git = self.git().args(["read-tree", "-m", "-u", &from.to_string(), &to.to_string()]);
        git.input_file(share()?).run()
    }

    /// Moves the branch alone, only from where it is.
    pub fn branch(&self, why: &str, share: &dyn Fn() -> Result<Share>) -> Result<()> {
        let (to, from) = (self.to.to_string(), self.from.to_string());
        self.git().args(["update-ref", "-m", why, "HEAD", &to, &from]).input_file(share()?).run()
    }

    /// Whether the worktree has the branch checked out.
    pub fn is_here(&self) -> Result<bool> {
        let head = self.git().args(["symbolic-ref", "--quiet", "HEAD"]).line()?;
        Ok(head.as_deref() == Some(self.branch))
    }

    /// What the index stands for.
    pub fn index(&self, repo: &Repo) -> Result<Index> {
        let differ = self.differ(repo)?;
        let other = self.staged_beside(self.to)?;
        let all_there = !differ.is_empty() && differ.iter().all(|path| !other.contains(&path.path));
        Ok(if all_there { Index::To } else { Index::From })
    }

    /// Lets the files be as the index has them, where the two commits differ and Git, ended in the middle, left one as the
    /// other has it, a part of it, or none. Gives the paths at which there is something else. The index is not written.
    pub fn mend(&self, repo: &Repo, share: &dyn Fn() -> Result<Share>) -> Result<Vec<RepoPath>> {
        let mut differ = self.differ(repo)?;
        if self.index(repo)? == Index::From {
            let staged = self.staged_beside(self.from)?;
            differ.retain(|path| !staged.contains(&path.path));
        } else {
            differ.iter_mut().for_each(|path| std::mem::swap(&mut path.from, &mut path.to));
        }
        let is_module = |entry: &Option<Entry>| entry.is_some_and(|entry| entry.mode == Mode::Submodule);
        differ.retain(|path| !is_module(&path.from) && !is_module(&path.to));
        let found = self.found(&repo.objects()?, &differ)?;
        let (mut left, mut written) = (Vec::new(), Vec::new());
        for path in &differ {
            let there = found.get(&path.path).copied();
            match (path.from, there) {
                (None, None) => {}
                (None, Some(there)) if self.is_ours(repo, path, there)? => {
                    let place = self.place(&path.path);
                    fs::remove_file(&place).with_context(|| format!("cannot remove `{}`", path.path))?;
                    folders::remove_empty(place.parent().unwrap_or(self.worktree), self.worktree);
                }
                (Some(wanted), Some(there)) if wanted == there => {}
                (Some(_), None) => written.push(path.path.clone()),
                (Some(_), Some(there)) if self.is_ours(repo, path, there)? => written.push(path.path.clone()),
                _ => left.push(path.path.clone()),
            }
        }
        // Git would remove a link on the way.
        let (written, blocked): (Vec<_>, Vec<_>) = written.into_iter().partition(|path| self.is_free(path));
        left.extend(blocked);
        self.write(written, share)?;
        Ok(left)
    }

    /// Writes what the index has, without writing the index; but what is not to be in the folder.
    fn write(&self, mut paths: Vec<RepoPath>, share: &dyn Fn() -> Result<Share>) -> Result<()> {
        if paths.is_empty() {
            return Ok(());
        }
        let rows = index::rows(self.worktree)?;
        let hidden: BTreeSet<&RepoPath> = rows.iter().filter(|row| row.hidden).map(|row| &row.path).collect();
        paths.retain(|path| !hidden.contains(path));
        for some in paths.chunks(WORDS) {
            let words = some.iter().map(|path| path.as_bstr().to_os_str_lossy().into_owned());
            let git = self.git().args(["checkout-index", "-f", "-q", "--"]).args(words);
            git.input_file(share()?).run()?;
        }
        Ok(())
    }

    /// Whether a file can be written there without anything else making room.
    fn is_free(&self, path: &RepoPath) -> bool {
        let place = self.place(path);
        let parent = place.parent().unwrap_or(self.worktree);
        folders::first_not_plain(self.worktree, parent).is_none()
            && !place.symlink_metadata().is_ok_and(|at| at.is_dir())
    }

    /// Whether what is there is of one of the commits, or the beginning of it.
    fn is_ours(&self, repo: &Repo, path: &Both, there: Entry) -> Result<bool> {
        let known = || [path.from, path.to].into_iter().flatten();
        if known().any(|entry| entry.id == there.id) {
            return Ok(true);
        }
        let Some(part) = self.content(&path.path)? else { return Ok(false) };
        for entry in known().filter(|entry| entry.mode.is_file()) {
            if repo.objects()?.blob_size(entry.id)? > LARGEST {
                continue;
            }
            let mut option = std::ffi::OsString::from("--path=");
            option.push(path.path.as_bstr().to_os_str_lossy());
            let git = self.git().args(["cat-file", "--filters"]).arg(option).arg(entry.id.to_string());
            if git.stdout()?.starts_with(&part) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn content(&self, path: &RepoPath) -> Result<Option<Vec<u8>>> {
        let place = self.place(path);
        match place.symlink_metadata() {
            Ok(found) if found.is_file() && found.len() <= LARGEST => {
                Ok(Some(fs::read(&place).with_context(|| format!("cannot read `{path}`"))?))
            }
            _ => Ok(None),
        }
    }

    /// What is there now, as Git would store it; a folder and what lies behind a link count as nothing.
    fn found(&self, objects: &Objects, differ: &[Both]) -> Result<BTreeMap<RepoPath, Entry>> {
        let mut found = BTreeMap::new();
        let mut files: Vec<(&RepoPath, Mode)> = Vec::new();
        for path in differ.iter().map(|path| &path.path) {
            let place = self.place(path);
            if folders::first_not_plain(self.worktree, place.parent().unwrap_or(self.worktree)).is_some() {
                continue;
            }
            match place.symlink_metadata() {
                Ok(at) if at.is_symlink() => {
                    let to = fs::read_link(&place).with_context(|| format!("cannot read `{path}`"))?;
                    let id = objects.blob_id(to.as_os_str().as_bytes())?;
                    found.insert(path.clone(), Entry { mode: Mode::Link, id });
                }
                Ok(at) if at.is_file() => {
                    let runs = at.permissions().mode() & 0o100 != 0;
                    files.push((path, if runs { Mode::Executable } else { Mode::File }));
                }
                _ => {}
            }
        }
        for some in files.chunks(WORDS) {
            let words = some.iter().map(|(path, _)| path.as_bstr().to_os_str_lossy().into_owned());
            let printed = self.git().args(["hash-object", "--"]).args(words).stdout()?;
            for ((path, mode), id) in some.iter().zip(printed.lines()) {
                let id = BlobId::from_hex(id).context("`git hash-object` prints no id")?;
                found.insert((*path).clone(), Entry { mode: *mode, id });
            }
        }
        Ok(found)
    }

    /// The paths at which the index differs from a commit.
    fn staged_beside(&self, commit: CommitId) -> Result<BTreeSet<RepoPath>> {
        let words = ["diff-index", "--cached", "--no-renames", "--name-only", "-z", &commit.to_string(), "--"];
        let printed = self.git().args(words).stdout()?;
        Ok(printed.split(|byte| *byte == 0).filter_map(RepoPath::try_new).collect())
    }

    fn differ(&self, repo: &Repo) -> Result<Vec<Both>> {
        let objects = repo.objects()?;
        let (from, to) = (objects.commit(self.from)?.tree, objects.commit(self.to)?.tree);
        let trees = Trees::new(&objects);
        let leaf =
            |tree, path: &RepoPath| Ok::<_, anyhow::Error>(trees.lookup(tree, path)?.as_ref().and_then(Node::leaf));
        let both = |path: RepoPath| Ok(Both { from: leaf(from, &path)?, to: leaf(to, &path)?, path });
        trees.changed(from, to)?.into_iter().map(both).collect()
    }

    fn place(&self, path: &RepoPath) -> PathBuf {
        self.worktree.join(std::ffi::OsString::from_vec(path.as_bstr().to_vec()))
    }

    fn git(&self) -> Git {
        Git::at(self.worktree).args(["-c", "core.fsmonitor=false", "-c", "gc.auto=0", "-c", "maintenance.auto=false"])
    }
}
