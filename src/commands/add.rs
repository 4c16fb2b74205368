//! `tracks add`: declares one more track and makes it, from the target, from another track, or of what is there.

use std::path::Path;

use anyhow::Result;
use clap::Args;

use super::session::Session;
use super::steps::{self, Mode};
use super::{Ending, set_up};
use crate::engine::project::{FILE, Project, bad_id};
use crate::engine::worktrees::{self, Plan, declare, typed};
use crate::git::repo::Start;
use crate::host::files;
use crate::model::text::escaped;
use crate::model::{BranchName, Failure, TrackId};
use crate::policy::config::model::TrackTable;
use crate::policy::naming;

/// Declare one more track, and make its branch and worktree
#[derive(Args)]
pub struct Add {
    /// A short name such as `auth`
    #[arg(value_name = "ID")]
    id: String,
    /// Paths it owns, in gitignore syntax; may be given more than once
    #[arg(long, value_name = "GLOB")]
    owns: Vec<String>,
    /// What it is about, in a few words
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// Who works on it: a person or a coding agent
    #[arg(long, value_name = "NAME")]
    agent: Option<String>,
    /// The issue it belongs to
    #[arg(long, value_name = "ISSUE")]
    issue: Option<String>,
    /// A track that must land first; may be given more than once
    #[arg(long, value_name = "TRACK")]
    depends_on: Vec<String>,
    /// Begin at a ref, or on top of a track, which then must land first
    #[arg(long, value_name = "REF|TRACK", conflicts_with = "adopt")]
    from: Option<String>,
    /// Make a track of a branch or a worktree that is there
    #[arg(long, value_name = "BRANCH|DIR")]
    adopt: Option<String>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

/// Runs it.
pub fn run(session: &Session, args: &Add) -> Result<Ending> {
    let id = TrackId::new(&args.id).map_err(|why| bad_id(&args.id, &why))?;
    let repo = session.repo()?;
    let mode = Mode::of(args.dry_run);
    let journal = (mode == Mode::Done).then(|| session.journal(&repo, &format!("add {id}"))).transpose()?;
    let project = Project::survey(&repo)?;
    let (start, stacked_on) = start(&project, args.from.as_deref())?;
    let adopted = args.adopt.as_deref().map(|name| adopted(session, &project, &id, name)).transpose()?.flatten();
    let table = TrackTable { branch: adopted, ..table(&project, args, stacked_on)? };
    let policy = match project.config.tracks.get(id.as_str()) {
        Some(declared) => {
            agrees(&id, declared, &table)?;
            None
        }
        None => Some(declare::one(&project, &id, &table)?),
    };
    let project = match &policy {
        Some(policy) => project.with_main_copy(policy.after.clone())?,
        None => project,
    };
    let plan = Plan { policy, ..Plan::of(&project, &[project.track(id.as_str())?], &start)? };
    if let Some(journal) = &journal {
        plan.carry_out(&project, journal, &|text| session.terminal.progress(text))?;
    }
    let ending = steps::answer(session, "add", plan.steps(&project), mode)?;
    if mode == Mode::Planned || plan.is_empty() {
        return Ok(ending);
    }
    drop(journal);
    let ending = set_up::run(session, &project, &plan)?;
    if plan.policy.is_some() {
        let target = &project.target.name;
        session.terminal.narrate(&format!("tracks: the rules count it once {FILE} is committed on {target}"));
    }
    steps::next(session, &format!("cd {}", typed(&project.track(id.as_str())?.worktree)));
    Ok(ending)
}

/// Where a new branch begins, and the track that it begins on.
fn start(project: &Project, from: Option<&str>) -> Result<(worktrees::Start, Option<TrackId>)> {
    let Some(name) = from else { return Ok((worktrees::Start::target(project), None)) };
    if let Some(track) = project.tracks.iter().find(|track| track.id.as_str() == name) {
        let Some(commit) = track.tip else {
            let failure = Failure::usage(format!("track `{name}` has no branch yet"));
            return Err(failure.hint(format!("make it with `tracks init {name}`")).into());
        };
        return Ok((worktrees::Start { commit, name: track.branch.to_string() }, Some(track.id.clone())));
    }
    let shown = escaped(name.as_bytes());
    let found = if name.contains(['\n', '\0']) { None } else { project.repo.commits(&[name])?.into_iter().next() };
    match found.flatten() {
        Some(commit) => Ok((worktrees::Start { commit, name: shown }, None)),
        None => {
            let failure = Failure::usage(format!("there is no track and no commit `{shown}` to begin at"));
            Err(failure.hint("see the tracks with `tracks list`, the branches with `git branch --all`").into())
        }
    }
}

/// The table as it was asked for, but for the branch.
fn table(project: &Project, args: &Add, stacked_on: Option<TrackId>) -> Result<TrackTable> {
    let mut depends_on = args.depends_on.clone();
    for track in &depends_on {
        project.track(track)?;
    }
    depends_on.extend(stacked_on.map(|track| track.to_string()).filter(|track| !args.depends_on.contains(track)));
    Ok(TrackTable {
        title: args.title.clone(),
        agent: args.agent.clone(),
        issue: args.issue.clone(),
        owns: (!args.owns.is_empty()).then(|| args.owns.clone()),
        depends_on,
        ..TrackTable::default()
    })
}

/// The branch to adopt, where the templates would name another one. The folder is not declared: a track's worktree is
/// the one that has its branch, and where that lies differs between machines.
fn adopted(session: &Session, project: &Project, id: &TrackId, name: &str) -> Result<Option<String>> {
    let shown = escaped(name.as_bytes());
    let folder = match &session.start {
        Start::Here => files::canonical(Path::new(name)),
        Start::At(folder) => files::canonical(&folder.join(name)),
    };
    let worktree = project.worktrees.iter().find(|worktree| worktree.path == folder);
    let branch = match worktree {
        Some(worktree) if worktree.main => {
            return Err(Failure::usage("the main worktree cannot be a track").into());
        }
        Some(worktree) => worktree.branch.clone().ok_or_else(|| {
            let failure = Failure::usage(format!("the worktree `{shown}` has no branch checked out"));
            failure.hint(format!("give it one with `git -C {shown} switch -c BRANCH`"))
        })?,
        None => format!("refs/heads/{}", name.strip_prefix("refs/heads/").unwrap_or(name)),
    };
    let branch = branch.strip_prefix("refs/heads/").unwrap_or(&branch).to_owned();
    let checked = BranchName::new(&branch).ok().filter(|branch| project.tip(branch).is_some());
    let Some(checked) = checked else {
        let failure = Failure::usage(format!("there is no branch and no worktree `{shown}`"));
        return Err(failure.hint("see them with `git branch` and `git worktree list`").into());
    };
    if checked.as_str() == project.target.name {
        return Err(Failure::usage(format!("`{checked}` is the target, which no track can be")).into());
    }
    if let Some(other) = project.tracks.iter().find(|track| track.branch == checked && track.id != *id) {
        return Err(Failure::usage(format!("`{checked}` is the branch of track `{}` already", other.id)).into());
    }
    let by_template = naming::branch(&project.config, id).ok();
    Ok((by_template.as_ref() != Some(&checked)).then_some(branch))
}

/// A track that is declared already is made as it is declared; what was asked for must not differ.
fn agrees(id: &TrackId, declared: &TrackTable, asked: &TrackTable) -> Result<()> {
    let same = |asked: &Option<String>, declared: &Option<String>| asked.is_none() || asked == declared;
    let agrees = same(&asked.title, &declared.title)
        && same(&asked.agent, &declared.agent)
        && same(&asked.issue, &declared.issue)
        && same(&asked.branch, &declared.branch)
        && (asked.owns.is_none() || asked.owns == declared.owns)
        && asked.depends_on.iter().all(|track| declared.depends_on.contains(track));
    if agrees {
        return Ok(());
    }
    let failure = Failure::usage(format!("track `{id}` is declared already, and otherwise than asked for"));
    Err(failure.hint(format!("change its table `[tracks.{id}]` in `{FILE}`")).into())
}
