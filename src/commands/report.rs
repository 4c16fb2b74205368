//! `tracks report`: the last result again, in any format; or the text of a pull request.

use std::collections::BTreeMap;

use anyhow::Result;
use clap::Args;

use super::gating::{self, Asked};
use super::session::{FailOn, Session};
use super::{Ending, stored};
use crate::engine::order;
use crate::engine::project::Project;
use crate::engine::pull_request::{self, Branches, Meeting};
use crate::engine::snapshot::Work;
use crate::engine::sync::{self, Depth, Scope};
use crate::git::{Repo, Scratch};
use crate::host::bar::Show;
use crate::host::clock;
use crate::model::text::count;
use crate::model::{Failure, RepoPath, Severity};
use crate::policy::codeowners::Codeowners;
use crate::policy::ownership::Ownership;
use crate::report::model::PullRequest;
use crate::report::pull_request::{ChangedFile, Forge, Proposal};
use crate::report::{Details, Report};

/// Show the last result again, or write the text of a pull request
///
/// Without --pr: what the last `tracks sync` found, computed now if there is none. With --pr: what REF (the current
/// branch) changes, depends on and collides with, its place in the landing order, what was checked and what was not;
/// that needs no tracks.toml.
#[derive(Args)]
pub struct ReportArgs {
    /// Compute it now, whatever is kept
    #[arg(long)]
    fresh: bool,
    /// Write the text of a pull request for REF
    #[arg(long, value_name = "REF", num_args = 0..=1, default_missing_value = "HEAD", conflicts_with = "fresh")]
    pr: Option<String>,
    /// Hold it against these branches instead
    #[arg(long, value_name = "GLOB", requires = "pr")]
    against: Vec<String>,
    /// Let the exit status say whether there are findings
    #[arg(long)]
    exit_code: bool,
}

/// Runs it.
pub fn run(session: &Session, args: &ReportArgs) -> Result<Ending> {
    let repo = session.repo()?;
    if let Some(head) = &args.pr {
        return propose(session, &repo, head, &args.against);
    }
    let kept = if args.fresh { None } else { stored::load(&repo) };
    let report = match kept {
        Some(kept) => {
            session.print(&Report { command: "report".into(), ..kept.clone() }, &Details::default())?;
            kept
        }
        None => compute(session, &repo)?,
    };
    Ok(if args.exit_code { FailOn::Error.ending(&report) } else { Ending::Clean })
}

fn compute(session: &Session, repo: &Repo) -> Result<Report> {
    let project = Project::open(repo)?;
    let scratch = Scratch::new(repo)?;
    let scope = Scope { work: Work::All, integrated: Work::Committed, depth: Depth::Integration };
    let run = gating::run(session, (&project, &scratch), scope, (Show::Terminal, Asked::Once))?;
    let outcome = run.outcome;
    let report = Report::from_outcome("report", &outcome, &clock::now(), stored::load(repo).as_ref());
    session.print(&report, &Details::of(&outcome))?;
    Ok(report)
}

fn propose(session: &Session, repo: &Repo, head: &str, against: &[String]) -> Result<Ending> {
    let scratch = Scratch::new(repo)?;
    let project = Project::survey(repo).ok();
    let declared = project.as_ref().filter(|project| project.copies.any());
    let here = session.start.git().args(["symbolic-ref", "--quiet", "HEAD"]).line()?;
    if here.is_none() && head == "HEAD" {
        let failure = Failure::usage("no branch is checked out here, so there is none to propose");
        return Err(failure.hint("name one: `tracks report --pr BRANCH`").into());
    }
    let branches = pull_request::branches(repo, declared, &here.unwrap_or_default(), head)?;
    let others = pull_request::others(repo, &scratch, declared, &branches, against)?;
    let meetings = pull_request::meetings(repo, &scratch, &branches, &others)?;
    let mut proposal = Proposal {
        branch: branches.head.clone(),
        base: branches.base.clone(),
        subjects: pull_request::subjects(repo, &branches)?,
        files: files(repo, &branches)?,
        forge: forge(repo)?,
        ..Proposal::default()
    };
    add_meetings(&mut proposal, meetings);
    match declared {
        Some(project) => add_track(&mut proposal, project, &scratch)?,
        None => add_codeowners(&mut proposal, &scratch, &branches)?,
    }
    let report = Report { pull_request: Some(PullRequest::new(&proposal)), ..Report::new("report") };
    session.print(&report, &Details::default())?;
    Ok(Ending::Clean)
}

