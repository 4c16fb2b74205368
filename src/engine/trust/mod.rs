//! Which commands of `tracks.toml` may run: those that this user approved for this repository, to the letter. Whatever
//! runs one asks here for a [`Permit`], and runs that: what was shown is what is executed. Only the copy of
//! `tracks.toml` that binds counts, so that no track brings commands in.

mod run;
mod store;

use anyhow::Result;

use crate::engine::project::{FILE, Project};
use crate::model::Failure;
use crate::model::text::{count, escaped};
use crate::policy::config::Source;
use crate::policy::trust::{Commands, Place};

pub use run::{Environment, surroundings};
pub use store::{Approval, approvals};

/// What somebody approved from outside: the hashes in `--trust` and in `TRACKS_TRUST`.
#[derive(Clone, Debug, Default)]
pub struct Given(Vec<String>);

/// The variable that gives hashes in an environment without a terminal; several with commas between.
const VARIABLE: &str = "TRACKS_TRUST";

impl Given {
    /// What was given on the command line, and in the environment.
    pub fn new(typed: Option<&str>) -> Given {
        let variable = std::env::var(VARIABLE).unwrap_or_default();
        let words = typed.into_iter().chain([&*variable]).flat_map(|text| text.split(','));
        Given(words.map(|word| word.trim().to_ascii_lowercase()).filter(|word| !word.is_empty()).collect())
    }
}

/// The commands of a project, and where approvals of them are kept.
#[derive(Debug)]
pub struct Trust {
    /// Every command that `tracks.toml` names.
    pub commands: Commands,
    /// What to call the copy that they stand in: `main:tracks.toml`.
    pub origin: String,
    store: store::Store,
}

/// How the commands of a project stand.
#[derive(Debug)]
pub enum Standing {
    /// All of them may run.
    Approved(Approved),
    /// Somebody must approve them; what was approved before, where anything was.
    Asked(Option<Commands>),
}

/// The proof that somebody approved these commands. Only made here.
#[derive(Debug)]
pub struct Approved(Commands);

/// One command that may run.
#[derive(Clone, Copy, Debug)]
pub struct Permit<'a>(&'a str);

impl Trust {
    /// The commands of the copy that binds.
    pub fn of(project: &Project) -> Result<Trust> {
        let origin = match project.source {
            Source::Target => format!("{}:{FILE}", project.target.name),
            Source::MainWorktree | Source::None => FILE.into(),
        };
        let store = store::Store::of(&project.repo)?;
        Ok(Trust { commands: Commands::of(&project.config), origin, store })
    }

    /// Whether they may run.
    pub fn standing(&self, given: &Given) -> Result<Standing> {
        let hash = self.commands.hash();
        if self.commands.is_empty() || given.0.contains(&hash) {
            return Ok(Standing::Approved(Approved(self.commands.clone())));
        }
        Ok(match self.store.approved()? {
            Some(approved) if approved == self.commands => Standing::Approved(Approved(approved)),
            before => Standing::Asked(before),
        })
    }

    /// Whether they were approved for more than this run; so are no commands at all.
    pub fn is_kept(&self) -> Result<bool> {
        Ok(self.commands.is_empty() || self.store.approved()?.as_ref() == Some(&self.commands))
    }

    /// Approves these commands, and no others, in the place of what was approved before.
    pub fn approve(&self) -> Result<()> {
        self.store.approve(&self.commands)
    }

    /// Takes the approval back; whether there was one.
    pub fn revoke(&self) -> Result<bool> {
        self.store.revoke()
    }
}

/// The proof that the commands of `project` may run; refuses, with status 3, and says what to type. `needs` is what
/// cannot be done without: `run the gates`.
pub fn require(project: &Project, given: &Given, needs: &str) -> Result<Approved> {
    let trust = Trust::of(project)?;
    match trust.standing(given)? {
        Standing::Approved(approved) => Ok(approved),
        Standing::Asked(before) => {
            let commands = count(trust.commands.iter().count(), "command");
            let origin = escaped(trust.origin.as_bytes());
            let changed = if before.is_some() { " as they are now" } else { "" };
            let message = format!("nobody approved the {commands} of `{origin}`{changed}, which it takes to {needs}");
            let hint = "see and approve them with `tracks trust`; in CI with `--trust HASH`";
            Err(Failure::not_run(message).hint(hint).into())
        }
    }
}

impl Approved {
    /// The right to run `text`, which stands at `place`; `None` where that is not what was approved.
    pub fn permit<'a>(&self, place: &Place, text: &'a str) -> Option<Permit<'a>> {
        self.0.holds(&place.name(), text).then_some(Permit(text))
    }
}
