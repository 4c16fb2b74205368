//! The line by which what was written is known again: whose it is, and a seal that breaks when any of it is edited.

use crate::model::hash::sha256;

use super::Job;

const OPENING: &str = "tracks schedule ";
/// The seal while the rest is not there yet.
const BLANK: &str = "0000000000000000";
/// A mark stands at the head, below what a format wants first.
const HEAD: usize = 3;

/// What a mark says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Whether the text is as it was written.
    pub is_intact: bool,
    /// How often, as it was typed.
    pub every: String,
    /// The Git folder; `None` for what is the same in each clone.
    pub of: Option<String>,
    /// The program that is run, where it is known by its path.
    pub program: Option<String>,
}

/// The mark of a text of this machine's that starts the program.
pub(super) fn line(job: &Job) -> String {
    format!("{} by {}", local_line(job), coded(&job.program))
}

/// The mark of a text of this machine's. Neither line breaks nor two dashes together are in it, so that it can stand in
/// any comment.
pub(super) fn local_line(job: &Job) -> String {
    format!("{}, of {}", shared_line(job), coded(&job.whose.git_dir))
}

/// The mark of a text that is the same on every machine.
pub(super) fn shared_line(job: &Job) -> String {
    format!("{OPENING}{BLANK}, every {}", job.every)
}

/// What people are told below the mark.
pub(super) const ADVICE: &str = "made by `tracks schedule install`, taken away by `tracks schedule remove`";

/// The text with its seal, which must still be blank.
pub(super) fn sealed(text: String) -> String {
    let seal = seal(&text);
    text.replacen(&format!("{OPENING}{BLANK}"), &format!("{OPENING}{seal}"), 1)
}

fn seal(blank: &str) -> String {
    sha256(blank.as_bytes())[..BLANK.len()].to_owned()
}

impl Mark {
    /// The mark of a text; `None` where it has none, and is not of ours.
    pub fn read(text: &str) -> Option<Mark> {
        let head: usize = text.split_inclusive('\n').take(HEAD).map(str::len).sum();
        let at = text[..head].find(OPENING)? + OPENING.len();
        let found = text.get(at..at + BLANK.len()).filter(|seal| seal.bytes().all(|c| c.is_ascii_hexdigit()))?;
        let blank = format!("{}{BLANK}{}", &text[..at], &text[at + BLANK.len()..]);
        let line = text[at + BLANK.len()..].lines().next()?;
        let words: Vec<&str> = line.split([' ', ',']).filter(|word| !word.is_empty()).collect();
        let after = |name: &str| words.iter().position(|word| *word == name).and_then(|at| words.get(at + 1).copied());
        Some(Mark {
            is_intact: found == seal(&blank),
            every: after("every")?.to_owned(),
            of: after("of").map(decoded),
            program: after("by").map(decoded),
        })
    }
}

/// A path as one word.
fn coded(path: &str) -> String {
    let mut word = String::new();
    for c in path.chars() {
        match c {
            '-' if word.ends_with('-') => word += "%2D",
            c if c.is_alphanumeric() || "/._-+".contains(c) => word.push(c),
            c => c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| word += &format!("%{byte:02X}")),
        }
    }
    word
}

fn decoded(word: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = word.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::super::testing::HOSTILE;
    use super::{Mark, coded, decoded};

    #[test]
    fn paths_as_one_word() {
        for path in HOSTILE.iter().chain(&["/a---b--", "/every/of/by", "/a,b every 1d of x"]) {
            let word = coded(path);
            assert_eq!(decoded(&word), **path);
            assert!(!word.contains(' ') && !word.contains(',') && !word.contains("--"), "{word}");
        }
    }

    #[test]
    fn what_is_no_mark() {
        let texts = [
            "",
            "# tracks schedule\n",
            "# tracks schedule 0123, every 1d\n",
            "# tracks schedule 0123456789abcdeg, every 1d\n",
            "# tracks schedule 0123456789abcdef\n",
            "\n\n\n# tracks schedule 0123456789abcdef, every 1d\n",
            "# tracks schedule 0123456789abcd\u{e9}\u{e9}, every 1d\n",
        ];
        for text in texts {
            assert_eq!(Mark::read(text), None, "{text}");
        }
    }
}
