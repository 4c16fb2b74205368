//! Whether the values of a well-formed `tracks.toml` make sense: one file for each kind of value.

mod depends;
mod gates;
mod globs;
mod limits;
mod references;
mod rules;
mod tracks;
mod values;

use super::model::Config;
use super::problem::Problem;

/// Everything that is wrong with a whole file.
pub(super) fn problems(config: &Config) -> Vec<Problem> {
    if let Some(problem) = limits::check(config) {
        return vec![problem];
    }
    let mut found = of_tracks(config);
    references::check(config, &mut found);
    rules::check(config, &mut found);
    values::check(config, &mut found);
    gates::check(config, &mut found);
    globs::check(config, &mut found);
    found
}

/// What is wrong with the tracks alone: their names, and what they wait for.
pub(super) fn of_tracks(config: &Config) -> Vec<Problem> {
    let mut found = Vec::new();
    tracks::check(config, &mut found);
    depends::check(config, &mut found);
    found
}

#[cfg(test)]
mod tests {
    use crate::policy::config::Config;

    /// `line: message` for every problem of `text`, in its order.
    pub(super) fn all(text: &str) -> Vec<String> {
        let Err(failure) = Config::parse(text, "t") else { return Vec::new() };
        let mut found: Vec<String> = Vec::new();
        for block in failure.message.split("\n\n") {
            let mut lines = block.lines();
            let title = lines.next().unwrap_or_default().trim_start_matches("error: ");
            let place = lines.next().unwrap_or_default().trim_start_matches([' ', '-', '>']);
            found.push(format!("{}: {title}", place.trim_start_matches("t:")));
        }
        found
    }

    /// Holds a table of texts against the problems they have, all of them.
    pub(super) fn hold(table: &[(&str, &[&str])]) {
        for (text, expected) in table {
            assert_eq!(all(text), *expected, "{text}");
        }
    }
}
