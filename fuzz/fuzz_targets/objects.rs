//! Commits and trees, as a stranger may have written them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tracks::git::objects::{parse_commit, parse_tree};

fuzz_target!(|data: &[u8]| {
    for hash in [gix_hash::Kind::Sha1, gix_hash::Kind::Sha256] {
        let _ = parse_commit(data, hash);
        if let Ok((rows, _)) = parse_tree(data, hash) {
            assert!(rows.len() <= data.len());
        }
    }
});
