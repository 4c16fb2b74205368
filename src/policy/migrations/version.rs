//! The version at the front of a migration's name, and how two of them compare.

use serde::Deserialize;

/// How a framework reads a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VersionKind {
    /// A number of any length: `007` is `7`.
    Int,
    /// A number that must fit into 32 bits with a sign.
    Int32,
    /// Compared byte by byte.
    Text,
    /// Numbers between `.` or `_`; zeros at the end do not count: `1.2.0` is `1_2`.
    Dotted,
    /// The digits alone, compared byte by byte: `2024-10-01` is `20241001`.
    Digits,
    /// Milliseconds since 1970.
    Ms,
    /// A date in parts of fixed width, compared byte by byte.
    Date,
    /// An id without an order.
    None,
}

impl VersionKind {
    /// Whether one version can be later than another.
    pub fn is_ordered(self) -> bool {
        self != VersionKind::None
    }
}

/// A version, comparable with others of the same kind only.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(Vec<Part>);

/// A number as its length without leading zeros and its digits, so that any length compares; text has length 0.
type Part = (usize, String);

impl Version {
    /// Reads a version; `None` when the framework could not.
    pub fn read(kind: VersionKind, text: &str) -> Option<Version> {
        let parts = match kind {
            VersionKind::Int | VersionKind::Ms => vec![number(text)?],
            VersionKind::Int32 => {
                text.parse::<i32>().ok()?;
                vec![number(text)?]
            }
            VersionKind::Dotted => dotted(text)?,
            VersionKind::Digits => vec![(0, text.chars().filter(char::is_ascii_digit).collect())],
            VersionKind::Text | VersionKind::Date | VersionKind::None => vec![(0, text.to_owned())],
        };
        Some(Version(parts))
    }

    /// Reads a version of a framework that is not known: numbers where it is made of numbers, else text.
    pub fn guess(text: &str) -> Version {
        Version(dotted(text).unwrap_or_else(|| vec![(0, text.to_owned())]))
    }
}

fn number(text: &str) -> Option<Part> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let significant = text.trim_start_matches('0');
    digits.then(|| (significant.len(), significant.to_owned()))
}

fn dotted(text: &str) -> Option<Vec<Part>> {
    let mut parts: Vec<Part> = text.split(['.', '_']).map(number).collect::<Option<_>>()?;
    while parts.len() > 1 && parts.last().is_some_and(|(length, _)| *length == 0) {
        parts.pop();
    }
    Some(parts)
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering::{Equal, Greater, Less};

    use super::{Version, VersionKind as Kind};

    #[test]
    fn versions_compare_as_the_frameworks_do() {
        let table = [
            (Kind::Int, "007", Equal, "7"),
            (Kind::Int, "10", Greater, "9"),
            (Kind::Int, "99999999999999999999999", Less, "100000000000000000000000"),
            (Kind::Text, "10", Less, "9"),
            (Kind::Text, "007", Less, "7"),
            (Kind::Dotted, "1.2", Equal, "1_2_0"),
            (Kind::Dotted, "1.10", Greater, "1.9"),
            (Kind::Dotted, "1", Less, "1.1"),
            (Kind::Digits, "2024-10-01-120000", Equal, "20241001120000"),
            (Kind::Date, "2024_10_01_120000", Less, "2024_10_02_000000"),
            (Kind::Ms, "1727784000000", Greater, "1727783999999"),
        ];
        for (kind, ours, expected, theirs) in table {
            let read = |text| Version::read(kind, text).expect("valid");
            assert_eq!(read(ours).cmp(&read(theirs)), expected, "{kind:?} {ours} {theirs}");
        }
    }

    #[test]
    fn what_the_framework_cannot_read_is_no_version() {
        for (kind, text) in [
            (Kind::Int, ""),
            (Kind::Int, "1a"),
            (Kind::Int, "١"),
            (Kind::Int32, "2147483648"),
            (Kind::Int32, "1.2"),
            (Kind::Dotted, "1..2"),
        ] {
            assert_eq!(Version::read(kind, text), None, "{kind:?} {text}");
        }
    }

    #[test]
    fn an_unknown_framework_is_read_by_its_looks() {
        assert_eq!(Version::guess("007"), Version::guess("7"));
        assert!(Version::guess("2024-01") < Version::guess("2024-02"));
    }
}
