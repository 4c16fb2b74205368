//! Lines for a crontab, and where they are in one: crontab(5). Nobody else's line is ever touched.

use std::ops::Range;

use crate::model::Failure;

use super::every::Rhythm;
use super::mark::{self, ADVICE, Mark};
use super::{Job, Kind, Whose};

const END: &str = "# end of tracks schedule";
/// What Debian's cron takes of a command; others take more.
const LONGEST: usize = 990;

/// The lines, between marks.
pub(super) fn block(job: &Job) -> Result<String, Failure> {
    let (mark, when, command) = (mark::line(job), when(job.every.rhythm_for(Kind::Cron.name(), 1)?), command(job)?);
    Ok(format!("# {mark}\n# {ADVICE}\n{when} {command}\n{END}\n"))
}

/// The five fields of a time.
pub(super) fn when(rhythm: Rhythm) -> String {
    let each = |n: u64| if n == 1 { "*".to_owned() } else { format!("*/{n}") };
    match rhythm {
        Rhythm::Minutes(n) => format!("{} * * * *", each(n)),
        Rhythm::Hours(n) => format!("17 {} * * *", each(n)),
        Rhythm::Days(n) => format!("17 4 {} * *", each(n)),
        Rhythm::Week => "17 4 * * 1".to_owned(),
    }
}

fn command(job: &Job) -> Result<String, Failure> {
    let words = [job.program.as_str()].into_iter().chain(job.arguments()).map(word);
    let command = format!("PATH={} {}", word(&job.path), words.collect::<Vec<_>>().join(" "));
    match command.len() {
        0..=LONGEST => Ok(command),
        long => {
            let failure = Failure::usage(format!("the line for cron would have {long} bytes, and it takes {LONGEST}"));
            Err(failure.hint("with a shorter one: `PATH=/usr/local/bin:/usr/bin:/bin tracks schedule install --kind cron`, naming tracks by its path"))
        }
    }
}

/// A word for the shell that cron starts. Cron takes `%` for the end of the line unless a backslash is before it, which it
/// takes away, wherever the quotes are.
fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-:".contains(c);
    match text.chars().all(plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''").replace('%', r"'\%'")),
    }
}

/// Where the lines of a repository are in a crontab.
pub fn find(table: &str, whose: &Whose) -> Option<Range<usize>> {
    let mut at = 0;
    for line in table.split_inclusive('\n') {
        let is_ours = line.starts_with('#') && Mark::read(line).is_some_and(|mark| whose.owns(Kind::Cron, &mark));
        if is_ours {
            return Some(at..at + length(&table[at..]));
        }
        at += line.len();
    }
    None
}

/// How much of `text` belongs to the mark that it begins with: up to its end, or nothing but the mark where somebody
/// else's lines come first.
fn length(text: &str) -> usize {
    let mut lines = text.split_inclusive('\n');
    let first = lines.next().unwrap_or_default().len();
    let mut long = first;
    for line in lines {
        if Mark::read(line).is_some() {
            return first;
        }
        long += line.len();
        if line.trim_end() == END {
            return long;
        }
    }
    first
}

/// The crontab with `block` in the place of the lines of that repository, or at its end; `None` takes them away.
pub fn with(table: &str, whose: &Whose, block: Option<&str>) -> String {
    let block = block.unwrap_or_default();
    match find(table, whose) {
        Some(place) => format!("{}{block}{}", &table[..place.start], &table[place.end..]),
        None if table.is_empty() || table.ends_with('\n') || block.is_empty() => format!("{table}{block}"),
        None => format!("{table}\n{block}"),
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::super::testing::{HOSTILE, job};
    use super::{block, find, with, word};
    use crate::policy::schedule::Kind;

    /// What cron hands to the shell: up to the first `%` without a backslash, and without that backslash
    /// (`do_command.c` of Vixie's cron and of cronie).
    fn through_cron(command: &str) -> String {
        let (mut out, mut is_escaped) = (String::new(), false);
        for c in command.chars() {
            if is_escaped {
                if c == '%' {
                    out.pop();
                }
                out.push(c);
                is_escaped = false;
                continue;
            }
            match c {
                '%' => return out,
                '\\' => is_escaped = true,
                _ => {}
            }
            out.push(c);
        }
        out
    }

    #[test]
    fn hostile_paths_come_back_as_they_are() {
        for path in HOSTILE.iter().chain(&["/plain", r"/\\%\%%"]) {
            let line = through_cron(&format!("printf %s {}", word(path)).replacen('%', r"\%", 1));
            let printed = Command::new("sh").args(["-c", &line]).output().expect("a shell");
            assert_eq!(String::from_utf8_lossy(&printed.stdout), **path, "{line}");
        }
    }

    #[test]
    fn other_lines_stay() {
        let (one, other) = (job("/one", "1d"), job("/other", "2d"));
        let block = |job: &super::Job| job.texts(Kind::Cron).expect("a text").remove(0).text;
        let table = "MAILTO=kim\n0 1 * * * x\n";
        let both = with(&with(table, &one.whose, Some(&block(&one))), &other.whose, Some(&block(&other)));
        assert_eq!(both, format!("{table}{}{}", block(&one), block(&other)));
        let changed = with(&both, &one.whose, Some(&block(&job("/one", "1w"))));
        assert_eq!(changed, both.replace(&block(&one), &block(&job("/one", "1w"))));
        assert_eq!(with(&both, &one.whose, None), format!("{table}{}", block(&other)));
        assert_eq!(with(&with(&both, &one.whose, None), &other.whose, None), table);
        assert_eq!(with("x", &one.whose, Some("y\n")), "x\ny\n");
        // With its end gone, nothing but the mark is known to be ours.
        let torn = block(&one).replace(super::END, "") + &block(&other);
        assert_eq!(find(&torn, &one.whose).map(|place| place.len()), torn.find('\n').map(|end| end + 1));
    }

    #[test]
    fn what_cron_cannot_say() {
        assert!(block(&job("/x", "5h")).is_err());
        assert!(block(&job(&format!("/{}", "x".repeat(1000)), "1d")).is_err());
        assert!(
            block(&job("/x", "2d"))
                .expect("a text")
                .contains("\n17 4 */2 * * PATH=/usr/bin:/bin /opt/tracks -C /x sync --scheduled\n")
        );
    }
}
