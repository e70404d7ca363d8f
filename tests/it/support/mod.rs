//! What the tests stand on.

pub mod cluster;
pub mod databases;
pub mod service;
pub mod steps;

pub use databases::{TestDb, databases, empty_postgres, on};
