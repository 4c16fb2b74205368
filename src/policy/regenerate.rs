//! Files that are made again by a command where they collide, rather than merged: `[[regenerate]]`.

use super::config::Config;
use super::ownership::globs::Globs;
use crate::model::{Conflict, ConflictKind, Failure, RepoPath};

/// What can be made again, and by which commands.
#[derive(Clone, Debug, Default)]
pub struct Regenerated(Vec<(Globs, String)>);

impl Regenerated {
    /// That of a configuration; fails on patterns that are not valid.
    pub fn of(config: &Config) -> Result<Regenerated, Failure> {
        let entry = |(at, table): (usize, &super::config::model::Regenerate)| {
            Ok((Globs::new(&format!("regenerate[{at}].paths"), &table.paths)?, table.run.clone()))
        };
        Ok(Regenerated(config.regenerate.iter().enumerate().map(entry).collect::<Result<_, Failure>>()?))
    }

    /// Whether a file is made by one of the commands.
    pub fn makes(&self, path: &RepoPath) -> bool {
        self.0.iter().any(|(paths, _)| paths.contains(path))
    }

    /// Whether there is nothing among `conflicts`, and something, but the contents of such files.
    pub fn settles(&self, conflicts: &[Conflict]) -> bool {
        use ConflictKind::{AddAdd, Binary, Content, ModifyDelete};
        let is_about_content = |kind| matches!(kind, Content | AddAdd | Binary | ModifyDelete);
        !conflicts.is_empty() && conflicts.iter().all(|it| is_about_content(it.kind) && self.makes(&it.path))
    }

    /// The commands that make the files in `conflicts`, each once, in the order in which they are declared.
    pub fn commands(&self, conflicts: &[Conflict]) -> Vec<&str> {
        let makes = |paths: &Globs| conflicts.iter().any(|conflict| paths.contains(&conflict.path));
        let mut commands: Vec<&str> = Vec::new();
        for (_, command) in self.0.iter().filter(|(paths, _)| makes(paths)) {
            if !commands.contains(&command.as_str()) {
                commands.push(command);
            }
        }
        commands
    }
}

#[cfg(test)]
mod tests {
    use super::Regenerated;
    use crate::model::{Conflict, ConflictKind, RepoPath};
    use crate::policy::config::Config;

    fn conflict(path: &str, kind: ConflictKind) -> Conflict {
        Conflict { path: RepoPath::new(path), kind, hunks: Vec::new() }
    }

    #[test]
    fn only_what_is_made_is_made_again() {
        let text = "[[regenerate]]\npaths = ['*.lock', '!x/*.lock']\nrun = 'one'\n\
            [[regenerate]]\npaths = ['gen/']\nrun = 'two'\n[[regenerate]]\npaths = ['b.lock']\nrun = 'one'\n";
        let made = Regenerated::of(&Config::parse(text, "tracks.toml").expect("valid")).expect("valid");
        let content = |path| conflict(path, ConflictKind::Content);
        assert!(made.settles(&[content("a.lock"), content("gen/a/b")]));
        assert!(!made.settles(&[content("a.lock"), content("a.rs")]));
        assert!(!made.settles(&[content("x/a.lock")]));
        assert!(!made.settles(&[conflict("a.lock", ConflictKind::FileDirectory)]));
        assert!(!made.settles(&[]));
        assert_eq!(made.commands(&[content("b.lock"), content("gen/a")]), ["one", "two"]);
    }
}
