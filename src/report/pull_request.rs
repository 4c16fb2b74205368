//! The text of a pull request: what changes, who else is concerned, and what nobody has checked. It claims nothing
//! that it was not given.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};

use super::build::conflicts;
use super::markdown::{code, message, plain};
use super::model::{Conflict, Lines, PullRequest, Shown, repo_path, shown};
use crate::model::text::{count, escaped, escaped_lines};
use crate::model::{self, RepoPath};

/// More entries of a list than this are only counted.
const ENTRIES: usize = 20;

/// What is known about a branch that is to land.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proposal {
    /// The branch that lands, without `refs/heads/`.
    pub branch: String,
    /// The branch it lands on.
    pub base: String,
    /// The track it belongs to.
    pub track: Option<String>,
    /// The track's declared title; else the one commit's subject, else the branch's name, becomes the title.
    pub title: Option<String>,
    /// The subjects of its commits, oldest first.
    pub subjects: Vec<String>,
    /// What it changes.
    pub files: Vec<ChangedFile>,
    /// Others who own changed paths, by CODEOWNERS or as tracks.
    pub owners: Vec<(String, Vec<RepoPath>)>,
    /// Tracks that must land first.
    pub depends_on: Vec<String>,
    /// What it collides with, by name.
    pub collisions: Vec<(String, Vec<model::Conflict>)>,
    /// What was checked and is well, one short sentence each.
    pub checked: Vec<String>,
    /// What could not be checked, and why, one short sentence each.
    pub unchecked: Vec<String>,
    /// Its place in the landing order, and how many there are.
    pub place: Option<(usize, usize)>,
    /// Where the pull request is opened.
    pub forge: Forge,
}

/// A file that is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedFile {
    /// Which.
    pub path: RepoPath,
    /// Lines added; `None` for a binary file.
    pub added: Option<usize>,
    /// Lines removed; `None` for a binary file.
    pub removed: Option<usize>,
}

/// Where the pull request is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Forge {
    /// With `gh`.
    Github,
    /// With `glab`.
    Gitlab,
    /// By hand.
    #[default]
    Unknown,
}

impl PullRequest {
    /// Writes the text for `proposal`.
    pub fn new(proposal: &Proposal) -> PullRequest {
        let title = title(proposal);
        let mut labels: Vec<String> = proposal.track.iter().map(|track| format!("track:{track}")).collect();
        labels.extend((!proposal.depends_on.is_empty()).then(|| "blocked".to_owned()));
        labels.extend((!proposal.collisions.is_empty()).then(|| "conflict".to_owned()));
        PullRequest {
            body: body(proposal),
            labels,
            base: proposal.base.clone(),
            head: proposal.branch.clone(),
            open: open(proposal, &title),
            title,
        }
    }
}

/// The pull request for a terminal; the last line is the command that opens it.
pub fn text(request: &PullRequest) -> String {
    let line = |text: &str| escaped(text.as_bytes());
    let (strong, faint) = (Style::new().bold(), Style::new().dimmed());
    let hint = AnsiColor::Cyan.on_default();
    let mut out = format!("{strong}{}{strong:#}\n", line(&request.title));
    let _ = writeln!(out, "{faint}{} into {}{faint:#}", line(&request.head), line(&request.base));
    if !request.labels.is_empty() {
        let _ = writeln!(out, "{faint}labels: {}{faint:#}", line(&request.labels.join(", ")));
    }
    if !request.body.is_empty() {
        let _ = writeln!(out, "\n{}", escaped_lines(request.body.as_bytes()).trim_end());
    }
    if let Some(open) = &request.open {
        let _ = writeln!(out, "\n{hint}{}{hint:#}", line(open));
    }
    out
}

fn title(proposal: &Proposal) -> String {
    let branch = proposal.branch.rsplit('/').next().unwrap_or_default();
    let title = match (&proposal.title, proposal.subjects.as_slice()) {
        (Some(title), _) => title.clone(),
        (None, [only]) => only.clone(),
        (None, _) => branch.replace(['-', '_'], " "),
    };
    escaped(title.trim().as_bytes())
}

