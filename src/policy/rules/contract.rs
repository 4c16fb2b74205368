//! `contract.*`: interfaces that are not there yet, changed under those who build on them, or edited by these.

use super::case::{Case, finding};
use super::{OwnChange, Tree, Work, cure};
use crate::model::text::list;
use crate::model::{Finding, RepoPath, TrackId};
use crate::policy::contracts::{Check, Interface, Standing};

/// Judges one track, as the owner of contracts and as one who builds on them.
pub fn judge(case: &Case, work: &Work) -> Vec<Finding> {
    let each = case.contracts.iter().map(|contract| match &work.track {
        track if *track == contract.owner => pending(case, work, contract),
        track if contract.consumers.contains(track) => {
            [edited(case, work, contract), moved_on(case, work, contract)].concat()
        }
        _ => Vec::new(),
    });
    each.flatten().collect()
}

/// `contract.undelivered`: what others build on and the target has not.
pub fn undelivered(case: &Case) -> Vec<Finding> {
    let target = case.ground.target;
    let files = |below: Option<&RepoPath>| case.ground.blobs.files(Tree::Target, below);
    let waited_for = case.contracts.iter().filter(|contract| !contract.consumers.is_empty());
    let missing = waited_for.filter(|contract| contract.standing(&files) == Standing::Promised);
    let say = |contract: &Interface| {
        let owner = &contract.owner;
        let work = case.ground.works.iter().find(|work| work.track == *owner);
        let begun = work.is_some_and(|work| {
            work.changes.iter().any(|c| c.change.after.is_some() && contract.contains(&c.change.path))
        });
        let state = if begun { format!("`{owner}` has it and has not landed") } else { "nobody has written it".into() };
        let cure = if begun { format!("land `{owner}`") } else { format!("let `{owner}` write it first") };
        Finding {
            rule: crate::model::Rule::fixed("contract.undelivered"),
            severity: crate::model::Severity::Warning,
            tracks: [vec![owner.clone()], contract.consumers.clone()].concat(),
            path: contract.place(),
            lines: Vec::new(),
            message: format!(
                "`{}` is promised: it is not on `{target}` yet, and {} for it; {state}",
                contract.name,
                waiting(&contract.consumers)
            ),
            cure,
        }
    };
    missing.map(say).collect()
}

fn waiting(consumers: &[TrackId]) -> String {
    let verb = if consumers.len() == 1 { "waits" } else { "wait" };
    format!("{} {verb}", names(consumers))
}

fn names(tracks: &[TrackId]) -> String {
    list(&tracks.iter().map(|track| format!("`{track}`")).collect::<Vec<_>>())
}

/// The owner changes what the target has and others build on: `contract.broken` where its `check` says that they cannot
/// go on, else `contract.changed`.
fn pending(case: &Case, work: &Work, contract: &Interface) -> Vec<Finding> {
    let others = names(&contract.consumers);
    let build = if contract.consumers.len() == 1 { "builds" } else { "build" };
    let changed: Vec<&OwnChange> = work
        .changes
        .iter()
        .filter(|change| change.on_target.is_some() && contract.contains(&change.change.path))
        .filter(|_| !contract.consumers.is_empty())
        .collect();
    let key = (contract.name.clone(), work.track.clone());
    let check = case.ground.checks.and_then(|checks| checks.get(&key));
    // What was checked is what is committed.
    let is_seen = !changed.iter().any(|change| change.uncommitted);
    let (rule, words, cure) = match check {
        _ if contract.check.is_none() => ("contract.changed", String::new(), format!("tell {others}")),
        Some(Check::Broken(how, log)) => (
            "contract.broken",
            format!(", and its `check` {how}: they cannot go on with it"),
            format!("keep what {others} need, or change it together with them; {log}"),
        ),
        Some(Check::Compatible) if is_seen => {
            ("contract.changed", "; its `check` finds that compatible".into(), format!("tell {others}"))
        }
        Some(Check::Compatible) => (
            "contract.changed",
            "; its `check` finds what is committed of that compatible".into(),
            format!("tell {others}"),
        ),
        Some(Check::Unknown(why)) => (
            "contract.changed",
            format!("; whether that is compatible is not known: its `check` {why}"),
            format!("tell {others}"),
        ),
        None => (
            "contract.changed",
            "; whether that is compatible is not known: its `check` was not run".into(),
            format!("tell {others}"),
        ),
    };
    let say = |change: &&OwnChange| Finding {
        message: format!("a part of `{}`, on which {others} {build}, changes{words}", contract.name),
        cure: cure.clone(),
        ..finding(rule, [vec![work.track.clone()], contract.consumers.clone()].concat(), &change.change.path)
    };
    changed.iter().map(say).collect()
}

/// `contract.broken`: whoever builds on an interface changes it.
fn edited(case: &Case, work: &Work, contract: &Interface) -> Vec<Finding> {
    let owner = &contract.owner;
    let edits = work.changes.iter().filter(|change| contract.contains(&change.change.path));
    let say = |change| Finding {
        message: format!("`{}` builds on `{}` of `{owner}`, and changes it", work.track, contract.name),
        cure: format!("ask `{owner}` to make the change, or {}", cure::take_back(case.ground.target, change)),
        ..finding("contract.broken", vec![work.track.clone(), owner.clone()], &change.change.path)
    };
    edits.map(say).collect()
}

