//! From what the engine found to the report: names for numbers, and what is new since the last result.

use std::collections::HashMap;

use jiff::Timestamp;

use super::model::{
    Blocker, Conflict, Finding, FindingState, Gate, GateStatus, HeldOut, Integration, Landable, Lines, Meeting,
    OrderCost, Origin, Pair, Place, Report, State, Target, ThenCost, Track, Verdict, file_system_path, repo_path,
};
use super::summary;
use crate::engine::outcome::{self, Outcome, SideName, TrackStatus};
use crate::model::hash::fnv1a;
use crate::model::{self, LineRange, PairVerdict};
use crate::policy::rules::Settled;

impl Report {
    /// The report of `command` on `outcome`. `now` is RFC 3339 in UTC; findings and blockers that `previous` had keep
    /// the time they were first seen.
    pub fn from_outcome(command: &str, outcome: &Outcome, now: &str, previous: Option<&Report>) -> Report {
        let earlier = Earlier { now, previous };
        let findings: Vec<Finding> = findings((&outcome.findings, &outcome.waived), &earlier);
        let tracks = outcome.tracks.iter().map(|status| track(status, &findings, &earlier)).collect();
        let mut report = Report {
            git: Some(outcome.git.clone()),
            target: outcome.target.as_ref().map(target),
            tracks: Some(tracks),
            pairs: Some(pairs(outcome)),
            integration: outcome.integration.as_ref().map(integration),
            gates: outcome.gates.as_ref().map(|gates| gates.iter().map(|run| gate(run, previous)).collect()),
            findings: Some(findings),
            ..Report::new(command)
        };
        report.summary = Some(summary::of(&report));
        report
    }

    /// The report of `order` on a plan for landing on `on`, by Git `git`.
    /// Blockers that `previous` had keep the time they were first seen, others have `now`.
    pub fn from_plan(
        plan: &outcome::Plan,
        (on, git): (&outcome::Target, &str),
        (now, previous): (&str, Option<&Report>),
    ) -> Report {
        let earlier = Earlier { now, previous };
        let outcome::OrderCost { proposed, given, exact, discarded } = plan.cost;
        let tracks = plan.landable.tracks.iter().map(ToString::to_string).collect();
        Report {
            git: Some(git.to_owned()),
            target: Some(target(on)),
            order: Some(plan.places.iter().map(|one| place(one, &earlier)).collect()),
            landable: Some(Landable { tracks, exact: plan.landable.exact }),
            order_cost: Some(OrderCost { proposed, given, exact, discarded }),
            critical_path: Some(plan.critical_path.iter().map(ToString::to_string).collect()),
            ..Report::new("order")
        }
    }

    /// The same with what gates said.
    pub fn with_gates(mut self, gates: &[outcome::GateRun]) -> Report {
        self.gates = Some(gates.iter().map(|run| gate(run, None)).collect());
        self
    }

    /// Puts what was found into a report that has no findings, such as one of `check`, and counts again.
    pub fn with_findings(mut self, found: &Settled, now: &str, previous: Option<&Report>) -> Report {
        self.findings = Some(findings((&found.findings, &found.waived), &Earlier { now, previous }));
        self.summary = Some(summary::of(&self));
        self
    }
}

/// What the last result knew, and the time for what it did not.
struct Earlier<'a> {
    now: &'a str,
    previous: Option<&'a Report>,
}

impl Earlier<'_> {
    fn blocker(&self, track: &str, blocker: &outcome::Blocker) -> Blocker {
        Blocker {
            kind: blocker.kind.to_owned(),
            id: blocker.id.clone(),
            since: (blocker.since.and_then(rfc3339))
                .or_else(|| self.blocked_since(track, blocker.kind, &blocker.id))
                .or_else(|| Some(self.now.to_owned())),
            reason: blocker.reason.clone(),
        }
    }

    fn blocked_since(&self, track: &str, kind: &str, id: &str) -> Option<String> {
        let tracks = self.previous?.tracks.as_deref()?;
        let before = tracks.iter().find(|t| t.id == track)?;
        before.blocked_by.iter().find(|b| b.kind == kind && b.id == id)?.since.clone()
    }
}

fn target(target: &outcome::Target) -> Target {
    Target { name: target.name.clone(), commit: target.commit.to_string() }
}

fn place(place: &outcome::Place, earlier: &Earlier) -> Place {
    let then = |(track, paths): &(model::TrackId, usize)| ThenCost { track: track.to_string(), paths: *paths };
    Place {
        track: place.track.to_string(),
        wave: place.wave,
        place: place.place,
        state: state(place.state),
        because: place.because.clone(),
        cost: place.cost,
        then_costs: place.then_costs.iter().map(then).collect(),
        ready: place.is_ready,
        blocked_by: place.blocked_by.iter().map(|blocker| earlier.blocker(place.track.as_str(), blocker)).collect(),
        conflicts_with: place.conflicts_with.clone(),
    }
}

