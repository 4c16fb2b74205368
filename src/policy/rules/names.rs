//! `names.collision`: paths that differ only in case or Unicode form, of which macOS and Windows check out only one.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BStr, BString, ByteSlice};
use unicode_normalization::UnicodeNormalization;

use super::case::{Case, finding};
use super::{Whose, Work};
use crate::model::{Finding, RepoPath, TrackId};

/// Judges the new paths of all tracks, folder by folder, against each other and against the target. Only the first
/// part in which two paths differ is reported: what lies below collides along with it.
pub fn judge(case: &Case, whose: Whose) -> Vec<Finding> {
    if whose.works(case).flat_map(new_paths).next().is_none() {
        return Vec::new();
    }
    [among_tracks(case), with_target(case, whose)].concat()
}

/// Paths of one folder whose names are one when folded, and who brings them.
type Spellings<'a> = BTreeMap<RepoPath, BTreeSet<&'a TrackId>>;

fn among_tracks(case: &Case) -> Vec<Finding> {
    let mut names: BTreeMap<(Option<RepoPath>, String), Spellings> = BTreeMap::new();
    for work in case.ground.works {
        for path in new_paths(work).flat_map(prefixes) {
            let place = names.entry((path.parent(), folded(path.file_name()))).or_default();
            place.entry(path).or_default().insert(&work.track);
        }
    }
    names.values().filter(|spellings| spellings.len() > 1).flat_map(|spellings| clashes(case, spellings)).collect()
}

/// All spellings but that of the winner must go.
fn clashes(case: &Case, spellings: &Spellings) -> Vec<Finding> {
    let best = |tracks: &BTreeSet<&TrackId>| tracks.iter().map(|track| case.rank(track)).min();
    let Some((kept, winners)) = spellings.iter().min_by_key(|(_, tracks)| best(tracks)) else { return Vec::new() };
    let Some((_, winner)) = best(winners) else { return Vec::new() };
    let others = spellings.iter().filter(|(path, _)| *path != kept);
    let clash = |path: &RepoPath, track: &TrackId| {
        let mut tracks = vec![track.clone(), winner.clone()];
        tracks.dedup();
        Finding {
            message: format!("differs only in case or form from `{kept}` of `{winner}`"),
            ..collision(tracks, path)
        }
    };
    others.flat_map(|(path, tracks)| tracks.iter().map(move |track| clash(path, track))).collect()
}

fn with_target(case: &Case, whose: Whose) -> Vec<Finding> {
    let mut target = Target { case, folders: BTreeMap::new() };
    let mut findings = Vec::new();
    for work in whose.works(case) {
        for path in new_paths(work) {
            findings.extend(prefixes(path).into_iter().find_map(|prefix| target.clash(work, prefix)));
        }
    }
    findings
}

/// The target's folders, each read once: the names as written, by folded name.
struct Target<'a> {
    case: &'a Case<'a>,
    folders: BTreeMap<Option<RepoPath>, BTreeMap<String, Vec<BString>>>,
}

impl Target<'_> {
    fn clash(&mut self, work: &Work, path: RepoPath) -> Option<Finding> {
        let (name, folder) = (path.file_name(), path.parent());
        let alike = self.names(folder.clone()).get(&folded(name))?;
        if alike.iter().any(|known| known == name) {
            return None;
        }
        let alike = alike.iter().map(|known| folder.as_ref().map_or_else(|| RepoPath::new(known), |f| f.join(known)));
        let alike: Vec<RepoPath> = alike.collect();
        // A track may rename a file to another case.
        let kept = alike.into_iter().find(|known| !self.case.is_gone(&work.track, known))?;
        let message = format!("differs only in case or form from `{kept}` on `{}`", self.case.ground.target);
        Some(Finding { message, ..collision(vec![work.track.clone()], &path) })
    }

    fn names(&mut self, folder: Option<RepoPath>) -> &BTreeMap<String, Vec<BString>> {
        let blobs = self.case.ground.blobs;
        self.folders.entry(folder).or_insert_with_key(|folder| {
            let mut names: BTreeMap<String, Vec<BString>> = BTreeMap::new();
            for name in blobs.names_on_target(folder.as_ref()) {
                names.entry(folded(name.as_bstr())).or_default().push(name);
            }
            names
        })
    }
}

fn collision(tracks: Vec<TrackId>, path: &RepoPath) -> Finding {
    Finding { cure: "rename one of them".to_owned(), ..finding("names.collision", tracks, path) }
}

fn new_paths(work: &Work) -> impl Iterator<Item = &RepoPath> {
    work.changes.iter().filter(|change| change.is_new()).map(|change| &change.change.path)
}

/// The folders above a path, from the root, and the path itself.
fn prefixes(path: &RepoPath) -> Vec<RepoPath> {
    let bytes = path.as_bstr();
    let ends = bytes.find_iter("/").chain([bytes.len()]);
    ends.map(|end| RepoPath::new(&bytes[..end])).collect()
}

/// A name as a file system sees it that ignores case and Unicode form.
fn folded(name: &BStr) -> String {
    let lower: String = name.to_str_lossy().nfc().flat_map(char::to_lowercase).collect();
    // A letter in lower case may compose with the mark behind it where the capital does not.
    lower.nfc().collect()
}

#[cfg(test)]
mod tests {
    use crate::policy::rules::testing::Bench;

    /// What the target has, what tracks add, what is found.
    type Row<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)], &'a [&'a str]);

    #[test]
    fn paths_that_differ_in_case_or_form_collide() {
        let table: &[Row] = &[
            (&[], &[("a", "README"), ("b", "readme")], &["b+a readme"]),
            (&[], &[("a", "x"), ("b", "y")], &[]),
            (&[], &[("a", "x"), ("b", "x")], &[]),
            (&[], &[("a", "gr\u{fc}n"), ("b", "gru\u{308}n")], &["b+a gru\u{308}n"]),
            (&[], &[("a", "Src/x"), ("a", "Src/y"), ("b", "src/z")], &["b+a src"]),
            (&[], &[("a", "x"), ("a", "X")], &["a x"]),
            (&["Src/x"], &[("a", "src/y"), ("a", "src/z")], &["a src"]),
            (&["src/x"], &[("a", "src/X")], &["a src/X"]),
            (&["src/x"], &[("a", "src/y")], &[]),
        ];
        for (target, added, expected) in table {
            let mut bench = Bench::new("[tracks.a]\n[tracks.b]");
            target.iter().for_each(|path| bench.target(path));
            added.iter().for_each(|(track, path)| bench.adds(track, &[path]));
            let expected: Vec<String> = expected.iter().map(|f| format!("error names.collision {f}")).collect();
            assert_eq!(bench.shown(), expected, "{target:?} {added:?}");
        }
    }

    #[test]
    fn a_rename_to_another_case_is_none() {
        let mut bench = Bench::new("[tracks.a]");
        bench.change("a", "Src/x", (Some("x"), None));
        bench.change("a", "Src/y", (Some("y"), None));
        bench.adds("a", &["src/x", "src/y"]);
        assert_eq!(bench.shown(), [""; 0]);
        bench.target("Src/left");
        assert_eq!(bench.shown(), ["error names.collision a src"]);
    }
}
