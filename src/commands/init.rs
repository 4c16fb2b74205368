//! `tracks init`: declares tracks, and makes real what is declared.

use anyhow::Result;
use clap::Args;

use super::session::Session;
use super::steps::{self, Mode};
use super::{Ending, set_up};
use crate::engine::hooks;
use crate::engine::landing;
use crate::engine::project::{FILE, Project, bad_id};
use crate::engine::worktrees::declare::{self, Head};
use crate::engine::worktrees::{Plan, Start, typed};
use crate::model::{Failure, Track, TrackId};
use crate::policy::config::Source;

/// Declare tracks, and make their branches, worktrees and the hooks
///
/// With names: declares them in tracks.toml and makes them. Without: makes what tracks.toml declares; where there is
/// none, writes a commented one from what the repository holds. What is there already is left as it is.
#[derive(Args)]
pub struct Init {
    /// The tracks, each a short name such as `auth`
    #[arg(value_name = "TRACK")]
    tracks: Vec<String>,
    /// The phase, for the names of branches and folders in a new tracks.toml
    #[arg(long, value_name = "PHASE")]
    phase: Option<String>,
    /// The branch that all tracks land on, for a new tracks.toml
    #[arg(long, value_name = "BRANCH")]
    target: Option<String>,
    /// Do not install the Git hooks
    #[arg(long)]
    no_hooks: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

/// Runs it.
pub fn run(session: &Session, args: &Init) -> Result<Ending> {
    let ids = ids(&args.tracks)?;
    let phase = args.phase.as_deref().map(|phase| TrackId::new(phase).map_err(|why| bad_id(phase, &why)));
    let head = Head { target: args.target.clone(), phase: phase.transpose()? };
    let repo = session.repo()?;
    let mode = Mode::of(args.dry_run);
    let journal = (mode == Mode::Done).then(|| session.journal(&repo, &command(args))).transpose()?;
    let project = Project::survey_for(&repo, args.target.as_deref())?;
    let (project, mut plan) = planned(project, &ids, &head)?;
    if !args.no_hooks {
        match hooks::Plan::of(&repo, hooks::Wish::default()) {
            Ok(hooks) => plan.hooks = hooks,
            Err(error) if error.is::<Failure>() => steps::warn(session, "the hooks are not installed", &error),
            Err(error) => return Err(error),
        }
    }
    if let Some(journal) = &journal {
        plan.carry_out(&project, journal, &|text| session.terminal.progress(text))?;
    }
    let ending = steps::answer(session, "init", plan.steps(&project), mode)?;
    if mode == Mode::Planned {
        return Ok(ending);
    }
    drop(journal);
    let ending = set_up::run(session, &project, &plan)?;
    afterwards(session, &project, &plan);
    Ok(ending)
}

/// As the log names it.
fn command(args: &Init) -> String {
    format!("init {}", args.tracks.join(" ")).trim_end().to_owned()
}

/// What will be written, and the project as it will be then.
fn planned(project: Project, ids: &[TrackId], head: &Head) -> Result<(Project, Plan)> {
    if ids.is_empty() && !project.copies.any() {
        let policy = declare::from_what_is_there(&project, head)?;
        return Ok((project, Plan { policy: Some(policy), ..Plan::default() }));
    }
    let policy = declare::tracks(&project, ids, head)?;
    let project = match &policy {
        Some(policy) => project.with_main_copy(policy.after.clone())?,
        None => project,
    };
    let without: Vec<&TrackId> = project.tracks.iter().filter(|it| it.tip.is_none()).map(|it| &it.id).collect();
    let gone = landing::landed_by_name(&project.repo, project.target.commit, &without)?;
    // What has landed and was cleared away is made again only for whoever names it.
    let wanted = |track: &&Track| if ids.is_empty() { !gone.contains(&track.id) } else { ids.contains(&track.id) };
    let tracks: Vec<&Track> = project.tracks.iter().filter(wanted).collect();
    let plan = Plan::of(&project, &tracks, &Start::target(&project))?;
    Ok((project, Plan { policy, ..plan }))
}

fn afterwards(session: &Session, project: &Project, plan: &Plan) {
    let starter = plan.policy.as_ref().filter(|policy| policy.declared.is_empty());
    if starter.is_some() {
        return steps::next(session, &format!("declare your tracks in {FILE}, then `tracks init`"));
    }
    if plan.policy.is_some() || project.source == Source::MainWorktree {
        let target = &project.target.name;
        if project.source == Source::MainWorktree {
            session
                .terminal
                .narrate(&format!("tracks: until {FILE} is committed on {target}, this copy is the one that binds"));
        }
        return steps::next(session, &steps::commit(project, "Declare the tracks"));
    }
    match plan.worktrees.as_slice() {
        [only] => steps::next(session, &format!("cd {}", typed(&only.path))),
        _ => steps::next(session, "tracks list"),
    }
}

fn ids(names: &[String]) -> Result<Vec<TrackId>> {
    let mut ids: Vec<TrackId> = Vec::new();
    for name in names {
        let id = TrackId::new(name).map_err(|why| bad_id(name, &why))?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}
