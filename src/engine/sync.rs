//! Everything about all tracks at once: snapshots, pair verdicts, rules, the integration.

mod stalls;
mod status;

use std::collections::BTreeSet;

use anyhow::Result;

use super::notes::Notes;
use super::outcome::{GateRun, Integration, Outcome, Plan, SideName};
use super::premerge::{Candidate, Mend, Premerge, Side, Tally, Trees, integrate};
use super::progress::{Progress, Stage};
use super::project::Project;
use super::snapshot::{self, Snapshot, Work};
use super::{collisions, gates, ground, landing, order};
use crate::git::Scratch;
use crate::host::clock;
use crate::model::{Checkout, Finding, PairVerdict, RepoPath, Rule, Severity, Track, TrackId};
use crate::policy::ownership::Ownership;
use crate::policy::regenerate::Regenerated;
use crate::policy::rules::{self, Ground};

/// How much is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Whether uncommitted work counts in pairs and rules.
    pub work: Work,
    /// Whether it counts in the integration and for gates.
    pub integrated: Work,
    /// How far to go.
    pub depth: Depth,
}

/// How far a run goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// The verdicts on every two of target and tracks, and the rules.
    Rules,
    /// The merge of all of them, too.
    Integration,
}

/// Whether gates are run.
pub enum Gating<'a> {
    /// Nobody asked for that.
    Off,
    /// Nobody approved them: they are named.
    Untrusted,
    /// By these means, so many at the same time.
    On(gates::Bench<'a>, usize),
}

/// The integration, how gates stand, and what somebody should act on.
type Gates = (Option<Integration>, Option<Vec<GateRun>>, Vec<Finding>);

/// What a run found, and how.
pub struct Run {
    /// What it found.
    pub outcome: Outcome,
    /// How verdicts came about.
    pub tally: Tally,
    /// What is configured and has no part in them, as sentences.
    pub caveats: Vec<String>,
    /// Whether something was to run that nobody approved.
    pub is_untrusted: bool,
}

/// Where an integration on `target` is kept.
pub fn integration_ref(target: &str) -> String {
    format!("refs/tracks/integration/{target}")
}

/// Looks at all tracks of `project`. Nothing is written but into the scratch.
pub fn run(project: &Project, scratch: &Scratch, (scope, gating): (Scope, &Gating), progress: Progress) -> Result<Run> {
    let regeneration = match gating {
        Gating::On(bench, _) => Some(gates::Regeneration::new(bench)?),
        Gating::Off | Gating::Untrusted => None,
    };
    let mend = regeneration.as_ref().map(|regeneration| regeneration as &dyn Mend);
    let premerge = Premerge::new(&project.repo, scratch)?.watched(progress).mended_by(mend);
    let snapshots = snapshot::all(scratch, &project.tracks, &project.worktrees, (scope.work, progress));
    let order = order::landing_order(&project.config);
    let look = Look::new((project, scratch), &premerge, &snapshots, order)?;
    let (sides, pairs, tally) = look.pairs()?;
    let integration = match scope.depth {
        Depth::Integration => Some(look.integration(scope.integrated)?),
        Depth::Rules => None,
    };
    premerge.remember();
    let (integration, gates, failures) = look.gates(gating, integration, scope.integrated)?;
    let regenerated = Regenerated::of(&project.config)?;
    let mut findings = collisions::of_pairs((&project.target, &regenerated), &sides, &readable(&look, &sides, &pairs));
    let held_out = integration.as_ref().map_or(&[][..], |done| &done.held_out);
    findings.extend(collisions::of_held_out(&project.target, &regenerated, held_out));
    findings.extend(failures);
    findings.extend(look.unreadable());
    findings.extend(look.standing());
    let judging = progress.begin(Stage::Rules, project.tracks.len());
    findings.extend(look.rules(gating)?);
    judging.end();
    let notes = Notes::load(project, scratch.objects());
    let tracks = look.tracks(&sides, &pairs, &notes)?;
    findings.extend(stalls::findings(project, &tracks, clock::seconds())?);
    let rules::Settled { findings, waived } = settled(project, findings)?;
    let git = project.repo.git_version.clone();
    let target = Some(project.target.clone());
    Ok(Run {
        outcome: Outcome {
            git,
            target,
            tracks,
            sides,
            pairs,
            integration,
            gates,
            findings,
            waived,
            ..Outcome::default()
        },
        tally,
        is_untrusted: matches!(gating, Gating::Untrusted),
        caveats: premerge.caveats().into_iter().chain(notes.unread.iter().map(unreadable_notes)).collect(),
    })
}

