//! Paths in a format that only holds text: lossy, with the bytes in base64 beside what is not UTF-8.

use std::path::Path;

use crate::model::RepoPath;
use crate::model::text::escaped;

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// A path as JSON holds it: its text, and its bytes in base64 where the text does not say them.
pub type Shown = (String, Option<String>);

/// A path inside a repository, for JSON.
pub fn repo_path(path: &RepoPath) -> Shown {
    text_and_bytes(path.as_bstr())
}

/// A path of the file system, for JSON.
pub fn file_system_path(path: &Path) -> Shown {
    text_and_bytes(path.as_os_str().as_encoded_bytes())
}

/// A path from JSON for people: on one line, with nothing a terminal would obey, and bytes that are not UTF-8 spelled
/// out.
pub fn shown(path: &str, bytes: Option<&str>) -> String {
    match bytes.and_then(decoded) {
        Some(bytes) => escaped(&bytes),
        None => escaped(path.as_bytes()),
    }
}

fn text_and_bytes(path: &[u8]) -> Shown {
    match std::str::from_utf8(path) {
        Ok(text) => (text.to_owned(), None),
        Err(_) => (String::from_utf8_lossy(path).into_owned(), Some(encoded(path))),
    }
}

/// Base64 of RFC 4648, section 4, padded.
fn encoded(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0u32, |bits, &b| bits << 8 | u32::from(b)) << (8 * (3 - group.len()));
        for digit in 0..4 {
            let place = (bits >> (18 - 6 * digit) & 63) as usize;
            out.push(if digit <= group.len() { DIGITS[place] as char } else { '=' });
        }
    }
    out
}

/// The bytes of padded base64; `None` for anything else.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    for group in text.as_bytes().chunks(4) {
        let digits = group.iter().take_while(|&&c| c != b'=').count();
        let bits = group[..digits].iter().try_fold(0u32, |bits, c| {
            let place = DIGITS.iter().position(|digit| digit == c)?;
            Some(bits << 6 | place as u32)
        })?;
        let bytes = (bits << (6 * (4 - digits))).to_be_bytes();
        out.extend_from_slice(&bytes[1..digits.max(1)]);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::{decoded, encoded, repo_path, shown};
    use crate::model::RepoPath;

    #[test]
    fn base64_as_in_the_rfc() {
        let vectors =
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE=")];
        for (plain, code) in vectors {
            assert_eq!(encoded(plain.as_bytes()), code);
            assert_eq!(decoded(code).expect("valid"), plain.as_bytes());
        }
        assert_eq!(decoded("Z!=="), None);
    }

    #[test]
    fn bytes_survive_json() {
        let (text, bytes) = repo_path(&RepoPath::new(b"caf\xe9/\x1b.txt"));
        assert_eq!(text, "caf\u{fffd}/\u{1b}.txt");
        assert_eq!(shown(&text, bytes.as_deref()), "caf\\xe9/\\x1b.txt");
    }
}
