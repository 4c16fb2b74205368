//! The gates of a landing: on what will land, before anything is moved, and on the target, once it was.

use anyhow::Result;

use super::session::Session;
use crate::engine::gates::{self, Bench, Gated, Look};
use crate::engine::landing::{Plan, Step};
use crate::engine::order;
use crate::engine::premerge::{Candidate, Premerge, Side};
use crate::engine::project::Project;
use crate::engine::snapshot;
use crate::engine::trust::{self, Approved, Standing, Trust};
use crate::model::{CommitId, Severity};
use crate::policy::config::model::Stage;

/// Whether a project has gates of one of these stages.
pub fn any(project: &Project, stages: &[Stage]) -> bool {
    project.config.gates.iter().any(|gate| stages.contains(&gate.stage))
}

/// The proof that the commands that a landing takes may run. Refuses where gates are not approved; files that are made
/// again are not, then.
pub fn approved(session: &Session, project: &Project) -> Result<Option<Approved>> {
    if any(project, &[Stage::Landing, Stage::Target]) {
        return trust::require(project, &session.trust, "run the gates of a landing").map(Some);
    }
    if project.config.regenerate.is_empty() {
        return Ok(None);
    }
    match Trust::of(project)?.standing(&session.trust)? {
        Standing::Approved(approved) => Ok(Some(approved)),
        Standing::Asked(_) => Ok(None),
    }
}

/// What the gates say of what will land; nothing is moved yet.
pub fn before(bench: &Bench, plan: &Plan) -> Result<Option<Gated>> {
    if plan.steps.is_empty() || !any(bench.project, &[Stage::Landing]) {
        return Ok(None);
    }
    let premerge = Premerge::new(&bench.project.repo, bench.scratch)?;
    let config = &bench.project.config;
    let candidate = |step: &Step| Candidate {
        id: step.track.clone(),
        side: side(bench, step.tip).map_err(|error| format!("{error:#}")),
        depends_on: order::dependencies(config, &step.track),
    };
    let candidates: Vec<Candidate> = plan.steps.iter().map(candidate).collect();
    let target = (plan.target.as_str(), side(bench, plan.from)?);
    let look = Look { bench, premerge: &premerge, target, candidates: &candidates };
    gates::before_landing(&look, config, &plan.steps).map(Some)
}

/// What the gates say of the target, which was moved as planned.
pub fn after(bench: &Bench, plan: &Plan) -> Result<Option<Gated>> {
    if plan.steps.is_empty() || !any(bench.project, &[Stage::Target]) {
        return Ok(None);
    }
    let premerge = Premerge::new(&bench.project.repo, bench.scratch)?;
    let target = (plan.target.as_str(), side(bench, plan.to())?);
    let look = Look { bench, premerge: &premerge, target, candidates: &[] };
    gates::after_landing(&look, &bench.project.config).map(Some)
}

/// How many gates there are, and which do not pass on the target as it is, by name.
pub fn on_target(bench: &Bench) -> Result<(usize, Vec<String>)> {
    let premerge = Premerge::new(&bench.project.repo, bench.scratch)?;
    let target = &bench.project.target;
    let look = Look {
        bench,
        premerge: &premerge,
        target: (target.name.as_str(), side(bench, target.commit)?),
        candidates: &[],
    };
    gates::on_target(&look, &bench.project.config)
}

/// Whether nothing may land.
pub fn forbid(gated: &Gated) -> bool {
    gated.findings.iter().any(|finding| finding.severity == Severity::Error)
}

fn side(bench: &Bench, commit: CommitId) -> Result<Side> {
    snapshot::committed(bench.scratch, commit)
}
