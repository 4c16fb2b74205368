//! Runs somebody's command to its end: in a process group of its own that ends with us, within a time, with what it
//! prints passed on and its end kept. Whether it may run at all is decided elsewhere, and must be, before it gets here.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::io::{PipeReader, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process_group};

use super::signals::{self, Signals};

/// How long a command that was asked to end may take over it.
const GRACE: Duration = Duration::from_secs(5);
/// How long to wait for the last of what it printed, once it has ended: a daemon that it left may keep the pipe.
const LAST_WORDS: Duration = Duration::from_secs(1);
const PIECE: usize = 16 << 10;

/// A command line and what it is run with.
#[derive(Clone, Debug, Default)]
pub struct Call {
    /// What a POSIX shell is given, to the letter.
    pub line: String,
    /// Where it runs.
    pub folder: PathBuf,
    /// What it is told: variables set beside those that it inherits.
    pub variables: Vec<(String, OsString)>,
    /// Variables that it does not inherit.
    pub withheld: Vec<OsString>,
    /// What it reads on its standard input, which else is empty.
    pub input: Vec<u8>,
    /// How long it may run; `None`: as long as it likes.
    pub limit: Option<Duration>,
    /// How many bytes are kept of what it prints: the last ones.
    pub kept: usize,
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By itself, with this status.
    Exited(i32),
    /// By a signal that did not come from here.
    Killed(i32),
    /// It took too long, and was ended.
    TimedOut,
    /// We were told by this signal to end, and ended it.
    Interrupted(i32),
}

/// What came of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// How it ended.
    pub end: End,
    /// The last bytes that it printed, to either stream, in order.
    pub output: Vec<u8>,
    /// How many bytes it printed before these.
    pub left_out: u64,
    /// How long it took.
    pub took: Duration,
}

/// Something that happens while a command runs.
enum Event {
    Printed(Vec<u8>),
    Silent,
    Ended(std::io::Result<ExitStatus>),
    Signal(i32),
}

/// Runs `call` to its end; `tell` hears what it prints, raw, as it comes. An error only if it could not be started or
/// waited for. Nothing that it left behind in its process group lives on.
pub fn run(call: &Call, tell: &mut dyn FnMut(&[u8])) -> Result<Ran> {
    let started = Instant::now();
    let (sender, events) = sync_channel(64);
    let to_us = sender.clone();
    let signals = Signals::listen(move |signal| drop(to_us.send(Event::Signal(signal))))?;
    let (group, reader) = Group::start(call, &sender)?;
    thread::spawn(move || read(reader, &sender));
    let mut watch = Watch::new(call, started);
    let end = watch.until_it_ends(&group, &events, tell);
    drop(group);
    drop(signals);
    Ok(Ran { end: end?, output: watch.output.into(), left_out: watch.left_out, took: started.elapsed() })
}

/// Becomes the program `words`, in the place of this one: for a command of the user's own, which gets the terminal, the
/// signals and the streams as they are. Comes back only if it cannot be started.
pub fn become_program(words: &[OsString], call: &Call) -> std::io::Error {
    let Some((program, arguments)) = words.split_first() else {
        return std::io::Error::from(std::io::ErrorKind::InvalidInput);
    };
    let mut command = Command::new(program);
    command.args(arguments);
    prepare(&mut command, call);
    command.exec()
}

fn prepare(command: &mut Command, call: &Call) {
    command.current_dir(&call.folder);
    for name in &call.withheld {
        command.env_remove(name);
    }
    command.envs(call.variables.iter().map(|(name, value)| (name.as_str(), value.as_os_str())));
    // A shell takes the one in the environment for where it is, links and all.
    command.env("PWD", &call.folder);
}

/// The names of our own environment that `chosen` picks.
pub fn names(chosen: impl Fn(&str) -> bool) -> Vec<OsString> {
    let chosen = |name: &OsString| chosen(&name.to_string_lossy());
    std::env::vars_os().map(|(name, _)| name).filter(chosen).collect()
}

/// The processes of one command. Its first member does nothing but wait for us: when we are gone, however that came,
/// its standard input ends, and it ends the group. It is also what keeps the number of the group from being used again.
struct Group {
    guard: Child,
    _hold: Option<ChildStdin>,
    id: Pid,
}

