//! Which branch and which folder a track has: from the templates, or as its own table says.

use std::path::PathBuf;

use crate::model::text::escaped;
use crate::model::{BranchName, Failure, TrackId};

use super::config::Config;
use super::config::known::nearest;
use super::config::model::TrackTable;

/// Bytes of a template or a folder: more than any system takes for a path, and little enough to fill in for every track
/// of a hostile file.
const LONGEST: usize = 1024;

/// The branch of a track, declared or about to be; its own `branch` key wins over the template.
pub fn branch(config: &Config, id: &TrackId) -> Result<BranchName, Failure> {
    branch_of(config, id).map_err(|why| Failure::usage(format!("the branch of track `{id}`: {why}")))
}

/// The folder of a track: relative to the main worktree, or absolute where the track's own `directory` is. `repo_name`
/// is the name of the main worktree's folder.
pub fn directory(config: &Config, id: &TrackId, repo_name: &str) -> Result<PathBuf, Failure> {
    let failure = |why| Failure::usage(format!("the folder of track `{id}`: {why}"));
    let folder = directory_of(config, id, repo_name).map_err(failure)?;
    let mut parts = folder.split('/');
    // The name that leads back into the main worktree from outside: the same folder under two paths.
    if parts.next() == Some("..") && parts.next() == Some(repo_name) {
        return Err(failure(format!("`{}` is the main worktree, or lies in it", escaped(folder.as_bytes()))));
    }
    Ok(PathBuf::from(folder))
}

/// The declared track that a branch belongs to.
pub fn id_of_branch(config: &Config, branch: &str) -> Option<TrackId> {
    let ids = config.tracks.keys().filter_map(|id| TrackId::new(id).ok());
    ids.into_iter().find(|id| branch_of(config, id).is_ok_and(|name| name.as_str() == branch))
}

/// A track's branch; the error ends a sentence about it.
pub(super) fn branch_of(config: &Config, id: &TrackId) -> Result<BranchName, String> {
    let table = config.tracks.get(id.as_str());
    let name = match table.and_then(|table| table.branch.clone()) {
        Some(own) => own,
        None => Template::branch(&config.naming.branch)?.fill(&Words::new(config, id, table))?,
    };
    BranchName::new(&name).map_err(|why| format!("`{}` {why}", escaped(name.as_bytes())))
}

/// A track's folder, without a slash at its end; the error ends a sentence about it.
pub(super) fn directory_of(config: &Config, id: &TrackId, repo_name: &str) -> Result<String, String> {
    let table = config.tracks.get(id.as_str());
    let (folder, checked) = match table.and_then(|table| table.directory.clone()) {
        Some(own) => {
            let checked = check_own(&own);
            (own, checked)
        }
        None => {
            let words = Words { repo: Some(repo_name), ..Words::new(config, id, table) };
            let folder = Template::directory(&config.naming.directory)?.fill(&words)?;
            let checked = check_relative(&folder);
            (folder, checked)
        }
    };
    match checked {
        Ok(()) => Ok(folder.trim_end_matches(['/', '\\']).to_owned()),
        Err(why) => Err(format!("`{}` {why}", escaped(folder.as_bytes()))),
    }
}

/// Checks the template for branches by itself; the error ends a sentence that begins with it.
pub(super) fn check_branch_template(template: &str) -> Result<(), String> {
    Template::branch(template)?.needs_track()
}

/// Checks the template for folders by itself; the error ends a sentence that begins with it.
pub(super) fn check_directory_template(template: &str) -> Result<(), String> {
    let parsed = Template::directory(template)?;
    parsed.needs_track()?;
    let phase = parsed.0.iter().any(|part| matches!(part, Part::Phase)).then_some("x");
    check_relative(&parsed.fill(&Words { track: "x", phase, agent: Some("x"), repo: Some("x") })?)
}

/// What stands in the place of the placeholders.
struct Words<'a> {
    track: &'a str,
    phase: Option<&'a str>,
    agent: Option<&'a str>,
    repo: Option<&'a str>,
}

