//! What people and machines read: one model, one file per format. Values in, strings out; nothing here prints or reads.

pub mod build;
pub mod details;
pub mod json;
mod landing;
pub mod markdown;
pub mod model;
pub mod pull_request;
pub mod schema;
mod summary;
pub mod text;

pub use details::Details;
pub use model::Report;

/// How an answer is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For a terminal, with ANSI styles that its owner strips where there is no colour.
    #[default]
    Text,
    /// For programs: the envelope, versioned and stable.
    Json,
    /// For a pull request, a comment or a note.
    Markdown,
}

/// Writes `report`. `details` and `width` (columns of the terminal) only matter to [`Format::Text`].
pub fn render(report: &Report, details: &Details, format: Format, width: usize) -> String {
    match format {
        Format::Text => text::render(report, details, width),
        Format::Json => json::render(report),
        Format::Markdown => markdown::render(report),
    }
}

#[cfg(test)]
mod sample;
