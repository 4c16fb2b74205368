//! Where a merge stops: path, kind, and the lines on both sides, read from what Git wrote.
//!
//! The lines come from the conflict markers in the merged file: with each conflict replaced by our part it is our file
//! but for clean changes of theirs, so that a line diff against our file says where each part stands in it; likewise for
//! theirs. A place found that way counts only if the lines there are those between the markers.

use std::ops::Range;

use anyhow::Result;
use bstr::ByteSlice;
use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::git::merge_tree::{Message, Stage, Stopped};
use crate::git::objects::Node;
use crate::git::{Objects, tree};
use crate::model::{BlobId, Conflict, ConflictKind, Entry, Hunk, LineRange, Mode, RepoPath};

/// More lines of one side of a hunk are not kept, only counted: nobody is shown more, and every pair has its own.
const KEPT: usize = 40;
/// Larger files are named, and their lines not looked for.
const LARGEST: u64 = 8 << 20;

/// The conflicts of a merge that stopped, ordered by path.
pub fn stopped(objects: &Objects, stopped: &Stopped) -> Result<Vec<Conflict>> {
    conflicts(objects, stopped, |path| tree::lookup(objects, stopped.tree, path))
}

/// The same; `merged` finds what the merged tree has at a path.
fn conflicts(
    objects: &Objects,
    stopped: &Stopped,
    merged: impl Fn(&RepoPath) -> Result<Option<Node>>,
) -> Result<Vec<Conflict>> {
    let mut found: Vec<(RepoPath, ConflictKind)> = Vec::new();
    for message in &stopped.messages {
        let Some(path) = message.paths.first() else { continue };
        let stages: Vec<&Stage> = stopped.stages.iter().filter(|stage| stage.path == *path).collect();
        found.extend(kind(&message.kind, &stages).map(|kind| (path.clone(), kind)));
    }
    if found.is_empty() {
        let paths = stopped.stages.iter().map(|stage| &stage.path);
        let paths = paths.chain(stopped.messages.iter().flat_map(|message| &message.paths));
        found.extend(paths.map(|path| (path.clone(), ConflictKind::Content)));
    }
    // Of a binary file or a submodule Git says two things, one of them only that the contents differ.
    let precise = |path: &RepoPath| {
        let kinds = [ConflictKind::Binary, ConflictKind::Submodule];
        found.iter().any(|(other, kind)| other == path && kinds.contains(kind))
    };
    let is_news = |(path, kind): &&(RepoPath, ConflictKind)| *kind != ConflictKind::Content || !precise(path);
    let explain = |(path, kind): (RepoPath, ConflictKind)| {
        let hunks = match merged(&path)? {
            Some(Node::Leaf(merged)) => hunks(objects, &path, stopped, merged)?,
            _ => Vec::new(),
        };
        Ok(Conflict { path: own_name(stopped, path), kind, hunks })
    };
    let mut conflicts = found.iter().filter(is_news).cloned().map(explain).collect::<Result<Vec<Conflict>>>()?;
    conflicts.sort_by(|a, b| (&a.path, a.kind, &a.hunks).cmp(&(&b.path, b.kind, &b.hunks)));
    conflicts.dedup();
    Ok(conflicts)
}

/// The name that a file has on its side, where Git puts it aside under another one, made of the side's commit id.
fn own_name(stopped: &Stopped, path: RepoPath) -> RepoPath {
    let aside = |message: &&Message| message.kind.ends_with("(file/directory)") && message.paths.first() == Some(&path);
    let names = stopped.messages.iter().find(aside).map(|message| &message.paths);
    names.and_then(|names| names.get(1)).cloned().unwrap_or(path)
}

/// The conflict in a content that was merged on its own, and came to be `merged`.
pub fn content(objects: &Objects, stopped: &Stopped, merged: Option<&Entry>) -> Result<(ConflictKind, Vec<Hunk>)> {
    let found = conflicts(objects, stopped, |_| Ok(merged.map(|entry| Node::Leaf(*entry))))?.into_iter().next();
    Ok(found.map_or((ConflictKind::Content, Vec::new()), |conflict| (conflict.kind, conflict.hunks)))
}

