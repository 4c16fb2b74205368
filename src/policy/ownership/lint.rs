//! What is odd about who owns what: patterns that match nothing, files with two owners, files with none.

use std::collections::BTreeMap;

use bstr::ByteSlice;

use super::{DeadPattern, Ownership};
use crate::model::RepoPath;

/// What is odd.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lint<'a> {
    /// How many files were looked at.
    pub files: usize,
    /// The patterns that match none of them.
    pub dead: Vec<DeadPattern<'a>>,
    /// The patterns of different tracks that match the same files.
    pub overlaps: Vec<Overlap<'a>>,
    /// How many files no track owns and no zone holds, by the folder at the root that they lie in; `None` for the root
    /// itself.
    pub unowned: Vec<(Option<RepoPath>, usize)>,
}

/// Patterns of different tracks that match the same files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overlap<'a> {
    /// The patterns.
    pub patterns: Vec<Claim<'a>>,
    /// One of the files.
    pub example: RepoPath,
    /// How many there are.
    pub files: usize,
}

/// A pattern: where it stands (`tracks.a.owns[1]`), its track, and its text.
pub type Claim<'a> = (String, String, &'a str);

/// Looks at `paths`, in the order of a tree.
pub fn lint<'a>(ownership: &'a Ownership, paths: &[RepoPath]) -> Lint<'a> {
    let mut overlaps: BTreeMap<Vec<Claim<'a>>, (RepoPath, usize)> = BTreeMap::new();
    let mut unowned: BTreeMap<Option<RepoPath>, usize> = BTreeMap::new();
    for path in paths {
        let owner = ownership.owner(path);
        if owner.zone.is_none() && owner.owners.is_empty() {
            *unowned.entry(top(path)).or_default() += 1;
        }
        if owner.owners.len() > 1 {
            let key = owner.owners.iter().map(|owner| (owner.key(), owner.track.to_string(), owner.pattern)).collect();
            overlaps.entry(key).or_insert_with(|| (path.clone(), 0)).1 += 1;
        }
    }
    let overlap = |(patterns, (example, files))| Overlap { patterns, example, files };
    Lint {
        files: paths.len(),
        dead: ownership.dead_patterns(paths.iter()),
        overlaps: overlaps.into_iter().map(overlap).collect(),
        unowned: unowned.into_iter().collect(),
    }
}

fn top(path: &RepoPath) -> Option<RepoPath> {
    let (folder, _) = path.as_bstr().split_once_str("/")?;
    RepoPath::try_new(folder)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::lint;
    use crate::model::RepoPath;
    use crate::policy::ownership::Ownership;

    #[test]
    fn dead_double_and_free() {
        let policy = "
            [tracks.a]\nowns = ['api/', 'gone/']
            [tracks.b]\nowns = ['*.ts']
            [shared.z]\npaths = ['shared/']\nmode = 'open'
        ";
        let config = toml::from_str(policy).expect("valid");
        let ownership = Ownership::new(&config, &BTreeSet::new()).expect("valid");
        let paths = ["README", "api/x", "api/y.ts", "api/z.ts", "lib/x", "lib/y/z", "shared/x"].map(RepoPath::new);
        let lint = lint(&ownership, &paths);
        let dead: Vec<&str> = lint.dead.iter().map(|dead| dead.key.as_str()).collect();
        assert_eq!(dead, ["tracks.a.owns[1]"]);
        assert_eq!(lint.overlaps.len(), 1);
        assert_eq!((&lint.overlaps[0].example, lint.overlaps[0].files), (&RepoPath::new("api/y.ts"), 2));
        assert_eq!(lint.unowned, [(None, 1), (Some(RepoPath::new("lib")), 2)]);
    }
}
