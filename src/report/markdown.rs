//! Markdown.
use super::Report;
/// x
pub fn render(_report: &Report) -> String {
    String::new()
}
