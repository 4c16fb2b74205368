//! What `git status` would print of a worktree, found out by looking at the files ourselves; Git is only asked about those
//! that a look proves nothing of. Read by [`super::read_at`] alone.
//!
//! `git status` compares three things: the tree of HEAD, the index, and the files. Each line that it prints of a path comes
//! of these at that path, and of the patterns that ignore; which paths are asked for decides only which lines are printed.
//! So it may be found out path by path, and what holds for one depends on no other:
//!
//! - *Staged.* The index against the tree of HEAD, both of which hold ids ([`index_diff`]). Git also believes the trees that
//!   an index keeps of its folders.
//! - *As it was entered.* Git opens no file whose kind, mode, size, times, number and owner are those in the index, unless it
//!   may have been written in the second in which the index was (`ie_match_stat`). We take the same files as they were
//!   entered, and fewer: parts of seconds must agree too.
//! - *Changed for certain.* Another mode, or another size than the one that was entered, which is not 0: Git says so without
//!   opening it (`ie_modified`). The same for what is not there, or below something that is no folder (`check_removed`).
//! - *Everything else* is asked of `git status`, by name: other stat data, files that may have been written in the second of
//!   the index, another kind, and every name that the index does not have, of which Git says whether it is ignored, what lies
//!   in it, and whether it is a repository.
//!
//! Names that the index does not have are found by counting: the files and folders of the index that were found in a folder
//! are as many names in it, and where it has no more there is no other.
//!
//! All of it holds with the settings that Git has where nothing else is said, for an index with nothing special in it, and as
//! long as HEAD, the index and the place of the worktree are the same in the end; Git is asked for that last. Otherwise the
//! answer is none at all, and Git is asked everything.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use super::looked::{self, Found, What};
use super::{Dirty, Ignored, Now, Status, everything, nested_below, parse, pathspecs, status_command};
use crate::git::index_file::{self, IndexFile};
use crate::git::{Git, Objects, index_diff, worktree};
use crate::model::{Change, CommitId, Mode, RepoPath, TreeId};

/// Of how many paths Git is asked by name: it holds each file of the index against all of them.
const MOST: usize = 40;

/// Settings that bear on what a look proves ([`super::SETTINGS`]), and the one value of each with which it does.
const USUAL: [(&str, &str); 9] = [
    ("core.checkstat", "default"),
    ("core.filemode", "true"),
    ("core.fsmonitor", "false"),
    ("core.ignorecase", "false"),
    ("core.ignorestat", "false"),
    ("core.precomposeunicode", "false"),
    ("core.sparsecheckout", "false"),
    ("core.symlinks", "true"),
    ("core.trustctime", "true"),
];
/// Settings that have it look elsewhere, or be configured otherwise than the list of settings says.
const ELSEWHERE: [&str; 3] = ["core.worktree", "includeif.onbranch:", "includeif.hasconfig:"];
/// What every repository sets: where it is listed, so are the others.
const ALWAYS: &str = "core.repositoryformatversion";

/// What is uncommitted in `worktree`, whose HEAD has this tree; `None` where that takes `git status`. Objects must be what
/// their ids say: nothing is replaced.
pub(super) fn read(worktree: &Path, nested: &[PathBuf], (objects, tree): (&Objects, TreeId)) -> Option<Status> {
    let file = worktree::git_dir_of(worktree)?.join("index");
    let index = IndexFile::read(&file, objects.hash())?;
    let below = nested_below(worktree, nested).filter_map(RepoPath::try_new).collect::<BTreeSet<_>>();
    let found = looked::look(worktree, &index, &below, MOST)?;
    let staged = index_diff::staged(&index, objects, tree).ok()?;
    let was_submodule = |change: &Change| change.before.is_some_and(|before| before.mode == Mode::Submodule);
    let is_nested = |change: &Change| below.iter().any(|folder| change.path.is_within(folder));
    if staged.iter().any(|change| was_submodule(change) || is_nested(change)) {
        return None;
    }
    let open: Vec<&RepoPath> = found.iter().filter(|it| it.what == What::Open).map(|it| &it.path).collect();
    let mut status = match open.is_empty() {
        true => Status::default(),
        false => ask(worktree, nested, &open)?,
    };
    let (head, branch) = standing(worktree)?;
    if index_file::stamp(&file) != Some(index.stamp) || !open.is_empty() && status.head != Some(head) {
        return None;
    }
    let mut files = certain(&index, staged, &found);
    files.append(&mut status.files);
    files.sort_by(|a, b| (a.now == Now::Untracked, &a.path).cmp(&(b.now == Now::Untracked, &b.path)));
    Some(Status { head: Some(head), branch, files, ..status })
}

/// What needs no asking: what is staged, and the files of which a look says enough.
fn certain(index: &IndexFile, staged: Vec<Change>, found: &[Found]) -> Vec<Dirty> {
    let standing = |change: Change| (change.path, change.after.map_or(Now::Gone, Now::Staged));
    let mut files: BTreeMap<RepoPath, Now> = staged.into_iter().map(standing).collect();
    for Found { path, what } in found {
        match *what {
            What::Gone => drop(files.insert(path.clone(), Now::Gone)),
            What::Changed(mode, at) => {
                files.insert(path.clone(), Now::OnDisk { mode, staged: index.entry(at).id });
            }
            What::Open => {}
        }
    }
    // What Git says of these is all of it.
    for Found { path, .. } in found.iter().filter(|found| found.what == What::Open) {
        files.retain(|other, _| !other.is_within(path));
    }
    files.into_iter().map(|(path, now)| Dirty { path, now }).collect()
}

/// What `git status` says of some paths, and of everything below them.
fn ask(worktree: &Path, nested: &[PathBuf], open: &[&RepoPath]) -> Option<Status> {
    let literal = |path: &&RepoPath| OsString::from_vec([&b":(top,literal)"[..], path.as_bstr()].concat());
    let excluded = pathspecs(worktree, nested).into_iter().skip(2);
    let git = status_command(worktree, Ignored::Skip).args(["--branch", "--"]);
    parse(&everything(git.args(open.iter().map(literal)).args(excluded)).ok()?).ok()
}

/// What is checked out there, commit and branch, if Git takes `worktree` for one and is configured as it usually is.
fn standing(worktree: &Path) -> Option<(CommitId, Option<String>)> {
    let questions = ["--path-format=absolute", "--show-toplevel", "HEAD", "--symbolic-full-name", "HEAD"];
    let git = Git::at(worktree).arg("rev-parse").args(questions);
    let (told, output) = git.output_and_told(super::SETTINGS).ok()?;
    let lines: Vec<&[u8]> = output.stdout.split(|byte| *byte == b'\n').collect();
    let [top, commit, branch, b""] = lines[..] else { return None };
    let is_here = top == worktree.as_os_str().as_bytes();
    if !output.status.success() || !is_here || !is_usual(&told.settings) {
        return None;
    }
    let branch = match branch {
        b"HEAD" => None,
        name => Some(std::str::from_utf8(name).ok().filter(|name| name.starts_with("refs/heads/"))?.to_owned()),
    };
    Some((CommitId::from_hex(commit)?, branch))
}

/// Whether Git is configured as a look takes it to be.
pub(super) fn is_usual(settings: &[(String, String)]) -> bool {
    let is_usual = |(key, value): &(String, String)| {
        let wanted = USUAL.iter().find(|(name, _)| name == key);
        wanted.is_none_or(|(_, wanted)| wanted == value) && !ELSEWHERE.iter().any(|start| key.starts_with(start))
    };
    settings.iter().any(|(key, _)| key == ALWAYS) && settings.iter().all(is_usual)
}
