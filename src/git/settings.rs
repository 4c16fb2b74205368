//! What bears on merges and lies outside the trees: Git's configuration, and the files of attributes that apply to every
//! tree. Read once for a run.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use bstr::ByteSlice;

use super::Repo;

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
        let keys = printed.lines().map(|line| line.split(|byte| *byte == b'=').next().unwrap_or_default());
        let is_unseen =
            |key: &&[u8]| *key == b"pull.twohead" || key.starts_with(b"branch.") && key.ends_with(b".mergeoptions");
        let unseen = keys.filter(is_unseen).map(|key| key.to_str_lossy().into_owned()).collect();
        let bears = |line: &&[u8]| !BESIDE.iter().any(|start| line.starts_with(start.as_bytes()));
        let lines: Vec<Vec<u8>> = printed.lines().filter(bears).map(<[u8]>::to_vec).collect();
        let named = lines.iter().filter_map(|line| {
            let path =
                ["GIT_ATTR_SYSTEM=", "GIT_ATTR_GLOBAL="].iter().find_map(|key| line.strip_prefix(key.as_bytes()));
            path.and_then(|path| path.to_path().ok()).map(Path::to_owned)
        });
        let files = named.chain([repo.common_dir.join("info/attributes")]);
        let attributes = files.map(content).collect();
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

    /// The keys that are set, and that `git merge` obeys where no merge in memory does (`branch.NAME.mergeOptions`).
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
