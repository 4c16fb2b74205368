//! A CODEOWNERS file as `owns` of tracks: a track for each owner. What cannot be said so is listed, and nothing of it is
//! guessed.

use std::collections::{BTreeMap, BTreeSet};

use toml_edit::{Array, Value};

use super::{read_line, refusal};
use crate::model::TrackId;
use crate::policy::contracts::fixed_part;

/// Whose rules a file follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forge {
    /// One list: the last line that matches decides.
    Github,
    /// A list for each section, and each of them has its say; `!` takes a path out of its section; a path that does not
    /// begin with `/` is meant at any depth.
    /// Source: <https://docs.gitlab.com/user/project/codeowners/reference/>.
    Gitlab,
}

/// What a file comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// For each owner a track: its id, the owner as written, and what it owns.
    pub tracks: Vec<(TrackId, String, Vec<String>)>,
    /// What could not be said, or is said otherwise: the number of the line, and why.
    pub notes: Vec<(usize, String)>,
}

struct Line {
    number: usize,
    /// The section, in lower case; empty before the first.
    section: String,
    pattern: String,
    owners: Vec<String>,
}

impl Forge {
    /// GitLab's where the file lies in `.gitlab/` or has sections.
    pub fn of(path: &str, text: &str) -> Forge {
        let sections = text.lines().any(|line| header(line).is_some());
        if path.starts_with(".gitlab/") || sections { Forge::Gitlab } else { Forge::Github }
    }
}

/// Reads a file.
pub fn import(text: &str, forge: Forge) -> Imported {
    let mut imported = Imported::default();
    let lines = lines(text, forge, &mut imported.notes);
    let owners: BTreeSet<&String> = lines.iter().flat_map(|line| &line.owners).collect();
    let mut taken: BTreeSet<String> = BTreeSet::new();
    for owner in owners {
        let Some(owns) = owned(owner, &lines, &mut imported.notes) else { continue };
        if !owns.is_empty() {
            imported.tracks.push((id(owner, &mut taken), owner.clone(), owns));
        }
    }
    let shared = lines.iter().filter(|line| line.owners.len() > 1);
    imported.notes.extend(shared.map(|line| {
        let message = format!(
            "names {} owners: each of their tracks owns it, which `ownership.overlap` reports",
            line.owners.len()
        );
        (line.number, message)
    }));
    imported.notes.sort();
    imported.notes.dedup();
    imported
}

/// The tables, as they stand in `tracks.toml`, with the notes as comments.
pub fn written(imported: &Imported, origin: &str) -> String {
    let origin = crate::model::text::escaped(origin.as_bytes());
    let mut out = format!("# From `{origin}`: a track for each owner.\n");
    for (number, note) in &imported.notes {
        out += &format!("# line {number} {note}\n");
    }
    for (id, owner, owns) in &imported.tracks {
        let mut array: Array = owns.iter().collect();
        if owns.len() > 1 {
            array.iter_mut().for_each(|value: &mut Value| value.decor_mut().set_prefix("\n    "));
            array.set_trailing_comma(true);
            array.set_trailing("\n");
        }
        out += &format!("\n[tracks.{id}]\nagent = {}\nowns = {array}\n", Value::from(owner.as_str()));
    }
    out
}

fn lines(text: &str, forge: Forge, notes: &mut Vec<(usize, String)>) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut section = (String::new(), Vec::new());
    for (number, text) in (1..).zip(text.lines()) {
        if let Some((name, defaults)) = header(text).filter(|_| forge == Forge::Gitlab) {
            section = (name, defaults);
            continue;
        }
        let Some((pattern, mut owners)) = read_line(text) else { continue };
        if forge == Forge::Gitlab && owners.is_empty() && !pattern.starts_with('!') {
            owners.clone_from(&section.1);
        }
        match meant(&pattern, forge) {
            Err(why) => notes
                .push((number, format!("is left out: `{}` {why}", crate::model::text::escaped(pattern.as_bytes())))),
            Ok(pattern) => lines.push(Line { number, section: section.0.clone(), pattern, owners }),
        }
    }
    lines
}

