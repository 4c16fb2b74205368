//! The moments at which Git calls us, and the script that it calls.

use crate::host::files;

const SHIM: &str = include_str!("../../../hooks/shim.sh");

/// What the second line of every hook of ours begins with.
const MARK: &[u8] = b"# tracks hook ";

/// A moment at which Git calls us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// Before a commit.
    PreCommit,
    /// Before the commit of a merge that went clean.
    PreMergeCommit,
    /// Before refs are sent to another repository.
    PrePush,
    /// After a commit.
    PostCommit,
    /// After another branch was checked out.
    PostCheckout,
    /// Before refs move, and after: no option of Git's gets by it.
    ReferenceTransaction,
}

impl Event {
    /// Every event, in the order they are shown in.
    pub const ALL: [Event; 6] = [
        Event::PreCommit,
        Event::PreMergeCommit,
        Event::PrePush,
        Event::PostCommit,
        Event::PostCheckout,
        Event::ReferenceTransaction,
    ];

    /// The name of the hook.
    pub fn name(self) -> &'static str {
        match self {
            Event::PreCommit => "pre-commit",
            Event::PreMergeCommit => "pre-merge-commit",
            Event::PrePush => "pre-push",
            Event::PostCommit => "post-commit",
            Event::PostCheckout => "post-checkout",
            Event::ReferenceTransaction => "reference-transaction",
        }
    }

    /// Whether it can stop what Git is about to do.
    pub fn stops(self) -> bool {
        !matches!(self, Event::PostCommit | Event::PostCheckout)
    }
}

/// How much the hooks hold up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// `--no-verify` gets by them, and without the program they check nothing.
    Lenient,
    /// Branches of tracks move only when the rules hold, and without the program nothing is committed.
    Strict,
}

impl Strictness {
    /// The name in the script.
    fn name(self) -> &'static str {
        match self {
            Strictness::Lenient => "lenient",
            Strictness::Strict => "strict",
        }
    }

    /// The events that have a hook.
    pub fn events(self) -> &'static [Event] {
        match self {
            Strictness::Lenient => &Event::ALL[..5],
            Strictness::Strict => &Event::ALL,
        }
    }
}

/// The text of a hook.
pub fn script(event: Event, strictness: Strictness) -> Vec<u8> {
    let program = files::this_program().unwrap_or_default();
    let program = program.to_string_lossy().replace('\'', r"'\''");
    let missing = if strictness == Strictness::Strict && event.stops() { "1" } else { "0" };
    let text = SHIM.replace("@EVENT@", event.name()).replace("@MODE@", strictness.name()).replace("@MISSING@", missing);
    text.replace("@PROGRAM@", &format!("'{program}'")).into_bytes()
}

/// Whether a hook is one of ours, of whatever version.
pub fn is_ours(content: &[u8]) -> bool {
    second_line(content).starts_with(MARK)
}

/// What a hook of ours was made for.
pub fn strictness(content: &[u8]) -> Strictness {
    let words = second_line(content).split(|byte| matches!(byte, b' ' | b':'));
    match words.into_iter().any(|word| word == b"strict") {
        true => Strictness::Strict,
        false => Strictness::Lenient,
    }
}

fn second_line(content: &[u8]) -> &[u8] {
    content.split(|byte| *byte == b'\n').nth(1).unwrap_or_default()
}
