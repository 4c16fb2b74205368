//! Track ids, and the branches and folders that follow from them: no two tracks may get in each other's way.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;

use crate::model::{BranchName, TrackId};
use crate::policy::config::model::{Config, TrackTable};
use crate::policy::config::problem::{Place, Problem, quoted};
use crate::policy::naming;

pub(super) fn check(config: &Config, found: &mut Vec<Problem>) {
    let before = found.len();
    if let Some(Err(why)) = config.phase.as_deref().map(TrackId::new) {
        found.push(Problem::value(Place::of(["phase"]), format!("the phase {why}")));
    }
    if let Some(Err(why)) = config.target.as_deref().map(BranchName::new) {
        found.push(Problem::value(Place::of(["target"]), format!("the target {why}")));
    }
    if let Err(why) = naming::check_branch_template(&config.naming.branch) {
        found.push(Problem::value(Place::of(["naming", "branch"]), format!("the template {why}")));
    }
    if let Err(why) = naming::check_directory_template(&config.naming.directory) {
        found.push(Problem::value(Place::of(["naming", "directory"]), format!("the template {why}")));
    }
    // A template that is wrong, or a phase, would be blamed again on every track.
    if found.len() == before {
        check_names(config, found);
    } else {
        ids(config, found);
    }
}

/// The tracks whose ids are right; the others are reported.
fn ids<'a>(config: &'a Config, found: &mut Vec<Problem>) -> Vec<(TrackId, &'a TrackTable)> {
    let mut right = Vec::new();
    for (id, table) in &config.tracks {
        match TrackId::new(id) {
            Ok(id) => right.push((id, table)),
            Err(why) => {
                found.push(Problem::key(Place::of(["tracks", id]), format!("the track id {} {why}", quoted(id))))
            }
        }
    }
    right
}

fn check_names(config: &Config, found: &mut Vec<Problem>) {
    let mut branches = Taken::new("branch");
    let mut folders = Taken::new("folder");
    if let Some(target) = &config.target {
        branches.claim("the target".into(), target).expect("nothing is taken yet");
    }
    for (id, table) in ids(config, found) {
        let place = Place::of(["tracks", id.as_str()]);
        // Any name will do for the repository here: it is the same for all tracks.
        let folder = naming::directory_of(config, &id, "{repo}");
        let branch = naming::branch_of(config, &id).map(|name| name.as_str().to_owned());
        let of_branch = ("branch", table.branch.is_some(), branch, &mut branches);
        let of_folder = ("directory", table.directory.is_some(), folder, &mut folders);
        for (key, own, name, taken) in [of_branch, of_folder] {
            let claimed = match name {
                Ok(name) => taken.claim(format!("track `{id}`"), &name),
                Err(why) => Err(format!("the {} of track `{id}`: {why}", taken.what)),
            };
            found.extend(claimed.err().map(|why| match own {
                true => Problem::value(place.key(key), why),
                false => Problem::key(place.clone(), why),
            }));
        }
    }
}

/// The names that are taken, as a file system sees them that ignores case and form; each with its owner.
struct Taken {
    what: &'static str,
    names: BTreeMap<String, (String, String)>,
}

impl Taken {
    fn new(what: &'static str) -> Self {
        Taken { what, names: BTreeMap::new() }
    }

    /// Takes a name; the error says who has it, or one that cannot exist beside it.
    fn claim(&mut self, owner: String, name: &str) -> Result<(), String> {
        let seen = folded(name);
        let above = seen.match_indices('/').find_map(|(at, _)| self.names.get(&seen[..at]));
        if let Some((first, theirs)) = self.names.get(&seen).or(above).or_else(|| self.below(&seen)) {
            return Err(self.clash(first, theirs, &owner, name));
        }
        self.names.insert(seen, (owner, name.to_owned()));
        Ok(())
    }

    fn below(&self, folder: &str) -> Option<&(String, String)> {
        let folder = format!("{folder}/");
        let (name, owner) = self.names.range(folder.clone()..).next()?;
        name.starts_with(&folder).then_some(owner)
    }

