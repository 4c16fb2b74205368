//! `ownership.*`: a track left its ground, or the grounds themselves are not clear.

use super::append::only_adds;
use super::case::{Case, finding, quoted};
use super::content::Content;
use super::{OwnChange, Whose, Work, cure};
use crate::model::text::list;
use crate::model::{Finding, Mode, RepoPath, Severity, TrackId};
use crate::policy::config::model::{Policy, Region, ZoneMode};
use crate::policy::ownership::globs::PathKind;
use crate::policy::ownership::{Match, Owner, POLICY_FILE, ZoneMatch};

/// Judges one change by one track: `ownership.policy`, `.shared`, `.foreign` and `.unowned`.
pub fn judge(case: &Case, work: &Work, content: &Content) -> Option<Finding> {
    let change = content.change();
    if content.path().as_bstr() == POLICY_FILE {
        return Some(policy(case, work, change));
    }
    let owner = owner(case, change);
    if let Some(zone) = &owner.zone {
        return shared(case, work, content, zone);
    }
    let judged = case.ground.ownership.is_judged(&work.track);
    if !judged || owner.owners.iter().any(|owner| *owner.track == work.track) {
        return None;
    }
    if owner.owners.is_empty() { unowned(case, work, change) } else { Some(foreign(case, work, change, &owner.owners)) }
}

/// `ownership.overlap`: changed paths that two tracks own, once each, whoever changed them.
pub fn overlaps(case: &Case, whose: Whose) -> Vec<Finding> {
    let changes = whose.works(case).flat_map(|work| &work.changes);
    let overlap = |change: &OwnChange| {
        let owners = owner(case, change).owners;
        let committed = owners.iter().filter(|owner| case.ground.ownership.is_committed(owner.track)).count();
        if committed < 2 {
            return None;
        }
        let tracks = case.by_yielding(owners.iter().map(|owner| owner.track.clone()).collect());
        let cure = format!("take it out of one of them: end `tracks.{}.owns` with a `!` pattern", tracks[0]);
        let message = format!("owned by {}", patterns(&owners));
        Some(Finding { message, cure, ..finding("ownership.overlap", tracks, &change.change.path) })
    };
    changes.filter_map(overlap).collect()
}

/// `ownership.policy` of tracks that only the main worktree declares.
pub fn uncommitted(case: &Case) -> Vec<Finding> {
    let target = case.ground.target;
    let declared = case.ground.ownership.uncommitted().map(|track| Finding {
        severity: Severity::Info,
        message: format!("the entry of `{track}` is not on `{target}` yet: what it owns yields to every track that is"),
        cure: format!("commit `{POLICY_FILE}` on `{target}`"),
        ..finding("ownership.policy", vec![track.clone()], &RepoPath::new(POLICY_FILE))
    });
    declared.collect()
}

fn owner<'a>(case: &Case<'a>, change: &OwnChange) -> Owner<'a> {
    let is_submodule = change.change.after.or(change.change.before).is_some_and(|e| e.mode == Mode::Submodule);
    let kind = if is_submodule { PathKind::Folder } else { PathKind::File };
    case.ground.ownership.owner_of(&change.change.path, kind)
}

fn policy(case: &Case, work: &Work, change: &OwnChange) -> Finding {
    let target = case.ground.target;
    Finding {
        message: format!("`{}` {} the rules, which bind from `{target}` alone", work.track, verb(change)),
        cure: format!("make the change on `{target}`; here, {}", cure::take_back(target, change)),
        ..finding("ownership.policy", vec![work.track.clone()], &change.change.path)
    }
}

fn foreign(case: &Case, work: &Work, change: &OwnChange, owners: &[Match]) -> Finding {
    let theirs: Vec<TrackId> = owners.iter().map(|owner| owner.track.clone()).collect();
    let names: Vec<String> = theirs.iter().map(|track| format!("`{track}`")).collect();
    let take_back = cure::take_back(case.ground.target, change);
    Finding {
        message: format!("belongs to {}; `{}` {} it", patterns(owners), work.track, verb(change)),
        cure: format!("ask {} to make the change, or {take_back}", list(&names)),
        ..finding("ownership.foreign", [vec![work.track.clone()], theirs].concat(), &change.change.path)
    }
}

