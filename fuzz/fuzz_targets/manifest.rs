//! The manifest of a checkpoint: any bytes are refused, or say something that is written and read the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tracks::engine::checkpoint::manifest::Manifest;
use tracks::git::quote::{quoted, unquoted};

fuzz_target!(|data: &[u8]| {
    if let Ok(manifest) = Manifest::parse(data) {
        let again = Manifest::parse(&manifest.text()).expect("what was written can be read");
        assert_eq!(again, manifest);
        for path in manifest.files.keys() {
            assert!(!path.as_bstr().starts_with(b"/") && !path.as_bstr().split(|byte| *byte == b'/').any(|part| part == b".."));
        }
    }
    if let Some(path) = unquoted(data) {
        assert_eq!(unquoted(&quoted(&path)), Some(path));
    }
});
