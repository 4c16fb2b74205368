//! Which migration follows which, where migrations name the ones before them (Django, Alembic): nodes are read from the
//! files' texts, and nothing is run.

use std::collections::{BTreeMap, BTreeSet};

use bstr::ByteSlice;
use serde::Deserialize;

use super::python::{Value, assigned};
use crate::model::RepoPath;

/// How migrations name the ones before them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GraphKind {
    /// `dependencies`, `run_before` and `replaces` of pairs of app and name; a migration's id is its file's name.
    Django,
    /// `revision` and `down_revision`.
    Alembic,
}

/// What one migration says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What others call it.
    pub id: String,
    /// The ones before it; `None` where that is computed, or could not be read.
    pub follows: Option<Vec<Named>>,
    /// The ones it stands for.
    replaces: Vec<Named>,
    /// The ones it must come before.
    precedes: Vec<Named>,
    /// Whether it also follows what a setting names.
    by_setting: bool,
}

/// A migration as another one names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its app, for Django.
    pub app: Option<String>,
    /// Its id.
    pub id: String,
}

/// Reads one migration. `content` is `None` where it could not be had.
pub fn read(kind: GraphKind, path: &RepoPath, content: Option<&[u8]>) -> Node {
    let name = path.file_name();
    let stem = name.strip_suffix(b".py").unwrap_or(name).to_str_lossy().into_owned();
    let Some(source) = content.map(|bytes| bytes.to_str_lossy()) else {
        return Node { id: stem, follows: None, replaces: vec![], precedes: vec![], by_setting: false };
    };
    match kind {
        GraphKind::Django => django(stem, &source),
        GraphKind::Alembic => alembic(stem, &source),
    }
}

fn django(id: String, source: &str) -> Node {
    let list = |name| assigned(source, name).unwrap_or(Value::List(vec![]));
    let (follows, replaces, precedes) = (list("dependencies"), list("replaces"), list("run_before"));
    let by_setting = matches!(&follows, Value::List(items) if items.iter().any(is_swappable));
    match (named(&follows), named(&replaces), named(&precedes)) {
        (Some(follows), Some(replaces), Some(precedes)) => {
            Node { id, follows: Some(follows), replaces, precedes, by_setting }
        }
        _ => Node { id, follows: None, replaces: vec![], precedes: vec![], by_setting },
    }
}

/// `migrations.swappable_dependency(settings.AUTH_USER_MODEL)`: the first migration of whatever app the setting names.
fn is_swappable(value: &Value) -> bool {
    matches!(value, Value::Call(name) if name.rsplit('.').next() == Some("swappable_dependency"))
}

/// Pairs of app and name; `None` where any of it is computed.
fn named(list: &Value) -> Option<Vec<Named>> {
    let Value::List(items) = list else { return None };
    let pairs = items.iter().filter(|item| !is_swappable(item)).map(|item| match item {
        Value::List(pair) => match pair.as_slice() {
            [Value::Text(app), Value::Text(id)] => Some(Named { app: Some(app.clone()), id: id.clone() }),
            _ => None,
        },
        _ => None,
    });
    pairs.collect()
}

/// Without `revision` the id is what the file's name begins with, as Alembic reads it.
fn alembic(stem: String, source: &str) -> Node {
    let id = match assigned(source, "revision") {
        Some(Value::Text(id)) => Some(id),
        Some(_) => None,
        None => Some(stem.split('_').next().unwrap_or(&stem).to_owned()),
    };
    let text = |value: &Value| match value {
        Value::Text(id) => Some(Named { app: None, id: id.clone() }),
        _ => None,
    };
    let follows = match assigned(source, "down_revision") {
        None | Some(Value::Nothing) => Some(vec![]),
        Some(Value::List(items)) => items.iter().map(text).collect(),
        Some(value) => text(&value).map(|one| vec![one]),
    };
    let follows = if id.is_some() { follows } else { None };
    Node { id: id.unwrap_or(stem), follows, replaces: vec![], precedes: vec![], by_setting: false }
}

/// The migrations that nothing follows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heads {
    /// Their files.
    pub paths: BTreeSet<RepoPath>,
    /// A file whose place in the graph cannot be told, so that `paths` may be too many.
    pub unknown: Option<RepoPath>,
}

/// The heads of the migrations in one folder.
pub fn heads(set: &RepoPath, nodes: &BTreeMap<RepoPath, Node>) -> Heads {
    let label = label(set, nodes);
    let ids: BTreeSet<&str> = nodes.values().map(|node| node.id.as_str()).collect();
    // Django takes a migration out of the graph that another one replaces, and that one takes its place.
    let here = |named: &Named| named.app.is_none() || named.app == label;
    let mut stands_for: BTreeMap<&str, &str> = BTreeMap::new();
    for node in nodes.values() {
        let replaced = node.replaces.iter().filter(|named| here(named));
        stands_for.extend(replaced.map(|named| (named.id.as_str(), node.id.as_str())));
    }
    let place = |id: &str| -> String { stands_for.get(id).copied().unwrap_or(id).to_owned() };
    let mut followed: BTreeSet<String> = BTreeSet::new();
    let mut unknown = None;
    for (path, node) in nodes {
        let own = place(&node.id);
        let parents: Vec<&Named> = node.follows.iter().flatten().filter(|named| here(named)).collect();
        let odd = parents.iter().any(|named| named.id.starts_with("__"));
        let floating = node.by_setting && parents.is_empty() && ids.len() > 1 && !is_first(&node.id);
        if node.follows.is_none() || odd || floating {
            unknown = Some(path.clone());
        }
        followed.extend(parents.into_iter().map(|named| place(&named.id)).filter(|parent| *parent != own));
        let later = node.precedes.iter().filter(|named| here(named) && ids.contains(named.id.as_str()));
        followed.extend(later.map(|_| own.clone()));
    }
    let is_head = |node: &Node| !stands_for.contains_key(node.id.as_str()) && !followed.contains(&node.id);
    let paths = nodes.iter().filter(|(_, node)| is_head(node)).map(|(path, _)| path.clone()).collect();
    Heads { paths, unknown }
}

