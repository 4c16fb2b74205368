//! A service and a timer of systemd: <https://www.freedesktop.org/software/systemd/man/systemd.service.html>.

use crate::model::Failure;

use super::every::{Every, Rhythm};
use super::mark::{self, ADVICE};
use super::{Job, Kind};

/// The service, and the timer that starts it.
pub(super) fn texts(job: &Job) -> Result<Vec<String>, Failure> {
    Ok(vec![service(job)?, timer(job)?])
}

fn service(job: &Job) -> Result<String, Failure> {
    let mut words = vec![program(&job.program)?];
    words.extend(job.arguments().map(argument));
    let (mark, repo, line) = (mark::line(job), &job.whose.repo, words.join(" "));
    let path = value(&format!("PATH={}", job.path));
    // Findings are an answer, and no failure of the unit.
    Ok(format!(
        "# {mark}\n# {ADVICE}\n\n[Unit]\nDescription=tracks sync of {repo}\n\n[Service]\nType=oneshot\n\
         Environment={path}\nExecStart={line}\nSuccessExitStatus=1\nNice=10\n"
    ))
}

fn timer(job: &Job) -> Result<String, Failure> {
    let (mark, repo, when) = (mark::local_line(job), &job.whose.repo, when(job.every)?);
    Ok(format!(
        "# {mark}\n# {ADVICE}\n\n[Unit]\nDescription=tracks sync of {repo}, every {}\n\n[Timer]\n{when}\n\
         [Install]\nWantedBy=timers.target\n",
        job.every
    ))
}

/// What the calendar can say is made up for when the machine was off. Anything else under a day is counted from the run
/// before.
fn when(every: Every) -> Result<String, Failure> {
    let calendar = match every.rhythm() {
        Some(Rhythm::Minutes(n)) => format!("*:0/{n}"),
        Some(Rhythm::Hours(n)) => format!("0/{n}:17"),
        Some(Rhythm::Days(1)) => "*-*-* 04:17".to_owned(),
        Some(Rhythm::Days(n)) => format!("*-*-1/{n} 04:17"),
        Some(Rhythm::Week) => "Mon 04:17".to_owned(),
        None if every.seconds() < Every::DAY.seconds() => {
            return Ok(format!("OnStartupSec=5min\nOnUnitActiveSec={}s\n", every.seconds()));
        }
        None => every.rhythm_for(Kind::Systemd.name(), 1).map(|_| String::new())?,
    };
    Ok(format!("OnCalendar={calendar}\nPersistent=true\n"))
}

/// The first word of a command line: it takes no variables, so that `$` is itself.
fn program(path: &str) -> Result<String, Failure> {
    if path.contains(['"', '\'', '\\']) {
        let failure =
            Failure::usage(format!("systemd starts no program with a quote or a backslash in its path: `{path}`"));
        return Err(failure.hint("put `tracks` elsewhere, or take `--kind cron`"));
    }
    Ok(value(path))
}

/// A further word of a command line.
fn argument(word: &str) -> String {
    value(word).replace('$', "$$")
}

/// A quoted word in which `%` begins no specifier and `\` no escape.
fn value(word: &str) -> String {
    format!("\"{}\"", word.replace('\\', r"\\").replace('"', r#"\""#).replace('%', "%%"))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{HOSTILE, job};
    use super::{argument, program, service, timer, value, when};
    use crate::policy::schedule::Every;

    /// How systemd reads a line back: quotes and escapes (`extract_first_word`), then specifiers, then variables.
    fn words(line: &str) -> Vec<String> {
        let (mut words, mut rest) = (Vec::new(), line.chars().peekable());
        while rest.peek().is_some() {
            assert_eq!(rest.next(), Some('"'), "{line}");
            let mut word = String::new();
            loop {
                match rest.next().expect("a closing quote") {
                    '"' => break,
                    '\\' => word.push(rest.next().filter(|c| r#"\""#.contains(*c)).expect("a known escape")),
                    c => word.push(c),
                }
            }
            assert!(rest.next().is_none_or(|c| c == ' '), "{line}");
            assert!(!word.replace("%%", "").contains('%'), "{line}");
            words.push(word.replace("%%", "%"));
        }
        words
    }

    #[test]
    fn hostile_paths_come_back_as_they_are() {
        for path in HOSTILE {
            let text = service(&job(path, "1d")).expect("a text");
            let line = text.lines().find_map(|line| line.strip_prefix("ExecStart=")).expect("a command");
            let read = words(line);
            assert!(!read[2].replace("$$", "").contains('$'), "{line}");
            assert_eq!((read[0].as_str(), read[2].replace("$$", "$").as_str()), ("/opt/tracks", path));
            assert_eq!(words(&value(path)), [path]);
        }
        assert_eq!(argument("$a"), r#""$$a""#);
        assert_eq!(program("/a $b%").expect("can be had"), r#""/a $b%%""#);
        for path in ["/it's", r"/a\b", "/\"a\""] {
            assert!(program(path).is_err(), "{path}");
        }
    }

    #[test]
    fn when_it_runs() {
        let table = [
            ("15m", "OnCalendar=*:0/15\nPersistent=true\n"),
            ("6h", "OnCalendar=0/6:17\nPersistent=true\n"),
            ("1d", "OnCalendar=*-*-* 04:17\nPersistent=true\n"),
            ("2d", "OnCalendar=*-*-1/2 04:17\nPersistent=true\n"),
            ("1w", "OnCalendar=Mon 04:17\nPersistent=true\n"),
            ("5h", "OnStartupSec=5min\nOnUnitActiveSec=18000s\n"),
        ];
        for (every, expected) in table {
            assert_eq!(when(Every::parse(every).expect("a time")).expect("can be said"), expected, "{every}");
        }
        for every in ["25h", "8d", "2w"] {
            assert!(timer(&job("/x", every)).is_err(), "{every}");
        }
    }
}
