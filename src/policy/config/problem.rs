//! What is wrong in `tracks.toml` and where: problems found in the values, tied to the text only when there are some.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Element, Level, Renderer, Snippet};
use toml_edit::{ArrayOfTables, Document, Item, TableLike, Value};

use crate::model::text::{escaped, escaped_lines};

/// As many as fit on a screen.
const SHOWN: usize = 8;
/// Nobody reads more, and looking for the nearest spelling of each takes long in a hostile file.
pub(super) const ENOUGH: usize = 100;

/// A step from a table to what lies in it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(String),
    Item(usize),
}

/// A way through the file, such as `tracks`, `a`, `depends-on`, 2.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Place(Vec<Step>);

/// Which side of the `=` is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Key,
    Value,
}

/// One thing that is wrong in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    place: Place,
    side: Side,
    /// What is wrong: lower case, names in backticks, no full stop.
    pub(super) message: String,
    help: Option<String>,
}

/// The text of the file, and what to call it.
#[derive(Clone, Copy)]
pub(super) struct Text<'a> {
    /// All of it.
    pub(super) text: &'a str,
    /// `tracks.toml`, or `main:tracks.toml`.
    pub(super) origin: &'a str,
}

impl Place {
    /// The way to a key of the file, or of a table in it.
    pub(super) fn of<const N: usize>(keys: [&str; N]) -> Self {
        Place(keys.into_iter().map(|key| Step::Key(key.to_owned())).collect())
    }

    /// One key further.
    pub(super) fn key(&self, key: &str) -> Self {
        self.then(Step::Key(key.to_owned()))
    }

    /// One place of a list further, counted from 0.
    pub(super) fn item(&self, index: usize) -> Self {
        self.then(Step::Item(index))
    }

    fn then(&self, step: Step) -> Self {
        Place(self.0.iter().cloned().chain([step]).collect())
    }
}

impl Problem {
    /// A value that is wrong.
    pub(super) fn value(place: Place, message: impl Into<String>) -> Self {
        Problem { place, side: Side::Value, message: message.into(), help: None }
    }

    /// A key, or the name of a table, that is wrong.
    pub(super) fn key(place: Place, message: impl Into<String>) -> Self {
        Problem { place, side: Side::Key, message: message.into(), help: None }
    }

    /// Adds what to do about it.
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// A name from the file, in backticks: nothing a terminal obeys, and not longer than a line.
pub(super) fn quoted(name: &str) -> String {
    format!("`{}`", clipped(&escaped(name.as_bytes()), 60))
}

/// Names for a line of help, broken before they get too wide.
pub(super) fn names(names: &[&str]) -> String {
    let mut lines = String::new();
    let mut width = 0;
    for (at, name) in names.iter().enumerate() {
        let separator = match at {
            0 => "",
            _ if width + name.len() > 60 => ",\n",
            _ => ", ",
        };
        width = if separator.ends_with('\n') { 0 } else { width + separator.len() } + name.len();
        lines.push_str(separator);
        lines.push_str(name);
    }
    lines
}

/// `text`, cut after `most` characters.
pub(super) fn clipped(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

impl Text<'_> {
    /// All `problems`, in the order of the file, each with the line it is on.
    pub(super) fn show_all(self, document: &Document<&str>, problems: Vec<Problem>) -> String {
        let mut placed: Vec<(Option<Range<usize>>, Problem)> =
            problems.into_iter().map(|p| (span(document, &p), p)).collect();
        placed.sort_by_key(|(span, _)| span.as_ref().map(|span| span.start));
        let total = placed.len();
        let mut shown: Vec<String> = placed
            .into_iter()
            .take(SHOWN)
            .enumerate()
            .map(|(at, (span, p))| self.show(level(at), span, (&p.message, p.help.as_deref())))
            .collect();
        if total > SHOWN {
            shown.push("and more problems".to_owned());
        }
        shown.join("\n\n")
    }

    /// One message with the line that `span` is on.
    pub(super) fn show_one(self, span: Option<Range<usize>>, message: &str, help: Option<&str>) -> String {
        self.show(level(0), span, (message, help))
    }

    fn show(self, level: Level<'_>, span: Option<Range<usize>>, (message, help): (&str, Option<&str>)) -> String {
        // A value may go on for many lines; where it begins is enough.
        let first_line = |span: Range<usize>| {
            let (start, end) = (self.text.floor_char_boundary(span.start), self.text.ceil_char_boundary(span.end));
            start..self.text[start..end].find(['\r', '\n']).map_or(end, |line| start + line)
        };
        let excerpt = match span {
            Some(span) => Element::from(
                Snippet::source(self.text).path(self.origin).annotation(AnnotationKind::Primary.span(first_line(span))),
            ),
            None => Element::from(annotate_snippets::Origin::path(self.origin)),
        };
        let title = level.primary_title(clipped(message, 400)).element(excerpt);
        let report = [match help {
            Some(help) => title.element(Level::HELP.message(help)),
            None => title,
        }];
        let drawn = Renderer::plain().term_width(80).render(&report);
        escaped_lines(drawn.as_bytes()).lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
    }
}

/// The first message follows the word `error:` of whoever prints it.
fn level<'a>(at: usize) -> Level<'a> {
    if at == 0 { Level::ERROR.no_name() } else { Level::ERROR }
}

/// A part of the file that can be looked into.
#[derive(Clone, Copy)]
enum Node<'a> {
    Table(&'a dyn TableLike),
    Tables(&'a ArrayOfTables),
    Value(&'a Value),
    Nothing,
}

/// Where in the text a problem is; where a key is not written, the nearest table that is.
pub(super) fn span(document: &Document<&str>, problem: &Problem) -> Option<Range<usize>> {
    let mut node = Node::Table(document.as_table());
    let mut found = None;
    for (at, step) in problem.place.0.iter().enumerate() {
        let (key, value, next) = enter(node, step);
        let wants_key = problem.side == Side::Key && at + 1 == problem.place.0.len();
        found = if wants_key { key.or(value) } else { value.or(key) }.or(found);
        node = next;
    }
    found
}

type Entered<'a> = (Option<Range<usize>>, Option<Range<usize>>, Node<'a>);

fn enter<'a>(node: Node<'a>, step: &Step) -> Entered<'a> {
    let nothing = (None, None, Node::Nothing);
    match (node, step) {
        (Node::Table(table), Step::Key(key)) => match table.get_key_value(key) {
            Some((key, item)) => (key.span(), item.span(), node_of(item)),
            None => nothing,
        },
        (Node::Tables(tables), Step::Item(index)) => match tables.get(*index) {
            Some(table) => (None, table.span(), Node::Table(table)),
            None => nothing,
        },
        (Node::Value(Value::Array(array)), Step::Item(index)) => match array.get(*index) {
            Some(value) => (None, value.span(), node_of_value(value)),
            None => nothing,
        },
        _ => nothing,
    }
}

