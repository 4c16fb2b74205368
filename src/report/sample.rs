//! For the tests of every format: three tracks with everything that can go wrong.

use crate::engine::outcome::{Blocker, HeldOut, Integration, Outcome, SideName, State, Target, TrackStatus};
use crate::model::{
    BranchName, Checkout, CommitId, Conflict, ConflictKind, Finding, Hunk, LineRange, Meeting, Origin, PairVerdict,
    RepoPath, Rule, Severity, Track, TrackId, TreeId, Verdict,
};

use super::model::{Ailment, AilmentState, Hook, Owner, PullRequest, Removal, Report, Schedule, Step, Worktree};

/// When the sample was looked at.
pub(super) const NOW: &str = "2024-10-01T12:00:00Z";
/// The same in seconds since 1970.
pub(super) const NOW_SECONDS: i64 = 1_727_784_000;

/// The sample as a report of `sync`.
pub(super) fn report() -> Report {
    Report::from_outcome("sync", &outcome(), NOW, None)
}

/// Three tracks, seven findings.
pub(super) fn outcome() -> Outcome {
    Outcome {
        git: "2.47.3".into(),
        target: Some(Target { name: "main".into(), commit: commit('1') }),
        tracks: tracks(),
        sides: sides(&[("main", false), ("a", true), ("b", false), ("c", false)]),
        pairs: pairs(),
        integration: Some(Integration {
            reference: "refs/tracks/integration/main".into(),
            commit: commit('9'),
            tree: tree('9'),
            merged: vec![id("a")],
            held_out: held_out(),
        }),
        findings: findings(),
        ..Outcome::default()
    }
}

/// Nothing declared, nothing found.
pub(super) fn empty() -> Outcome {
    Outcome {
        tracks: Vec::new(),
        sides: Vec::new(),
        pairs: Vec::new(),
        integration: None,
        findings: Vec::new(),
        ..outcome()
    }
}

fn ailments() -> Vec<Ailment> {
    use super::model::Severity;
    let ailment = |severity, subject: &str, cure: Option<&str>, state| Ailment {
        severity,
        subject: subject.into(),
        detail: "is not where it was: \u{1b}[31mred".into(),
        cure: cure.map(str::to_owned),
        state,
    };
    vec![
        ailment(Severity::Error, "worktree a", Some("`git worktree repair a`"), AilmentState::Curable),
        ailment(Severity::Warn, "lock index.lock", None, AilmentState::Open),
        ailment(Severity::Error, "worktree b", Some("`git worktree repair b`"), AilmentState::Cured),
    ]
}

/// What the commands that act say, in one report.
pub(super) fn acts() -> Report {
    Report {
        worktrees: Some(worktrees()),
        owners: Some(owners()),
        steps: Some(steps()),
        hooks: Some(vec![
            Hook {
                name: "pre-commit".into(),
                state: "installed".into(),
                path: ".git/hooks/pre-commit".into(),
                by: None,
                worktrees: vec![".".into(), "worktrees/a".into()],
                fires: Some(1),
                detail: None,
            },
            Hook {
                name: "pre-push".into(),
                state: "dead".into(),
                path: "worktrees/b/.husky/_/pre-push".into(),
                by: Some("husky".into()),
                worktrees: vec!["worktrees/b".into()],
                fires: Some(0),
                detail: Some("`core.hooksPath` is `.husky/_`, and there is no such folder here".into()),
            },
        ]),
        schedules: Some(schedules()),
        ailments: Some(ailments()),
        pull_request: Some(PullRequest {
            title: "Registry".into(),
            body: "- text\n".into(),
            labels: vec!["track:a".into()],
            base: "main".into(),
            head: "feature/a".into(),
            open: None,
        }),
        ..Report::new("init")
    }
}

fn schedules() -> Vec<Schedule> {
    let schedule = |kind: &str, every: Option<&str>, state: &str, place: &str| Schedule {
        kind: kind.into(),
        place: place.into(),
        every: every.map(str::to_owned),
        state: state.into(),
        program: every.map(|_| "/opt/tracks".into()),
    };
    vec![
        schedule("systemd", Some("2d"), "gone", "/home/kim/.config/systemd/user/tracks-shop-0123abcd.timer"),
        schedule("cron", Some("1w"), "installed", "crontab"),
        schedule("github", None, "foreign", ".github/workflows/tracks.yml"),
    ]
}

