//! The first `tracks.toml` of a repository: short, commented, and made of what was found there.

use toml_edit::Value;

use crate::model::text::escaped;
use crate::model::{BranchName, Failure, TrackId};

use super::edit::still_valid;

/// What was found in a repository that has no `tracks.toml`.
#[derive(Clone, Copy, Debug)]
pub struct Starter<'a> {
    /// The branch to land on.
    pub target: &'a BranchName,
    /// The tracks to declare.
    pub tracks: &'a [TrackId],
    /// Worktrees that exist and become tracks.
    pub adopted: &'a [Adopted],
    /// The migration framework that was recognised, by its preset, and where its migrations lie.
    pub migrations: Option<(&'a str, &'a [String])>,
    /// A `CODEOWNERS` file, where there is one.
    pub code_owners: Option<&'a str>,
}

/// A worktree that becomes a track.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adopted {
    /// The id it gets.
    pub id: TrackId,
    /// The branch it has checked out.
    pub branch: BranchName,
    /// Where it lies: relative to the main worktree, or absolute.
    pub directory: String,
}

const HEAD: &str = "\
# Which tracks there are, what each of them may change, and what has to hold before it lands.
# Rules bind from the copy of this file on the target branch.
# Every key: `tracks schema config`. What a rule means: `tracks explain RULE`.

";

const NAMING: &str = "
[naming]                                    # {track}, {phase}, {agent} and, in a directory, {repo}
branch = \"feature/{phase}-track-{track}\"    # without a phase, `{phase}-` is left out
directory = \"worktrees/{phase}-track-{track}\"
";

const EXAMPLE: &str = "
# [tracks.auth]
# title = \"Log in with a passkey\"
# agent = \"alpha\"                           # who works on it
# owns = [\"src/auth/**\"]                    # gitignore syntax; without it ownership is not judged
# depends-on = []                           # tracks that must land first
";

const GATE: &str = "
# [[gates]]                                 # a command that must pass on the merged tracks
# name = \"test\"
# run = \"make test\"
";

/// Writes a starter. Fails when what was found does not make a valid file, such as two worktrees that lie in each
/// other.
pub fn starter(found: &Starter<'_>) -> Result<String, Failure> {
    let mut text = format!("{HEAD}target = {}\n{NAMING}", quoted(found.target.as_str()));
    if let Some(path) = found.code_owners {
        let path = escaped(path.as_bytes());
        text += &format!("\n# `{path}` says who reviews a path; `owns` below says which track may change it.\n");
    }
    found.tracks.iter().for_each(|id| text += &declared(id));
    found.adopted.iter().for_each(|track| text += &adopted(track));
    if found.tracks.is_empty() && found.adopted.is_empty() {
        text += EXAMPLE;
    }
    if let Some((preset, directories)) = found.migrations {
        text += &migrations(preset, directories);
    }
    text += GATE;
    still_valid(text, "the starter")
}

fn declared(id: &TrackId) -> String {
    format!("\n[tracks.{id}]\n# title = \"\"\n# owns = [\"src/{id}/**\"]\n")
}

fn adopted(track: &Adopted) -> String {
    let (branch, directory) = (quoted(track.branch.as_str()), quoted(&track.directory));
    format!("\n[tracks.{}]\nbranch = {branch}\ndirectory = {directory}\n# owns = []\n", track.id)
}

