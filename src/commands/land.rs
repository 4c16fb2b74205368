//! `tracks land`: tracks merged into the target, on exactly the trees that were judged.

use anyhow::Result;
use clap::Args;

use super::session::Session;
use super::steps::{self, Mode};
use super::{Ending, gating, landing_gates};
use crate::engine::collisions;
use crate::engine::gates::{Gated, Regeneration};
use crate::engine::journal::Journal;
use crate::engine::landing::{self, Landed, Left, Plan, Style, Why, Wish};
use crate::engine::outcome::{Blocker, GateStatus, SideName};
use crate::engine::premerge::Mend;
use crate::engine::progress::Progress;
use crate::engine::project::Project;
use crate::engine::worktrees::{Step, remove};
use crate::git::{Repo, Scratch};
use crate::host::clock;
use crate::model::text::{count, escaped, list};
use crate::model::{CommitId, Failure, Finding, PairVerdict, Track, TrackId, Verdict};
use crate::policy::config::LandingStyle;
use crate::policy::config::model::Stage;
use crate::policy::regenerate::Regenerated;
use crate::policy::rules::{self, Settled};
use crate::report::{Details, Report};

/// Land tracks on the target
///
/// Merges the committed work of each track into the target as `git merge` would, in an order that respects `depends-on`
/// and priorities, and moves the target only if nobody else has meanwhile. A track that conflicts, breaks a rule, or waits for
/// another, for a contract or for what a note says stops all of them: nothing lands then. Where the target is checked out its files follow.
#[derive(Args)]
pub struct LandArgs {
    /// The tracks
    #[arg(value_name = "TRACK", required_unless_present = "ready")]
    tracks: Vec<String>,
    /// All tracks that are ready (`tracks note --ready`): the most of them that go together, in landing order. Why the
    /// others stay is said
    #[arg(long, conflicts_with_all = ["tracks", "upto", "revert"])]
    ready: bool,
    /// Merge each by a merge commit, which is how it is done unless `[landing] style` says otherwise
    #[arg(long, group = "style")]
    merge: bool,
    /// Bring each as one commit
    #[arg(long, group = "style")]
    squash: bool,
    /// Move the target to the tip of the track, which has to be up to date
    #[arg(long, group = "style")]
    ff: bool,
    /// Land the one track no further than this commit of it
    #[arg(long, value_name = "COMMIT")]
    upto: Option<String>,
    /// Take the last landing of the one track back, by a commit that undoes it
    #[arg(long, conflicts_with_all = ["style", "upto"])]
    revert: bool,
    /// Push the target, and with it each track's branch, all or none; nothing lands here where the remote refuses
    #[arg(long, value_name = "REMOTE")]
    push: Option<String>,
    /// Remove the worktree and the branch of each track once all of it has landed, after a checkpoint; it stays declared
    #[arg(long, conflicts_with = "revert")]
    finish: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

/// Runs it.
pub fn run(session: &Session, args: &LandArgs) -> Result<Ending> {
    let repo = session.repo()?;
    let mode = Mode::of(args.dry_run);
    if mode == Mode::Done && !args.revert {
        // Gates take long: nobody waits for the lock meanwhile. What they said is known below.
        let project = Project::open(&repo)?;
        if landing_gates::any(&project, &[Stage::Landing]) {
            let scratch = Scratch::new(&repo)?;
            prepare(session, (&project, &scratch), args, mode)?;
        }
    }
    let command = || format!("land {}", escaped(args.tracks.join(" ").as_bytes()));
    let journal = (mode == Mode::Done).then(|| session.journal(&repo, &command())).transpose()?;
    let project = Project::open(&repo)?;
    session.warn_if_target_is_behind(&project);
    let scratch = Scratch::new(&repo)?;
    let Prepared { plan, left, mut gated } = prepare(session, (&project, &scratch), args, mode)?;
    if !plan.stopped.is_empty() {
        return stopped(session, &plan, &project);
    }
    if gated.as_ref().is_some_and(landing_gates::forbid) {
        return forbidden(session, &plan, &project, gated);
    }
    if !plan.steps.is_empty() {
        plan.check(&project)?;
    }
    let landed = match &journal {
        Some(journal) => plan.carry_out((&project, journal), &scratch, args.push.as_deref())?,
        None => Landed::default(),
    };
    let mut done = shown(&plan, args);
    let stay = |(id, why): &Left| Step::new("leave", format!("track {id}")).detail(why.clone());
    done.extend(left.iter().map(stay));
    let unfinished = if args.finish { finish(&plan, &repo, journal.as_ref(), &mut done)? } else { Vec::new() };
    if args.ready && done.is_empty() {
        session.terminal.narrate("no track is ready: `tracks note TRACK --ready` says that one is");
    }
    // What takes long from here on needs no lock.
    drop(journal);
    let broke = if mode == Mode::Done { after(session, (&project, &scratch), &plan, &mut gated)? } else { false };
    let report = with_gates(steps::report("land", done, mode), &project, gated)?;
    session.print(&report, &Details::default())?;
    for (id, why) in &landed.stayed {
        session.terminal.narrate(&format!("the branch of track {id} did not take its landing in: {why}"));
    }
    tell(session, &project, &scratch, &plan)?;
    unfinished.iter().for_each(|(id, error)| steps::warn(session, &format!("track `{id}` stays as it is"), error));
    Ok(match () {
        () if !unfinished.is_empty() => Ending::NotRun,
        // What is ready and cannot land is for somebody to act on, and so is a target that is broken now.
        () if broke || (!left.is_empty() && plan.steps.is_empty()) => Ending::Findings,
        () => Ending::Clean,
    })
}

/// What will land, what is ready and does not, and what gates say of it.
struct Prepared {
    plan: Plan,
    left: Vec<Left>,
    gated: Option<Gated>,
}

fn prepare(
    session: &Session,
    (project, scratch): (&Project, &Scratch),
    args: &LandArgs,
    mode: Mode,
) -> Result<Prepared> {
    let terminal = session.terminal;
    let say = |text: &str| terminal.narrate(text);
    let approved = if args.revert { None } else { landing_gates::approved(session, project)? };
    let progress = Progress::default().heard(&say);
    let bench =
        approved.as_ref().map(|approved| gating::bench((project, scratch), approved, progress, gating::Asked::Once));
    let regeneration = bench.as_ref().map(Regeneration::new).transpose()?;
    let mend = regeneration.as_ref().map(|regeneration| regeneration as &dyn Mend);
    let mut wish = wish(&project.repo, project, args)?;
    let (plan, left) = planned((project, scratch), args, &wish, mend)?;
    let Some(bench) = bench.as_ref().filter(|_| mode == Mode::Done && plan.stopped.is_empty()) else {
        return Ok(Prepared { plan, left, gated: None });
    };
    let gated = landing_gates::before(bench, &plan)?;
    let passed = gated.iter().flat_map(|gated| &gated.gates).filter(|gate| gate.status == GateStatus::Passed);
    wish.gates = passed.filter(|gate| !gate.tracks.is_empty()).map(|gate| gate.name.clone()).collect();
    wish.gates.dedup();
    if wish.gates.is_empty() || gated.as_ref().is_some_and(landing_gates::forbid) {
        return Ok(Prepared { plan, left, gated });
    }
    // The same trees, with commits that say what passed on them.
    let (plan, left) = planned((project, scratch), args, &wish, mend)?;
    Ok(Prepared { plan, left, gated })
}

/// Runs the gates of the target that was moved; whether one fails now.
fn after(
    session: &Session,
    (project, scratch): (&Project, &Scratch),
    plan: &Plan,
    gated: &mut Option<Gated>,
) -> Result<bool> {
    let terminal = session.terminal;
    let say = |text: &str| terminal.narrate(text);
    let Some(approved) = landing_gates::approved(session, project)? else { return Ok(false) };
    let bench = gating::bench((project, scratch), &approved, Progress::default().heard(&say), gating::Asked::Once);
    let Some(after) = landing_gates::after(&bench, plan)? else { return Ok(false) };
    let broke = landing_gates::forbid(&after);
    match gated {
        Some(gated) => {
            gated.gates.extend(after.gates);
            gated.findings.extend(after.findings);
        }
        None => *gated = Some(after),
    }
    if broke {
        let tracks: Vec<&str> = plan.steps.iter().map(|step| step.track.as_str()).collect();
        terminal.narrate(&format!("it has landed: `tracks land --revert {}` takes it back", tracks.join(" ")));
    }
    Ok(broke)
}

/// A report with what gates say.
fn with_gates(report: Report, project: &Project, gated: Option<Gated>) -> Result<Report> {
    let Some(gated) = gated else { return Ok(report) };
    let report = report.with_gates(&gated.gates);
    if gated.findings.is_empty() {
        return Ok(report);
    }
    let settled = rules::settle(&project.config, clock::today(), gated.findings)?;
    Ok(report.with_findings(&settled, &clock::now(), None))
}

/// Says which gates keep everything from landing.
fn forbidden(session: &Session, plan: &Plan, project: &Project, gated: Option<Gated>) -> Result<Ending> {
    let held: Vec<TrackId> =
        gated.iter().flat_map(|gated| &gated.integration.held_out).map(|held| held.track.clone()).collect();
    session.print(&with_gates(Report::new("land"), project, gated)?, &Details::default())?;
    session.terminal.narrate(&format!("nothing has landed: {} stays at {}", plan.target, plan.from.short()));
    let others: Vec<&str> =
        plan.steps.iter().map(|step| &step.track).filter(|id| !held.contains(id)).map(TrackId::as_str).collect();
    if !held.is_empty() && !others.is_empty() {
        session.terminal.narrate(&format!("  hint: land the others: `tracks land {}`", others.join(" ")));
    }
    Ok(Ending::Findings)
}

/// What will land, and what is ready and does not.
fn planned(
    (project, scratch): (&Project, &Scratch),
    args: &LandArgs,
    wish: &Wish,
    mend: Option<&dyn Mend>,
) -> Result<(Plan, Vec<Left>)> {
    match args {
        LandArgs { revert: true, .. } => {
            let id = one(&tracks(project, args)?, "--revert")?.clone();
            Ok((landing::revert(project, scratch, &id)?, Vec::new()))
        }
        LandArgs { ready: true, .. } => landing::ready(project, scratch, wish, mend),
        _ => Ok((landing::plan(project, scratch, wish, mend)?, Vec::new())),
    }
}

/// Clears away the tracks that have landed; gives those that stay, and why. Without a journal it only says what it would
/// look at.
fn finish(
    plan: &Plan,
    repo: &Repo,
    journal: Option<&Journal>,
    done: &mut Vec<Step>,
) -> Result<Vec<(TrackId, anyhow::Error)>> {
    let all: Vec<&TrackId> = plan.steps.iter().map(|step| &step.track).chain(&plan.idle).collect();
    let Some(journal) = journal else {
        let detail = "worktree and branch, where nothing in them is nowhere else";
        done.extend(all.iter().map(|id| Step::new("remove", format!("track {id}")).detail(detail)));
        return Ok(Vec::new());
    };
    let mut stay = Vec::new();
    for id in all {
        // Each removal changes what there is.
        let project = Project::open(repo)?;
        let track = project.track(id.as_str())?;
        if track.tip.is_none() && project.worktree_of(&track.branch).is_none() {
            continue;
        }
        match removed(&project, track, journal) {
            Ok(steps) => done.extend(steps),
            Err(error) => stay.push((id.clone(), error)),
        }
    }
    Ok(stay)
}

fn removed(project: &Project, track: &Track, journal: &Journal) -> Result<Vec<Step>> {
    let plan = remove::Plan::of_landed(project, track)?;
    let away = plan.carry_out(project, journal)?;
    Ok(plan.steps(project, away.as_ref()))
}

fn tracks(project: &Project, args: &LandArgs) -> Result<Vec<TrackId>> {
    args.tracks.iter().map(|id| Ok(project.track(id)?.id.clone())).collect()
}

/// The one track that an option is about.
fn one<'a>(tracks: &'a [TrackId], option: &str) -> Result<&'a TrackId> {
    match tracks {
        [one] => Ok(one),
        _ => Err(Failure::usage(format!("`{option}` is about one track, and {} are named", tracks.len())).into()),
    }
}

