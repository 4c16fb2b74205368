//! Verdicts turned into findings: one for each kind of conflict, path and pair; and what could not be judged.

use super::outcome::{HeldOut, SideName, Target};
use super::worktrees::typed;
use crate::git::objects::{FETCH, is_missing};
use crate::model::text::list;
use crate::model::{
    Checkout, Conflict, ConflictKind, Finding, LineRange, PairVerdict, Rule, Severity, Track, TrackId, Verdict,
};
use crate::policy::regenerate::Regenerated;
use crate::policy::rules::Unread;

/// The findings of pair verdicts. Sides are in landing order, the target first: of two tracks the later one must act,
/// since it will meet what the earlier one landed. What is made again where it collides is no error.
pub fn of_pairs(
    (target, regenerated): (&Target, &Regenerated),
    sides: &[SideName],
    pairs: &[PairVerdict],
) -> Vec<Finding> {
    let of_pair = |pair: &PairVerdict| {
        let found = of_pair(target, &sides[pair.ours].name, &sides[pair.theirs].name, pair);
        match regenerated.settles(pair.verdict.conflicts()) {
            true => found.into_iter().map(regenerable).collect(),
            false => found,
        }
    };
    pairs.iter().flat_map(of_pair).collect()
}

fn regenerable(finding: Finding) -> Finding {
    Finding {
        rule: Rule::fixed("conflict.regenerable"),
        severity: Severity::Warning,
        message: format!("{}; it is made again by a command", finding.message),
        cure: "none is needed once `tracks trust` approved the command: `sync` and `land` run it".into(),
        ..finding
    }
}

/// The findings of tracks that are held out though what conflicts could be made again: it was not, or not approved.
pub fn of_held_out(target: &Target, regenerated: &Regenerated, held_out: &[HeldOut]) -> Vec<Finding> {
    let held_out = held_out.iter().filter(|held| regenerated.settles(&held.conflicts));
    let of_one = |held: &HeldOut| {
        let tracks = [vec![held.track.clone()], held.because_of.clone()].concat();
        let ours = held.because_of.first().map_or(target.name.as_str(), TrackId::as_str).to_owned();
        let one = |conflict: &Conflict| Finding {
            message: format!("`{}` conflicts, and was not made again", conflict.path),
            cure: "approve the command with `tracks trust`, and see why it fails".into(),
            ..finding(target, (&ours, held.track.as_str()), &tracks, conflict)
        };
        held.conflicts.iter().map(one).collect::<Vec<Finding>>()
    };
    held_out.flat_map(of_one).collect()
}

/// The same for a track whose worktree may be what cannot be read.
pub fn unreadable_track(track: &Track, reason: &str) -> Finding {
    let finding = unreadable(&track.id, reason);
    match &track.checkout {
        _ if is_missing(reason) => finding,
        Checkout::Unusable(_) => {
            Finding { cure: format!("mend it with `git worktree repair {}`", typed(&track.worktree)), ..finding }
        }
        _ => finding,
    }
}

/// The finding for a track that could not be read; its pairs are all unknown for that one reason.
pub fn unreadable(track: &TrackId, reason: &str) -> Finding {
    Finding {
        rule: Rule::fixed("conflict.unknown"),
        severity: Severity::Error,
        tracks: vec![track.clone()],
        path: None,
        lines: Vec::new(),
        message: format!("cannot be judged: {reason}"),
        cure: match is_missing(reason) {
            true => FETCH.to_owned(),
            false => format!(
                "see what is there with `git -C \"$(tracks path {track})\" status`, or judge commits alone with `--committed`"
            ),
        },
    }
}

/// The finding for a changed file that the rules about lines could not look into.
pub fn unread(file: &Unread) -> Finding {
    Finding {
        rule: Rule::fixed("pattern.conflict-marker"),
        severity: Severity::Warning,
        tracks: vec![file.track.clone()],
        path: Some(file.path.clone()),
        lines: Vec::new(),
        message: "could not be looked into: it is larger than 8 MiB, or cannot be read".into(),
        cure: "look for left conflict markers in it by hand".into(),
    }
}

fn of_pair(target: &Target, ours: &str, theirs: &str, pair: &PairVerdict) -> Vec<Finding> {
    let tracks: Vec<TrackId> = [theirs, ours]
        .into_iter()
        .filter(|name| *name != target.name)
        .filter_map(|name| TrackId::new(name).ok())
        .collect();
    match &pair.verdict {
        Verdict::Disjoint | Verdict::Clean => Vec::new(),
        Verdict::Conflict(conflicts) => conflicts.iter().map(|c| finding(target, (ours, theirs), &tracks, c)).collect(),
        Verdict::Unknown(reason) => vec![Finding {
            rule: Rule::fixed("conflict.unknown"),
            severity: Severity::Error,
            tracks,
            path: None,
            lines: Vec::new(),
            message: format!("merging `{theirs}` into `{ours}` could not be tried: {reason}"),
            cure: format!("try it by hand with `git merge-tree --write-tree`, or see `tracks show {ours} {theirs}`"),
        }],
    }
}

fn finding(target: &Target, (ours, theirs): (&str, &str), tracks: &[TrackId], conflict: &Conflict) -> Finding {
    let lines: Vec<LineRange> = conflict.hunks.iter().map(|hunk| hunk.theirs_lines).collect();
    let cure = match ours == target.name {
        true => format!("bring it up to date: `git -C \"$(tracks path {theirs})\" merge {ours}`"),
        false => format!("agree who changes it; look at both sides with `tracks show {ours} {theirs}`"),
    };
    Finding {
        rule: rule(conflict.kind),
        severity: Severity::Error,
        tracks: tracks.to_vec(),
        path: Some(conflict.path.clone()),
        lines,
        message: message(ours, theirs, conflict),
        cure,
    }
}

fn message(ours: &str, theirs: &str, conflict: &Conflict) -> String {
    let what = match conflict.kind {
        ConflictKind::Content => "both changed the same lines",
        ConflictKind::AddAdd => "both added this file, with different content",
        ConflictKind::ModifyDelete => "one changed what the other deleted",
        ConflictKind::RenameRename => "both renamed it, differently",
        ConflictKind::RenameDelete => "one renamed what the other deleted",
        ConflictKind::RenameAdd => "one renamed a file to a name that the other uses",
        ConflictKind::DirectoryRename => "one renamed a folder that the other added to",
        ConflictKind::FileDirectory => "one has a folder where the other has a file",
        ConflictKind::Mode => "they made it different kinds of entry",
        ConflictKind::Binary => "both changed this binary file",
        ConflictKind::Submodule => "they moved this submodule to different commits",
        ConflictKind::Symlink => "both changed this link",
    };
    let places: Vec<String> = conflict
        .hunks
        .iter()
        .map(|hunk| format!("{} against {}", span(hunk.ours_lines), span(hunk.theirs_lines)))
        .collect();
    let places = if places.is_empty() { String::new() } else { format!(" (lines {})", list(&places)) };
    format!("`{ours}` and `{theirs}`: {what}{places}")
}

fn span(lines: LineRange) -> String {
    match lines.last.checked_sub(lines.first) {
        None => format!("before {}", lines.first),
        Some(0) => lines.first.to_string(),
        Some(_) => format!("{}–{}", lines.first, lines.last),
    }
}

fn rule(kind: ConflictKind) -> Rule {
    Rule(format!("conflict.{}", kind.name()).into())
}
