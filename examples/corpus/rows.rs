//! The tables: which merges, and what became of them.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// What somebody says to a merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// It is clean and gives this tree.
    Clean(String),
    /// It conflicts.
    Conflict,
    /// It could not be done.
    Unknown,
}

impl Said {
    /// What a status and a tree of `git merge-tree` mean.
    pub fn of(exit: &str, tree: &str) -> Said {
        match exit {
            "0" => Said::Clean(tree.to_owned()),
            "1" => Said::Conflict,
            _ => Said::Unknown,
        }
    }
}

impl fmt::Display for Said {
    fn fmt(&self, to: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Said::Clean(tree) => write!(to, "clean {tree}"),
            Said::Conflict => to.write_str("conflict"),
            Said::Unknown => to.write_str("unknown"),
        }
    }
}

/// One merge.
pub struct Row {
    /// Its name.
    pub id: String,
    /// What kind it is.
    pub kind: String,
    /// The tree of the base, where it is given.
    pub base: Option<String>,
    /// Into what is merged.
    pub ours: String,
    /// What is merged.
    pub theirs: String,
    /// Whether it is a fair check.
    pub stable: bool,
    /// What must come out.
    pub recorded: Said,
}

impl Row {
    /// The line that asks for it.
    pub fn line(&self) -> String {
        let base = self.base.as_ref().map(|base| format!("{base} -- ")).unwrap_or_default();
        format!("{base}{} {}\n", self.ours, self.theirs)
    }
}

/// The tables of a folder that have a bundle, by name.
pub fn tables(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder that can be read");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let is_table = |path: &PathBuf| path.extension().is_some_and(|it| it == "tsv");
    let mut tables: Vec<PathBuf> =
        paths.filter(is_table).filter(|path| path.with_extension("bundle").exists()).collect();
    tables.sort();
    tables
}

/// The rows of a table.
pub fn read(table: &Path) -> Vec<Row> {
    let text = std::fs::read_to_string(table).expect("a table that can be read");
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    let row = |line: &str| {
        let fields: HashMap<&str, &str> = names.iter().copied().zip(line.split('\t')).collect();
        let field =
            |name: &str| fields.get(name).unwrap_or_else(|| panic!("no column `{name}` in `{line}`")).to_string();
        let (kind, recorded) = (field("kind"), Said::of(&field("exit"), &field("tree")));
        Row {
            id: field("id"),
            base: (kind == "tree").then(|| field("base_tree")),
            ours: field("ours"),
            theirs: field("theirs"),
            stable: field("stable") == "1",
            recorded: if kind == "unrelated" { Said::Unknown } else { recorded },
            kind,
        }
    };
    lines.filter(|line| !line.is_empty()).map(row).collect()
}
