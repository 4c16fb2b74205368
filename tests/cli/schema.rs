//! `tracks schema`: what every command prints as JSON is held against it.

use jsonschema::validator_for;
use serde_json::Value;

use crate::support::{Ground, write};

fn json(text: &str) -> Value {
    let answer = text.split("\n-- ").next().unwrap_or_default();
    serde_json::from_str(answer).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn every_commands_json_is_as_the_schema_says() {
    let ground = Ground::with_tracks();
    ground.commit(&ground.track("a"), "src/a.rs", "fn a() { one() }\n");
    write(&ground.track("b").join("src/a.rs"), "fn a() { two() }\n");
    let schema = validator_for(&json(&ground.run("schema report"))).expect("a schema");
    let commands = [
        "init c --dry-run",
        "init c --no-hooks",
        "add d --dry-run",
        "remove c --dry-run",
        "remove c",
        "undo --dry-run",
        "undo",
        "log",
        "remove c --keep-ignored",
        "checkpoint --dry-run",
        "checkpoint",
        "checkpoint list",
        "checkpoint show b@1 --all",
        "checkpoint diff b@1",
        "checkpoint restore b@1 --dry-run",
        "checkpoint restore b@1",
        "checkpoint prune",
        "prune",
        "prune --yes",
        "list",
        "sync",
        "matrix",
        "matrix --trees main feature/track-a",
        "show a b",
        "order",
        "report",
        "report --fresh",
        "report --pr feature/track-a",
        "owner src/a.rs",
        "owner --lint",
        "owner --give src/a/** --to a --dry-run",
        "check --all",
        "check --staged",
        "hooks status",
        "hooks install",
        "hooks uninstall",
        "explain",
        "trust --dry-run",
        "schedule status",
        "schedule install --kind github --dry-run",
        "trust --list",
        "deinit --dry-run",
    ];
    for command in commands {
        let answer = json(&ground.run(&format!("{command} --format json")));
        assert_eq!(answer["command"].as_str(), command.split(' ').next(), "{command}");
        let errors: Vec<String> = schema.iter_errors(&answer).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{command}: {errors:#?}");
    }
}

#[test]
fn the_configuration_that_init_writes_is_as_the_schema_says() {
    let ground = Ground::new();
    ground.run("init a b --no-hooks");
    let schema = validator_for(&json(&ground.run("schema config"))).expect("a schema");
    let text = std::fs::read_to_string(ground.shop().join("tracks.toml")).expect("written");
    let written: Value = toml::from_str(&text).expect("TOML");
    assert!(schema.is_valid(&written), "{written:#}");
    assert!(!schema.is_valid(&serde_json::json!({"tracks": {"a": {"ows": []}}})));
}
