//! Git's own answers: `git --attr-source=OURS merge-tree --write-tree OURS THEIRS`.

use std::collections::{BTreeMap, BTreeSet};

use super::checkout;
use super::repository::{Repository, try_run};
use super::story::{Node, Path, Tree};

/// What Git says to one merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// No conflict, and the tree's id.
    Clean(String),
    /// Conflicts, filed under these paths.
    Conflict(BTreeSet<Path>),
    /// It does not merge the two.
    Refused,
}

/// Git's answers for pairs of commits, ours first, by their places in the story; `trees` are the story's. Asked in one
/// process for all pairs whose side has the same attributes in force; where Git gives up, in halves. Where
/// that is not enough, the pairs are merged in earnest, in checkouts.
pub fn answers(repository: &Repository, trees: &[Tree], pairs: &[(usize, usize)]) -> Vec<Answer> {
    if checkout::is_needed(repository, trees) {
        return checkout::answers(repository, pairs);
    }
    let mut groups: BTreeMap<Vec<(&Path, &Node)>, Vec<usize>> = BTreeMap::new();
    for (at, (ours, _)) in pairs.iter().enumerate() {
        let is_attributes = |path: &Path| path.rsplit(|byte| *byte == b'/').next() == Some(b".gitattributes");
        let attributes = trees[*ours].iter().filter(|(path, _)| is_attributes(path)).collect();
        groups.entry(attributes).or_default().push(at);
    }
    let mut answers = vec![Answer::Refused; pairs.len()];
    for places in groups.into_values() {
        let asked: Vec<(usize, usize)> = places.iter().map(|at| pairs[*at]).collect();
        let answered = ask_in_halves(repository, &asked);
        places.into_iter().zip(answered).for_each(|(at, answer)| answers[at] = answer);
    }
    answers
}

fn ask_in_halves(repository: &Repository, pairs: &[(usize, usize)]) -> Vec<Answer> {
    match (ask(repository, pairs), pairs.split_at(pairs.len() / 2)) {
        (Some(answers), _) => answers,
        (None, ([], _)) => vec![Answer::Refused],
        (None, (first, second)) => [ask_in_halves(repository, first), ask_in_halves(repository, second)].concat(),
    }
}

fn ask(repository: &Repository, pairs: &[(usize, usize)]) -> Option<Vec<Answer>> {
    let id = |at: usize| repository.commits[at].to_string();
    ask_of(repository, &pairs.iter().map(|(ours, theirs)| (id(*ours), id(*theirs))).collect::<Vec<_>>())
}

/// Git's answer to merging one commit into another, both named by id.
pub fn merge(repository: &Repository, ours: &str, theirs: &str) -> Answer {
    ask_of(repository, &[(ours.into(), theirs.into())]).map_or(Answer::Refused, |mut one| one.remove(0))
}

fn ask_of(repository: &Repository, pairs: &[(String, String)]) -> Option<Vec<Answer>> {
    let input: String = pairs.iter().map(|(ours, theirs)| format!("{ours} {theirs}\n")).collect();
    let source = format!("--attr-source={}", pairs[0].0);
    let mut git = repository.git();
    let (success, printed, _) = try_run(git.args([&source, "merge-tree", "-z", "--stdin"]), input.as_bytes());
    read(&printed, pairs.len()).filter(|_| success)
}

/// The answers in what `git merge-tree -z --stdin` printed; `None` if they are not that many.
pub fn read(printed: &[u8], count: usize) -> Option<Vec<Answer>> {
    let fields: Vec<&[u8]> = printed.split(|byte| *byte == 0).collect();
    let mut fields = fields.into_iter();
    (0..count).map(|_| answer(&mut fields)).collect()
}

/// Reads one answer: status, tree; for a conflict stages, an empty field, messages, an empty field.
fn answer<'a>(fields: &mut impl Iterator<Item = &'a [u8]>) -> Option<Answer> {
    let (status, tree) = (fields.next()?, fields.next()?);
    if status == b"1" {
        fields.next()?;
        return Some(Answer::Clean(String::from_utf8_lossy(tree).into_owned()));
    }
    while !fields.next()?.is_empty() {}
    let mut paths = BTreeSet::new();
    let mut put_aside: BTreeMap<Path, Path> = BTreeMap::new();
    loop {
        let count = fields.next()?;
        if count.is_empty() {
            let own_name = |path: Path| put_aside.get(&path).cloned().unwrap_or(path);
            return Some(Answer::Conflict(paths.into_iter().map(own_name).collect()));
        }
        let count: usize = String::from_utf8_lossy(count).parse().ok()?;
        let about: Vec<Path> = fields.take(count).map(<[u8]>::to_vec).collect();
        let kind = fields.next()?;
        if kind.starts_with(b"CONFLICT") {
            paths.insert(about.first()?.clone());
        }
        if kind == b"CONFLICT (file/directory)" {
            put_aside.insert(about[0].clone(), about[1].clone());
        }
        fields.next()?;
    }
}
