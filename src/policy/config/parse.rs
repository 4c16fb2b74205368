//! From the text of `tracks.toml` to a `Config` that is valid; everything that is wrong is shown with its line.

use std::ops::Range;

use toml_edit::Document;

use crate::model::Failure;

use super::known::nearest;
use super::model::Config;
use super::problem::{Problem, Text, clipped, names, quoted};
use super::{shape, validate};

/// Longer files are refused before they are read: none that a person keeps comes near, and a hostile one would take
/// the memory.
const LONGEST: usize = 1 << 20;

impl Config {
    /// Reads and checks a whole file; `origin` is what to call it, `tracks.toml` or `main:tracks.toml`.
    pub fn parse(text: &str, origin: &str) -> Result<Config, Failure> {
        if text.len() > LONGEST {
            return Err(Failure::usage(format!("`{origin}` is larger than 1 MiB")));
        }
        let shown = Text { text, origin };
        let document = Document::parse(text).map_err(|error| refused(shown, error.message(), error.span()))?;
        let valid = |problems: Vec<Problem>| match problems.as_slice() {
            [] => Ok(()),
            _ => Err(Failure::usage(shown.show_all(&document, problems))),
        };
        valid(shape::problems(&document))?;
        let config: Config = toml::from_str(text).map_err(|error| refused(shown, error.message(), error.span()))?;
        valid(validate::problems(&config))?;
        Ok(config)
    }
}

fn refused(shown: Text<'_>, message: &str, span: Option<Range<usize>>) -> Failure {
    let written = span.clone().and_then(|span| shown.text.get(span)).unwrap_or_default();
    let (message, help) = reworded(message, written);
    Failure::usage(shown.show_one(span, &message, help.as_deref()))
}

/// The deserializer's words in those of the file format: it says `field`, `sequence` and `map`.
fn reworded(message: &str, written: &str) -> (String, Option<String>) {
    if let Some((name, known)) = unknown(message, "unknown field `") {
        return with_known(format!("unknown key {}", quoted(name)), name, &known);
    }
    if let Some((name, known)) = unknown(message, "unknown variant `") {
        return with_known(format!("unknown value {}", quoted(name)), name, &known);
    }
    if let Some(name) = message.strip_prefix("missing field ") {
        return (format!("missing key {name}"), None);
    }
    if message.starts_with("invalid type: map") && written.starts_with(|c: char| c.is_ascii_digit()) {
        return ("expected text, found a date".into(), Some("put it in quotes".into()));
    }
    let words = [
        ("invalid type: sequence,", "invalid type: list,"),
        ("invalid type: map,", "invalid type: table,"),
        ("expected a sequence", "expected a list"),
        ("expected a map", "expected a table"),
        ("expected a string", "expected text"),
        ("expected u64", "expected a whole number from 0"),
        ("expected u32", "expected a whole number from 0 to 4294967295"),
    ];
    let message = words.iter().fold(clipped(message, 200), |message, (from, to)| message.replace(from, to));
    (message, None)
}

/// The name that is not known, and those that are, from a message of serde's: ``unknown field `x`, expected one of
/// `a`, `b` ``.
fn unknown<'a>(message: &'a str, begin: &str) -> Option<(&'a str, Vec<&'a str>)> {
    let (name, known) = message.strip_prefix(begin)?.rsplit_once("`, expected ")?;
    Some((name, known.split('`').skip(1).step_by(2).collect()))
}