impl<'a> Words<'a> {
    fn new(config: &'a Config, id: &'a TrackId, table: Option<&'a TrackTable>) -> Self {
        let agent = table.and_then(|table| table.agent.as_deref());
        Words { track: id.as_str(), phase: config.phase.as_deref(), agent, repo: None }
    }
}

enum Part<'a> {
    Text(&'a str),
    Track,
    Phase,
    Agent,
    Repo,
}

struct Template<'a>(Vec<Part<'a>>);

impl<'a> Template<'a> {
    /// A branch knows nothing of the folder the repository is cloned to: its name must be the same for everybody.
    fn branch(text: &'a str) -> Result<Self, String> {
        Self::parse(text, &["track", "phase", "agent"])
    }

    fn directory(text: &'a str) -> Result<Self, String> {
        Self::parse(text, &["track", "phase", "agent", "repo"])
    }

    fn parse(text: &'a str, known: &[&str]) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err("is longer than 1 KiB".into());
        }
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            let (name, after) = from
                .strip_prefix('{')
                .and_then(|from| from.split_once('}'))
                .ok_or("has a brace without its other half")?;
            parts.push(Part::Text(before));
            parts.push(placeholder(name, known)?);
            rest = after;
        }
        parts.push(Part::Text(rest));
        Ok(Template(parts))
    }

    fn needs_track(&self) -> Result<(), String> {
        let named = self.0.iter().any(|part| matches!(part, Part::Track));
        named.then_some(()).ok_or_else(|| "does not hold `{track}`, so all tracks would get the same".into())
    }

    fn fill(&self, words: &Words<'_>) -> Result<String, String> {
        let mut filled = String::new();
        let mut dropped = false;
        for part in &self.0 {
            match part {
                Part::Text(text) if dropped => filled.push_str(text.strip_prefix('-').unwrap_or(text)),
                Part::Text(text) => filled.push_str(text),
                Part::Track => filled.push_str(words.track),
                Part::Phase => filled.push_str(words.phase.unwrap_or_default()),
                Part::Agent => filled.push_str(agent(words)?),
                Part::Repo => filled.push_str(words.repo.unwrap_or_default()),
            }
            dropped = matches!(part, Part::Phase) && words.phase.is_none();
        }
        Ok(filled)
    }
}

fn placeholder<'a>(name: &str, known: &[&str]) -> Result<Part<'a>, String> {
    match name {
        _ if !known.contains(&name) => {
            let meant = nearest(name, known.iter().copied());
            let meant = meant.map(|known| format!(", did you mean `{{{known}}}`?")).unwrap_or_default();
            Err(format!("holds the unknown placeholder `{{{}}}`{meant}", escaped(name.as_bytes())))
        }
        "phase" => Ok(Part::Phase),
        "agent" => Ok(Part::Agent),
        "repo" => Ok(Part::Repo),
        _ => Ok(Part::Track),
    }
}

/// Who works on a track is free text; only what could be an id may become part of a name.
fn agent<'a>(words: &Words<'a>) -> Result<&'a str, String> {
    match words.agent {
        None => Ok(words.track),
        Some(agent) => match TrackId::new(agent) {
            Ok(_) => Ok(agent),
            Err(why) => Err(format!("the agent `{}` {why}, and `{{agent}}` is part of it", escaped(agent.as_bytes()))),
        },
    }
}

/// A folder that a track's own table names: where an adopted worktree lies, anywhere on the machine.
fn check_own(folder: &str) -> Result<(), String> {
    match absolute(folder) {
        Some(below) => check_parts(below, &['/', '\\']),
        None => check_relative(folder),
    }
}

fn check_relative(folder: &str) -> Result<(), String> {
    if absolute(folder).is_some() {
        return Err("is absolute".into());
    }
    if folder.contains('\\') {
        return Err("holds `\\`: write `/`".into());
    }
    check_parts(folder.strip_prefix("../").unwrap_or(folder), &['/'])
}

