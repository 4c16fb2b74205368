//! The format of `fixtures/merges/*.txt`, which `fixtures/README.md` describes: read, and written.

use super::story::{Commit, Path, Step, Story};

/// A story with what is to be found in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scenario {
    /// The history.
    pub story: Story,
    /// What has to come out.
    pub judgements: Vec<Judgement>,
}

/// What has to come out for one pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The side that is merged into, by its place.
    pub ours: usize,
    /// The side that is merged.
    pub theirs: usize,
    /// The name of the verdict.
    pub verdict: String,
    /// The conflicts, each as a line: path, kind, lines.
    pub conflicts: Vec<String>,
}

/// Reads a scenario; the error names the line.
pub fn read(text: &str) -> Result<Scenario, String> {
    let mut scenario = Scenario::default();
    let mut lines = text.lines().enumerate().peekable();
    while let Some((number, line)) = lines.next() {
        let mut content = Vec::new();
        while let Some((_, line)) = lines.next_if(|(_, line)| line.trim_start().starts_with(['|', '!'])) {
            content.extend(content_line(line.trim_start())?);
        }
        if !line.trim().is_empty() && !line.starts_with('#') {
            read_line(&mut scenario, line.trim(), content).map_err(|error| format!("line {}: {error}", number + 1))?;
        }
    }
    Ok(scenario)
}

/// `| text` is a line; `! text` is bytes, escaped and without a line break at the end.
fn content_line(line: &str) -> Result<Vec<u8>, String> {
    let (mark, text) = line.split_at(1);
    let text = text.strip_prefix(' ').unwrap_or(text);
    if mark == "!" { unescape(text) } else { Ok(format!("{text}\n").into_bytes()) }
}

fn read_line(scenario: &mut Scenario, line: &str, content: Vec<u8>) -> Result<(), String> {
    let words = words(line)?;
    let word = |at: usize| words.get(at).cloned().ok_or_else(|| format!("`{line}` wants more words"));
    let plain = |at: usize| word(at).map(|word| String::from_utf8_lossy(&word).into_owned());
    let story = &mut scenario.story;
    match plain(0)?.as_str() {
        "sha256" => story.sha256 = true,
        "reftable" => story.reftable = true,
        "config" => story.config.push((plain(1)?, plain(2)?)),
        "info-attributes" => story.info_attributes = Some(content),
        "commit" => {
            let mut parents = Vec::new();
            let mut time = story.commits.len() as i64 * 100;
            for at in 2..words.len() {
                match plain(at)?.as_str() {
                    ":" => {}
                    name if name.starts_with('@') => time = name[1..].parse().map_err(|_| "no time")?,
                    name => parents.push(place(story, name)?),
                }
            }
            story.commits.push(Commit { name: plain(1)?, parents, time, steps: Vec::new() });
        }
        "judge" => {
            let theirs = plain(2)?;
            let theirs = theirs.strip_suffix(':').ok_or("a `:` has to follow the second side")?;
            let (ours, theirs) = (place(story, &plain(1)?)?, place(story, theirs)?);
            let judgement = Judgement { ours, theirs, verdict: plain(3)?, conflicts: Vec::new() };
            scenario.judgements.push(judgement);
        }
        _ => match scenario.judgements.last_mut() {
            Some(judgement) => judgement.conflicts.push(line.to_owned()),
            None => {
                let step = step(story, &words, content)?;
                story.commits.last_mut().ok_or("a step before any commit")?.steps.push(step);
            }
        },
    }
    Ok(())
}

fn place(story: &Story, name: &str) -> Result<usize, String> {
    story.place(name).ok_or_else(|| format!("no commit is called `{name}`"))
}

fn step(story: &Story, words: &[Path], content: Vec<u8>) -> Result<Step, String> {
    let word = |at: usize| words.get(at).cloned().ok_or("a step wants more words");
    let plain = |at: usize| word(at).map(|word| String::from_utf8_lossy(&word).into_owned());
    Ok(match plain(0)?.as_str() {
        "write" => Step::Write(word(1)?, content),
        "numbers" => {
            let (first, last) = range(&plain(2)?)?;
            Step::Write(word(1)?, (first..=last).flat_map(|n| format!("{n}\n").into_bytes()).collect())
        }
        "append" => Step::Append(word(1)?, content),
        "replace" => {
            let (first, last) = range(&plain(2)?)?;
            Step::Replace { path: word(1)?, first, last, lines: content }
        }
        "insert" => {
            let (first, _) = range(&plain(2)?)?;
            Step::Replace { path: word(1)?, first, last: first - 1, lines: content }
        }
        "delete" => Step::Delete(word(1)?),
        "rename" => Step::Rename(word(1)?, word(2)?),
        "executable" => Step::Executable(word(1)?, true),
        "plain" => Step::Executable(word(1)?, false),
        "link" => Step::Link(word(1)?, word(2)?),
        "submodule" => Step::Submodule(word(1)?, plain(2)?.chars().next().ok_or("a submodule wants a digit")?),
        "take" => Step::Take(place(story, &plain(1)?)?, word(2)?),
        other => return Err(format!("`{other}` is no step")),
    })
}

/// `3` or `3-5`.
fn range(text: &str) -> Result<(usize, usize), String> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let number = |text: &str| text.parse::<usize>().map_err(|_| format!("`{text}` is no number"));
    Ok((number(first)?, number(last)?))
}

