//! Merges that somebody names one by one, a line each, as `git merge-tree --stdin` takes them.

use std::collections::HashMap;

use anyhow::Result;

use super::outcome::SideName;
use super::premerge::{End, Given};
use crate::git::{Repo, Scratch};
use crate::model::text::escaped;
use crate::model::{Failure, Treeish};

/// Merges, with the names they were asked for by.
#[derive(Debug, Default)]
pub struct Named {
    /// Every name that stands for a side, once.
    pub names: Vec<SideName>,
    /// Both sides of each merge, ours first, by their places in `names`.
    pub pairs: Vec<(usize, usize)>,
    /// The merges.
    pub merges: Vec<Given>,
}

/// One line: the base, if it names one, and both sides.
struct Line<'a> {
    base: Option<&'a str>,
    sides: [&'a str; 2],
}

/// Reads `text`, of lines `[<base> -- ]<ours> <theirs>`: revisions that lead to commits or trees.
///
/// Refuses a line of another form, and a revision that leads to neither.
pub fn read(repo: &Repo, scratch: &Scratch, text: &str) -> Result<Named> {
    let lines = text.lines().enumerate().map(|(at, line)| parse(at + 1, line)).collect::<Result<Vec<Line>>>()?;
    let ends = resolve(repo, scratch, &lines)?;
    let mut named = Named::default();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for Line { base, sides } in &lines {
        let [ours, theirs] = sides.map(|name| {
            *places.entry(name).or_insert_with(|| {
                named.names.push(SideName { name: name.to_owned(), uncommitted: false });
                named.names.len() - 1
            })
        });
        named.pairs.push((ours, theirs));
        let [ours, theirs] = sides.map(|name| ends[name]);
        named.merges.push(Given { base: base.map(|name| ends[name]), ours, theirs });
    }
    Ok(named)
}

fn parse(number: usize, line: &str) -> Result<Line<'_>> {
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    match words[..] {
        [ours, theirs] => Ok(Line { base: None, sides: [ours, theirs] }),
        [base, "--", ours, theirs] => Ok(Line { base: Some(base), sides: [ours, theirs] }),
        _ => {
            let failure = Failure::usage(format!("line {number} names no merge: `{}`", escaped(line.as_bytes())));
            Err(failure.hint("write `OURS THEIRS` or `BASE -- OURS THEIRS`, a merge a line").into())
        }
    }
}

/// What each name leads to.
fn resolve<'a>(repo: &Repo, scratch: &Scratch, lines: &[Line<'a>]) -> Result<HashMap<&'a str, End>> {
    let mut firsts: HashMap<&str, usize> = HashMap::new();
    let mut names: Vec<&str> = Vec::new();
    for (at, Line { base, sides }) in lines.iter().enumerate() {
        for name in base.iter().chain(sides) {
            firsts.entry(name).or_insert_with(|| {
                names.push(name);
                at + 1
            });
        }
    }
    let found = repo.treeishes(&names)?;
    let end = |(name, what): (&'a str, Option<Treeish>)| {
        let tree = match what {
            Some(Treeish::Commit(commit)) => scratch.objects().commit(commit)?.tree,
            Some(Treeish::Tree(tree)) => tree,
            None => {
                let (line, name) = (firsts[name], escaped(name.as_bytes()));
                let message = format!("line {line}: `{name}` leads to no commit and no tree");
                return Err(Failure::usage(message).into());
            }
        };
        Ok((name, End { what: what.expect("it has a tree"), tree }))
    };
    names.into_iter().zip(found).map(end).collect()
}
