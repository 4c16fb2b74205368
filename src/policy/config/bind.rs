//! Which copy of `tracks.toml` binds: the target's, so that no track loosens its own rules.

use std::collections::BTreeSet;

use crate::model::{Failure, TrackId};

use super::model::Config;
use super::problem::Problem;
use super::validate;

/// Where the rules come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The copy on the target branch.
    Target,
    /// The main worktree's copy, while the target has none.
    MainWorktree,
    /// There is no copy; everything has its default.
    None,
}

/// The configuration in force.
#[derive(Clone, Debug, PartialEq)]
pub struct Binding {
    /// The rules and the tracks. Valid as a whole.
    pub config: Config,
    /// Tracks that only the main worktree's copy declares, beside one on the target: they count at once, but what they
    /// own never wins over a track that is not in this set. Empty for the other sources.
    pub uncommitted: BTreeSet<TrackId>,
    /// Where the rules come from.
    pub source: Source,
}

/// Binds the copies of the target and of the main worktree, each where there is one. Fails when a track that is not
/// committed collides with one that is: the same branch or folder, or each waiting for the other.
pub fn bind(target: Option<Config>, main: Option<Config>) -> Result<Binding, Failure> {
    let alone = |config, source| Ok(Binding { config, uncommitted: BTreeSet::new(), source });
    match (target, main) {
        (None, None) => alone(Config::default(), Source::None),
        (None, Some(main)) => alone(main, Source::MainWorktree),
        (Some(target), None) => alone(target, Source::Target),
        (Some(target), Some(main)) => with_new_tracks(target, main),
    }
}

fn with_new_tracks(mut config: Config, main: Config) -> Result<Binding, Failure> {
    let mut uncommitted = BTreeSet::new();
    for (id, mut table) in main.tracks {
        // These are rules, and rules bind from the target.
        table.severity.clear();
        table.exclude.clear();
        if let (false, Ok(checked)) = (config.tracks.contains_key(&id), TrackId::new(&id)) {
            config.tracks.insert(id, table);
            uncommitted.insert(checked);
        }
    }
    match validate::of_tracks(&config).first() {
        None => Ok(Binding { config, uncommitted, source: Source::Target }),
        Some(problem) => Err(collision(problem, &uncommitted)),
    }
}

fn collision(problem: &Problem, uncommitted: &BTreeSet<TrackId>) -> Failure {
    let new: Vec<String> = uncommitted.iter().map(|id| format!("`{id}`")).collect();
    let message = format!("the main worktree's `tracks.toml` does not fit the target's: {}", problem.message);
    let tables = if new.len() == 1 { "the track" } else { "one of the tracks" };
    Failure::usage(message).hint(format!("change {tables} that the target does not declare: {}", new.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::{Binding, Source, bind};
    use crate::model::Failure;
    use crate::policy::config::Config;

    fn bound(target: Option<&str>, main: Option<&str>) -> Result<Binding, Failure> {
        let parse = |text: &str| Config::parse(text, "tracks.toml").expect("valid");
        bind(target.map(parse), main.map(parse))
    }

    fn uncommitted(binding: &Binding) -> Vec<&str> {
        binding.uncommitted.iter().map(|id| id.as_str()).collect()
    }

    #[test]
    fn the_target_binds_and_new_tracks_count_at_once() {
        let target = "[tracks.a]\nowns=['a/**']\n[rules.file-size]\nmax-lines=300";
        let main = "[tracks.a]\nowns=['**']\n[tracks.b]\nowns=['b/**']\n[rules.file-size]\nmax-lines=9999";
        let binding = bound(Some(target), Some(main)).expect("fits");
        assert_eq!(binding.source, Source::Target);
        assert_eq!(uncommitted(&binding), ["b"]);
        assert_eq!(binding.config.tracks["a"].owns, Some(vec!["a/**".to_owned()]));
        assert_eq!(binding.config.tracks["b"].owns, Some(vec!["b/**".to_owned()]));
        assert_eq!(binding.config.rules.file_size.max_lines, Some(300));
    }

    #[test]
    fn with_one_copy_or_none_there_is_nothing_to_weigh() {
        let a = Some("[tracks.a]");
        let table = [
            (bound(None, None), Source::None, 0),
            (bound(None, a), Source::MainWorktree, 1),
            (bound(a, None), Source::Target, 1),
            (bound(a, Some("")), Source::Target, 1),
        ];
        for (binding, source, tracks) in table {
            let binding = binding.expect("fits");
            assert_eq!((binding.source, binding.config.tracks.len()), (source, tracks));
            assert_eq!(uncommitted(&binding), Vec::<&str>::new());
        }
    }

    #[test]
    fn a_new_track_may_not_collide_with_a_committed_one() {
        let table = [
            ("[tracks.a]\nbranch='x'", "[tracks.b]\nbranch='x'", "track `a` and track `b` get the same branch, `x`"),
            (
                "[tracks.a]\ndirectory='x'",
                "[tracks.b]\ndirectory='x/y'",
                "the folder of track `a`, `x`, and that of track `b`, `x/y`, lie in each other",
            ),
            (
                "[naming]\nbranch='{agent}/{track}'",
                "[tracks.b]\nagent='B 1'",
                "the branch of track `b`: the agent `B 1` must begin with a letter `a`–`z` or a digit, and `{agent}` is part of it",
            ),
            ("[tracks.a]\ndepends-on=['b']\n[tracks.b]", "[tracks.c]", ""),
        ];
        for (target, main, why) in table {
            let failure = bound(Some(target), Some(main)).err();
            let message = failure.map(|f| (f.message, f.hints));
            let expected = |why| {
                let message = format!("the main worktree's `tracks.toml` does not fit the target's: {why}");
                (message, vec!["change the track that the target does not declare: `b`".to_owned()])
            };
            assert_eq!(message, (!why.is_empty()).then(|| expected(why)));
        }
    }
}
