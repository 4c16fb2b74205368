//! The clock: what time and which day it is.

use jiff::{Timestamp, tz::TimeZone};

/// Now, to the second, in UTC, as RFC 3339 writes it.
pub fn now() -> String {
    timestamp().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Now, in seconds since 1970.
pub fn seconds() -> i64 {
    timestamp().as_second()
}

/// Today, in the zone of the machine: the day a person would say it is.
pub fn today() -> jiff::civil::Date {
    timestamp().to_zoned(TimeZone::system()).date()
}

fn timestamp() -> Timestamp {
    Timestamp::now()
}
