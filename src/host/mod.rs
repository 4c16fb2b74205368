//! The machine around us: files, lock, clock and terminal.

pub mod clock;
pub mod files;
pub mod lock;
pub mod terminal;