fn unowned(case: &Case, work: &Work, change: &OwnChange) -> Option<Finding> {
    let severity = match case.ground.config.rules.unowned {
        Policy::Error => Severity::Error,
        Policy::Warn => Severity::Warning,
        Policy::Allow => return None,
    };
    let (track, target) = (&work.track, case.ground.target);
    let take_back = cure::take_back(target, change);
    Some(Finding {
        severity,
        message: format!("belongs to nobody: no `owns` and no shared zone matches it; `{track}` {} it", verb(change)),
        cure: format!("add it to `tracks.{track}.owns` in `{POLICY_FILE}` on `{target}`, or {take_back}"),
        ..finding("ownership.unowned", vec![track.clone()], &change.change.path)
    })
}

fn shared(case: &Case, work: &Work, content: &Content, zone: &ZoneMatch) -> Option<Finding> {
    let is_steward = zone.steward == Some(&work.track);
    let (who, ask) = match (zone.mode, zone.steward) {
        (ZoneMode::Open, _) => return None,
        _ if is_steward => return None,
        (ZoneMode::AppendOnly, _) if appends(content, zone.regions)? => return None,
        (ZoneMode::AppendOnly, _) => (format!("where lines may only be added {}", where_in(zone)), None),
        (ZoneMode::Steward, Some(steward)) => (format!("which only `{steward}` may change"), Some(steward)),
        (ZoneMode::Steward, None) => ("which has no steward, so that nobody may change it".to_owned(), None),
    };
    let place = format!("{} of the shared zone `{}`", quoted(zone.pattern), zone.name);
    let first = match (zone.mode, ask) {
        (ZoneMode::AppendOnly, _) => format!("put the new lines {}", where_in(zone)),
        (_, Some(steward)) => format!("ask `{steward}` to make the change"),
        (_, None) => format!("name a steward in `shared.{}`", zone.name),
    };
    let take_back = cure::take_back(case.ground.target, content.change());
    let tracks = [&work.track].into_iter().chain(ask).cloned().collect();
    Some(Finding {
        message: format!("lies in {place}, {who}; `{}` {} it", work.track, verb(content.change())),
        cure: format!("{first}, or {take_back}"),
        ..finding("ownership.shared", tracks, content.path())
    })
}

/// Where an append-only zone takes new lines.
fn where_in(zone: &ZoneMatch) -> String {
    let between = zone.regions.iter().map(|r| format!("between {} and {}", quoted(&r.begin), quoted(&r.end)));
    let places: Vec<String> = std::iter::once("at the end".to_owned()).chain(between).collect();
    places.join(" or ")
}

/// Whether everything that one of the earlier versions had is still there, and what is new stands where it may. `None`
/// where it could not be read.
fn appends(content: &Content, regions: &[Region]) -> Option<bool> {
    let earlier = content.earlier_lines()?;
    let adds = |now: &[&[u8]]| earlier.is_empty() || earlier.iter().any(|before| only_adds(before, now, regions));
    match content.lines() {
        Some(now) => Some(adds(&now)),
        // Binary, deleted or no file at all: there is no end to add a line to. A new one is all addition.
        None if !content.is_unread() => Some(content.change().is_new()),
        None => None,
    }
}

/// Each owner with the pattern that says so.
fn patterns(owners: &[Match]) -> String {
    let named = owners.iter().map(|owner| format!("`{}` ({}, `{}`)", owner.track, quoted(owner.pattern), owner.key()));
    list(&named.collect::<Vec<_>>())
}

fn verb(change: &OwnChange) -> &'static str {
    match (&change.change.before, &change.change.after) {
        (_, None) => "deleted",
        (None, Some(_)) => "added",
        (Some(_), Some(_)) => "changed",
    }
}

#[cfg(test)]
mod tests {
    use crate::policy::rules::testing::Bench;

    const POLICY: &str = r#"
        [tracks.a]
        owns = ["api/", "both/"]
        priority = 1
        [tracks.b]
        owns = ["web/", "both/"]
        priority = 2
        [tracks.none]
        owns = []
        [tracks.free]
        [tracks.new]
        owns = ["api/", "fresh/"]
        [shared.packages]
        paths = ["packages/"]
        steward = "b"
        [shared.log]
        paths = ["CHANGES"]
        mode = "append-only"
        regions = [{ begin = "<!-- new", end = "-->" }]
        [shared.open]
        paths = ["notes/"]
        mode = "open"
    "#;