fn node_of(item: &Item) -> Node<'_> {
    match item {
        Item::None => Node::Nothing,
        Item::Value(value) => node_of_value(value),
        Item::Table(table) => Node::Table(table),
        Item::ArrayOfTables(tables) => Node::Tables(tables),
    }
}

fn node_of_value(value: &Value) -> Node<'_> {
    match value {
        Value::InlineTable(table) => Node::Table(table),
        other => Node::Value(other),
    }
}

#[cfg(test)]
mod tests {
    use snapbox::{assert_data_eq, str};

    use toml_edit::Document;

    use super::{Place, Problem, Text};

    const TEXT: &str = "\
target = \"main\"
tracks.b = { owns = [\"x\"] }

[tracks.a]
depends-on = [\"b\",
  \"c\"]

[[gates]]
name = \"one\"
";

    fn show(problems: Vec<Problem>) -> String {
        let document = Document::parse(TEXT).expect("well formed");
        Text { text: TEXT, origin: "tracks.toml" }.show_all(&document, problems)
    }

    #[test]
    fn places_are_found_through_every_kind_of_table() {
        let table = [
            (Place::of(["target"]), "1:10"),
            (Place::of(["tracks", "b", "owns"]).item(0), "2:22"),
            (Place::of(["tracks", "a", "depends-on"]).item(1), "6:3"),
            (Place::of(["gates"]).item(0).key("name"), "9:8"),
            (Place::of(["gates"]).item(0).key("timeout"), "8:1"),
            (Place::of(["tracks", "a", "due"]), "4:1"),
        ];
        for (place, at) in table {
            let shown = show(vec![Problem::value(place, "wrong")]);
            assert_eq!(
                shown.lines().nth(1).map(|l| l.trim_start_matches([' ', '-', '>'])),
                Some(&*format!("tracks.toml:{at}"))
            );
        }
        let nowhere = show(vec![Problem::value(Place::of(["naming", "branch"]), "wrong")]);
        assert_eq!(nowhere, "wrong\n--> tracks.toml");
    }

    #[test]
    fn problems_are_shown_in_the_order_of_the_file() {
        let problems = vec![
            Problem::value(Place::of(["gates"]).item(0).key("name"), "second").help("do this"),
            Problem::key(Place::of(["tracks", "a"]), "first"),
        ];
        assert_data_eq!(
            show(problems),
            str![[r#"
first
 --> tracks.toml:4:9
  |
4 | [tracks.a]
  |         ^

error: second
 --> tracks.toml:9:8
  |
9 | name = "one"
  |        ^^^^^
  |
  = help: do this
"#]]
        );
    }

    #[test]
    fn what_does_not_fit_is_said() {
        let problems = (0..10).map(|_| Problem::value(Place::of(["target"]), "wrong")).collect();
        let shown = show(problems);
        assert_eq!(shown.lines().last(), Some("and more problems"));
    }
}
