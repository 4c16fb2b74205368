//! One hash for files that outlive a run.

/// FNV-1a, 64 bits (<http://www.isthe.com/chongo/tech/comp/fnv/>): stored in files, so it must never change, which
/// the standard library's hashes do not promise. Finds damage, and keeps names apart; no protection against anybody.
pub fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// For much at once: the same step over words of 8 bytes, little-endian, each followed by a rotation so that no bit stays
/// in the upper half, and then over the bytes that are left.
pub fn fnv1a_of_words(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let step = |hash: u64, word: u64| (hash ^ word).wrapping_mul(0x100_0000_01b3);
    let hash = words.iter().fold(fnv1a(&[]), |hash, word| step(hash, u64::from_le_bytes(*word)).rotate_left(23));
    rest.iter().fold(hash, |hash, &byte| step(hash, u64::from(byte)))
}

/// SHA-256 in 64 digits: for what must be exactly this and nothing that somebody made to look like it.
pub fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
