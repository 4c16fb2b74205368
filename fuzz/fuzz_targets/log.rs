//! Lines of the event log: each is an event that is written and read the same, or is left out.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tracks::engine::{journal, undo};

fuzz_target!(|data: &[u8]| {
    let events = journal::parsed(data);
    let _ = undo::reverted(&events);
    for event in events {
        let mut line = serde_json::to_vec(&event).expect("what was read can be written");
        line.push(b'\n');
        assert_eq!(journal::parsed(&line), [event]);
    }
});