fn worktrees() -> Vec<Worktree> {
    let worktree = |path: &str, branch: Option<&str>, verdict| Worktree {
        path: path.into(),
        path_bytes: None,
        branch: branch.map(Into::into),
        verdict,
        reasons: Vec::new(),
        size_bytes: Some(1_288_490_189),
        age_seconds: Some(3 * 86_400),
        ignored: Vec::new(),
        removed: false,
        checkpoint: None,
        restore: None,
        kept: None,
    };
    vec![
        Worktree {
            ignored: vec![".env".into(), "node_modules/".into()],
            ..worktree("/home/kim/shop/worktrees/phase-1-track-a", Some("feature/phase-1-track-a"), Removal::Safe)
        },
        Worktree {
            reasons: vec!["2 files are not committed".into(), "1 commit is on no other branch or remote".into()],
            size_bytes: None,
            age_seconds: None,
            ..worktree("/home/kim/shop/worktrees/phase-1-track-b", None, Removal::Kept)
        },
        Worktree { removed: true, ..worktree("/tmp/agent-17", Some("agent/17"), Removal::Safe) },
    ]
}

fn owners() -> Vec<Owner> {
    let owner = |path: &str, track: Option<&str>, zone: Option<&str>, pattern: Option<&str>| Owner {
        path: path.into(),
        path_bytes: None,
        track: track.map(Into::into),
        zone: zone.map(Into::into),
        pattern: pattern.map(Into::into),
        source: pattern.map(|_| "tracks.toml:9".into()),
    };
    vec![
        owner("api/agents/list.ts", Some("a"), None, Some("api/agents/**")),
        owner("packages/shared/x\u{1b}.ts", Some("c"), Some("packages"), Some("packages/shared/**")),
        owner("README.md", None, None, None),
    ]
}

fn steps() -> Vec<Step> {
    let step = |action: &str, subject: &str, detail: Option<&str>, done| Step {
        action: action.into(),
        subject: subject.into(),
        detail: detail.map(Into::into),
        done,
    };
    vec![
        step("create", "branch feature/a", Some("from main 1111111111"), true),
        step("create", "worktree worktrees/a", None, false),
        step("keep", "branch feature/b", Some("3 commits are not on main"), false),
    ]
}

fn id(id: &str) -> TrackId {
    TrackId::new(id).expect("a valid id")
}

fn commit(digit: char) -> CommitId {
    CommitId::from_hex(digit.to_string().repeat(40).as_bytes()).expect("hexadecimal")
}

fn tree(digit: char) -> TreeId {
    TreeId::from_hex(digit.to_string().repeat(40).as_bytes()).expect("hexadecimal")
}

fn sides(names: &[(&str, bool)]) -> Vec<SideName> {
    names.iter().map(|&(name, uncommitted)| SideName { name: name.into(), uncommitted }).collect()
}

fn tracks() -> Vec<TrackStatus> {
    let track = |name: &str, state, digit| TrackStatus {
        track: Track {
            id: id(name),
            branch: BranchName::new(&format!("feature/phase-1-track-{name}")).expect("valid"),
            worktree: format!("/home/kim/shop/worktrees/phase-1-track-{name}").into(),
            tip: Some(commit(digit)),
            checkout: Checkout::Present,
        },
        title: None,
        tree: Some(tree(digit)),
        dirty: Some(0),
        ahead: Some(3),
        behind: Some(0),
        agent: None,
        depends_on: Vec::new(),
        state,
        landing: None,
        blocked_by: Vec::new(),
        conflicts_with: Vec::new(),
        last_activity: Some(NOW_SECONDS - 3 * 3600),
        due: None,
        delivered: None,
        ready_since: None,
        last_moved: None,
    };
    vec![
        TrackStatus {
            title: Some("Agent registry".into()),
            agent: Some("alpha".into()),
            dirty: Some(2),
            conflicts_with: vec!["b".into()],
            ..track("a", State::Conflicted, 'a')
        },
        TrackStatus { behind: Some(14), conflicts_with: vec!["a".into()], ..track("b", State::Conflicted, 'b') },
        TrackStatus {
            depends_on: vec![id("b")],
            dirty: None,
            ahead: None,
            behind: None,
            tree: None,
            last_activity: Some(NOW_SECONDS - 49 * 3600),
            blocked_by: vec![Blocker {
                kind: "track",
                id: "b".into(),
                since: None,
                reason: "`b` has not landed".into(),
            }],
            ..track("c", State::Blocked, 'c')
        },
    ]
}

fn hunk(ours_first: u32, ours: &[&[u8]], theirs_first: u32, theirs: &[&[u8]]) -> Hunk {
    let range = |first, lines: &[&[u8]]| LineRange { first, last: first + lines.len() as u32 - 1 };
    let owned = |lines: &[&[u8]]| lines.iter().map(|line| line.to_vec()).collect();
    Hunk {
        ours_lines: range(ours_first, ours),
        theirs_lines: range(theirs_first, theirs),
        ours: owned(ours),
        theirs: owned(theirs),
    }
}

