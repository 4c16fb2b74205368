//! The clock: what time and which day it is.

use jiff::{Timestamp, tz::TimeZone};

/// Now, to the second, in UTC, as RFC 3339 writes it.
pub fn now() -> String {
    timestamp().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Now, in UTC, as date and time of day.
pub fn civil() -> jiff::civil::DateTime {
    timestamp().to_zoned(TimeZone::UTC).datetime()
}

/// Now, in seconds since 1970.
pub fn seconds() -> i64 {
    timestamp().as_second()
}

/// A time for names: `20241001T120000Z`, in UTC, without the `:` that no ref may hold.
pub fn stamp(seconds: i64) -> String {
    at(seconds).strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// The time that [`stamp`] made a name of; `None` for any other text.
pub fn of_stamp(stamp: &str) -> Option<i64> {
    let civil = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", stamp).ok()?;
    let seconds = civil.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second();
    (self::stamp(seconds) == stamp).then_some(seconds)
}

/// A time as RFC 3339 writes it, in UTC.
pub fn written(seconds: i64) -> String {
    at(seconds).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Today, in the zone of the machine: the day a person would say it is.
pub fn today() -> jiff::civil::Date {
    timestamp().to_zoned(TimeZone::system()).date()
}

fn timestamp() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests {
    use super::{of_stamp, stamp, written};

    #[test]
    fn stamps_come_back() {
        assert_eq!(stamp(1_727_784_000), "20241001T120000Z");
        assert_eq!(of_stamp("20241001T120000Z"), Some(1_727_784_000));
        assert_eq!(written(1_727_784_000), "2024-10-01T12:00:00Z");
        for bad in ["", "1", "20241001T120000", "20241301T120000Z", "2024-10-01T12:00:00Z"] {
            assert_eq!(of_stamp(bad), None, "{bad}");
        }
    }
}
