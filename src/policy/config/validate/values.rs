//! Dates, lengths of time, sizes, database objects, commands and paths: values that mean something by themselves.

use crate::policy::config::known::meant;
use crate::policy::config::model::{ByteSize, Config};
use crate::policy::config::problem::{Place, Problem, quoted};
use crate::policy::config::units::{date, duration};
use crate::policy::naming::is_git_dir;

pub(super) fn check(config: &Config, found: &mut Vec<Problem>) {
    check_tracks(config, found);
    check_size(config, found);
    check_regenerate(config, found);
    for (key, paths) in [("copy", &config.setup.copy), ("link", &config.setup.link)] {
        let places = paths.iter().enumerate().map(|(at, path)| (Place::of(["setup", key]).item(at), path));
        found.extend(places.filter_map(|(place, path)| Some(Problem::value(place, outside(path)?))));
    }
    for (key, time) in [("every", &config.sync.every), ("stalled-after", &config.sync.stalled_after)] {
        found.extend(time.as_deref().and_then(not_a_time).map(|why| Problem::value(Place::of(["sync", key]), why)));
    }
}

fn check_tracks(config: &Config, found: &mut Vec<Problem>) {
    for (id, track) in &config.tracks {
        let place = Place::of(["tracks", id]);
        let stalled = track.stalled_after.as_deref().and_then(not_a_time);
        found.extend(stalled.map(|why| Problem::value(place.key("stalled-after"), why)));
        found.extend(track.due.as_deref().and_then(not_a_date).map(|why| Problem::value(place.key("due"), why)));
        for (at, table) in track.tables.iter().enumerate() {
            let place = place.key("tables").item(at);
            match table.split_once(':') {
                _ if table.split(':').next().is_none_or(|name| name.trim().is_empty()) => {
                    found.push(Problem::value(place, format!("{} names no table", quoted(table))));
                }
                Some((_, right)) if right != "add-columns" => {
                    let message = format!("unknown right {}{}", quoted(right), meant(right, ["add-columns"]));
                    found.push(Problem::value(place, message).help("known here: add-columns"));
                }
                _ => {}
            }
        }
    }
}

fn check_size(config: &Config, found: &mut Vec<Problem>) {
    if let Some(ByteSize::Text(text)) = config.rules.file_size.max_bytes.as_ref().filter(|size| size.bytes().is_none())
    {
        let message = format!("{} is no size such as `500kB` or `1MiB`", quoted(text));
        let help = "units: B, kB, MB, GB (powers of 1000), KiB, MiB, GiB (powers of 1024)";
        found.push(Problem::value(Place::of(["rules", "file-size", "max-bytes"]), message).help(help));
    }
}

fn check_regenerate(config: &Config, found: &mut Vec<Problem>) {
    for (at, regenerate) in config.regenerate.iter().enumerate() {
        let place = Place::of(["regenerate"]).item(at);
        if regenerate.run.trim().is_empty() {
            found.push(Problem::value(place.key("run"), "there is nothing to run"));
        }
        if regenerate.paths.is_empty() {
            found.push(Problem::value(place.key("paths"), "this needs the paths that are made again"));
        }
    }
}

/// What is wrong with a day, if anything.
pub(super) fn not_a_date(text: &str) -> Option<String> {
    date(text).is_none().then(|| format!("{} is no date of the form `YYYY-MM-DD`", quoted(text)))
}

/// What is wrong with a length of time, if anything.
pub(super) fn not_a_time(text: &str) -> Option<String> {
    let forms = "`30s`, `10m`, `4h`, `2d` or `1w`";
    duration(text).is_none().then(|| format!("{} is no length of time such as {forms}", quoted(text)))
}

/// Why a path is not one of the files of the repository's tree, if it is not.
pub(super) fn outside(path: &str) -> Option<String> {
    let drive = path.as_bytes().get(1) == Some(&b':');
    let parts = || path.split(['/', '\\']);
    let why = if path.trim().is_empty() {
        "names nothing"
    } else if drive || path.starts_with(['/', '\\']) {
        "is absolute; give it relative to the root of the repository"
    } else if parts().any(|part| part == "..") {
        "leads out of the repository"
    } else if parts().any(is_git_dir) {
        "has a part that git keeps for itself"
    } else if path.contains('\0') {
        "holds a zero byte"
    } else {
        return None;
    };
    Some(format!("the path {} {why}", quoted(path)))
}

#[cfg(test)]
mod tests {
    use super::super::tests::hold;

    #[test]
    fn dates_times_and_tables() {
        hold(&[
            ("[tracks.a]\ndue='1.12.2026'", &["2:5: `1.12.2026` is no date of the form `YYYY-MM-DD`"]),
            (
                "[tracks.a]\ntables=['t','u:add-columns','v:add-column',':x','']",
                &[
                    "2:29: unknown right `add-column`, did you mean `add-columns`?",
                    "2:44: `:x` names no table",
                    "2:49: `` names no table",
                ],
            ),
            (
                "[sync]\nevery='2 days'",
                &["2:7: `2 days` is no length of time such as `30s`, `10m`, `4h`, `2d` or `1w`"],
            ),
            (
                "[sync]\nstalled-after='0s'",
                &["2:15: `0s` is no length of time such as `30s`, `10m`, `4h`, `2d` or `1w`"],
            ),
        ]);
    }

    #[test]
    fn what_is_copied_lies_in_the_tree() {
        hold(&[(
            "[setup]\ncopy=['.env','a/b.txt','/etc/passwd','../x','a\\..\\..\\b']\nlink=['.GIT/config','C:x','','..x']",
            &[
                "2:24: the path `/etc/passwd` is absolute; give it relative to the root of the repository",
                "2:38: the path `../x` leads out of the repository",
                "2:45: the path `a\\..\\..\\b` leads out of the repository",
                "3:7: the path `.GIT/config` has a part that git keeps for itself",
                "3:21: the path `C:x` is absolute; give it relative to the root of the repository",
                "3:27: the path `` names nothing",
            ],
        )]);
    }

    #[test]
    fn sizes_and_empty_lists() {
        hold(&[
            ("[rules.file-size]\nmax-bytes='1mb'", &["2:11: `1mb` is no size such as `500kB` or `1MiB`"]),
            ("[rules.file-size]\nmax-bytes=1024", &[]),
            (
                "[[regenerate]]\npaths=[]\nrun=''",
                &["2:7: this needs the paths that are made again", "3:5: there is nothing to run"],
            ),
        ]);
    }
}
