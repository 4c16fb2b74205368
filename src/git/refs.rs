//! Refs and revisions, asked of Git, which knows every storage format.

use anyhow::{Context, Result, bail};
use bstr::ByteSlice;

use super::Repo;
use crate::model::{CommitId, TreeId, Treeish};

/// Refs that put other objects in the place of some.
const REPLACED: &str = "refs/replace/";

/// A ref and the commit it leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ref {
    /// Its full name.
    pub name: String,
    /// The commit, tags peeled; `None` where it leads to something else.
    pub commit: Option<CommitId>,
}

/// A commit of a line, with its message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// Which commit.
    pub commit: CommitId,
    /// Its parents.
    pub parents: Vec<CommitId>,
    /// Its message.
    pub message: Vec<u8>,
}

impl Repo {
    /// The first parents from `tip` down to `since`, which is the first of them; oldest first.
    pub fn first_parents(&self, tip: CommitId, since: CommitId) -> Result<Vec<Logged>> {
        self.logged(&[tip.to_string(), "--not".into(), format!("{since}^@")])
    }

    /// The first parents from `tip` down that say which track landed by them, or what they revert; oldest first.
    pub fn landings_and_reverts(&self, tip: CommitId) -> Result<Vec<Logged>> {
        self.logged(&["--grep=^Track: ".into(), "--grep=This reverts commit ".into(), tip.to_string()])
    }

    fn logged(&self, words: &[String]) -> Result<Vec<Logged>> {
        let git =
            self.git().args(["log", "-z", "--first-parent", "--reverse", "--format=%H %P%n%B", "--no-show-signature"]);
        let printed = git.arg("--basic-regexp").args(words).arg("--").stdout()?;
        let read = |row: &[u8]| {
            let (ids, message) = row.split_once_str("\n")?;
            let mut ids = ids.split_str(" ").filter_map(CommitId::from_hex);
            Some(Logged { commit: ids.next()?, parents: ids.collect(), message: message.to_vec() })
        };
        let rows = printed.split(|byte| *byte == 0).filter(|row| !row.is_empty());
        rows.map(|row| read(row).context("`git log` prints a row that cannot be read")).collect()
    }

    /// The refs that match `patterns` (full names, folders of names, or globs), in Git's order. None given: none. Never
    /// those that replace objects.
    pub fn refs<S: AsRef<str>>(&self, patterns: &[S]) -> Result<Vec<Ref>> {
        if patterns.is_empty() {
            return Ok(Vec::new());
        }
        let format = "--format=%(refname)%00%(objecttype)%00%(objectname)%00%(*objecttype)%00%(*objectname)";
        let git = self.git().args(["for-each-ref", format, "--", REPLACED]);
        let found = match git.args(patterns.iter().map(AsRef::as_ref)).stdout() {
            Ok(printed) => lines(&printed).map(parse_ref).collect(),
            // One ref that leads to nothing makes Git name none.
            Err(error) => self.refs_to_nothing(patterns).map_err(|_| error)?,
        };
        let (replaced, found): (Vec<Ref>, Vec<Ref>) = found.into_iter().partition(|it| it.name.starts_with(REPLACED));
        // Every run has to know it: asked on the way it costs no process of its own.
        self.note_replaced(!replaced.is_empty());
        Ok(found)
    }

    /// The same where an object is missing or cannot be read. A branch keeps the commit that it names: whoever reads that
    /// learns what is wrong, and with which track.
    fn refs_to_nothing<S: AsRef<str>>(&self, patterns: &[S]) -> Result<Vec<Ref>> {
        let git = self.git().args(["for-each-ref", "--format=%(refname)%00%(objectname)", "--", REPLACED]);
        let printed = git.args(patterns.iter().map(AsRef::as_ref)).stdout()?;
        let named: Vec<(String, String)> = lines(&printed)
            .filter_map(|line| line.to_str_lossy().split_once('\0').map(|(name, id)| (name.to_owned(), id.to_owned())))
            .collect();
        let commits = self.commits(&named.iter().map(|(_, id)| id).collect::<Vec<_>>())?;
        let found = |((name, id), commit): ((String, String), Option<CommitId>)| {
            let named = || CommitId::from_hex(id.as_bytes()).filter(|_| name.starts_with("refs/heads/"));
            Ref { commit: commit.or_else(named), name }
        };
        Ok(named.into_iter().zip(commits).map(found).collect())
    }

    /// The commit that each of `names` leads to, in order; `None` where there is no such revision. Any revision Git
    /// understands will do (`HEAD~2`, a tag, an id).
    pub fn commits<S: AsRef<str>>(&self, names: &[S]) -> Result<Vec<Option<CommitId>>> {
        self.peeled(names.iter().map(|name| format!("{}^{{commit}}", name.as_ref())).collect())
            .map(|found| found.into_iter().map(|id| id.map(CommitId::new)).collect())
    }