fn with_known(message: String, name: &str, known: &[&str]) -> (String, Option<String>) {
    match nearest(name, known.iter().copied()) {
        Some(meant) => (format!("{message}, did you mean `{meant}`?"), None),
        None => (message, Some(format!("known here: {}", names(known)))),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use snapbox::{assert_data_eq, str};

    use super::super::model::{Level, Policy, Stage, ZoneMode};
    use super::Config;

    fn error(text: &str) -> String {
        Config::parse(text, "tracks.toml").expect_err("has an error").message
    }

    fn title(text: &str) -> String {
        error(text).lines().next().unwrap_or_default().to_owned()
    }

    #[test]
    fn a_misspelt_key_is_shown_with_its_line() {
        assert_data_eq!(
            error("target = \"main\"\n\n[tracks.a]\nower = [\"api/**\"]\n"),
            str![[r#"
unknown key `ower`, did you mean `owns`?
 --> tracks.toml:4:1
  |
4 | ower = ["api/**"]
  | ^^^^
"#]]
        );
    }

    #[test]
    fn messages() {
        let table = [
            ("[tracks.a]\nower = []\n", "unknown key `ower`, did you mean `owns`?"),
            ("[tracks.a]\nowns = 3\n", "invalid type: integer `3`, expected a list"),
            ("[tracks.a]\ndue = 2026-12-01\n", "expected text, found a date"),
            ("[rules]\nunowned = \"warm\"\n", "unknown value `warm`, did you mean `warn`?"),
            ("[rules]\nunowned = \"loud\"\n", "unknown value `loud`"),
            ("[rules.file-size]\nmax-lines = -1\n", "invalid value: integer `-1`, expected a whole number from 0"),
            (
                "[rules.file-size]\nmax-bytes = -1\n",
                "invalid value: integer `-1`, expected a number of bytes or text such as \"1MiB\"",
            ),
            (
                "[rules.file-size]\nmax-bytes = true\n",
                "invalid type: boolean `true`, expected a number of bytes or text such as \"1MiB\"",
            ),
            ("target = 'a\n", "invalid literal string, expected `'`"),
            ("target = 'a'\ntarget = 'b'\n", "duplicate key"),
            ("[[waivers]]\nrule = 'x'\n", "missing key `paths`"),
            ("[[tracks]]\n", "invalid type: list, expected a table"),
            ("tracks = 3\n", "invalid type: integer `3`, expected a table"),
            (
                "[tracks.a]\npriority = -1\n",
                "invalid value: integer `-1`, expected a whole number from 0 to 4294967295",
            ),
            ("[tracks.a\n", "unclosed table, expected `]`"),
            ("colour = 1\n", "unknown key `colour`"),
            ("[[gates]]\nname = 'x'\nrun = 'y'\nstage = 'trak'\n", "unknown value `trak`, did you mean `track`?"),
            ("[tracks]\nowns=['x']\n", "expected a table, found a list"),
            ("owns = [", "unclosed array, expected `]`"),
            ("[[tracks.a]]\ntitle = 'x'\n", "expected a table, found a list"),
            ("gates = [['x', 'integration', 'y']]\n", "expected a table, found a list"),
            ("[rules]\nmigrations = ['sqlx']\n", "expected a table, found a list"),
        ];
        for (text, message) in table {
            assert_eq!(title(text), message, "{text}");
        }
    }

    #[test]
    fn a_byte_order_mark_and_windows_line_ends_move_no_column() {
        assert_data_eq!(
            error("\u{feff}target = 'a'\r\n\r\n[tracks.a]\r\nfoo = 1\r\n"),
            str![[r#"
unknown key `foo`
 --> tracks.toml:4:1
  |
4 | foo = 1
  | ^^^
  |
  = help: known here: title, agent, issue, branch, directory, owns, tables,
          depends-on, delivers, due, priority, stalled-after, severity,
          exclude
"#]]
        );
    }

    #[test]
    fn what_a_terminal_would_obey_is_spelled_out() {
        let shown = error("target = 'a\u{1b}[31m\u{202e}\u{9b}'\n");
        assert!(!shown.chars().any(|c| c != '\n' && c.is_control() || c == '\u{202e}'), "{shown:?}");
        let shown = error("\"\\u001b]0;x\" = 1\n");
        assert!(!shown.chars().any(|c| c != '\n' && c.is_control()), "{shown:?}");
    }

    #[test]
    fn a_huge_file_is_refused_unread() {
        assert_eq!(error(&"#".repeat((1 << 20) + 1)), "`tracks.toml` is larger than 1 MiB");
        let deep = format!("x = {}", "[".repeat(100_000));
        assert!(Config::parse(&deep, "tracks.toml").is_err());
        let long = format!("{} = 1\n", "k".repeat(1_000_000));
        assert!(error(&long).len() < 2000);
    }

    #[test]
    fn the_empty_file_is_the_default() {
        assert_eq!(Config::parse("", "tracks.toml").expect("valid"), Config::default());
    }

    const WHOLE: &str = r##"
target = "main"
phase  = "phase-1"

[naming]
branch    = "feature/{phase}-track-{track}"
directory = "../{repo}.{phase}-{track}"

[tracks.a]
title = "Agent registry"
agent = "alpha"
issue = "#123"
owns  = ["api/agents/**", "!api/agents/docs/", "scripts/registry/**"]
tables = ["agent_registry", "templates:add-columns"]
depends-on = []
delivers = ["api/agents/*.ts"]
due = "2026-12-01"
priority = 1

[tracks.b]
depends-on = ["a"]
[tracks.c]
branch = "topic/c"
directory = "/srv/c"

[contracts.agents-api]
track = "a"
paths = ["contracts/agents.yaml"]
consumers = ["b", "c"]
check = "oasdiff breaking $TRACKS_BASE $TRACKS_HEAD"

[shared.packages]
paths = ["packages/shared/**"]
steward = "c"
mode = "steward"

[shared.changes]
paths = ["CHANGELOG.md"]
mode = "append-only"

[rules]
unowned = "error"
[rules.file-size]
max-lines = 300
max-bytes = "1MiB"
max-growth = 500
max-shrink = 1000
exclude = ["**/*.lock"]
[rules.migrations]
preset = "supabase"
directories = ["supabase/migrations"]
token = "{track}"
require-token = true
[[rules.forbidden]]
name = "doubled-const"
pattern = '\bconst const\b'
paths = ["client/src/**"]

[[waivers]]
rule = "size.lines"
paths = ["api/agents/legacy.ts"]
until = "2027-01-31"
because = "split planned in phase 2"

[[regenerate]]
paths = ["package-lock.json"]
run = "npm install --package-lock-only"

[setup]
copy = [".env"]
link = []
run  = ["npm ci"]

[[gates]]
name = "types"
stage = "landing"
run = "npm run type-check"
paths = ["**/*.ts"]
timeout = "10m"

[sync]
every = "2d"
stalled-after = "4h"
on-finding = ["notify-send tracks \"$TRACKS_SUMMARY\""]

[severity]
"size.lines" = "warn"
"pattern.doubled-const" = "off"
"##;

    #[test]
    fn every_key_of_every_table_is_read() {
        let config = Config::parse(WHOLE, "tracks.toml").expect("valid");
        assert_eq!(config.tracks.keys().collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!(config.tracks["a"].owns.as_ref().map(Vec::len), Some(3));
        assert_eq!(config.tracks["a"].priority, Some(1));
        assert_eq!(config.tracks["b"].owns, None);
        assert_eq!(config.contracts["agents-api"].consumers, ["b", "c"]);
        assert_eq!(config.shared["changes"].mode, ZoneMode::AppendOnly);
        assert_eq!(config.rules.unowned, Policy::Error);
        assert_eq!(config.rules.file_size.max_bytes.as_ref().and_then(|size| size.bytes()), Some(1 << 20));
        assert_eq!(config.rules.migrations.as_ref().map(|m| m.require_token), Some(true));
        assert_eq!(config.rules.forbidden[0].name, "doubled-const");
        assert_eq!(config.waivers[0].until, "2027-01-31");
        assert_eq!(config.gates[0].stage, Stage::Landing);
        assert_eq!(config.sync.on_finding.len(), 1);
        assert_eq!(config.severity["pattern.doubled-const"], Level::Off);
    }

    proptest! {
        #[test]
        fn no_damage_to_a_file_makes_it_panic(at in 0..WHOLE.len(), cut in 0..40usize, put in "[\\[\\]{}=.'\"#\\\\\r\n\tä\u{1b}\u{202e}a1😀-]{0,6}") {
            let (at, end) = (WHOLE.floor_char_boundary(at), WHOLE.floor_char_boundary((at + cut).min(WHOLE.len())));
            let damaged = [&WHOLE[..at], &put, &WHOLE[end.max(at)..]].concat();
            if let Err(failure) = Config::parse(&damaged, "tracks.toml") {
                prop_assert!(!failure.message.chars().any(|c| c != '\n' && c.is_control()), "{:?}", failure.message);
            }
        }
    }
}