/// The name and the owners of a section's header: `^[Name][2] @owner`.
fn header(line: &str) -> Option<(String, Vec<String>)> {
    let rest = line.trim().trim_start_matches('^').strip_prefix('[')?;
    let (name, rest) = rest.split_once(']')?;
    let rest = match rest.strip_prefix('[') {
        Some(number) => number.split_once(']')?.1,
        None => rest,
    };
    let headed = rest.is_empty() || rest.starts_with(char::is_whitespace);
    let owners = rest.split_whitespace().take_while(|word| !word.starts_with('#')).map(str::to_owned);
    headed.then(|| (name.trim().to_lowercase(), owners.collect()))
}

/// The pattern as gitignore would write it; the error is why that cannot be done.
fn meant(pattern: &str, forge: Forge) -> Result<String, String> {
    if forge == Forge::Github {
        return refusal(pattern).map_or_else(|| Ok(pattern.to_owned()), Err);
    }
    let (not, plain) = pattern.strip_prefix('!').map_or(("", pattern), |rest| ("!", rest));
    if let Some(why) = refusal(plain).filter(|_| !plain.starts_with("\\#") && !plain.contains(['[', ']'])) {
        return Err(why);
    }
    let anchored = plain.starts_with('/') || plain.starts_with("**/");
    let inner = plain.trim_end_matches('/').contains('/');
    Ok(if inner && !anchored { format!("{not}**/{plain}") } else { pattern.to_owned() })
}

/// What an owner owns; `None` where no list says it.
fn owned(owner: &String, lines: &[Line], notes: &mut Vec<(usize, String)>) -> Option<Vec<String>> {
    let mut sections: BTreeMap<&str, Vec<&Line>> = BTreeMap::new();
    lines.iter().for_each(|line| sections.entry(&line.section).or_default().push(line));
    let named = |lines: &Vec<&Line>| lines.iter().any(|line| line.owners.contains(owner));
    let lists: Vec<(usize, Vec<String>)> = sections
        .values()
        .filter(|lines| named(lines))
        .map(|lines| (lines[0].number, of_section(owner, lines, notes)))
        .collect();
    // Sections do not overrule each other: a list that takes something out must come first.
    let (mut taking, adding): (Vec<_>, Vec<_>) =
        lists.into_iter().partition(|(_, list)| list.iter().any(|pattern| pattern.starts_with('!')));
    if taking.len() > 1 {
        let (number, _) = taking[1];
        let shown = crate::model::text::escaped(owner.as_bytes());
        notes.push((number, format!("begins a section that takes paths from `{shown}`, as another one does: one list cannot say both, so `{shown}` is left out")));
        return None;
    }
    taking.extend(adding);
    Some(taking.into_iter().flat_map(|(_, list)| list).collect())
}

/// What an owner owns by one section: each later line that does not name the owner takes its paths out again.
fn of_section(owner: &String, lines: &[&Line], notes: &mut Vec<(usize, String)>) -> Vec<String> {
    let mut list: Vec<String> = Vec::new();
    let mut never: Vec<String> = Vec::new();
    for line in lines {
        let pattern = &line.pattern;
        if pattern.starts_with('!') {
            never.push(pattern.clone());
            continue;
        }
        let is_named = line.owners.contains(owner);
        let near: Vec<&String> = list.iter().filter(|earlier| may_meet(earlier, pattern)).collect();
        if !is_named && near.is_empty() {
            continue;
        }
        // `**/*` is about every file below, however deep.
        if !pattern.ends_with("/*") || pattern.ends_with("**/*") {
            list.push(if is_named { pattern.clone() } else { format!("!{pattern}") });
            continue;
        }
        // `docs/*` is about files right in `docs`, and gitignore's also about folders there with all that is in them.
        let all = near.last().is_some_and(|last| matches!(last.as_str(), "*" | "**" | "/**"));
        let none = near.is_empty();
        match (is_named, none, all) {
            (true, true, _) => list.extend([pattern.clone(), format!("!{pattern}/")]),
            (true, _, true) => {}
            (false, _, true) => list.extend([format!("!{pattern}"), format!("{pattern}/")]),
            _ => {
                let shown = crate::model::text::escaped(pattern.as_bytes());
                let why = "reaches no further than its folder, which no pattern behind others can say";
                notes.push((line.number, format!("is left out for `{owner}`: `{shown}` {why}")));
            }
        }
    }
    if !list.is_empty() {
        list.extend(never);
    }
    list
}

