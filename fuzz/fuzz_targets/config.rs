//! `tracks.toml`: any text is a valid configuration or is refused, with a message that a terminal can be shown; what is
//! valid gives every track its names, and knows its commands.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tracks::model::TrackId;
use tracks::policy::config::Config;
use tracks::policy::naming;
use tracks::policy::trust::Commands;

fuzz_target!(|text: &str| {
    match Config::parse(text, "tracks.toml") {
        Ok(config) => {
            for id in config.tracks.keys() {
                let id = TrackId::new(id).expect("a valid file has valid ids");
                naming::branch(&config, &id).expect("a valid file names branches");
                let folder = naming::directory(&config, &id, "shop");
                assert!(folder.is_err() || !folder.unwrap_or_default().starts_with("../.."));
            }
            let commands = Commands::of(&config);
            assert_eq!(Commands::read(&commands.record("head")), Some(("head".into(), commands)));
        }
        Err(failure) => {
            let shown = |c: char| c == '\n' || !c.is_control() && c != '\u{202e}';
            assert!(failure.message.chars().all(shown), "{:?}", failure.message);
        }
    }
});
