//! Holds verdicts against Git, pair by pair: a process for each, so that nothing that was shared can hide a difference.

use anyhow::Result;
use rayon::prelude::*;

use super::{Given, Premerge, whole};
use crate::git::merge_tree::Answer;
use crate::model::{PairVerdict, Verdict};

/// A pair on which Git says something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which pair, by its place in the list.
    pub pair: usize,
    /// What was said here: the verdict, with the tree where there is one.
    pub said: String,
    /// What Git says.
    pub git: String,
}

/// What Git said to being asked again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// How many pairs it gave the same answer on.
    pub agreeing: usize,
    /// How many have no verdict here that could be compared: a side that cannot be read, or a merge that was not tried.
    pub skipped: usize,
    /// Those on which it differs, in order.
    pub differences: Vec<Difference>,
}

/// Asks Git about every pair again. Trees are compared where the verdict has one. A pair that is unknown here agrees with
/// Git's refusing it, and otherwise is no verdict to compare.
///
/// `merges` are what the verdicts are about, in the same order; `None` where a side cannot be read.
pub fn verify(premerge: &Premerge, merges: &[Option<Given>], verdicts: &[PairVerdict]) -> Result<Verification> {
    let check = |(pair, (verdict, merge)): (usize, (&PairVerdict, &Option<Given>))| -> Result<Checked> {
        let Some(merge) = merge else { return Ok(Checked::Skipped) };
        let answer = whole::ask(premerge, merge)?;
        Ok(match (agree(verdict, &answer), &verdict.verdict) {
            (true, _) => Checked::Same,
            (false, Verdict::Unknown(_)) => Checked::Skipped,
            (false, _) => Checked::Differs(Difference { pair, said: said(verdict), git: by_git(&answer) }),
        })
    };
    let mut verification = Verification::default();
    for checked in verdicts.par_iter().zip(merges).enumerate().map(check).collect::<Result<Vec<_>>>()? {
        match checked {
            Checked::Same => verification.agreeing += 1,
            Checked::Skipped => verification.skipped += 1,
            Checked::Differs(difference) => verification.differences.push(difference),
        }
    }
    Ok(verification)
}

enum Checked {
    Same,
    Skipped,
    Differs(Difference),
}

fn agree(verdict: &PairVerdict, answer: &Answer) -> bool {
    match (&verdict.verdict, answer) {
        (Verdict::Disjoint | Verdict::Clean, Answer::Clean(tree)) => verdict.tree.is_none_or(|own| own == *tree),
        (Verdict::Conflict(_), Answer::Conflicted(_)) | (Verdict::Unknown(_), Answer::Failed(_)) => true,
        _ => false,
    }
}

fn said(verdict: &PairVerdict) -> String {
    let tree = verdict.tree.map(|tree| format!(" {tree}")).unwrap_or_default();
    format!("{}{tree}", verdict.verdict.name())
}

fn by_git(answer: &Answer) -> String {
    match answer {
        Answer::Clean(tree) => format!("clean {tree}"),
        Answer::Conflicted(_) => "conflict".into(),
        Answer::Failed(reason) => format!("refused: {reason}"),
    }
}

#[cfg(test)]
mod tests {
    use super::agree;
    use crate::git::merge_tree::{Answer, Stopped};
    use crate::model::{PairVerdict, TreeId, Verdict};

    fn tree(digit: char) -> TreeId {
        TreeId::from_hex(digit.to_string().repeat(40).as_bytes()).expect("forty digits")
    }

    #[test]
    fn only_the_same_answer_agrees() {
        let pair = |verdict, tree| PairVerdict { ours: 0, theirs: 1, verdict, tree };
        let conflicted = Answer::Conflicted(Stopped { tree: tree('3'), stages: Vec::new(), messages: Vec::new() });
        assert!(agree(&pair(Verdict::Disjoint, Some(tree('1'))), &Answer::Clean(tree('1'))));
        assert!(agree(&pair(Verdict::Clean, None), &Answer::Clean(tree('1'))));
        assert!(!agree(&pair(Verdict::Clean, Some(tree('2'))), &Answer::Clean(tree('1'))));
        assert!(!agree(&pair(Verdict::Disjoint, None), &conflicted));
        assert!(!agree(&pair(Verdict::Conflict(Vec::new()), None), &Answer::Clean(tree('1'))));
        assert!(agree(&pair(Verdict::Conflict(Vec::new()), None), &conflicted));
        assert!(agree(&pair(Verdict::Unknown("x".into()), None), &Answer::Failed("y".into())));
        assert!(!agree(&pair(Verdict::Unknown("x".into()), None), &Answer::Clean(tree('1'))));
    }
}