fn wish(repo: &Repo, project: &Project, args: &LandArgs) -> Result<Wish> {
    let tracks: Vec<TrackId> = args.tracks.iter().map(|id| Ok(project.track(id)?.id.clone())).collect::<Result<_>>()?;
    let style = match (args.merge, args.squash, args.ff, project.config.landing.style) {
        (true, ..) => Style::Merge,
        (_, true, ..) => Style::Squash,
        (_, _, true, _) => Style::FastForward,
        (.., LandingStyle::Merge) => Style::Merge,
        (.., LandingStyle::Squash) => Style::Squash,
        (.., LandingStyle::Ff) => Style::FastForward,
    };
    let upto = args.upto.as_deref().map(|name| upto(repo, project, &tracks, name)).transpose()?;
    // Gates that are run on what lands are named here.
    Ok(Wish { tracks, style, upto, gates: Vec::new() })
}

/// The commit to land up to: one of the track's own line.
fn upto(repo: &Repo, project: &Project, tracks: &[TrackId], name: &str) -> Result<CommitId> {
    let id = one(tracks, "--upto")?;
    let shown = escaped(name.as_bytes());
    let commit = repo.commits(&[name])?.remove(0);
    let commit = commit.ok_or_else(|| Failure::usage(format!("there is no commit `{shown}`")))?;
    let tip = project.track(id.as_str())?.tip;
    match tip.map(|tip| repo.is_ancestor(commit, tip)).transpose()? {
        Some(true) => Ok(commit),
        _ => Err(Failure::usage(format!("`{shown}` is no commit of the track `{id}`")).into()),
    }
}

