//! What Git tells hooks: any bytes name branches that move, or nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tracks::engine::moved;

fuzz_target!(|data: &[u8]| {
    let lines = String::from_utf8_lossy(data).lines().count();
    assert!(moved::pushed(&mut &*data).expect("bytes can be read").len() <= lines);
    let updated = moved::updated(&mut &*data).expect("bytes can be read");
    assert!(updated.iter().all(|moved| moved.names.iter().all(|name| name.starts_with("refs/heads/"))));
});