/// What was found, and what of it is waived.
fn findings((found, waived): (&[model::Finding], &[model::Finding]), earlier: &Earlier) -> Vec<Finding> {
    let before = earlier.previous.and_then(|report| report.findings.as_deref()).unwrap_or_default();
    let seen: HashMap<&str, &Finding> = before.iter().map(|f| (f.fingerprint.as_str(), f)).collect();
    let mut findings: Vec<Finding> = found.iter().map(|f| finding(f, earlier.now, &seen)).collect();
    let waived = waived.iter().map(|f| finding(f, earlier.now, &seen));
    findings.extend(waived.map(|finding| Finding { state: FindingState::Waived, ..finding }));
    findings.sort_by_key(|f| f.severity);
    findings
}

fn finding(found: &model::Finding, now: &str, seen: &HashMap<&str, &Finding>) -> Finding {
    let fingerprint = fingerprint(found);
    let known = seen.get(fingerprint.as_str());
    let (path, path_bytes) = found.path.as_ref().map(repo_path).map_or((None, None), |(p, b)| (Some(p), b));
    Finding {
        rule: found.rule.to_string(),
        severity: found.severity.into(),
        tracks: found.tracks.iter().map(ToString::to_string).collect(),
        path,
        path_bytes,
        lines: found.lines.iter().map(lines).collect(),
        message: found.message.clone(),
        cure: found.cure.clone(),
        first_seen: known.map_or(now, |known| &known.first_seen).to_owned(),
        // A finding that was waived until now is new to whoever has to act.
        state: match known {
            Some(known) if known.state != FindingState::Waived => FindingState::Open,
            _ => FindingState::New,
        },
        fingerprint,
    }
}

/// Rule, path and the set of tracks, hashed: not the message or the lines, which change while the finding stays.
fn fingerprint(finding: &model::Finding) -> String {
    let mut tracks: Vec<&str> = finding.tracks.iter().map(|id| id.as_str()).collect();
    tracks.sort_unstable();
    let path = finding.path.as_ref().map_or(&b""[..], |path| path.as_bstr());
    let parts = [finding.rule.0.as_bytes(), path].into_iter().chain(tracks.into_iter().map(str::as_bytes));
    let text: Vec<u8> = parts.flat_map(|part| part.iter().copied().chain([0])).collect();
    format!("{:016x}", fnv1a(&text))
}

fn track(status: &TrackStatus, findings: &[Finding], earlier: &Earlier) -> Track {
    let id = status.track.id.to_string();
    let (worktree, worktree_bytes) = file_system_path(&status.track.worktree);
    let blocked_by = status.blocked_by.iter().map(|blocker| earlier.blocker(&id, blocker));
    Track {
        title: status.title.clone(),
        branch: status.track.branch.to_string(),
        commit: status.track.tip.map(|tip| tip.to_string()),
        tree: status.tree.map(|tree| tree.to_string()),
        worktree,
        worktree_bytes,
        dirty: status.dirty,
        ahead: status.ahead,
        behind: status.behind,
        agent: status.agent.clone(),
        depends_on: status.depends_on.iter().map(ToString::to_string).collect(),
        state: state(status.state),
        blocked_by: blocked_by.collect(),
        conflicts_with: status.conflicts_with.clone(),
        findings: findings.iter().filter(|f| f.state != FindingState::Waived && f.tracks.contains(&id)).count(),
        last_activity: status.last_activity.and_then(rfc3339),
        due: status.due.clone(),
        delivered: status.delivered,
        ready_since: status.ready_since.and_then(rfc3339),
        id,
    }
}

fn state(state: outcome::State) -> State {
    match state {
        outcome::State::Missing => State::Missing,
        outcome::State::Landed => State::Landed,
        outcome::State::Reverted => State::Reverted,
        outcome::State::Conflicted => State::Conflicted,
        outcome::State::Blocked => State::Blocked,
        outcome::State::Stalled => State::Stalled,
        outcome::State::Ready => State::Ready,
        outcome::State::Working => State::Working,
    }
}

/// `None` outside the years that RFC 3339 can write.
fn rfc3339(seconds: i64) -> Option<String> {
    Timestamp::from_second(seconds).ok().map(|time| time.to_string())
}

fn pairs(outcome: &Outcome) -> Vec<Pair> {
    let meetings = |at: usize| outcome.meetings.get(&at).map_or(&[][..], Vec::as_slice);
    outcome.pairs.iter().enumerate().map(|(at, verdict)| pair(verdict, &outcome.sides, meetings(at))).collect()
}

fn pair(pair: &PairVerdict, sides: &[SideName], meetings: &[model::Meeting]) -> Pair {
    let both = [&sides[pair.ours], &sides[pair.theirs]];
    let (verdict, reason) = match &pair.verdict {
        model::Verdict::Disjoint => (Verdict::Disjoint, None),
        model::Verdict::Clean => (Verdict::Clean, None),
        model::Verdict::Conflict(_) => (Verdict::Conflict, None),
        model::Verdict::Unknown(reason) => (Verdict::Unknown, Some(reason.clone())),
    };
    Pair {
        ours: both[0].name.clone(),
        theirs: both[1].name.clone(),
        verdict,
        conflicts: conflicts(pair.verdict.conflicts(), meetings),
        uncommitted: both.into_iter().filter(|side| side.uncommitted).map(|side| side.name.clone()).collect(),
        tree: pair.tree.map(|tree| tree.to_string()),
        reason,
    }
}

