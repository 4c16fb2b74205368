//! A commit made again somewhere else: with its message, its author and when that was.

use anyhow::{Context, Result, anyhow};
use bstr::ByteSlice;
use gix_object::{CommitRefIter, Kind};

use super::Scratch;
use crate::model::{CommitId, TreeId};

/// Writes a commit like `original` with another tree and another parent, committed by the user and signed where they sign.
pub fn again(scratch: &Scratch, original: CommitId, (tree, parent): (TreeId, CommitId)) -> Result<CommitId> {
    let (kind, data) = scratch.objects().raw(original.raw())?;
    if kind != Kind::Commit {
        return Err(anyhow!("{original} is no commit"));
    }
    let fields = || CommitRefIter::from_bytes(&data, scratch.objects().hash());
    let author = fields().author().map_err(|error| anyhow!("{error}"))?;
    let message = fields().message().map_err(|error| anyhow!("{error}"))?;
    let encoding = data.lines().take_while(|line| !line.is_empty()).find_map(|line| line.strip_prefix(b"encoding "));
    let encoding = encoding.unwrap_or(b"UTF-8").to_str_lossy().into_owned();
    let signs = scratch.git().args(["config", "--type=bool", "--get", "commit.gpgSign"]).line()?;
    let mut git = scratch.git().args(["-c", &format!("i18n.commitEncoding={encoding}"), "commit-tree", "-F", "-"]);
    if signs.as_deref() == Some("true") {
        git = git.arg("-S");
    }
    let git = git.input(message.to_vec()).env("GIT_AUTHOR_NAME", author.name.to_os_str_lossy());
    let git = git.env("GIT_AUTHOR_EMAIL", author.email.to_os_str_lossy());
    let git = git.env("GIT_AUTHOR_DATE", format!("@{}", author.time));
    let printed = git.args(["-p", &parent.to_string(), &tree.to_string()]).stdout()?;
    CommitId::from_hex(printed.trim_ascii_end()).context("`git commit-tree` prints no id")
}
