//! The file in which verdicts are remembered: damage of any kind is noticed, or costs an entry, and nothing else.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tracks::engine::premerge::memory::stored;
use tracks::engine::premerge::memory::table::{Table, Which, write};

fuzz_target!(|data: &[u8]| {
    let _ = stored::read_merge(data);
    let _ = stored::read_content(data);
    let _ = stored::read_delta(data);
    if let Some(table) = Table::read(data.to_vec()) {
        look(&table);
    }
    // With a right sum, so that what is behind it is reached.
    let Some((at, rest)) = data.split_first() else { return };
    let (key, value) = rest.split_at(usize::from(*at).min(rest.len()));
    let Some(mut bytes) = write([(key, value), (value, key)].into_iter()) else { return };
    if let Some(byte) = bytes.get_mut(usize::from(*at)) {
        *byte ^= value.first().copied().unwrap_or(1);
    }
    if let Some(table) = Table::read(bytes) {
        look(&table);
        let _ = table.value(key);
    }
});

fn look(table: &Table) {
    let _ = table.count();
    for (key, value) in table.entries(Which::All) {
        let _ = (stored::read_merge(value), stored::read_content(value), stored::read_delta(value));
        let _ = table.value(key);
    }
}
