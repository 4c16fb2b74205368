//! A small but real repository with three tracks at work, to see on it what there is to see.

mod content;

use std::path::Path;

use anyhow::{Context, Result};

use super::journal::Journal;
use super::outcome::Outcome;
use super::project::Project;
use super::worktrees::{Plan, Start};
use crate::git::repo::Start as Place;
use crate::git::{Git, Repo};
use crate::host::{files, folders, lock};
use crate::model::{Failure, Track};

/// The day on which everything in it was committed: the same ids on every machine.
const DAY: &str = "2024-10-02";

/// What the report on it must say: rule and path, and the verdicts on the pairs of tracks.
const FINDINGS: [(&str, &str); 4] = [
    ("conflict.content", "api/server.ts"),
    ("migration.duplicate", "supabase/migrations/20241002090000_template_fields.sql"),
    ("ownership.foreign", "api/agents/types.ts"),
    ("size.lines", content::LONG_FILE),
];
const VERDICTS: [(&str, &str, &str); 3] =
    [("registry", "templates", "conflict"), ("registry", "pipeline", "clean"), ("templates", "pipeline", "disjoint")];

/// Makes the repository in `folder`, which must be empty or absent, and its three worktrees. Hooks are not installed:
/// what the tracks commit is meant to be found by `sync`.
pub fn make(folder: &Path) -> Result<Repo> {
    match folders::look(folder)? {
        folders::Found::Nothing | folders::Found::EmptyFolder => {}
        _ => {
            let failure = Failure::usage(format!("`{}` is there already, and not empty", folder.display()));
            return Err(failure.hint("name another folder, or none for a temporary one").into());
        }
    }
    folders::make(folder)?;
    let git = |words: &[&str]| Git::at(folder).args(words).run();
    git(&["-c", "init.templateDir=", "init", "--quiet", "--initial-branch=main"])?;
    if Git::at(folder).args(["config", "user.email"]).line()?.is_none() {
        git(&["config", "user.name", "Demo"])?;
        git(&["config", "user.email", "demo@localhost"])?;
    }
    commit(folder, content::BASE, ("09:00:00", "Begin phase 1"))?;
    let repo = Repo::discover(&Place::At(folder.to_owned()))?;
    let project = Project::open(&repo)?;
    let tracks: Vec<&Track> = project.tracks.iter().collect();
    let lock = lock::take(&repo.state_dir().join("lock"), "demo", |_| {})?;
    let journal = Journal::open(&repo, lock, "demo", |_| {})?;
    Plan::of(&project, &tracks, &Start::target(&project))?.carry_out(&project, &journal, &|_| {})?;
    let at = |id: &str| project.track(id).map(|track| track.worktree.clone());
    commit(&at("registry")?, content::REGISTRY, ("10:00:00", "Register agents"))?;
    commit(&at("templates")?, content::TEMPLATES, ("11:00:00", "Give templates fields"))?;
    commit(&at("pipeline")?, content::PIPELINE, ("12:00:00", "Name the pipeline of an agent"))?;
    files::write(&at("pipeline")?.join(content::LONG_FILE), content::long_file().as_bytes())?;
    Ok(repo)
}

/// Writes files and commits them, by a fixed identity, without hooks and without signing.
fn commit(worktree: &Path, contents: &[(&str, &str)], (time, message): (&str, &str)) -> Result<()> {
    for (path, content) in contents {
        files::write(&worktree.join(path), content.as_bytes())?;
    }
    Git::at(worktree).args(["add", "--all"]).run()?;
    let date = format!("{DAY}T{time}Z");
    let git = ["AUTHOR", "COMMITTER"].iter().fold(Git::at(worktree), |git, role| {
        git.env(&format!("GIT_{role}_NAME"), "Demo")
            .env(&format!("GIT_{role}_EMAIL"), "demo@localhost")
            .env(&format!("GIT_{role}_DATE"), &date)
    });
    let git =
        git.args(["-c", "commit.gpgSign=false", "-c", "core.hooksPath=/dev/null", "commit", "--quiet", "-m", message]);
    git.run().context("cannot commit in the demonstration")
}

/// What differs from what the report on the demonstration must say; empty when all is as expected.
pub fn unexpected(outcome: &Outcome) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut found: Vec<(String, String)> = outcome
        .findings
        .iter()
        .map(|finding| (finding.rule.to_string(), finding.path.as_ref().map(ToString::to_string).unwrap_or_default()))
        .collect();
    found.sort();
    let expected: Vec<(String, String)> =
        FINDINGS.iter().map(|(rule, path)| (rule.to_string(), path.to_string())).collect();
    wrong
        .extend(found.iter().filter(|f| !expected.contains(f)).map(|(rule, path)| format!("also found {rule} {path}")));
    wrong
        .extend(expected.iter().filter(|e| !found.contains(e)).map(|(rule, path)| format!("not found: {rule} {path}")));
    for (ours, theirs, verdict) in VERDICTS {
        let name = |side: usize| outcome.sides[side].name.as_str();
        let pair = outcome.pairs.iter().find(|pair| (name(pair.ours), name(pair.theirs)) == (ours, theirs));
        let said = pair.map_or("nothing", |pair| pair.verdict.name());
        if said != verdict {
            wrong.push(format!("{ours} and {theirs}: {said}, not {verdict}"));
        }
    }
    wrong
}