/// In which order the tracks of `project` land best, by their committed tips; and how verdicts came about. Only those of
/// `among`, where it is given, may be among what can land now.
pub fn plan(project: &Project, scratch: &Scratch, among: Option<&BTreeSet<TrackId>>) -> Result<(Plan, Tally)> {
    let premerge = Premerge::new(&project.repo, scratch)?;
    let snapshots = snapshot::all(scratch, &project.tracks, &project.worktrees, (Work::Committed, Progress::default()));
    let notes = Notes::load(project, scratch.objects());
    let order = order::landing_order_with(&project.config, &notes.needs());
    let look = Look::new((project, scratch), &premerge, &snapshots, order)?;
    let (sides, pairs, tally) = look.pairs()?;
    let tracks = look.tracks(&sides, &pairs, &notes)?;
    let plan = order::plan(&order::Field {
        premerge: &premerge,
        config: &project.config,
        target: (&project.target.name, look.target()?),
        candidates: look.candidates(Work::Committed),
        tracks: &tracks,
        pairs: &pairs,
        written: look.written()?,
        among,
    })?;
    premerge.remember();
    Ok((plan, tally))
}

/// What the rules and the state of branches and worktrees say, without merging anything.
pub fn judge(project: &Project, scratch: &Scratch, work: Work) -> Result<rules::Settled> {
    let premerge = Premerge::new(&project.repo, scratch)?;
    let snapshots = snapshot::all(scratch, &project.tracks, &project.worktrees, (work, Progress::default()));
    let order = order::landing_order(&project.config);
    let look = Look::new((project, scratch), &premerge, &snapshots, order)?;
    let mut findings = look.unreadable();
    findings.extend(look.standing());
    findings.extend(look.rules(&Gating::Off)?);
    settled(project, findings)
}

/// The findings as `[severity]`, `[exclude]` and `[[waivers]]` have them, worst first.
fn settled(project: &Project, findings: Vec<Finding>) -> Result<rules::Settled> {
    Ok(rules::settle(&project.config, clock::today(), findings)?)
}

/// The pairs of which both sides could be read: the others are told of once, by track.
fn readable(look: &Look, sides: &[SideName], pairs: &[PairVerdict]) -> Vec<PairVerdict> {
    let broken: Vec<&str> = look.broken().map(|(track, _)| track.id.as_str()).collect();
    let is_broken = |side: usize| broken.contains(&sides[side].name.as_str());
    pairs.iter().filter(|pair| !is_broken(pair.ours) && !is_broken(pair.theirs)).cloned().collect()
}

/// One look at all tracks.
struct Look<'a> {
    project: &'a Project,
    scratch: &'a Scratch,
    premerge: &'a Premerge<'a>,
    snapshots: &'a [std::result::Result<Snapshot, String>],
    /// All declared tracks, in landing order.
    order: Vec<TrackId>,
    /// The tracks that have landed and have no branch any more.
    gone: BTreeSet<TrackId>,
}

