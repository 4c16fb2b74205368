//! What a checkpoint holds, and the text that says so.
//!
//! The text is lines of words with one space between them, ended by a line feed; it begins with `tracks checkpoint 1`.
//! Paths and messages are bytes in C style between double quotes, as Git quotes paths; ids are in hexadecimal, modes are
//! permission bits in octal, times are seconds since 1970. A line is one of
//!
//! ```text
//! track ID                         message "TEXT"              time SECONDS
//! branch NAME [TIP]                head NAME|COMMIT            tip COMMIT
//! operation NAME                   index MODE SECONDS.NANOSECONDS BLOB
//! file MODE BLOB "PATH"            link BLOB "PATH"            folder MODE "PATH"
//! uncommitted "PATH"               left-out WHY "PATH"
//! state MODE BLOB "PATH"           ref NAME COMMIT
//! ```
//!
//! The content of a link is where it leads. `state` is a file in the Git folder of the worktree, `ref` one that the
//! worktree has for itself.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};

use super::state;
use crate::git::heads::{self, Head};
use crate::git::quote::{quoted, unquoted};
use crate::host::below::PERMISSIONS;
use crate::model::{BlobId, BranchName, CommitId, RepoPath, TrackId};

const HEADING: &str = "tracks checkpoint 1";

/// One track as it stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Which track.
    pub track: TrackId,
    /// What somebody said about it; may be empty.
    pub message: Vec<u8>,
    /// When it was taken, by the clock of the machine.
    pub time: i64,
    /// The branch of the track.
    pub branch: BranchName,
    /// The tip of that branch; `None` where it had no commit.
    pub branch_tip: Option<CommitId>,
    /// What was checked out.
    pub head: Head,
    /// The commit that was checked out; `None` before the first one.
    pub tip: Option<CommitId>,
    /// What Git was in the middle of.
    pub operation: Option<String>,
    /// The index; `None` where there was none.
    pub index: Option<Index>,
    /// Everything in the worktree that is tracked, or untracked and not ignored.
    pub files: BTreeMap<RepoPath, Item>,
    /// The paths that `git status` named.
    pub uncommitted: Vec<RepoPath>,
    /// What is not in it, or not for certain.
    pub left_out: Vec<(RepoPath, Why)>,
    /// Files of the worktree's Git folder.
    pub state: BTreeMap<RepoPath, (u32, BlobId)>,
    /// Refs that the worktree has for itself.
    pub refs: BTreeMap<String, CommitId>,
}

/// A copy of an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Index {
    /// Its content.
    pub id: BlobId,
    /// Its permissions.
    pub mode: u32,
    /// When it was written: a file that is as old may have been changed behind its back.
    pub written: (i64, u32),
}

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// A file, with its permissions.
    File(u32, BlobId),
    /// A link, with where it leads as its content.
    Link(BlobId),
    /// A folder, with its permissions.
    Folder(u32),
}

impl Item {
    /// Its content; a folder has none of its own.
    pub fn id(self) -> Option<BlobId> {
        match self {
            Item::File(_, id) | Item::Link(id) => Some(id),
            Item::Folder(_) => None,
        }
    }
}

/// Why something is not in a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// A repository of its own.
    Repository,
    /// A device, a pipe or a socket.
    Special,
    /// It changed each time it was read: what is in the checkpoint may be neither the old nor the new content.
    Changing,
}

impl Why {
    const ALL: [Why; 3] = [Why::Repository, Why::Special, Why::Changing];

    fn word(self) -> &'static str {
        match self {
            Why::Repository => "repository",
            Why::Special => "special",
            Why::Changing => "changing",
        }
    }

    /// The reason, as the end of a sentence that begins with the path.
    pub fn sentence(self) -> &'static str {
        match self {
            Why::Repository => "is a repository of its own, and not in the checkpoint",
            Why::Special => "is no file, link or folder, and not in the checkpoint",
            Why::Changing => "changed whenever it was read: the checkpoint may hold half of it",
        }
    }
}

