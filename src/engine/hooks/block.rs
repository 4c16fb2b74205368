//! The lines that let another hook manager call us, put into its file and taken out again: only whole lines are added,
//! between two marks, so that the file without them is what it was, byte for byte.

use super::Event;

const BEGIN: &str = "# tracks hooks begin";
const END: &str = "# tracks hooks end";
/// Stands in the first mark of a file that was not there before.
const NEW: &str = "a new file";

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A shell script that the system starts.
    Script,
    /// Lines of shell that somebody else's script reads.
    Sourced,
    /// `.pre-commit-config.yaml`, for pre-commit and prek.
    PreCommit,
    /// `prek.toml`.
    PrekToml,
    /// `lefthook.yml`.
    Lefthook,
    /// `hk.pkl`.
    Hk,
}

/// The command that calls us: it may be missing, and then that is said.
fn command(event: Event) -> String {
    let name = event.name();
    format!(
        "if command -v tracks >/dev/null; then tracks hooks run {name} \"$@\" || [ $? != 1 ] || exit 1; \
         else echo \"tracks is not found, so {name} checks nothing\" >&2; fi"
    )
}

impl Kind {
    /// What to add for an event, as somebody would type it.
    pub fn text(self, event: Event) -> String {
        let (name, command) = (event.name(), command(event));
        match self {
            Kind::Script | Kind::Sourced => format!("{command}\n"),
            Kind::PreCommit => pre_commit(event, ""),
            Kind::PrekToml => format!(
                "[[repos]]\nrepo = \"local\"\nhooks = [{{ id = \"tracks-{name}\", name = \"tracks\", language = \"system\", \
                 entry = '''sh -c '{command}' ''', stages = [\"{name}\"], always_run = true, pass_filenames = false, \
                 verbose = true }}]\n"
            ),
            Kind::Lefthook => format!("{name}:\n  commands:\n{}", lefthook_command(event, "    ", "  ")),
            Kind::Hk => format!(
                "hooks {{\n  [\"{name}\"] {{\n    steps {{\n      [\"tracks\"] {{ check = \"tracks hooks run {name}\" }}\n    }}\n  \
                 }}\n}}\n"
            ),
        }
    }

    /// `text` with our lines in it; `None` where it is not clear where they belong. An empty text is a new file.
    pub fn insert(self, text: &str, event: Event) -> Option<String> {
        let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
        let (at, indent, ours) = match self {
            Kind::Script if lines.is_empty() => (0, "", format!("#!/bin/sh\n{}", self.text(event))),
            Kind::Script | Kind::Sourced => {
                let after_first = lines.first().is_some_and(|line| line.starts_with("#!"));
                (usize::from(after_first), "", self.text(event))
            }
            Kind::PreCommit => {
                let at = lines.iter().position(|line| line.trim_end() == "repos:")? + 1;
                let items = lines[at..].iter().find(|line| line.trim_start().starts_with("- "));
                let indent = items.map_or("", |line| &line[..line.len() - line.trim_start().len()]);
                (at, indent, pre_commit(event, indent))
            }
            Kind::Lefthook => lefthook(&lines, event, self)?,
            Kind::PrekToml | Kind::Hk => return None,
        };
        if at > 0 && !lines[at - 1].ends_with('\n') {
            return None;
        }
        let new = if lines.is_empty() { NEW } else { "these lines" };
        // A script begins with its interpreter, even where all of it is ours.
        let (head, ours) = match ours.strip_prefix("#!/bin/sh\n") {
            Some(rest) => ("#!/bin/sh\n", rest.to_owned()),
            None => ("", ours),
        };
        let name = event.name();
        let block = format!(
            "{head}{indent}{BEGIN} {name}: {new}, taken out by `tracks hooks uninstall`\n{ours}{indent}{END} {name}\n"
        );
        lines.insert(at, &block);
        Some(lines.concat())
    }
}

/// What a text is without our lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Without {
    /// We put nothing into it.
    Same,
    /// This.
    Text(String),
    /// There was no such file.
    Nothing,
}

/// `text` without what [`Kind::insert`] put there.
pub fn without(text: &str) -> Without {
    let (mut rest, mut inside, mut found, mut new) = (String::new(), false, false, false);
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim();
        if !inside && trimmed.starts_with(BEGIN) {
            (inside, found) = (true, true);
            new |= trimmed.contains(NEW);
        } else if inside {
            inside = !trimmed.starts_with(END);
        } else {
            rest.push_str(line);
        }
    }
    match () {
        () if !found || inside => Without::Same,
        () if new && (rest.is_empty() || rest == "#!/bin/sh\n") => Without::Nothing,
        () => Without::Text(rest),
    }
}

fn pre_commit(event: Event, indent: &str) -> String {
    let (name, command) = (event.name(), command(event));
    let lines = [
        "- repo: local".to_owned(),
        "  hooks:".to_owned(),
        format!("  - id: tracks-{name}"),
        "    name: tracks".to_owned(),
        "    language: system".to_owned(),
        format!("    entry: sh -c '{command}'"),
        format!("    stages: [{name}]"),
        "    always_run: true".to_owned(),
        "    pass_filenames: false".to_owned(),
        // Without it what we say is shown only where it stops somebody.
        "    verbose: true".to_owned(),
    ];
    lines.iter().map(|line| format!("{indent}{line}\n")).collect()
}

