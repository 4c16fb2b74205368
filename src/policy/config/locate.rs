//! Where something stands in `tracks.toml`, for those who want to look it up.

use toml_edit::Document;

use super::problem::{Place, Problem, span};

/// The line, from 1, of one item of a list: `["tracks", "a", "owns"]`, 1 is the second pattern that `a` owns. `None`
/// where there is no such thing.
pub fn line_of(text: &str, keys: [&str; 3], index: usize) -> Option<usize> {
    let document = Document::parse(text).ok()?;
    let place = Problem::value(Place::of(keys).item(index), "");
    let start = span(&document, &place)?.start;
    Some(text[..start].matches('\n').count() + 1)
}

#[cfg(test)]
mod tests {
    use super::line_of;

    #[test]
    fn lists_over_several_lines() {
        let text = "[tracks.a]\nowns = [\n  'x/**', # first\n  'y/**',\n]\n";
        assert_eq!(line_of(text, ["tracks", "a", "owns"], 1), Some(4));
        assert_eq!(line_of("broken = [", ["tracks", "a", "owns"], 1), None);
    }
}