impl Manifest {
    /// Whether this one, the earlier, holds the same work as `other`, whenever they were taken and whatever was said. With
    /// an index that was written later, Git would look at fewer files.
    pub fn same_work(&self, other: &Manifest) -> bool {
        let written = |manifest: &Manifest| manifest.index.map(|index| index.written);
        let bare = |manifest: &Manifest| {
            let index = manifest.index.map(|index| Index { written: (0, 0), ..index });
            Manifest { time: 0, message: Vec::new(), index, ..manifest.clone() }
        };
        written(self) <= written(other) && bare(self) == bare(other)
    }

    /// Every content of a file or a link.
    pub fn contents(&self) -> impl Iterator<Item = BlobId> {
        self.files.values().filter_map(|item| item.id())
    }

    /// Every content that it names.
    pub fn ids(&self) -> impl Iterator<Item = BlobId> {
        self.contents().chain(self.state.values().map(|(_, id)| *id)).chain(self.index.map(|index| index.id))
    }

    /// The text.
    pub fn text(&self) -> Vec<u8> {
        let mut text = Text(format!("{HEADING}\n").into_bytes());
        text.line(&format!("track {}", self.track), None);
        text.line("message", Some(&self.message));
        text.line(&format!("time {}", self.time), None);
        let tip = self.branch_tip.map(|tip| format!(" {tip}")).unwrap_or_default();
        text.line(&format!("branch {}{tip}", self.branch), None);
        match &self.head {
            Head::Branch(name) => text.line(&format!("head {name}"), None),
            Head::Detached(id) => text.line(&format!("head {id}"), None),
        }
        self.tip.iter().for_each(|tip| text.line(&format!("tip {tip}"), None));
        self.operation.iter().for_each(|name| text.line(&format!("operation {name}"), None));
        if let Some(Index { id, mode, written: (seconds, nanoseconds) }) = self.index {
            text.line(&format!("index {mode:o} {seconds}.{nanoseconds:09} {id}"), None);
        }
        for (path, item) in &self.files {
            let words = match item {
                Item::File(mode, id) => format!("file {mode:o} {id}"),
                Item::Link(id) => format!("link {id}"),
                Item::Folder(mode) => format!("folder {mode:o}"),
            };
            text.line(&words, Some(path.as_bstr()));
        }
        self.uncommitted.iter().for_each(|path| text.line("uncommitted", Some(path.as_bstr())));
        self.left_out
            .iter()
            .for_each(|(path, why)| text.line(&format!("left-out {}", why.word()), Some(path.as_bstr())));
        for (path, (mode, id)) in &self.state {
            text.line(&format!("state {mode:o} {id}"), Some(path.as_bstr()));
        }
        self.refs.iter().for_each(|(name, id)| text.line(&format!("ref {name} {id}"), None));
        text.0
    }

    /// Reads the text. It may come from anywhere: what would lead out of the worktree is refused.
    pub fn parse(text: &[u8]) -> Result<Manifest> {
        let rest = text.strip_prefix(HEADING.as_bytes()).and_then(|rest| rest.strip_prefix(b"\n"));
        let rest = rest.context("it is no checkpoint of a version that is known here")?;
        let mut draft = Draft::default();
        for line in rest.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let named = || format!("a line cannot be read: {}", crate::model::text::escaped(line));
            draft.take(line).with_context(named)?;
        }
        draft.finish()
    }
}

struct Text(Vec<u8>);

impl Text {
    fn line(&mut self, words: &str, bytes: Option<&[u8]>) {
        self.0.extend_from_slice(words.as_bytes());
        if let Some(bytes) = bytes {
            self.0.push(b' ');
            self.0.extend_from_slice(&quoted(bytes));
        }
        self.0.push(b'\n');
    }
}