fn shown(plan: &Plan, args: &LandArgs) -> Vec<Step> {
    let lands = |step: &landing::Step| {
        let action = if args.revert { "revert" } else { "land" };
        let back = if step.brought_back { ", with what was reverted" } else { "" };
        let detail = format!("on {} as {}: {}{back}", plan.target, step.commit.short(), step.subject);
        Step::new(action, format!("track {}", step.track)).detail(detail)
    };
    let idle = |id: &TrackId| {
        Step::new("skip", format!("track {id}")).detail(format!("it has nothing that {} lacks", plan.target))
    };
    let pushed = args.push.iter().filter(|_| !plan.steps.is_empty());
    let pushed = pushed.map(|remote| Step::new("push", plan.target.clone()).detail(format!("to {remote}")));
    plan.steps.iter().map(lands).chain(plan.idle.iter().map(idle)).chain(pushed).collect()
}

/// Says which tracks conflict now that did not.
fn tell(session: &Session, project: &Project, scratch: &Scratch, plan: &Plan) -> Result<()> {
    let news = landing::newly_conflicting(project, scratch, (plan.from, plan.to()))?;
    for (id, paths) in news {
        let paths = count(paths, "path");
        session
            .terminal
            .narrate(&format!("track {id} conflicts with {} now, on {paths}: tracks show {0} {id}", plan.target));
    }
    Ok(())
}

