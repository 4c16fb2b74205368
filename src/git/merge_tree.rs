//! `git merge-tree --write-tree --stdin`: many merges decided by one process, and its answers read.
//!
//! The format is that of `git help merge-tree`, with `-z --stdin`: for every merge a status (`1` clean, `0` conflicts)
//! and the id of the tree; with conflicts then the stages, an empty field, the messages, an empty field.

use anyhow::{Context, Result};
use bstr::ByteSlice;

use super::Scratch;
use super::attributes::Source;
use crate::model::{BlobId, Entry, Mode, RepoPath, TreeId};

/// One merge to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// The base to use; `None` lets Git find it, for which both sides must be commits.
    pub base: Option<gix_hash::ObjectId>,
    /// The side that is merged into: a commit, or a tree where the base is given.
    pub ours: gix_hash::ObjectId,
    /// The side that is merged.
    pub theirs: gix_hash::ObjectId,
}

/// What Git said to one merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// No conflict, and this tree.
    Clean(TreeId),
    /// Conflicts.
    Conflicted(Stopped),
    /// Git could not do it, for this reason.
    Failed(String),
}

/// What a merge with conflicts left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// The tree with conflict markers in its files.
    pub tree: TreeId,
    /// The versions of each conflicted path: stage 1 base, 2 ours, 3 theirs.
    pub stages: Vec<Stage>,
    /// What Git has to say about it.
    pub messages: Vec<Message>,
}

/// One version of a conflicted path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// 1 base, 2 ours, 3 theirs.
    pub number: u8,
    /// Where.
    pub path: RepoPath,
    /// What.
    pub entry: Entry,
}

/// One message of a merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The paths it is about; the first is the one it is filed under.
    pub paths: Vec<RepoPath>,
    /// The stable short type, such as `CONFLICT (contents)`.
    pub kind: String,
}

/// Tries the merges and answers in their order. `attributes` says whose `.gitattributes` are in force.
///
/// A merge on which Git gives up takes the rest of its batch along; the batch is then cut in half until that merge
/// stands alone.
pub fn merge(scratch: &Scratch, attributes: impl Into<Source>, requests: &[Request]) -> Result<Vec<Answer>> {
    let attributes = attributes.into();
    let mut answers = Vec::with_capacity(requests.len());
    let mut waiting: Vec<&[Request]> = vec![requests];
    while let Some(batch) = waiting.pop() {
        if batch.is_empty() {
            continue;
        }
        let (mut answered, complaint) = attempt(scratch, &attributes, batch)?;
        match (complaint, batch.len()) {
            (None, _) => answers.append(&mut answered),
            (Some(words), 1) => answers.push(Answer::Failed(words)),
            // Git does not flush its answers before it dies: they count only from a process that ended well.
            (Some(_), count) => {
                let (first, second) = batch.split_at(count / 2);
                waiting.push(second);
                waiting.push(first);
            }
        }
    }
    Ok(answers)
}

/// Runs one batch; with what Git said if it did not answer all of it.
fn attempt(scratch: &Scratch, attributes: &Source, batch: &[Request]) -> Result<(Vec<Answer>, Option<String>)> {
    let mut input = String::new();
    for Request { base, ours, theirs } in batch {
        let base = base.map(|id| format!("{id} -- ")).unwrap_or_default();
        input.push_str(&format!("{base}{ours} {theirs}\n"));
    }
    let git = attributes.git(scratch).args(["merge-tree", "--write-tree", "-z", "--stdin"]);
    let output = git.input_file(scratch.file(input.as_bytes())?).output()?;
    if !output.status.success() {
        let words = output.stderr.lines().last().unwrap_or_default();
        let words = words.strip_prefix("fatal: ").unwrap_or(words);
        let words = if words.is_empty() { format!("git ended with {}", output.status) } else { words.to_owned() };
        return Ok((Vec::new(), Some(words)));
    }
    let mut fields = Fields(&output.stdout);
    let answers: Option<Vec<Answer>> = batch.iter().map(|_| fields.answer()).collect();
    match answers {
        Some(answers) if fields.0.is_empty() => Ok((answers, None)),
        _ => Ok((Vec::new(), Some("git gave no answer that can be read".into()))),
    }
}

/// The rest of the output, a field at a time.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn next(&mut self) -> Option<&'a [u8]> {
        let (field, rest) = self.0.split_once_str(b"\0")?;
        self.0 = rest;
        Some(field)
    }

    fn answer(&mut self) -> Option<Answer> {
        let status = self.next()?;
        let tree = TreeId::from_hex(self.next()?)?;
        match status {
            b"1" => self.next()?.is_empty().then_some(Answer::Clean(tree)),
            b"0" => {
                let stages = self.stages()?;
                let messages = self.messages()?;
                Some(Answer::Conflicted(Stopped { tree, stages, messages }))
            }
            _ => None,
        }
    }

    fn stages(&mut self) -> Option<Vec<Stage>> {
        let mut stages = Vec::new();
        loop {
            let field = self.next()?;
            if field.is_empty() {
                return Some(stages);
            }
            let (info, path) = field.split_once_str(b"\t")?;
            let mut info = info.split_str(b" ");
            let (mode, id, number) = (info.next()?, info.next()?, info.next()?);
            // Where a folder's rename moves a file into the place of another folder, Git names stages that hold nothing.
            if mode == b"000000" {
                continue;
            }
            let entry = Entry { mode: Mode::from_octal(mode)?, id: BlobId::from_hex(id)? };
            let number = number.to_str().ok()?.parse().ok()?;
            stages.push(Stage { number, path: RepoPath::try_new(path)?, entry });
        }
    }

    fn messages(&mut self) -> Option<Vec<Message>> {
        let mut messages = Vec::new();
        loop {
            let count = self.next()?;
            if count.is_empty() {
                return Some(messages);
            }
            let count: usize = count.to_str().ok()?.parse().ok()?;
            let mut paths = Vec::new();
            for _ in 0..count {
                paths.push(RepoPath::try_new(self.next()?)?);
            }
            let kind = self.next()?.to_str_lossy().into_owned();
            self.next()?;
            messages.push(Message { paths, kind });
        }
    }
}

/// Asks Git for the merge bases of two commits, all of them.
pub fn bases(scratch: &Scratch, a: gix_hash::ObjectId, b: gix_hash::ObjectId) -> Result<Vec<crate::model::CommitId>> {
    let words = ["merge-base".to_owned(), "--all".to_owned(), a.to_string(), b.to_string()];
    let output = scratch.git().args(words).output().context("cannot ask for merge bases")?;
    // Status 1 with nothing printed means that there is none.
    if !output.status.success() && !output.stderr.is_empty() {
        return Err(output.error("git merge-base"));
    }
    Ok(output.stdout.lines().filter_map(crate::model::CommitId::from_hex).collect())
}
