//! How many there may be of what costs time or memory each: more than anybody keeps, and little enough that a hostile
//! file costs no more than seconds.

use crate::policy::config::model::Config;
use crate::policy::config::problem::{Place, Problem};

/// Every pair of tracks is merged, and each is checked against all others.
const TRACKS: usize = 2_000;
/// Each is compiled, to as much as a megabyte.
const FORBIDDEN: usize = 100;

/// The first limit that the file goes over: nothing else is worth checking then.
pub(super) fn check(config: &Config) -> Option<Problem> {
    let counted = [
        ("tracks", config.tracks.len(), TRACKS, Place::of(["tracks"])),
        ("forbidden patterns", config.rules.forbidden.len(), FORBIDDEN, Place::of(["rules", "forbidden"])),
    ];
    let (what, found, most, place) = counted.into_iter().find(|(_, found, most, _)| found > most)?;
    Some(Problem::value(place, format!("there are {found} {what}, more than the {most} that are allowed")))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::super::tests::all;
    use super::{FORBIDDEN, TRACKS};

    #[test]
    fn what_costs_much_is_counted() {
        let mut tracks = String::new();
        (0..=TRACKS).for_each(|at| writeln!(tracks, "[tracks.t{at}]\ndepends-on=['t0']").expect("in memory"));
        assert_eq!(all(&tracks), ["1:2: there are 2001 tracks, more than the 2000 that are allowed"]);
        let mut rules = String::new();
        let rule = |at| format!("[[rules.forbidden]]\nname='x{at}'\npattern='\\w{{99}}'\n");
        (0..=FORBIDDEN).for_each(|at| rules += &rule(at));
        assert_eq!(all(&rules), ["1:1: there are 101 forbidden patterns, more than the 100 that are allowed"]);
    }
}