/// Reads the short type of a message, a stable text of Git's; `None` where it tells of no conflict.
fn kind(message: &str, stages: &[&Stage]) -> Option<ConflictKind> {
    let about = message.strip_prefix("CONFLICT")?.trim_start();
    let is_link = stages.iter().any(|stage| stage.entry.mode == Mode::Link);
    let has_base = stages.iter().any(|stage| stage.number == 1);
    Some(match about {
        "(contents)" if is_link => ConflictKind::Symlink,
        "(contents)" if !has_base && stages.len() > 1 => ConflictKind::AddAdd,
        "(contents)" => ConflictKind::Content,
        "(binary)" => ConflictKind::Binary,
        "(file/directory)" => ConflictKind::FileDirectory,
        "(distinct modes)" => ConflictKind::Mode,
        "(modify/delete)" => ConflictKind::ModifyDelete,
        "(rename/rename)" => ConflictKind::RenameRename,
        "(rename involved in collision)" => ConflictKind::RenameAdd,
        "(rename/delete)" => ConflictKind::RenameDelete,
        _ if about.contains("directory rename") => ConflictKind::DirectoryRename,
        _ if about.contains("submodule") => ConflictKind::Submodule,
        _ => ConflictKind::Content,
    })
}

fn hunks(objects: &Objects, path: &RepoPath, stopped: &Stopped, merged: Entry) -> Result<Vec<Hunk>> {
    let stage = |number| stopped.stages.iter().find(|s| s.number == number && s.path == *path).map(|s| s.entry);
    let (Some(ours), Some(theirs)) = (stage(2), stage(3)) else { return Ok(Vec::new()) };
    if ![ours, theirs, merged].iter().all(|entry| entry.mode.is_file()) {
        return Ok(Vec::new());
    }
    let read = |id: BlobId| objects.blob(id, LARGEST);
    let (Some(ours), Some(theirs), Some(merged)) = (read(ours.id)?, read(theirs.id)?, read(merged.id)?) else {
        return Ok(Vec::new());
    };
    let (ours, theirs, merged) = (lines(&ours), lines(&theirs), lines(&merged));
    let parts = marked(&merged, &ours, &theirs);
    let (ours, theirs) = (locate(&ours, &parts, Which::Ours), locate(&theirs, &parts, Which::Theirs));
    let (Some(ours), Some(theirs)) = (ours, theirs) else { return Ok(Vec::new()) };
    let hunk = |((ours_lines, ours), (theirs_lines, theirs))| Hunk { ours_lines, theirs_lines, ours, theirs };
    Ok(ours.into_iter().zip(theirs).map(hunk).collect())
}

/// Lines with their ends.
fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.lines_with_terminator().collect()
}

/// A stretch of a merged file.
enum Part<'a> {
    Common(Vec<&'a [u8]>),
    Conflict { ours: Vec<&'a [u8]>, theirs: Vec<&'a [u8]> },
}

#[derive(Clone, Copy, PartialEq)]
enum Which {
    Ours,
    Theirs,
}

/// Cuts a merged file at the markers that Git wrote into it: those labelled with an id.
fn marked<'a>(lines: &[&'a [u8]], ours: &[&[u8]], theirs: &[&[u8]]) -> Vec<Part<'a>> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while at < lines.len() {
        let body = labelled(lines[at], b'<').and_then(|size| {
            let length = lines[at + 1..].iter().position(|line| labelled(line, b'>') == Some(size))?;
            Some((size, at + 1..at + 1 + length))
        });
        let Some((size, body)) = body else {
            at += 1;
            continue;
        };
        let around = [lines[start..at].last().copied(), lines.get(body.end + 1).copied()];
        parts.push(Part::Common(lines[start..at].to_vec()));
        (start, at) = (body.end + 1, body.end + 1);
        parts.push(halves(&lines[body], size, around, [ours, theirs]));
    }
    parts.push(Part::Common(lines[start..].to_vec()));
    parts
}

