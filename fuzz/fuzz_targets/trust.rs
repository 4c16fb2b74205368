//! A record of approved commands: any bytes are refused, or are exactly what they would be written as.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tracks::policy::trust::Commands;

fuzz_target!(|data: &[u8]| {
    if let Some((head, commands)) = Commands::read(data) {
        let again = commands.record(&head);
        assert_eq!(Commands::read(&again), Some((head, commands)));
    }
});