/// Without the content of the lines: it may hold secrets, and reports travel. `meetings` are those of the conflicts, in
/// the same order, where they were asked for.
pub(super) fn conflicts(conflicts: &[model::Conflict], meetings: &[model::Meeting]) -> Vec<Conflict> {
    let conflict = |(at, conflict): (usize, &model::Conflict)| {
        let (path, path_bytes) = repo_path(&conflict.path);
        Conflict {
            path,
            path_bytes,
            kind: conflict.kind.name().to_owned(),
            ours_lines: conflict.hunks.iter().map(|hunk| lines(&hunk.ours_lines)).collect(),
            theirs_lines: conflict.hunks.iter().map(|hunk| lines(&hunk.theirs_lines)).collect(),
            commits: meetings.get(at).map(meeting),
        }
    };
    conflicts.iter().enumerate().map(conflict).collect()
}

fn meeting(meeting: &model::Meeting) -> Meeting {
    let origin = |origin: &model::Origin| match origin {
        model::Origin::Commit(id, subject) => Origin { commit: Some(id.to_string()), subject: subject.clone() },
        model::Origin::Uncommitted => Origin { commit: None, subject: "uncommitted work".into() },
    };
    Meeting { ours: meeting.ours.as_ref().map(origin), theirs: meeting.theirs.as_ref().map(origin) }
}

fn lines(range: &LineRange) -> Lines {
    [range.first, range.last]
}

fn gate(run: &outcome::GateRun, previous: Option<&Report>) -> Gate {
    let tracks: Vec<String> = run.tracks.iter().map(ToString::to_string).collect();
    let is_same = |gate: &&Gate| {
        let alone = gate.stage == "track";
        gate.name == run.name && gate.stage == run.stage && (!alone || gate.tracks == tracks) && gate.captured.is_some()
    };
    let before = previous.and_then(|report| report.gates.iter().flatten().find(is_same)?.captured.clone());
    let mut captured_before = before.unwrap_or_default();
    captured_before.retain(|name, figure| run.figures.get(name).is_some_and(|now| now != figure));
    Gate {
        name: run.name.clone(),
        stage: run.stage.to_owned(),
        tree: run.tree.map(|tree| tree.to_string()),
        tracks,
        status: match run.status {
            outcome::GateStatus::Passed => GateStatus::Passed,
            outcome::GateStatus::Failed => GateStatus::Failed,
            outcome::GateStatus::Flaky => GateStatus::Flaky,
            outcome::GateStatus::Skipped => GateStatus::Skipped,
            outcome::GateStatus::Untrusted => GateStatus::Untrusted,
        },
        seconds: run.took.map(|took| (took.as_secs_f64() * 1000.0).round() / 1000.0),
        log: run.log.as_ref().map(|log| log.to_string_lossy().into_owned()),
        captured: (!run.figures.is_empty()).then(|| run.figures.clone()),
        captured_before,
        reason: run.ended.clone(),
        output: run.last_words.clone(),
        remembered: run.remembered,
    }
}

fn integration(done: &outcome::Integration) -> Integration {
    let held_out = done.held_out.iter().map(|held| HeldOut {
        track: held.track.to_string(),
        because_of: held.because_of.iter().map(ToString::to_string).collect(),
        conflicts: conflicts(&held.conflicts, &held.meetings),
        reason: held.reason.clone(),
    });
    Integration {
        reference: done.reference.clone(),
        commit: done.commit.to_string(),
        tree: done.tree.to_string(),
        merged: done.merged.iter().map(ToString::to_string).collect(),
        held_out: held_out.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::{FindingState, Report};
    use super::super::sample;
    use super::fnv1a;

    const LATER: &str = "2024-10-03T09:00:00Z";

    #[test]
    fn the_hash_is_the_published_one() {
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn a_finding_that_stays_keeps_its_time() {
        let mut outcome = sample::outcome();
        let first = Report::from_outcome("sync", &outcome, sample::NOW, None);
        outcome.findings[1].message = "said differently".into();
        outcome.findings[1].tracks.reverse();
        outcome.findings[3].path = None;
        let second = Report::from_outcome("sync", &outcome, LATER, Some(&first));
        let seen: Vec<_> = second.findings.expect("computed").iter().map(|f| (f.first_seen.clone(), f.state)).collect();
        assert_eq!(seen[1], (sample::NOW.to_owned(), FindingState::Open));
        assert_eq!(seen[3], (LATER.to_owned(), FindingState::New));
    }

    #[test]
    fn a_blocker_that_stays_keeps_its_time() {
        let outcome = sample::outcome();
        let first = Report::from_outcome("sync", &outcome, sample::NOW, None);
        let second = Report::from_outcome("sync", &outcome, LATER, Some(&first));
        let tracks = second.tracks.expect("computed");
        assert_eq!(tracks[2].blocked_by[0].since.as_deref(), Some(sample::NOW));
    }
}
