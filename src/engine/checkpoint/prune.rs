//! Old checkpoints dropped, as long as nothing is lost by it.

use anyhow::Result;
use bstr::ByteSlice;

use super::{Checkpoint, all};
use crate::engine::journal::{Change, Journal};
use crate::git::Repo;
use crate::host::{clock, files};
use crate::model::CommitId;
use crate::policy::config::model::Checkpoints;

const DAY: i64 = 86_400;

/// Which checkpoints stay whatever they hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// This many of each track.
    pub number: usize,
    /// Those that are no older than this.
    pub days: u32,
}

impl Retention {
    /// As it is configured.
    pub fn of(set: &Checkpoints) -> Retention {
        Retention { number: set.keep, days: set.days }
    }
}

/// What will be dropped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Checkpoints that are old, and hold nothing that is nowhere else.
    pub dropped: Vec<Checkpoint>,
    /// Checkpoints that are old, and the only place where something is.
    pub only_copies: Vec<Checkpoint>,
    /// How many are not old.
    pub young: usize,
}

impl Plan {
    /// Fixes it. What is to be dropped counts as nowhere: of two that hold the same, one stays.
    pub fn of(repo: &Repo, retention: Retention) -> Result<Plan> {
        let oldest = clock::seconds() - i64::from(retention.days) * DAY;
        let is_old = |found: &Checkpoint| found.number > retention.number && found.name.time < oldest;
        let (mut old, young): (Vec<_>, Vec<_>) = all(repo)?.into_iter().partition(is_old);
        old.sort_by_key(|found| found.name.time);
        let mut plan = Plan { young: young.len(), ..Plan::default() };
        for (at, checkpoint) in old.iter().enumerate() {
            let others = young.iter().chain(&plan.only_copies).chain(&old[at + 1..]);
            match only_copy(repo, checkpoint, others)? {
                true => plan.only_copies.push(checkpoint.clone()),
                false => plan.dropped.push(checkpoint.clone()),
            }
        }
        Ok(plan)
    }

    /// Drops them, all or none.
    pub fn carry_out(&self, repo: &Repo, journal: &Journal) -> Result<()> {
        let refs: Vec<_> = self.dropped.iter().map(|found| (found.name.reference(), found.commit)).collect();
        if refs.is_empty() {
            return Ok(());
        }
        let dropped =
            |(name, id): &(String, CommitId)| Change::Ref { name: name.clone(), before: Some(*id), after: None };
        journal.carry_out(refs.iter().map(dropped).collect(), || repo.delete_refs(&refs))
    }
}

/// Drops old checkpoints, at most once a day: those that are old and the only copy of something are looked at each time.
pub fn daily(repo: &Repo, retention: Retention, journal: &Journal) -> Result<Vec<Checkpoint>> {
    let mark = repo.state_dir().join("dropped");
    if files::written(&mark).is_some_and(|(at, _)| (0..DAY).contains(&(clock::seconds() - at))) {
        return Ok(Vec::new());
    }
    let plan = Plan::of(repo, retention)?;
    plan.carry_out(repo, journal)?;
    files::write_unsynced(&mark, b"")?;
    Ok(plan.dropped)
}

/// Whether a checkpoint holds a content or a commit that no branch, tag, remote or other checkpoint holds.
fn only_copy<'a>(repo: &Repo, checkpoint: &Checkpoint, others: impl Iterator<Item = &'a Checkpoint>) -> Result<bool> {
    let own = checkpoint.commit.to_string();
    let others: String = others.map(|other| format!("^{}\n", other.commit)).collect();
    let git = repo.git().args(["rev-list", "--objects", "--stdin"]);
    let printed = git.input(format!("{own}\n--not\n--branches\n--tags\n--remotes\n--not\n{others}")).stdout()?;
    // What is left over from an operation that has ended, such as `ORIG_HEAD`, is no work.
    let unfinished = checkpoint.manifest(&repo.objects()?)?.operation.is_some();
    // `<commit>`, or `<object> <path>`. The text and the index are of no use without the contents.
    let counts = |line: &[u8]| match line.split_once_str(" ") {
        None => line != own.as_bytes(),
        Some((_, path)) => path.starts_with(b"files/") || unfinished && path.starts_with(b"state/"),
    };
    Ok(printed.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).any(counts))
}
