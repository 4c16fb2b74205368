//! Where a table must stand, not a list: the deserializer would take a list for a table, value by value, so that
//! `[tracks]` with `owns = […]` would declare a track called `owns`.

use toml_edit::{Document, Item, TableLike, Value};

use super::problem::{Place, Problem};

/// Every list in the place of a table.
pub(super) fn problems(document: &Document<&str>) -> Vec<Problem> {
    let root = document.as_table();
    let mut found = Vec::new();
    for name in ["checkpoints", "landing", "naming", "rules", "setup", "sync"] {
        check(Place::of([name]), root.get(name), &mut found);
    }
    for name in ["tracks", "contracts", "shared"] {
        let tables = root.get(name).and_then(Item::as_table_like);
        for (key, item) in tables.into_iter().flat_map(|tables| tables.iter()) {
            check(Place::of([name, key]), Some(item), &mut found);
        }
    }
    for name in ["waivers", "regenerate", "gates"] {
        check_items(&Place::of([name]), root.get(name), &mut found);
    }
    if let Some(rules) = root.get("rules").and_then(Item::as_table_like) {
        check_rules(rules, &mut found);
    }
    found
}

fn check_rules(rules: &dyn TableLike, found: &mut Vec<Problem>) {
    for name in ["file-size", "migrations"] {
        check(Place::of(["rules", name]), rules.get(name), found);
    }
    check_items(&Place::of(["rules", "forbidden"]), rules.get("forbidden"), found);
}

fn check(place: Place, item: Option<&Item>, found: &mut Vec<Problem>) {
    if item.is_some_and(|item| item.is_array() || item.is_array_of_tables()) {
        found.push(Problem::key(place, "expected a table, found a list"));
    }
}

fn check_items(place: &Place, list: Option<&Item>, found: &mut Vec<Problem>) {
    let values = list.and_then(Item::as_array).into_iter().flat_map(|list| list.iter());
    let lists = values.enumerate().filter(|(_, value)| matches!(value, Value::Array(_)));
    found.extend(lists.map(|(at, _)| Problem::value(place.item(at), "expected a table, found a list")));
}
