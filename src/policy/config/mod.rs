//! `tracks.toml`: its shape, how it is read and checked, which copy binds, and how it is edited.

pub mod bind;
pub mod edit;
pub mod give;
pub mod known;
mod layout;
pub mod locate;
pub mod model;
mod parse;
mod problem;
pub mod schema;
mod shape;
pub mod starter;
pub mod units;
mod validate;

pub use bind::{Binding, Source, bind};
pub use edit::{add_track, remove_track};
pub use known::{PRESETS, RULES};
pub use model::{Config, LandingStyle, TrackTable};
pub use schema::schema;
pub use starter::{Adopted, Starter, starter};
pub use units::{date, duration, regex};
