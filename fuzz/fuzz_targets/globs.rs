//! Path patterns and CODEOWNERS: whatever they are and whatever path is asked about, there is an answer.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tracks::model::RepoPath;
use tracks::policy::codeowners::Codeowners;
use tracks::policy::ownership::globs::{Globs, PathKind};

fuzz_target!(|data: &[u8]| {
    let Some(at) = data.iter().position(|byte| *byte == 0) else { return };
    // Git has no empty path.
    let Some(path) = RepoPath::try_new(&data[at + 1..]) else { return };
    let patterns = String::from_utf8_lossy(&data[..at]);
    let patterns: Vec<&str> = patterns.lines().filter(|line| line.len() <= 1024).take(20).collect();
    if let Ok(globs) = Globs::new("owns", &patterns) {
        for kind in [PathKind::File, PathKind::Folder] {
            let hit = globs.decide(&path, kind);
            assert!(hit.is_none_or(|hit| hit.index < patterns.len()));
            assert!(globs.decide_itself(&path, kind).is_none_or(|itself| hit.is_some_and(|hit| itself.index <= hit.index)));
        }
    }
    if let Ok(owners) = Codeowners::parse(&patterns.join("\n")) {
        let _ = owners.owners(&path);
    }
});