fn migrations(preset: &str, directories: &[String]) -> String {
    let directories: Value = directories.iter().collect();
    format!(
        "\n[rules.migrations]\npreset = {}\ndirectories = {directories}\n\
         # token = \"{{track}}\"                         # what names the track, right after the version\n",
        quoted(preset)
    )
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use snapbox::{assert_data_eq, str};

    use super::{Adopted, EXAMPLE, GATE, Starter, starter};
    use crate::model::{BranchName, TrackId};
    use crate::policy::config::Config;
    use crate::policy::config::model::Naming;

    fn id(id: &str) -> TrackId {
        TrackId::new(id).expect("valid")
    }

    fn branch(name: &str) -> BranchName {
        BranchName::new(name).expect("valid")
    }

    #[test]
    fn of_an_empty_repository() {
        let target = branch("main");
        let found = Starter { target: &target, tracks: &[], adopted: &[], migrations: None, code_owners: None };
        let text = starter(&found).expect("valid");
        assert_data_eq!(
            &text,
            str![[r##"
# Which tracks there are, what each of them may change, and what has to hold before it lands.
# Rules bind from the copy of this file on the target branch.
# Every key: `tracks schema config`. What a rule means: `tracks explain RULE`.

target = "main"

[naming]                                    # {track}, {phase}, {agent} and, in a directory, {repo}
branch = "feature/{phase}-track-{track}"    # without a phase, `{phase}-` is left out
directory = "worktrees/{phase}-track-{track}"

# [tracks.auth]
# title = "Log in with a passkey"
# agent = "alpha"                           # who works on it
# owns = ["src/auth/**"]                    # gitignore syntax; without it ownership is not judged
# depends-on = []                           # tracks that must land first

# [[gates]]                                 # a command that must pass on the merged tracks
# name = "test"
# run = "make test"

"##]]
        );
        let config = Config::parse(&text, "tracks.toml").expect("valid");
        assert_eq!(config.naming, Naming::default());
    }

    #[test]
    fn of_a_repository_with_everything() {
        let target = branch("trunk");
        let adopted = [Adopted { id: id("login"), branch: branch("topic/login"), directory: "../my \"work\"".into() }];
        let directories = ["db/migrate".to_owned()];
        let found = Starter {
            target: &target,
            tracks: &[id("a"), id("b")],
            adopted: &adopted,
            migrations: Some(("rails", &directories)),
            code_owners: Some(".github/CODEOWNERS"),
        };
        assert_data_eq!(
            starter(&found).expect("valid"),
            str![[r##"
# Which tracks there are, what each of them may change, and what has to hold before it lands.
# Rules bind from the copy of this file on the target branch.
# Every key: `tracks schema config`. What a rule means: `tracks explain RULE`.

target = "trunk"

[naming]                                    # {track}, {phase}, {agent} and, in a directory, {repo}
branch = "feature/{phase}-track-{track}"    # without a phase, `{phase}-` is left out
directory = "worktrees/{phase}-track-{track}"

# `.github/CODEOWNERS` says who reviews a path; `owns` below says which track may change it.

[tracks.a]
# title = ""
# owns = ["src/a/**"]

[tracks.b]
# title = ""
# owns = ["src/b/**"]

[tracks.login]
branch = "topic/login"
directory = '../my "work"'
# owns = []

[rules.migrations]
preset = "rails"
directories = ["db/migrate"]
# token = "{track}"                         # what names the track, right after the version

# [[gates]]                                 # a command that must pass on the merged tracks
# name = "test"
# run = "make test"

"##]]
        );
    }

    #[test]
    fn what_makes_no_valid_file_is_an_error() {
        let target = branch("main");
        let adopted = [Adopted { id: id("x"), branch: branch("main"), directory: "../x".into() }];
        let found = Starter { target: &target, tracks: &[], adopted: &adopted, migrations: None, code_owners: None };
        assert_data_eq!(
            starter(&found).expect_err("is refused").message,
            str![[r#"
the starter would leave a file that is not valid: the target and track `x` get the same branch, `main`
  --> tracks.toml:12:10
   |
12 | branch = "main"
   |          ^^^^^^
"#]]
        );
    }

    #[test]
    fn what_is_only_suggested_is_valid_too() {
        let uncommented = [EXAMPLE, GATE].concat().replace("\n# ", "\n");
        let config = Config::parse(&uncommented, "tracks.toml").expect("valid");
        assert_eq!((config.tracks.len(), config.gates.len()), (1, 1));
    }
}
