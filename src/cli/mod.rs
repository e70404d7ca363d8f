//! The commands of the program.

#[cfg(feature = "server")]
pub mod demo;
pub mod scan;
