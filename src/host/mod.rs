//! The machine around us: files, folders, lock, clock, terminal and the bar on it.

pub mod bar;
pub mod below;
pub mod clock;
pub mod copy;
pub mod files;
pub mod folders;
pub mod lock;
pub mod log_file;
pub mod places;
pub mod private;
pub mod process;
mod signals;
pub mod terminal;
pub mod watch;

/// What the environment says; `None` where it says nothing, or nothing that is text.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
