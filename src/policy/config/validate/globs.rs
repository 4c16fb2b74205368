//! Patterns over paths: that they can be read, mean something, and stay within limits.

use ignore::gitignore::GitignoreBuilder;

use crate::policy::config::model::Config;
use crate::policy::config::problem::{Place, Problem, quoted};

/// More than any repository needs; each one takes memory and time.
const MOST: usize = 10_000;
/// Bytes of one pattern.
const LONGEST: usize = 1024;

pub(super) fn check(config: &Config, found: &mut Vec<Problem>) {
    let lists = lists(config);
    let total: usize = lists.iter().map(|(_, globs)| globs.len()).sum();
    if total > MOST {
        let most = "more than the 10000 that are allowed";
        found.push(Problem::value(Place::default(), format!("there are {total} patterns in all, {most}")));
        return;
    }
    lists.into_iter().for_each(|(place, globs)| check_list(&place, globs, found));
}

/// Every list of patterns in the file.
fn lists(config: &Config) -> Vec<(Place, &[String])> {
    let mut lists: Vec<(Place, &[String])> = Vec::new();
    for (id, track) in &config.tracks {
        let place = Place::of(["tracks", id]);
        lists.push((place.key("owns"), track.owns.as_deref().unwrap_or_default()));
        lists.push((place.key("delivers"), &track.delivers));
        lists.extend(track.exclude.iter().map(|(rule, globs)| (place.key("exclude").key(rule), &**globs)));
    }
    lists.extend(config.exclude.iter().map(|(rule, globs)| (Place::of(["exclude", rule]), &**globs)));
    lists.extend(config.contracts.iter().map(|(name, c)| (Place::of(["contracts", name, "paths"]), &*c.paths)));
    lists.extend(config.shared.iter().map(|(name, zone)| (Place::of(["shared", name, "paths"]), &*zone.paths)));
    let sizes = Place::of(["rules", "file-size"]);
    lists.push((sizes.key("include"), &config.rules.file_size.include));
    lists.push((sizes.key("exclude"), &config.rules.file_size.exclude));
    lists.push((sizes.key("generated"), &config.rules.file_size.generated));
    let forbidden = config.rules.forbidden.iter().map(|f| &*f.paths).enumerate();
    lists.extend(forbidden.map(|(at, paths)| (Place::of(["rules", "forbidden"]).item(at).key("paths"), paths)));
    let waivers = config.waivers.iter().map(|w| &*w.paths).enumerate();
    lists.extend(waivers.map(|(at, paths)| (Place::of(["waivers"]).item(at).key("paths"), paths)));
    let regenerate = config.regenerate.iter().map(|r| &*r.paths).enumerate();
    lists.extend(regenerate.map(|(at, paths)| (Place::of(["regenerate"]).item(at).key("paths"), paths)));
    let gates = config.gates.iter().map(|g| &*g.paths).enumerate();
    lists.extend(gates.map(|(at, paths)| (Place::of(["gates"]).item(at).key("paths"), paths)));
    lists
}

fn check_list(place: &Place, globs: &[String], found: &mut Vec<Problem>) {
    let mut builder = GitignoreBuilder::new("");
    // Git matches nothing with it, the builder its letters: neither is meant.
    builder.allow_unclosed_class(false);
    let before = found.len();
    for (at, glob) in globs.iter().enumerate() {
        let read = check_glob(glob).and_then(|()| match builder.add_line(None, glob) {
            Ok(_) => Ok(()),
            Err(ignore::Error::Glob { err, .. }) => Err(format!("the pattern {} cannot be read: {err}", quoted(glob))),
            Err(other) => Err(format!("the pattern {} cannot be read: {other}", quoted(glob))),
        });
        found.extend(read.err().map(|why| Problem::value(place.item(at), why)));
    }
    // Only alternatives, or very many patterns, outgrow the limit of what they compile to, and compiling takes far
    // longer than reading.
    let doubtful = globs.len() > 100 || globs.iter().any(|glob| glob.contains('{'));
    if before == found.len() && doubtful && builder.build().is_err() {
        found.push(Problem::value(place.clone(), "these patterns take too much memory"));
    }
}

/// What the syntax allows and nobody means.
fn check_glob(glob: &str) -> Result<(), String> {
    let shown = quoted(glob);
    let pattern = glob.strip_prefix('!').unwrap_or(glob);
    if glob.len() > LONGEST {
        Err("this pattern is longer than 1 KiB".into())
    } else if glob.starts_with('#') {
        Err(format!("the pattern {shown} is a comment in gitignore syntax: write `\\{}`", &shown[1..shown.len() - 1]))
    } else if pattern.trim().trim_start_matches('/').is_empty() {
        Err(format!("the pattern {shown} names nothing"))
    } else if pattern.split('/').any(|part| part == "..") {
        Err(format!("the pattern {shown} leads out of the repository"))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{all, hold};

    #[test]
    fn patterns() {
        hold(&[
            ("[tracks.a]\nowns=['a/**','!a/b/','/c','d','\\#e','{x,y}/*.ts']", &[]),
            (
                "[tracks.a]\nowns=['a', 'b/[z']",
                &["2:12: the pattern `b/[z` cannot be read: unclosed character class; missing ']'"],
            ),
            ("[tracks.a]\nowns=['']", &["2:7: the pattern `` names nothing"]),
            ("[tracks.a]\nowns=['!/']", &["2:7: the pattern `!/` names nothing"]),
            ("[tracks.a]\ndelivers=['#x']", &["2:11: the pattern `#x` is a comment in gitignore syntax: write `\\#x`"]),
            ("[tracks.a]\nowns=['../x']", &["2:7: the pattern `../x` leads out of the repository"]),
            (
                "[contracts.c]\ntrack='a'\npaths=['{a']\n[tracks.a]",
                &[
                    "3:8: the pattern `{a` cannot be read: unclosed alternate group; missing '}' (maybe escape '{' with '[{]'?)",
                ],
            ),
            ("[[gates]]\nname='x'\nrun='y'\npaths=['/']", &["4:8: the pattern `/` names nothing"]),
            ("[rules.file-size]\nexclude=['']", &["2:10: the pattern `` names nothing"]),
        ]);
    }

    #[test]
    fn limits() {
        let long = format!("[tracks.a]\nowns=['{}']", "x".repeat(1025));
        assert_eq!(all(&long), ["2:7: this pattern is longer than 1 KiB"]);
        let many = format!("[tracks.a]\nowns=[{}]", "'x',".repeat(10_001));
        assert_eq!(all(&many), ["t: there are 10001 patterns in all, more than the 10000 that are allowed"]);
    }
}