impl Group {
    fn start(call: &Call, events: &SyncSender<Event>) -> Result<(Group, PipeReader)> {
        let named = || "cannot start a shell";
        let mut guard = Command::new("sh")
            .args(["-c", "trap '' HUP INT TERM; read -r line; kill -KILL 0"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .with_context(named)?;
        let hold = guard.stdin.take();
        let id = Pid::from_child(&guard);
        let group = Group { guard, _hold: hold, id };
        let (reader, writer) = std::io::pipe().context("cannot make a pipe")?;
        let mut command = Command::new("sh");
        command.arg("-c").arg(&call.line).process_group(id.as_raw_nonzero().get());
        prepare(&mut command, call);
        let input = if call.input.is_empty() { Stdio::null() } else { Stdio::piped() };
        command.stdin(input).stdout(writer.try_clone()?).stderr(writer);
        let mut child = command.spawn().with_context(|| format!("cannot run it in `{}`", call.folder.display()))?;
        if let Some(mut stdin) = child.stdin.take() {
            let input = call.input.clone();
            // A command that reads none of it closes the pipe.
            thread::spawn(move || drop(std::io::Write::write_all(&mut stdin, &input)));
        }
        let events = events.clone();
        thread::spawn(move || drop(events.send(Event::Ended(child.wait()))));
        Ok((group, reader))
    }

    fn signal(&self, signal: Signal) {
        // Fails only where nobody is left to hear it.
        let _ = kill_process_group(self.id, signal);
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
        let _ = self.guard.wait();
    }
}

fn read(mut reader: PipeReader, events: &SyncSender<Event>) {
    let mut piece = vec![0; PIECE];
    loop {
        match reader.read(&mut piece) {
            Ok(read) if read > 0 => {
                if events.send(Event::Printed(piece[..read].to_vec())).is_err() {
                    return;
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            _ => return drop(events.send(Event::Silent)),
        }
    }
}

/// What is known of a command while it runs.
struct Watch {
    kept: usize,
    output: VecDeque<u8>,
    left_out: u64,
    /// When something must be done about it.
    deadline: Option<Instant>,
    /// Why it was told to end.
    told: Option<End>,
    ended: Option<ExitStatus>,
    is_silent: bool,
}

impl Watch {
    fn new(call: &Call, started: Instant) -> Watch {
        Watch {
            kept: call.kept,
            output: VecDeque::new(),
            left_out: 0,
            deadline: call.limit.and_then(|limit| started.checked_add(limit)),
            told: None,
            ended: None,
            is_silent: false,
        }
    }

    fn until_it_ends(&mut self, group: &Group, events: &Receiver<Event>, tell: &mut dyn FnMut(&[u8])) -> Result<End> {
        loop {
            if let Some(status) = self.ended.filter(|_| self.is_silent) {
                return Ok(self.end(status));
            }
            match self.next(events) {
                Ok(Event::Printed(piece)) => {
                    tell(&piece);
                    self.keep(&piece);
                }
                Ok(Event::Silent) => self.is_silent = true,
                Ok(Event::Ended(status)) => {
                    self.ended = Some(status.context("cannot wait for the command")?);
                    group.signal(Signal::KILL);
                    self.deadline = Some(Instant::now() + LAST_WORDS);
                }
                Ok(Event::Signal(signal)) if self.ended.is_none() => {
                    self.told = Some(End::Interrupted(signal));
                    group.signal(signals::named(signal));
                    self.deadline = Some(Instant::now() + GRACE);
                }
                Ok(Event::Signal(signal)) => self.told = Some(End::Interrupted(signal)),
                Err(RecvTimeoutError::Disconnected) => self.is_silent = true,
                Err(RecvTimeoutError::Timeout) => self.act(group),
            }
        }
    }

    fn next(&self, events: &Receiver<Event>) -> Result<Event, RecvTimeoutError> {
        match self.deadline {
            Some(deadline) => events.recv_timeout(deadline.saturating_duration_since(Instant::now())),
            None => events.recv().map_err(|_| RecvTimeoutError::Disconnected),
        }
    }

    /// What a deadline means.
    fn act(&mut self, group: &Group) {
        match (self.ended, self.told) {
            (Some(_), _) => self.is_silent = true,
            (None, None) => {
                self.told = Some(End::TimedOut);
                group.signal(Signal::TERM);
                self.deadline = Some(Instant::now() + GRACE);
            }
            (None, Some(_)) => {
                group.signal(Signal::KILL);
                self.deadline = None;
            }
        }
    }

    fn keep(&mut self, piece: &[u8]) {
        self.output.extend(piece);
        let over = self.output.len().saturating_sub(self.kept);
        self.output.drain(..over);
        self.left_out += over as u64;
    }

    fn end(&self, status: ExitStatus) -> End {
        match (self.told, status.code()) {
            (Some(told), _) => told,
            (None, Some(code)) => End::Exited(code),
            (None, None) => End::Killed(status.signal().unwrap_or_default()),
        }
    }
}

impl End {
    /// Whether it did what it was run for.
    pub fn is_success(self) -> bool {
        self == End::Exited(0)
    }

    /// The end of a sentence that begins with the command.
    pub fn phrase(self) -> String {
        match self {
            End::Exited(0) => "ended well".into(),
            End::Exited(code) => format!("ended with status {code}"),
            End::Killed(signal) => format!("was ended by signal {signal}"),
            End::TimedOut => "took too long and was ended".into(),
            End::Interrupted(_) => "was interrupted".into(),
        }
    }
}

/// The variable `name` as a pair for [`Call::variables`].
pub fn variable(name: &str, value: impl AsRef<OsStr>) -> (String, OsString) {
    (name.to_owned(), value.as_ref().to_owned())
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};
    use std::time::{Duration, Instant};

    use super::{Call, End, Ran, run, variable};

    fn call(line: &str) -> Call {
        Call { line: line.into(), folder: PathBuf::from("/"), kept: 100, ..Call::default() }
    }

    fn ran(call: &Call) -> Ran {
        run(call, &mut |_| {}).expect("a shell")
    }

    fn printed(call: &Call) -> String {
        String::from_utf8(ran(call).output).expect("UTF-8")
    }

    fn is_alive(process: &str) -> bool {
        // A process that ended and that nobody waited for has no command line.
        std::fs::read(Path::new("/proc").join(process.trim()).join("cmdline")).is_ok_and(|line| !line.is_empty())
    }

    #[test]
    fn its_end_and_its_words() {
        let ran = ran(&call("echo one; echo two >&2; exit 7"));
        assert_eq!((ran.end, ran.output, ran.left_out), (End::Exited(7), b"one\ntwo\n".to_vec(), 0));
        assert_eq!(super::run(&call("kill -9 $$"), &mut |_| {}).expect("a shell").end, End::Killed(9));
        assert!(run(&Call { folder: "/nowhere".into(), ..call("true") }, &mut |_| {}).is_err());
    }

    #[test]
    fn what_it_is_told_and_what_not() {
        let told = Call { variables: vec![variable("TRACKS_ID", "a b")], ..call("printf %s \"$TRACKS_ID\"") };
        assert_eq!(printed(&told), "a b");
        assert_eq!(printed(&Call { withheld: vec!["PATH".into()], ..call("/usr/bin/env | grep -c ^PATH=") }), "0\n");
        assert_eq!(printed(&Call { input: vec![b'x'; 1 << 20], ..call("wc -c | tr -d ' '") }), "1048576\n");
        assert_eq!(printed(&Call { input: vec![b'x'; 1 << 20], ..call("echo no") }), "no\n");
        assert_eq!(printed(&call("cat")), "");
    }

    #[test]
    fn only_the_last_of_much_is_kept() {
        let mut heard = 0;
        let ran = run(&call("head -c 5000000 /dev/zero"), &mut |piece| heard += piece.len()).expect("a shell");
        assert_eq!((heard, ran.output.len(), ran.left_out), (5_000_000, 100, 4_999_900));
    }

    #[test]
    fn what_takes_too_long_ends_with_all_it_started() {
        let started = Instant::now();
        let limit = Some(Duration::from_millis(200));
        let ran = ran(&Call { limit, ..call("sleep 60 & echo $!; trap 'exit 3' TERM; sleep 60 & wait") });
        assert_eq!(ran.end, End::TimedOut);
        assert!(!is_alive(&String::from_utf8_lossy(&ran.output)));
        assert!(started.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn nothing_that_it_left_behind_lives_on() {
        let started = Instant::now();
        let left = printed(&call("sleep 60 & echo $!"));
        assert!(!is_alive(&left), "{left}");
        assert!(started.elapsed() < Duration::from_secs(20));
    }
}