fn body(proposal: &Proposal) -> String {
    let sections = [
        section("Changes", &proposal.subjects.iter().map(|subject| plain(subject)).collect::<Vec<_>>()),
        files(&proposal.files),
        section("Collides with", &proposal.collisions.iter().flat_map(collision).collect::<Vec<_>>()),
        section("Concerns", &proposal.owners.iter().map(concerned).collect::<Vec<_>>()),
        section("Landing", &landing(proposal)),
        section("Checked", &proposal.checked.iter().map(|text| format!("[x] {}", message(text))).collect::<Vec<_>>()),
        section(
            "Not checked",
            &proposal.unchecked.iter().map(|text| format!("[ ] {}", message(text))).collect::<Vec<_>>(),
        ),
    ];
    sections.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n")
}

fn section(title: &str, entries: &[String]) -> String {
    if entries.is_empty() {
        return String::new();
    }
    let mut out = format!("## {title}\n\n");
    for entry in entries.iter().take(ENTRIES) {
        let _ = writeln!(out, "- {entry}");
    }
    if let Some(more @ 1..) = entries.len().checked_sub(ENTRIES) {
        let _ = writeln!(out, "- … {more} more");
    }
    out
}

fn files(files: &[ChangedFile]) -> String {
    let sum = |lines: fn(&ChangedFile) -> Option<usize>| files.iter().filter_map(lines).sum::<usize>();
    let total = format!("{}, +{} −{}", count(files.len(), "file"), sum(|f| f.added), sum(|f| f.removed));
    let entry = |file: &ChangedFile| match (file.added, file.removed) {
        (Some(added), Some(removed)) => format!("{} +{added} −{removed}", path(&repo_path(&file.path))),
        _ => format!("{} binary", path(&repo_path(&file.path))),
    };
    section(&total, &files.iter().map(entry).collect::<Vec<_>>())
}

fn collision((name, conflicting): &(String, Vec<model::Conflict>)) -> Vec<String> {
    let entry = |conflict: &Conflict| {
        let path = path(&(conflict.path.clone(), conflict.path_bytes.clone()));
        let lines = match conflict.ours_lines.as_slice() {
            [] => String::new(),
            lines => format!(", lines {} here, {} there", ranges(lines), ranges(&conflict.theirs_lines)),
        };
        format!("{}: {path} ({}{lines})", code(name), plain(&conflict.kind))
    };
    conflicts(conflicting, &[]).iter().map(entry).collect()
}

fn ranges(lines: &[Lines]) -> String {
    let range = |&[first, last]: &Lines| if first < last { format!("{first}–{last}") } else { first.to_string() };
    lines.iter().map(range).collect::<Vec<_>>().join(", ")
}

fn concerned((owner, paths): &(String, Vec<RepoPath>)) -> String {
    let shown: Vec<String> = paths.iter().take(ENTRIES).map(|p| path(&repo_path(p))).collect();
    let more = paths.len().saturating_sub(ENTRIES);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    // As code, so that it names them without calling them.
    format!("{}: {}{more}", code(owner), shown.join(", "))
}

fn landing(proposal: &Proposal) -> Vec<String> {
    let after = proposal.depends_on.iter().map(|track| format!("after {}", code(track)));
    let place = proposal.place.map(|(place, all)| format!("place {place} of {all} in the landing order"));
    place.into_iter().chain(after).collect()
}

fn path((path, bytes): &Shown) -> String {
    code(&shown(path, bytes.as_deref()))
}

/// One line for a POSIX shell. Labels are left out: both programs fail on one that the forge does not have.
fn open(proposal: &Proposal, title: &str) -> Option<String> {
    let (title, base, head) = (quoted(title), quoted(&proposal.base), quoted(&proposal.branch));
    let body = format!("tracks report --pr {head} --format markdown");
    match proposal.forge {
        Forge::Github => {
            Some(format!("{body} | gh pr create --title {title} --base {base} --head {head} --body-file -"))
        }
        Forge::Gitlab => Some(format!(
            "glab mr create --title {title} --target-branch {base} --source-branch {head} --description \"$({body})\""
        )),
        Forge::Unknown => None,
    }
}

