//! What Git prints, with whatever names a repository puts into it; and text on its way to a terminal and into Markdown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tracks::git::{staged, status};
use tracks::model::text::{escaped, escaped_lines, is_hidden};
use tracks::report::markdown;

fuzz_target!(|data: &[u8]| {
    let _ = status::parse(data);
    let _ = staged::parse(data);
    let one = escaped(data);
    assert!(!one.chars().any(|c| c.is_control() || is_hidden(c)), "{one:?}");
    let lines = escaped_lines(data);
    assert!(!lines.chars().any(|c| !matches!(c, '\n' | '\t') && c.is_control() || is_hidden(c)), "{lines:?}");
    let text = String::from_utf8_lossy(data);
    let plain = markdown::plain(&text);
    assert!(!plain.contains(['<', '>', '|', '\n']), "{plain:?}");
    let code = markdown::code(&text);
    let fence = code.chars().take_while(|c| *c == '`').count();
    assert!(fence > 0 && !code.contains('\n'));
    let _ = markdown::message(&text);
});
