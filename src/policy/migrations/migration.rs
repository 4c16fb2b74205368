//! A migration, and what its name says.

use std::ops::Range;

use bstr::{BStr, ByteSlice};
use regex::bytes::Captures;

use super::version::Version;
use crate::model::{RepoPath, TrackId};

/// What a path is, seen as a migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// It lies elsewhere, or is something that lies beside migrations.
    Other,
    /// It looks like a migration, and the framework would not read it as one.
    Malformed {
        /// The file, or the folder where each migration is a folder.
        path: RepoPath,
        /// What is wrong: the end of a sentence that begins with the name.
        reason: String,
    },
    /// A migration.
    Migration(Migration),
}

/// A migration's name, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// The file, or the folder where each migration is a folder.
    pub path: RepoPath,
    /// The folder of the set it belongs to; versions count within it.
    pub set: RepoPath,
    /// The version as written.
    pub version_text: String,
    /// The version as the framework reads it.
    pub version: Version,
    /// The direction or part (`up`, `down`); empty where the name has none.
    pub part: String,
    /// Where in the base name the token belongs.
    token_at: usize,
    /// Where in the base name the version stands.
    version_at: Range<usize>,
    groups: Vec<(&'static str, String)>,
}

/// Something that only one migration of a set may have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// What it is about.
    pub subject: Subject,
    pub(super) value: String,
}

/// What a key is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// The version.
    Version,
    /// The name.
    Name,
}

/// Whose token a migration's name carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// No declared track's.
    Missing,
    /// The track's own.
    Own,
    /// Another track's.
    Other(&'a TrackId),
}

impl Migration {
    /// Takes a name apart that its pattern has matched; `entry` and `set` are the paths of the two.
    pub(super) fn new([entry, set]: [RepoPath; 2], version: Version, groups: &Captures<'_>) -> Migration {
        Migration {
            version_text: group_text(groups, "v"),
            version,
            part: group_text(groups, "d"),
            token_at: token_at(groups),
            version_at: groups.name("v").map_or(0..0, |group| group.range()),
            groups: taken_apart(groups, entry.file_name()),
            path: entry.clone(),
            set,
        }
    }

    /// The path with `token` where it belongs.
    pub fn with_token(&self, token: &str) -> RepoPath {
        let (front, back) = self.path.file_name().split_at(self.token_at);
        let name = [front, token.as_bytes(), b"_", back].concat();
        self.path.parent().map_or_else(|| RepoPath::new(&name), |folder| folder.join(&name))
    }

    /// The path with another version.
    pub fn with_version(&self, version: &str) -> RepoPath {
        let name = self.path.file_name();
        let (front, back) = (&name[..self.version_at.start], &name[self.version_at.end..]);
        let name = [front, version.as_bytes(), back].concat();
        self.path.parent().map_or_else(|| RepoPath::new(&name), |folder| folder.join(&name))
    }

    /// The text of a group `n`, `k` or `track`, or of `stem`; empty where the name has none.
    pub(super) fn group(&self, name: &str) -> &str {
        self.groups.iter().find(|(group, _)| *group == name).map_or("", |(_, text)| text)
    }
}

fn taken_apart(groups: &Captures<'_>, name: &BStr) -> Vec<(&'static str, String)> {
    let mut parts: Vec<_> = ["n", "k", "track"].map(|group| (group, group_text(groups, group))).into();
    parts.push(("stem", name.to_string()));
    parts
}

/// Behind the version and what separates the name from it.
fn token_at(groups: &Captures<'_>) -> usize {
    let version = groups.name("v").map_or(0, |group| group.end());
    groups.name("n").map_or(version, |name| {
        let separators = name.as_bytes().iter().take_while(|b| matches!(b, b'_' | b'-')).count();
        name.start() + separators
    })
}

/// The text of a group; empty where it took no part.
pub(super) fn group_text(groups: &Captures<'_>, name: &str) -> String {
    groups.name(name).map_or_else(String::new, |group| group.as_bytes().to_str_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::super::naming::Naming;
    use super::Reading;
    use crate::model::RepoPath;

    #[test]
    fn the_token_goes_right_behind_the_version() {
        for (rules, path, expected) in [
            ("preset = 'supabase'", "supabase/migrations/1_x.sql", "supabase/migrations/1_a_x.sql"),
            ("preset = 'flyway'", "db/migration/V1__x.sql", "db/migration/V1__a_x.sql"),
            ("preset = 'dbmate'", "db/migrations/1_x.sql", "db/migrations/1_a_x.sql"),
        ] {
            let naming = Naming::new(&toml::from_str(rules).expect("valid"), [].iter()).expect("valid");
            let Reading::Migration(migration) = naming.read(&RepoPath::new(path)) else {
                panic!("{path} is a migration")
            };
            assert_eq!(migration.with_token("a"), RepoPath::new(expected));
        }
    }
}
