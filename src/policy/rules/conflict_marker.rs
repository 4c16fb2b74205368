//! `pattern.conflict-marker`: the markers of a conflict were committed.

use super::Work;
use super::case::finding;
use super::content::{Content, ranges};
use crate::model::Finding;

/// Judges one file: `<<<<<<< `, `=======` and `>>>>>>> ` at the start of lines, in this order, the outer two added by
/// the track. One of them alone is text: `=======` underlines headings.
pub fn judge(work: &Work, content: &Content) -> Option<Finding> {
    let lines = content.lines()?;
    // Most files hold no marker at all, and need not be compared.
    lines.iter().find(|line| marks(line, b'<'))?;
    let added = content.added()?;
    let found = conflicts(&lines, added);
    let (first, last) = *found.first()?;
    Some(Finding {
        lines: found.iter().flat_map(|(first, last)| ranges(*first..=*last)).collect(),
        message: match found.len() {
            1 => format!("a conflict is not resolved: its markers stand in lines {} to {}", first + 1, last + 1),
            many => format!("{many} conflicts are not resolved: their markers are still there"),
        },
        cure: "join the two sides by hand and take the markers out".to_owned(),
        ..finding("pattern.conflict-marker", vec![work.track.clone()], content.path())
    })
}

/// First and last line of each conflict, counted from 0.
fn conflicts(lines: &[&[u8]], added: &[bool]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut open: Option<(usize, Seen)> = None;
    for (at, line) in lines.iter().enumerate() {
        open = match open {
            _ if added[at] && marks(line, b'<') => Some((at, Seen::Start)),
            Some((first, Seen::Start)) if line.trim_ascii_end() == b"=======" => Some((first, Seen::Middle)),
            Some((first, Seen::Middle)) if added[at] && marks(line, b'>') => {
                found.push((first, at));
                None
            }
            open => open,
        };
    }
    found
}

/// Which markers of a conflict have been seen.
#[derive(Clone, Copy)]
enum Seen {
    Start,
    Middle,
}

/// Seven of a character, then a space or the end of the line.
fn marks(line: &[u8], marker: u8) -> bool {
    let rest = line.strip_prefix(&[marker; 7]);
    rest.is_some_and(|rest| rest.trim_ascii_end().is_empty() || rest[0] == b' ')
}

#[cfg(test)]
mod tests {
    use crate::policy::rules::testing::Bench;

    /// Before, after, first and last lines of what is found.
    type Row<'a> = (Option<&'a str>, &'a str, &'a [(u32, u32)]);

    #[test]
    fn only_a_whole_conflict_is_one() {
        let conflict = "a\n<<<<<<< ours\nx\n=======\ny\n>>>>>>> theirs\nb\n";
        let diff3 = "<<<<<<< ours\r\nx\r\n||||||| base\r\no\r\n=======\r\ny\r\n>>>>>>> theirs\r\n";
        let table: &[Row] = &[
            (None, conflict, &[(2, 6)]),
            (None, diff3, &[(1, 7)]),
            (Some("a\nb\n"), conflict, &[(2, 6)]),
            (Some(conflict), &format!("{conflict}more\n"), &[]),
            (None, "Title\n=======\ntext\n", &[]),
            (None, "<<<<<<< a\n=======\n", &[]),
            (None, "=======\n>>>>>>> a\n<<<<<<< b\n", &[]),
            (None, "  <<<<<<< a\n  =======\n  >>>>>>> b\n", &[]),
            (None, "<<<<<<<< a\n=======\n>>>>>>>> b\n", &[]),
            (None, "\0<<<<<<< a\n<<<<<<< a\n=======\n>>>>>>> b\n", &[]),
            (Some("Title\n=======\n"), "<<<<<<< a\nTitle\n=======\nx\n>>>>>>> b\n", &[(1, 5)]),
        ];
        for (before, after, expected) in table {
            let mut bench = Bench::new("[tracks.a]");
            bench.change("a", "x", (*before, Some(after)));
            let found: Vec<(u32, u32)> =
                bench.findings().iter().flat_map(|f| f.lines.iter().map(|l| (l.first, l.last))).collect();
            assert_eq!(found, *expected, "{before:?} {after:?}");
        }
    }
}
