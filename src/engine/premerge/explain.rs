//! Where a merge stops: path, kind, and the lines on both sides, read from what Git wrote.
//!
//! The lines come from the conflict markers in the merged file: with each conflict replaced by our part it is our file
//! but for clean changes of theirs, so that a line diff against our file says where each part stands in it; likewise for
//! theirs. A place found that way counts only if the lines there are those between the markers.

use anyhow::Result;
use bstr::ByteSlice;
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::prove::Triple;
use crate::git::merge_tree::{Stage, Stopped};
use crate::git::objects::Node;
use crate::git::{Objects, tree};
use crate::model::{BlobId, Conflict, ConflictKind, Hunk, LineRange, Mode, RepoPath};

/// Larger files are named, and their lines not looked for.
const LARGEST: u64 = 8 << 20;

/// The conflicts of a merge that stopped, ordered by path.
pub fn stopped(objects: &Objects, stopped: &Stopped) -> Result<Vec<Conflict>> {
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
    found.sort();
    found.dedup();
    let explain = |(path, kind): (RepoPath, ConflictKind)| {
        let hunks = hunks(objects, &path, stopped)?;
        Ok(Conflict { path, kind, hunks })
    };
    found.into_iter().map(explain).collect()
}

/// The conflict in a content that was merged on its own; `path` is where the content belongs.
pub fn content(objects: &Objects, path: &RepoPath, triple: &Triple, stopped: &Stopped) -> Result<Conflict> {
    let mut found = self::stopped(objects, stopped)?;
    let conflict = match found.is_empty() {
        true => Conflict { path: path.clone(), kind: ConflictKind::Content, hunks: Vec::new() },
        false => found.swap_remove(0),
    };
    debug_assert!(stopped.stages.iter().all(|s| [triple.base, triple.ours, triple.theirs].contains(&s.entry.id)));
    Ok(Conflict { path: path.clone(), ..conflict })
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

fn hunks(objects: &Objects, path: &RepoPath, stopped: &Stopped) -> Result<Vec<Hunk>> {
    let stage = |number| stopped.stages.iter().find(|s| s.number == number && s.path == *path).map(|s| s.entry);
    let (Some(ours), Some(theirs), Some(merged)) = (stage(2), stage(3), stopped.tree) else { return Ok(Vec::new()) };
    let Some(Node::Leaf(merged)) = tree::lookup(objects, merged, path)? else { return Ok(Vec::new()) };
    if ![ours, theirs, merged].iter().all(|entry| entry.mode.is_file()) {
        return Ok(Vec::new());
    }
    let read = |id: BlobId| objects.blob(id, LARGEST);
    let (Some(ours), Some(theirs), Some(merged)) = (read(ours.id)?, read(theirs.id)?, read(merged.id)?) else {
        return Ok(Vec::new());
    };
    let parts = marked(&lines(&merged));
    let ours = locate(&lines(&ours), &parts, Which::Ours);
    let theirs = locate(&lines(&theirs), &parts, Which::Theirs);
    let owned = |lines: &[&[u8]]| lines.iter().map(|line| line.to_vec()).collect();
    let conflicts = parts.iter().filter_map(|part| match part {
        Part::Conflict { ours, theirs } => Some((owned(ours), owned(theirs))),
        Part::Common(_) => None,
    });
    let placed = conflicts.zip(ours.into_iter().zip(theirs));
    let hunk = |((ours, theirs), (ours_lines, theirs_lines))| Hunk { ours_lines, theirs_lines, ours, theirs };
    Ok(placed.map(hunk).collect())
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
fn marked<'a>(lines: &[&'a [u8]]) -> Vec<Part<'a>> {
    let mut parts = vec![Part::Common(Vec::new())];
    let mut size = 0;
    let mut reading = Reading::Common;
    for line in lines {
        let next = match reading {
            Reading::Common => labelled(line, b'<').map(|width| {
                size = width;
                parts.push(Part::Conflict { ours: Vec::new(), theirs: Vec::new() });
                Reading::Ours
            }),
            Reading::Ours if run(line, b'|') == size => Some(Reading::Base),
            Reading::Ours | Reading::Base if is_middle(line, size) => Some(Reading::Theirs),
            Reading::Theirs if labelled(line, b'>') == Some(size) => {
                parts.push(Part::Common(Vec::new()));
                Some(Reading::Common)
            }
            _ => None,
        };
        if let Some(next) = next {
            reading = next;
            continue;
        }
        match (parts.last_mut().expect("there is one from the start"), &reading) {
            (Part::Common(lines), _) => lines.push(line),
            (Part::Conflict { ours, .. }, Reading::Ours) => ours.push(line),
            (Part::Conflict { theirs, .. }, Reading::Theirs) => theirs.push(line),
            _ => {}
        }
    }
    parts
}

enum Reading {
    Common,
    Ours,
    Base,
    Theirs,
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

/// Where each conflict's lines stand in one side's file.
fn locate(file: &[&[u8]], parts: &[Part], which: Which) -> Vec<LineRange> {
    let mut resolved: Vec<&[u8]> = Vec::new();
    let mut places = Vec::new();
    for part in parts {
        let lines = match part {
            Part::Common(lines) => lines,
            Part::Conflict { ours, theirs } => {
                let lines = if which == Which::Ours { ours } else { theirs };
                places.push((resolved.len(), lines));
                lines
            }
        };
        resolved.extend(lines);
    }
    let ops = capture_diff_slices(Algorithm::Myers, file, &resolved);
    let mut from = 0;
    let mut ranges = Vec::new();
    for (at, lines) in places {
        let guess = place_in_old(&ops, at);
        let is_there = |start: usize| file.get(start..start + lines.len()).is_some_and(|found| found == &lines[..]);
        let start = if is_there(guess) { guess } else { (from..file.len()).find(|s| is_there(*s)).unwrap_or(guess) };
        from = start + lines.len();
        ranges.push(LineRange { first: start as u32 + 1, last: from as u32 });
    }
    ranges
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

    #[test]
    fn the_lines_between_the_markers_are_found_in_both_files() {
        let merged = format!("theirs added\n1\n<<<<<<< {ID}\ntwo\n=======\nTWO\n2b\n>>>>>>> {ID}\n3\n");
        let merged = lines(merged.as_bytes());
        let parts = marked(&merged);
        let range = |first, last| vec![LineRange { first, last }];
        assert_eq!(locate(&lines(b"1\ntwo\n3\n"), &parts, Which::Ours), range(2, 2));
        assert_eq!(locate(&lines(b"theirs added\n1\nTWO\n2b\n3\n"), &parts, Which::Theirs), range(3, 4));
    }

    #[test]
    fn an_empty_side_has_a_place_and_no_lines() {
        let merged = format!("1\n<<<<<<< {ID}\n=======\nTWO\n>>>>>>> {ID}\n3\n");
        let merged = lines(merged.as_bytes());
        let parts = marked(&merged);
        assert_eq!(locate(&lines(b"1\n3\n"), &parts, Which::Ours), vec![LineRange { first: 2, last: 1 }]);
    }

    #[test]
    fn markers_that_belong_to_the_content_are_content() {
        let merged = format!("<<<<<<< HEAD\na\n=======\nb\n>>>>>>> x\n<<<<<<< {ID}\nc\n=======\nd\n>>>>>>> {ID}\n");
        let merged = lines(merged.as_bytes());
        let ours = locate(&lines(b"<<<<<<< HEAD\na\n=======\nb\n>>>>>>> x\nc\n"), &marked(&merged), Which::Ours);
        assert_eq!(ours, vec![LineRange { first: 6, last: 6 }]);
    }
}
