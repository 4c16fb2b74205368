//! How often: what each kind of schedule can say of it, and the nearest that it can.

use std::fmt;

use crate::model::Failure;
use crate::model::text::escaped;
use crate::policy::config::units::duration;

const HOUR: u64 = 60;
const DAY: u64 = 24 * HOUR;
const WEEK: u64 = 7 * DAY;

/// A number of minutes, at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Every(u64);

/// The same as clock and calendar say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rhythm {
    /// Every so many minutes, which divide the hour.
    Minutes(u64),
    /// Every so many hours, which divide the day.
    Hours(u64),
    /// Every so many days, 1 to 6, counted from the first of each month.
    Days(u64),
    /// Once a week.
    Week,
}

impl Every {
    /// Once a day.
    pub const DAY: Every = Every(DAY);

    /// Reads `15m`, `6h`, `2d` or `1w`.
    pub fn parse(text: &str) -> Result<Every, Failure> {
        let Some(length) = duration(text) else {
            let failure = Failure::usage(format!("`{}` is no length of time", escaped(text.as_bytes())));
            return Err(failure.hint("such as `15m`, `6h`, `2d` or `1w`"));
        };
        match length.as_secs() {
            seconds if seconds.is_multiple_of(60) => Ok(Every(seconds / 60)),
            seconds => Err(refused(text, "no schedule knows seconds", Every((seconds / 60).max(1)))),
        }
    }

    /// In seconds.
    pub fn seconds(self) -> u64 {
        self.0 * 60
    }

    /// As clock and calendar say it; `None` where they cannot say it evenly.
    pub fn rhythm(self) -> Option<Rhythm> {
        match self.0 {
            minutes if minutes < HOUR => HOUR.is_multiple_of(minutes).then_some(Rhythm::Minutes(minutes)),
            minutes if minutes < DAY => {
                let hours = minutes / HOUR;
                (minutes.is_multiple_of(HOUR) && 24_u64.is_multiple_of(hours)).then_some(Rhythm::Hours(hours))
            }
            WEEK => Some(Rhythm::Week),
            minutes => (minutes < WEEK && minutes.is_multiple_of(DAY)).then_some(Rhythm::Days(minutes / DAY)),
        }
    }

    /// The same for `who`, who knows nothing but clock and calendar, and nothing under `least` minutes.
    pub fn rhythm_for(self, who: &str, least: u64) -> Result<Rhythm, Failure> {
        let rhythm = self.rhythm().filter(|_| self.0 >= least);
        rhythm.ok_or_else(|| refused(&self.to_string(), &format!("{who} cannot say that evenly"), self.nearest(least)))
    }

    /// What can be said and is nearest; the more frequent of two.
    fn nearest(self, least: u64) -> Every {
        let minutes = (least..HOUR).map(Every);
        let hours = (1..24).map(|hours| Every(hours * HOUR));
        let days = (1..=7).map(|days| Every(days * DAY));
        let known = minutes.chain(hours).chain(days).filter(|every| every.rhythm().is_some());
        known.min_by_key(|every| every.0.abs_diff(self.0)).unwrap_or(Every::DAY)
    }
}

fn refused(text: &str, why: &str, nearest: Every) -> Failure {
    Failure::usage(format!("`{}`: {why}", escaped(text.as_bytes()))).hint(format!("the nearest is `--every {nearest}`"))
}

/// As it is typed, in the largest unit that it is a multiple of.
impl fmt::Display for Every {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(WEEK, "w"), (DAY, "d"), (HOUR, "h"), (1, "m")];
        let (size, unit) = units.into_iter().find(|(size, _)| self.0.is_multiple_of(*size)).unwrap_or((1, "m"));
        write!(f, "{}{unit}", self.0 / size)
    }
}

#[cfg(test)]
mod tests {
    use super::{Every, Rhythm};

    #[test]
    fn what_can_be_said_and_the_nearest() {
        let said = [
            ("1m", "1m", Rhythm::Minutes(1)),
            ("900s", "15m", Rhythm::Minutes(15)),
            ("60m", "1h", Rhythm::Hours(1)),
            ("12h", "12h", Rhythm::Hours(12)),
            ("24h", "1d", Rhythm::Days(1)),
            ("6d", "6d", Rhythm::Days(6)),
            ("168h", "1w", Rhythm::Week),
        ];
        for (text, shown, rhythm) in said {
            let every = Every::parse(text).expect("a time");
            assert_eq!((every.to_string().as_str(), every.rhythm()), (shown, Some(rhythm)), "{text}");
        }
        let nearest = [
            ("7m", 1, "6m"),
            ("45m", 1, "30m"),
            ("50m", 1, "1h"),
            ("90m", 1, "1h"),
            ("5h", 1, "4h"),
            ("20h", 1, "1d"),
            ("36h", 1, "1d"),
            ("8d", 1, "1w"),
            ("2w", 1, "1w"),
            ("1m", 5, "5m"),
            ("99999999w", 1, "1w"),
        ];
        for (text, least, near) in nearest {
            let failure = Every::parse(text).expect("a time").rhythm_for("cron", least).expect_err("uneven");
            assert_eq!(failure.message, format!("`{text}`: cron cannot say that evenly"));
            assert_eq!(failure.hints, [format!("the nearest is `--every {near}`")]);
        }
    }

    #[test]
    fn what_is_no_length_of_time() {
        for text in ["", "2", "d", "0d", "-1d", "1.5d", "2 d", "30s", "61s", "1y", "99999999999999999999d"] {
            assert!(Every::parse(text).is_err(), "{text}");
        }
    }
}
