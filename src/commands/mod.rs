//! The verbs: clap and the story of each command; nothing else knows clap.

mod add;
mod check;
mod checkpoint;
mod deinit;
mod demo;
mod doctor;
mod exec;
mod explain;
mod gating;
mod hooks;
mod init;
mod land;
mod landing_gates;
mod list;
mod log;
mod matrix;
mod migration;
mod note;
mod notices;
mod order;
mod owner;
mod ownership;
mod path;
mod prune;
mod remove;
mod report;
mod schedule;
mod schema;
mod session;
mod set_up;
mod show;
mod steps;
mod stored;
mod sync;
mod trust;
mod typed_path;
mod undo;
mod update;
mod watching;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use crate::git::repo::OLDEST_GIT;
use crate::host::terminal::{Color, Loudness, Terminal};
use crate::model::text::escaped_lines;
use crate::model::{Failure, FailureKind, Interrupted};
use session::Session;

/// Run several lines of work at once on one Git repository, and know who collides with whom before anyone opens a pull
/// request.
#[derive(Parser)]
#[command(name = "tracks", version, max_term_width = 100, disable_help_subcommand = true)]
#[command(after_help = format!("Needs Git {}.{} or later.", OLDEST_GIT.0, OLDEST_GIT.1))]
struct Arguments {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    verb: Verb,
}

/// What every command understands.
#[derive(Args)]
#[command(next_help_heading = "Options of every command")]
struct Globals {
    /// Work as if started in DIR
    #[arg(short = 'C', value_name = "DIR", global = true)]
    directory: Option<PathBuf>,
    /// Use at most N threads, and run so many gates at the same time (else one)
    #[arg(short = 'j', long = "jobs", value_name = "N", global = true)]
    jobs: Option<usize>,
    /// How to print the answer
    #[arg(long, value_enum, default_value_t, global = true)]
    format: FormatName,
    /// Whether to colour it
    #[arg(long, value_enum, default_value_t, global = true)]
    color: ColorName,
    /// Say nothing but the answer and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Let the commands of tracks.toml with this hash run, as `tracks trust` prints it
    #[arg(long, value_name = "HASH", global = true)]
    trust: Option<String>,
    /// Say how it was found out
    #[arg(short, long, global = true)]
    verbose: bool,
}

#[derive(Clone, Copy, Default, PartialEq, ValueEnum)]
enum FormatName {
    #[default]
    Text,
    Json,
    Markdown,
}

#[derive(Clone, Copy, Default, ValueEnum)]
enum ColorName {
    #[default]
    Auto,
    Always,
    Never,
}

#[derive(Subcommand)]
enum Verb {
    Init(init::Init),
    Deinit(deinit::Deinit),
    Add(add::Add),
    Remove(remove::Remove),
    Prune(prune::Prune),
    Path(path::Path),
    #[command(visible_alias = "status")]
    List(list::ListArgs),
    Sync(sync::SyncArgs),
    Matrix(matrix::MatrixArgs),
    Show(show::ShowArgs),
    Order(order::OrderArgs),
    Land(land::LandArgs),
    Update(update::UpdateArgs),
    Note(note::NoteArgs),
    Schedule(schedule::Schedule),
    Report(report::ReportArgs),
    Owner(owner::OwnerArgs),
    Check(check::CheckArgs),
    Checkpoint(checkpoint::Checkpoint),
    Doctor(doctor::DoctorArgs),
    Undo(undo::Undo),
    Log(log::Log),
    Hooks(hooks::Hooks),
    Migration(migration::MigrationArgs),
    Exec(exec::ExecArgs),
    Trust(trust::TrustArgs),
    Explain(explain::ExplainArgs),
    Schema(schema::SchemaArgs),
    Demo(demo::DemoArgs),
}

/// How a command that ran to its end ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Nothing to act on: exit status 0.
    Clean,
    /// There are findings: exit status 1.
    Findings,
    /// Something that was asked for did not run, which was said: exit status 3.
    NotRun,
    /// A signal ended a command of somebody's, and us with it: exit status 128 and its number.
    Interrupted(u8),
}

