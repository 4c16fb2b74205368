//! Which attributes are in force for paths, as Git reads them from a tree and from every place outside it.

use std::collections::HashMap;

use anyhow::Result;

use super::Scratch;
use crate::model::{RepoPath, TreeId};

/// The values of one path's attributes, those that are specified.
pub type Values = HashMap<String, String>;

/// Asks Git for `names` at `paths` with the `.gitattributes` of `tree` (and `info/attributes`, and the user's and the
/// system's files) in force. An attribute that is unspecified is left out.
pub fn check(scratch: &Scratch, tree: TreeId, names: &[&str], paths: &[RepoPath]) -> Result<Vec<Values>> {
    if paths.is_empty() {
        return Ok(Vec::new());
    }
    let mut input = Vec::new();
    for path in paths {
        input.extend_from_slice(path.as_bstr());
        input.push(0);
    }
    let git = scratch.git().arg(format!("--attr-source={tree}")).args(["check-attr", "-z", "--stdin"]).args(names);
    let printed = git.input(input).stdout()?;
    let fields: Vec<&[u8]> = printed.split(|b| *b == 0).collect();
    let mut values = vec![Values::new(); paths.len()];
    for (at, field) in fields.chunks_exact(3).enumerate() {
        let value = String::from_utf8_lossy(field[2]);
        if value != "unspecified" {
            values[at / names.len()].insert(String::from_utf8_lossy(field[1]).into_owned(), value.into_owned());
        }
    }
    Ok(values)
}