/// A word for a POSIX shell: as it is where nothing in it is special, else in single quotes.
fn quoted(word: &str) -> String {
    let harmless = |c: char| c.is_ascii_alphanumeric() || "_./-".contains(c);
    match !word.is_empty() && word.chars().all(harmless) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::{ChangedFile, Forge, Proposal, quoted, text};
    use crate::model::RepoPath;
    use crate::report::model::PullRequest;
    use crate::report::sample;
    use anstream::adapter::strip_str;
    use snapbox::{IntoData, assert_data_eq, str};

    fn minimal() -> Proposal {
        Proposal { branch: "feature/agent-list".into(), base: "main".into(), ..Proposal::default() }
    }

    fn full() -> Proposal {
        let file = |path: &[u8], added, removed| ChangedFile { path: RepoPath::new(path), added, removed };
        let outcome = sample::outcome();
        Proposal {
            track: Some("a".into()),
            title: Some("Agent registry: the agents' list".into()),
            subjects: vec!["list: pages of 20 (#12)".into(), "docs: say <b>how</b> @all".into()],
            files: vec![
                file(b"api/agents/list.ts", Some(120), Some(3)),
                file(b"docs/caf\xe9`|\x1b.md", Some(1), Some(0)),
                file(b"logo.png", None, None),
            ],
            owners: vec![("@shop/search".into(), vec![RepoPath::new("docs/x.md"), RepoPath::new("docs/y.md")])],
            depends_on: vec!["c".into()],
            collisions: vec![("feature/b".into(), outcome.pairs[3].verdict.conflicts().to_vec())],
            checked: vec!["merges clean with `main`".into()],
            unchecked: vec!["feature/x: no common ancestor".into()],
            place: Some((2, 5)),
            forge: Forge::Github,
            ..minimal()
        }
    }

    #[test]
    fn little_is_known() {
        let request = PullRequest::new(&minimal());
        assert_data_eq!(
            strip_str(&text(&request)).to_string(),
            str![[r#"
agent list
feature/agent-list into main

"#]]
            .raw()
        );
    }

    #[test]
    fn everything_is_known() {
        let request = PullRequest::new(&full());
        assert_data_eq!(strip_str(&text(&request)).to_string(), str![[r#"
Agent registry: the agents' list
feature/agent-list into main
labels: track:a, blocked, conflict

## Changes

- list: pages of 20 (#&#8203;12)
- docs: say &lt;b&gt;how&lt;/b&gt; @&#8203;all

## 3 files, +121 −3

- `api/agents/list.ts` +120 −3
- ``docs/caf\xe9`|\x1b.md`` +1 −0
- `logo.png` binary

## Collides with

- `feature/b`: `api/agents/list.ts` (content, lines 8–9, 98–120, 140 here, 8, 97, 120 there)
- `feature/b`: `docs/caf\xe9\x1b[31m.md` (modify-delete)

## Concerns

- `@shop/search`: `docs/x.md`, `docs/y.md`

## Landing

- place 2 of 5 in the landing order
- after `c`

## Checked

- [x] merges clean with `main`

## Not checked

- [ ] feature/x: no common ancestor

tracks report --pr feature/agent-list --format markdown | gh pr create --title 'Agent registry: the agents'\'' list' --base main --head feature/agent-list --body-file -

"#]].raw());
    }

    #[test]
    fn on_gitlab() {
        let request = PullRequest::new(&Proposal { forge: Forge::Gitlab, subjects: vec!["it's".into()], ..minimal() });
        let expected = "glab mr create --title 'it'\\''s' --target-branch main --source-branch feature/agent-list \
                        --description \"$(tracks report --pr feature/agent-list --format markdown)\"";
        assert_eq!(request.open.as_deref(), Some(expected));
    }

    #[test]
    fn a_shell_sees_one_word() {
        assert_eq!(quoted("a$(b)"), "'a$(b)'");
        assert_eq!(quoted(""), "''");
    }
}
