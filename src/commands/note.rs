//! `tracks note`: what there is to say about a track, kept where it travels with the repository.

use anyhow::Result;
use clap::Args;

use super::Ending;
use super::session::Session;
use super::steps::{self, Mode};
use crate::engine::notes::{self, Notes, Plan, Wish};
use crate::engine::project::Project;
use crate::engine::worktrees::Step;
use crate::git::{Repo, repo::Start};
use crate::host::{clock, files};
use crate::model::text::count;
use crate::model::{Failure, Note, NoteKind, Obstacle, Track};
use crate::report::{Details, Report, model};

/// Say that a track is ready or blocked, what was decided, or anything else; without options, show what was said
///
/// Notes are kept as commits under refs/tracks/notes, one line of them a track, so that they travel through a remote; what
/// two machines said is joined, and nothing of it is lost. A track is ready as it is: with its next commit it no longer is.
/// It has to have, committed, what `delivers` in tracks.toml says. A track that somebody said to be blocked does not land
/// until the track named has landed, the contract is on the target, or somebody says that it is no longer in the way.
#[derive(Args)]
pub struct NoteArgs {
    /// The track; when not given, the one whose worktree this is; to show, else all
    #[arg(value_name = "TRACK")]
    track: Option<String>,
    /// It is ready to land as it is
    #[arg(long, group = "end")]
    ready: bool,
    /// It cannot land because of a track, of `contract:NAME`, or of anything else in more than one word
    #[arg(long, group = "end", value_name = "WHAT")]
    blocked_by: Option<String>,
    /// That no longer stands in its way: as it was named then, or the beginning of that note's id
    #[arg(long, group = "end", value_name = "WHAT")]
    unblock: Option<String>,
    /// This was decided
    #[arg(long, group = "end", value_name = "TEXT")]
    decision: Option<String>,
    /// What else there is to say
    #[arg(short, long, value_name = "TEXT")]
    message: Option<String>,
    /// Take in the notes on all tracks that a remote has, and let it have those that are here
    #[arg(long, value_name = "REMOTE")]
    share: Option<String>,
    /// Say what would be noted, and note nothing
    #[arg(long, conflicts_with = "share")]
    dry_run: bool,
}

/// Runs it.
pub fn run(session: &Session, args: &NoteArgs) -> Result<Ending> {
    let repo = session.repo()?;
    match (wish(args), &args.share) {
        (None, None) => show(session, &repo, args),
        (wish, share) => say(session, &repo, args, (wish, share.as_deref())),
    }
}

fn wish(args: &NoteArgs) -> Option<Wish> {
    match args {
        NoteArgs { ready: true, .. } => Some(Wish::Ready),
        NoteArgs { blocked_by: Some(what), .. } => Some(Wish::Blocked(what.clone())),
        NoteArgs { unblock: Some(what), .. } => Some(Wish::Unblocked(what.clone())),
        NoteArgs { decision: Some(what), .. } => Some(Wish::Decision(what.clone())),
        NoteArgs { message: Some(_), .. } => Some(Wish::Plain),
        _ => None,
    }
}

fn say(
    session: &Session,
    repo: &Repo,
    args: &NoteArgs,
    (wish, remote): (Option<Wish>, Option<&str>),
) -> Result<Ending> {
    let mode = Mode::of(args.dry_run);
    let journal = (mode == Mode::Done).then(|| session.journal(repo, "note")).transpose()?;
    let project = Project::open(repo)?;
    let mut done = Vec::new();
    if let Some(wish) = wish {
        let track = named(session, &project, args)?;
        let text = args.message.as_deref().unwrap_or_default();
        let all = Notes::load(&project, &repo.objects()?);
        let plan = Plan::of(&project, &all, track, (&wish, text))?;
        if let Some(journal) = &journal {
            plan.carry_out(&project, journal)?;
        }
        done.push(Step::new("note", format!("track {}", track.id)).detail(detail(&plan.kind, text)));
        if wish == Wish::Ready {
            warn_of_uncommitted(session, &project, track);
        }
    }
    if let (Some(remote), Some(journal)) = (remote, &journal) {
        let shared = notes::share(&project, journal, remote)?;
        let taken = shared.taken.iter().map(|(id, new)| {
            Step::new("take", format!("notes on track {id}"))
                .detail(format!("{} from {remote}", count(*new, "new note")))
        });
        let pushed = shared
            .pushed
            .iter()
            .map(|id| Step::new("push", format!("notes on track {id}")).detail(format!("to {remote}")));
        done.extend(taken.chain(pushed));
    }
    steps::answer(session, "note", done, mode)
}

