//! Names of migrations: any path under any preset, and under a pattern and a token of somebody's own.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tracks::model::{RepoPath, TrackId};
use tracks::policy::config::model::Migrations;
use tracks::policy::migrations::migration::Reading;
use tracks::policy::migrations::naming::Naming;
use tracks::policy::migrations::preset::presets;

static TRACKS: LazyLock<Vec<TrackId>> =
    LazyLock::new(|| ["a", "auth", "b-2"].iter().map(|id| TrackId::new(id).expect("valid")).collect());

static PRESETS: LazyLock<Vec<Naming>> = LazyLock::new(|| {
    let rules = |name: &String| Migrations {
        preset: Some(name.clone()),
        directories: vec!["migrations".into(), "db".into()],
        token: Some("{track}".into()),
        require_token: true,
        ..Migrations::default()
    };
    presets().keys().map(|name| Naming::new(&rules(name), TRACKS.iter()).expect("a preset is right")).collect()
});

fn read(naming: &Naming, path: &[u8]) {
    // Git has no empty path.
    let Some(path) = RepoPath::try_new(path) else { return };
    if let Reading::Migration(migration) = naming.read(&path) {
        let _ = naming.keys(&migration);
        for track in TRACKS.iter() {
            let _ = naming.token_of(&migration, track);
        }
        let _ = migration.with_token("auth");
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((which, rest)) = data.split_first() else { return };
    let which = usize::from(*which);
    if let Some(naming) = PRESETS.get(which % (PRESETS.len() + 1)) {
        read(naming, rest);
        read(naming, &[b"migrations/", rest].concat());
        return;
    }
    let Some(at) = rest.iter().position(|byte| *byte == 0) else { return };
    let words = String::from_utf8_lossy(&rest[..at.min(200)]).into_owned();
    let (pattern, token) = words.split_once('\n').unwrap_or((&words, "{track}"));
    let rules = Migrations {
        pattern: Some(pattern.to_owned()),
        directories: vec!["db".into()],
        token: Some(token.to_owned()),
        ..Migrations::default()
    };
    if let Ok(naming) = Naming::new(&rules, TRACKS.iter()) {
        read(&naming, &[b"db/", &rest[at + 1..]].concat());
    }
});