fn conflicts() -> Vec<Conflict> {
    let long: Vec<Vec<u8>> = (1..=23).map(|n| format!("    \"key-{n}\": true,\n").into_bytes()).collect();
    let long: Vec<&[u8]> = long.iter().map(Vec::as_slice).collect();
    let content = vec![
        hunk(
            8,
            &[b"export const LIMIT = 100;\n", b"export const PAGE = 20;\n"],
            8,
            &[b"export const LIMIT = 250; // agreed with the people who run the search service\n"],
        ),
        hunk(98, &long, 97, &[b"\t\x1b[31mred\xff\n"]),
        hunk(140, &[b"}\n"], 120, &[]),
    ];
    vec![
        Conflict { path: RepoPath::new("api/agents/list.ts"), kind: ConflictKind::Content, hunks: content },
        Conflict {
            path: RepoPath::new(b"docs/caf\xe9\x1b[31m.md"),
            kind: ConflictKind::ModifyDelete,
            hunks: Vec::new(),
        },
    ]
}

fn pairs() -> Vec<PairVerdict> {
    let pair = |ours, theirs, verdict| PairVerdict { ours, theirs, verdict, tree: None };
    vec![
        pair(0, 1, Verdict::Disjoint),
        pair(0, 2, Verdict::Clean),
        pair(0, 3, Verdict::Unknown("no common ancestor".into())),
        pair(1, 2, Verdict::Conflict(conflicts())),
        pair(1, 3, Verdict::Unknown("no common ancestor".into())),
        pair(2, 3, Verdict::Disjoint),
    ]
}

fn held_out() -> Vec<HeldOut> {
    let held = |track, because_of, conflicts, meetings| HeldOut {
        track: id(track),
        because_of,
        conflicts,
        meetings,
        reason: None,
    };
    vec![held("b", vec![id("a")], conflicts(), meetings()), held("c", vec![id("b")], Vec::new(), Vec::new())]
}

/// Those of the conflicts.
pub(super) fn meetings() -> Vec<Meeting> {
    let limit = Origin::Commit(commit('d'), "Raise the limit of the list\u{1b}[31m".into());
    vec![Meeting { ours: Some(limit), theirs: Some(Origin::Uncommitted) }, Meeting::default()]
}

fn findings() -> Vec<Finding> {
    let finding = |rule, severity, tracks: &[&str], path: &[u8]| Finding {
        rule: Rule::fixed(rule),
        severity,
        tracks: tracks.iter().map(|name| id(name)).collect(),
        path: RepoPath::try_new(path),
        lines: Vec::new(),
        message: String::new(),
        cure: String::new(),
    };
    let lines = |first, last| LineRange { first, last };
    vec![
        Finding {
            lines: vec![lines(8, 9), lines(98, 120), lines(140, 140)],
            message: "merging `b` into `a` conflicts".into(),
            cure: "tracks show a b".into(),
            ..finding("conflict.content", Severity::Error, &["a", "b"], b"api/agents/list.ts")
        },
        Finding {
            message: "merging `b` into `a` conflicts: one side changed what the other deleted".into(),
            cure: "tracks show a b".into(),
            ..finding("conflict.modify-delete", Severity::Error, &["b", "a"], b"docs/caf\xe9\x1b[31m.md")
        },
        Finding {
            message: "`c` and the target have no common ancestor, so whether they merge is not known".into(),
            cure: "git fetch --unshallow".into(),
            ..finding("conflict.unknown", Severity::Error, &["c"], b"")
        },
        Finding {
            message: "`b` changes what `a` owns (`api/agents/**`)".into(),
            cure: "git -C worktrees/phase-1-track-b checkout main -- api/agents/list.ts".into(),
            lines: vec![lines(8, 8), lines(97, 97)],
            ..finding("ownership.foreign", Severity::Error, &["b", "a"], b"api/agents/list.ts")
        },
        Finding {
            message: "the version 20241001000001 is also that of `20241001000001_a_agent_registry.sql` in `a`".into(),
            cure: "tracks migration new --track b fields".into(),
            ..finding(
                "migration.duplicate",
                Severity::Error,
                &["b", "a"],
                b"supabase/migrations/20241001000001_b_template_fields_for_the_builder.sql",
            )
        },
        Finding {
            message: "the file grew by 612 lines in one track, 500 are allowed".into(),
            cure: "split it".into(),
            ..finding("size.growth", Severity::Warning, &["a"], b"api/agents/registry|`<b>.ts")
        },
        Finding {
            message: "14 commits behind `main`".into(),
            cure: "tracks update b".into(),
            ..finding("track.behind", Severity::Info, &["b"], b"")
        },
    ]
}