/// What comes after the root of an absolute path, of any operating system: the file is shared between them.
fn absolute(folder: &str) -> Option<&str> {
    let drive = |b: &[u8]| b.len() > 1 && b[0].is_ascii_alphabetic() && b[1] == b':';
    match folder.strip_prefix(['/', '\\']) {
        Some(below) => Some(below),
        None if drive(folder.as_bytes()) => Some(folder[2..].trim_start_matches(['/', '\\'])),
        None => None,
    }
}

fn check_parts(folder: &str, separators: &[char]) -> Result<(), String> {
    if folder.len() > LONGEST {
        return Err("is longer than 1 KiB".into());
    }
    if escaped(folder.as_bytes()) != folder {
        return Err("holds a character that cannot be seen".into());
    }
    let folder = folder.strip_suffix(separators).unwrap_or(folder);
    folder.split(separators).try_for_each(check_part)
}

fn check_part(part: &str) -> Result<(), String> {
    match part {
        "" => Err("has an empty part".into()),
        "." | ".." => Err(format!("has a part `{part}`, which may only be one `../` at the beginning")),
        _ if is_git_dir(part) => Err("has a part that git keeps for itself".into()),
        _ if part.ends_with(['.', ' ']) => Err("has a part that ends in a dot or a space, which Windows drops".into()),
        _ => Ok(()),
    }
}

/// Whether some file system takes `part` for `.git`: whatever its case, with dots or spaces behind, with the name of a
/// stream behind, as NTFS shortens it, or with the characters that HFS+ skips.
pub(super) fn is_git_dir(part: &str) -> bool {
    let skipped =
        |c: char| matches!(c, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}');
    let seen: String = part.chars().filter(|c| !skipped(*c)).collect();
    let name = seen.split(':').next().unwrap_or_default().trim_end_matches(['.', ' ']);
    name.eq_ignore_ascii_case(".git") || name.eq_ignore_ascii_case("git~1")
}

#[cfg(test)]
mod tests {
    use super::{branch, check_branch_template, check_directory_template, directory, id_of_branch};
    use crate::model::TrackId;
    use crate::policy::config::Config;

    fn config(text: &str) -> Config {
        toml::from_str(text).expect("well formed")
    }

    fn id(id: &str) -> TrackId {
        TrackId::new(id).expect("valid")
    }

    /// Branch and folder of track `a`, or the messages.
    fn names(text: &str) -> (String, String) {
        let config = config(text);
        let name = branch(&config, &id("a")).map_or_else(|e| e.message, |name| name.to_string());
        let folder = directory(&config, &id("a"), "shop").map_or_else(|e| e.message, |f| f.display().to_string());
        (name, folder)
    }

    #[test]
    fn templates_are_filled() {
        let table = [
            ("", "feature/track-a", "worktrees/track-a"),
            ("phase = 'p2'", "feature/p2-track-a", "worktrees/p2-track-a"),
            ("[naming]\nbranch='{agent}/{track}'\ndirectory='../{repo}.{track}'", "a/a", "../shop.a"),
            (
                "[naming]\nbranch='{agent}-{track}'\ndirectory='{agent}/{track}/'\n[tracks.a]\nagent='alpha'",
                "alpha-a",
                "alpha/a",
            ),
            ("[naming]\nbranch='{track}-{phase}-{track}'\ndirectory='{track}{phase}x'", "a-a", "ax"),
            ("[tracks.a]\nbranch='Topic/X'\ndirectory='/srv/Topic X'", "Topic/X", "/srv/Topic X"),
            ("[tracks.a]\ndirectory='C:\\work\\a'", "feature/track-a", "C:\\work\\a"),
            ("[tracks.a]\ndirectory='../a'", "feature/track-a", "../a"),
        ];
        for (text, name, folder) in table {
            assert_eq!(names(text), (name.into(), folder.into()), "{text}");
        }
    }