    fn clash(&self, first: &str, theirs: &str, second: &str, ours: &str) -> String {
        let what = self.what;
        let (name, other) = (quoted(ours), quoted(theirs));
        if ours == theirs {
            format!("{first} and {second} get the same {what}, {name}")
        } else if folded(ours) == folded(theirs) {
            format!("the {what} of {first}, {other}, and that of {second}, {name}, differ only in case or form")
        } else {
            format!("the {what} of {first}, {other}, and that of {second}, {name}, lie in each other")
        }
    }
}

/// A name as a file system sees it that ignores case and form.
fn folded(name: &str) -> String {
    name.replace('\\', "/").nfc().flat_map(char::to_lowercase).nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::hold;

    #[test]
    fn ids_templates_and_the_phase() {
        hold(&[
            ("phase = 'Phase 1'\n[tracks.a]", &["1:9: the phase must begin with a letter `a`–`z` or a digit"]),
            ("target = 'a..b'", &["1:10: the target holds `..`, `//` or `@{`, which no branch name may"]),
            ("[tracks.A]", &["1:9: the track id `A` must begin with a letter `a`–`z` or a digit"]),
            ("[tracks.\"a/b\"]", &["1:9: the track id `a/b` may hold only `a`–`z`, digits, `_` and `-`"]),
            ("[tracks]\ncon = {}", &["2:1: the track id `con` is a device name on Windows"]),
            (
                "[naming]\nbranch = '{trak}'\ndirectory = '../../{track}'\n[tracks.a]\n[tracks.b]",
                &[
                    "2:10: the template holds the unknown placeholder `{trak}`, did you mean `{track}`?",
                    "3:13: the template has a part `..`, which may only be one `../` at the beginning",
                ],
            ),
        ]);
    }

    #[test]
    fn tracks_that_get_in_each_others_way() {
        hold(&[
            (
                "[tracks.a]\n[tracks.b]\nbranch = 'feature/track-a'",
                &["3:10: track `a` and track `b` get the same branch, `feature/track-a`"],
            ),
            (
                "[tracks.a]\n[tracks.b]\nbranch = 'Feature/Track-A'",
                &[
                    "3:10: the branch of track `a`, `feature/track-a`, and that of track `b`, `Feature/Track-A`, differ only in case or form",
                ],
            ),
            (
                "[tracks.a]\n[tracks.b]\nbranch = 'feature'",
                &[
                    "3:10: the branch of track `a`, `feature/track-a`, and that of track `b`, `feature`, lie in each other",
                ],
            ),
            (
                "[tracks.a]\nbranch = 'feature'\n[tracks.b]",
                &[
                    "3:9: the branch of track `a`, `feature`, and that of track `b`, `feature/track-b`, lie in each other",
                ],
            ),
            (
                "target='main'\n[tracks.a]\nbranch='main'",
                &["3:8: the target and track `a` get the same branch, `main`"],
            ),
            (
                "[tracks.a]\ndirectory='x/b'\n[tracks.b]\ndirectory='x'",
                &["4:11: the folder of track `a`, `x/b`, and that of track `b`, `x`, lie in each other"],
            ),
            (
                "[tracks.a]\ndirectory='w\u{fc}/a/'\n[tracks.b]\ndirectory='wu\u{308}/A'",
                &[
                    "4:11: the folder of track `a`, `w\u{fc}/a`, and that of track `b`, `wu\u{308}/A`, differ only in case or form",
                ],
            ),
            (
                "[tracks.a]\ndirectory='.git/a'",
                &["2:11: the folder of track `a`: `.git/a` has a part that git keeps for itself"],
            ),
            (
                "[tracks.a]\nbranch='a..b'",
                &["2:8: the branch of track `a`: `a..b` holds `..`, `//` or `@{`, which no branch name may"],
            ),
            ("[tracks.a]\n[tracks.a-b]\n[tracks.b]", &[]),
        ]);
    }
}
