//! Interfaces that one track owns and others build on: whether they are on the target yet. Knows nothing of what
//! anybody changed.

use std::collections::BTreeMap;

use super::config::Config;
use super::config::model::Contract;
use super::ownership::globs::Globs;
use crate::model::{Entry, Failure, RepoPath, TrackId};

/// A contract of `tracks.toml`, compiled.
#[derive(Clone, Debug)]
pub struct Interface {
    /// Its name.
    pub name: String,
    /// The track that owns it.
    pub owner: TrackId,
    /// The tracks that build on it, the owner apart.
    pub consumers: Vec<TrackId>,
    /// The command that says whether a change is compatible.
    pub check: Option<String>,
    paths: Globs,
    written: Vec<String>,
}

/// Whether an interface is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Not on the target yet: whoever builds on it waits.
    Promised,
    /// On the target.
    Published,
}

/// What the `check` of a contract says about the change that a track makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// Whoever builds on it can go on.
    Compatible,
    /// They cannot: how the command ended, and where what it printed is.
    Broken(String, String),
    /// It could not be run, for this reason: the end of a sentence that begins with the command.
    Unknown(String),
}

/// What the checks say, by contract and track; what was not asked is not in it.
pub type Checks = BTreeMap<(String, TrackId), Check>;

/// Lists the files of a tree at a path and below it (`None`: all of them); `None` where that could not be read.
pub type Files<'a> = &'a dyn Fn(Option<&RepoPath>) -> Option<Vec<(RepoPath, Entry)>>;

impl Interface {
    /// Compiles every contract; fails on patterns and ids that are not valid.
    pub fn all(config: &Config) -> Result<Vec<Interface>, Failure> {
        config.contracts.iter().map(|(name, contract)| Interface::new(name, contract)).collect()
    }

    fn new(name: &str, contract: &Contract) -> Result<Interface, Failure> {
        let id = |id: &String| {
            let wrong = |why| Failure::usage(format!("`contracts.{name}`: the track id `{id}` {why}"));
            TrackId::new(id).map_err(wrong)
        };
        let consumers = contract.consumers.iter().filter(|consumer| **consumer != contract.track);
        Ok(Interface {
            name: name.to_owned(),
            owner: id(&contract.track)?,
            consumers: consumers.map(id).collect::<Result<_, Failure>>()?,
            check: contract.check.clone(),
            paths: Globs::new(&format!("contracts.{name}.paths"), &contract.paths)?,
            written: contract.paths.clone(),
        })
    }

    /// Whether a file is a part of it.
    pub fn contains(&self, path: &RepoPath) -> bool {
        self.paths.contains(path)
    }

    /// Whether every pattern of it matches something among the target's files.
    pub fn standing(&self, files: Files) -> Standing {
        let wanted = self.written.iter().filter(|pattern| !pattern.starts_with('!'));
        let there = |pattern: &String| {
            let matcher = Globs::new("contracts", std::slice::from_ref(pattern));
            let found = files(fixed_part(pattern).as_ref()).unwrap_or_default();
            matcher.is_ok_and(|matcher| found.iter().any(|(path, _)| matcher.contains(path)))
        };
        if wanted.clone().all(there) { Standing::Published } else { Standing::Promised }
    }

    /// Its files in a tree, by path; `None` where they could not be read.
    pub fn files(&self, files: Files) -> Option<Vec<(RepoPath, Entry)>> {
        let mut found = Vec::new();
        for pattern in self.written.iter().filter(|pattern| !pattern.starts_with('!')) {
            let below = files(fixed_part(pattern).as_ref())?;
            found.extend(below.into_iter().filter(|(path, _)| self.contains(path)));
        }
        found.sort();
        found.dedup();
        Some(found)
    }

    /// Whether it is written as one file, without wildcards.
    pub fn is_one_file(&self) -> bool {
        self.written.len() == 1 && self.place().is_some()
    }

    /// The path that stands for it: its first that is written without wildcards.
    pub fn place(&self) -> Option<RepoPath> {
        let plain = |pattern: &&String| !pattern.contains(['*', '?', '[', '\\', '!']) && !pattern.ends_with('/');
        self.written.iter().find(plain).and_then(RepoPath::try_new)
    }
}

/// The folder or file below which alone a pattern can match; `None` where that is the whole tree.
pub fn fixed_part(pattern: &str) -> Option<RepoPath> {
    // A pattern of one part matches at any depth.
    let anchored = pattern.trim_end_matches('/').contains('/');
    let parts = pattern.split('/').take_while(|part| !part.contains(['*', '?', '[', '{', '\\']));
    let fixed: Vec<&str> = parts.filter(|_| anchored).collect();
    RepoPath::try_new(fixed.join("/"))
}

#[cfg(test)]
mod tests {
    use super::fixed_part;
    use crate::model::RepoPath;

    #[test]
    fn only_what_can_match_is_looked_at() {
        for (pattern, expected) in [
            ("contracts/agents.yaml", Some("contracts/agents.yaml")),
            ("/contracts/*.yaml", Some("contracts")),
            ("contracts/**/x", Some("contracts")),
            ("agents.yaml", None),
            ("agents/", None),
            ("/agents", Some("agents")),
            ("**/x", None),
        ] {
            assert_eq!(fixed_part(pattern), expected.map(RepoPath::new), "{pattern}");
        }
    }
}
