//! An ordered list of patterns in gitignore syntax. Matches paths as text: whether they exist is not asked.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use bstr::{BStr, ByteSlice};
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::model::{Failure, RepoPath};

/// Bytes of patterns that are certain to compile together: the limit is at megabytes.
const SHORT: usize = 8 << 10;

/// What a path names, for patterns that end in `/` and match folders only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathKind {
    /// A file or a link.
    File,
    /// A folder, or a submodule: Git treats its place as a folder.
    Folder,
}

/// The pattern that decides about a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Its place in the list, from 0.
    pub index: usize,
    /// Whether it takes the path out of the list (`!…`).
    pub negated: bool,
}

/// A list of patterns, compiled.
///
/// A pattern matches a path when it matches the path itself or a folder above it, and the last pattern that matches
/// decides. That is what `git check-ignore` does, but for one case: Git never looks below an excluded folder, so there
/// `!api/public/` after `api/` has no effect. Git saves a walk by that; for the question who owns a file it would only
/// be a trap. And but for `a**/b`, which Git reads as `a` with `**/b` right behind it, so that `ab` matches: here the two
/// stars are one, since they do not stand alone.
#[derive(Clone, Debug)]
pub struct Globs {
    builder: GitignoreBuilder,
    /// Compiled when the first path may match: of many lists a hook asks few.
    matcher: OnceLock<Gitignore>,
    is_empty: bool,
    /// How a path must begin for any of the patterns to match; `None` where that is open. Most lists are about a few
    /// folders, and most paths lie in none of them.
    beginnings: Option<Vec<String>>,
}

impl Globs {
    /// Compiles `patterns`; `key` is where they stand in `tracks.toml` and is named when one is not valid.
    pub fn new<P: AsRef<str>>(key: &str, patterns: &[P]) -> Result<Globs, Failure> {
        let numbered = patterns.iter().map(AsRef::as_ref).enumerate();
        Globs::compile(numbered).map_err(|(index, reason)| {
            Failure::usage(format!("`{key}[{index}]` is not a valid pattern: {reason}"))
                .hint("patterns are written as in `.gitignore`")
        })
    }

    /// Compiles patterns that carry their own numbers, in rising order; the error is the number and what is wrong.
    pub fn compile<'a>(patterns: impl Iterator<Item = (usize, &'a str)>) -> Result<Globs, (usize, String)> {
        let mut builder = GitignoreBuilder::new("");
        let (mut last, mut length, mut is_empty) = (0, 0, true);
        let mut beginnings = Some(Vec::new());
        for (index, pattern) in patterns.filter(|(_, pattern)| says_something(pattern)) {
            match (&mut beginnings, beginning(pattern)) {
                (Some(known), Some(new)) => known.push(new),
                _ => beginnings = None,
            }
            // The crate keeps, for each glob, the file that it came from: here it carries the number.
            let source = Some(PathBuf::from(index.to_string()));
            builder.add_line(source, &as_git_reads(pattern)).map_err(|error| (index, error.to_string()))?;
            (last, is_empty) = (index, false);
            length += pattern.len();
        }
        let matcher = OnceLock::new();
        if length > SHORT {
            // One pattern too many for the size limit, or all of them together: which one is not told.
            let built = builder.build().map_err(|error| (last, error.to_string()))?;
            matcher.get_or_init(|| built);
        }
        Ok(Globs { builder, matcher, is_empty, beginnings })
    }

    /// The last pattern that matches the path or a folder above it.
    pub fn decide(&self, path: &RepoPath, kind: PathKind) -> Option<Hit> {
        let path = path.as_bstr();
        if !self.may_match(path) {
            return None;
        }
        let folders = path.find_iter("/").filter_map(|end| self.at(path[..end].as_bstr(), PathKind::Folder));
        folders.chain(self.at(path, kind)).max_by_key(|hit| hit.index)
    }

    /// The last pattern that matches the path itself; folders above it do not count.
    pub fn decide_itself(&self, path: &RepoPath, kind: PathKind) -> Option<Hit> {
        let path = path.as_bstr();
        if self.may_match(path) { self.at(path, kind) } else { None }
    }

    /// Whether a file is in the list.
    pub fn contains(&self, path: &RepoPath) -> bool {
        self.decide(path, PathKind::File).is_some_and(|hit| !hit.negated)
    }

    /// Whether there is no pattern at all.
    pub fn is_empty(&self) -> bool {
        self.is_empty
    }

    fn may_match(&self, path: &BStr) -> bool {
        self.beginnings.as_ref().is_none_or(|all| all.iter().any(|start| path.starts_with(start.as_bytes())))
    }

    fn at(&self, path: &BStr, kind: PathKind) -> Option<Hit> {
        let path: Cow<'_, Path> = path.to_path_lossy();
        let build = || self.builder.build().expect("each pattern was read, and so few are far below the size limit");
        let found = self.matcher.get_or_init(build).matched(&path, kind == PathKind::Folder);
        let index = found.inner()?.from()?.to_str()?.parse().expect("`compile` put a number there");
        Some(Hit { index, negated: found.is_whitelist() })
    }
}