/// Whether two patterns could match one path, as far as the folders say that they are fixed to.
fn may_meet(a: &str, b: &str) -> bool {
    let fixed = |pattern: &str| fixed_part(pattern.trim_start_matches('!'));
    match (fixed(a), fixed(b)) {
        (Some(a), Some(b)) => a.is_within(&b) || b.is_within(&a),
        _ => true,
    }
}

/// `web-team` for `@org/web-team` and `docs` for `docs@example.com`; with a number where that is taken.
fn id(owner: &str, taken: &mut BTreeSet<String>) -> TrackId {
    let name = owner.trim_start_matches('@');
    let name = if owner.starts_with('@') { name.rsplit('/').next() } else { name.split('@').next() };
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let name: String = name.unwrap_or_default().chars().map(plain).take(50).collect();
    let name = name.trim_matches('-');
    let numbered = |number: usize| if number == 1 { name.to_owned() } else { format!("{name}-{number}") };
    let fallback = |number: usize| format!("owner-{number}");
    let fits = |id: &String| !taken.contains(id) && TrackId::new(id).is_ok();
    let chosen =
        (1..100).map(numbered).chain((1..).map(fallback)).find(fits).expect("there are more numbers than tracks");
    taken.insert(chosen.clone());
    TrackId::new(&chosen).expect("only such are chosen")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use snapbox::{assert_data_eq, str};

    use super::super::Codeowners;
    use super::{Forge, import, written};
    use crate::model::RepoPath;
    use crate::policy::ownership::globs::Globs;

    /// The examples of GitHub's documentation.
    const GITHUB: &str = "\
*       @global-owner1 @global-owner2
*.js    @js-owner #This is an inline comment.
*.go docs@example.com
*.txt @octo-org/octocats
/build/logs/ @doctocat
docs/* docs@example.com
apps/ @octocat
/docs/ @doctocat
/scripts/ @doctocat @octocat
**/logs @octocat
/apps/ @octocat
/apps/github
";

    /// Who owns a path by what was imported.
    fn imported_owners(text: &str, forge: Forge, path: &RepoPath) -> Vec<String> {
        let imported = import(text, forge);
        let owns =
            imported.tracks.iter().filter(|(_, _, owns)| Globs::new("owns", owns).expect("valid").contains(path));
        owns.map(|(_, owner, _)| owner.clone()).collect()
    }

    fn github_owners(text: &str, path: &RepoPath) -> Vec<String> {
        let owners = Codeowners::parse(text).expect("small");
        let mut named: Vec<String> = owners.owners(path).map_or(vec![], |named| named.owners.to_vec());
        named.sort();
        named.dedup();
        named
    }

    #[test]
    fn githubs_examples_mean_what_they_mean_there() {
        let table = [
            ("x.rs", "@global-owner1 @global-owner2"),
            ("src/x.js", "@js-owner"),
            ("x.go", "docs@example.com"),
            ("deep/x.txt", "@octo-org/octocats"),
            ("build/logs/x", "@octocat"),
            ("build/x/logs/y", "@octocat"),
            ("docs/getting-started.md", "@doctocat"),
            ("docs/build-app/troubleshooting.md", "@doctocat"),
            ("x/apps/y", "@octocat"),
            ("scripts/x", "@doctocat @octocat"),
            ("apps/x", "@octocat"),
            ("apps/github", ""),
            ("apps/github/x", ""),
        ];
        for (path, owners) in table {
            let path = RepoPath::new(path);
            assert_eq!(github_owners(GITHUB, &path).join(" "), owners, "{path}");
            assert_eq!(imported_owners(GITHUB, Forge::Github, &path).join(" "), owners, "imported: {path}");
        }
    }

    #[test]
    fn gitlabs_sections_each_have_their_say() {
        let text = "\
* @general
!pom.xml
[Documentation] @docs
docs/
README.md
internal/notes.md @writers

^[Database][2] @database
model/db/
config/db/setup.md @docs
[DOCUMENTATION]
guide/ @docs
";
        let table = [
            ("x", "@general"),
            ("pom.xml", ""),
            ("docs/x", "@docs @general"),
            ("a/README.md", "@docs @general"),
            ("a/internal/notes.md", "@general @writers"),
            ("model/db/x", "@database @general"),
            ("config/db/setup.md", "@docs @general"),
            ("guide/x", "@docs @general"),
        ];
        assert_eq!(Forge::of("CODEOWNERS", text), Forge::Gitlab);
        for (path, owners) in table {
            assert_eq!(imported_owners(text, Forge::Gitlab, &RepoPath::new(path)).join(" "), owners, "{path}");
        }
    }

    #[test]
    fn what_cannot_be_said_is_listed() {
        let text = "*.js @a\ndocs/* @a\n!x @b\n/lib/ @a @b\n[Two] @c\n*\n/x/\n/y/ @d\n[Three] @c\n*.rs\n/z/ @d\n";
        assert_data_eq!(
            written(&import(text, Forge::of("CODEOWNERS", text)), "CODEOWNERS"),
            str![[r##"
# From `CODEOWNERS`: a track for each owner.
# line 2 is left out for `@a`: `**/docs/*` reaches no further than its folder, which no pattern behind others can say
# line 4 names 2 owners: each of their tracks owns it, which `ownership.overlap` reports
# line 6 begins a section that takes paths from `@c`, as another one does: one list cannot say both, so `@c` is left out

[tracks.a]
agent = "@a"
owns = [
    "*.js",
    "/lib/",
    "!x",
]

[tracks.b]
agent = "@b"
owns = [
    "/lib/",
    "!x",
]

[tracks.d]
agent = "@d"
owns = [
    "/z/",
    "/y/",
]

"##]]
        );
        let imported = import("!x @a\n[id] @b\nx/[id]/ @c\n", Forge::Github);
        assert_eq!(imported.notes.len(), 2);
    }

    #[test]
    fn every_owner_gets_an_id_of_its_own() {
        let imported = import("a @org/web\nb @web\nc web@example.com\nd @@maintainer\ne @_\n", Forge::Github);
        let ids: Vec<String> = imported.tracks.iter().map(|(id, owner, _)| format!("{owner} {id}")).collect();
        assert_eq!(
            ids,
            ["@@maintainer maintainer", "@_ owner-1", "@org/web web", "@web web-2", "web@example.com web-3"]
        );
    }

    proptest! {
        #[test]
        fn the_import_says_what_github_says(
            lines in prop::collection::vec((r"/?(a|b|\*|\*\.c|\*\*)(/(a|b|\*|\*\*|\*\.c))?/?", "( @[xyz])?( @[xyz])?"), 1..6),
            path in "[ab](/[ab]){0,2}(\\.c)?",
        ) {
            let text: String = lines.iter().map(|(pattern, owners)| format!("{pattern}{owners}\n")).collect();
            let path = RepoPath::new(path);
            let imported = import(&text, Forge::Github);
            prop_assume!(!imported.notes.iter().any(|(_, note)| note.contains("left out")));
            let mut found = imported_owners(&text, Forge::Github, &path);
            found.sort();
            prop_assert_eq!(found, github_owners(&text, &path), "{}", text);
        }

        #[test]
        fn any_text_is_survived(text in r"([!#/\\\[\]{}*?a-c@ .^-]{0,12}\n){0,4}") {
            written(&import(&text, Forge::Github), "x");
            written(&import(&text, Forge::Gitlab), "x");
        }
    }
}
