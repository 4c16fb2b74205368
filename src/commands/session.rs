//! What every command begins with: where it is, how it prints, and the repository it is about.

use anyhow::{Context, Result};

use clap::ValueEnum;

use super::{Ending, FormatName, Globals};
use crate::engine::journal::Journal;
use crate::engine::progress::{Progress, Step};
use crate::engine::project::Project;
use crate::engine::trust::Given;
use crate::git::{Repo, repo::Start};
use crate::host::bar::{Bar, Show};
use crate::host::lock;
use crate::host::terminal::{Loudness, Terminal};
use crate::model::text::count;
use crate::report::model::{FindingState, Severity, Verdict};
use crate::report::{self, Details, Format, Report};

/// More only cost: each has a stack and a view of the repository of its own.
const MOST_THREADS: usize = 256;

/// One run of the program.
pub struct Session {
    /// Where it prints.
    pub terminal: Terminal,
    /// How it prints its answer.
    pub format: FormatName,
    /// Where it looks for a repository.
    pub start: Start,
    /// Which commands of repositories were approved from outside.
    pub trust: Given,
    /// How many gates run at the same time: one, unless more are asked for.
    pub jobs: usize,
}

impl Session {
    /// Resolves what was typed.
    pub fn new(globals: &Globals) -> Session {
        if let Some(jobs) = globals.jobs {
            // Fails only if a pool exists already, and then that one serves.
            let _ = rayon::ThreadPoolBuilder::new().num_threads(jobs.min(MOST_THREADS)).build_global();
        }
        let start = globals.directory.clone().map_or(Start::Here, Start::At);
        let trust = Given::new(globals.trust.as_deref());
        let jobs = globals.jobs.unwrap_or(1).clamp(1, MOST_THREADS);
        Session { terminal: globals.into(), format: globals.format, start, trust, jobs }
    }

    /// Finds the repository.
    pub fn repo(&self) -> Result<Repo> {
        Repo::discover(&self.start)
    }

    /// Takes the one lock for writers of the repository, and puts right what an interrupted one left.
    pub fn journal(&self, repo: &Repo, command: &str) -> Result<Journal<'_>> {
        let tell = |text: &str| self.terminal.narrate(text);
        let lock = lock::take(&repo.state_dir().join("lock"), command, tell)?;
        Journal::open(repo, lock, command, tell)
    }

    /// Does something that tells how far it is.
    pub fn watching<T>(&self, show: Show, act: impl FnOnce(Progress) -> T) -> T {
        let bar = Bar::begin(if self.terminal.loudness == Loudness::Quiet { Show::Never } else { show });
        let terminal = self.terminal;
        let say = |text: &str| bar.hidden(|| terminal.narrate(text));
        act(Progress::told(&|step: Step| bar.show(step.stage.phrase(), step.done, step.total)).heard(&say))
    }

    /// Prints the answer.
    pub fn print(&self, report: &Report, details: &Details) -> Result<()> {
        let format = match self.format {
            FormatName::Text => Format::Text,
            FormatName::Json => Format::Json,
            FormatName::Markdown => Format::Markdown,
        };
        let text = report::render(report, details, format, self.terminal.width());
        self.terminal.answer(&text).context("the answer could not be printed")
    }

    /// Says that verdicts are against a target that others have moved on.
    pub fn warn_if_target_is_behind(&self, project: &Project) {
        if let Some(upstream) = project.target_upstream.as_ref().filter(|upstream| upstream.behind > 0) {
            let behind = count(upstream.behind, "commit");
            self.terminal.narrate(&format!("`{}` is {behind} behind `{}`", project.target.name, upstream.name));
        }
    }
}

/// The least severity that makes the exit status 1.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum FailOn {
    /// Errors.
    #[default]
    Error,
    /// Warnings too.
    Warn,
    /// Everything.
    Info,
}

impl FailOn {
    /// How a run that found this ended.
    pub fn ending(self, report: &Report) -> Ending {
        self.over(report, |_| true)
    }

    /// The same, counting only what the last result did not have.
    pub fn ending_of_new(self, report: &Report) -> Ending {
        self.over(report, |state| state == FindingState::New)
    }

    /// How a run that looked at pairs alone ended: a conflict and an unknown pair are errors.
    pub fn ending_of_pairs(report: &Report) -> Ending {
        let stops = |verdict| matches!(verdict, Verdict::Conflict | Verdict::Unknown);
        let stopped = report.pairs.iter().flatten().any(|pair| stops(pair.verdict));
        if stopped { Ending::Findings } else { Ending::Clean }
    }

    fn over(self, report: &Report, counts: impl Fn(FindingState) -> bool) -> Ending {
        let least = match self {
            FailOn::Error => Severity::Error,
            FailOn::Warn => Severity::Warn,
            FailOn::Info => Severity::Info,
        };
        let findings = report.findings.iter().flatten();
        let findings = findings.filter(|finding| finding.state != FindingState::Waived);
        let mut stopping = findings.filter(|finding| finding.severity <= least && counts(finding.state));
        if stopping.next().is_some() { Ending::Findings } else { Ending::Clean }
    }
}
