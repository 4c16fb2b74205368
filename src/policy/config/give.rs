//! Hands paths from one track to another in the text of `tracks.toml`; comments and layout stay.

use toml_edit::{Array, DocumentMut, Item, Value};

use super::edit::still_valid;
use crate::model::{Failure, TrackId};

/// The text with `glob` at the end of what `to` owns, and taken from each of `from`: its own pattern of that text goes,
/// or a `!` pattern comes, or both.
///
/// Fails where a track is not declared by a table of its own, or the file would not be valid.
pub fn give(text: &str, glob: &str, to: &TrackId, from: &[(TrackId, Taking)]) -> Result<String, Failure> {
    let mut document: DocumentMut = text
        .parse()
        .map_err(|error: toml_edit::TomlError| Failure::usage(format!("`tracks.toml`: {}", error.message())))?;
    let excepted = format!("!{glob}");
    // What a track gave away once and gets back need not be excepted any more.
    let forget =
        |owns: &mut Array| owns.retain(|value| ![glob, &excepted].contains(&value.as_str().unwrap_or_default()));
    for (id, taking) in from {
        let owns = owns(&mut document, id)?;
        forget(owns);
        if *taking == Taking::Except {
            push(owns, &excepted);
        }
    }
    let owns = owns(&mut document, to)?;
    forget(owns);
    push(owns, glob);
    still_valid(document.to_string(), &format!("giving `{glob}` to `{to}`"))
}

/// How a track is left without a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taking {
    /// The pattern itself is taken out.
    Remove,
    /// The pattern is excepted from what else the track owns.
    Except,
}

fn owns<'a>(document: &'a mut DocumentMut, id: &TrackId) -> Result<&'a mut Array, Failure> {
    let undeclared = || {
        Failure::usage(format!("track `{id}` has no table `[tracks.{id}]` in the main worktree's `tracks.toml`"))
            .hint("edit the file by hand")
    };
    let table = document.get_mut("tracks").and_then(|tracks| tracks.get_mut(id.as_str())).ok_or_else(undeclared)?;
    let table = table.as_table_like_mut().ok_or_else(undeclared)?;
    let owns = table.entry("owns").or_insert(Item::Value(Value::Array(Array::new())));
    owns.as_array_mut().ok_or_else(|| Failure::usage(format!("`tracks.{id}.owns` is no list")))
}

/// Adds a value in the layout of the others.
fn push(array: &mut Array, text: &str) {
    let mut value = Value::from(text);
    match array.iter().last().and_then(|last| last.decor().prefix()?.as_str().map(str::to_owned)) {
        // A line of its own where the others have one, without the comment of the last one.
        Some(prefix) if prefix.contains('\n') => {
            let start = prefix.rfind('\n').unwrap_or(0);
            value.decor_mut().set_prefix(&prefix[start..]);
        }
        Some(_) => value.decor_mut().set_prefix(" "),
        None => {}
    }
    array.push_formatted(value);
}

#[cfg(test)]
mod tests {
    use snapbox::{assert_data_eq, str};

    use super::{Taking, give};
    use crate::model::TrackId;

    #[test]
    fn paths_change_hands_and_the_rest_stays() {
        let id = |id| TrackId::new(id).expect("valid");
        let text = "\
# Who does what.
[tracks.a] # first
owns = [
    \"api/**\", # all of it
    # for now
    \"web/\",
]
[tracks.b]
owns = ['lib/']   # small
[tracks.c]
title = \"x\"
";
        let given = give(text, "web/", &id("b"), &[(id("a"), Taking::Remove)]).expect("fits");
        let given = give(&given, "api/agents/**", &id("c"), &[(id("a"), Taking::Except)]).expect("fits");
        assert_data_eq!(
            &given,
            str![[r##"
# Who does what.
[tracks.a] # first
owns = [
    "api/**",
    "!api/agents/**",
]
[tracks.b]
owns = ['lib/', "web/"]   # small
[tracks.c]
title = "x"
owns = ["api/agents/**"]

"##]]
        );
        let back = give(&given, "api/agents/**", &id("a"), &[(id("c"), Taking::Remove)]).expect("fits");
        assert!(!back.contains("\"!api"), "{back}");
        let refused = give(text, "x", &id("d"), &[]).expect_err("not declared");
        assert_eq!(refused.message, "track `d` has no table `[tracks.d]` in the main worktree's `tracks.toml`");
    }
}