/// Cuts a conflict in two. The line between has no label, and a file may hold lines that look like it, or like the one
/// above the base's part. The right ones leave lines of our file above and of theirs below, each between the lines
/// `around` the conflict: next to it both files are alike, or end.
fn halves<'a>(body: &[&'a [u8]], size: usize, around: [Option<&[u8]>; 2], files: [&[&[u8]]; 2]) -> Part<'a> {
    let middles = (0..body.len()).filter(|at| is_middle(body[*at], size));
    let cuts: Vec<(usize, usize)> = middles
        .flat_map(|middle| {
            let bases = (0..middle).filter(|at| run(body[*at], b'|') == size);
            std::iter::once(middle).chain(bases).map(move |end| (end, middle))
        })
        .collect();
    let is_in = |file: &[&[u8]], part: &[&[u8]]| {
        (0..=file.len()).any(|start| {
            let above = start.checked_sub(1).map(|above| file[above]);
            let below = file.get(start + part.len()).copied();
            [above, below] == around && stands_at(file, start, part)
        })
    };
    let fits = |(end, middle): &&(usize, usize)| is_in(files[0], &body[..*end]) && is_in(files[1], &body[middle + 1..]);
    let (end, middle) = *cuts.iter().find(fits).or(cuts.first()).unwrap_or(&(body.len(), body.len()));
    let below = body.get(middle + 1..).unwrap_or_default();
    Part::Conflict { ours: body[..end].to_vec(), theirs: below.to_vec() }
}

/// Whether `part` is what the file holds from `start` on; a last line that is not ended has an end between markers.
fn stands_at(file: &[&[u8]], start: usize, part: &[&[u8]]) -> bool {
    let is = |line: &[u8], marked: &[u8]| {
        let ended = || [&b"\n"[..], b"\r\n"].iter().any(|end| marked.strip_suffix(*end) == Some(line));
        line == marked || !line.ends_with(b"\n") && ended()
    };
    let found = file.get(start..start + part.len());
    found.is_some_and(|found| found.iter().zip(part).all(|(line, marked)| is(line, marked)))
}

fn run(line: &[u8], mark: u8) -> usize {
    line.iter().take_while(|byte| **byte == mark).count()
}

fn is_middle(line: &[u8], size: usize) -> bool {
    run(line, b'=') == size && line[size..].trim_ascii().is_empty()
}

/// The length of a marker whose label begins with an object id.
fn labelled(line: &[u8], mark: u8) -> Option<usize> {
    let width = run(line, mark);
    let label = line[width..].strip_prefix(b" ")?;
    let digits = label.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    (width > 0 && digits >= 40).then_some(width)
}

/// Where each conflict's lines stand in one side's file, and those lines as the file has them; `None` where they are not
/// all in it.
fn locate(file: &[&[u8]], parts: &[Part], which: Which) -> Option<Vec<(LineRange, Vec<Vec<u8>>)>> {
    let (resolved, places) = with_side(parts, which);
    // Git may have changed the line ends before it merged.
    let found =
        find(file, &resolved, &places).or_else(|| find(&without_ends(file), &without_ends(&resolved), &places))?;
    let place = |(place, start): (Range<usize>, usize)| {
        let end = start + place.len();
        let lines = file[start..end].iter().take(KEPT).map(|line| line.to_vec()).collect();
        (LineRange { first: start as u32 + 1, last: end as u32 }, lines)
    };
    Some(places.into_iter().zip(found).map(place).collect())
}

/// The merged file with one side's lines for each conflict, and the places of these lines in it.
fn with_side<'a>(parts: &[Part<'a>], which: Which) -> (Vec<&'a [u8]>, Vec<Range<usize>>) {
    let mut resolved: Vec<&[u8]> = Vec::new();
    let mut places = Vec::new();
    for part in parts {
        let lines = match part {
            Part::Common(lines) => lines,
            Part::Conflict { ours, theirs } => {
                let lines = if which == Which::Ours { ours } else { theirs };
                places.push(resolved.len()..resolved.len() + lines.len());
                lines
            }
        };
        resolved.extend(lines);
    }
    (resolved, places)
}

/// Where the lines of each place stand in the file.
fn find(file: &[&[u8]], resolved: &[&[u8]], places: &[Range<usize>]) -> Option<Vec<usize>> {
    let ops = capture_diff_slices(Algorithm::Myers, file, resolved);
    let mut from = 0;
    let start = |place: &Range<usize>| {
        let guess = place_in_old(&ops, place.start);
        let is_there = |start: usize| stands_at(file, start, &resolved[place.clone()]);
        let start = if is_there(guess) { guess } else { (from..file.len()).find(|start| is_there(*start))? };
        from = start + place.len();
        Some(start)
    };
    places.iter().map(start).collect()
}