/// `contract.changed`: the target has another version than where the track left it.
fn moved_on(case: &Case, work: &Work, contract: &Interface) -> Vec<Finding> {
    let at = |tree| {
        let files = |below: Option<&RepoPath>| case.ground.blobs.files(tree, below);
        contract.files(&files)
    };
    let Some((before, now)) = at(Tree::Fork(&work.track)).zip(at(Tree::Target)) else { return Vec::new() };
    let paths =
        before.iter().filter(|file| !now.contains(file)).chain(now.iter().filter(|file| !before.contains(file)));
    let mut paths: Vec<&RepoPath> = paths.map(|(path, _)| path).collect();
    paths.sort();
    paths.dedup();
    let (track, target) = (&work.track, case.ground.target);
    let say = |path: &RepoPath| {
        let how = match before.iter().any(|(known, _)| known == path) {
            true => "has changed",
            false => "has come",
        };
        Finding {
            message: format!(
                "a part of `{}`, on which `{track}` builds, {how} on `{target}` since `{track}` left it",
                contract.name
            ),
            cure: format!("bring it in: `git -C \"$(tracks path {track})\" merge {}`", cure::word(target.as_bytes())),
            ..finding("contract.changed", vec![track.clone()], path)
        }
    };
    paths.into_iter().map(say).collect()
}

#[cfg(test)]
mod tests {
    use crate::policy::contracts::Check;
    use crate::policy::rules::testing::Bench;

    const POLICY: &str = "
        [tracks.a]
        [tracks.b]
        [tracks.c]
        [tracks.d]
        [contracts.api]
        track = 'a'
        paths = ['contracts/api.yaml']
        consumers = ['b', 'c']
        check = 'oasdiff'
    ";

    #[test]
    fn a_promise_keeps_others_waiting() {
        let mut bench = Bench::new(POLICY);
        assert_eq!(bench.shown(), ["warn contract.undelivered a+b+c contracts/api.yaml"]);
        assert_eq!(
            bench.findings()[0].message,
            "`api` is promised: it is not on `main` yet, and `b` and `c` wait for it; nobody has written it"
        );
        bench.adds("a", &["contracts/api.yaml"]);
        assert_eq!(bench.shown(), ["warn contract.undelivered a+b+c contracts/api.yaml"]);
        assert_eq!(bench.findings()[0].cure, "land `a`");
    }

    #[test]
    fn what_is_published_changes_for_those_who_build_on_it() {
        let path = "contracts/api.yaml";
        let mut bench = Bench::new(POLICY);
        bench.target_file(path, "1");
        assert_eq!(bench.shown(), [""; 0]);
        bench.change("a", path, (Some("1"), Some("2")));
        bench.change("d", path, (Some("1"), Some("3")));
        bench.change("b", path, (Some("1"), Some("4")));
        assert_eq!(
            bench.shown(),
            ["error contract.broken b+a contracts/api.yaml", "warn contract.changed a+b+c contracts/api.yaml"]
        );
    }

    #[test]
    fn a_check_says_whether_others_can_go_on() {
        let path = "contracts/api.yaml";
        let mut bench = Bench::new(POLICY);
        bench.target_file(path, "1");
        bench.change("a", path, (Some("1"), Some("2")));
        let found =
            |bench: &Bench| bench.findings().iter().map(|f| format!("{}: {}", f.rule, f.message)).collect::<Vec<_>>();
        let begin = "a part of `api`, on which `b` and `c` build, changes";
        let key = ("api".to_owned(), crate::model::TrackId::new("a").expect("an id"));
        for (check, expected) in [
            (
                None,
                format!("contract.changed: {begin}; whether that is compatible is not known: its `check` was not run"),
            ),
            (Some(Check::Compatible), format!("contract.changed: {begin}; its `check` finds that compatible")),
            (
                Some(Check::Broken("ended with status 1".into(), "log".into())),
                format!("contract.broken: {begin}, and its `check` ended with status 1: they cannot go on with it"),
            ),
            (
                Some(Check::Unknown("could not be run".into())),
                format!(
                    "contract.changed: {begin}; whether that is compatible is not known: its `check` could not be run"
                ),
            ),
        ] {
            bench.checks = check.map(|check| [(key.clone(), check)].into());
            assert_eq!(found(&bench), [expected]);
        }
    }

    #[test]
    fn whoever_left_before_a_change_is_told() {
        let mut bench = Bench::new(POLICY);
        bench.fork("b", "contracts/api.yaml", "1");
        bench.fork("d", "contracts/api.yaml", "1");
        bench.target_file("contracts/api.yaml", "2");
        bench.adds("b", &["x"]);
        bench.adds("c", &["y"]);
        bench.adds("d", &["z"]);
        let messages: Vec<String> = bench.findings().into_iter().map(|f| f.message).collect();
        assert_eq!(
            messages,
            [
                "a part of `api`, on which `b` builds, has changed on `main` since `b` left it",
                "a part of `api`, on which `c` builds, has come on `main` since `c` left it",
            ]
        );
    }
}
