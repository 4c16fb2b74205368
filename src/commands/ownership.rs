//! The rest of `tracks owner`: what is odd about who owns what, CODEOWNERS read in, and paths that change hands.

use anyhow::Result;

use super::Ending;
use super::owner::Sources;
use super::session::{FailOn, Session};
use super::steps::{self, Mode};
use crate::engine::journal;
use crate::engine::owning;
use crate::engine::project::{FILE, Project};
use crate::engine::worktrees::{Step, declare};
use crate::git::Scratch;
use crate::host::files;
use crate::model::text::escaped;
use crate::model::{Failure, TrackId};
use crate::policy::codeowners::import::{Forge, import, written};
use crate::policy::config::give::{Taking, give};
use crate::policy::ownership::Ownership;
use crate::policy::ownership::lint::lint;
use crate::report::model::{Lint, LintPattern, Overlap, Unowned, repo_path};
use crate::report::{Details, Report};

/// Says what is odd. A pattern that is dead and an overlap are warnings.
pub fn look(session: &Session, fail_on: FailOn) -> Result<Ending> {
    let repo = session.repo()?;
    let project = Project::open(&repo)?;
    let scratch = Scratch::new(&repo)?;
    let ownership = Ownership::new(&project.config, &project.uncommitted)?;
    let files = owning::files(&project, &scratch)?;
    let found = lint(&ownership, &files);
    let sources = Sources::new(&project);
    let pattern = |key: &str, track: Option<String>, pattern: &str| LintPattern {
        track,
        pattern: pattern.to_owned(),
        source: sources.of_key(key),
    };
    let overlaps = found.overlaps.iter().map(|overlap| {
        let (example, example_bytes) = repo_path(&overlap.example);
        let patterns = overlap.patterns.iter().map(|(key, track, text)| pattern(key, Some(track.clone()), text));
        Overlap { patterns: patterns.collect(), example, example_bytes, files: overlap.files }
    });
    let unowned = found.unowned.iter().map(|(folder, files)| {
        let (folder, folder_bytes) = folder.as_ref().map(repo_path).unzip();
        Unowned { folder, folder_bytes: folder_bytes.flatten(), files: *files }
    });
    let lint = Lint {
        files: found.files,
        dead: found.dead.iter().map(|dead| pattern(&dead.key, None, dead.pattern)).collect(),
        overlaps: overlaps.collect(),
        unowned: unowned.collect(),
    };
    let odd = !lint.dead.is_empty() || !lint.overlaps.is_empty();
    let report = Report { lint: Some(lint), ..Report::new("owner") };
    session.print(&report, &Details::default())?;
    Ok(if odd && !matches!(fail_on, FailOn::Error) { Ending::Findings } else { Ending::Clean })
}

/// Prints tables for `tracks.toml`.
pub fn read_in(session: &Session) -> Result<Ending> {
    let repo = session.repo()?;
    let project = Project::survey(&repo)?;
    let scratch = Scratch::new(&repo)?;
    let (path, text) = owning::codeowners(&project, &scratch)?;
    let imported = import(&text, Forge::of(path, &text));
    session.terminal.answer(&written(&imported, path))?;
    for (line, note) in &imported.notes {
        session.terminal.narrate(&format!("{path}:{line} {note}"));
    }
    Ok(Ending::Clean)
}

/// Gives a pattern to a track, and takes it from whoever has it.
pub fn hand_over(session: &Session, glob: &str, to: &str, mode: Mode) -> Result<Ending> {
    let repo = session.repo()?;
    let command = format!("owner --give {} --to {}", escaped(glob.as_bytes()), escaped(to.as_bytes()));
    let journal = (mode == Mode::Done).then(|| session.journal(&repo, &command)).transpose()?;
    let project = Project::open(&repo)?;
    let scratch = Scratch::new(&repo)?;
    let path = declare::home(&project)?;
    let to: TrackId = project.track(to)?.id.clone();
    let Some(text) = &project.copies.in_main else {
        let failure = Failure::usage(format!("the main worktree has no `{FILE}` to edit"));
        return Err(failure.hint(format!("bring it back with `git restore {FILE}`")).into());
    };
    let files = owning::files(&project, &scratch)?;
    let from = owning::taken_from(&project, &files, glob, &to)?;
    let judged = project.config.tracks.get(to.as_str()).is_some_and(|table| table.owns.is_some());
    let edited = give(text, glob, &to, &from)?;
    let mut steps: Vec<Step> = from.iter().map(|(id, taking)| taken(id, glob, *taking)).collect();
    steps.push(Step::new("add", format!("`{glob}`")).detail(format!("to tracks.{to}.owns")));
    if let Some(journal) = &journal {
        let change = journal::file(&repo.objects()?, &path, Some((edited.as_bytes(), None)))?;
        journal.carry_out(vec![change], || files::write(&path, edited.as_bytes()))?;
    }
    steps::answer(session, "owner", steps, mode)?;
    if !judged {
        session
            .terminal
            .narrate(&format!("`{to}` had no `owns`: from now on it is judged for what it changes elsewhere"));
    }
    if mode == Mode::Done {
        steps::next(session, &steps::commit(&project, &format!("Give {to} what it works on")));
    }
    Ok(Ending::Clean)
}

fn taken(id: &TrackId, glob: &str, taking: Taking) -> Step {
    match taking {
        Taking::Remove => Step::new("remove", format!("`{glob}`")).detail(format!("from tracks.{id}.owns")),
        Taking::Except => Step::new("add", format!("`!{glob}`")).detail(format!("to tracks.{id}.owns")),
    }
}