    #[test]
    fn names_that_would_do_harm_are_refused() {
        let branches =
            [("branch = 'a b'", "`a b` holds ' ', which no branch name may"), ("branch = ''", "`` is empty")];
        for (key, why) in branches {
            assert_eq!(names(&format!("[tracks.a]\n{key}")).0, format!("the branch of track `a`: {why}"));
        }
        let dots = "has a part `..`, which may only be one `../` at the beginning";
        let git = "has a part that git keeps for itself";
        let folders = [
            ("../../x", dots),
            ("x/../y", dots),
            ("/srv/../y", dots),
            ("..", dots),
            (".git/hooks", git),
            ("x/.GIT", git),
            ("x/.git ./y", git),
            ("git~1", git),
            (".git::$INDEX_ALLOCATION", git),
            ("C:\\x\\.git\\y", git),
            ("a//b", "has an empty part"),
            ("/", "has an empty part"),
            ("x.", "has a part that ends in a dot or a space, which Windows drops"),
        ];
        for (folder, why) in folders {
            let got = names(&format!("[tracks.a]\ndirectory = '{folder}'")).1;
            assert_eq!(got, format!("the folder of track `a`: `{folder}` {why}"));
        }
        let hidden = names("[tracks.a]\ndirectory = \"x/.g\\u200cit\"").1;
        assert_eq!(hidden, "the folder of track `a`: `x/.g\\u{200c}it` holds a character that cannot be seen");
        let main = names("[tracks.a]\ndirectory = '../shop'").1;
        assert_eq!(main, "the folder of track `a`: `../shop` is the main worktree, or lies in it");
        let dotted = names("[naming]\ndirectory = '.{agent}/{track}'\n[tracks.a]\nagent = 'git'").1;
        assert_eq!(dotted, "the folder of track `a`: `.git/a` has a part that git keeps for itself");
        let agent = names("[naming]\nbranch = '{agent}/{track}'\n[tracks.a]\nagent = 'x/../y'").0;
        assert_eq!(
            agent,
            "the branch of track `a`: the agent `x/../y` may hold only `a`–`z`, digits, `_` and `-`, and `{agent}` is part of it"
        );
    }

    #[test]
    fn templates_are_checked_by_themselves() {
        let table = [
            ("w/{track}", Ok(())),
            ("../{repo}.{track}/{phase}/x", Ok(())),
            ("w/{trak}", Err("holds the unknown placeholder `{trak}`, did you mean `{track}`?")),
            ("w/{user}/{track}", Err("holds the unknown placeholder `{user}`")),
            ("w/{track", Err("has a brace without its other half")),
            ("w/track}", Err("has a brace without its other half")),
            (&"x".repeat(1025), Err("is longer than 1 KiB")),
            ("w/x", Err("does not hold `{track}`, so all tracks would get the same")),
            ("/w/{track}", Err("is absolute")),
            ("c:w/{track}", Err("is absolute")),
            ("../../{track}", Err("has a part `..`, which may only be one `../` at the beginning")),
            ("..\\{track}", Err("holds `\\`: write `/`")),
            (".Git/{track}", Err("has a part that git keeps for itself")),
        ];
        for (template, result) in table {
            assert_eq!(check_directory_template(template), result.map_err(str::to_owned), "{template}");
        }
        assert_eq!(check_branch_template("x/{track}"), Ok(()));
        assert_eq!(check_branch_template("{repo}/{track}"), Err("holds the unknown placeholder `{repo}`".into()));
    }

    #[test]
    fn a_branch_leads_back_to_its_track() {
        let config = config("phase='p1'\n[tracks.a]\n[tracks.b]\nbranch='topic'");
        let table =
            [("feature/p1-track-a", Some("a")), ("topic", Some("b")), ("feature/p1-track-b", None), ("main", None)];
        for (name, owner) in table {
            assert_eq!(id_of_branch(&config, name).as_ref().map(TrackId::as_str), owner, "{name}");
        }
    }
}
