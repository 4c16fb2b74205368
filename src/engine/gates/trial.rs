//! One gate on one tree: what is known of it, and the runs that make it known.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail};

use super::verdicts::{Run, Verdicts};
use crate::engine::progress::Progress;
use crate::engine::project::Project;
use crate::engine::setup;
use crate::engine::trust::{Approved, Environment, Permit, surroundings};
use crate::engine::worktrees::shown;
use crate::git::{BuildTree, Scratch};
use crate::host::clock;
use crate::host::log_file::LogFile;
use crate::host::process::{Call, End, Ran, variable};
use crate::model::text::escaped;
use crate::model::{CommitId, Interrupted, TreeId};
use crate::policy::gates::{Figures, Gate};
use crate::policy::trust::Place;

/// How many folders trees are built in at most, unless configured.
const POOL: usize = 4;
/// How much of the end of what a gate prints is told with the verdict.
const LAST_LINES: usize = 20;
const LAST_BYTES: usize = 4 << 10;

/// What running gates takes.
pub struct Bench<'a> {
    /// Whose gates they are.
    pub project: &'a Project,
    /// Where the trees are that they run on.
    pub scratch: &'a Scratch,
    /// The proof that they may run.
    pub approved: &'a Approved,
    /// What is known already.
    pub verdicts: Verdicts,
    /// Whether that counts.
    pub remembers: bool,
    /// Hears what is being done.
    pub progress: Progress<'a>,
    /// What was run in this run of ours: the keys of the verdicts.
    pub ran: Mutex<BTreeSet<String>>,
}

/// A tree to run gates on.
#[derive(Clone, Debug)]
pub struct Spot {
    /// A commit with the tree.
    pub commit: CommitId,
    /// The tree.
    pub tree: TreeId,
    /// What it is for people: `main`, `main with a and b`.
    pub name: String,
    /// What a gate is told beside that, as variables.
    pub given: Vec<(String, OsString)>,
}

/// How a gate stands on a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It passes.
    Passes,
    /// It fails.
    Fails,
    /// It passed and failed on one tree.
    Flaky,
}

/// What is known of a gate on a tree.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// How it stands.
    pub standing: Standing,
    /// The run that shows it: the last one.
    pub run: Run,
    /// How it ended, bounds included: the end of a sentence that begins with the gate.
    pub ended: String,
    /// Whether it was known before.
    pub remembered: bool,
}

/// Where a gate is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    /// Where others were built before.
    Pool,
    /// Where nothing was.
    Pristine,
}

impl Spot {
    /// A tree of which a gate is told nothing but that it is there.
    pub fn new(commit: CommitId, tree: TreeId, name: String) -> Spot {
        Spot { commit, tree, name, given: Vec::new() }
    }
}

