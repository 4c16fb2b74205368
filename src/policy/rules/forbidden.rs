//! `pattern.<name>`: an added line holds what `[[rules.forbidden]]` names.

use std::borrow::Cow;

use regex::bytes::{Regex, RegexBuilder};

use super::Work;
use super::case::{Case, finding, quoted};
use super::content::{Content, ranges};
use crate::model::{Failure, Finding, Rule};
use crate::policy::config::model::Forbidden;
use crate::policy::migrations::naming::PATTERN_LIMIT;
use crate::policy::ownership::globs::Globs;

/// A forbidden pattern, and the files in which it is.
pub struct Pattern {
    name: String,
    regex: Regex,
    /// Empty: everywhere.
    paths: Globs,
}

impl Pattern {
    /// Compiles `[[rules.forbidden]]`; fails on an expression or a glob that is not valid, or too large.
    pub fn all(rules: &[Forbidden]) -> Result<Vec<Pattern>, Failure> {
        let compiled = rules.iter().enumerate().map(|(index, rule)| {
            let regex = RegexBuilder::new(&rule.pattern)
                .size_limit(PATTERN_LIMIT)
                .build()
                .map_err(|error| Failure::usage(format!("`rules.forbidden[{index}].pattern` is not valid: {error}")))?;
            let paths = Globs::new(&format!("rules.forbidden[{index}].paths"), &rule.paths)?;
            Ok(Pattern { name: rule.name.clone(), regex, paths })
        });
        compiled.collect()
    }
}

/// Judges one file, line by line; binary files have none.
pub fn judge(case: &Case, work: &Work, content: &Content) -> Vec<Finding> {
    let path = content.path();
    let here = |pattern: &&Pattern| pattern.paths.is_empty() || pattern.paths.contains(path);
    case.patterns.iter().filter(here).filter_map(|pattern| matched(pattern, work, content)).collect()
}

fn matched(pattern: &Pattern, work: &Work, content: &Content) -> Option<Finding> {
    let lines = content.lines()?;
    let matches = |line: &[u8]| pattern.regex.is_match(line.strip_suffix(b"\r").unwrap_or(line));
    let hits: Vec<usize> = (0..lines.len()).filter(|at| matches(lines[*at])).collect();
    if hits.is_empty() {
        return None;
    }
    let added = content.added()?;
    let hits: Vec<usize> = hits.into_iter().filter(|at| added[*at]).collect();
    let first = hits.first()?;
    Some(Finding {
        rule: Rule(Cow::Owned(format!("pattern.{}", pattern.name))),
        message: match hits.len() {
            1 => format!("line {} holds {}, which is forbidden here", first + 1, quoted(pattern.regex.as_str())),
            many => format!("{many} added lines hold {}, which is forbidden here", quoted(pattern.regex.as_str())),
        },
        cure: "take it out of the lines that were added".to_owned(),
        lines: ranges(hits.iter().copied()),
        ..finding("pattern.<name>", vec![work.track.clone()], content.path())
    })
}

#[cfg(test)]
mod tests {
    use crate::policy::rules::testing::Bench;

    const POLICY: &str = r#"
        [tracks.a]
        [[rules.forbidden]]
        name = "doubled-const"
        pattern = '\bconst const\b'
        paths = ["client/"]
        [[rules.forbidden]]
        name = "todo"
        pattern = '^TODO$'
    "#;

    #[test]
    fn only_added_lines_of_those_files_count() {
        let table: &[(&str, Option<&str>, &str, &[&str])] = &[
            ("client/x", None, "const const a\nb\nconst const c", &["pattern.doubled-const 1-1 3-3"]),
            ("server/x", None, "const const a", &[]),
            ("client/x", Some("const const a\n"), "const const a\nb\n", &[]),
            ("client/x", Some("const const a"), "b\nconst const a\nconst const d\n", &["pattern.doubled-const 3-3"]),
            ("x", None, "a\r\nTODO\r\n", &["pattern.todo 2-2"]),
            ("x", None, "\0\nTODO\n", &[]),
        ];
        for (path, before, after, expected) in table {
            let mut bench = Bench::new(POLICY);
            bench.change("a", path, (*before, Some(after)));
            let found: Vec<String> = bench
                .findings()
                .iter()
                .map(|f| f.lines.iter().fold(f.rule.to_string(), |text, l| format!("{text} {}-{}", l.first, l.last)))
                .collect();
            assert_eq!(found, *expected, "{path} {before:?} {after:?}");
        }
    }

    #[test]
    fn a_line_that_came_with_the_target_is_nobodys() {
        let mut bench = Bench::new(POLICY);
        bench.change("a", "x", (Some("a\n"), Some("a\nTODO\nb\n")));
        bench.on_target("a", "x", Some("a\nTODO\n"));
        assert_eq!(bench.shown(), [""; 0]);
    }

    #[test]
    fn what_could_not_be_read_is_said() {
        let mut bench = Bench::new(POLICY);
        bench.unreadable("a", "x");
        assert_eq!(bench.judgement().unread.len(), 1);
    }
}