/// A manifest, line by line.
#[derive(Default)]
struct Draft {
    track: Option<TrackId>,
    message: Vec<u8>,
    time: i64,
    branch: Option<(BranchName, Option<CommitId>)>,
    head: Option<Head>,
    tip: Option<CommitId>,
    operation: Option<String>,
    index: Option<Index>,
    files: BTreeMap<RepoPath, Item>,
    uncommitted: Vec<RepoPath>,
    left_out: Vec<(RepoPath, Why)>,
    state: BTreeMap<RepoPath, (u32, BlobId)>,
    refs: BTreeMap<String, CommitId>,
}

impl Draft {
    fn take(&mut self, line: &[u8]) -> Result<()> {
        let (words, bytes) = match line.iter().position(|byte| *byte == b'"') {
            Some(at) => (&line[..at], Some(unquoted(&line[at..]).context("the quotes are wrong")?)),
            None => (line, None),
        };
        let words: Vec<&str> = std::str::from_utf8(words)?.split_ascii_whitespace().collect();
        match (words.as_slice(), bytes) {
            (["track", id], None) => self.track = Some(TrackId::new(id).map_err(anyhow::Error::msg)?),
            (["message"], Some(bytes)) => self.message = bytes,
            (["time", seconds], None) => self.time = seconds.parse()?,
            (["branch", name, tip @ ..], None) => {
                let tip = tip.first().map(|tip| commit(tip)).transpose()?;
                self.branch = Some((BranchName::new(name).map_err(anyhow::Error::msg)?, tip));
            }
            (["head", name], None) => self.head = Some(head(name)?),
            (["tip", id], None) => self.tip = Some(commit(id)?),
            (["operation", name], None) => self.operation = Some((*name).to_owned()),
            (["index", mode, written, id], None) => self.index = Some(index(mode, written, id)?),
            (["file", mode, id], Some(path)) => self.file(path, Item::File(octal(mode)?, blob(id)?))?,
            (["link", id], Some(path)) => self.file(path, Item::Link(blob(id)?))?,
            (["folder", mode], Some(path)) => self.file(path, Item::Folder(octal(mode)?))?,
            (["uncommitted"], Some(path)) => self.uncommitted.push(plain(path)?),
            (["left-out", word], Some(path)) => {
                let why = Why::ALL.into_iter().find(|why| why.word() == *word).context("the reason is not known")?;
                self.left_out.push((plain(path)?, why));
            }
            (["state", mode, id], Some(path)) => {
                let path = plain(path)?;
                anyhow::ensure!(state::is_ours(&path), "it is no file of an unfinished operation");
                self.state.insert(path, (octal(mode)?, blob(id)?));
            }
            (["ref", name, id], None) if heads::is_own(name) => drop(self.refs.insert((*name).to_owned(), commit(id)?)),
            _ => bail!("it is none of those that are known here"),
        }
        Ok(())
    }

    fn file(&mut self, path: Vec<u8>, item: Item) -> Result<()> {
        self.files.insert(safe(plain(path)?)?, item);
        Ok(())
    }

    fn finish(self) -> Result<Manifest> {
        let (branch, branch_tip) = self.branch.context("it names no branch")?;
        Ok(Manifest {
            track: self.track.context("it names no track")?,
            message: self.message,
            time: self.time,
            branch,
            branch_tip,
            head: self.head.context("it names no head")?,
            tip: self.tip,
            operation: self.operation,
            index: self.index,
            files: self.files,
            uncommitted: self.uncommitted,
            left_out: self.left_out,
            state: self.state,
            refs: self.refs,
        })
    }
}

fn head(name: &str) -> Result<Head> {
    match name.strip_prefix("refs/heads/") {
        Some(branch) => Ok(Head::Branch(BranchName::new(branch).map_err(anyhow::Error::msg)?.full())),
        None => commit(name).map(Head::Detached),
    }
}

fn index(mode: &str, written: &str, id: &str) -> Result<Index> {
    let (seconds, nanoseconds) = written.split_once('.').context("the time is wrong")?;
    Ok(Index { id: blob(id)?, mode: octal(mode)?, written: (seconds.parse()?, nanoseconds.parse()?) })
}

