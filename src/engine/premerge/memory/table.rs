//! The file of the memory as a table that is searched where it lies: a run looks up what it needs and decodes nothing
//! else. It knows bytes, and not what they mean.
//!
//! The form, numbers little-endian: a checksum (8 bytes) of all that follows; the number of entries (4); for each its key's
//! hash (8) and where it begins (4), in the order of hashes; then the entries, each the lengths of key and value (4 and 4),
//! the key and the value.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::model::hash::{fnv1a, fnv1a_of_words};

/// The bytes of one place in the index.
const PLACE: usize = 12;
/// The bytes before the index.
const HEAD: usize = 12;

/// A table that was read.
#[derive(Debug, Default)]
pub struct Table {
    bytes: Vec<u8>,
    /// Which entries were asked for.
    used: Vec<AtomicBool>,
}

impl Table {
    /// Takes the bytes of a file; `None` where they are not what [`write`] made.
    pub fn read(bytes: Vec<u8>) -> Option<Table> {
        let (checksum, rest) = bytes.split_first_chunk()?;
        if u64::from_le_bytes(*checksum) != fnv1a_of_words(rest) {
            return None;
        }
        let number = usize::try_from(u32::from_le_bytes(*rest.first_chunk()?)).ok()?;
        if bytes.len() < HEAD + number.checked_mul(PLACE)? {
            return None;
        }
        let used = std::iter::repeat_with(AtomicBool::default).take(number).collect();
        Some(Table { bytes, used })
    }

    /// How many entries there are.
    pub fn count(&self) -> usize {
        self.used.len()
    }

    /// The value of a key.
    pub fn value(&self, key: &[u8]) -> Option<&[u8]> {
        let hash = fnv1a(key);
        let (mut low, mut high) = (0, self.count());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.place(middle)?.0 < hash { low = middle + 1 } else { high = middle }
        }
        for at in low..self.count() {
            if self.place(at)?.0 != hash {
                return None;
            }
            let (found, value) = self.entry(at)?;
            if found == key {
                self.used[at].store(true, Ordering::Relaxed);
                return Some(value);
            }
        }
        None
    }

    /// Every key and value; or only those that were asked for.
    pub fn entries(&self, which: Which) -> impl Iterator<Item = (&[u8], &[u8])> {
        let is_wanted = move |at: &usize| which == Which::All || self.used[*at].load(Ordering::Relaxed);
        (0..self.count()).filter(is_wanted).filter_map(|at| self.entry(at))
    }

    fn place(&self, at: usize) -> Option<(u64, u32)> {
        let (hash, start) = self.bytes.get(HEAD + at * PLACE..)?.split_first_chunk()?;
        Some((u64::from_le_bytes(*hash), u32::from_le_bytes(*start.first_chunk()?)))
    }

    fn entry(&self, at: usize) -> Option<(&[u8], &[u8])> {
        let start = usize::try_from(self.place(at)?.1).ok()?;
        let (key, rest) = self.bytes.get(start..)?.split_first_chunk()?;
        let (value, rest) = rest.split_first_chunk()?;
        let length = |bytes: &[u8; 4]| usize::try_from(u32::from_le_bytes(*bytes)).ok();
        let (key, rest) = rest.split_at_checked(length(key)?)?;
        Some((key, rest.get(..length(value)?)?))
    }
}

/// Which entries of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Every one.
    All,
    /// Those that were asked for.
    Used,
}

/// The bytes of a table with these entries, each key at most once; `None` where they are too many for one file.
pub fn write<'a>(entries: impl Iterator<Item = (&'a [u8], &'a [u8])>) -> Option<Vec<u8>> {
    let mut entries: Vec<(u64, &[u8], &[u8])> = entries.map(|(key, value)| (fnv1a(key), key, value)).collect();
    entries.sort_unstable();
    let size: usize = entries.iter().map(|(_, key, value)| PLACE + 8 + key.len() + value.len()).sum();
    let mut bytes = Vec::with_capacity(HEAD + size);
    bytes.extend([0; 8]);
    bytes.extend(u32::try_from(entries.len()).ok()?.to_le_bytes());
    let mut start = HEAD + entries.len() * PLACE;
    for (hash, key, value) in &entries {
        bytes.extend(hash.to_le_bytes());
        bytes.extend(u32::try_from(start).ok()?.to_le_bytes());
        start += 8 + key.len() + value.len();
    }
    for (_, key, value) in &entries {
        for part in [key, value] {
            bytes.extend(u32::try_from(part.len()).ok()?.to_le_bytes());
        }
        bytes.extend_from_slice(key);
        bytes.extend_from_slice(value);
    }
    let checksum = fnv1a_of_words(&bytes[8..]);
    bytes[..8].copy_from_slice(&checksum.to_le_bytes());
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Entries = Vec<(Vec<u8>, Vec<u8>)>;

    fn table(number: u32) -> (Entries, Vec<u8>) {
        let entry = |at: u32| (format!("key {at}").into_bytes(), vec![7; at as usize % 5]);
        let entries: Entries = (0..number).map(entry).collect();
        let bytes = write(entries.iter().map(|(key, value)| (&key[..], &value[..]))).expect("few enough");
        (entries, bytes)
    }

    #[test]
    fn what_was_written_is_found_and_nothing_else() {
        for number in [0, 1, 2, 100] {
            let (entries, bytes) = table(number);
            let table = Table::read(bytes).expect("a table");
            for (key, value) in &entries {
                assert_eq!(table.value(key), Some(&value[..]));
            }
            assert_eq!(table.value(b"key"), None);
            assert_eq!(table.entries(Which::All).count(), entries.len());
        }
    }

    #[test]
    fn what_was_asked_for_is_told_apart() {
        let table = Table::read(table(9).1).expect("a table");
        table.value(b"key 4");
        let used: Vec<&[u8]> = table.entries(Which::Used).map(|(key, _)| key).collect();
        assert_eq!(used, [b"key 4"]);
    }

    #[test]
    fn damaged_bytes_are_no_table() {
        let (_, bytes) = table(20);
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x10;
            assert!(Table::read(damaged).is_none(), "byte {at}");
            assert!(Table::read(bytes[..at].to_vec()).is_none(), "cut at {at}");
        }
    }
}