fn detail(kind: &NoteKind, text: &str) -> String {
    match kind {
        NoteKind::Ready(tip) => format!("ready at {}", tip.short()),
        NoteKind::Blocked(what) => format!("blocked by {}", obstacle(what)),
        NoteKind::Unblocked(what) => format!("no longer blocked by {}", obstacle(what)),
        NoteKind::Decision(what) => format!("decided: {what}"),
        NoteKind::Plain => text.lines().next().unwrap_or_default().to_owned(),
    }
}

fn obstacle(what: &Obstacle) -> String {
    match what {
        Obstacle::Words(words) => words.clone(),
        other => format!("{} {}", other.kind(), other.what()),
    }
}

/// The track that was named, or whose worktree this is.
fn named<'a>(session: &Session, project: &'a Project, args: &NoteArgs) -> Result<&'a Track> {
    match (&args.track, here(session, project)) {
        (Some(id), _) => project.track(id),
        (None, Some(track)) => Ok(track),
        (None, None) => {
            let failure = Failure::usage("this is no worktree of a track, and none is named");
            Err(failure.hint("name it: `tracks note TRACK …`").into())
        }
    }
}

fn here<'a>(session: &Session, project: &'a Project) -> Option<&'a Track> {
    let folder = match &session.start {
        Start::Here => files::current_folder()?,
        Start::At(folder) => folder.clone(),
    };
    project.track_at(&folder)
}

/// What is not committed is no part of what is ready.
fn warn_of_uncommitted(session: &Session, project: &Project, track: &Track) {
    let Some(worktree) = project.worktree_of(&track.branch).filter(|worktree| worktree.present) else { return };
    let nested: Vec<_> = project.worktrees.iter().map(|worktree| worktree.path.clone()).collect();
    match crate::git::status::read(&worktree.path, &nested).map(|status| status.files.len()) {
        Ok(0) | Err(_) => {}
        Ok(files) => {
            let files = count(files, "file");
            session.terminal.narrate(&format!("not committed, and so no part of it: {files} of track {}", track.id));
        }
    }
}

fn show(session: &Session, repo: &Repo, args: &NoteArgs) -> Result<Ending> {
    let project = Project::open(repo)?;
    let all = Notes::load(&project, &repo.objects()?);
    let only = match &args.track {
        // Notes outlive their track.
        Some(id) if all.tracks().any(|track| track.as_str() == id) => Some(id.clone()),
        Some(id) => Some(project.track(id)?.id.to_string()),
        None => here(session, &project).map(|track| track.id.to_string()),
    };
    let mut notes = Vec::new();
    for id in all.tracks().filter(|id| only.as_deref().is_none_or(|only| only == id.as_str())) {
        notes.extend(all.of(id).iter().map(|note| (note.time, row(&project, &all, id.as_str(), note))));
    }
    // Those of one track are in their order already.
    if only.is_none() {
        notes.sort_by_key(|(time, _)| *time);
    }
    for (id, why) in &all.unread {
        session.terminal.narrate(&format!("the notes on track `{id}` cannot be read: {why}"));
    }
    let notes = Some(notes.into_iter().map(|(_, row)| row).collect());
    session.print(&Report { notes, ..Report::new("note") }, &Details::default())?;
    Ok(if all.unread.is_empty() { Ending::Clean } else { Ending::NotRun })
}

fn row(project: &Project, all: &Notes, id: &str, note: &Note) -> model::Note {
    let track = project.tracks.iter().find(|track| track.id.as_str() == id);
    let standing = track.map(|track| all.standing(&track.id)).unwrap_or_default();
    let (commit, by, decision, stands) = match &note.kind {
        NoteKind::Ready(tip) => {
            let last = standing.ready.is_some_and(|(ready, _)| ready == *tip);
            (Some(tip.to_string()), None, None, Some(last && track.and_then(|track| track.tip) == Some(*tip)))
        }
        NoteKind::Blocked(by) => (None, Some(by), None, Some(standing.blocks.iter().any(|block| block.by == *by))),
        NoteKind::Unblocked(by) => (None, Some(by), None, None),
        NoteKind::Decision(what) => (None, None, Some(what.clone()), None),
        NoteKind::Plain => (None, None, None, None),
    };
    model::Note {
        id: note.id.to_string(),
        track: id.to_owned(),
        kind: note.kind.name().to_owned(),
        time: Some(clock::written(note.time)),
        author: note.author.clone(),
        commit,
        by: by.map(|by| model::Obstacle { kind: by.kind().to_owned(), id: by.what().to_owned() }),
        decision,
        text: note.text.clone(),
        stands,
    }
}