    /// The commit, or else the tree, that each of `names` leads to, in order; `None` where there is neither.
    pub fn treeishes<S: AsRef<str>>(&self, names: &[S]) -> Result<Vec<Option<Treeish>>> {
        let kinds = |name: &S| ["commit", "tree"].map(|kind| format!("{}^{{{kind}}}", name.as_ref()));
        let found = self.peeled(names.iter().flat_map(kinds).collect())?;
        let either = |both: &[Option<gix_hash::ObjectId>]| {
            both[0].map(|id| Treeish::Commit(CommitId::new(id))).or(both[1].map(|id| Treeish::Tree(TreeId::new(id))))
        };
        Ok(found.chunks_exact(2).map(either).collect())
    }

    /// The object that each revision, which names the kind it is peeled to, leads to.
    fn peeled(&self, revisions: Vec<String>) -> Result<Vec<Option<gix_hash::ObjectId>>> {
        if revisions.is_empty() {
            return Ok(Vec::new());
        }
        if let Some(bad) = revisions.iter().find(|revision| revision.contains(['\n', '\0'])) {
            bail!("a revision cannot hold a line break: {bad:?}");
        }
        let input: String = revisions.iter().map(|revision| format!("{revision}\n")).collect();
        // `HEAD` and its likes mean those of the worktree that somebody is in.
        let git = super::Git::on(&self.git_dir, &self.git_dir);
        let printed = git.args(["cat-file", "--batch-check"]).input(input).stdout()?;
        let found: Vec<Option<gix_hash::ObjectId>> = printed.lines().map(parse_checked).collect();
        if found.len() != revisions.len() {
            bail!("`git cat-file` answered {} of {} questions", found.len(), revisions.len());
        }
        Ok(found)
    }

    /// Moves `name` from `old` (`None`: it does not exist) to `new`, refusing if it is elsewhere by then.
    pub fn update_ref(&self, name: &str, new: CommitId, old: Option<CommitId>) -> Result<()> {
        self.move_ref(name, (old, new), "tracks: integration")
    }

    /// The same, with the line that the reflog gets.
    pub fn move_ref(&self, name: &str, (old, new): (Option<CommitId>, CommitId), why: &str) -> Result<()> {
        let null = gix_hash::ObjectId::null(self.hash);
        let old = old.map_or(null, |id| id.raw());
        let git = self.git().args(["update-ref", "-m", why, "--end-of-options", name]);
        git.args([new.to_string(), old.to_string()]).run().with_context(|| format!("cannot move `{name}`"))
    }

    /// Whether a commit is another one, or one that it descends from.
    pub fn is_ancestor(&self, ancestor: CommitId, of: CommitId) -> Result<bool> {
        let words = ["merge-base", "--is-ancestor", &ancestor.to_string(), &of.to_string()];
        let output = self.git().args(words).output()?;
        match output.status.code() {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            _ => Err(output.error("git merge-base")),
        }
    }

    /// Deletes refs, each only if it still leads to the commit given, all or none.
    pub fn delete_refs(&self, refs: &[(String, CommitId)]) -> Result<()> {
        let lines: String = refs.iter().map(|(name, id)| format!("delete {name}\0{id}\0")).collect();
        let lines = super::heads::transaction(&lines);
        self.git().args(["update-ref", "--stdin", "-z"]).input(lines).run()
    }

    /// What a symbolic ref leads to; `None` where it is none.
    pub fn symbolic_ref(&self, name: &str) -> Result<Option<String>> {
        // Never packed: where refs are files, one that leads to another is a file of its own.
        let file = self.common_dir.join(name);
        if !self.common_dir.join("reftable").exists() && file.symlink_metadata().is_err() {
            return Ok(None);
        }
        self.git().args(["symbolic-ref", "--quiet", name]).line()
    }
}

fn lines(printed: &[u8]) -> impl Iterator<Item = &[u8]> {
    printed.split(|b| *b == b'\n').filter(|line| !line.is_empty())
}

fn parse_ref(line: &[u8]) -> Ref {
    let mut fields = line.split(|b| *b == 0);
    let mut next = || fields.next().unwrap_or_default();
    let name = String::from_utf8_lossy(next()).into_owned();
    let (kind, id, peeled_kind, peeled) = (next(), next(), next(), next());
    let commit = match (kind, peeled_kind) {
        (b"commit", _) => CommitId::from_hex(id),
        (b"tag", b"commit") => CommitId::from_hex(peeled),
        _ => None,
    };
    Ref { name, commit }
}

/// Reads `<id> <kind> <size>`; anything else says that there is no such object.
fn parse_checked(line: &[u8]) -> Option<gix_hash::ObjectId> {
    let mut words = line.split_str(" ");
    let id = gix_hash::ObjectId::from_hex(words.next()?).ok()?;
    matches!(words.next(), Some(b"commit" | b"tree")).then_some(id)
}
