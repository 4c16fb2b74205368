//! A worktree that was being made when its run was ended: taken away, unless somebody works in it. Git leaves folders of
//! its own half written then, at which every Git in the repository fails.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use bstr::ByteSlice;

use super::change::{Made, Making};
use super::place;
use crate::git::{Objects, Repo, tree};
use crate::host::folders::{self, Found};
use crate::host::{copy, files};
use crate::model::{CommitId, Entry, Mode, RepoPath};

/// A file that leads from a worktree to its Git folder, or back.
const LONGEST: u64 = 1 << 16;

/// The folders that Git keeps of worktrees.
pub(super) fn admins(repo: &Repo) -> Result<Vec<PathBuf>> {
    let home = repo.common_dir.join("worktrees");
    Ok(folders::names(&home)?.into_iter().map(|name| home.join(name)).collect())
}

/// Takes away what there is of a worktree that is not made to the end; says in `made` if it turns out to be whole.
pub(super) fn clear(repo: &Repo, made: &mut Made, known: &[PathBuf], remarks: &mut Vec<String>) -> Result<()> {
    if made.state != Making::Begun {
        return Ok(());
    }
    let admins = its_admins(repo, made, known)?;
    let shown = made.path.display().to_string();
    let begun = match folders::look(&made.path)? {
        Found::Folder => leads_to(&made.path).is_some_and(|to| {
            // Git takes its own folder away before the worktree when it gives up.
            let gone = || is_new(repo, (made, known), &to) && !files::is_there(&to);
            to.as_os_str().is_empty() || admins.contains(&to) || gone()
        }),
        _ => false,
    };
    let ours = begun && only_ours(repo, made)?;
    if begun && !ours && admins.iter().any(|admin| is_complete(admin)) {
        // Git was through with it, and somebody has begun to work.
        remarks.push(format!("the worktree `{shown}` stays: there is work in it"));
        made.state = Making::Whole;
        return Ok(());
    }
    for admin in &admins {
        let gone = place::new_in_trash(repo);
        place::shift(admin, &gone)?;
        folders::remove(&gone)?;
    }
    folders::remove_empty(&place::trash(repo), &repo.state_dir());
    folders::remove_empty(&repo.common_dir.join("worktrees"), &repo.common_dir);
    if begun && ours {
        folders::remove(&made.path)?;
    } else if begun {
        let kept = place::kept(repo, &made.track);
        files::remove(&made.path.join(".git"))?;
        copy::shift(&made.path, &kept)?;
        remarks.push(format!("files in `{shown}` that are in no commit are in `{}` now", kept.display()));
    }
    Ok(())
}

/// Moves the ignored files back that were kept of a worktree which is made again.
pub fn bring_back(repo: &Repo, made: &Made) -> Result<()> {
    if !made.from.starts_with(repo.state_dir()) {
        return Ok(());
    }
    for path in &made.given {
        let (from, to) = (made.from.join(path), made.path.join(path));
        if files::is_there(&from) && !files::is_there(&to) {
            copy::shift(&from, &to)?;
        }
    }
    folders::remove_empty(&made.from, &repo.state_dir());
    Ok(())
}

/// Whether Git could have made this folder for the worktree.
fn is_new(repo: &Repo, (made, known): (&Made, &[PathBuf]), admin: &Path) -> bool {
    let name = made.path.file_name().unwrap_or_default().as_bytes();
    let found = admin.file_name().unwrap_or_default().as_bytes();
    let numbered = found.strip_prefix(name).is_some_and(|rest| rest.iter().all(u8::is_ascii_digit));
    numbered && admin.parent() == Some(&repo.common_dir.join("worktrees")) && !known.iter().any(|known| known == admin)
}

/// The folders that Git made for it: those of its name that were not there before, and lead to it or nowhere.
fn its_admins(repo: &Repo, made: &Made, known: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let is_its = |path: &PathBuf| {
        let back = files::read(&path.join("gitdir"), LONGEST).ok().flatten().unwrap_or_default();
        match back.trim_ascii_end() {
            b"" => is_new(repo, (made, known), path),
            back => Path::new(OsStr::from_bytes(back)) == made.path.join(".git"),
        }
    };
    Ok(admins(repo)?.into_iter().filter(|path| !known.contains(path) && is_its(path)).collect())
}

/// Where the `.git` of a worktree leads; empty where it says nothing yet, `None` where it is none.
fn leads_to(worktree: &Path) -> Option<PathBuf> {
    let text = files::read(&worktree.join(".git"), LONGEST).ok()??;
    let text = text.trim_ascii_end();
    match text {
        b"" => Some(PathBuf::new()),
        text => Some(PathBuf::from(OsStr::from_bytes(text.strip_prefix(b"gitdir: ")?))),
    }
}

/// Whether Git was through with making it.
fn is_complete(admin: &Path) -> bool {
    files::is_there(&admin.join("index")) && !files::is_there(&admin.join("locked"))
}

/// Whether there is nothing in it but what its commit has and what it was given, as far as that got.
fn only_ours(repo: &Repo, made: &Made) -> Result<bool> {
    let branch = super::recover::tip(repo, &format!("refs/heads/{}", made.branch));
    // Git may fail at what is half made; then nobody has committed either.
    if branch.is_ok_and(|tip| tip.is_some() && tip != made.commit) {
        return Ok(false);
    }
    let objects = repo.objects()?;
    let committed = made.commit.map(|commit| entries(&objects, commit)).transpose()?.unwrap_or_default();
    let mut waiting = vec![made.path.clone()];
    while let Some(folder) = waiting.pop() {
        for name in folders::names(&folder)? {
            let path = folder.join(name);
            let below = path.strip_prefix(&made.path).context("it lies below")?;
            let is_given = || made.given.iter().any(|given| below.starts_with(given));
            match folders::look(&path)? {
                Found::Folder | Found::EmptyFolder => waiting.push(path),
                _ if below == Path::new(".git") => {}
                Found::File if is_committed(&objects, &committed, (&path, below))? => {}
                Found::File if is_given() && files::is_beginning(&path, &made.from.join(below)) => {}
                Found::Link if is_given() => {}
                Found::Link if committed.contains_key(&RepoPath::new(below.as_os_str().as_bytes())) => {}
                _ => return Ok(false),
            }
        }
    }
    Ok(true)
}

type Committed = BTreeMap<RepoPath, Entry>;

fn entries(objects: &Objects, commit: CommitId) -> Result<Committed> {
    let entries = tree::entries(objects, objects.commit(commit)?.tree, None)?;
    Ok(entries.into_iter().filter(|(_, entry)| entry.mode != Mode::Submodule).collect())
}

/// Whether a file is as its commit has it, or the beginning of that.
fn is_committed(objects: &Objects, committed: &Committed, (path, below): (&Path, &Path)) -> Result<bool> {
    let Some(entry) = committed.get(&RepoPath::new(below.as_os_str().as_bytes())) else { return Ok(false) };
    let Some(found) = files::read(path, u64::MAX - 1)? else { return Ok(true) };
    Ok(objects.blob(entry.id, u64::MAX)?.is_some_and(|content| content.starts_with_str(&found)))
}