impl Bench<'_> {
    /// What `gate` says about a tree: remembered, or by running it once.
    pub fn try_once(&self, gate: &Gate, spot: &Spot) -> Result<Trial> {
        if let Some(trial) = self.known(gate, spot) {
            return Ok(trial);
        }
        self.run(gate, spot, Where::Pool)?;
        self.known(gate, spot).context("what a gate said was not kept")
    }

    /// What `gate` said about a tree before, if anything.
    pub fn known(&self, gate: &Gate, spot: &Spot) -> Option<Trial> {
        let ran = self.ran.lock().unwrap_or_else(PoisonError::into_inner).contains(&self.verdicts.key(gate, spot.tree));
        let runs = if ran || self.remembers { self.verdicts.runs(gate, spot.tree) } else { Vec::new() };
        trial(gate, &runs, !ran)
    }

    /// Makes sure that a failure is one: that the gate fails again, where nothing was built before.
    pub fn confirm(&self, gate: &Gate, spot: &Spot, trial: Trial) -> Result<Trial> {
        let runs = self.verdicts.runs(gate, spot.tree);
        if trial.standing != Standing::Fails || runs.iter().any(|run| run.pristine) {
            return Ok(trial);
        }
        self.run(gate, spot, Where::Pristine)?;
        self.known(gate, spot).context("what a gate said was not kept")
    }

    /// Where to look for what a gate says: a short sentence.
    pub fn log(&self, trial: &Trial) -> String {
        let shown = |path: &Path| escaped(shown(self.project, path).as_bytes());
        let log = trial.run.log.as_deref().map(shown);
        log.map_or_else(|| "run it by hand".into(), |log| format!("see what it says in {log}"))
    }

    fn run(&self, gate: &Gate, spot: &Spot, place: Where) -> Result<()> {
        let permit = self.approved.permit(&gate.place, &gate.line);
        let permit = permit.with_context(|| format!("`{}` is not what was approved", gate.name))?;
        let tree = self.tree(place, spot)?;
        let again = if place == Where::Pristine { ", again and from nothing" } else { "" };
        self.progress.say(&format!("tracks: gate {} on {}{again}", escaped(gate.name.as_bytes()), spot.name));
        let first = self.ran.lock().unwrap_or_else(PoisonError::into_inner).insert(self.verdicts.key(gate, spot.tree));
        if first && !self.remembers {
            self.verdicts.forget(gate, spot.tree)?;
        }
        let run = self.listen(gate, spot, &tree, permit)?;
        let run = Run { pristine: place == Where::Pristine, ..run };
        self.progress.say(&format!("  {} after {:.1} s", run.ended, run.seconds));
        self.verdicts.add(gate, spot.tree, run)
    }

    /// A build worktree with the files of a tree.
    pub fn tree(&self, place: Where, spot: &Spot) -> Result<BuildTree> {
        let home = super::pool(&self.project.repo);
        let most = self.project.config.sync.pool_max.unwrap_or(POOL);
        let waiting = || self.progress.say("tracks: every build worktree is in use: waiting for one");
        let tree = match place {
            Where::Pool => BuildTree::claim(&home, most, &waiting)?,
            Where::Pristine => BuildTree::pristine(&home)?,
        };
        tree.check_out(&self.project.repo, self.scratch, (spot.commit, spot.tree))?;
        if !tree.is_ready() {
            self.prepare(&tree)?;
        }
        Ok(tree)
    }

    /// Runs it in `tree`, which holds what it is asked about.
    fn listen(&self, gate: &Gate, spot: &Spot, tree: &BuildTree, permit: Permit) -> Result<Run> {
        let mut log = LogFile::create(&self.verdicts.log(gate, spot.tree))?;
        let mut reader = Reader { gate, line: Vec::new(), figures: Figures::default() };
        let began = clock::seconds();
        let mut call = Call { limit: gate.limit, ..self.call(tree, Some(gate)) };
        call.variables.extend(spot.given.iter().cloned());
        let ran = permit.run(call, &mut |piece| {
            log.add(piece);
            reader.hear(piece);
        })?;
        if let End::Interrupted(signal) = ran.end {
            return Err(Interrupted(signal).into());
        }
        Ok(Run {
            began,
            passed: ran.end.is_success(),
            ended: ended(&ran, gate),
            seconds: ran.took.as_secs_f64(),
            log: Some(log.path().to_owned()),
            last_words: last_words(&ran.output),
            figures: reader.end(),
            pristine: false,
        })
    }

    /// Gives a new build worktree what `[setup]` says that every worktree needs.
    fn prepare(&self, tree: &BuildTree) -> Result<()> {
        let plan = setup::Plan::of(self.project, &[tree.folder().to_owned()])?;
        plan.carry_out(tree.folder())?;
        for text in &plan.commands {
            let shown = escaped(text.as_bytes());
            let permit = self.approved.permit(&Place::Setup, text);
            let permit = permit.with_context(|| format!("`{shown}` is not what was approved"))?;
            self.progress.say(&format!("tracks: in a new build worktree: {shown}"));
            match permit.run(self.call(tree, None), &mut |_| {})?.end {
                End::Exited(0) => {}
                End::Interrupted(signal) => return Err(Interrupted(signal).into()),
                end => bail!("`{shown}` of `[setup]` {}", end.phrase()),
            }
        }
        tree.set_ready()
    }

    /// What a command is run with there.
    pub fn call(&self, tree: &BuildTree, gate: Option<&Gate>) -> Call {
        let mut call = surroundings(self.project, None, Environment::NoSecrets);
        call.variables.extend(gate.map(|gate| variable("TRACKS_GATE", &gate.name)));
        Call { folder: tree.folder().to_owned(), ..call }
    }
}

fn ended(ran: &Ran, gate: &Gate) -> String {
    match (ran.end, gate.limit) {
        (End::Exited(0), _) => "passed".into(),
        (End::TimedOut, Some(limit)) => format!("took longer than {} s and was ended", limit.as_secs()),
        (end, _) => end.phrase(),
    }
}

/// What the runs on a tree come to; `None` where there is none.
fn trial(gate: &Gate, runs: &[Run], remembered: bool) -> Option<Trial> {
    let complaint = |run: &Run| if run.passed { gate.complaint(&run.figures) } else { Some(run.ended.clone()) };
    let last = runs.last()?;
    let failed = runs.iter().filter(|run| complaint(run).is_some()).count();
    let standing = match failed {
        0 => Standing::Passes,
        all if all == runs.len() => Standing::Fails,
        _ => Standing::Flaky,
    };
    // Of a gate that says now this and now that, the failure is what somebody wants to see.
    let run = runs.iter().rev().find(|run| complaint(run).is_some()).unwrap_or(last);
    let ended = complaint(run).unwrap_or_else(|| run.ended.clone());
    Some(Trial { standing, run: run.clone(), ended, remembered })
}

/// The last lines of what was printed.
fn last_words(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(&output[output.len().saturating_sub(LAST_BYTES)..]);
    let plain = anstream::adapter::strip_str(text.trim_end()).to_string();
    let lines: Vec<&str> = plain.lines().collect();
    lines[lines.len().saturating_sub(LAST_LINES)..].join("\n")
}

/// Reads figures from what comes in pieces.
struct Reader<'a> {
    gate: &'a Gate,
    line: Vec<u8>,
    figures: Figures,
}

impl Reader<'_> {
    /// No more of a line is searched.
    const LONGEST: usize = 4 << 10;

    fn hear(&mut self, piece: &[u8]) {
        for &byte in piece {
            match byte {
                b'\n' => self.read(),
                _ if self.line.len() < Self::LONGEST => self.line.push(byte),
                _ => {}
            }
        }
    }

    fn read(&mut self) {
        self.gate.read(&self.line, &mut self.figures);
        self.line.clear();
    }

    fn end(mut self) -> Figures {
        self.read();
        self.figures
    }
}