fn without_ends<'a>(lines: &[&'a [u8]]) -> Vec<&'a [u8]> {
    let bare = |line: &&'a [u8]| {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        line.strip_suffix(b"\r").unwrap_or(line)
    };
    lines.iter().map(bare).collect()
}

/// The place in the old list that corresponds to a place in the new one.
fn place_in_old(ops: &[DiffOp], new: usize) -> usize {
    for op in ops {
        let (old_range, new_range) = (op.old_range(), op.new_range());
        if new_range.contains(&new) {
            return match op {
                DiffOp::Equal { .. } => old_range.start + (new - new_range.start),
                _ => old_range.start,
            };
        }
    }
    ops.last().map_or(0, |op| op.old_range().end)
}

#[cfg(test)]
mod tests {
    use super::{Which, lines, locate, marked};
    use crate::model::LineRange;

    const ID: &str = "f00c965d8307308469e537302baa73048488f162";

    /// What `locate` finds in ours and in theirs.
    fn places(merged: &str, ours: &str, theirs: &str) -> [Vec<LineRange>; 2] {
        let (merged, ours, theirs) = (lines(merged.as_bytes()), lines(ours.as_bytes()), lines(theirs.as_bytes()));
        let parts = marked(&merged, &ours, &theirs);
        [(ours, Which::Ours), (theirs, Which::Theirs)].map(|(file, which)| {
            locate(&file, &parts, which).expect("all are there").into_iter().map(|(range, _)| range).collect()
        })
    }

    fn one(first: u32, last: u32) -> Vec<LineRange> {
        vec![LineRange { first, last }]
    }

    #[test]
    fn the_lines_between_the_markers_are_found_in_both_files() {
        let merged = format!("theirs added\n1\n<<<<<<< {ID}\ntwo\n=======\nTWO\n2b\n>>>>>>> {ID}\n3\n");
        let found = places(&merged, "1\ntwo\n3\n", "theirs added\n1\nTWO\n2b\n3\n");
        assert_eq!(found, [one(2, 2), one(3, 4)]);
    }

    #[test]
    fn an_empty_side_has_a_place_and_no_lines() {
        let merged = format!("1\n<<<<<<< {ID}\n=======\nTWO\n>>>>>>> {ID}\n3\n");
        assert_eq!(places(&merged, "1\n3\n", "1\nTWO\n3\n"), [one(2, 1), one(2, 2)]);
    }

    #[test]
    fn markers_that_belong_to_the_content_are_content() {
        let before = "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> x\n";
        let merged = format!("{before}<<<<<<< {ID}\nc\n=======\nd\n>>>>>>> {ID}\n");
        assert_eq!(places(&merged, &format!("{before}c\n"), &format!("{before}d\n")), [one(6, 6), one(6, 6)]);
    }

    #[test]
    fn a_line_that_looks_like_the_one_between_the_sides_is_content() {
        let merged = format!("<<<<<<< {ID}\na\n=======\nb\n=======\nc\n=======\nd\n>>>>>>> {ID}\n");
        assert_eq!(places(&merged, "a\n=======\nb\n", "c\n=======\nd\n"), [one(1, 3), one(1, 3)]);
        let with_base = format!("<<<<<<< {ID}\na\n||||||| {ID}\n0\n=======\nc\n>>>>>>> {ID}\n");
        assert_eq!(places(&with_base, "a\n", "c\n"), [one(1, 1), one(1, 1)]);
    }

    #[test]
    fn lines_whose_ends_git_has_changed_are_found() {
        let merged = format!("1\n<<<<<<< {ID}\ntwo\n=======\nTWO\n>>>>>>> {ID}\n3\n4\n");
        assert_eq!(places(&merged, "0\r\n1\r\ntwo\r\n3\r\n", "1\nTWO\r\n3\n4\n"), [one(3, 3), one(2, 2)]);
    }

    #[test]
    fn a_last_line_that_is_not_ended_is_found() {
        let merged = format!("1\n<<<<<<< {ID}\na\n=======\nb\n>>>>>>> {ID}\n");
        assert_eq!(places(&merged, "1\na", "1\nb"), [one(2, 2), one(2, 2)]);
    }
}
