//! What the tests of merges, the long proof (`examples/proof.rs`) and `examples/replay/` share: stories of commits,
//! repositories made of them, Git asked as the oracle, and the engine held against it.

pub mod checkout;
pub mod generator;
pub mod judge;
pub mod line_ends;
pub mod oracle;
pub mod repository;
pub mod shrink;
pub mod story;
pub mod text;