/// A command of lefthook's, as deep as `indent`, each level `step` deeper.
fn lefthook_command(event: Event, indent: &str, step: &str) -> String {
    let stdin = match event {
        Event::PrePush | Event::ReferenceTransaction => format!("{indent}{step}use_stdin: true\n"),
        _ => String::new(),
    };
    format!("{indent}tracks:\n{indent}{step}run: {}\n{stdin}", command(event))
}

/// The line before which ours belong in `lefthook.yml`, how deep, and what they are.
fn lefthook<'a>(lines: &[&'a str], event: Event, kind: Kind) -> Option<(usize, &'a str, String)> {
    let key = |line: &str| line.trim_end().to_owned();
    let starts = lines.iter().position(|line| line.starts_with(&format!("{}:", event.name())));
    let Some(at) = starts else {
        // Keys stand in any order.
        return Some((0, "", kind.text(event)));
    };
    if key(lines[at]) != format!("{}:", event.name()) {
        return None;
    }
    let depth = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let is_text = |line: &&&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let inside = lines[at + 1..].iter().position(|line| is_text(&line) && depth(line) == 0);
    let inside = &lines[at + 1..inside.map_or(lines.len(), |end| at + 1 + end)];
    let first = inside.iter().find(is_text)?;
    let step = &first[..depth(first)];
    if inside.iter().any(|line| is_text(&line) && depth(line) == step.len() && line.trim_start().starts_with("jobs:")) {
        let jobs = inside.iter().position(|line| key(line) == format!("{step}jobs:"))?;
        let item = inside[jobs + 1..].iter().find(is_text).filter(|line| line.trim_start().starts_with("- "))?;
        let indent = &item[..depth(item)];
        let stdin = if event == Event::PrePush { format!("{indent}  use_stdin: true\n") } else { String::new() };
        let ours = format!("{indent}- name: tracks\n{indent}  run: {}\n{stdin}", command(event));
        return Some((at + 1 + jobs + 1, indent, ours));
    }
    match inside.iter().position(|line| line.trim_start().starts_with("commands:") && depth(line) == step.len()) {
        Some(commands) if key(inside[commands]) == format!("{step}commands:") => {
            let item = inside[commands + 1..].iter().find(is_text).filter(|line| depth(line) > step.len())?;
            let indent = &item[..depth(item)];
            Some((at + 1 + commands + 1, indent, lefthook_command(event, indent, step)))
        }
        Some(_) => None,
        None => {
            let indent = step.repeat(2);
            let ours = format!("{step}commands:\n{}", lefthook_command(event, &indent, step));
            Some((at + 1, step, ours))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Without, without};
    use crate::engine::hooks::Event;

    const FILES: [(Kind, &str); 12] = [
        (Kind::Script, "#!/bin/sh\nnpm test"),
        (Kind::Script, "npm test\r\nnpm run x\r\n"),
        (Kind::Sourced, "npx lint-staged"),
        (Kind::PreCommit, "default_stages: [pre-commit]\nrepos:\n- repo: local\n  hooks: []\n"),
        (Kind::PreCommit, "repos:\n  # ours\n  - repo: local\n    hooks: []"),
        (Kind::Lefthook, "min_version: 1.0\n"),
        (Kind::Lefthook, "pre-commit:\n  parallel: true\n  commands:\n    a:\n      run: x\n"),
        (Kind::Lefthook, "pre-commit:\n    parallel: true\n    scripts:\n        a:\n            runner: sh"),
        (
            Kind::Lefthook,
            "pre-commit:\n  jobs:\n    - name: a\n      run: x\npre-push:\n  commands:\n    b:\n      run: y\n",
        ),
        (Kind::Lefthook, "pre-push:\n  commands:\n    b:\n      run: y\n\n\npre-commit:\n  jobs:\n  - run: x"),
        (Kind::Sourced, "#!/bin/sh\n"),
        (Kind::Script, "#!/bin/sh\n"),
    ];

    #[test]
    fn what_was_put_in_comes_out_byte_for_byte() {
        for (kind, text) in FILES {
            let mut now = text.to_owned();
            for event in Event::ALL {
                now = kind.insert(&now, event).expect("it is clear where");
            }
            assert_eq!(without(&now), Without::Text(text.to_owned()), "{now}");
            assert_eq!(without(text), Without::Same);
        }
    }

    #[test]
    fn what_was_made_new_goes() {
        for kind in [Kind::Script, Kind::Sourced] {
            let now = kind.insert("", Event::PreCommit).expect("a new file");
            assert_eq!(without(&now), Without::Nothing, "{now}");
        }
    }

    #[test]
    fn where_it_is_not_clear_nothing_is_written() {
        let unclear = [
            (Kind::PreCommit, "repos: []\n"),
            (Kind::PreCommit, "repos:"),
            (Kind::Lefthook, "pre-commit: {commands: {a: {run: x}}}\n"),
            (Kind::Lefthook, "pre-commit:\n  commands: {a: {run: x}}\n"),
            (Kind::Lefthook, "pre-commit:\n  jobs: []\n"),
            (Kind::Script, "#!/bin/sh"),
            (Kind::Hk, "hooks {}\n"),
        ];
        for (kind, text) in unclear {
            assert_eq!(kind.insert(text, Event::PreCommit), None, "{text}");
        }
    }
}
