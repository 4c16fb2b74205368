//! Git's answers, and what they took.

use std::path::Path;

use super::cost::{Cost, measured};
use super::history::Merge;
use super::merges::oracle::{self, Answer};
use super::merges::repository::{git, try_run};

/// What Git said to a batch.
pub struct Answered {
    /// In the order of the merges.
    pub answers: Vec<Answer>,
    /// What it took, without the attempts that ended early.
    pub cost: Cost,
}

/// Asks about every merge; `groups` are the places of those that one process can be asked about.
pub fn answers(git_dir: &Path, merges: &[Merge], groups: &[Vec<usize>]) -> Answered {
    let empty = tempfile::tempdir().expect("a folder");
    std::fs::create_dir_all(empty.path().join("info")).expect("made");
    let own = [git_dir.join("objects").as_os_str().as_encoded_bytes(), b"\n"].concat();
    std::fs::write(empty.path().join("info/alternates"), own).expect("written");
    let mut answered = Answered { answers: vec![Answer::Refused; merges.len()], cost: Cost::default() };
    for places in groups {
        let asked: Vec<&Merge> = places.iter().map(|at| &merges[*at]).collect();
        let found = in_halves(&mut |merges| ask(git_dir, empty.path(), merges), &asked, &mut answered.cost);
        places.iter().zip(found).for_each(|(at, answer)| answered.answers[*at] = answer);
    }
    answered
}

type Ask<'a> = &'a mut dyn FnMut(&[&Merge]) -> Option<Vec<Answer>>;

fn in_halves(ask: Ask, merges: &[&Merge], cost: &mut Cost) -> Vec<Answer> {
    let (found, took) = measured(|| ask(merges));
    if found.is_some() || merges.len() == 1 {
        *cost = *cost + took;
        return found.unwrap_or_else(|| vec![Answer::Refused]);
    }
    let (first, second) = merges.split_at(merges.len() / 2);
    let mut answers = in_halves(ask, first, cost);
    answers.extend(in_halves(ask, second, cost));
    answers
}

fn ask(git_dir: &Path, objects: &Path, merges: &[&Merge]) -> Option<Vec<Answer>> {
    let input: String = merges.iter().map(|merge| format!("{} {}\n", merge.ours, merge.theirs)).collect();
    let mut command = git(git_dir);
    command.env("GIT_OBJECT_DIRECTORY", objects).env("GIT_NO_LAZY_FETCH", "1");
    command.args([&format!("--attr-source={}", merges[0].ours), "merge-tree", "--write-tree", "-z", "--stdin"]);
    let (success, printed, _) = try_run(&mut command, input.as_bytes());
    oracle::read(&printed, merges.len()).filter(|_| success)
}
