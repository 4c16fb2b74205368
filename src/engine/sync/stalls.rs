//! What moves in tracks: when a track last did anything, be it a commit, a file or a note, and what that comes to. Nothing
//! is written.

use std::path::{Path, PathBuf};

use anyhow::Result;
use bstr::ByteSlice;

use crate::engine::landed::Landing;
use crate::engine::notes::Notes;
use crate::engine::outcome::{State, TrackStatus};
use crate::engine::project::Project;
use crate::git::{reflog, status};
use crate::host::files;
use crate::model::text::count;
use crate::model::{Finding, Rule, Severity, Track};
use crate::policy::config;

/// When anything last moved in a track, in seconds since 1970: its branch or what its worktree has checked out, a note, and,
/// where none of these did since `since`, a file that is not committed. `None` where nothing is known of it.
pub(super) fn last_moved(project: &Project, notes: &Notes, track: &Track, since: i64) -> Option<i64> {
    let worktree = project.worktree_of(&track.branch).filter(|worktree| worktree.present);
    let git_dir = worktree.and_then(|worktree| worktree.git_dir.as_deref());
    let last = |moves: Vec<reflog::Moved>| moves.last().map(|moved| moved.time);
    let moves = [
        last(reflog::of_branch(&project.repo, &track.branch.full())),
        git_dir.and_then(|git_dir| last(reflog::of_head(git_dir))),
        notes.of(&track.id).iter().map(|note| note.time).max(),
    ];
    let moved = moves.into_iter().flatten().max();
    match worktree {
        Some(worktree) if moved.is_none_or(|moved| moved < since) => moved.max(last_written(project, &worktree.path)),
        _ => moved,
    }
}

/// When the youngest file of a worktree was written that is not committed as it is.
fn last_written(project: &Project, worktree: &Path) -> Option<i64> {
    let nested: Vec<PathBuf> = project.worktrees.iter().map(|other| other.path.clone()).collect();
    let nested: Vec<PathBuf> = nested.into_iter().filter(|path| path != worktree).collect();
    let status = status::read(worktree, &nested).ok()?;
    let written = status.files.iter().filter_map(|file| {
        let path = worktree.join(file.path.as_bstr().to_os_str_lossy());
        // A file that was deleted changed its folder.
        files::written(&path).or_else(|| files::written(path.parent()?)).map(|(time, _)| time)
    });
    written.max()
}

/// After how many seconds a track counts as stalled, with how that is written; `None` where nothing says so.
pub(super) fn allowed<'a>(project: &'a Project, track: &Track) -> Option<(i64, &'a str)> {
    let own = project.config.tracks.get(track.id.as_str()).and_then(|table| table.stalled_after.as_deref());
    let text = own.or(project.config.sync.stalled_after.as_deref())?;
    Some((i64::try_from(config::duration(text)?.as_secs()).ok()?, text))
}

/// What there is to say about tracks that do not move, lag, or have parted from what they follow.
pub(super) fn findings(project: &Project, tracks: &[TrackStatus], now: i64) -> Result<Vec<Finding>> {
    let open = || tracks.iter().filter(|status| status.track.tip.is_some() && status.landing != Some(Landing::Landed));
    let mut found: Vec<Finding> = open().filter_map(|status| stalled(project, status, now)).collect();
    let branches: Vec<String> = open().map(|status| status.track.branch.full()).collect();
    for following in project.repo.following(&branches)?.iter().filter(|it| it.ahead > 0 && it.behind > 0) {
        let Some(status) = open().find(|status| status.track.branch.full() == following.branch) else { continue };
        let (branch, upstream, id) = (&status.track.branch, &following.upstream, &status.track.id);
        let (here, there) = (count(following.ahead, "commit"), count(following.behind, "commit"));
        let message = format!("`{branch}` and `{upstream}` have parted: {here} only here, {there} only there");
        let cure = format!("join them: `git -C \"$(tracks path {id})\" pull --rebase`");
        found.push(finding("track.diverged", Severity::Warning, status, (message, cure)));
    }
    Ok(found)
}

/// Whoever waits for others, or has said that it is ready, is not to blame for standing still.
pub(super) fn is_waiting(status: &TrackStatus) -> bool {
    !status.blocked_by.is_empty() || status.ready_since.is_some()
}

fn stalled(project: &Project, status: &TrackStatus, now: i64) -> Option<Finding> {
    let (seconds, written) = allowed(project, &status.track)?;
    let still = now.saturating_sub(status.last_moved?);
    if still < seconds || is_waiting(status) || status.state == State::Missing {
        return None;
    }
    let hours = still / 3600;
    let time = match hours {
        0 => count(usize::try_from(still / 60).unwrap_or(0), "minute"),
        1..48 => count(usize::try_from(hours).unwrap_or(0), "hour"),
        _ => count(usize::try_from(hours / 24).unwrap_or(0), "day"),
    };
    let who = status.agent.as_deref().map_or("whoever works on it".to_owned(), |agent| format!("`{agent}`"));
    let message = format!("neither a commit nor a file has moved for {time}, where `{written}` is allowed");
    let id = &status.track.id;
    let cure = format!("ask {who}, or say what it waits for: `tracks note {id} --blocked-by WHAT`");
    Some(finding("track.stalled", Severity::Warning, status, (message, cure)))
}

fn finding(rule: &'static str, severity: Severity, status: &TrackStatus, (message, cure): (String, String)) -> Finding {
    let tracks = vec![status.track.id.clone()];
    Finding { rule: Rule::fixed(rule), severity, tracks, path: None, lines: Vec::new(), message, cure }
}