/// The whole command line, for manual pages.
pub fn command_line() -> clap::Command {
    Arguments::command()
}

/// Runs the program with `args`, the first being its own name, and gives the exit status.
pub fn main(args: impl Iterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(args) {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    let session = Session::new(&arguments.globals);
    match run(&session, &arguments.verb) {
        Ok(Ending::Clean) => ExitCode::SUCCESS,
        Ok(Ending::Findings) => ExitCode::from(1),
        Ok(Ending::NotRun) => ExitCode::from(FailureKind::NotRun.exit_status()),
        Ok(Ending::Interrupted(signal)) => ExitCode::from(128 + signal),
        Err(error) => ExitCode::from(complain(&session.terminal, &error)),
    }
}

fn run(session: &Session, verb: &Verb) -> anyhow::Result<Ending> {
    match verb {
        Verb::Init(args) => init::run(session, args),
        Verb::Deinit(args) => deinit::run(session, args),
        Verb::Add(args) => add::run(session, args),
        Verb::Remove(args) => remove::run(session, args),
        Verb::Prune(args) => prune::run(session, args),
        Verb::Path(args) => path::run(session, args),
        Verb::List(args) => list::run(session, args),
        Verb::Sync(args) => sync::run(session, args),
        Verb::Matrix(args) => matrix::run(session, args),
        Verb::Show(args) => show::run(session, args),
        Verb::Order(args) => order::run(session, args),
        Verb::Land(args) => land::run(session, args),
        Verb::Update(args) => update::run(session, args),
        Verb::Note(args) => note::run(session, args),
        Verb::Schedule(args) => schedule::run(session, args),
        Verb::Report(args) => report::run(session, args),
        Verb::Owner(args) => owner::run(session, args),
        Verb::Check(args) => check::run(session, args),
        Verb::Checkpoint(args) => checkpoint::run(session, args),
        Verb::Doctor(args) => doctor::run(session, args),
        Verb::Undo(args) => undo::run(session, args),
        Verb::Log(args) => log::run(session, args),
        Verb::Hooks(args) => hooks::run(session, args),
        Verb::Migration(args) => migration::run(session, args),
        Verb::Exec(args) => exec::run(session, args),
        Verb::Trust(args) => trust::run(session, args),
        Verb::Explain(args) => explain::run(session, args),
        Verb::Schema(args) => schema::run(session, args),
        Verb::Demo(args) => demo::run(session, args),
    }
}

/// Prints what clap has to say: help and version are answers, everything else is wrong use.
fn usage(error: &clap::Error) -> ExitCode {
    let text = error.render().to_string();
    match error.use_stderr() && escaped_lines(text.as_bytes()) != text {
        // What was typed may be a file's name, put there by a shell.
        true => Terminal::default().complain(&text),
        // With the stream gone there is nobody left to tell.
        false => drop(error.print()),
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

/// Prints an error with its causes and cures; gives the exit status.
fn complain(terminal: &Terminal, error: &anyhow::Error) -> u8 {
    if let Some(Interrupted(signal)) = error.downcast_ref() {
        return u8::try_from(128 + signal).unwrap_or(u8::MAX);
    }
    let failure = error.downcast_ref::<Failure>();
    let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
    terminal.complain(&format!("tracks: {}", causes.join(": ")));
    for hint in failure.map_or(&[][..], |failure| &failure.hints) {
        terminal.complain(&format!("  hint: {hint}"));
    }
    failure.map_or(2, |failure| failure.kind.exit_status())
}

impl From<&Globals> for Terminal {
    fn from(globals: &Globals) -> Terminal {
        let color = match globals.color {
            ColorName::Auto => Color::Auto,
            ColorName::Always => Color::Always,
            ColorName::Never => Color::Never,
        };
        let loudness = match (globals.quiet, globals.verbose) {
            (true, _) => Loudness::Quiet,
            (_, true) => Loudness::Verbose,
            _ => Loudness::Normal,
        };
        Terminal { color, loudness }
    }
}
