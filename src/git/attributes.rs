//! Which attributes are in force for paths, as Git reads them from a tree or a checkout and from every place outside it.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Result;
use bstr::ByteSlice;

use super::{Checkout, Git, Scratch};
use crate::model::{RepoPath, TreeId};

/// The values of one path's attributes, those that are specified.
pub type Values = HashMap<String, String>;

/// Where `.gitattributes` files are read from.
#[derive(Clone)]
pub enum Source {
    /// From a tree, which is not enough for `merge.renormalize`.
    Tree(TreeId),
    /// From the files of a checkout.
    Checkout(Arc<Checkout>),
}

impl From<TreeId> for Source {
    fn from(tree: TreeId) -> Source {
        Source::Tree(tree)
    }
}

impl Source {
    /// Git with these files in force, writing objects into the scratch.
    pub fn git(&self, scratch: &Scratch) -> Git {
        match self {
            // Git dies of normalising in a bare repository.
            Source::Tree(tree) => {
                scratch.git().args(["-c", "merge.renormalize=false", &format!("--attr-source={tree}")])
            }
            Source::Checkout(checkout) => checkout.git(scratch),
        }
    }
}

/// Asks Git for `names` at `paths` with the `.gitattributes` of `tree` (and `info/attributes`, and the user's and the
/// system's files) in force. An attribute that is unspecified is left out.
pub fn check(scratch: &Scratch, tree: TreeId, names: &[&str], paths: &[RepoPath]) -> Result<Vec<Values>> {
    if paths.is_empty() {
        return Ok(Vec::new());
    }
    let git = Source::Tree(tree).git(scratch).args(["check-attr", "-z", "--stdin"]).args(names);
    let printed = git.input(joined(paths)).stdout()?;
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

/// Whether any attribute at all is specified for any of `paths`, with the `.gitattributes` of `tree` in force.
pub fn any(scratch: &Scratch, tree: TreeId, paths: &[RepoPath]) -> Result<bool> {
    let git = Source::Tree(tree).git(scratch).args(["check-attr", "-z", "--stdin", "--all"]);
    Ok(!git.input(joined(paths)).stdout()?.is_empty())
}

fn joined(paths: &[RepoPath]) -> Vec<u8> {
    paths.iter().flat_map(|path| [path.as_bstr().as_bytes(), b"\0"].concat()).collect()
}
