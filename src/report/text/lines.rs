//! Small phrases that several views share: line ranges, places in files, counts.

use crate::model::text::escaped;
use crate::report::model::{Conflict, Finding, Lines, shown};

/// `12-14, 40`; an empty range, where a side has nothing left, as the line it would stand before.
pub fn ranges(lines: &[Lines]) -> String {
    let range = |&[first, last]: &Lines| if first < last { format!("{first}-{last}") } else { first.to_string() };
    lines.iter().map(range).collect::<Vec<_>>().join(", ")
}

/// The path of a conflict, escaped.
pub fn conflict_path(conflict: &Conflict) -> String {
    shown(&conflict.path, conflict.path_bytes.as_deref())
}

/// `path:12-14,40`, escaped; nothing for a finding without a path.
pub fn place(finding: &Finding) -> Option<String> {
    let path = shown(finding.path.as_deref()?, finding.path_bytes.as_deref());
    let lines = ranges(&finding.lines).replace(", ", ",");
    Some(if lines.is_empty() { path } else { format!("{path}:{lines}") })
}

/// One line of text from a repository or a message, escaped.
pub fn one_line(text: &str) -> String {
    escaped(text.as_bytes())
}

/// `a, b, c`, escaped.
pub fn names(names: &[String]) -> String {
    names.iter().map(|name| one_line(name)).collect::<Vec<_>>().join(", ")
}

/// How long ago, in one unit: `now`, `5 min`, `3 h`, `2 d`, `3 y`.
pub fn age(seconds: u64) -> String {
    match seconds {
        0..60 => "now".to_owned(),
        60..3600 => format!("{} min", seconds / 60),
        3600..172_800 => format!("{} h", seconds / 3600),
        172_800..63_072_000 => format!("{} d", seconds / 86_400),
        _ => format!("{} y", seconds / 31_536_000),
    }
}

#[cfg(test)]
mod tests {
    use super::{age, ranges};

    #[test]
    fn ranges_are_short() {
        assert_eq!(ranges(&[[12, 14], [40, 40], [50, 49]]), "12-14, 40, 50");
    }

    #[test]
    fn one_unit_is_enough() {
        assert_eq!([59, 60, 7200, 172_800].map(age), ["now", "1 min", "2 h", "2 d"]);
    }
}
