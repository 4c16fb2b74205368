//! Adds and removes track tables in the text of `tracks.toml`; every other byte of the file stays as it was.

use toml_edit::{Array, Document, DocumentMut, Item, Table, Value, value};

use crate::model::{Failure, TrackId};

use super::layout::Layout;
use super::model::{Config, TrackTable};

const ORIGIN: &str = "tracks.toml";
/// Lists wider than this are written with a line for each value.
const WIDE: usize = 100;

/// Writes the table of a new track behind the last `[tracks.…]` table, or at the end of the file, after a blank line.
/// Only the keys that are given are written. Without `text` there is no file yet. Fails when the track is declared, or
/// the file would not be valid with it.
pub fn add_track(text: Option<&str>, id: &TrackId, table: &TrackTable) -> Result<String, Failure> {
    let text = text.unwrap_or_default();
    let config = Config::parse(text, ORIGIN)?;
    if config.tracks.contains_key(id.as_str()) {
        return Err(Failure::usage(format!("track `{id}` is declared already in `{ORIGIN}`")));
    }
    let edited = Layout::of(&read(text)?, text).with_table(&written(id, table));
    still_valid(edited, &format!("adding track `{id}`"))
}

/// Takes the table of a track away, with the comment lines directly above it and one blank line. Fails when the track is
/// not declared by a table of its own, or something else in the file needs it.
pub fn remove_track(text: &str, id: &TrackId) -> Result<String, Failure> {
    let config = Config::parse(text, ORIGIN)?;
    if !config.tracks.contains_key(id.as_str()) {
        return Err(Failure::usage(format!("track `{id}` is not declared in `{ORIGIN}`")));
    }
    match Layout::of(&read(text)?, text).without_table(id.as_str()) {
        Some(edited) => still_valid(edited, &format!("removing track `{id}`")),
        None => Err(Failure::usage(format!("track `{id}` has no table `[tracks.{id}]` of its own in `{ORIGIN}`"))
            .hint(format!("take it out of `{ORIGIN}` by hand"))),
    }
}

/// Hands `edited` out only when it can be read again.
pub(super) fn still_valid(edited: String, what: &str) -> Result<String, Failure> {
    match Config::parse(&edited, ORIGIN) {
        Ok(_) => Ok(edited),
        Err(failure) => {
            Err(Failure::usage(format!("{what} would leave a file that is not valid: {}", failure.message)))
        }
    }
}

fn read(text: &str) -> Result<Document<&str>, Failure> {
    Document::parse(text).map_err(|error| Failure::usage(format!("`{ORIGIN}`: {}", error.message())))
}

/// The table as text, ending in a line end. The keys are in the order of the documentation.
fn written(id: &TrackId, track: &TrackTable) -> String {
    let mut table = Table::new();
    let mut text = |key: &str, given: &Option<String>| {
        given.iter().for_each(|given| drop(table.insert(key, value(given))));
    };
    text("title", &track.title);
    text("agent", &track.agent);
    text("issue", &track.issue);
    text("branch", &track.branch);
    text("directory", &track.directory);
    let mut list = |key: &str, given: Option<&Vec<String>>| {
        given.iter().for_each(|given| drop(table.insert(key, value(laid_out(key, given)))));
    };
    let unless_empty = |list: &'static str, given| (list, Some(given).filter(|given: &&Vec<String>| !given.is_empty()));
    list("owns", track.owns.as_ref());
    for (key, given) in [
        unless_empty("tables", &track.tables),
        unless_empty("depends-on", &track.depends_on),
        unless_empty("delivers", &track.delivers),
    ] {
        list(key, given);
    }
    track.due.iter().for_each(|due| drop(table.insert("due", value(due))));
    track.priority.iter().for_each(|priority| drop(table.insert("priority", value(i64::from(*priority)))));
    in_tracks(id.as_str(), table)
}

