//! The small formats inside `tracks.toml`: sizes, durations, dates and regular expressions.

use std::fmt;
use std::time::Duration;

use jiff::civil::Date;
use serde::de::{self, Deserialize, Deserializer, Visitor};

use super::model::ByteSize;

/// What one regular expression may take, in bytes of compiled program: a file from a repository must not fill the
/// memory.
const REGEX_LIMIT: usize = 1 << 20;

impl ByteSize {
    /// The number of bytes; `None` for text that is no size, or one beyond 2⁶⁴.
    pub fn bytes(&self) -> Option<u64> {
        match self {
            ByteSize::Number(bytes) => Some(*bytes),
            ByteSize::Text(text) => {
                let (number, unit) = split_number(text)?;
                number.checked_mul(bytes_in(unit.trim_start_matches(' '))?)
            }
        }
    }
}

/// A length of time such as `30s`, `10m`, `4h`, `2d` or `1w`; `None` for anything else, nothing at all included.
pub fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = split_number(text)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        "w" => 7 * 24 * 60 * 60,
        _ => return None,
    };
    number.checked_mul(seconds).filter(|seconds| *seconds > 0).map(Duration::from_secs)
}

/// A day written as `YYYY-MM-DD`.
pub fn date(text: &str) -> Option<Date> {
    // The parser takes more than the one form that is documented: `20261201`, or a date with a time.
    let form = |(at, byte): (usize, u8)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
    (text.len() == 10 && text.bytes().enumerate().all(form)).then(|| text.parse().ok())?
}

/// Compiles a regular expression from `tracks.toml`, within the limit that holds for all of them. The error is one
/// line.
pub fn regex(pattern: &str) -> Result<regex::bytes::Regex, String> {
    regex::bytes::RegexBuilder::new(pattern).size_limit(REGEX_LIMIT).build().map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => "it takes too much memory".to_owned(),
        // A syntax error is drawn over several lines; the last says what is wrong.
        other => other.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned(),
    })
}

fn split_number(text: &str) -> Option<(u64, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    Some((number.parse().ok()?, unit))
}

fn bytes_in(unit: &str) -> Option<u64> {
    Some(match unit {
        "" | "B" => 1,
        "kB" | "KB" => 1000,
        "MB" => 1000 * 1000,
        "GB" => 1000 * 1000 * 1000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    })
}

/// By hand, because an untagged enum answers a wrong type with its own name.
impl<'de> Deserialize<'de> for ByteSize {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SizeVisitor)
    }
}

struct SizeVisitor;

impl Visitor<'_> for SizeVisitor {
    type Value = ByteSize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of bytes or text such as \"1MiB\"")
    }

    fn visit_i64<E: de::Error>(self, bytes: i64) -> Result<ByteSize, E> {
        let unexpected = || E::invalid_value(de::Unexpected::Signed(bytes), &self);
        u64::try_from(bytes).map(ByteSize::Number).map_err(|_| unexpected())
    }

    fn visit_u64<E: de::Error>(self, bytes: u64) -> Result<ByteSize, E> {
        Ok(ByteSize::Number(bytes))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<ByteSize, E> {
        Ok(ByteSize::Text(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::{ByteSize, date, duration, regex};

    #[test]
    fn sizes() {
        let table = [
            ("1MiB", Some(1 << 20)),
            ("500kB", Some(500_000)),
            ("1 GiB", Some(1 << 30)),
            ("12", Some(12)),
            ("12B", Some(12)),
            ("0", Some(0)),
            ("1mib", None),
            ("1.5MiB", None),
            ("-1", None),
            ("", None),
            ("MiB", None),
            ("18446744073709551615GiB", None),
        ];
        for (text, bytes) in table {
            assert_eq!(ByteSize::Text(text.into()).bytes(), bytes, "{text}");
        }
        assert_eq!(ByteSize::Number(7).bytes(), Some(7));
    }

    #[test]
    fn durations() {
        let table =
            [("30s", 30), ("10m", 600), ("4h", 14_400), ("2d", 172_800), ("1w", 604_800)].map(|(t, s)| (t, Some(s)));
        let wrong =
            ["", "10", "m", "10 m", "1h30m", "-1s", "0s", "1y", "99999999999999999999s", "9999999999999999999w"];
        for (text, seconds) in table.into_iter().chain(wrong.map(|text| (text, None))) {
            assert_eq!(duration(text).map(|d| d.as_secs()), seconds, "{text}");
        }
    }

    #[test]
    fn dates() {
        assert_eq!(date("2026-12-01").map(|d| d.to_string()).as_deref(), Some("2026-12-01"));
        for wrong in
            ["20261201", "2026-12-1", "2026-13-01", "2026-02-30", "2026-12-01T10:00", "+2026-12-01", "", "äää-ää"]
        {
            assert_eq!(date(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn regular_expressions_have_a_limit_and_errors_of_one_line() {
        assert!(regex(r"\bconst const\b").is_ok());
        assert_eq!(regex("a(").map(drop), Err("unclosed group".into()));
        assert_eq!(regex(r"(\w{1000}){1000}").map(drop), Err("it takes too much memory".into()));
    }
}
