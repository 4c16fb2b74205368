//! A schedule put in place. What is there, and is not ours as we wrote it, stops it before anything is written.

use anyhow::Result;

use super::machine::{self, Order};
use super::place::{Edit, Place, There};
use crate::engine::journal::Change;
use crate::engine::worktrees::{Step, typed};
use crate::git::{Objects, Repo};
use crate::host::files;
use crate::model::Failure;
use crate::policy::schedule::{Job, Kind};

/// What will be written, and who is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    edits: Vec<Edit>,
    every: String,
    start: Start,
}

/// What makes it run.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Start {
    /// It runs.
    Running,
    /// This systemd is told about that timer.
    Tell(String),
    /// Somebody has to type this.
    Say(String),
}

impl Plan {
    /// What is missing.
    pub fn of(repo: &Repo, job: &Job, kind: Kind) -> Result<Plan> {
        let texts = job.texts(kind)?;
        if kind == Kind::Cron && !machine::has_cron() {
            let lines: String =
                texts.iter().flat_map(|it| it.text.lines()).map(|line| format!("\n    {line}")).collect();
            return Err(Failure::usage("there is no program `crontab` here")
                .hint(format!("add to the table of your cron:{lines}"))
                .into());
        }
        let places = Place::all(repo, &job.whose, kind)?;
        let mut edits = Vec::new();
        for (place, text) in places.iter().zip(&texts) {
            match place.look(&job.whose, kind)? {
                There::Ours(_, there) if there == text.text => {}
                There::Ours(mark, _) if !mark.is_intact => {
                    return Err(in_the_way(place, "was edited since it was installed"));
                }
                There::Other => return Err(in_the_way(place, "is somebody else's")),
                There::Ours(..) | There::Nothing => edits.push(place.edit(&job.whose, Some(&text.text))?),
            }
        }
        let start = start(job, kind, &places, edits.is_empty())?;
        Ok(Plan { edits, every: job.every.to_string(), start })
    }

    /// The files that change.
    pub fn changes(&self, objects: &Objects) -> Result<Vec<Change>> {
        self.edits.iter().filter_map(|edit| edit.change(objects).transpose()).collect()
    }

    /// What will be done.
    pub fn steps(&self) -> Vec<Step> {
        let write = |edit: &Edit| {
            let action = if edit.is_new() { "write" } else { "change" };
            Step::new(action, edit.place.shown()).detail(format!("every {}", self.every))
        };
        let mut steps: Vec<Step> = self.edits.iter().map(write).collect();
        if let Start::Tell(timer) = &self.start {
            steps.push(Step::new("run", Order::Enable.line(timer)));
        }
        steps
    }

    /// What somebody has to type, so that it runs.
    pub fn next(&self) -> Option<&str> {
        match &self.start {
            Start::Say(command) => Some(command),
            _ => None,
        }
    }

    /// Writes it.
    pub fn carry_out(&self) -> Result<()> {
        self.edits.iter().try_for_each(Edit::carry_out)
    }

    /// Has it run, once it is written.
    pub fn start(&self) -> Result<()> {
        match &self.start {
            Start::Tell(timer) => Order::Enable.carry_out(timer),
            _ => Ok(()),
        }
    }
}

fn start(job: &Job, kind: Kind, places: &[Place], is_there: bool) -> Result<Start> {
    let timer = job.whose.timer();
    Ok(match (kind, places) {
        (Kind::Cron, _) => Start::Running,
        (Kind::Systemd, [.., Place::File(path, _)]) => {
            let is_enabled =
                path.parent().is_some_and(|folder| files::is_link(&folder.join(super::remove::WANTED).join(&timer)));
            match machine::has_manager()? {
                _ if is_there && is_enabled => Start::Running,
                true => Start::Tell(timer),
                false => Start::Say(Order::Enable.line(&timer)),
            }
        }
        _ if is_there => Start::Running,
        (Kind::Github, [Place::File(path, _)]) => {
            Start::Say(format!("git add {0} && git commit -m 'sync by itself'", typed(path)))
        }
        (_, [Place::File(path, _)]) => Start::Say(format!("launchctl bootstrap gui/$(id -u) {}", typed(path))),
        _ => Start::Running,
    })
}

fn in_the_way(place: &Place, why: &str) -> anyhow::Error {
    let failure = Failure::usage(format!("`{}` {why}, and is not overwritten", place.name()));
    let failure = match place {
        Place::File(path, _) => failure.hint(format!("move it away: `mv {0} {0}.old`", typed(path))),
        Place::Crontab => failure.hint("take its lines out with `crontab -e`"),
    };
    failure.hint("see what would be written: `tracks schedule print`").into()
}
