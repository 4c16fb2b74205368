//! One hash for files that outlive a run.

/// FNV-1a, 64 bits (<http://www.isthe.com/chongo/tech/comp/fnv/>): stored in files, so it must never change, which
/// the standard library's hashes do not promise. Finds damage, and keeps names apart; no protection against anybody.
pub fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}
