//! The frameworks whose migrations are known, read once from `presets.toml`, which is part of the program.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use super::graph::GraphKind;
use super::version::VersionKind;
use crate::policy::config::model::Dialect;

/// What is known of a framework.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Preset {
    /// Where migrations are kept: gitignore globs of folders, from the root.
    pub directories: Vec<String>,
    /// What one migration is.
    pub entry: EntryKind,
    /// Whether folders below are read as well.
    #[serde(default)]
    pub recursive: bool,
    /// The name: a regular expression over the base name with the groups `v` (version), `n` (name), `d` (direction or
    /// part), `k` (kind) and `track`.
    pub pattern: String,
    /// Base names in those folders that are meant to be something else.
    pub also: Option<String>,
    /// How versions compare.
    pub version: VersionKind,
    /// Keys, each a list of groups (or `stem`, the whole base name), each of which must be unique.
    pub unique: Vec<Vec<String>>,
    /// Values of `d` that belong together.
    #[serde(default)]
    pub pair: Vec<String>,
    /// What becomes of a version older than one that was applied.
    pub late: Late,
    /// What becomes of the second migration of one key; `None` where that is not known, or cannot happen.
    pub duplicate: Option<Duplicate>,
    /// Files that the framework rewrites with each migration: gitignore globs.
    #[serde(default)]
    pub sidecars: Vec<String>,
    /// The file, from the folder of the migrations, that the framework reads to know which there are.
    pub record: Option<Record>,
    /// How migrations name the ones before them, where order is not by version.
    pub graph: Option<GraphKind>,
    /// The one database the framework is for.
    pub dialect: Option<Dialect>,
    /// What a new migration is made of, for `migration new`.
    #[serde(default)]
    pub new: Vec<NewFile>,
    /// The same where the newest migration has two halves.
    #[serde(default)]
    pub new_pair: Vec<NewFile>,
    /// The framework's own command that makes a migration called `{n}`, where what it writes cannot be guessed.
    pub own_command: Option<String>,
    /// How sure this is.
    pub source: Source,
    /// What of it could not be confirmed: a key of this table, and in how far.
    #[serde(default)]
    pub unconfirmed: BTreeMap<String, String>,
    /// Names that match.
    pub ok: Vec<String>,
    /// Names that do not.
    pub bad: Vec<String>,
    /// What to do about a clash, in the framework's own terms.
    pub hint: String,
}

impl Preset {
    /// `, as far as is known` where a fact could not be confirmed.
    pub fn doubt(&self, key: &str) -> &'static str {
        if self.unconfirmed.contains_key(key) { ", as far as is known" } else { "" }
    }

    /// What a new migration is made of beside one that has `part`.
    pub fn new_files(&self, part: &str) -> &[NewFile] {
        if part.is_empty() || self.new_pair.is_empty() { &self.new } else { &self.new_pair }
    }
}

/// A file of a new migration.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NewFile {
    /// Its name, from the folder of the migrations: `{v}` is the version, `{n}` the name.
    pub name: String,
    /// What it holds.
    #[serde(default)]
    pub text: String,
}

/// What one migration is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryKind {
    /// A file.
    #[default]
    File,
    /// A folder with files in it.
    Directory,
}

/// What a framework does with a version older than one that was applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Late {
    /// Runs it, out of order.
    Run,
    /// Refuses to go on.
    Error,
    /// Never runs it, and does not say so.
    Skip,
    /// Nothing: order is not by version.
    Graph,
}

/// What a framework does with the second migration of one key.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Duplicate {
    /// What it does.
    pub outcome: Outcome,
    /// Why: a short sentence.
    pub reason: String,
}

/// Where a framework looks for which migrations there are.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Record {
    /// The file, from the folder of the migrations.
    pub file: String,
    /// What becomes of a migration that is not in it: refused or skipped.
    pub outcome: Outcome,
}

/// What becomes of the second migration of one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Nothing runs.
    Refuse,
    /// Both run.
    Run,
    /// One of them never runs, without a word.
    Skip,
}

/// Where a preset's facts are from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The framework's source or documentation.
    Read,
    /// Memory.
    Recalled,
}

/// Every preset, by name.
pub fn presets() -> &'static BTreeMap<String, Preset> {
    static PRESETS: OnceLock<BTreeMap<String, Preset>> = OnceLock::new();
    PRESETS.get_or_init(|| toml::from_str(include_str!("presets.toml")).expect("a test reads the built-in presets"))
}

/// The preset of that name.
pub fn preset(name: &str) -> Option<&'static Preset> {
    presets().get(name)
}

#[cfg(test)]
mod tests {
    use regex::bytes::Regex;

    use super::{Source, presets};

    #[test]
    fn each_pattern_takes_its_good_names_and_refuses_the_bad() {
        assert_eq!(presets().len(), 22);
        for (name, preset) in presets() {
            let pattern = Regex::new(&preset.pattern).expect("valid");
            for ok in &preset.ok {
                assert!(pattern.is_match(ok.as_bytes()), "{name}: {ok}");
            }
            for bad in &preset.bad {
                assert!(!pattern.is_match(bad.as_bytes()), "{name}: {bad}");
            }
        }
    }

    #[test]
    fn what_is_recalled_says_what_could_not_be_confirmed() {
        for (name, preset) in presets() {
            assert!(preset.source == Source::Read || !preset.unconfirmed.is_empty(), "{name}");
            assert!(preset.new.is_empty() != preset.own_command.is_none(), "{name}");
        }
    }

    #[test]
    fn keys_are_made_of_groups_that_the_pattern_has() {
        for (name, preset) in presets() {
            let pattern = Regex::new(&preset.pattern).expect("valid");
            let groups: Vec<&str> = pattern.capture_names().flatten().chain(["stem"]).collect();
            for group in preset.unique.iter().flatten() {
                assert!(groups.contains(&group.as_str()), "{name}: {group}");
            }
        }
    }
}
