//! Notes as Git keeps them: lines of commits that hold nothing but a message, read in process and written by Git, so that
//! they have their writer's name.

use std::collections::HashSet;

use anyhow::{Result, anyhow};
use bstr::ByteSlice;
use gix_object::{CommitRefIter, Kind};

use super::objects::Commit;
use super::{Git, Objects, Repo};
use crate::model::{CommitId, WrittenNote};

/// The commits of the line that ends at `tip`, in no order. It goes on as long as messages are part of it.
pub fn line(objects: &Objects, tip: CommitId, is_part: impl Fn(&str) -> bool) -> Result<Vec<WrittenNote>> {
    let (mut found, mut seen, mut waiting) = (Vec::new(), HashSet::from([tip]), vec![tip]);
    while let Some(id) = waiting.pop() {
        let written = written(objects, id)?;
        if is_part(&written.message) {
            waiting.extend(written.parents.iter().filter(|parent| seen.insert(**parent)));
            found.push(written);
        }
    }
    Ok(found)
}

fn written(objects: &Objects, id: CommitId) -> Result<WrittenNote> {
    let (kind, data) = objects.raw(id.raw())?;
    if kind != Kind::Commit {
        return Err(anyhow!("{id} is no commit"));
    }
    let fields = || CommitRefIter::from_bytes(&data, objects.hash());
    let author = fields().author().map_err(|error| anyhow!("{error}"))?;
    let message = fields().message().map_err(|error| anyhow!("{error}"))?;
    Ok(WrittenNote {
        id,
        parents: fields().parent_ids().map(CommitId::new).collect(),
        time: author.time().map_or(0, |time| time.seconds),
        author: author.name.to_str_lossy().into_owned(),
        message: message.to_str_lossy().into_owned(),
    })
}

/// Writes the commit that keeps a note, as the user; on disk when this returns.
pub fn write(repo: &Repo, before: Option<CommitId>, message: &str) -> Result<CommitId> {
    let tree = repo.objects()?.write_tree(&[])?;
    let words = ["-c", "core.fsync=all", "-c", "i18n.commitEncoding=UTF-8", "commit-tree", "-F", "-"];
    let mut git = repo.git().args(words).input(message);
    if let Some(before) = before {
        git = git.args(["-p", &before.to_string()]);
    }
    let printed = git.arg(tree.to_string()).stdout()?;
    CommitId::from_hex(printed.trim_ascii_end()).ok_or_else(|| anyhow!("`git commit-tree` prints no id"))
}

/// Joins two lines. Whoever does it writes the same commit.
pub fn join(repo: &Repo, one: CommitId, other: CommitId, message: &str) -> Result<CommitId> {
    let objects = repo.objects()?;
    let time = objects.commit(one)?.time.max(objects.commit(other)?.time);
    let parents = vec![one.min(other), one.max(other)];
    let tree = objects.write_tree(&[])?;
    let joined = objects.write_commit(&Commit { tree, parents, time }, message)?;
    repo.sync_objects([tree.raw(), joined.raw()].into_iter())?;
    Ok(joined)
}

/// Brings refs of a remote here: what `from/*` is called there is `to/*` here, and nothing else is.
pub fn fetch(repo: &Repo, ground: &std::path::Path, remote: &str, (from, to): (&str, &str)) -> Result<()> {
    let words = ["-c", "gc.auto=0", "-c", "maintenance.auto=false", "fetch", "--quiet", "--no-tags", "--prune"];
    let git = Git::at(ground).env("GIT_DIR", &repo.common_dir).args(words);
    let git = git.args(["--no-write-fetch-head", "--no-recurse-submodules", "--end-of-options", remote]);
    git.arg(format!("+{from}/*:{to}/*")).run()
}

/// Pushes refs to where they are called the same; gives the names of those that the remote has moved on. Fails where it
/// refuses for another reason.
pub fn push(repo: &Repo, ground: &std::path::Path, remote: &str, names: &[String]) -> Result<Vec<String>> {
    let git = Git::at(ground).env("GIT_DIR", &repo.common_dir);
    let git = git.args(["push", "--porcelain", "--no-verify", "--end-of-options", remote]);
    let name = "git push";
    let output = git.args(names.iter().map(|name| format!("{name}:{name}"))).output()?;
    let rejected: Vec<String> = output.stdout.lines().filter_map(rejected).collect();
    match output.status.success() || !rejected.is_empty() {
        true => Ok(rejected),
        false => Err(output.error(name)),
    }
}

/// The name in a line such as `!\tFROM:TO\t[rejected] (fetch first)`; the remote's own refusals are no such line.
fn rejected(line: &[u8]) -> Option<String> {
    let mut fields = line.strip_prefix(b"!\t")?.split_str("\t");
    let (names, why) = (fields.next()?, fields.next()?);
    let moved =
        [&b"[rejected]"[..], b"[remote rejected] (incorrect old value", b"[remote rejected] (failed to update ref"];
    let name = names.to_str().ok()?.split_once(':')?.1.to_owned();
    (moved.iter().any(|begin| why.starts_with(begin)) || why.contains_str("cannot lock ref")).then_some(name)
}
