//! Text from repositories made safe to show: whatever a terminal would obey or a reader could not see is spelled out.

use std::fmt::Write;

/// `bytes` with C0 and C1 controls, DEL, bidirectional and zero-width marks and bytes that are not UTF-8 as visible
/// escapes (`\n`, `\x1b`, `\u{202e}`); everything else unchanged.
pub fn escaped(bytes: &[u8]) -> String {
    shown(bytes, Lines::Escape)
}

/// Like [`escaped`], with line breaks and tabs kept: for messages and file content of several lines.
pub fn escaped_lines(bytes: &[u8]) -> String {
    shown(bytes, Lines::Keep)
}

/// `1 file`, `2 files`; the plural is the noun with an `s` unless it ends in `y` after a consonant.
pub fn count(number: usize, noun: &str) -> String {
    match (number, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{number} {stem}ies"),
        _ => format!("{number} {noun}s"),
    }
}

/// Bytes in one unit: `812 B`, `4.2 MiB`.
pub fn size(bytes: u64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB"];
    let mut value = bytes as f64;
    let mut unit = "B";
    for next in units {
        if value < 1000.0 {
            break;
        }
        value /= 1024.0;
        unit = next;
    }
    if unit == "B" || value >= 10.0 { format!("{value:.0} {unit}") } else { format!("{value:.1} {unit}") }
}

/// `a`, `a and b`, `a, b and c`.
pub fn list<T: AsRef<str>>(items: &[T]) -> String {
    match items {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [init @ .., last] => {
            let init: Vec<&str> = init.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", init.join(", "), last.as_ref())
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Lines {
    Keep,
    Escape,
}

fn shown(bytes: &[u8], lines: Lines) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        chunk.valid().chars().for_each(|c| push_escaped(&mut out, c, lines));
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

fn push_escaped(out: &mut String, c: char, lines: Lines) {
    match c {
        '\n' | '\t' if lines == Lines::Keep => out.push(c),
        '\n' => out.push_str("\\n"),
        '\t' => out.push_str("\\t"),
        '\r' => out.push_str("\\r"),
        c if c.is_ascii_control() => drop(write!(out, "\\x{:02x}", c as u32)),
        c if is_hidden(c) => drop(write!(out, "\\u{{{:x}}}", c as u32)),
        c => out.push(c),
    }
}

/// What a terminal may obey or a reader not see, besides ASCII: C1 controls, bidirectional controls (U+202A–202E,
/// U+2066–2069, U+200E/F, U+061C), zero-width marks, line and paragraph separators, soft hyphens, annotations, and the tags
/// (U+E0000–E0FFF), in which whole sentences can be hidden from people and not from programs.
pub fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{80}'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::{count, escaped, escaped_lines, list};

    #[test]
    fn nothing_a_terminal_obeys_gets_through() {
        assert_eq!(escaped(b"a\x1b]0;x\x07b\r\n"), "a\\x1b]0;x\\x07b\\r\\n");
        assert_eq!(escaped("a\u{202e}b\u{200b}".as_bytes()), "a\\u{202e}b\\u{200b}");
        assert_eq!(escaped_lines(b"a\n\tb\x7f"), "a\n\tb\\x7f");
        assert_eq!(escaped("grün".as_bytes()), "grün");
        assert_eq!(escaped("a\u{e0041}\u{ad}".as_bytes()), "a\\u{e0041}\\u{ad}");
    }

    #[test]
    fn counts_and_lists_read_as_english() {
        assert_eq!(count(1, "entry"), "1 entry");
        assert_eq!(count(2, "entry"), "2 entries");
        assert_eq!(count(0, "key"), "0 keys");
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
    }

    #[test]
    fn sizes_have_their_units() {
        assert_eq!([812, 1_000, 4_404_019, 1 << 40].map(super::size), ["812 B", "1.0 KiB", "4.2 MiB", "1.0 TiB"]);
    }
}