    /// Track, path, before, after, what is found.
    type Row<'a> = (&'a str, &'a str, Option<&'a str>, Option<&'a str>, &'a [&'a str]);

    #[test]
    fn who_may_change_what() {
        let table: &[Row] = &[
            ("a", "api/x", None, Some("x"), &[]),
            ("a", "web/x", None, Some("x"), &["error ownership.foreign a+b web/x"]),
            ("a", "web/x", Some("x"), None, &["error ownership.foreign a+b web/x"]),
            ("free", "web/x", None, Some("x"), &[]),
            ("free", "README", None, Some("x"), &[]),
            ("none", "web/x", None, Some("x"), &["error ownership.foreign none+b web/x"]),
            ("none", "README", None, Some("x"), &["warn ownership.unowned none README"]),
            ("a", "both/x", None, Some("x"), &["warn ownership.overlap b+a both/x"]),
            (
                "none",
                "both/x",
                None,
                Some("x"),
                &["error ownership.foreign none+a+b both/x", "warn ownership.overlap b+a both/x"],
            ),
            ("a", "fresh/x", None, Some("x"), &["error ownership.foreign a+new fresh/x"]),
            ("new", "api/x", None, Some("x"), &["error ownership.foreign new+a api/x"]),
            ("a", "tracks.toml", Some("x"), Some("y"), &["error ownership.policy a tracks.toml"]),
            ("free", "sub/tracks.toml", Some("x"), Some("y"), &[]),
            ("a", "packages/x", Some("x"), Some("y"), &["warn ownership.shared a+b packages/x"]),
            ("free", "packages/x", Some("x"), Some("y"), &["warn ownership.shared free+b packages/x"]),
            ("b", "packages/x", Some("x"), Some("y"), &[]),
            ("a", "CHANGES", Some("1\n"), Some("1\n2\n"), &[]),
            ("a", "CHANGES", Some("1"), Some("1\n2"), &[]),
            ("a", "CHANGES", None, Some("1"), &[]),
            ("a", "CHANGES", Some("1\n"), Some("2\n1\n"), &["warn ownership.shared a CHANGES"]),
            ("a", "CHANGES", Some("<!-- new\n-->\n1\n"), Some("<!-- new\n2\n-->\n1\n"), &[]),
            ("a", "CHANGES", Some("1\n"), None, &["warn ownership.shared a CHANGES"]),
            ("a", "notes/x", Some("1\n"), None, &[]),
        ];
        for (track, path, before, after, expected) in table {
            let mut bench = Bench::new(POLICY);
            bench.uncommitted("new");
            bench.change(track, path, (*before, *after));
            let mut expected: Vec<&str> = expected.to_vec();
            expected.push("info ownership.policy new tracks.toml");
            assert_eq!(bench.shown(), expected, "{track} {path}");
        }
    }

    #[test]
    fn what_nobody_owns_is_judged_by_policy() {
        for (policy, expected) in [("error", &["error ownership.unowned a x"][..]), ("allow", &[])] {
            let mut bench = Bench::new(&format!("[tracks.a]\nowns = []\n[rules]\nunowned = '{policy}'"));
            bench.adds("a", &["x"]);
            assert_eq!(bench.shown(), expected, "{policy}");
        }
    }

    #[test]
    fn messages_say_whose_it_is_and_how_to_take_it_back() {
        let mut bench = Bench::new(POLICY);
        bench.change("a", "web/x y", (Some("x"), Some("y")));
        bench.change("a", "web/z", (Some("x"), Some("y")));
        bench.edited("a");
        let said: Vec<String> = bench.findings().iter().map(|f| format!("{}: {}", f.message, f.cure)).collect();
        assert_eq!(
            said,
            [
                "belongs to `b` (`web/`, `tracks.b.owns[0]`); `a` changed it: ask `b` to make the change, or \
             `git restore --source=main -- 'web/x y'`",
                "belongs to `b` (`web/`, `tracks.b.owns[0]`); `a` changed it: ask `b` to make the change, or \
             `git stash push --include-untracked -- web/z`",
            ]
        );
    }
}