fn commit(hex: &str) -> Result<CommitId> {
    CommitId::from_hex(hex.as_bytes()).context("the id is wrong")
}

fn blob(hex: &str) -> Result<BlobId> {
    BlobId::from_hex(hex.as_bytes()).context("the id is wrong")
}

fn octal(digits: &str) -> Result<u32> {
    Ok(u32::from_str_radix(digits, 8)? & PERMISSIONS)
}

fn plain(path: Vec<u8>) -> Result<RepoPath> {
    let bad = |part: &[u8]| part.is_empty() || part == b"." || part == b".." || part.contains(&0);
    match path.split(|byte| *byte == b'/').any(bad) {
        true => bail!("the path leads elsewhere"),
        false => RepoPath::try_new(path).context("the path is empty"),
    }
}

/// Refuses a path into a Git folder.
fn safe(path: RepoPath) -> Result<RepoPath> {
    match path.as_bstr().split(|byte| *byte == b'/').any(is_git_folder) {
        true => bail!("the path leads into a Git folder"),
        false => Ok(path),
    }
}

/// Whether a name is that of a Git folder, on any file system.
pub fn is_git_folder(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b".git") || name.eq_ignore_ascii_case(b"git~1")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Index, Item, Manifest, Why};
    use crate::git::heads::Head;
    use crate::model::{BlobId, BranchName, CommitId, RepoPath, TrackId};

    fn manifest() -> Manifest {
        let blob = |digit: &str| BlobId::from_hex(digit.repeat(40).as_bytes()).expect("an id");
        let commit = CommitId::from_hex(&[b'a'; 40]).expect("an id");
        let path = |bytes: &[u8]| RepoPath::new(bytes);
        Manifest {
            track: TrackId::new("a").expect("valid"),
            message: b"before the \"great\"\nrename".to_vec(),
            time: 1_727_784_000,
            branch: BranchName::new("feature/a").expect("valid"),
            branch_tip: Some(commit),
            head: Head::Detached(commit),
            tip: Some(commit),
            operation: Some("rebase".into()),
            index: Some(Index { id: blob("1"), mode: 0o644, written: (1_727_784_000, 7) }),
            files: BTreeMap::from([
                (path(b"a\n\xff \\"), Item::File(0o755, blob("2"))),
                (path(b"l"), Item::Link(blob("3"))),
                (path(b"x/y"), Item::Folder(0o700)),
            ]),
            uncommitted: vec![path(b"l")],
            left_out: vec![(path(b"emb"), Why::Repository)],
            state: BTreeMap::from([(path(b"rebase-merge/done"), (0o644, blob("4")))]),
            refs: BTreeMap::from([("refs/bisect/bad".into(), commit)]),
        }
    }

    #[test]
    fn the_text_says_all_of_it() {
        let manifest = manifest();
        assert_eq!(Manifest::parse(&manifest.text()).expect("parsed"), manifest);
        let later = Manifest { time: 9, message: Vec::new(), ..manifest.clone() };
        assert!(manifest.same_work(&later));
        assert!(!manifest.same_work(&Manifest { tip: None, ..manifest.clone() }));
    }

    #[test]
    fn what_leads_elsewhere_is_refused() {
        let text = manifest().text();
        let id = "2".repeat(40);
        for path in ["../x", "/x", "a//b", "a/./b", ".git/hooks/x", "a/.GIT/config", "a\\000"] {
            let line = format!("file 644 {id} \"{path}\"\n");
            assert!(Manifest::parse(&[&text, line.as_bytes()].concat()).is_err(), "{path}");
        }
        for line in ["state 644 ID \"config\"", "state 644 ID \"hooks/x\"", "ref refs/heads/x ID", "other \"x\""] {
            let line = format!("{}\n", line.replace("ID", &id));
            assert!(Manifest::parse(&[&text, line.as_bytes()].concat()).is_err(), "{line}");
        }
        assert!(Manifest::parse(b"tracks checkpoint 2\n").is_err());
    }
}