impl<'a> Look<'a> {
    fn new(
        (project, scratch): (&'a Project, &'a Scratch),
        premerge: &'a Premerge<'a>,
        snapshots: &'a [std::result::Result<Snapshot, String>],
        order: Vec<TrackId>,
    ) -> Result<Look<'a>> {
        let without: Vec<&TrackId> =
            project.tracks.iter().filter(|track| track.tip.is_none()).map(|track| &track.id).collect();
        let gone = landing::landed_by_name(&project.repo, project.target.commit, &without)?;
        Ok(Look { project, scratch, premerge, snapshots, order, gone })
    }

    /// The tracks that have a branch, in landing order, by their places in the project.
    fn in_landing_order(&self) -> Vec<usize> {
        let place = |id: &TrackId| self.project.tracks.iter().position(|track| track.id == *id);
        self.order.iter().filter_map(place).filter(|at| self.project.tracks[*at].tip.is_some()).collect()
    }

    fn target(&self) -> Result<Side> {
        snapshot::committed(self.scratch, self.project.target.commit)
    }

    /// Every two of the target and the tracks that have a branch.
    fn pairs(&self) -> Result<(Vec<SideName>, Vec<PairVerdict>, Tally)> {
        let mut names = vec![SideName { name: self.project.target.name.clone(), uncommitted: false }];
        let mut sides: Vec<std::result::Result<Side, String>> = vec![Ok(self.target()?)];
        for at in self.in_landing_order() {
            let snapshot = &self.snapshots[at];
            let uncommitted = snapshot.as_ref().is_ok_and(|snapshot| !snapshot.uncommitted.is_empty());
            names.push(SideName { name: self.project.tracks[at].id.to_string(), uncommitted });
            sides.push(snapshot.as_ref().map(|snapshot| snapshot.side.clone()).map_err(Clone::clone));
        }
        let all: Vec<(usize, usize)> =
            (0..sides.len()).flat_map(|a| (a + 1..sides.len()).map(move |b| (a, b))).collect();
        let (pairs, tally) = self.premerge.pairs(&sides, &all, Trees::Skip)?;
        Ok((names, pairs, tally))
    }

    /// The tracks that have a branch, in landing order: as they were committed, or as they are.
    fn candidates(&self, work: Work) -> Vec<Candidate> {
        let candidate = |at: usize| {
            let track = &self.project.tracks[at];
            let tip = track.tip.expect("tracks without a branch were left out");
            let mut depends_on = order::dependencies(&self.project.config, &track.id);
            depends_on.retain(|id| !self.gone.contains(id));
            Candidate {
                id: track.id.clone(),
                side: match work {
                    Work::Committed => snapshot::committed(self.scratch, tip).map_err(|error| format!("{error:#}")),
                    Work::All => {
                        self.snapshots[at].as_ref().map(|snapshot| snapshot.side.clone()).map_err(Clone::clone)
                    }
                },
                depends_on,
            }
        };
        self.in_landing_order().into_iter().map(candidate).collect()
    }

    fn integration(&self, work: Work) -> Result<Integration> {
        let reference = integration_ref(&self.project.target.name);
        integrate(self.premerge, reference, &self.target()?, &self.candidates(work))
    }

    /// What gates make of the integration, how they stand, and what that comes to.
    fn gates(&self, gating: &Gating, integration: Option<Integration>, work: Work) -> Result<Gates> {
        let config = &self.project.config;
        match (gating, integration) {
            (Gating::Untrusted, integration) => Ok((integration, Some(gates::untrusted(config)?), Vec::new())),
            (Gating::On(bench, jobs), Some(integration)) => {
                let target = (self.project.target.name.as_str(), self.target()?);
                let candidates = self.candidates(work);
                let look = gates::Look { bench, premerge: self.premerge, target, candidates: &candidates };
                let gated = gates::run(&look, config, integration, *jobs)?;
                Ok((Some(gated.integration), Some(gated.gates), gated.findings))
            }
            (Gating::Off | Gating::On(..), integration) => Ok((integration, None, Vec::new())),
        }
    }

    /// The findings of the rules, with a word about every file that could not be looked into.
    fn rules(&self, gating: &Gating) -> Result<Vec<Finding>> {
        let objects = self.scratch.objects();
        let works = ground::works((self.premerge.trees(), objects), self.project, self.snapshots)?;
        let target = objects.commit(self.project.target.commit)?.tree;
        let migrations = ground::migrations(objects, self.project, target, &works.read)?;
        let ownership = Ownership::new(&self.project.config, &self.project.uncommitted)?;
        let checks = match gating {
            Gating::On(bench, _) => Some(gates::checks(bench, &self.project.target, &works.read)?),
            Gating::Off | Gating::Untrusted => None,
        };
        let judged = rules::judge(&Ground {
            config: &self.project.config,
            ownership: &ownership,
            target: &self.project.target.name,
            works: &works.read,
            migrations: &migrations,
            blobs: &ground::Stored { objects, target, forks: &works.forks },
            checks: checks.as_ref(),
        })?;
        let files = judged.unread.iter().map(collisions::unread);
        let tracks = works.unread.iter().map(|(track, reason)| collisions::unreadable(track, reason));
        Ok(judged.findings.into_iter().chain(files).chain(tracks).collect())
    }

    /// The tracks that have a branch and could not be read, each with the reason.
    fn broken(&self) -> impl Iterator<Item = (&Track, &String)> {
        let tracks = self.project.tracks.iter().filter(|track| track.tip.is_some());
        let by_id = |track: &Track| self.project.tracks.iter().position(|other| other.id == track.id);
        tracks.filter_map(move |track| Some((track, self.snapshots[by_id(track)?].as_ref().err()?)))
    }

    fn unreadable(&self) -> Vec<Finding> {
        self.broken().map(|(track, reason)| collisions::unreadable_track(track, reason)).collect()
    }

    /// What is wrong with branches and worktrees themselves.
    fn standing(&self) -> Vec<Finding> {
        let mut findings: Vec<Finding> =
            self.project.tracks.iter().filter(|track| !self.gone.contains(&track.id)).filter_map(missing).collect();
        for (track, snapshot) in self.project.tracks.iter().zip(self.snapshots) {
            let embedded = snapshot.as_ref().map_or(&[][..], |snapshot| &snapshot.embedded);
            findings.extend(embedded.iter().map(|path| nested(&track.id, path)));
        }
        findings.extend(self.project.target_upstream.as_ref().filter(|upstream| upstream.behind > 0).map(|upstream| {
            let target = &self.project.target.name;
            Finding {
                rule: Rule::fixed("target.behind"),
                severity: Severity::Warning,
                tracks: Vec::new(),
                path: None,
                lines: Vec::new(),
                message: format!(
                    "`{target}` is {} behind `{}`: verdicts are against the local one",
                    crate::model::text::count(upstream.behind, "commit"),
                    upstream.name
                ),
                cure: format!(
                    "bring it up to date: `git fetch`, then `git merge --ff-only {}` on `{target}`",
                    upstream.name
                ),
            }
        }));
        findings
    }
}

