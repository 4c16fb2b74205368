//! Reads CODEOWNERS, as GitHub does. Answers who is named for a path; decides nothing.

pub mod import;

use super::ownership::globs::{Globs, PathKind};
use crate::model::{Failure, RepoPath};

/// A CODEOWNERS file.
///
/// Source of the format: <https://docs.github.com/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners>.
/// It is gitignore's syntax without `!` and `[ ]`, and a pattern that ends in `/*` reaches no further than its folder.
#[derive(Clone, Debug)]
pub struct Codeowners {
    lines: Vec<Line>,
    /// Patterns that also stand for what lies below a folder they match.
    deep: Globs,
    /// Patterns that end in `/*`.
    flat: Globs,
    unsupported: Vec<Unsupported>,
}

/// A line that GitHub would not follow, and neither do we.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsupported {
    /// Its number, from 1.
    pub line: usize,
    /// Its pattern.
    pub pattern: String,
    /// Why: the end of a sentence that begins with the pattern.
    pub reason: String,
}

/// Who is named for a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named<'a> {
    /// Users, teams and addresses as written; none where a later line takes the path out of everybody's hands.
    pub owners: &'a [String],
    /// The number of the line that decides, from 1.
    pub line: usize,
    /// Its pattern.
    pub pattern: &'a str,
}

#[derive(Clone, Debug)]
struct Line {
    number: usize,
    pattern: String,
    owners: Vec<String>,
}

impl Codeowners {
    /// Reads the text of a CODEOWNERS file. Lines that GitHub skips are skipped, and listed as unsupported; section
    /// headers (`[Docs]`, `^[Docs][2] @team`, GitLab's) are passed over.
    ///
    /// Fails only where all patterns together are too large to compile.
    pub fn parse(text: &str) -> Result<Codeowners, Failure> {
        let mut unsupported = Vec::new();
        let mut lines = Vec::new();
        for (number, text) in (1..).zip(text.lines()) {
            let Some((pattern, owners)) = read_line(text) else { continue };
            match refusal(&pattern) {
                Some(reason) => unsupported.push(Unsupported { line: number, pattern, reason }),
                None => lines.push(Line { number, pattern, owners }),
            }
        }
        let compile = |flat: bool| {
            let chosen = lines.iter().enumerate().filter(|(_, line)| line.pattern.ends_with("/*") == flat);
            Globs::compile(chosen.map(|(at, line)| (at, line.pattern.as_str())))
                .map_err(|(_, reason)| Failure::usage(format!("`CODEOWNERS` could not be compiled: {reason}")))
        };
        let (deep, flat) = (compile(false)?, compile(true)?);
        Ok(Codeowners { lines, deep, flat, unsupported })
    }

    /// Who is named for a file; the last line that matches decides. `None` where no line does.
    pub fn owners(&self, path: &RepoPath) -> Option<Named<'_>> {
        let deep = self.deep.decide(path, PathKind::File);
        let flat = self.flat.decide_itself(path, PathKind::File);
        let line = &self.lines[deep.into_iter().chain(flat).map(|hit| hit.index).max()?];
        Some(Named { owners: &line.owners, line: line.number, pattern: &line.pattern })
    }

    /// The lines that count for nothing, by number.
    pub fn unsupported(&self) -> &[Unsupported] {
        &self.unsupported
    }

    /// Every pattern that counts, with its owners, in the order of the file.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.lines.iter().map(|line| (line.pattern.as_str(), line.owners.as_slice()))
    }
}

/// Pattern and owners of a line; `None` for an empty line, a comment and a section header.
fn read_line(text: &str) -> Option<(String, Vec<String>)> {
    let header = text.trim_start().trim_start_matches('^');
    if header.starts_with('[') && header.contains(']') && !header.split_whitespace().next()?.contains('/') {
        return None;
    }
    let mut words = words(text).into_iter();
    let pattern = words.next()?;
    Some((pattern, words.collect()))
}

/// The words of a line, up to the comment; a space after `\` belongs to its word.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut escaped = false;
    for c in text.chars() {
        let word = words.last_mut().expect("there is always one");
        match c {
            '#' if word.is_empty() => break,
            c if c.is_whitespace() && !escaped => words.push(String::new()),
            c => word.push(c),
        }
        escaped = c == '\\' && !escaped;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Why GitHub does not follow a pattern.
fn refusal(pattern: &str) -> Option<String> {
    if pattern.starts_with('!') {
        return Some("begins with `!`, which CODEOWNERS does not know".into());
    }
    if pattern.contains(['[', ']']) {
        return Some("holds `[` or `]`, which CODEOWNERS does not know".into());
    }
    if pattern.starts_with("\\#") {
        return Some("begins with `\\#`, which CODEOWNERS does not know".into());
    }
    let (_, error) = Globs::compile(std::iter::once((0, pattern))).err()?;
    Some(format!("is not a valid pattern: {error}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Codeowners;
    use crate::model::RepoPath;

    const FILE: &str = "\
# who looks after what
*       @all   # everybody
*.js    @js @web
/docs/  docs@example.com
guide/* @writers
apps/   @apps
/apps/github
My\\ Notes/ @me

[Section] @x
^[Optional][2] @y
!x @no
app/[id]/ @no
x{ @fine
x\\
";

    #[test]
    fn the_last_matching_line_decides() {
        let owners = Codeowners::parse(FILE).expect("small");
        for (path, line, named) in [
            ("x.rs", 2, "@all"),
            ("lib/x.js", 3, "@js @web"),
            ("docs/x.js", 4, "docs@example.com"),
            ("x/docs/y", 2, "@all"),
            ("guide/x", 5, "@writers"),
            ("guide/deep/x", 2, "@all"),
            ("x/apps/y/z", 6, "@apps"),
            ("apps/github/y", 7, ""),
            ("My Notes/x", 8, "@me"),
        ] {
            let found = owners.owners(&RepoPath::new(path)).expect("`*` matches everything");
            assert_eq!((found.line, found.owners.join(" ").as_str()), (line, named), "{path}");
        }
    }

    #[test]
    fn what_github_does_not_follow_is_listed() {
        let listed: Vec<(usize, String)> =
            Codeowners::parse(FILE).expect("small").unsupported().iter().map(|u| (u.line, u.pattern.clone())).collect();
        assert_eq!(listed, [(12, "!x".to_owned()), (13, "app/[id]/".to_owned()), (15, "x\\".to_owned())]);
    }

    #[test]
    fn nothing_matches_in_an_empty_file() {
        let owners = Codeowners::parse("# nothing\n").expect("small");
        assert_eq!(owners.owners(&RepoPath::new("x")), None);
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in r"([!#/\\\[\]{}*?a-c@ .-]{0,12}\n){0,4}", path in "[a-c/.]{1,9}") {
            if let Some(path) = RepoPath::try_new(path) {
                Codeowners::parse(&text).expect("small").owners(&path);
            }
        }
    }
}
