//! Holds the engine's verdicts against Git's.

use tracks::engine::premerge::{Premerge, Side, Tally, Trees};
use tracks::engine::snapshot;
use tracks::git::Scratch;
use tracks::model::{Conflict, ConflictKind, LineRange, PairVerdict, Verdict};

use super::oracle::{self, Answer};
use super::repository::Repository;
use super::story::{Node, Story, Tree};

/// What came of judging pairs.
pub struct Judged {
    /// The engine's verdicts, in order.
    pub verdicts: Vec<PairVerdict>,
    /// How they came about.
    pub tally: Tally,
    /// Where the two differ: the pair and how.
    pub differences: Vec<((usize, usize), String)>,
}

/// Judges `pairs` of the story's commits (ours first) and asks Git the same.
pub fn judge(story: &Story, pairs: &[(usize, usize)]) -> Judged {
    judge_in(&Repository::new(story), story, pairs)
}

/// The same in a repository that was made of the story before.
pub fn judge_in(repository: &Repository, story: &Story, pairs: &[(usize, usize)]) -> Judged {
    let trees = story.trees();
    let (verdicts, tally) = verdicts(repository, pairs);
    let answers = oracle::answers(repository, &trees, pairs);
    let mut differences = Vec::new();
    for (verdict, answer) in verdicts.iter().zip(&answers) {
        let pair = (verdict.ours, verdict.theirs);
        let wrong = difference(verdict, answer).or_else(|| misplaced(verdict, story, &trees));
        differences.extend(wrong.map(|words| (pair, words)));
    }
    Judged { verdicts, tally, differences }
}

/// The engine's verdicts on pairs of the repository's commits.
pub fn verdicts(repository: &Repository, pairs: &[(usize, usize)]) -> (Vec<PairVerdict>, Tally) {
    let repo = repository.open();
    let scratch = Scratch::new(&repo).expect("a scratch can be made");
    let sides: Vec<Result<Side, String>> = repository
        .commits
        .iter()
        .map(|commit| snapshot::committed(&scratch, *commit).map_err(|error| format!("{error:#}")))
        .collect();
    let premerge = Premerge::new(&repo, &scratch).expect("the configuration can be read");
    premerge.pairs(&sides, pairs, Trees::Compose).expect("the engine answers")
}

/// How a verdict and Git's answer differ.
pub fn difference(ours: &PairVerdict, git: &Answer) -> Option<String> {
    let agree = match (&ours.verdict, git) {
        (Verdict::Disjoint | Verdict::Clean, Answer::Clean(tree)) => {
            ours.tree.map(|id| id.to_string()).as_ref() == Some(tree)
        }
        (Verdict::Conflict(conflicts), Answer::Conflict(paths)) => {
            let found = conflicts.iter().map(|conflict| conflict.path.as_bstr().to_vec());
            found.collect::<std::collections::BTreeSet<_>>() == *paths
        }
        (Verdict::Unknown(_), Answer::Refused) => true,
        // What cannot be told apart from a checkout is not claimed.
        (Verdict::Unknown(reason), _) => reason.starts_with("`merge.renormalize` is set, "),
        _ => false,
    };
    (!agree).then(|| format!("engine {:?} (tree {:?}), git {git:?}", ours.verdict, ours.tree))
}

/// A conflict whose lines are not in the sides' files where it says they are. Only of files that were there all along:
/// where renames meet, what conflicts is already a merge of several files.
fn misplaced(verdict: &PairVerdict, story: &Story, trees: &[Tree]) -> Option<String> {
    let mut root = verdict.ours;
    while let Some(parent) = story.commits[root].parents.first() {
        root = *parent;
    }
    let was_there = |conflict: &Conflict| trees[root].contains_key(&**conflict.path.as_bstr());
    let wrong = |conflict: &&Conflict| {
        if conflict.kind != ConflictKind::Content || !was_there(conflict) {
            return false;
        }
        let there = |side: usize, range: LineRange, lines: &[Vec<u8>]| match trees[side].get(&**conflict.path.as_bstr())
        {
            Some(Node::File { content, .. }) => {
                let all: Vec<&[u8]> = content.split_inclusive(|byte| *byte == b'\n').collect();
                all.get(range.first as usize - 1..range.last as usize)
                    == Some(&lines.iter().map(|l| &l[..]).collect::<Vec<_>>())
            }
            // A renamed file has another name on this side.
            _ => true,
        };
        conflict.hunks.iter().any(|hunk| {
            !there(verdict.ours, hunk.ours_lines, &hunk.ours) || !there(verdict.theirs, hunk.theirs_lines, &hunk.theirs)
        })
    };
    verdict.verdict.conflicts().iter().find(wrong).map(|conflict| {
        let Conflict { path, kind, hunks } = conflict;
        let ranges: Vec<_> = hunks.iter().map(|hunk| (hunk.ours_lines, hunk.theirs_lines)).collect();
        format!("lines that are not there: {path} {kind:?} {ranges:?}")
    })
}
