//! What bears on merges and lies outside the trees: Git's configuration, and the files of attributes that apply to every
//! tree. Read once for a run.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use bstr::ByteSlice;

use super::Repo;
use crate::model::Failure;
use crate::model::text::escaped;

/// More is not read: Git itself ignores a file of attributes of this size.
const LARGEST: u64 = 100 << 20;

/// Lines of `git var -l` that say nothing about merges, and change all the time.
const BESIDE: [&str; 9] = [
    "GIT_AUTHOR_IDENT=",
    "GIT_COMMITTER_IDENT=",
    "GIT_EDITOR=",
    "GIT_PAGER=",
    "GIT_SEQUENCE_EDITOR=",
    "branch.",
    "remote.",
    "user.",
    "alias.",
];

/// Keys that bear on merges, by their beginnings.
const MERGING: [&str; 3] = ["merge.", "diff.", "core.attributesfile"];

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The lines of the configuration that may bear on merges.
    lines: Vec<Vec<u8>>,
    /// Keys that `git merge` obeys, and no merge in memory does.
    unseen: Vec<String>,
    /// What each file of attributes outside the trees holds, in the order in which they give way to one another; nothing
    /// where there is none.
    attributes: Vec<Vec<u8>>,
}

impl Settings {
    /// Asks Git for its configuration, every scope, and where its files of attributes are.
    pub fn read(repo: &Repo) -> Result<Settings> {
        let printed = repo.git().args(["var", "-l"]).stdout()?;
        let unseen = unseen(repo, &printed)?;
        let bears = |line: &&[u8]| !BESIDE.iter().any(|start| line.starts_with(start.as_bytes()));
        let lines: Vec<Vec<u8>> = printed.lines().filter(bears).map(<[u8]>::to_vec).collect();
        let named = lines.iter().filter_map(|line| {
            let path =
                ["GIT_ATTR_SYSTEM=", "GIT_ATTR_GLOBAL="].iter().find_map(|key| line.strip_prefix(key.as_bytes()));
            path.and_then(|path| path.to_path().ok()).map(Path::to_owned)
        });
        let files: Vec<PathBuf> = named.chain([repo.common_dir.join("info/attributes")]).collect();
        if let Some(path) = files.iter().find(|path| path.is_relative()) {
            let path = escaped(path.as_os_str().as_encoded_bytes());
            let failure = Failure::usage(format!("`core.attributesFile` is `{path}`, another file in every worktree"));
            return Err(failure.hint("name it from the root, or from `~/`").into());
        }
        let attributes = files.into_iter().map(content).collect();
        Ok(Settings { lines, unseen, attributes })
    }

    /// The last value of a key; empty where the key stands alone, which Git takes for yes.
    pub fn value(&self, key: &str) -> Option<&[u8]> {
        self.lines.iter().rev().find_map(|line| match line.strip_prefix(key.as_bytes())? {
            [] => Some(&b""[..]),
            rest => rest.strip_prefix(b"="),
        })
    }

    /// Whether a key is off: set to what Git takes for no.
    pub fn is_off(&self, key: &str) -> bool {
        self.value(key).is_some() && !self.is_on(key)
    }

    /// Whether a key is on: set to anything but what Git takes for no.
    pub fn is_on(&self, key: &str) -> bool {
        let is_off =
            |value: &[u8]| ["false", "no", "off", "0"].iter().any(|off| value.eq_ignore_ascii_case(off.as_bytes()));
        self.value(key).is_some_and(|value| !is_off(value))
    }

    /// What is set, and what `git merge` obeys where no merge in memory does (`branch.NAME.mergeOptions`, what only one
    /// worktree is configured to do).
    pub fn unseen(&self) -> &[String] {
        &self.unseen
    }

    /// Whether merges may run somebody's program: a driver, or a filter where contents are normalised.
    pub fn has_programs(&self) -> bool {
        let is_driver = |line: &Vec<u8>| line.starts_with(b"merge.") && line.find(b".driver").is_some();
        let has_filters = self.is_on("merge.renormalize") && self.lines.iter().any(|line| line.starts_with(b"filter."));
        has_filters || self.lines.iter().any(is_driver)
    }

    /// Whether any attribute may apply to every tree.
    pub fn has_attributes(&self) -> bool {
        self.attributes.iter().any(|content| !content.is_empty())
    }

    /// Everything together: merges of the same contents under the same text come out the same.
    pub fn text(&self) -> Vec<u8> {
        let parts = std::iter::once(self.lines.join(&b'\n')).chain(self.attributes.iter().cloned());
        parts.flat_map(|part| [&part.len().to_le_bytes()[..], &part].concat()).collect()
    }
}

/// What is set, of all that a merge in memory does not see.
fn unseen(repo: &Repo, printed: &[u8]) -> Result<Vec<String>> {
    let keys = |printed: &[u8], is: fn(&[u8]) -> bool| -> Vec<String> {
        let keys = printed.lines().map(|line| line.split(|byte| *byte == b'=').next().unwrap_or_default());
        keys.filter(|key| is(key)).map(escaped).collect()
    };
    let mut unseen = keys(printed, |key| {
        key == b"pull.twohead"
            || key.starts_with(b"branch.") && key.ends_with(b".mergeoptions")
            || key.starts_with(b"includeif.onbranch:")
    });
    if std::env::var_os("GIT_ATTR_SOURCE").is_some() {
        unseen.push("GIT_ATTR_SOURCE".into());
    }
    // Only where some worktree is configured for itself are there such files.
    if printed.lines().any(|line| line.eq_ignore_ascii_case(b"extensions.worktreeconfig=true")) {
        for folder in fs::read_dir(repo.common_dir.join("worktrees")).into_iter().flatten().flatten() {
            let file = folder.path().join("config.worktree");
            if file.is_file() {
                let words = ["config", "--name-only", "--list", "--file"];
                let printed = repo.git().args(words).arg(&file).stdout()?;
                let name = escaped(folder.file_name().as_encoded_bytes());
                let bears = keys(&printed, |key| MERGING.iter().any(|start| key.starts_with(start.as_bytes())));
                unseen.extend(bears.into_iter().map(|key| format!("{key} of the worktree {name}")));
            }
        }
    }
    Ok(unseen)
}

/// What a file of attributes holds. One that is there and cannot be read is as good as one that says something.
fn content(path: PathBuf) -> Vec<u8> {
    match fs::metadata(&path) {
        Err(_) => Vec::new(),
        Ok(found) if found.is_file() && found.len() <= LARGEST => {
            fs::read(&path).unwrap_or_else(|_| path.into_os_string().into_encoded_bytes())
        }
        Ok(_) => path.into_os_string().into_encoded_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::Settings;

    fn settings(lines: &str) -> Settings {
        Settings { lines: lines.lines().map(|line| line.as_bytes().to_vec()).collect(), ..Settings::default() }
    }

    #[test]
    fn the_last_value_counts_and_a_key_alone_is_on() {
        let found = settings("merge.renormalize=true\nmerge.default=a\nmerge.renormalize=No\nmerge.log");
        assert!(!found.is_on("merge.renormalize"));
        assert!(found.is_on("merge.log"));
        assert_eq!(found.value("merge.default"), Some(&b"a"[..]));
        assert_eq!(found.value("merge.def"), None);
    }

    #[test]
    fn a_driver_is_seen_whatever_its_name() {
        assert!(settings("merge.a.b.driver=x").has_programs());
        assert!(!settings("merge.default=x\nmerge.a.name=y\nfilter.a.clean=b").has_programs());
    }
}
