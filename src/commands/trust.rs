//! `tracks trust`: shows what `tracks.toml` would run, and lets it run once somebody has said so.

use anyhow::Result;
use clap::Args;

use super::Ending;
use super::session::Session;
use crate::engine::project::Project;
use crate::engine::trust::{Standing, Trust, approvals};
use crate::model::Failure;
use crate::model::text::count;
use crate::policy::trust::{Command, Commands};
use crate::report::model::{Approval, Command as Shown, Trust as Model};
use crate::report::{Details, Format, Report, render};

/// See and approve the commands that tracks.toml names, which run nowhere before that
///
/// An approval is for this repository, this user and this exact text: whatever changes is asked about again. It is kept
/// outside the repository. In CI, `--trust HASH` or the variable TRACKS_TRUST approves the text with that hash for one
/// run.
#[derive(Args)]
pub struct TrustArgs {
    /// Approve without asking
    #[arg(long, conflicts_with_all = ["revoke", "list"])]
    yes: bool,
    /// Take the approval for this repository back
    #[arg(long, conflicts_with = "list")]
    revoke: bool,
    /// List what you approved, in every repository
    #[arg(long)]
    list: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

/// Runs it.
pub fn run(session: &Session, args: &TrustArgs) -> Result<Ending> {
    if args.list {
        return list(session);
    }
    let project = Project::open(&session.repo()?)?;
    let trust = Trust::of(&project)?;
    if args.revoke {
        return revoke(session, &trust, args);
    }
    let before = match trust.standing(&session.trust)? {
        // Given from outside for this run alone, it is still to be approved for the next.
        Standing::Approved(_) if trust.is_kept()? => {
            return answer(session, &model(&trust, None, true));
        }
        Standing::Approved(_) => None,
        Standing::Asked(before) => before,
    };
    let asked = model(&trust, before.as_ref(), false);
    if !args.dry_run && !trust.commands.is_empty() {
        if !args.yes {
            ask(session, &asked)?;
        }
        trust.approve()?;
        return answer(session, &Model { approved: true, ..asked });
    }
    answer(session, &asked)
}

/// Shows what is asked about and waits for yes; refuses where nobody is there to say it.
fn ask(session: &Session, asked: &Model) -> Result<()> {
    let report = Report { trust: Some(asked.clone()), ..Report::new("trust") };
    session.terminal.show(&render(&report, &Details::default(), Format::Text, session.terminal.width()));
    let number = count(asked.commands.len(), "command");
    match session.terminal.ask(&format!("let {number} run, here and in every track?")) {
        Some(true) => Ok(()),
        Some(false) => Err(Failure::not_run("nothing is approved").into()),
        None => {
            let failure = Failure::not_run("there is no terminal to ask on, so nothing is approved");
            Err(failure.hint("once you have read them: `tracks trust --yes`, or `--trust HASH` for one run").into())
        }
    }
}

fn revoke(session: &Session, trust: &Trust, args: &TrustArgs) -> Result<Ending> {
    let had = if args.dry_run { trust.is_kept()? } else { trust.revoke()? };
    let said = match (had, args.dry_run) {
        (true, true) => "would take the approval back",
        (true, false) => "the approval is taken back",
        (false, _) => "nothing was approved here",
    };
    session.terminal.narrate(&format!("tracks: {said}"));
    answer(session, &model(trust, None, args.dry_run && had))
}

fn list(session: &Session) -> Result<Ending> {
    let shown = |it: crate::engine::trust::Approval| Approval {
        repository: it.repository,
        hash: it.hash,
        commands: it.commands,
        present: it.present,
    };
    let found = approvals()?.into_iter().map(shown).collect();
    session.print(&Report { approvals: Some(found), ..Report::new("trust") }, &Details::default())?;
    Ok(Ending::Clean)
}

fn answer(session: &Session, trust: &Model) -> Result<Ending> {
    session.print(&Report { trust: Some(trust.clone()), ..Report::new("trust") }, &Details::default())?;
    Ok(Ending::Clean)
}

fn model(trust: &Trust, before: Option<&Commands>, approved: bool) -> Model {
    let lacks =
        |commands: Option<&Commands>, it: &Command| commands.is_none_or(|them| !them.holds(&it.place, &it.text));
    let shown = |it: &Command, new| Shown { place: it.place.clone(), text: it.text.clone(), new };
    let gone = before.into_iter().flat_map(Commands::iter).filter(|it| lacks(Some(&trust.commands), it));
    Model {
        origin: trust.origin.clone(),
        hash: trust.commands.hash(),
        approved,
        gone: gone.map(|it| shown(it, false)).collect(),
        commands: trust.commands.iter().map(|it| shown(it, !approved && lacks(before, it))).collect(),
    }
}