/// Whether a line of a list is a pattern: neither empty, nor a comment, nor slashes alone.
fn says_something(pattern: &str) -> bool {
    let names = pattern.trim_end();
    !names.starts_with('#') && !names.trim_start_matches('!').trim_matches('/').is_empty()
}

/// The text that every path begins with that the pattern matches; `None` where the pattern may match anywhere.
fn beginning(pattern: &str) -> Option<String> {
    let pattern = pattern.strip_prefix('!').unwrap_or(pattern);
    let is_anchored = pattern.trim_end().trim_end_matches('/').contains('/');
    let literal = pattern.split(['*', '?', '[', '\\', ' ']).next().unwrap_or_default().trim_matches('/');
    (is_anchored && !literal.is_empty()).then(|| literal.to_owned())
}

/// The pattern, written so that the crate reads it as Git does: `{` and `}` are themselves and not alternatives, three
/// stars are two, and `[!a]` is no slash.
fn as_git_reads(pattern: &str) -> Cow<'_, str> {
    if !pattern.contains(['{', '}', '[']) && !pattern.contains("***") {
        return Cow::Borrowed(pattern);
    }
    let mut out = String::with_capacity(pattern.len() + 4);
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let class = if c == '[' { class_length(rest) } else { None };
        let taken = match (c, class) {
            ('\\', _) => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            (_, Some(length)) => length,
            _ => c.len_utf8(),
        };
        match c {
            '{' | '}' => out.extend(['\\', c]),
            '*' if out.ends_with("**") && !out.ends_with("\\**") => (),
            '[' if class.is_some() => push_class(&mut out, &rest[..taken]),
            _ => out.push_str(&rest[..taken]),
        }
        rest = &rest[taken..];
    }
    let was_anchored = pattern.trim_end().trim_end_matches('/').contains('/');
    if !was_anchored && out.trim_end().trim_end_matches('/').contains('/') {
        out.insert_str(usize::from(out.starts_with('!')), "**/");
    }
    Cow::Owned(out)
}

/// Adds a class; a slash is a member of each that is negated, unless its first member begins a range.
fn push_class(out: &mut String, class: &str) {
    let members = opening(class);
    let negated = class.starts_with("[!") || class.starts_with("[^");
    let (front, back) = class.split_at(members);
    out.push_str(front);
    if negated && !back.starts_with('-') {
        out.push('/');
    }
    out.push_str(back);
}

/// How many bytes the character class at the start of `text` takes; `None` when it is not closed.
fn class_length(text: &str) -> Option<usize> {
    let members = opening(text);
    text[members..].find(']').map(|end| members + end + 1)
}