fn files(repo: &Repo, branches: &Branches) -> Result<Vec<ChangedFile>> {
    let changed = |(path, counts): pull_request::Counted| {
        let (added, removed) = counts.unzip();
        ChangedFile { path, added, removed }
    };
    Ok(pull_request::files(repo, branches)?.into_iter().map(changed).collect())
}

fn forge(repo: &Repo) -> Result<Forge> {
    Ok(match pull_request::remote_address(repo)? {
        Some(address) if address.contains("gitlab") => Forge::Gitlab,
        _ => Forge::Github,
    })
}

fn add_meetings(proposal: &mut Proposal, meetings: Vec<(String, Meeting)>) {
    let others = meetings.len() - 1;
    let mut clean = 0;
    for (name, meeting) in meetings {
        match meeting {
            Meeting::Clean if name == proposal.base => proposal.checked.push(format!("merges clean into `{name}`")),
            Meeting::Clean => clean += 1,
            Meeting::Collision(conflicts) => proposal.collisions.push((name, conflicts)),
            Meeting::Unknown(reason) => proposal.unchecked.push(format!("merging with `{name}`: {reason}")),
        }
    }
    match (others, clean) {
        (0, _) => proposal.unchecked.push("other branches: there are none to hold it against".into()),
        (_, 0) => {}
        _ => proposal
            .checked
            .push(format!("merges clean with {clean} of the {} it was held against", count(others, "other"))),
    }
}

/// What `tracks.toml` has to say about the branch.
fn add_track(proposal: &mut Proposal, project: &Project, scratch: &Scratch) -> Result<()> {
    let ownership = Ownership::new(&project.config, &project.uncommitted)?;
    let mut owners: BTreeMap<String, Vec<RepoPath>> = BTreeMap::new();
    let track = project.tracks.iter().find(|track| track.branch.as_str() == proposal.branch);
    for file in &proposal.files {
        for owner in ownership.owner(&file.path).owners {
            if track.is_none_or(|track| track.id != *owner.track) {
                owners.entry(owner.track.to_string()).or_default().push(file.path.clone());
            }
        }
    }
    proposal.owners = owners.into_iter().collect();
    let Some(track) = track else { return Ok(()) };
    proposal.track = Some(track.id.to_string());
    proposal.title = project.config.tracks.get(track.id.as_str()).and_then(|table| table.title.clone());
    proposal.depends_on = order::dependencies(&project.config, &track.id).iter().map(ToString::to_string).collect();
    let order = order::landing_order(&project.config);
    proposal.place = order.iter().position(|id| *id == track.id).map(|at| (at + 1, order.len()));
    let mut findings = sync::judge(project, scratch, Work::Committed)?.findings;
    findings.retain(|finding| finding.tracks.first() == Some(&track.id) && finding.severity < Severity::Info);
    match findings.len() {
        0 => proposal.checked.push("keeps every rule of `tracks.toml`".into()),
        found => {
            let found = count(found, "finding");
            proposal.unchecked.push(format!("{found} of the rules: see `tracks check --track {}`", track.id));
        }
    }
    Ok(())
}

fn add_codeowners(proposal: &mut Proposal, scratch: &Scratch, branches: &Branches) -> Result<()> {
    let Some(text) = pull_request::codeowners(scratch, branches)? else {
        proposal.unchecked.push("ownership: there is neither `tracks.toml` nor CODEOWNERS".into());
        return Ok(());
    };
    let codeowners = Codeowners::parse(&text)?;
    let mut owners: BTreeMap<String, Vec<RepoPath>> = BTreeMap::new();
    for file in &proposal.files {
        for owner in codeowners.owners(&file.path).map_or(&[][..], |named| named.owners) {
            owners.entry(owner.clone()).or_default().push(file.path.clone());
        }
    }
    proposal.owners = owners.into_iter().collect();
    Ok(())
}
