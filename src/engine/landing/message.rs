//! The message of a landing commit: a subject line, and trailers that say which track landed.

use crate::model::TrackId;
use crate::policy::config::{Config, TrackTable};

/// What the message is when nothing else is configured.
const DEFAULT: &str = "Merge track {track}: {title}";

/// The first line: the template of `[landing] message`. Without a title what is left before `{title}` ends in a letter.
pub fn subject(config: &Config, track: &TrackId) -> String {
    let table = config.tracks.get(track.as_str());
    let title = table.and_then(|table| table.title.as_deref()).unwrap_or_default();
    let issue = table.and_then(|table| table.issue.as_deref()).unwrap_or_default();
    let template = config.landing.message.as_deref().unwrap_or(DEFAULT);
    // One pass: a title that holds a placeholder is only a title.
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let known = [("track}", track.as_str()), ("title}", title), ("issue}", issue)];
        match known.iter().find_map(|(name, value)| Some((after.strip_prefix(name)?, value))) {
            Some((after, value)) => {
                text.push_str(value);
                rest = after;
            }
            None => {
                text.push('{');
                rest = after;
            }
        }
    }
    text.push_str(rest);
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    line.trim_end_matches([' ', ':', '-', '(']).trim_start().to_owned()
}

/// The whole message. `gates` are those that passed on exactly this.
pub fn message(config: &Config, track: &TrackId, gates: &[String]) -> String {
    let issue = config.tracks.get(track.as_str()).and_then(|table: &TrackTable| table.issue.as_deref());
    let issue = issue.map_or(String::new(), |issue| {
        format!("Issue: {}\n", issue.chars().filter(|c| !c.is_control()).collect::<String>())
    });
    let gate = |gate: &String| format!("Gate: {}\n", gate.chars().filter(|c| !c.is_control()).collect::<String>());
    let gates: String = gates.iter().map(gate).collect();
    format!("{}\n\nTrack: {track}\n{issue}{gates}", subject(config, track))
}

#[cfg(test)]
mod tests {
    use super::message;
    use crate::model::TrackId;
    use crate::policy::config::Config;

    fn message_of(text: &str) -> String {
        let config = Config::parse(text, "tracks.toml").expect("valid");
        message(&config, &TrackId::new("a").expect("an id"), &[])
    }

    #[test]
    fn messages_name_the_track() {
        assert_eq!(message_of("[tracks.a]"), "Merge track a\n\nTrack: a\n");
        let text = "[tracks.a]\ntitle = 'Registry\\nof {issue}'\nissue = '#12'";
        assert_eq!(message_of(text), "Merge track a: Registry\\nof {issue}\n\nTrack: a\nIssue: #12\n");
        let text = "[landing]\nmessage = 'Land {track} ({issue})'\n[tracks.a]\nissue = '#12'";
        assert_eq!(message_of(text), "Land a (#12)\n\nTrack: a\nIssue: #12\n");
    }

    #[test]
    fn gates_that_passed_are_named() {
        let config = Config::parse("[tracks.a]", "tracks.toml").expect("valid");
        let gates = ["types".to_owned(), "unit\ntests".to_owned()];
        let text = message(&config, &TrackId::new("a").expect("an id"), &gates);
        assert_eq!(text, "Merge track a\n\nTrack: a\nGate: types\nGate: unittests\n");
    }

    #[test]
    fn a_title_adds_no_lines_and_no_trailers() {
        let text = "[tracks.a]\ntitle = \"x\\n\\nTrack: b\"";
        assert_eq!(message_of(text), "Merge track a: x  Track: b\n\nTrack: a\n");
    }
}