/// How many bytes stand before the members of a class that may end it; a `]` right after the opening is a member.
fn opening(class: &str) -> usize {
    let length = if class.starts_with("[!") || class.starts_with("[^") { 2 } else { 1 };
    length + usize::from(class[length..].starts_with(']'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Globs, PathKind};
    use crate::model::RepoPath;

    #[test]
    fn the_last_match_decides() {
        let table: &[(&[&str], &str, Option<usize>)] = &[
            (&["api/agents/"], "api/agents/x/y.ts", Some(0)),
            (&["api/agents/"], "api/agents", None),
            (&["api/agents"], "api/agents", Some(0)),
            (&["agents/"], "api/agents/x.ts", Some(0)),
            (&["/agents/"], "api/agents/x.ts", None),
            (&["api/**"], "api/x/y.ts", Some(0)),
            (&["api/**"], "api", None),
            (&["api/*"], "api/x/y.ts", Some(0)),
            (&["*.ts"], "deep/down/x.ts", Some(0)),
            (&["src/*.ts"], "src/down/x.ts", None),
            (&["src/**/x.ts"], "src/x.ts", Some(0)),
            (&["api/", "!api/public/"], "api/public/x.ts", None),
            (&["api/**", "!api/public/**"], "api/public/x.ts", None),
            (&["api/", "!api/public/", "api/public/own.ts"], "api/public/own.ts", Some(2)),
            (&["!api/public/", "api/"], "api/public/x.ts", Some(1)),
            (&["*.ts", "!api/"], "api/x.ts", None),
            (&["*.{ts,js}"], "x.ts", None),
            (&["*.{ts,js}"], "x.{ts,js}", Some(0)),
            (&["[{]x"], "{x", Some(0)),
            (&["a[b{"], "a[b{", Some(0)),
            (&["app/[id]/page.tsx"], "app/i/page.tsx", Some(0)),
            (&[r"app/\[id\]/page.tsx"], "app/[id]/page.tsx", Some(0)),
            (&["a[!x]b"], "a/b", None),
            (&["x/a[!x]b", "[!x]y"], "deep/zy", Some(1)),
            (&["[!x]y/"], "deep/zy/file", Some(0)),
            (&["[]-]x", "!"], "-x", Some(0)),
            (&["***/x"], "a/b/x", Some(0)),
            (&["/"], "x", None),
            (&["api/", "web/ "], "web/x", Some(1)),
            (&["docs/my file"], "docs/my file", Some(0)),
            (&["# comment", "", "x"], "x", Some(2)),
            (&[r"\#x", r"\!y"], "!y", Some(1)),
            (&["x", "x"], "x", Some(1)),
            (&[], "x", None),
        ];
        for (patterns, path, expected) in table {
            let hit = Globs::new("owns", patterns).expect("valid").decide(&RepoPath::new(path), PathKind::File);
            let found = hit.filter(|hit| !hit.negated).map(|hit| hit.index);
            assert_eq!(found, *expected, "{patterns:?} {path}");
        }
    }

    #[test]
    fn a_submodule_is_a_folder() {
        let globs = Globs::new("owns", &["vendor/lib/"]).expect("valid");
        assert!(globs.decide(&RepoPath::new("vendor/lib"), PathKind::Folder).is_some());
    }

    #[test]
    fn an_invalid_pattern_names_its_place() {
        let failure = Globs::new("tracks.a.owns", &["ok", "[z-a]"]).expect_err("a range that runs backwards");
        assert!(failure.message.starts_with("`tracks.a.owns[1]` is not a valid pattern: "), "{failure}");
    }

    proptest! {
        #[test]
        fn any_pattern_and_any_bytes_are_survived(
            patterns in prop::collection::vec(r"[!#/\\\[\]{}*?a-z,. -]{0,12}", 0..5),
            path in prop::collection::vec(any::<u8>(), 1..40),
        ) {
            if let (Ok(globs), Some(path)) = (Globs::new("owns", &patterns), RepoPath::try_new(path)) {
                globs.decide(&path, PathKind::File);
                globs.decide_itself(&path, PathKind::Folder);
            }
        }

        #[test]
        fn any_text_is_survived_as_a_pattern(pattern in ".{0,30}", path in ".{1,30}") {
            if let (Ok(globs), Some(path)) = (Globs::new("owns", &[pattern]), RepoPath::try_new(path)) {
                globs.contains(&path);
            }
        }
    }
}