fn is_first(id: &str) -> bool {
    id.starts_with("0001")
}

/// What the app of a folder of migrations is called: by its folder, unless its migrations call it otherwise.
pub fn label(set: &RepoPath, nodes: &BTreeMap<RepoPath, Node>) -> Option<String> {
    let folder = set.parent().map(|app| app.file_name().to_str_lossy().into_owned());
    let ids: BTreeSet<&str> = nodes.values().map(|node| node.id.as_str()).collect();
    let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
    for named in nodes.values().flat_map(|node| node.follows.iter().flatten()) {
        if let Some(app) = named.app.as_deref().filter(|_| ids.contains(named.id.as_str())) {
            *uses.entry(app).or_default() += 1;
        }
    }
    let by_folder = folder.filter(|folder| uses.is_empty() || uses.contains_key(folder.as_str()));
    by_folder.or_else(|| uses.into_iter().max_by_key(|(_, count)| *count).map(|(app, _)| app.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{GraphKind, heads, read};
    use crate::model::RepoPath;

    /// The heads by name, and whether something is not known.
    fn heads_of(kind: GraphKind, files: &[(&str, &str)]) -> (Vec<String>, bool) {
        let folder = RepoPath::new("shop/migrations");
        let node = |(name, text): &(&str, &str)| {
            let path = folder.join(format!("{name}.py").as_bytes());
            (path.clone(), read(kind, &path, Some(text.as_bytes())))
        };
        let nodes: BTreeMap<_, _> = files.iter().map(node).collect();
        let heads = heads(&folder, &nodes);
        (heads.paths.iter().map(|path| path.file_name().to_string()).collect(), heads.unknown.is_some())
    }

    /// Files, their heads, and whether something is not known.
    type Row<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str], bool);

    const FIRST: (&str, &str) = ("0001_initial", "class Migration(x):\n    dependencies = []\n");

    #[test]
    fn django() {
        let after = |app: &str, id: &str| format!("class Migration(x):\n    dependencies = [('{app}', '{id}')]\n");
        let (b, c) = (after("shop", "0001_initial"), after("shop", "0002_b"));
        let other = after("auth", "0001_initial");
        let labelled = after("store", "0001_initial");
        let squashed = format!("{}    replaces = [('shop', '0001_initial'), ('shop', '0002_b')]\n", FIRST.1);
        let user = "dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]";
        let user_too = format!("dependencies = [('shop', '0001_initial'), {}", &user["dependencies = [".len()..]);
        let table: &[Row] = &[
            (&[FIRST], &["0001_initial.py"], false),
            (&[FIRST, ("0002_b", &b)], &["0002_b.py"], false),
            (&[FIRST, ("0002_b", &b), ("0002_c", &b)], &["0002_b.py", "0002_c.py"], false),
            (&[FIRST, ("0002_b", &b), ("0003_c", &c)], &["0003_c.py"], false),
            (&[FIRST, ("0002_b", &b), ("0002_o", &other)], &["0002_b.py", "0002_o.py"], false),
            (&[FIRST, ("0002_b", &labelled), ("0003_c", &labelled)], &["0002_b.py", "0003_c.py"], false),
            (&[FIRST, ("0002_b", &b), ("0001_squashed_0002", &squashed)], &["0001_squashed_0002.py"], false),
            (&[FIRST, ("0002_b", &b), ("0001_squashed_0002", &squashed), ("0003_c", &c)], &["0003_c.py"], false),
            (&[("0001_initial", user)], &["0001_initial.py"], false),
            (&[FIRST, ("0002_b", &user_too)], &["0002_b.py"], false),
            (&[FIRST, ("0002_b", user)], &["0001_initial.py", "0002_b.py"], true),
            (&[FIRST, ("0002_b", "dependencies = [x]")], &["0001_initial.py", "0002_b.py"], true),
        ];
        for (files, expected, unknown) in table {
            let expected = expected.iter().map(ToString::to_string).collect::<Vec<_>>();
            assert_eq!(heads_of(GraphKind::Django, files), (expected, *unknown), "{files:?}");
        }
    }

    #[test]
    fn alembic() {
        let one = "\"\"\"Revises: nothing\"\"\"\nrevision = 'aa'\ndown_revision = None\n";
        let two = "revision: str = 'bb'\ndown_revision: Union[str, None] = 'aa'\n";
        let three = "revision = 'cc'\ndown_revision = 'aa'\n";
        let merge = "revision = 'dd'\ndown_revision = ('bb', 'cc')\n";
        let table: &[Row] = &[
            (&[("aa_x", one), ("bb_x", two)], &["bb_x.py"], false),
            (&[("aa_x", one), ("bb_x", two), ("cc_x", three)], &["bb_x.py", "cc_x.py"], false),
            (&[("aa_x", one), ("bb_x", two), ("cc_x", three), ("m", merge)], &["m.py"], false),
            (&[("aa_x", one), ("cc_x", "revision = make()\n")], &["aa_x.py", "cc_x.py"], true),
            (&[("aa_x", one), ("cc_x", "down_revision = last()\n")], &["aa_x.py", "cc_x.py"], true),
        ];
        for (files, expected, unknown) in table {
            let expected = expected.iter().map(ToString::to_string).collect::<Vec<_>>();
            assert_eq!(heads_of(GraphKind::Alembic, files), (expected, *unknown), "{files:?}");
        }
    }
}