/// Splits at spaces; a word in double quotes may hold anything, escaped as in Rust.
fn words(line: &str) -> Result<Vec<Path>, String> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix('"') {
            let mut escaped = false;
            let end = quoted.find(|c| {
                c == '"' && !escaped || {
                    escaped = c == '\\' && !escaped;
                    false
                }
            });
            let end = end.ok_or("a quote is not closed")?;
            words.push(unescape(&quoted[..end])?);
            rest = quoted[end + 1..].trim_start();
        } else {
            let end = rest.find(' ').unwrap_or(rest.len());
            words.push(rest[..end].into());
            rest = rest[end..].trim_start();
        }
    }
    Ok(words)
}

fn unescape(text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'\\' => match rest.next() {
                Some(b'n') => b'\n',
                Some(b'r') => b'\r',
                Some(b't') => b'\t',
                Some(b'x') => {
                    let digits: Vec<u8> = rest.by_ref().take(2).collect();
                    let digits = String::from_utf8_lossy(&digits).into_owned();
                    u8::from_str_radix(&digits, 16).map_err(|_| format!("`\\x{digits}` is no byte"))?
                }
                Some(other) => other,
                None => return Err("a backslash at the end".into()),
            },
            plain => plain,
        });
    }
    Ok(bytes)
}

/// A path as a word: in quotes where it would be misread.
pub fn word(path: &[u8]) -> String {
    let plain = |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
    match !path.is_empty() && path.iter().all(plain) {
        true => String::from_utf8_lossy(path).into_owned(),
        false => format!("\"{}\"", escape(path).replace('"', "\\\"")),
    }
}

fn escape(bytes: &[u8]) -> String {
    let one = |byte: &u8| match byte {
        b'\n' => "\\n".into(),
        b'\r' => "\\r".into(),
        b'\\' => "\\\\".into(),
        b' '..=b'~' => (*byte as char).to_string(),
        other => format!("\\x{other:02x}"),
    };
    bytes.iter().map(one).collect()
}

/// Writes a scenario, with `remark` as a comment at the top.
pub fn write(scenario: &Scenario, remark: &str) -> String {
    let story = &scenario.story;
    let mut out: String = remark.lines().map(|line| format!("# {line}\n")).collect();
    out.push('\n');
    story.config.iter().for_each(|(key, value)| out.push_str(&format!("config {key} {value}\n")));
    if let Some(attributes) = &story.info_attributes {
        out.push_str("info-attributes\n");
        push_content(&mut out, attributes);
    }
    out.push_str(if story.sha256 { "sha256\n" } else { "" });
    out.push_str(if story.reftable { "reftable\n" } else { "" });
    let name = |at: usize| &story.commits[at].name;
    for (at, commit) in story.commits.iter().enumerate() {
        let parents: String = commit.parents.iter().map(|parent| format!(" {}", name(*parent))).collect();
        let colon = if parents.is_empty() { "" } else { " :" };
        let time = if commit.time == at as i64 * 100 { String::new() } else { format!(" @{}", commit.time) };
        out.push_str(&format!("\ncommit {}{colon}{parents}{time}\n", commit.name));
        commit.steps.iter().for_each(|step| push_step(&mut out, story, step));
    }
    for judgement in &scenario.judgements {
        let Judgement { ours, theirs, verdict, conflicts } = judgement;
        out.push_str(&format!("\njudge {} {}: {verdict}\n", name(*ours), name(*theirs)));
        conflicts.iter().for_each(|conflict| out.push_str(&format!("  {conflict}\n")));
    }
    out
}

fn push_step(out: &mut String, story: &Story, step: &Step) {
    let (line, content) = match step {
        Step::Write(path, content) => (format!("write {}", word(path)), &content[..]),
        Step::Append(path, content) => (format!("append {}", word(path)), &content[..]),
        Step::Replace { path, first, last, lines } if last < first => {
            (format!("insert {} {first}", word(path)), &lines[..])
        }
        Step::Replace { path, first, last, lines } => (format!("replace {} {first}-{last}", word(path)), &lines[..]),
        Step::Delete(path) => (format!("delete {}", word(path)), &b""[..]),
        Step::Rename(from, to) => (format!("rename {} {}", word(from), word(to)), &b""[..]),
        Step::Executable(path, true) => (format!("executable {}", word(path)), &b""[..]),
        Step::Executable(path, false) => (format!("plain {}", word(path)), &b""[..]),
        Step::Link(path, target) => (format!("link {} {}", word(path), word(target)), &b""[..]),
        Step::Submodule(path, digit) => (format!("submodule {} {digit}", word(path)), &b""[..]),
        Step::Take(from, path) => (format!("take {} {}", story.commits[*from].name, word(path)), &b""[..]),
    };
    out.push_str(&format!("  {line}\n"));
    push_content(out, content);
}

fn push_content(out: &mut String, content: &[u8]) {
    for line in content.split_inclusive(|byte| *byte == b'\n') {
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        let is_plain = text.len() < line.len() && text.iter().all(|byte| matches!(byte, b' '..=b'~'));
        match is_plain {
            true => out.push_str(&format!("    | {}\n", String::from_utf8_lossy(text))),
            false => out.push_str(&format!("    ! {}\n", escape(line))),
        }
    }
}