/// Says why nothing lands.
fn stopped(session: &Session, plan: &Plan, project: &Project) -> Result<Ending> {
    let findings: Vec<Finding> =
        plan.stopped.iter().flat_map(|(id, why)| brought(project, (id, &plan.target), why)).collect();
    if findings.is_empty() {
        let sentences: Vec<String> = plan.stopped.iter().map(|(id, why)| sentence(plan, id, why)).collect();
        let failure = Failure::usage(format!("nothing lands: {}", list(&sentences)));
        return Err(plan.stopped.iter().flat_map(|(id, why)| cures(plan, id, why)).fold(failure, Failure::hint).into());
    }
    let report = Report::new("land").with_findings(&Settled { findings, waived: Vec::new() }, &clock::now(), None);
    session.print(&report, &Details::default())?;
    session.terminal.narrate(&format!("nothing has landed: {} stays at {}", plan.target, plan.from.short()));
    Ok(Ending::Findings)
}

/// What somebody should act on before the track can land, or take in the target or a track, which `with` names.
pub fn brought(project: &Project, (id, with): (&TrackId, &str), why: &Why) -> Vec<Finding> {
    let verdict = match why {
        Why::Conflict(conflicts) => Verdict::Conflict(conflicts.clone()),
        Why::Unknown(reason) => Verdict::Unknown(reason.clone()),
        Why::Rules(findings) => return findings.clone(),
        Why::Blocked(_) | Why::Behind | Why::Reverted | Why::Apart | Why::NoBranch => return Vec::new(),
    };
    let names = [with.to_owned(), id.to_string()];
    let sides = names.map(|name| SideName { name, uncommitted: false });
    // What could be made again was not.
    let none = Regenerated::default();
    collisions::of_pairs((&project.target, &none), &sides, &[PairVerdict { ours: 0, theirs: 1, verdict, tree: None }])
}

fn sentence(plan: &Plan, id: &TrackId, why: &Why) -> String {
    match why {
        Why::Blocked(blockers) => {
            let reasons: Vec<&str> = blockers.iter().map(|blocker| blocker.reason.as_str()).collect();
            format!("track `{id}` waits: {}", list(&reasons))
        }
        Why::Behind => format!("track `{id}` lacks commits of `{}`", plan.target),
        _ => format!("track `{id}` has no branch"),
    }
}

fn cures(plan: &Plan, id: &TrackId, why: &Why) -> Vec<String> {
    match why {
        Why::Blocked(blockers) => blockers.iter().map(|blocker| out_of_the_way(id, blocker)).collect(),
        Why::Behind => vec![format!(
            "bring it up to date with `tracks update {id}`, or land it with `--merge`: it lacks commits of `{}`",
            plan.target
        )],
        _ => Vec::new(),
    }
}

fn out_of_the_way(id: &TrackId, blocker: &Blocker) -> String {
    let other = &blocker.id;
    match blocker.kind {
        "track" => format!("land both: `tracks land {other} {id}`"),
        "contract" => format!("land `{other}` first: `tracks order` says who has written it"),
        _ => format!("when that is out of the way: `tracks note {id} --unblock {other}`"),
    }
}
