//! Paths as Git reads them where they come a line each.

/// A path in C style between double quotes, as Git reads it where paths come a line each.
pub fn quoted(path: &[u8]) -> Vec<u8> {
    let mut quoted = vec![b'"'];
    for byte in path {
        match byte {
            b'"' | b'\\' => quoted.extend_from_slice(&[b'\\', *byte]),
            b' '..=b'~' => quoted.push(*byte),
            _ => quoted.extend_from_slice(format!("\\{byte:03o}").as_bytes()),
        }
    }
    quoted.push(b'"');
    quoted
}

/// The bytes that [`quoted`] stands for; `None` for anything else.
pub fn unquoted(text: &[u8]) -> Option<Vec<u8>> {
    let inner = text.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    let mut bytes = Vec::with_capacity(inner.len());
    let mut rest = inner.iter();
    while let Some(byte) = rest.next() {
        match byte {
            b'\\' => match rest.next()? {
                escaped @ (b'"' | b'\\') => bytes.push(*escaped),
                first => {
                    let digits = [*first, *rest.next()?, *rest.next()?];
                    bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 8).ok()?);
                }
            },
            b'"' => return None,
            byte => bytes.push(*byte),
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::{quoted, unquoted};

    #[test]
    fn every_byte_comes_back() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(unquoted(&quoted(&all)), Some(all));
        for bad in [&b"a"[..], b"\"", b"\"\\\"", b"\"\\9\"", b"\"a\"b\""] {
            assert_eq!(unquoted(bad), None, "{bad:?}");
        }
    }
}
