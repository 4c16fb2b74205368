//! The machine around us: files, folders, lock, clock and terminal.

pub mod clock;
pub mod copy;
pub mod files;
pub mod folders;
pub mod lock;
pub mod terminal;