fn in_tracks(id: &str, table: Table) -> String {
    let mut tracks = Table::new();
    tracks.set_implicit(true);
    tracks.insert(id, Item::Table(table));
    let mut document = DocumentMut::new();
    document.insert("tracks", Item::Table(tracks));
    document.to_string()
}

fn laid_out(key: &str, values: &[String]) -> Array {
    let mut array: Array = values.iter().collect();
    if key.len() + " = ".len() + array.to_string().len() > WIDE {
        array.iter_mut().for_each(|value: &mut Value| value.decor_mut().set_prefix("\n    "));
        array.set_trailing_comma(true);
        array.set_trailing("\n");
    }
    array
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use snapbox::{assert_data_eq, str};

    use super::{add_track, remove_track};
    use crate::model::TrackId;
    use crate::policy::config::model::TrackTable;

    fn id(id: &str) -> TrackId {
        TrackId::new(id).expect("valid")
    }

    fn owning(owns: &[&str]) -> TrackTable {
        TrackTable { owns: Some(owns.iter().map(|glob| (*glob).to_owned()).collect()), ..TrackTable::default() }
    }

    const TEXT: &str = "\
# Who does what.
target = \"main\"   # for now

[tracks.a] # the first
owns = [\"a/**\"] # all of it
# tables = []

# ---- rules ----

# Not too large.
[rules.file-size]
max-lines = 300
";

    #[test]
    fn a_table_goes_behind_the_last_of_its_kind() {
        assert_data_eq!(
            add_track(Some(TEXT), &id("b"), &owning(&["b/**"])).expect("fits"),
            str![[r##"
# Who does what.
target = "main"   # for now

[tracks.a] # the first
owns = ["a/**"] # all of it
# tables = []

[tracks.b]
owns = ["b/**"]

# ---- rules ----

# Not too large.
[rules.file-size]
max-lines = 300

"##]]
        );
    }

    #[test]
    fn every_key_is_written_in_the_documented_order() {
        let some = |text: &str| Some(text.to_owned());
        let table = TrackTable {
            title: some("The \"first\""),
            agent: some("alpha"),
            issue: some("#1"),
            branch: some("topic/a"),
            directory: some("../a"),
            tables: vec!["t".into()],
            depends_on: vec![],
            delivers: vec!["a/x".into()],
            due: some("2026-12-01"),
            priority: Some(1),
            ..owning(&["a/long/path/to/somewhere/**", "a/long/path/to/somewhere/else/**", "a/third/path/**", "x/*.rs"])
        };
        assert_data_eq!(
            add_track(None, &id("a"), &table).expect("fits"),
            str![[r##"
[tracks.a]
title = 'The "first"'
agent = "alpha"
issue = "#1"
branch = "topic/a"
directory = "../a"
owns = [
    "a/long/path/to/somewhere/**",
    "a/long/path/to/somewhere/else/**",
    "a/third/path/**",
    "x/*.rs",
]
tables = ["t"]
delivers = ["a/x"]
due = "2026-12-01"
priority = 1

"##]]
        );
        assert_eq!(add_track(None, &id("a"), &TrackTable::default()).expect("fits"), "[tracks.a]\n");
        assert_eq!(add_track(None, &id("a"), &owning(&[])).expect("fits"), "[tracks.a]\nowns = []\n");
    }

    #[test]
    fn a_table_goes_with_the_comment_above_it() {
        let text = "\
[tracks.a]

# About b.
# More about b.
[tracks.b]
owns = [\"b/**\"]
# tables = []

# About c.
[tracks.c]
";
        let table = [
            (
                "a",
                "# About b.\n# More about b.\n[tracks.b]\nowns = [\"b/**\"]\n# tables = []\n\n# About c.\n[tracks.c]\n",
            ),
            ("b", "[tracks.a]\n\n# About c.\n[tracks.c]\n"),
            ("c", "[tracks.a]\n\n# About b.\n# More about b.\n[tracks.b]\nowns = [\"b/**\"]\n# tables = []\n"),
        ];
        for (track, left) in table {
            assert_eq!(remove_track(text, &id(track)).expect("is there"), left, "{track}");
        }
    }

    #[test]
    fn edits_that_cannot_be_done_are_refused() {
        let message = |result: Result<String, crate::model::Failure>| result.expect_err("is refused").message;
        assert_eq!(
            message(add_track(Some(TEXT), &id("a"), &owning(&[]))),
            "track `a` is declared already in `tracks.toml`"
        );
        assert_eq!(message(remove_track(TEXT, &id("b"))), "track `b` is not declared in `tracks.toml`");
        assert_eq!(
            message(remove_track("tracks.a.title = 'x'", &id("a"))),
            "track `a` has no table `[tracks.a]` of its own in `tracks.toml`"
        );
        assert_data_eq!(
            message(add_track(Some("tracks = {}\n"), &id("a"), &owning(&[]))),
            str![[r#"
adding track `a` would leave a file that is not valid: cannot extend value of type inline table with a dotted key
 --> tracks.toml:3:2
  |
3 | [tracks.a]
  |  ^^^^^^
"#]]
        );
        assert_data_eq!(
            message(remove_track("[tracks.a]\n[tracks.b]\ndepends-on=['a']\n", &id("a"))),
            str![[r#"
removing track `a` would leave a file that is not valid: no track `a` is declared
 --> tracks.toml:2:13
  |
2 | depends-on=['a']
  |             ^^^
"#]]
        );
        let same = TrackTable { branch: Some("feature/track-a".into()), ..TrackTable::default() };
        assert_data_eq!(
            message(add_track(Some(TEXT), &id("b"), &same)),
            str![[r#"
adding track `b` would leave a file that is not valid: track `a` and track `b` get the same branch, `feature/track-a`
 --> tracks.toml:9:10
  |
9 | branch = "feature/track-a"
  |          ^^^^^^^^^^^^^^^^^
"#]]
        );
    }

    /// Pieces of files that a person could have written, in an order that is well formed.
    fn texts() -> impl Strategy<Value = String> {
        let loose = prop_oneof![Just("\n"), Just("# a comment\n"), Just("  # [tracks.no]\n"), Just("\t\n")];
        let loose = proptest::collection::vec(loose, 0..4).prop_map(|lines| lines.concat());
        let root = prop_oneof![Just(""), Just("target = 'main' # x\n"), Just("target = \"\"\"\nmain\"\"\"\n")];
        let tables = vec![
            "[tracks.a]\n",
            "[tracks.b] # header\nowns = [\n  'x', # y\n]\n",
            "[tracks]\n  [tracks.c]\n  title = '''\n[tracks.none]\n# no comment'''\n",
            "[rules.file-size]\nmax-lines = 3\n",
            "[[gates]]\nname = 'g'\nrun = \"\"\"\n# x\nmake\"\"\"\n",
            "[setup]\nrun = []\n",
        ];
        let tables = proptest::sample::subsequence(tables.clone(), 0..=tables.len()).prop_shuffle();
        let glue = proptest::collection::vec(loose, 8);
        (root, tables, glue, any::<bool>(), any::<bool>()).prop_map(|(root, tables, glue, windows, cut)| {
            let mut text = glue[6].clone() + root + &glue[7];
            tables.iter().zip(&glue).for_each(|(table, glue)| text.extend([table, glue.as_str()]));
            let text = if windows { text.replace('\n', "\r\n") } else { text };
            if cut { text.trim_end_matches(['\r', '\n']).to_owned() } else { text }
        })
    }

    proptest! {
        #[test]
        fn what_was_added_can_be_removed_without_a_trace(text in texts(), owns in proptest::option::of("[a-z]{1,60}")) {
            let table = owns.map_or_else(TrackTable::default, |glob| owning(&[&glob, &glob]));
            let added = add_track(Some(&text), &id("new"), &table).expect("fits");
            prop_assert!(added.len() > text.len());
            prop_assert_eq!(remove_track(&added, &id("new")).expect("is there"), text);
        }
    }
}
