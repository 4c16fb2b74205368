//! `tracks schema`: the JSON Schemas of what is read and of what is printed.

use anyhow::Result;
use clap::{Args, ValueEnum};

use super::Ending;
use super::session::Session;
use crate::{policy, report};

/// Print the JSON Schema of tracks.toml or of the JSON that commands print
#[derive(Args)]
pub struct SchemaArgs {
    /// Which one
    #[arg(value_enum)]
    of: Subject,
}

/// What a schema describes.
#[derive(Clone, Copy, ValueEnum)]
enum Subject {
    /// tracks.toml
    Config,
    /// What every command prints with --format json
    Report,
}

/// Runs it.
pub fn run(session: &Session, args: &SchemaArgs) -> Result<Ending> {
    let schema = match args.of {
        Subject::Config => policy::config::schema(),
        Subject::Report => report::schema::schema(),
    };
    session.terminal.answer(&format!("{schema:#}\n"))?;
    Ok(Ending::Clean)
}