fn unreadable_notes((id, why): &(TrackId, String)) -> String {
    format!("the notes on track `{id}` cannot be read, and count for nothing: {why}")
}

fn missing(track: &Track) -> Option<Finding> {
    let id = &track.id;
    let (message, cure) = match (&track.tip, &track.checkout) {
        (None, _) => (format!("its branch `{}` does not exist", track.branch), "make it with `tracks init`".to_owned()),
        (Some(_), Checkout::Missing) => (
            format!("the folder of its worktree, `{}`, is gone", track.worktree.display()),
            "`tracks init` says how to bring it back".to_owned(),
        ),
        _ => return None,
    };
    Some(Finding {
        rule: Rule::fixed("track.missing"),
        severity: Severity::Warning,
        tracks: vec![id.clone()],
        path: None,
        lines: Vec::new(),
        message,
        cure,
    })
}

fn nested(id: &TrackId, path: &RepoPath) -> Finding {
    Finding {
        rule: Rule::fixed("worktree.nested"),
        severity: Severity::Warning,
        tracks: vec![id.clone()],
        path: Some(path.clone()),
        lines: Vec::new(),
        message: "a repository of its own inside the worktree: what is in it was not looked at".into(),
        cure: "move it out, ignore it, or add it as a submodule".into(),
    }
}
