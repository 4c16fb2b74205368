//! Whether a change of a file only adds lines where an append-only zone allows it: at the end, or between two marks.

use bstr::ByteSlice;

use crate::policy::config::model::Region;

/// Lines without their ends.
type Lines<'a> = [&'a [u8]];

/// Whether `now` is `before` with nothing but new lines at its end and in its regions. The marks are those that
/// `before` has: nobody makes a region for himself.
pub fn only_adds(before: &Lines, now: &Lines, regions: &[Region]) -> bool {
    let mut rest = now;
    let mut at = 0;
    while let Some((begin, end)) = next_region(&before[at..], regions) {
        let (begin, end) = (at + begin, at + end);
        // Up to the first mark and from the second one on, nothing is added.
        let Some(inside) = rest.strip_prefix(&before[at..=begin]) else { return false };
        let Some(close) = inside.iter().position(|line| *line == before[end]) else { return false };
        if !is_within(&before[begin + 1..end], &inside[..close]) {
            return false;
        }
        rest = &inside[close..];
        at = end;
    }
    rest.starts_with(&before[at..])
}

/// The lines of the next two marks that belong together.
fn next_region(lines: &Lines, regions: &[Region]) -> Option<(usize, usize)> {
    let found = regions.iter().filter_map(|region| {
        let begin = lines.iter().position(|line| line.contains_str(&region.begin))?;
        let end = lines[begin + 1..].iter().position(|line| line.contains_str(&region.end))?;
        Some((begin, begin + 1 + end))
    });
    found.min()
}

/// Whether all lines of `before` are there, in their order.
fn is_within(before: &Lines, now: &Lines) -> bool {
    let mut now = now.iter();
    before.iter().all(|line| now.any(|other| other == line))
}

#[cfg(test)]
mod tests {
    use super::only_adds;
    use crate::policy::config::model::Region;

    #[test]
    fn lines_are_added_at_the_end_and_in_regions() {
        let regions =
            [Region { begin: "begin a".into(), end: "end a".into() }, Region { begin: "<".into(), end: ">".into() }];
        let table = [
            ("1", "1 2", true),
            ("1", "2 1", false),
            ("1 2", "1", false),
            ("1 <x 2 >x 3", "1 <x 2 4 >x 3", true),
            ("1 <x 2 >x 3", "1 <x 4 2 >x 3 5", true),
            ("1 <x 2 >x 3", "1 <x 4 >x 3", false),
            ("1 <x 2 >x 3", "1 4 <x 2 >x 3", false),
            ("1 <x 2 >x 3", "1 <x 2 >x 4 3", false),
            ("<a >a <b >b", "<a 1 >a <b 2 >b 3", true),
            ("<a >a <b >b", "<a >a 1 <b >b", false),
            ("1", "1 <x 2 >x", true),
            ("1 3", "1 <x 2 >x 3", false),
            ("<x 1", "<x 2 1", false),
            ("<x >x", ">x <x", false),
            ("", "1", true),
        ];
        for (before, now, expected) in table {
            let lines = |text: &'static str| text.split_whitespace().map(str::as_bytes).collect::<Vec<_>>();
            assert_eq!(only_adds(&lines(before), &lines(now), &regions), expected, "{before} → {now}");
        }
    }
}
